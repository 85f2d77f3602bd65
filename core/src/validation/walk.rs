//! The way through an object: types, their fields, and what is looked at of an update.

use super::equality::{bare, equal, found};
use super::field_error::FieldError;
use super::path::Path;
use super::table::{Rule, Statement, Table};
use crate::document::{NodeRef, Origin};
use crate::schema::{Schemas, StructId, Type, TypeId};

/// Types in types. Only templates of groups of Pods contain themselves, and the API server drops them.
const MAX_DEPTH: u8 = 64;

pub(super) struct Walk<'w> {
    table: &'w Table,
    pub(super) schemas: &'w Schemas,
    pub(super) is_update: bool,
}

/// A value and what it replaces.
#[derive(Clone, Copy)]
pub(super) struct Place<'d> {
    /// `None` for a whole object.
    pub(super) kind: Option<TypeId>,
    pub(super) new: Option<NodeRef<'d>>,
    pub(super) old: Option<NodeRef<'d>>,
    /// Whether there is a value before: a struct is one even when it is empty.
    pub(super) has_old: bool,
    /// The value that it stands in.
    pub(super) within: NodeRef<'d>,
    pub(super) depth: u8,
}

impl<'w> Walk<'w> {
    pub(super) fn new(table: &'w Table, schemas: &'w Schemas, is_update: bool) -> Walk<'w> {
        Walk { table, schemas, is_update }
    }

    pub(super) fn object(
        &self,
        name: &str,
        id: StructId,
        root: NodeRef<'_>,
        old: Option<NodeRef<'_>>,
    ) -> Vec<FieldError> {
        // Both have the lifetime of the call.
        let at = Place { kind: None, new: Some(root), old, has_old: old.is_some(), within: root, depth: 0 };
        self.type_rules(name, Some(id), &Path::Root(None), &at)
    }

    /// The rules of a type: those of the value, then those of its fields.
    fn type_rules(
        &self,
        name: &str,
        id: Option<StructId>,
        path: &Path<'_>,
        at: &Place<'_>,
    ) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let Some(own) = self.table.of(name).filter(|_| at.depth < MAX_DEPTH) else { return errors };
        let at = Place { depth: at.depth + 1, ..*at };
        if self.block(&own.own, path, &at, &mut errors) {
            return errors;
        }
        for (name, statements) in &own.fields {
            if *name == "=" {
                self.block(statements, path, &at, &mut errors);
                continue;
            }
            let Some(field) = id.and_then(|id| self.schemas.structure(id).field(name)) else { continue };
            if let Some(child) = self.changed(&at, name, field.kind) {
                self.block(statements, &path.child(name), &child, &mut errors);
            }
        }
        errors
    }

    /// A field, unless it is as it was.
    pub(super) fn changed<'d>(&self, at: &Place<'d>, name: &str, kind: TypeId) -> Option<Place<'d>> {
        let child = self.field(at, name, kind);
        let is_same = self.is_update && at.has_old && equal(self.schemas, kind, child.new, child.old);
        (!is_same).then_some(child)
    }

    /// An element or value of a collection, and what it was before.
    pub(super) fn part<'d>(
        &self,
        at: &Place<'d>,
        kind: TypeId,
        node: NodeRef<'d>,
        old: Option<NodeRef<'d>>,
    ) -> Place<'d> {
        Place {
            kind: Some(kind),
            new: Some(node),
            old,
            has_old: old.is_some(),
            within: node,
            depth: at.depth,
        }
    }

    pub(super) fn field<'d>(&self, at: &Place<'d>, name: &str, kind: TypeId) -> Place<'d> {
        let of = |node: Option<NodeRef<'d>>| found(node).and_then(|node| node.field(name));
        let old = of(at.old);
        let has_old = at.has_old && (!self.is_pointer(kind) || found(old).is_some());
        let within = found(at.new).unwrap_or(at.within);
        Place { kind: Some(kind), new: of(at.new), old, has_old, within, depth: at.depth }
    }

    pub(super) fn is_pointer(&self, kind: TypeId) -> bool {
        matches!(self.schemas.type_of(kind), Type::Pointer(_))
    }

    /// The struct that a value is.
    pub(super) fn struct_of(&self, at: &Place<'_>) -> Option<StructId> {
        match bare(self.schemas, at.kind?) {
            Type::Struct(id) => Some(id),
            _ => None,
        }
    }

    /// Applies rules, and says whether one of them ended the block.
    fn block(
        &self,
        list: &[Statement],
        path: &Path<'_>,
        at: &Place<'_>,
        errors: &mut Vec<FieldError>,
    ) -> bool {
        let mut is_over = false;
        for statement in list {
            match statement {
                Statement::Rule { stops: false, .. } | Statement::Cohort(_) if is_over => return true,
                Statement::Cohort(inner) => {
                    self.block(inner, path, at, errors);
                }
                Statement::Rule { rule, reports, stops } => {
                    let found = self.rule(rule, path, at);
                    is_over |= *stops && !found.is_empty();
                    if *reports {
                        errors.extend(found);
                    }
                }
            }
        }
        is_over
    }

    pub(super) fn rule(&self, rule: &Rule, path: &Path<'_>, at: &Place<'_>) -> Vec<FieldError> {
        match rule {
            Rule::Type(name) => {
                let is_nil = at.kind.is_some_and(|kind| self.is_pointer(kind)) && found(at.new).is_none();
                if is_nil { Vec::new() } else { self.type_rules(name, self.struct_of(at), path, at) }
            }
            Rule::Unique { by, json } => self.unique(*by, *json, path, at),
            Rule::ListUpdate { by, constraints } => self.list_update(*by, constraints, path, at),
            Rule::EachItem { by, equal, rule } => self.each_item((*by, *equal), rule, path, at),
            Rule::EachValue(rule) => self.each_value(rule, path, at),
            Rule::EachKey(rule) => self.each_key(rule, path, at),
            _ => {
                // What was not written has no place of its own.
                let written = found(at.new).filter(|node| node.origin() == Origin::Written);
                let node = written.unwrap_or(at.within);
                self.simple(rule, path, at).into_iter().map(|error| error.at(node)).collect()
            }
        }
    }
}
