//! Which values a field takes, and as what.

use super::json::to_json;
use crate::cel::library::kubernetes::opaque_text;
use crate::cel::message::{Field, Kind, Schema, Shape, WellKnown, enumerated};
use crate::cel::value::{Arena, List, Map, Opaque, Val};

/// Why a field does not take a value.
pub(super) enum Refusal<'a> {
    /// It has to be a list or map, and the value has this type.
    Shape(&'a str),
    /// It does not convert, for this reason.
    Value(String),
}

type Assigned<'a, T = Val<'a>> = Result<T, Refusal<'a>>;

/// The value as a field keeps it; `None` leaves the field unset.
pub(super) fn assign<'a>(
    schema: &'a Schema,
    field: &'a Field,
    value: Val<'a>,
    arena: &'a Arena,
) -> Assigned<'a, Option<Val<'a>>> {
    match (field.shape, value) {
        (Shape::Repeated, Val::List(list)) => {
            let mut elements = bumpalo::collections::Vec::with_capacity_in(list.len(), arena);
            for element in list.iter() {
                elements.extend(convert(schema, field.kind, element, arena)?);
            }
            let elements = elements.into_bump_slice();
            Ok((!elements.is_empty()).then_some(Val::List(List::Slice(elements))))
        }
        (Shape::Map(key_kind), Val::Map(map)) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, value) in map.iter() {
                let key = convert(schema, key_kind, key, arena)?.unwrap_or(Val::Null);
                if let Some(value) = convert(schema, field.kind, value, arena)? {
                    entries.push((key, value));
                }
            }
            Ok((!entries.is_empty()).then(|| Val::Map(Map::new(&entries, arena))))
        }
        (Shape::Repeated | Shape::Map(_), other) => Err(Refusal::Shape(other.type_name())),
        (Shape::Singular, value) => {
            let value = convert(schema, field.kind, value, arena)?;
            Ok(value.filter(|value| field.presence || is_message(field.kind) || !is_zero(value)))
        }
    }
}

fn is_message(kind: Kind) -> bool {
    matches!(kind, Kind::Message(_) | Kind::Group(_))
}

/// Whether a primitive is what an unset field reads as anyway.
pub(super) fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Bool(value) => !value,
        Val::Int(value) => *value == 0,
        Val::Uint(value) => *value == 0,
        Val::Double(value) => value.to_bits() == 0,
        Val::String(text) => text.is_empty(),
        Val::Bytes(bytes) => bytes.is_empty(),
        Val::Opaque(Opaque::Enum(value)) => value.number() == 0,
        _ => false,
    }
}

/// One value as a kind keeps it; `None` when null stands for nothing.
fn convert<'a>(
    schema: &'a Schema,
    kind: Kind,
    value: Val<'a>,
    arena: &'a Arena,
) -> Assigned<'a, Option<Val<'a>>> {
    if let Val::Optional(Some(inner)) = value {
        return convert(schema, kind, *inner, arena);
    }
    if let (Val::Null, Kind::Message(at) | Kind::Group(at)) = (value, kind) {
        return match schema.at(at).and_then(|message| message.well_known) {
            Some(WellKnown::Any | WellKnown::Value) => Ok(Some(Val::Null)),
            Some(WellKnown::ListValue | WellKnown::Struct) => refuse(schema, kind, value),
            _ => Ok(None),
        };
    }
    let converted = match (kind, value) {
        (Kind::Bool, Val::Bool(_))
        | (Kind::Bytes, Val::Bytes(_))
        | (Kind::Double, Val::Double(_))
        | (Kind::Int64 | Kind::Sfixed64 | Kind::Sint64, Val::Int(_))
        | (Kind::Uint64 | Kind::Fixed64, Val::Uint(_))
        | (Kind::String, Val::String(_)) => value,
        (
            Kind::String,
            Val::Opaque(
                opaque @ (Opaque::Url(_)
                | Opaque::Ip(_)
                | Opaque::Cidr(_)
                | Opaque::Quantity(_)
                | Opaque::Semver(_)
                | Opaque::Regex(_)),
            ),
        ) => Val::String(arena.alloc_str(&opaque_text(&opaque))),
        (Kind::Float, Val::Double(value)) => Val::Double(f64::from(value as f32)),
        (Kind::Int32 | Kind::Sfixed32 | Kind::Sint32 | Kind::Enum(_), Val::Int(number)) => {
            let Ok(small) = i32::try_from(number) else {
                return Err(Refusal::Value("integer overflow".to_owned()));
            };
            match kind {
                Kind::Enum(at) => enumerated(schema, at, small, arena),
                _ => value,
            }
        }
        (Kind::Enum(at), Val::Opaque(Opaque::Enum(given)))
            if schema.enum_at(at).is_some_and(|kind| *kind.name == *given.type_name()) =>
        {
            value
        }
        (Kind::Uint32 | Kind::Fixed32, Val::Uint(number)) => {
            if u32::try_from(number).is_err() {
                return Err(Refusal::Value("unsigned integer overflow".to_owned()));
            }
            value
        }
        (Kind::Enum(at), Val::Null) if schema.enum_at(at).is_some_and(|kind| &*kind.name == NULL) => {
            Val::Int(0)
        }
        (Kind::Message(at) | Kind::Group(at), value) => {
            return message(schema, at, value, arena).map(Some);
        }
        _ => return refuse(schema, kind, value),
    };
    Ok(Some(converted))
}

const NULL: &str = "google.protobuf.NullValue";

