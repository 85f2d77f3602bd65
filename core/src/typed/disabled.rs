//! Fields that the version has switched off, in an update: they are dropped unless the old object has them too. Source:
//! `dropDisabledFields` of kubernetes `pkg/registry` and `pkg/api`.

use super::scheme::Scheme;
use crate::document::{Draft, DraftValue, NodeRef, Place};
use crate::schema::{StructId, Type, TypeId};
use std::collections::HashSet;

/// Drops from a struct what is switched off and not in use.
pub(super) fn drop_unused(
    draft: &mut Draft<'_>,
    scheme: &Scheme,
    id: StructId,
    place: Place,
    old: NodeRef<'_>,
) {
    let mut walk = Walk { scheme, used: HashSet::new() };
    walk.struct_uses(id, old);
    walk.drop_in_struct(draft, id, place);
}

/// Objects are decoded before, so that they nest no deeper than the decoder allows.
struct Walk<'s> {
    scheme: &'s Scheme,
    /// Fields of structs that the old object has.
    used: HashSet<(usize, u16)>,
}

impl Walk<'_> {
    fn struct_uses(&mut self, id: StructId, node: NodeRef<'_>) {
        let plan = self.scheme.plan(id);
        for &number in &plan.gated {
            let field = plan.fields.get(usize::from(number));
            let found = field.and_then(|field| node.field(field.name.as_str()));
            if found.is_some_and(|found| !found.is_null()) {
                // All of these fields are one feature.
                let all =
                    if plan.short_name == "DeviceAttribute" { plan.gated.as_slice() } else { &[number] };
                self.used.extend(all.iter().map(|&number| (id.index(), number)));
            }
        }
        for (key, child) in node.as_map().into_iter().flat_map(|map| map.iter()) {
            if let Some((_, field)) = plan.find(child.key_hash(), key) {
                self.uses(field.kind, child);
            }
        }
    }

    fn uses(&mut self, id: TypeId, node: NodeRef<'_>) {
        match self.scheme.schemas.type_of(id) {
            Type::Pointer(inner) => self.uses(inner, node),
            Type::Struct(id) => self.struct_uses(id, node),
            Type::List(inner) => {
                node.as_list()
                    .into_iter()
                    .flat_map(|list| list.iter())
                    .for_each(|item| self.uses(inner, item));
            }
            Type::Map(inner) => {
                let entries = node.as_map().into_iter().flat_map(|map| map.iter());
                entries.for_each(|(_, entry)| self.uses(inner, entry));
            }
            Type::Named(number) => {
                if let Some(own) = self.scheme.schemas.named(number) {
                    self.uses(own.kind, node);
                }
            }
            Type::Scalar(_) => {}
        }
    }

    fn drop_in_struct(&self, draft: &mut Draft<'_>, id: StructId, place: Place) {
        let plan = self.scheme.plan(id);
        for &number in plan.gated.iter().filter(|&&number| !self.used.contains(&(id.index(), number))) {
            let Some(field) = plan.fields.get(usize::from(number)) else { continue };
            let name = field.name.as_str();
            if field.vanishes {
                draft.remove(place, name);
            } else if let Some(place) = draft.field(place, name) {
                draft.replace(place, DraftValue::Null);
            }
        }
        for field in &plan.fields {
            if let Some(child) = draft.field(place, field.name.as_str()) {
                self.drop_in(draft, field.kind, child);
            }
        }
    }

    fn drop_in(&self, draft: &mut Draft<'_>, id: TypeId, place: Place) {
        match self.scheme.schemas.type_of(id) {
            Type::Pointer(inner) => self.drop_in(draft, inner, place),
            Type::Struct(id) => self.drop_in_struct(draft, id, place),
            Type::List(inner) | Type::Map(inner) => {
                let mut at = draft.first(place);
                while let Some(child) = at {
                    at = draft.next(child);
                    self.drop_in(draft, inner, child);
                }
            }
            Type::Named(number) => {
                if let Some(own) = self.scheme.schemas.named(number) {
                    self.drop_in(draft, own.kind, place);
                }
            }
            Type::Scalar(_) => {}
        }
    }
}
