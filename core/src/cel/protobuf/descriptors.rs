//! A schema from a `FileDescriptorSet`, as `protoc --descriptor_set_out --include_imports` writes one.

use super::well_known;
use crate::cel::message::{Default, Field, Kind, Schema, Shape};
use prost_reflect as reflect;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
};
use std::fmt;

/// Why bytes are no descriptor set.
#[derive(Debug)]
pub struct DescriptorError(reflect::DescriptorError);

impl fmt::Display for DescriptorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DescriptorError {}

impl Schema {
    /// The well-known types and those of an encoded `FileDescriptorSet`, which must hold all files that its files
    /// import.
    pub fn from_descriptor_set(bytes: &[u8]) -> Result<Schema, DescriptorError> {
        let pool = DescriptorPool::decode(bytes).map_err(DescriptorError)?;
        let mut schema = well_known::schema();
        for kind in pool.all_enums() {
            enum_position(&mut schema, &kind);
        }
        for message in pool.all_messages().filter(|message| !message.is_map_entry()) {
            let position = schema.add_message(message.full_name());
            for field in message.fields() {
                let field = plain_field(&mut schema, &field);
                schema.add_field(position, field);
            }
        }
        for extension in pool.all_extensions() {
            let position = schema.add_message(extension.containing_message().full_name());
            let field = extension_field(&mut schema, &extension);
            schema.add_field(position, field);
        }
        Ok(schema)
    }
}

fn plain_field(schema: &mut Schema, field: &FieldDescriptor) -> Field {
    // A `oneof` that only marks a field as optional has no other members.
    let oneof = field.containing_oneof().filter(|oneof| oneof.fields().len() > 1);
    let position = oneof.and_then(|oneof| field.parent_message().oneofs().position(|other| other == oneof));
    let (kind, shape) = kind_and_shape(schema, field.kind(), field.is_list(), field.is_group());
    Field {
        name: field.name().into(),
        json_name: field.json_name().into(),
        number: field.number(),
        kind,
        shape,
        presence: field.supports_presence(),
        oneof: position,
        default: default(shape, field.default_value()),
    }
}

fn extension_field(schema: &mut Schema, field: &ExtensionDescriptor) -> Field {
    let (kind, shape) = kind_and_shape(schema, field.kind(), field.is_list(), field.is_group());
    Field {
        name: field.full_name().into(),
        json_name: format!("[{}]", field.full_name()).into(),
        number: field.number(),
        kind,
        shape,
        presence: field.supports_presence(),
        oneof: None,
        default: default(shape, field.default_value()),
    }
}

fn kind_and_shape(schema: &mut Schema, kind: reflect::Kind, is_list: bool, is_group: bool) -> (Kind, Shape) {
    if let reflect::Kind::Message(entry) = &kind
        && entry.is_map_entry()
    {
        let key = kind_of(schema, entry.map_entry_key_field().kind(), false);
        let value = kind_of(schema, entry.map_entry_value_field().kind(), false);
        return (value, Shape::Map(key));
    }
    (kind_of(schema, kind, is_group), if is_list { Shape::Repeated } else { Shape::Singular })
}

fn kind_of(schema: &mut Schema, kind: reflect::Kind, is_group: bool) -> Kind {
    match kind {
        reflect::Kind::Double => Kind::Double,
        reflect::Kind::Float => Kind::Float,
        reflect::Kind::Int32 => Kind::Int32,
        reflect::Kind::Int64 => Kind::Int64,
        reflect::Kind::Uint32 => Kind::Uint32,
        reflect::Kind::Uint64 => Kind::Uint64,
        reflect::Kind::Sint32 => Kind::Sint32,
        reflect::Kind::Sint64 => Kind::Sint64,
        reflect::Kind::Fixed32 => Kind::Fixed32,
        reflect::Kind::Fixed64 => Kind::Fixed64,
        reflect::Kind::Sfixed32 => Kind::Sfixed32,
        reflect::Kind::Sfixed64 => Kind::Sfixed64,
        reflect::Kind::Bool => Kind::Bool,
        reflect::Kind::String => Kind::String,
        reflect::Kind::Bytes => Kind::Bytes,
        reflect::Kind::Message(message) => {
            let position = message_position(schema, &message);
            if is_group { Kind::Group(position) } else { Kind::Message(position) }
        }
        reflect::Kind::Enum(kind) => Kind::Enum(enum_position(schema, &kind)),
    }
}

fn message_position(schema: &mut Schema, message: &MessageDescriptor) -> usize {
    schema.add_message(message.full_name())
}

fn enum_position(schema: &mut Schema, kind: &EnumDescriptor) -> usize {
    let values = kind.values().map(|value| (value.name().into(), value.number())).collect();
    schema.add_enum(kind.full_name(), values)
}

/// The default of proto2, or the first value of an enum, where it is not zero.
fn default(shape: Shape, value: reflect::Value) -> Default {
    if shape != Shape::Singular {
        return Default::Zero;
    }
    match value {
        reflect::Value::Bool(value) if value => Default::Bool(value),
        reflect::Value::I32(value) if value != 0 => Default::Int(value.into()),
        reflect::Value::I64(value) if value != 0 => Default::Int(value),
        reflect::Value::EnumNumber(value) if value != 0 => Default::Int(value.into()),
        reflect::Value::U32(value) if value != 0 => Default::Uint(value.into()),
        reflect::Value::U64(value) if value != 0 => Default::Uint(value),
        reflect::Value::F32(value) if value != 0.0 => Default::Double(value.into()),
        reflect::Value::F64(value) if value != 0.0 => Default::Double(value),
        reflect::Value::String(value) if !value.is_empty() => Default::String(value.into()),
        reflect::Value::Bytes(value) if !value.is_empty() => Default::Bytes(value.to_vec().into()),
        _ => Default::Zero,
    }
}
