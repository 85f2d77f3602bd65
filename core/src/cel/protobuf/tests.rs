#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use crate::cel::environment::{Env, Version};
use crate::cel::message::{Default, Field, Kind, Schema, Shape};
use crate::cel::program::{Activation, PER_CALL_LIMIT};
use crate::cel::value::{Arena, Opaque, Val};
use proptest::prelude::*;
use std::sync::Arc;

fn field(name: &str, number: u32, kind: Kind, shape: Shape) -> Field {
    Field {
        name: name.into(),
        json_name: name.into(),
        number,
        kind,
        shape,
        presence: false,
        oneof: None,
        default: Default::Zero,
    }
}

/// `message Node { string name = 1; Node next = 2; repeated sint32 numbers = 3; map<int64, Node> by = 4;
/// google.protobuf.Any any = 5; Node group = 6 (a group); }`
fn schema() -> Schema {
    let mut schema = super::well_known_schema();
    let node = schema.add_message("test.Node");
    let any = schema.add_message("google.protobuf.Any");
    schema.add_field(node, field("name", 1, Kind::String, Shape::Singular));
    schema.add_field(node, field("next", 2, Kind::Message(node), Shape::Singular));
    schema.add_field(node, field("numbers", 3, Kind::Sint32, Shape::Repeated));
    schema.add_field(node, field("by", 4, Kind::Message(node), Shape::Map(Kind::Int64)));
    schema.add_field(node, field("any", 5, Kind::Message(any), Shape::Singular));
    schema.add_field(node, field("group", 6, Kind::Group(node), Shape::Singular));
    schema
}

fn shown(expression: &str, node: &[u8]) -> String {
    let env = Env::general().with_schema(Arc::new(schema()));
    let kind = env.schema().named_type("test.Node").unwrap();
    let env = env.with_variable("node", kind);
    let arena = Arena::new();
    let value = env.schema().decode("test.Node", node, &arena).unwrap();
    let program = env.compile(expression).unwrap();
    let slots = [Some(value)];
    let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
    match evaluation.value {
        Val::Error(error) => format!("error: {error}"),
        value => crate::cel::value::plain(&value),
    }
}

/// A field of the wire type for bytes.
fn bytes(number: u8, inside: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = inside.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(inside);
    out
}

#[test]
fn fields_are_read_off_the_wire() {
    let node = [bytes(1, b"root"), bytes(3, &[1, 2]), vec![0x18, 3], bytes(2, &bytes(1, b"child"))].concat();
    assert_eq!(shown("node.name + '/' + node.next.name", &node), "root/child");
    // Packed or not, the numbers are of one list; sint32 has its sign in the lowest bit.
    assert_eq!(shown("node.numbers == [-1, 1, -2]", &node), "true");
    assert_eq!(
        shown("node == test.Node{name: 'root', numbers: [-1, 1, -2], next: test.Node{name: 'child'}}", &node),
        "true"
    );
    assert_eq!(shown("has(node.next) && !has(node.next.next)", &node), "true");
    assert_eq!(shown("has(node.next.next.next)", &node), "false");
}

#[test]
fn maps_and_groups_are_read_off_the_wire() {
    let entry = [vec![0x08, 7], bytes(2, &bytes(1, b"seven"))].concat();
    let group = [vec![0x33], bytes(1, b"grouped"), vec![0x34]].concat();
    let node = [bytes(4, &entry), bytes(4, &[]), group].concat();
    assert_eq!(shown("node.by[7].name + ',' + node.group.name", &node), "seven,grouped");
    assert_eq!(shown("node.by[0] == test.Node{}", &node), "true");
}

#[test]
fn an_any_that_cannot_be_unpacked_fails_when_it_is_read() {
    let any = bytes(5, &bytes(1, b"type.googleapis.com/test.Unknown"));
    assert_eq!(shown("node == node", &any), "true");
    assert!(shown("node.any == 1", &any).starts_with("error: unsupported conversion to ref.Val"));
    let wrapped = [bytes(1, b"x/google.protobuf.Int32Value"), bytes(2, &[0x08, 5])].concat();
    assert_eq!(shown("node.any", &bytes(5, &wrapped)), "5");
}

#[test]
fn fields_of_another_schema_count_in_comparisons() {
    let unknown = [bytes(1, b"a"), vec![0x78, 1]].concat();
    assert_eq!(shown("node.name", &unknown), "a");
    assert_eq!(shown("node == test.Node{name: 'a'}", &unknown), "false");
}

#[test]
fn nesting_is_bounded_through_any_too() {
    let schema = schema();
    let arena = Arena::new();
    let mut node = Vec::new();
    for _ in 0..20_000 {
        node = bytes(5, &[bytes(1, b"/test.Node"), bytes(2, &node)].concat());
    }
    let Val::Opaque(Opaque::Message(_)) = schema.decode("test.Node", &node, &arena).unwrap() else {
        panic!()
    };
    let mut node = Vec::new();
    for _ in 0..20_000 {
        node = bytes(2, &node);
    }
    assert!(schema.decode("test.Node", &node, &arena).is_err());
    assert!(schema.decode("test.Node", &vec![0x33; 20_000], &arena).is_err());
    assert!(schema.decode("test.Node", &vec![0x7b; 20_000], &arena).is_err());
}

#[test]
fn a_kubernetes_expression_may_use_the_well_known_types() {
    let env = Env::kubernetes(Version::default());
    assert!(env.compile("google.protobuf.Int32Value{value: 1} + 1 == 2").is_ok());
    assert!(env.compile("test.Node{}").is_err());
}

proptest! {
    /// No bytes crash the reader, and what it reads equals itself unless a number in it does not.
    #[test]
    fn any_bytes_are_a_message_or_an_error(
        bytes in proptest::collection::vec(
            prop_oneof![
                any::<u8>(),
                0..12_u8,
                // Tags of the fields above.
                prop::sample::select(vec![0x0a, 0x12, 0x1a, 0x18, 0x22, 0x2a, 0x33, 0x34, 0x08, 0x10]),
            ],
            0..200,
        ),
        name in prop::sample::select(vec!["test.Node", "google.protobuf.Struct", "google.protobuf.Any",
            "google.protobuf.Value", "google.protobuf.Timestamp", "google.protobuf.Duration"]),
    ) {
        let schema = schema();
        let arena = Arena::new();
        if let Ok(value) = schema.decode(name, &bytes, &arena) {
            let again = schema.decode(name, &bytes, &arena).unwrap();
            let text = format!("{value:?}");
            prop_assert!(value.equal(&again) || text.contains("NaN"));
            // Whatever came in can be written out.
            let _ = crate::cel::value::plain(&value);
            let _ = serde_json::to_string(&crate::cel::program::Encoded(&value));
        }
    }
}
