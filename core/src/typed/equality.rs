//! Whether two objects are equal as the API server compares them: by the meaning of quantities, and an empty list or map
//! is none at all. Source: apimachinery `pkg/api/equality` (Semantic.DeepEqual).

use super::scheme::Scheme;
use crate::document::{Draft, DraftValue, NodeRef, NodeValue, Place};
use crate::quantity;
use crate::schema::{Scalar, StructId, Type, TypeId};

/// Compares values of a new object with those of an old one.
pub(super) struct Comparison<'c, 'o> {
    pub(super) scheme: &'c Scheme,
    pub(super) draft: &'c Draft<'o>,
    /// Go's `reflect.DeepEqual`: an empty list or map that was written is not none.
    pub(super) strict: bool,
}

impl Comparison<'_, '_> {
    pub(super) fn structs(&self, id: StructId, new: Option<Place>, old: Option<NodeRef<'_>>) -> bool {
        self.structs_without(id, new, old, &[])
    }

    /// The same but for some fields.
    pub(super) fn structs_without(
        &self,
        id: StructId,
        new: Option<Place>,
        old: Option<NodeRef<'_>>,
        left_out: &[&str],
    ) -> bool {
        let fields = &self.scheme.schemas.structure(id).fields;
        let mut fields = fields.iter().filter(|field| !left_out.contains(&field.name.as_str()));
        fields.all(|field| {
            let name = field.name.as_str();
            let (new, old) =
                (new.and_then(|new| self.draft.field(new, name)), old.and_then(|old| old.field(name)));
            self.values(field.kind, new, old)
        })
    }

    pub(super) fn values(&self, id: TypeId, new: Option<Place>, old: Option<NodeRef<'_>>) -> bool {
        let new = new.filter(|&new| self.draft.value(new) != DraftValue::Null);
        let old = old.filter(|old| !old.is_null());
        if new.is_none() && old.is_none() {
            return true;
        }
        match self.scheme.schemas.type_of(id) {
            Type::Pointer(inner) => new.is_some() == old.is_some() && self.values(inner, new, old),
            Type::Struct(id) => self.structs(id, new, old),
            Type::Named(number) => {
                self.scheme.schemas.named(number).is_none_or(|own| self.values(own.kind, new, old))
            }
            Type::List(inner) => {
                if self.strict && new.is_some() != old.is_some() {
                    return false;
                }
                let mut items = old.and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter());
                let mut at = new.and_then(|new| self.draft.first(new));
                while let Some(item) = at {
                    at = self.draft.next(item);
                    let Some(other) = items.next() else { return false };
                    if !self.values(inner, Some(item), Some(other)) {
                        return false;
                    }
                }
                items.next().is_none()
            }
            Type::Map(inner) => {
                if self.strict && new.is_some() != old.is_some() {
                    return false;
                }
                let old = old.and_then(NodeRef::as_map);
                let mut count = 0;
                let mut at = new.and_then(|new| self.draft.first(new));
                while let Some(entry) = at {
                    at = self.draft.next(entry);
                    let Some(other) = old.and_then(|old| old.lookup(self.draft.key(entry))) else {
                        return false;
                    };
                    if !self.values(inner, Some(entry), Some(other)) {
                        return false;
                    }
                    count += 1;
                }
                count == old.map_or(0, |old| old.len())
            }
            Type::Scalar(scalar) => self.scalars(scalar, new, old),
        }
    }

    fn scalars(&self, scalar: Scalar, new: Option<Place>, old: Option<NodeRef<'_>>) -> bool {
        if scalar == Scalar::Quantity {
            let new = new.map(|new| self.draft.value(new));
            let new = if let Some(DraftValue::String(text)) = new { text } else { "0" };
            let old = old.and_then(NodeRef::as_str).unwrap_or("0");
            return match (quantity::read(new), quantity::read(old)) {
                (Ok(new), Ok(old)) => new.equals(&old),
                _ => new == old,
            };
        }
        match (new, old) {
            (None, None) => true,
            (Some(new), Some(old)) => self.same(new, old),
            (Some(new), None) => match self.draft.value(new) {
                DraftValue::String(text) => text.is_empty(),
                value => {
                    matches!(value, DraftValue::Bool(false) | DraftValue::Int(0) | DraftValue::Double(0.0))
                }
            },
            (None, Some(old)) => match old.value() {
                NodeValue::String(text) => text.is_empty(),
                value => matches!(value, NodeValue::Bool(false) | NodeValue::Int(0) | NodeValue::Double(0.0)),
            },
        }
    }

    /// Whether two values are the same JSON.
    fn same(&self, new: Place, old: NodeRef<'_>) -> bool {
        match (self.draft.value(new), old.value()) {
            (DraftValue::Null, NodeValue::Null) => true,
            (DraftValue::Bool(new), NodeValue::Bool(old)) => new == old,
            (DraftValue::Int(new), NodeValue::Int(old)) => new == old,
            (DraftValue::Double(new), NodeValue::Double(old)) => new == old,
            (DraftValue::Int(new), NodeValue::Double(old))
            | (DraftValue::Double(old), NodeValue::Int(new)) => new as f64 == old,
            (DraftValue::String(new), NodeValue::String(old)) => new == old,
            (DraftValue::List, NodeValue::List(old)) => {
                let items: Vec<Place> = self.draft.children(new).collect();
                items.len() == old.len()
                    && items.into_iter().zip(old.iter()).all(|(new, old)| self.same(new, old))
            }
            (DraftValue::Map, NodeValue::Map(old)) => {
                let entries: Vec<Place> = self.draft.children(new).collect();
                let found = |&entry: &Place| {
                    old.lookup(self.draft.key(entry)).is_some_and(|other| self.same(entry, other))
                };
                entries.len() == old.len() && entries.iter().all(found)
            }
            _ => false,
        }
    }
}
