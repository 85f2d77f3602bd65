//! From the fields of a literal, or of the wire, to a value.

use super::assign::{Refusal, assign};
use super::decode::MAX_DEPTH;
use crate::cel::message::{Field, Message, MessageType, Schema, Shape, WellKnown, enumerated};
use crate::cel::value::{Arena, Duration, Error, List, Map, Opaque, Result, Timestamp, Val};

/// Seconds from 1970 that a timestamp may be away, some 70 thousand million years.
const FARTHEST: i64 = i64::MAX >> 2;

/// A field of a literal with its value.
pub(crate) type Given<'a> = (&'a Field, Val<'a>);

/// The value of a literal. Of several values for one field the last counts.
pub(crate) fn make<'a>(
    schema: &'a Schema,
    kind: &'a MessageType,
    given: &[Given<'a>],
    arena: &'a Arena,
) -> Result<'a> {
    // As many as the type has fields, however many the literal has.
    let mut last: Vec<Given<'a>> = Vec::new();
    for &(field, value) in given {
        match last.iter_mut().find(|(known, _)| known.number == field.number) {
            Some(known) => known.1 = value,
            None => last.push((field, value)),
        }
    }
    let mut fields: Vec<Given<'a>> = Vec::with_capacity(last.len());
    for (field, value) in &last {
        let value = assign(schema, field, *value, arena).map_err(|refusal| {
            let (message, name) = (&kind.name, &field.name);
            match refusal {
                Refusal::Shape(given) => Error::message(
                    arena,
                    format_args!("unsupported field type for {message}.{name}: {given}"),
                ),
                Refusal::Value(text) => Error::message(
                    arena,
                    format_args!("field type conversion error for {message}.{name} value type: {text}"),
                ),
            }
        })?;
        if let Some(value) = value {
            set(&mut fields, field, value);
        }
    }
    let contents = Contents { fields, unknown: &[], depth: MAX_DEPTH };
    readable(finish(schema, kind, contents, arena), arena)
}

/// Sets a field, which unsets the others of its `oneof`.
pub(super) fn set<'a>(fields: &mut Vec<Given<'a>>, field: &'a Field, value: Val<'a>) {
    fields.retain(|(other, _)| {
        other.number != field.number && (field.oneof.is_none() || other.oneof != field.oneof)
    });
    fields.push((field, value));
}

/// What a message is made of.
pub(super) struct Contents<'a> {
    pub(super) fields: Vec<Given<'a>>,
    pub(super) unknown: &'a [u8],
    /// How deep messages may nest in an `Any` among the fields.
    pub(super) depth: usize,
}

/// The value of a message with these fields: one of the language's own when its type is well-known.
pub(super) fn finish<'a>(
    schema: &'a Schema,
    kind: &'a MessageType,
    contents: Contents<'a>,
    arena: &'a Arena,
) -> Val<'a> {
    let Contents { fields, unknown, depth } = contents;
    let value = |number: u32| fields.iter().find(|(field, _)| field.number == number).map(|field| field.1);
    let integer = |number: u32| match value(number) {
        Some(Val::Int(value)) => value,
        _ => 0,
    };
    match kind.well_known {
        Some(WellKnown::Wrapper) => {
            let zero = || kind.field("value").map_or(Val::Null, |field| zero(schema, field, arena));
            value(1).unwrap_or_else(zero)
        }
        Some(WellKnown::Duration) => {
            let nanos = i128::from(integer(1)) * 1_000_000_000 + i128::from(integer(2));
            Val::Duration(Duration(nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64))
        }
        Some(WellKnown::Timestamp) => {
            let (seconds, nanos) = (integer(1), integer(2));
            // So far from today that no arithmetic overflows.
            let seconds = seconds.clamp(-FARTHEST, FARTHEST) + nanos.div_euclid(1_000_000_000);
            let nanos = nanos.rem_euclid(1_000_000_000) as u32;
            Val::Timestamp(Timestamp { seconds, nanos, offset: 0 })
        }
        Some(WellKnown::Struct) => value(1).unwrap_or_else(|| Val::Map(Map::new(&[], arena))),
        Some(WellKnown::ListValue) => value(1).unwrap_or(Val::List(List::Slice(&[]))),
        Some(WellKnown::Value) => match fields.first() {
            Some((field, value)) if field.number != 1 => *value,
            _ => Val::Null,
        },
        Some(WellKnown::Any) => {
            let name = match value(1) {
                Some(Val::String(url)) => url.rsplit_once('/').map_or(url, |(_, name)| name),
                _ => "",
            };
            let bytes = if let Some(Val::Bytes(bytes)) = value(2) { bytes } else { &[] };
            // What cannot be unpacked stays as it is, to be compared by its bytes; reading it is an error.
            match schema.decode_any(name, bytes, arena, depth) {
                Some(value) => value,
                None => message(schema, kind, fields, unknown, arena),
            }
        }
        None => message(schema, kind, fields, unknown, arena),
    }
}