/// A value for a field whose type is the message at a position.
fn message<'a>(schema: &'a Schema, at: usize, value: Val<'a>, arena: &'a Arena) -> Assigned<'a> {
    let kind = Kind::Message(at);
    let Some(wanted) = schema.at(at) else { return refuse(schema, kind, value) };
    match (wanted.well_known, value) {
        (None, Val::Opaque(Opaque::Message(message))) if message.type_name() == &*wanted.name => Ok(value),
        (Some(WellKnown::Duration), Val::Duration(_)) | (Some(WellKnown::Timestamp), Val::Timestamp(_)) => {
            Ok(value)
        }
        // Lists and maps can only be in an Any as JSON.
        (Some(WellKnown::Any), Val::List(_) | Val::Map(_))
        | (Some(WellKnown::Value), _)
        | (Some(WellKnown::ListValue), Val::List(_))
        | (Some(WellKnown::Struct), Val::Map(_)) => to_json(&value, arena).map_err(Refusal::Value),
        (
            Some(WellKnown::Any),
            Val::Bool(_)
            | Val::Int(_)
            | Val::Uint(_)
            | Val::Double(_)
            | Val::String(_)
            | Val::Bytes(_)
            | Val::Timestamp(_)
            | Val::Duration(_)
            | Val::Opaque(Opaque::Message(_)),
        ) => Ok(value),
        (Some(WellKnown::Struct), Val::Opaque(Opaque::Message(_))) => {
            match to_json(&value, arena).map_err(Refusal::Value)? {
                object @ Val::Map(_) => Ok(object),
                _ => refuse(schema, kind, value),
            }
        }
        (Some(WellKnown::Wrapper), _) => {
            let inner = wanted.field("value").map_or(Kind::Bool, |field| field.kind);
            convert(schema, inner, value, arena).map(|value| value.unwrap_or(Val::Null))
        }
        (Some(WellKnown::ListValue), Val::Map(map)) => match map.at(0) {
            // Go takes the keys of a map for the fields of its struct.
            Some((Val::String(key), _)) => {
                let mut letters = key.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
                let name: String = first.chain(letters).collect();
                Err(Refusal::Value(format!(
                    "type conversion error, no such field '{name}' in type 'structpb.ListValue'"
                )))
            }
            _ => refuse(schema, kind, value),
        },
        _ => refuse(schema, kind, value),
    }
}

/// In the words of the value types of cel-go.
fn refuse<'a, T>(schema: &Schema, kind: Kind, value: Val<'a>) -> Assigned<'a, T> {
    let wanted = go_type(schema, kind);
    Err(Refusal::Value(match value {
        Val::Int(_) | Val::Uint(_) => {
            format!("unsupported type conversion from '{}' to {wanted}", value.type_name())
        }
        Val::String(_) => format!("unsupported native conversion from string to '{wanted}'"),
        Val::Double(_) => format!("type conversion error from Double to '{wanted}'"),
        Val::Bytes(_) => format!("type conversion error from Bytes to '{wanted}'"),
        Val::Duration(_) => format!("type conversion error from 'Duration' to '{wanted}'"),
        Val::Timestamp(_) => format!("type conversion error from 'Timestamp' to '{wanted}'"),
        Val::Null => format!("type conversion error from 'null_type' to '{wanted}'"),
        Val::Type(_) => "type conversion not supported for 'type'".to_owned(),
        Val::Opaque(Opaque::Message(_)) => {
            format!("type conversion error from '*dynamicpb.Message' to '{wanted}'")
        }
        Val::Optional(None) => "optional.none() dereference".to_owned(),
        Val::Opaque(opaque) => format!("type conversion error from '{}' to '{wanted}'", go_name(&opaque)),
        other => format!("type conversion error from {} to '{wanted}'", other.type_name()),
    }))
}

/// What the API server calls the type of a value in its errors of conversion.
pub(super) fn go_name<'a>(opaque: &Opaque<'a>) -> &'a str {
    match opaque {
        Opaque::Url(_) => "URL",
        Opaque::Ip(_) => "IP",
        Opaque::Cidr(_) => "CIDR",
        Opaque::Quantity(_) => "Quantity",
        Opaque::Semver(_) => "Semver",
        Opaque::NamedFormat(_) => "Format",
        other => other.type_name(),
    }
}

/// What Go calls the type of a field of this kind.
fn go_type(schema: &Schema, kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        Kind::Bytes => "[]uint8",
        Kind::Double => "float64",
        Kind::Float => "float32",
        Kind::Int32 | Kind::Sfixed32 | Kind::Sint32 | Kind::Enum(_) => "int32",
        Kind::Int64 | Kind::Sfixed64 | Kind::Sint64 => "int64",
        Kind::String => "string",
        Kind::Uint32 | Kind::Fixed32 => "uint32",
        Kind::Uint64 | Kind::Fixed64 => "uint64",
        Kind::Message(at) | Kind::Group(at) => match schema.at(at).and_then(|message| message.well_known) {
            Some(WellKnown::Any) => "*anypb.Any",
            Some(WellKnown::Duration) => "*durationpb.Duration",
            Some(WellKnown::ListValue) => "*structpb.ListValue",
            Some(WellKnown::Struct) => "*structpb.Struct",
            Some(WellKnown::Timestamp) => "*timestamppb.Timestamp",
            Some(WellKnown::Value) => "*structpb.Value",
            Some(WellKnown::Wrapper) => "*wrapperspb.Value",
            None => "*dynamicpb.Message",
        },
    }
}
