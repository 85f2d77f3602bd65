//! Custom resources with the defaults of their schema.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/defaulting/algorithm.go` and `prune.go`.

use crate::document::{DocumentError, Limits, NodeRef, NodeValue, Object, ObjectBuilder, Str};
use crate::schema::Structural;
use crate::source::Span;

/// An object as the API server has it before it is validated: fields that are absent have their defaults, and so do
/// those that are null though they may not be; without a default such fields are dropped. Defaults are at the place
/// of what lacks them.
pub fn with_defaults(object: NodeRef<'_>, schema: &Structural) -> Result<Object, DocumentError> {
    let mut builder = ObjectBuilder::new(Limits::default());
    builder.start_shared(object.object().shared_text());
    value(&mut builder, object, schema, None)?;
    Ok(builder.finish().unwrap_or_default())
}

/// Adds a value with defaults. `at` stands in for the places of values that are defaults themselves.
fn value(
    builder: &mut ObjectBuilder,
    node: NodeRef<'_>,
    schema: &Structural,
    at: Option<Span>,
) -> Result<(), DocumentError> {
    let span = at.unwrap_or_else(|| node.span());
    let end = Span { start: span.end, end: span.end };
    match node.value() {
        NodeValue::Map(map) => {
            builder.begin_map(span)?;
            for (name, property) in &schema.properties {
                let absent = map.lookup(name).is_none_or(|found| found.is_null() && !property.nullable);
                if let Some(default) = property.default.as_ref().filter(|_| absent) {
                    builder.key(Str::Owned(name), span);
                    value(builder, default.root(), property, Some(span))?;
                }
            }
            for (name, entry) in map.iter() {
                let within = schema.properties.get(name).or_else(|| schema.additional_schema());
                let dropped = entry.is_null() && within.is_some_and(|within| !within.nullable);
                let default = within.and_then(|within| within.default.as_ref());
                match (within, default) {
                    (Some(_), Some(_)) if dropped && schema.properties.contains_key(name) => {}
                    (Some(within), Some(default)) if dropped => {
                        builder.key(Str::Owned(name), span);
                        value(builder, default.root(), within, Some(span))?;
                    }
                    _ if dropped => {}
                    (Some(within), _) => {
                        builder.key(Str::Owned(name), at.unwrap_or_else(|| entry.key_span()));
                        value(builder, entry, within, at)?;
                    }
                    (None, _) => {
                        builder.key(Str::Owned(name), at.unwrap_or_else(|| entry.key_span()));
                        plain(builder, entry, at)?;
                    }
                }
            }
            builder.end(end)
        }
        NodeValue::List(list) => {
            let Some(items) = schema.items.as_deref() else { return plain(builder, node, at) };
            builder.begin_list(span)?;
            for element in list.iter() {
                match items.default.as_ref().filter(|_| element.is_null() && !items.nullable) {
                    Some(default) => value(builder, default.root(), items, Some(span))?,
                    None => value(builder, element, items, at)?,
                }
            }
            builder.end(end)
        }
        _ => plain(builder, node, at),
    }
}

/// Adds a value as it is.
fn plain(builder: &mut ObjectBuilder, node: NodeRef<'_>, at: Option<Span>) -> Result<(), DocumentError> {
    let Some(span) = at else { return builder.copy(node) };
    match node.value() {
        NodeValue::Null => builder.null(span),
        NodeValue::Bool(value) => builder.bool(value, span),
        NodeValue::Int(value) => builder.int(value, span),
        NodeValue::Double(value) => builder.double(value, span),
        NodeValue::String(text) => builder.string(Str::Owned(text), span),
        NodeValue::List(list) => {
            builder.begin_list(span)?;
            for element in list.iter() {
                plain(builder, element, at)?;
            }
            builder.end(Span { start: span.end, end: span.end })
        }
        NodeValue::Map(map) => {
            builder.begin_map(span)?;
            for (name, entry) in map.iter() {
                builder.key(Str::Owned(name), span);
                plain(builder, entry, at)?;
            }
            builder.end(Span { start: span.end, end: span.end })
        }
    }
}
