//! Reads messages off the wire.

use super::assign::is_zero;
use super::make::{Contents, Given, finish, set};
use crate::cel::message::{Field, Kind, MessageType, Schema, Shape, enumerated};
use crate::cel::value::{Arena, List, Map, Val};
use std::fmt;

/// How deep messages may nest; protobuf's own limit.
pub(super) const MAX_DEPTH: usize = 100;

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(&'static str);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for DecodeError {}

type Decoded<T> = Result<T, DecodeError>;

const TRUNCATED: DecodeError = DecodeError("message ends within a field");

impl Schema {
    /// Reads a message of a type by its full name. Well-known types become what they stand for.
    pub fn decode<'a>(&'a self, type_name: &str, bytes: &'a [u8], arena: &'a Arena) -> Decoded<Val<'a>> {
        let kind = self.message(type_name).ok_or(DecodeError("unknown message type"))?;
        Decoder { schema: self, arena, depth: MAX_DEPTH }.message(kind, &mut { bytes }, None)
    }

    /// What an `Any` contains; `None` when it is of an unknown type, malformed or nested too deep.
    pub(super) fn decode_any<'a>(
        &'a self,
        type_name: &str,
        bytes: &'a [u8],
        arena: &'a Arena,
        depth: usize,
    ) -> Option<Val<'a>> {
        let kind = self.message(type_name)?;
        Decoder { schema: self, arena, depth }.message(kind, &mut { bytes }, None).ok()
    }
}

#[derive(Clone, Copy)]
struct Decoder<'a> {
    schema: &'a Schema,
    arena: &'a Arena,
    depth: usize,
}

/// A field's value on the wire.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// The number of a group that begins.
    Group,
}

impl<'a> Decoder<'a> {
    /// Reads to the end of the bytes, or of the group with this number.
    fn message(self, kind: &'a MessageType, bytes: &mut &'a [u8], group: Option<u32>) -> Decoded<Val<'a>> {
        let depth = self.depth.checked_sub(1).ok_or(DecodeError("messages are nested too deep"))?;
        let inner = Decoder { depth, ..self };
        let mut fields = Fields { single: Vec::new(), many: Vec::new() };
        let mut unknown = bumpalo::collections::Vec::new_in(self.arena);
        loop {
            let before = *bytes;
            if bytes.is_empty() {
                if group.is_some() {
                    return Err(DecodeError("group does not end"));
                }
                break;
            }
            let tag = varint(bytes)?;
            let (number, wire_type) = ((tag >> 3) as u32, tag & 7);
            if wire_type == 4 {
                if group != Some(number) {
                    return Err(DecodeError("end of a group that did not begin"));
                }
                break;
            }
            let wire = wire(bytes, wire_type)?;
            let known = kind.field_numbered(number);
            if matches!(wire, Wire::Group) {
                match known.map(|field| (field, field.kind)) {
                    Some((field, Kind::Group(at) | Kind::Message(at))) => {
                        let kind = self.schema.at(at).ok_or(TRUNCATED)?;
                        let value = inner.message(kind, bytes, Some(number))?;
                        fields.add(field, value);
                        continue;
                    }
                    _ => skip_group(bytes, number, inner.depth)?,
                }
            } else if let Some(field) = known
                && inner.field(field, &wire, &mut fields)?
            {
                continue;
            }
            unknown.extend_from_slice(before.get(..before.len() - bytes.len()).unwrap_or_default());
        }
        let contents =
            Contents { fields: fields.finish(self.arena), unknown: unknown.into_bump_slice(), depth };
        Ok(finish(self.schema, kind, contents, self.arena))
    }

    /// Takes a field's value; `false` when its type on the wire is another than the schema's.
    fn field(self, field: &'a Field, wire: &Wire<'a>, fields: &mut Fields<'a>) -> Decoded<bool> {
        if let (Shape::Map(key_kind), Wire::Bytes(entry)) = (field.shape, wire) {
            let entry = self.entry(field, key_kind, entry)?;
            fields.add_entry(field, entry);
            return Ok(true);
        }
        // Numbers of a repeated field may stand together.
        if let (Shape::Repeated, Wire::Bytes(packed), Some(wire_type)) =
            (field.shape, wire, packed_type(field.kind))
        {
            let mut rest = *packed;
            fields.add_none(field);
            while !rest.is_empty() {
                let element = crate::cel::protobuf::decode::wire(&mut rest, wire_type)?;
                match self.value(field.kind, &element)? {
                    Some(value) => fields.add(field, value),
                    None => return Ok(false),
                }
            }
            return Ok(true);
        }
        match self.value(field.kind, wire)? {
            Some(value) => fields.add(field, value),
            None => return Ok(false),
        }
        Ok(true)
    }

    /// A map's entry, which is a message with the fields 1 and 2.
    fn entry(self, field: &'a Field, key_kind: Kind, mut bytes: &'a [u8]) -> Decoded<(Val<'a>, Val<'a>)> {
        let (mut key, mut value) = (None, None);
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            let wire = wire(&mut bytes, tag & 7)?;
            match tag >> 3 {
                1 => key = self.value(key_kind, &wire)?.or(key),
                2 => value = self.value(field.kind, &wire)?.or(value),
                number if matches!(wire, Wire::Group) => skip_group(&mut bytes, number as u32, self.depth)?,
                _ => {}
            }
        }
        let zero = |kind| match kind {
            // A wrapper without a value is its zero, other than a field without a wrapper.
            Kind::Message(_) => self.value(kind, &Wire::Bytes(&[])).map(|value| value.unwrap_or(Val::Null)),
            kind => Ok(crate::cel::message::zero(self.schema, kind, self.arena)),
        };
        Ok((key.map_or_else(|| zero(key_kind), Ok)?, value.map_or_else(|| zero(field.kind), Ok)?))
    }

    fn value(self, kind: Kind, wire: &Wire<'a>) -> Decoded<Option<Val<'a>>> {
        Ok(Some(match (kind, wire) {
            (Kind::Bool, Wire::Number(value)) => Val::Bool(*value != 0),
            (Kind::Int64 | Kind::Sfixed64, Wire::Number(value)) => Val::Int(*value as i64),
            (Kind::Int32 | Kind::Sfixed32, Wire::Number(value)) => Val::Int(i64::from(*value as i32)),
            (Kind::Enum(at), Wire::Number(value)) => enumerated(self.schema, at, *value as i32, self.arena),
            (Kind::Sint64, Wire::Number(value)) => Val::Int(zigzag(*value)),
            (Kind::Sint32, Wire::Number(value)) => {
                Val::Int(i64::from(zigzag(u64::from(*value as u32)) as i32))
            }
            (Kind::Uint64 | Kind::Fixed64, Wire::Number(value)) => Val::Uint(*value),
            (Kind::Uint32 | Kind::Fixed32, Wire::Number(value)) => Val::Uint(u64::from(*value as u32)),
            (Kind::Double, Wire::Number(value)) => Val::Double(f64::from_bits(*value)),
            (Kind::Float, Wire::Number(value)) => Val::Double(f64::from(f32::from_bits(*value as u32))),
            (Kind::String, Wire::Bytes(bytes)) => {
                Val::String(std::str::from_utf8(bytes).map_err(|_| DecodeError("text is not UTF-8"))?)
            }
            (Kind::Bytes, Wire::Bytes(bytes)) => Val::Bytes(bytes),
            (Kind::Message(at), Wire::Bytes(bytes)) => {
                let kind = self.schema.at(at).ok_or(TRUNCATED)?;
                self.message(kind, &mut { *bytes }, None)?
            }
            _ => return Ok(None),
        }))
    }
}

