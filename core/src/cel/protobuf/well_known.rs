//! The types of google/protobuf/{any,duration,empty,struct,timestamp,wrappers}.proto, which every environment has.

use crate::cel::message::{Default, Field, Kind, Schema, Shape};

/// A schema with the well-known types and nothing else.
pub(crate) fn schema() -> Schema {
    let mut schema = Schema::default();
    let [any, duration, timestamp, object, value, list, _] =
        ["Any", "Duration", "Timestamp", "Struct", "Value", "ListValue", "Empty"]
            .map(|name| schema.add_message(&format!("google.protobuf.{name}")));
    let wrappers = [
        ("BoolValue", Kind::Bool),
        ("BytesValue", Kind::Bytes),
        ("DoubleValue", Kind::Double),
        ("FloatValue", Kind::Float),
        ("Int32Value", Kind::Int32),
        ("Int64Value", Kind::Int64),
        ("StringValue", Kind::String),
        ("UInt32Value", Kind::Uint32),
        ("UInt64Value", Kind::Uint64),
    ];
    for (name, kind) in wrappers {
        let wrapper = schema.add_message(&format!("google.protobuf.{name}"));
        schema.add_field(wrapper, field("value", 1, kind));
    }
    let null = schema.add_enum("google.protobuf.NullValue", vec![("NULL_VALUE".into(), 0)]);
    schema.add_field(any, field("type_url", 1, Kind::String));
    schema.add_field(any, field("value", 2, Kind::Bytes));
    for time in [duration, timestamp] {
        schema.add_field(time, field("seconds", 1, Kind::Int64));
        schema.add_field(time, field("nanos", 2, Kind::Int32));
    }
    let fields = Field { shape: Shape::Map(Kind::String), ..field("fields", 1, Kind::Message(value)) };
    schema.add_field(object, fields);
    let kinds = [
        ("null_value", Kind::Enum(null)),
        ("number_value", Kind::Double),
        ("string_value", Kind::String),
        ("bool_value", Kind::Bool),
        ("struct_value", Kind::Message(object)),
        ("list_value", Kind::Message(list)),
    ];
    for ((name, kind), number) in kinds.into_iter().zip(1..) {
        schema.add_field(value, Field { presence: true, oneof: Some(0), ..field(name, number, kind) });
    }
    let values = Field { shape: Shape::Repeated, ..field("values", 1, Kind::Message(value)) };
    schema.add_field(list, values);
    schema
}

/// A field of proto3.
fn field(name: &str, number: u32, kind: Kind) -> Field {
    Field {
        name: name.into(),
        json_name: name.into(),
        number,
        kind,
        shape: Shape::Singular,
        presence: false,
        oneof: None,
        default: Default::Zero,
    }
}
