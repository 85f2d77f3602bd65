//! What elements of sets and maps are told apart by: Go's values as keys of a Go map.

use crate::cel::value::{List, Val};
use crate::document::{NodeRef, NodeValue};

/// A comparable Go value. Numbers of different types differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Nothing,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(u64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Duration(i64),
    /// Seconds, nanoseconds and offset: Go tells times of different zones apart.
    Time(i64, u32, i32),
    Null,
    Type(&'a str),
    Several(Box<[Key<'a>]>),
    /// Equal to nothing else: errors, NaN, times of odd zones.
    Unique(usize),
}

/// The scalar value of an element; `None` for lists and maps, which sets cannot hold.
pub(super) fn scalar<'a>(value: &Val<'a>, position: usize) -> Option<Key<'a>> {
    Some(match value {
        Val::Null => Key::Null,
        Val::Bool(value) => Key::Bool(*value),
        Val::Int(value) => Key::Int(*value),
        Val::Uint(value) => Key::Uint(*value),
        Val::Double(value) => double(*value, position),
        Val::String(text) => Key::Text(text),
        Val::Bytes(bytes) => Key::Bytes(bytes),
        Val::Duration(duration) => Key::Duration(duration.0),
        // Go shares the zones of whole hours and makes a new one for each other time.
        Val::Timestamp(time) if time.offset % 3600 == 0 && (-12..=14).contains(&(time.offset / 3600)) => {
            Key::Time(time.seconds, time.nanos, time.offset)
        }
        Val::Type(name) => Key::Type(name),
        Val::List(_) | Val::Map(_) => return None,
        Val::Timestamp(_) | Val::Optional(_) | Val::Opaque(_) | Val::Error(_) => Key::Unique(position),
    })
}

/// The key of an element of a list of type map that is data of a document, by the keys' names as they stand there;
/// or a part that is a list or map, which cannot be a key.
pub(super) fn raw<'a>(
    element: NodeRef<'a>,
    names: &[Box<str>],
    position: usize,
) -> Result<Key<'a>, NodeRef<'a>> {
    let Some(object) = element.as_map() else { return Ok(Key::Unique(position)) };
    let part = |name: &str| {
        let Some(node) = object.lookup(name) else { return Ok(Key::Nothing) };
        match node.value() {
            NodeValue::Null => Ok(Key::Nothing),
            NodeValue::Bool(value) => Ok(Key::Bool(value)),
            NodeValue::Int(value) => Ok(Key::Int(value)),
            NodeValue::Double(value) => Ok(double(value, position)),
            NodeValue::String(text) => Ok(Key::Text(text)),
            NodeValue::List(_) | NodeValue::Map(_) => Err(node),
        }
    };
    Ok(several(names.iter().map(|name| part(name)).collect::<Result<Vec<_>, _>>()?))
}

/// The key of an element that may be any value, by the escaped names of the keys.
pub(super) fn of_value<'a>(element: &Val<'a>, names: &[Box<str>], position: usize) -> Key<'a> {
    let part = |name: &str| match element {
        Val::Map(map) => match map.find(&Val::String(name)) {
            None | Some(Val::Error(_)) => Key::Nothing,
            Some(value) => scalar(&value, position).unwrap_or(Key::Unique(position)),
        },
        _ => Key::Nothing,
    };
    several(names.iter().map(|name| part(name)).collect())
}

/// The data behind a value.
pub(super) fn node_of<'a>(value: &Val<'a>) -> Option<NodeRef<'a>> {
    match value {
        Val::Map(map) => map.typed().map(|map| map.node()),
        Val::List(List::Typed(list)) => list.node(),
        _ => None,
    }
}

fn several(mut parts: Vec<Key<'_>>) -> Key<'_> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            Key::Several(parts.into())
        }
    }
}

fn double(value: f64, position: usize) -> Key<'static> {
    if value.is_nan() { Key::Unique(position) } else { Key::Double((value + 0.0).to_bits()) }
}
