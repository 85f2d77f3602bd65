//! Rules of lists and maps. Source: apimachinery `pkg/api/validate/{each,update}.go`.

use super::equality::{bare, equal, found, is_zero, items, push_typed};
use super::field_error::{ErrorType, FieldError, Shown};
use super::formats;
use super::path::Path;
use super::table::{Match, Rule};
use super::walk::{Place, Walk};
use crate::document::NodeRef;
use crate::go::push_json;
use crate::schema::{Type, TypeId};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

impl Walk<'_> {
    /// The type of the elements of a list, or of the values of a map.
    fn element(&self, at: &Place<'_>) -> Option<TypeId> {
        match bare(self.schemas, at.kind?) {
            Type::List(inner) | Type::Map(inner) => Some(inner),
            _ => None,
        }
    }

    /// What an element is known by; `None` where elements are not matched.
    fn key(&self, by: Match, kind: TypeId, node: NodeRef<'_>) -> Option<String> {
        let mut text = String::new();
        let mut push = |kind, node: Option<NodeRef<'_>>| match found(node) {
            // Go has one zero value, a document has two.
            Some(node) if self.is_pointer(kind) || !is_zero(Some(node)) => {
                push_typed(self.schemas, kind, node, &mut text);
            }
            _ => text.push('-'),
        };
        match by {
            Match::Never => return None,
            Match::Whole => push(kind, Some(node)),
            Match::Keys(keys) => {
                let Type::Struct(id) = bare(self.schemas, kind) else { return None };
                for key in keys.split(',') {
                    let field = self.schemas.structure(id).field(key)?;
                    push(field.kind, node.field(key));
                }
            }
        }
        Some(text)
    }

    /// The first element of each key.
    fn by_key<'d>(&self, by: Match, kind: TypeId, list: Option<NodeRef<'d>>) -> HashMap<String, NodeRef<'d>> {
        let mut first = HashMap::new();
        for node in items(list) {
            if let Some(key) = self.key(by, kind, node) {
                first.entry(key).or_insert(node);
            }
        }
        first
    }

    pub(super) fn unique(&self, by: Match, json: bool, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        let Some(kind) = self.element(at) else { return Vec::new() };
        let (mut seen, mut errors) = (HashSet::new(), Vec::new());
        for (index, node) in items(at.new).enumerate() {
            if self.key(by, kind, node).is_none_or(|key| seen.insert(key)) {
                continue;
            }
            let mut text = String::new();
            let shown = match node.as_str() {
                Some(plain) if !json => Shown::Text(plain),
                Some(named) => {
                    push_json(&mut text, named);
                    Shown::Raw(&text)
                }
                None => {
                    push_typed(self.schemas, kind, node, &mut text);
                    Shown::Raw(&text)
                }
            };
            let error = FieldError::new(ErrorType::Duplicate, &path.index(index), shown, "", Span::default());
            errors.push(error.at(node));
        }
        errors
    }

    pub(super) fn each_item(
        &self,
        (by, equality): (Match, Match),
        rule: &Rule,
        path: &Path<'_>,
        at: &Place<'_>,
    ) -> Vec<FieldError> {
        let Some(kind) = self.element(at) else { return Vec::new() };
        let before = self.by_key(by, kind, at.old.filter(|_| self.is_update));
        let mut errors = Vec::new();
        for (index, node) in items(at.new).enumerate() {
            let old = self.key(by, kind, node).and_then(|key| before.get(&key).copied());
            // Without an equality of their own, elements that match are equal.
            let is_same = || equality == Match::Never || equal(self.schemas, kind, Some(node), old);
            if old.is_some() && is_same() {
                continue;
            }
            let child = self.part(at, kind, node, old);
            errors.extend(self.rule(rule, &path.index(index), &child));
        }
        errors
    }

    /// The values of a map, by their keys: Go's own order is random.
    pub(super) fn each_value(&self, rule: &Rule, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        let Some(kind) = self.element(at) else { return Vec::new() };
        let mut errors = Vec::new();
        for (key, node) in sorted(at.new) {
            let old = found(at.old).and_then(|old| old.field(key));
            if self.is_update && old.is_some() && equal(self.schemas, kind, Some(node), old) {
                continue;
            }
            let child = self.part(at, kind, node, old);
            errors.extend(self.rule(rule, &path.key(key), &child));
        }
        errors
    }

    /// The new keys of a map; errors name the map.
    pub(super) fn each_key(&self, rule: &Rule, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        let Rule::Format { format, json } = rule else { return Vec::new() };
        let is_new = |key: &str| !self.is_update || found(at.old).and_then(|old| old.field(key)).is_none();
        sorted(at.new)
            .into_iter()
            .filter(|(key, _)| is_new(key))
            .flat_map(|(key, node)| {
                let errors = formats::check(*format, *json, path, key).into_iter();
                errors.map(move |error| error.at(node))
            })
            .collect()
    }

    pub(super) fn list_update(
        &self,
        by: Match,
        constraints: &str,
        path: &Path<'_>,
        at: &Place<'_>,
    ) -> Vec<FieldError> {
        let (Some(kind), true) = (self.element(at), self.is_update) else { return Vec::new() };
        let at_fault = found(at.new).unwrap_or(at.within);
        let (new, old) = (self.by_key(by, kind, at.new), self.by_key(by, kind, at.old));
        let is_in = |known: &HashMap<String, NodeRef<'_>>, node| {
            self.key(by, kind, node).is_some_and(|key| known.contains_key(&key))
        };
        let (is_empty, was_empty) = (items(at.new).count() == 0, items(at.old).count() == 0);
        let invalid = |detail: &str| {
            FieldError::new(ErrorType::Invalid, path, Shown::Raw("null"), detail, Span::default())
                .at(at_fault)
        };
        let forbidden = |path: &Path<'_>, detail: &str, node| {
            FieldError::new(ErrorType::Forbidden, path, Shown::Nothing, detail, Span::default()).at(node)
        };
        let mut errors = Vec::new();
        for constraint in constraints.split(',') {
            match constraint {
                "NoSet" if was_empty && !is_empty => errors.push(invalid("field cannot be set once created")),
                "NoUnset" if is_empty && !was_empty => {
                    errors.push(invalid("field cannot be cleared once set"));
                }
                "NoAddItem" => {
                    let added = items(at.new).enumerate().filter(|(_, node)| !is_in(&old, *node));
                    errors.extend(
                        added.map(|(at, node)| forbidden(&path.index(at), "item may not be added", node)),
                    );
                }
                "NoRemoveItem" => {
                    let removed = items(at.old).filter(|node| !is_in(&new, *node));
                    errors.extend(removed.map(|_| forbidden(path, "item may not be removed", at_fault)));
                }
                _ => {}
            }
        }
        errors
    }
}

fn sorted(node: Option<NodeRef<'_>>) -> Vec<(&str, NodeRef<'_>)> {
    let mut entries: Vec<_> = node.and_then(NodeRef::as_map).into_iter().flat_map(|map| map.iter()).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}
