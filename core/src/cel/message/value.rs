//! A message that an expression made or a caller passed.

use super::schema::{Default, EnumType, Field, Kind, MessageType, Schema, Shape, WellKnown};
use crate::cel::value::{Arena, Duration, List, Map, Opaque, Timestamp, Val};
use std::fmt;

/// A message. Only fields that are set are there; well-known types are never messages.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) kind: &'a MessageType,
    /// By number.
    pub(crate) fields: &'a [(&'a Field, Val<'a>)],
    /// Fields that the schema does not have, as they were on the wire.
    pub(crate) unknown: &'a [u8],
}

/// A value of an enum that is a type of its own.
#[derive(Clone, Copy, Debug)]
pub struct EnumValue<'a> {
    pub(crate) kind: &'a EnumType,
    pub(crate) number: i32,
}

impl<'a> EnumValue<'a> {
    /// The full name of the enum.
    pub fn type_name(&self) -> &'a str {
        &self.kind.name
    }

    pub fn number(&self) -> i32 {
        self.number
    }
}

impl Schema {
    /// A value of an enum by the enum's full name: an int, unless enums are types of their own.
    pub fn enum_of<'a>(&'a self, type_name: &str, number: i32, arena: &'a Arena) -> Val<'a> {
        match self.typed_enum_named(type_name) {
            Some(position) => enumerated(self, position, number, arena),
            None => Val::Int(number.into()),
        }
    }
}

/// A value of the enum at a position.
pub(crate) fn enumerated<'a>(schema: &'a Schema, position: usize, number: i32, arena: &'a Arena) -> Val<'a> {
    match schema.typed_enum(position) {
        Some(kind) => Val::Opaque(Opaque::Enum(arena.alloc(EnumValue { kind, number }))),
        None => Val::Int(number.into()),
    }
}

impl<'a> Message<'a> {
    /// The full name of the message's type.
    pub fn type_name(&self) -> &'a str {
        &self.kind.name
    }

    /// The schema's entry for a name; `None` for a field that the type does not have.
    pub fn field(&self, name: &str) -> Option<&'a Field> {
        self.kind.field(name)
    }

    /// Whether a field is set, which for fields without presence means that it is not zero.
    pub fn has(&self, field: &Field) -> bool {
        self.set(field).is_some()
    }

    /// The value of a field, or what it reads as when it is not set.
    pub fn get(&self, field: &'a Field, arena: &'a Arena) -> Val<'a> {
        self.set(field).unwrap_or_else(|| unset(self.schema, field, arena))
    }

    /// The fields that are set, by number.
    pub fn iter(&self) -> impl Iterator<Item = (&'a Field, Val<'a>)> {
        self.fields.iter().copied()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.unknown.is_empty()
    }

    fn set(&self, field: &Field) -> Option<Val<'a>> {
        let at = self.fields.binary_search_by_key(&field.number, |(field, _)| field.number).ok()?;
        self.fields.get(at).map(|(_, value)| *value)
    }

    /// Messages of one type are equal when the same fields are set to equal values.
    pub fn equal(&self, other: &Message<'_>) -> bool {
        self.kind.name == other.kind.name
            && self.unknown == other.unknown
            && self.fields.len() == other.fields.len()
            && self
                .fields
                .iter()
                .zip(other.fields)
                .all(|((field, value), (same, wanted))| field.number == same.number && value.equal(wanted))
    }
}

/// What a field reads as that is not set.
fn unset<'a>(schema: &'a Schema, field: &'a Field, arena: &'a Arena) -> Val<'a> {
    match field.shape {
        Shape::Repeated => return Val::List(List::Slice(&[])),
        Shape::Map(_) => return Val::Map(Map::new(&[], arena)),
        Shape::Singular => {}
    }
    match &field.default {
        Default::Bool(value) => Val::Bool(*value),
        Default::Int(value) => match field.kind {
            Kind::Enum(at) => enumerated(schema, at, *value as i32, arena),
            _ => Val::Int(*value),
        },
        Default::Uint(value) => Val::Uint(*value),
        Default::Double(value) => Val::Double(*value),
        Default::String(value) => Val::String(value),
        Default::Bytes(value) => Val::Bytes(value),
        Default::Zero => zero(schema, field.kind, arena),
    }
}

/// What a value of a kind is that nothing says: of wrappers, `Any` and `Value` null.
pub(crate) fn zero<'a>(schema: &'a Schema, kind: Kind, arena: &'a Arena) -> Val<'a> {
    match kind {
        Kind::Bool => Val::Bool(false),
        Kind::Bytes => Val::Bytes(&[]),
        Kind::Double | Kind::Float => Val::Double(0.0),
        Kind::Fixed32 | Kind::Fixed64 | Kind::Uint32 | Kind::Uint64 => Val::Uint(0),
        Kind::String => Val::String(""),
        Kind::Int32 | Kind::Int64 | Kind::Sfixed32 | Kind::Sfixed64 | Kind::Sint32 | Kind::Sint64 => {
            Val::Int(0)
        }
        Kind::Enum(at) => enumerated(schema, at, 0, arena),
        Kind::Message(at) | Kind::Group(at) => match schema.at(at).map(|kind| (kind, kind.well_known)) {
            Some((_, Some(WellKnown::Timestamp))) => {
                Val::Timestamp(Timestamp { seconds: 0, nanos: 0, offset: 0 })
            }
            Some((_, Some(WellKnown::Duration))) => Val::Duration(Duration(0)),
            Some((_, Some(WellKnown::Struct))) => Val::Map(Map::new(&[], arena)),
            Some((_, Some(WellKnown::ListValue))) => Val::List(List::Slice(&[])),
            Some((kind, None)) => {
                let message = Message { schema, kind, fields: &[], unknown: &[] };
                Val::Opaque(Opaque::Message(arena.alloc(message)))
            }
            _ => Val::Null,
        },
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(&self.kind.name);
        for (field, value) in self.fields {
            shown.field(&field.name, value);
        }
        shown.finish()
    }
}