/// The fields of a message as they come.
struct Fields<'a> {
    single: Vec<Given<'a>>,
    many: Vec<(&'a Field, Many<'a>)>,
}

enum Many<'a> {
    List(Vec<Val<'a>>),
    Map(Vec<(Val<'a>, Val<'a>)>),
}

impl<'a> Fields<'a> {
    fn add(&mut self, field: &'a Field, value: Val<'a>) {
        if field.shape == Shape::Repeated {
            self.add_none(field);
            if let Some((_, Many::List(list))) = self.many(field) {
                list.push(value);
            }
        } else {
            // A second message for one field is not merged with the first, as encoders never write one.
            set(&mut self.single, field, value);
        }
    }

    fn add_none(&mut self, field: &'a Field) {
        if self.many(field).is_none() {
            self.many.push((field, Many::List(Vec::new())));
        }
    }

    fn add_entry(&mut self, field: &'a Field, entry: (Val<'a>, Val<'a>)) {
        match self.many(field) {
            Some((_, Many::Map(entries))) => entries.push(entry),
            _ => self.many.push((field, Many::Map(vec![entry]))),
        }
    }

    fn many(&mut self, field: &Field) -> Option<&mut (&'a Field, Many<'a>)> {
        self.many.iter_mut().find(|(known, _)| known.number == field.number)
    }

    fn finish(self, arena: &'a Arena) -> Vec<Given<'a>> {
        let mut fields = self.single;
        // Without presence, zero is the same as nothing.
        fields.retain(|(field, value)| field.presence || !is_zero(value));
        for (field, many) in self.many {
            match many {
                Many::List(list) if list.is_empty() => {}
                Many::List(list) => {
                    fields.push((field, Val::List(List::Slice(arena.alloc_slice_copy(&list)))));
                }
                Many::Map(entries) => fields.push((field, Val::Map(Map::new(&entries, arena)))),
            }
        }
        fields
    }
}

/// The wire type of numbers that may be packed.
fn packed_type(kind: Kind) -> Option<u64> {
    Some(match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => 1,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => 5,
        Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_) => return None,
        _ => 0,
    })
}

fn wire<'a>(bytes: &mut &'a [u8], wire_type: u64) -> Decoded<Wire<'a>> {
    Ok(match wire_type {
        0 => Wire::Number(varint(bytes)?),
        1 => {
            let (number, rest) = bytes.split_first_chunk::<8>().ok_or(TRUNCATED)?;
            *bytes = rest;
            Wire::Number(u64::from_le_bytes(*number))
        }
        2 => {
            let length = usize::try_from(varint(bytes)?).map_err(|_| TRUNCATED)?;
            let (value, rest) = bytes.split_at_checked(length).ok_or(TRUNCATED)?;
            *bytes = rest;
            Wire::Bytes(value)
        }
        3 => Wire::Group,
        5 => {
            let (number, rest) = bytes.split_first_chunk::<4>().ok_or(TRUNCATED)?;
            *bytes = rest;
            Wire::Number(u64::from(u32::from_le_bytes(*number)))
        }
        _ => return Err(DecodeError("unknown wire type")),
    })
}

fn skip_group(bytes: &mut &[u8], number: u32, depth: usize) -> Decoded<()> {
    let mut open = vec![number];
    while let Some(&innermost) = open.last() {
        let tag = varint(bytes)?;
        let number = (tag >> 3) as u32;
        match tag & 7 {
            3 if open.len() > depth => return Err(DecodeError("messages are nested too deep")),
            3 => open.push(number),
            4 if number == innermost => {
                open.pop();
            }
            4 => return Err(DecodeError("end of a group that did not begin")),
            wire_type => {
                wire(bytes, wire_type)?;
            }
        }
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Decoded<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(TRUNCATED)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(DecodeError("number has more than 64 bits"))
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
