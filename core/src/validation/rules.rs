//! Rules of single values and of the fields of a struct. Source: apimachinery `pkg/api/validate`.

use super::equality::{equal, found, is_zero, items};
use super::field_error::{ErrorType, FieldError, Shown};
use super::formats::{self, invalid};
use super::path::Path;
use super::table::{Discriminated, Holder, Limit, Member, Presence, Rule};
use super::walk::{Place, Walk};
use crate::document::NodeRef;
use crate::go::{push_json, quoted};
use crate::source::Span;

/// Priorities below are Kubernetes' own. Source: kubernetes `pkg/apis/core/v1/validation.go`.
const RESERVED_PRIORITIES: std::ops::Range<i64> = 0..1000;

impl Walk<'_> {
    pub(super) fn simple(&self, rule: &Rule, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        match rule {
            Rule::Presence(presence, holder) => self.presence(*presence, *holder, path, at),
            Rule::Format { format, json } => match self.text(at) {
                Some(text) => formats::check(*format, *json, path, text),
                None => Vec::new(),
            },
            Rule::Limit(limit, most) => self.limit(*limit, *most, path, at).into_iter().collect(),
            Rule::Enum(values) => self.one_of(values, path, at).into_iter().collect(),
            Rule::Union { members, zero } => self.union(members, *zero, path, at).into_iter().collect(),
            Rule::DependentRequired(trigger, dependent) => {
                self.dependent(trigger, dependent, path, at).into_iter().collect()
            }
            Rule::Update { pointer, constraints } => self.update(*pointer, constraints, path, at),
            Rule::Immutable if self.is_update => vec![unchanged(path, "field is immutable")],
            Rule::Monotonic => self.monotonic(path, at).into_iter().collect(),
            Rule::Subfield(name, rule) => self.subfield(name, rule, path, at),
            Rule::Discriminated(rule) => self.discriminated(rule, path, at),
            Rule::Custom(name) => self.custom(name, path, at).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// A string; `None` for a nil pointer.
    fn text<'d>(&self, at: &Place<'d>) -> Option<&'d str> {
        let is_pointer = at.kind.is_some_and(|kind| self.is_pointer(kind));
        match found(at.new) {
            Some(node) => node.as_str(),
            None => (!is_pointer).then_some(""),
        }
    }

    /// An integer, the same.
    fn int(&self, kind: Option<crate::schema::TypeId>, node: Option<NodeRef<'_>>) -> Option<i64> {
        let is_pointer = kind.is_some_and(|kind| self.is_pointer(kind));
        match found(node) {
            Some(node) => node.as_int(),
            None => (!is_pointer).then_some(0),
        }
    }

    fn presence(
        &self,
        presence: Presence,
        holder: Holder,
        path: &Path<'_>,
        at: &Place<'_>,
    ) -> Vec<FieldError> {
        let is_empty = match holder {
            Holder::Value => is_zero(at.new),
            Holder::Pointer => found(at.new).is_none(),
            Holder::Collection => !is_set(at.new, false),
        };
        let (kind, detail) = match (presence, is_empty) {
            (Presence::Required, true) => (ErrorType::Required, ""),
            (Presence::Optional, true) => (ErrorType::Required, "optional value was not specified"),
            (Presence::Forbidden, false) => (ErrorType::Forbidden, ""),
            _ => return Vec::new(),
        };
        vec![FieldError::new(kind, path, Shown::Nothing, detail, Span::default())]
    }

    fn limit(&self, limit: Limit, most: i64, path: &Path<'_>, at: &Place<'_>) -> Option<FieldError> {
        let error = |kind, shown: Shown<'_>, detail: String| {
            Some(FieldError::new(kind, path, shown, &detail, Span::default()))
        };
        let plural = |unit: &str| format!("{unit}{}", if most == 1 { "" } else { "s" });
        match limit {
            Limit::MaxLength | Limit::MaxBytes => {
                let text = self.text(at)?;
                let (length, unit) = match limit {
                    Limit::MaxBytes => (text.len(), "byte"),
                    _ => (text.chars().count(), "character"),
                };
                let detail = || format!("may not be more than {most} {}", plural(unit));
                (length as i64 > most).then(|| error(ErrorType::TooLong, Shown::Nothing, detail())).flatten()
            }
            Limit::MaxItems => {
                let node = found(at.new)?;
                let count = node.as_list().map(|list| list.len()).or(node.as_map().map(|map| map.len()))?;
                let (shown, detail) =
                    (count.to_string(), format!("must have at most {most} {}", plural("item")));
                (count as i64 > most).then(|| error(ErrorType::TooMany, Shown::Raw(&shown), detail)).flatten()
            }
            Limit::Minimum | Limit::Maximum => {
                let value = self.int(at.kind, at.new)?;
                let (fits, word) = match limit {
                    Limit::Minimum => (value >= most, "greater"),
                    _ => (value <= most, "less"),
                };
                let shown = value.to_string();
                let detail = format!("must be {word} than or equal to {most}");
                (!fits).then(|| error(ErrorType::Invalid, Shown::Raw(&shown), detail)).flatten()
            }
        }
    }

    fn one_of(&self, values: &str, path: &Path<'_>, at: &Place<'_>) -> Option<FieldError> {
        let text = self.text(at)?;
        if values.split(',').any(|value| value == text) {
            return None;
        }
        let supported: Vec<String> = values.split(',').map(quoted).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        let mut shown = String::new();
        push_json(&mut shown, text);
        Some(FieldError::new(ErrorType::NotSupported, path, Shown::Raw(&shown), &detail, Span::default()))
    }

    fn union(&self, members: &[Member], zero: bool, path: &Path<'_>, at: &Place<'_>) -> Option<FieldError> {
        let mut set = Vec::new();
        let (mut has_changed, mut all) = (false, Vec::new());
        for member in members {
            let is_set = is_member_set(member, at.new);
            has_changed |= self.is_update && is_set != is_member_set(member, at.old);
            let name = name_of(member);
            all.push(format!("`{name}`"));
            if is_set {
                set.push(name);
            }
        }
        let had_value = match members.first() {
            Some(Member::Item { .. }) => items(at.old).next().is_some(),
            _ => at.has_old,
        };
        if self.is_update && had_value && !has_changed {
            return None;
        }
        let (shown, detail) = match (set.len(), zero) {
            (0, false) => (String::new(), "must specify one of"),
            (0 | 1, _) => return None,
            (_, false) => (format!("{{{}}}", set.join(", ")), "must specify exactly one of"),
            (_, true) => (format!("{{{}}}", set.join(", ")), "must specify at most one of"),
        };
        Some(invalid(path, &shown, false, &format!("{detail}: {}", all.join(", "))))
    }

    fn dependent(
        &self,
        trigger: &Member,
        dependent: &Member,
        path: &Path<'_>,
        at: &Place<'_>,
    ) -> Option<FieldError> {
        let now = (is_member_set(trigger, at.new), is_member_set(dependent, at.new));
        let before = || (is_member_set(trigger, at.old), is_member_set(dependent, at.old));
        if now != (true, false) || self.is_update && at.has_old && now == before() {
            return None;
        }
        let (name, detail) = (name_of(dependent), format!("must be set when {} is set", name_of(trigger)));
        let path = path.child(&name);
        Some(FieldError::new(ErrorType::Required, &path, Shown::Nothing, &detail, Span::default()))
    }

    fn update(&self, pointer: bool, constraints: &str, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        if !self.is_update || !pointer && !at.has_old {
            return Vec::new();
        }
        let is_set = |node| if pointer { found(node).is_some() } else { !is_zero(node) };
        let (is_set, was_set) = (is_set(at.new), is_set(at.old));
        constraints
            .split(',')
            .filter_map(|constraint| match (constraint, was_set, is_set) {
                ("NoSet", false, true) => Some("field cannot be set once created"),
                ("NoUnset", true, false) => Some("field cannot be cleared once set"),
                ("NoModify", true, true) => Some("field cannot be modified once set"),
                _ => None,
            })
            .map(|detail| unchanged(path, detail))
            .collect()
    }

    fn monotonic(&self, path: &Path<'_>, at: &Place<'_>) -> Option<FieldError> {
        let (new, old) = (self.int(at.kind, at.new)?, self.int(at.kind, at.old)?);
        if !self.is_update || !at.has_old || new >= old {
            return None;
        }
        let (shown, detail) = (new.to_string(), format!("may not be decreased from {old}"));
        Some(FieldError::new(ErrorType::Invalid, path, Shown::Raw(&shown), &detail, Span::default()))
    }

    fn subfield(&self, name: &str, rule: &Rule, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        let Some(field) = self.struct_of(at).and_then(|id| self.schemas.structure(id).field(name)) else {
            return Vec::new();
        };
        let Some(child) = self.changed(at, name, field.kind) else { return Vec::new() };
        let path = path.child(name);
        let made = (name == "name" && is_zero(child.new) && !self.is_update).then(|| made_name(at)).flatten();
        match (made, rule) {
            (None, _) => self.rule(rule, &path, &child),
            (Some(name), Rule::Format { format, json }) => formats::check(*format, *json, &path, &name),
            (Some(_), _) => Vec::new(),
        }
    }

    fn discriminated(&self, rule: &Discriminated, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        let Some(field) = self.struct_of(at).and_then(|id| self.schemas.structure(id).field(rule.field))
        else {
            return Vec::new();
        };
        let by = |node| {
            found(node).and_then(|node| node.field(rule.by)).and_then(NodeRef::as_str).unwrap_or_default()
        };
        let child = self.field(at, rule.field, field.kind);
        let is_same = || by(at.new) == by(at.old) && equal(self.schemas, field.kind, child.new, child.old);
        if self.is_update && at.has_old && is_same() {
            return Vec::new();
        }
        let own = rule.values.iter().find(|(value, _)| *value == by(at.new));
        let chosen = own.map_or(&rule.otherwise, |(_, chosen)| chosen);
        chosen.as_ref().map_or_else(Vec::new, |chosen| self.rule(chosen, &path.child(rule.field), &child))
    }

    fn custom(&self, name: &str, path: &Path<'_>, at: &Place<'_>) -> Option<FieldError> {
        if name == "EvictionResponder_Priority" {
            let priority =
                self.int(at.kind, at.new).filter(|priority| RESERVED_PRIORITIES.contains(priority))?;
            let (shown, detail) =
                (priority.to_string(), "priorities 0-999 are reserved for responders with *.k8s.io suffix");
            return Some(FieldError::new(
                ErrorType::Invalid,
                path,
                Shown::Raw(&shown),
                detail,
                Span::default(),
            ));
        }
        formats::reserved_domain(path, self.text(at)?)
    }
}

