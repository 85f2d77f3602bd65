//! Values as JSON has them, for fields of the types `Struct`, `Value`, `ListValue` and `Any`.

use super::assign::go_name;
use crate::cel::library::standard::{duration_text, timestamp_text};
use crate::cel::message::{Field, Kind, Message, Shape};
use crate::cel::value::{Arena, List, Map, Opaque, Val};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Integers up to here are numbers in JSON, others text.
const MOST_PRECISE: u64 = (1 << 53) - 1;

/// How deep values may nest.
const MAX_DEPTH: usize = 1_000;

/// The value that JSON would keep: only null, bools, doubles, strings, lists, and maps by strings.
pub(super) fn to_json<'a>(value: &Val<'a>, arena: &'a Arena) -> Result<Val<'a>, String> {
    convert(value, arena, MAX_DEPTH)
}

fn convert<'a>(value: &Val<'a>, arena: &'a Arena, depth: usize) -> Result<Val<'a>, String> {
    let Some(depth) = depth.checked_sub(1) else { return Err("value is nested too deep".to_owned()) };
    Ok(match value {
        Val::Null | Val::Bool(_) | Val::Double(_) | Val::String(_) => *value,
        Val::Int(number) if number.unsigned_abs() <= MOST_PRECISE => Val::Double(*number as f64),
        Val::Uint(number) if *number <= MOST_PRECISE => Val::Double(*number as f64),
        Val::Int(number) => Val::String(arena.alloc_str(&number.to_string())),
        Val::Uint(number) => Val::String(arena.alloc_str(&number.to_string())),
        Val::Bytes(bytes) => Val::String(arena.alloc_str(&STANDARD.encode(bytes))),
        Val::Timestamp(time) => Val::String(arena.alloc_str(&timestamp_text(*time))),
        Val::Duration(duration) => Val::String(arena.alloc_str(&duration_text(*duration))),
        Val::List(list) => {
            let mut elements = bumpalo::collections::Vec::with_capacity_in(list.len(), arena);
            for element in list.iter() {
                elements.push(convert(&element, arena, depth)?);
            }
            Val::List(List::Slice(elements.into_bump_slice()))
        }
        Val::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, value) in map.iter() {
                let key = match key {
                    Val::String(_) => key,
                    Val::Bool(_) => return Err("type conversion error from bool to 'string'".to_owned()),
                    other => {
                        let name = other.type_name();
                        return Err(format!("unsupported type conversion from '{name}' to string"));
                    }
                };
                entries.push((key, convert(&value, arena, depth)?));
            }
            Val::Map(Map::new(&entries, arena))
        }
        Val::Optional(Some(inner)) => convert(inner, arena, depth)?,
        Val::Optional(None) => return Err("optional.none() dereference".to_owned()),
        Val::Opaque(Opaque::Enum(value)) => Val::Double(value.number().into()),
        Val::Opaque(Opaque::Message(message)) => message_to_json(message, arena, depth)?,
        Val::Type(_) => return Err("type conversion not supported for 'type'".to_owned()),
        Val::Opaque(opaque) => {
            return Err(format!("type conversion error from '{}' to '*structpb.Value'", go_name(opaque)));
        }
        Val::Error(error) => return Err(error.to_string()),
    })
}

/// Protobuf's own mapping: names in camel case, 64-bit numbers as text, enums by name.
fn message_to_json<'a>(message: &Message<'a>, arena: &'a Arena, depth: usize) -> Result<Val<'a>, String> {
    if message.kind.well_known.is_some() {
        return Err("an Any of unknown type has no JSON".to_owned());
    }
    if message.type_name() == "google.protobuf.FieldMask" {
        let paths = message.iter().next().map_or(Val::Null, |(_, value)| value);
        let Val::List(paths) = paths else { return Ok(Val::String("")) };
        let paths: Vec<&str> =
            paths.iter().map(|path| if let Val::String(path) = path { path } else { "" }).collect();
        return Ok(Val::String(arena.alloc_str(&paths.join(","))));
    }
    let mut entries = Vec::new();
    for (field, value) in message.iter() {
        let value = match (field.shape, value) {
            (Shape::Repeated, Val::List(list)) => {
                let mut elements = bumpalo::collections::Vec::with_capacity_in(list.len(), arena);
                for element in list.iter() {
                    elements.push(field_to_json(message, field, &element, arena, depth)?);
                }
                Val::List(List::Slice(elements.into_bump_slice()))
            }
            (Shape::Map(_), Val::Map(map)) => {
                let mut inner = Vec::with_capacity(map.len());
                for (key, value) in map.iter() {
                    let key = Val::String(arena.alloc_str(&crate::cel::value::plain(&key)));
                    inner.push((key, field_to_json(message, field, &value, arena, depth)?));
                }
                Val::Map(Map::new(&inner, arena))
            }
            (_, value) => field_to_json(message, field, &value, arena, depth)?,
        };
        entries.push((Val::String(&field.json_name), value));
    }
    Ok(Val::Map(Map::new(&entries, arena)))
}

fn field_to_json<'a>(
    message: &Message<'a>,
    field: &'a Field,
    value: &Val<'a>,
    arena: &'a Arena,
    depth: usize,
) -> Result<Val<'a>, String> {
    Ok(match (field.kind, value) {
        (Kind::Int64 | Kind::Sint64 | Kind::Sfixed64, Val::Int(number)) => {
            Val::String(arena.alloc_str(&number.to_string()))
        }
        (Kind::Uint64 | Kind::Fixed64, Val::Uint(number)) => {
            Val::String(arena.alloc_str(&number.to_string()))
        }
        (Kind::Enum(at), Val::Int(_) | Val::Opaque(Opaque::Enum(_))) => {
            let number = match value {
                Val::Opaque(Opaque::Enum(value)) => i64::from(value.number()),
                Val::Int(number) => *number,
                _ => 0,
            };
            let values = message.schema.enum_at(at).map_or(&[][..], |kind| &kind.values);
            match values.iter().find(|(_, known)| i64::from(*known) == number) {
                Some((name, _)) => Val::String(name),
                None => Val::Double(number as f64),
            }
        }
        (Kind::Double | Kind::Float, Val::Double(number)) if !number.is_finite() => {
            Val::String(if number.is_nan() {
                "NaN"
            } else if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            })
        }
        _ => convert(value, arena, depth)?,
    })
}