fn message<'a>(
    schema: &'a Schema,
    kind: &'a MessageType,
    mut fields: Vec<Given<'a>>,
    unknown: &'a [u8],
    arena: &'a Arena,
) -> Val<'a> {
    fields.sort_by_key(|(field, _)| field.number);
    let fields = arena.alloc_slice_copy(&fields);
    Val::Opaque(Opaque::Message(arena.alloc(Message { schema, kind, fields, unknown })))
}

/// A value that an expression may read: not an `Any` that could not be unpacked.
pub(crate) fn readable<'a>(value: Val<'a>, arena: &'a Arena) -> Result<'a> {
    let Val::Opaque(Opaque::Message(any)) = value else { return Ok(value) };
    if any.kind.well_known.is_none() {
        return Ok(value);
    }
    let mut text = String::from("unsupported conversion to ref.Val: (*dynamicpb.Message)");
    let mut separator = "";
    for (field, value) in any.iter() {
        text.push_str(separator);
        separator = "  ";
        let shown = match value {
            Val::String(text) => text.as_bytes().escape_ascii(),
            Val::Bytes(bytes) => bytes.escape_ascii(),
            _ => continue,
        };
        text.push_str(&format!("{}:\"{shown}\"", field.name));
    }
    Err(Error::message(arena, format_args!("{text}")))
}

/// What an unset field of a kind reads as, its default aside.
fn zero<'a>(schema: &'a Schema, field: &'a Field, arena: &'a Arena) -> Val<'a> {
    match field.shape {
        Shape::Repeated => Val::List(List::Slice(&[])),
        Shape::Map(_) => Val::Map(Map::new(&[], arena)),
        Shape::Singular => crate::cel::message::zero(schema, field.kind, arena),
    }
}

/// The value of an enum that is a type of its own, by its number or name.
pub(crate) fn to_enum<'a>(
    schema: &'a Schema,
    position: usize,
    value: Val<'a>,
    arena: &'a Arena,
) -> Result<'a> {
    let number = match value {
        Val::Error(error) => return Err(error),
        Val::Int(number) => {
            i32::try_from(number).map_err(|_| Error::Static(&"enum number out of range of int32"))?
        }
        Val::String(name) => {
            let values = schema.enum_at(position).map_or(&[][..], |kind| &kind.values);
            let known = values.iter().find(|(known, _)| **known == *name);
            known.ok_or(Error::Static(&"invalid name of an enum value"))?.1
        }
        _ => return Err(Error::NoSuchOverload),
    };
    Ok(enumerated(schema, position, number, arena))
}

/// `int(x)` of an enum that is a type of its own.
pub(crate) fn enum_number<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match args {
        [Val::Opaque(Opaque::Enum(value))] => Ok(Val::Int(value.number().into())),
        _ => Err(Error::NoSuchOverload),
    }
}
