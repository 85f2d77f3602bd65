//! Equality of typed values, and how Go writes them.
//!
//! Source: apimachinery `pkg/api/equality/semantic.go`.

use super::field_error::json;
use crate::document::{FieldName, NodeRef};
use crate::go::push_json;
use crate::quantity;
use crate::schema::{Scalar, Schemas, Type, TypeId};

/// The elements of a list field.
pub(super) fn items(node: Option<NodeRef<'_>>) -> impl Iterator<Item = NodeRef<'_>> {
    node.and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter())
}

/// Whether a value is zero: `""`, 0, false, or not there.
pub(super) fn is_zero(node: Option<NodeRef<'_>>) -> bool {
    let Some(node) = node else { return true };
    match node.as_str() {
        Some(text) => text.is_empty(),
        None => node.is_null() || node.as_int() == Some(0) || node.as_bool() == Some(false),
    }
}

/// A value that is there and not null.
pub(super) fn found(node: Option<NodeRef<'_>>) -> Option<NodeRef<'_>> {
    node.filter(|node| !node.is_null())
}

/// The type behind names and pointers.
pub(super) fn bare(schemas: &Schemas, mut kind: TypeId) -> Type {
    loop {
        match schemas.type_of(kind) {
            Type::Pointer(inner) => kind = inner,
            Type::Named(number) => match schemas.named(number) {
                Some(own) => kind = own.kind,
                None => return Type::Named(number),
            },
            other => return other,
        }
    }
}

/// `equality.Semantic.DeepEqual`: quantities by their amount, lists and maps that are empty or nil alike. Recursion is as
/// deep as the document.
pub(super) fn equal(schemas: &Schemas, kind: TypeId, a: Option<NodeRef<'_>>, b: Option<NodeRef<'_>>) -> bool {
    let (a, b) = (found(a), found(b));
    match schemas.type_of(kind) {
        Type::Pointer(inner) => a.is_some() == b.is_some() && (a.is_none() || equal(schemas, inner, a, b)),
        Type::Named(number) => schemas.named(number).is_none_or(|own| equal(schemas, own.kind, a, b)),
        Type::Struct(id) => schemas
            .structure(id)
            .fields
            .iter()
            .all(|field| equal(schemas, field.kind, part(a, &field.name), part(b, &field.name))),
        Type::List(inner) => {
            items(a).count() == items(b).count()
                && items(a).zip(items(b)).all(|(a, b)| equal(schemas, inner, Some(a), Some(b)))
        }
        Type::Map(inner) => {
            let (a, b) = (a.and_then(NodeRef::as_map), b.and_then(NodeRef::as_map));
            a.map_or(0, |a| a.len()) == b.map_or(0, |b| b.len())
                && a.into_iter().flat_map(|a| a.iter()).all(|(key, value)| {
                    let other = b.and_then(|b| b.lookup(key));
                    other.is_some_and(|other| equal(schemas, inner, Some(value), Some(other)))
                })
        }
        Type::Scalar(Scalar::Quantity) => {
            let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or("0").to_owned();
            let (a, b) = (text(a), text(b));
            match (quantity::read(&a), quantity::read(&b)) {
                (Ok(a), Ok(b)) => a.equals(&b),
                _ => a == b,
            }
        }
        Type::Scalar(_) => match (a, b) {
            (Some(a), Some(b)) => a.deep_equal(b),
            (a, b) => is_zero(a) && is_zero(b),
        },
    }
}

fn part<'d>(node: Option<NodeRef<'d>>, name: &FieldName) -> Option<NodeRef<'d>> {
    node?.as_map()?.field(name)
}

/// A typed value as Go's `encoding/json` writes it: fields in the order of declaration. Recursion is as deep as the
/// document.
pub(super) fn push_typed(schemas: &Schemas, kind: TypeId, node: NodeRef<'_>, out: &mut String) {
    match (bare(schemas, kind), node.as_map(), node.as_list()) {
        (Type::Struct(id), Some(map), _) => {
            out.push('{');
            let mut comma = "";
            for field in &schemas.structure(id).fields {
                let Some(value) = map.field(&field.name) else { continue };
                out.push_str(comma);
                comma = ",";
                push_json(out, field.name.as_str());
                out.push(':');
                push_typed(schemas, field.kind, value, out);
            }
            out.push('}');
        }
        (Type::List(inner), _, Some(list)) => {
            out.push('[');
            for (at, element) in list.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                push_typed(schemas, inner, element, out);
            }
            out.push(']');
        }
        _ => json(node, out),
    }
}