/// The name that is made of the prefix in metadata.
fn made_name(metadata: &Place<'_>) -> Option<String> {
    let prefix = found(metadata.new)?.field("generateName")?.as_str();
    prefix.filter(|prefix| !prefix.is_empty()).map(formats::made_name)
}

/// An error that shows no value.
fn unchanged(path: &Path<'_>, detail: &str) -> FieldError {
    FieldError::new(ErrorType::Invalid, path, Shown::Raw("null"), detail, Span::default())
}

/// Whether a field is set: a pointer that is not nil, or anything else that is not empty.
fn is_set(node: Option<NodeRef<'_>>, pointer: bool) -> bool {
    let Some(node) = found(node) else { return false };
    let is_empty = node.as_list().is_some_and(|list| list.is_empty())
        || node.as_map().is_some_and(|map| map.is_empty())
        || is_zero(Some(node));
    pointer || !is_empty
}

fn name_of(member: &Member) -> String {
    match member {
        Member::Field { name, .. } => (*name).to_owned(),
        Member::Item { name, .. } => name.replace('_', " "),
    }
}

fn is_member_set(member: &Member, node: Option<NodeRef<'_>>) -> bool {
    match *member {
        Member::Field { name, pointer } => is_set(found(node).and_then(|node| node.field(name)), pointer),
        Member::Item { key, value, .. } => {
            items(node).any(|item| item.field(key).and_then(NodeRef::as_str) == Some(value))
        }
    }
}
