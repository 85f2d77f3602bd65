//! Nodes of a document as their schema says they are to be read: numbers and times by their types, lists as sets or
//! maps, fields under escaped names. A part is read when an expression gets to it; what does not fit its schema is an
//! error at that place.
//!
//! Source: apiserver `pkg/cel/common/valuesunstructured.go`.

mod key;
mod list;
mod map;

pub use list::TypedList;
pub use map::TypedMap;

use super::{Arena, Error, List, MAX_MEMORY, Map, MapEntries, Opaque, TOO_MUCH_MEMORY, Val};
use crate::document::{NodeRef, NodeValue};
use list::Elements;
use std::sync::Arc;

/// Whether there is memory left for something large: sums of sets and decoded bytes cost no more than they do in Go,
/// where they are thrown away at once.
pub(crate) fn check_memory(arena: &Arena) -> super::Result<'static, ()> {
    if arena.allocated_bytes() > MAX_MEMORY { Err(Error::Static(&TOO_MUCH_MEMORY)) } else { Ok(()) }
}

/// How a node is read.
#[derive(Clone, Debug)]
pub struct NodeType {
    pub nullable: bool,
    pub shape: NodeShape,
}

/// What a node is read as.
#[derive(Clone, Debug)]
pub enum NodeShape {
    Boolean,
    Integer,
    Number,
    IntOrString,
    /// A string, or what its format makes of it.
    String(Option<ParseText>),
    List(Option<Arc<NodeType>>, ListKind),
    Map(NodeFields),
    /// A value without a schema, which can only be compared.
    Preserved,
    /// A schema whose values cannot be read, and why.
    Invalid(Box<str>),
}

/// Reads a string of a format.
pub type ParseText = for<'a> fn(&'a str, &'a Arena) -> Val<'a>;

/// How a list is compared and added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListKind {
    Atomic,
    Set,
    /// The escaped names of the keys.
    Map(Box<[Box<str>]>),
    /// No kind that there is.
    Invalid(Box<str>),
}

/// What an object's entries are.
#[derive(Clone, Debug)]
pub enum NodeFields {
    /// Fields with names; others cannot be seen.
    Properties(Vec<(Box<str>, Arc<NodeType>)>),
    /// Any keys, with values of one type.
    Additional(Arc<NodeType>),
    /// None that can be seen.
    Hidden,
}

impl NodeFields {
    /// Named fields, in any order.
    pub fn properties(mut properties: Vec<(Box<str>, Arc<NodeType>)>) -> NodeFields {
        properties.sort_by(|a, b| a.0.cmp(&b.0));
        NodeFields::Properties(properties)
    }

    fn of(&self, name: &str) -> Option<&NodeType> {
        match self {
            NodeFields::Properties(properties) => {
                let found = properties.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
                properties.get(found).map(|(_, kind)| &**kind)
            }
            NodeFields::Additional(kind) => Some(kind),
            NodeFields::Hidden => None,
        }
    }

    /// Whether keys are names of fields, which expressions escape.
    fn are_named(&self) -> bool {
        matches!(self, NodeFields::Properties(_))
    }
}

impl NodeType {
    /// The value of a node; an error where it does not fit.
    pub fn read<'a>(&'a self, node: NodeRef<'a>, arena: &'a Arena) -> Val<'a> {
        let fail = |text: &str| Val::Error(Error::message(arena, format_args!("{text}")));
        let wrong = |wanted: &str| {
            let found = go_type(node);
            Val::Error(Error::message(arena, format_args!("invalid data, expected {wanted}, got {found}")))
        };
        match (&self.shape, node.value()) {
            (_, NodeValue::Null) if self.nullable => Val::Null,
            (_, NodeValue::Null) => fail("invalid data, got null for schema with nullable=false"),
            (NodeShape::Boolean, NodeValue::Bool(value)) => Val::Bool(value),
            (NodeShape::Integer, NodeValue::Int(value)) => Val::Int(value),
            (NodeShape::Number, NodeValue::Int(value)) => Val::Double(value as f64),
            (NodeShape::Number, NodeValue::Double(value)) => Val::Double(value),
            (NodeShape::IntOrString, NodeValue::Int(value)) => Val::Int(value),
            (NodeShape::IntOrString | NodeShape::String(None), NodeValue::String(text)) => Val::String(text),
            (NodeShape::String(Some(parse)), NodeValue::String(text)) => parse(text, arena),
            (NodeShape::Map(fields), NodeValue::Map(map)) => {
                Val::Map(Map::Entries(arena.alloc(MapEntries::Typed(TypedMap { map, fields, arena }))))
            }
            (NodeShape::List(Some(items), kind), NodeValue::List(list)) => match kind {
                ListKind::Invalid(kind) => Val::Error(Error::message(
                    arena,
                    format_args!(
                        "invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got {kind}"
                    ),
                )),
                kind => {
                    let elements = Elements::Nodes(list, items);
                    Val::List(List::Typed(arena.alloc(TypedList { elements, kind, arena })))
                }
            },
            (NodeShape::List(None, _), NodeValue::List(_)) => {
                fail("invalid array type, expected Items with a non-empty Schema")
            }
            (NodeShape::Preserved, _) => Val::Opaque(Opaque::Preserved(arena.alloc(node))),
            (NodeShape::Boolean, _) => wrong("bool"),
            (NodeShape::Integer, _) => wrong("int"),
            (NodeShape::Number, _) => wrong("float"),
            (NodeShape::String(_), _) => wrong("string"),
            (NodeShape::IntOrString, _) => {
                fail("invalid data, expected XIntOrString value to be either a string or integer")
            }
            (NodeShape::Map(_), _) => {
                fail("invalid data, expected a map for the provided schema with type=object")
            }
            (NodeShape::List(..), _) => {
                fail("invalid data, expected an array for the provided schema with type=array")
            }
            (NodeShape::Invalid(text), _) => fail(text),
        }
    }
}

/// The Go type of unstructured data.
fn go_type(node: NodeRef<'_>) -> &'static str {
    match node.value() {
        NodeValue::Null => "<nil>",
        NodeValue::Bool(_) => "bool",
        NodeValue::Int(_) => "int64",
        NodeValue::Double(_) => "float64",
        NodeValue::String(_) => "string",
        NodeValue::List(_) => "[]interface {}",
        NodeValue::Map(_) => "map[string]interface {}",
    }
}

/// Whether a value is what a node without a schema holds.
pub(super) fn preserved_equal(node: NodeRef<'_>, other: &Val<'_>) -> bool {
    match (node.value(), other) {
        (_, Val::Opaque(Opaque::Preserved(other))) => node.deep_equal(**other),
        (NodeValue::Bool(a), Val::Bool(b)) => a == *b,
        (NodeValue::Int(a), Val::Int(b)) => a == *b,
        (NodeValue::Double(a), Val::Double(b)) => a == *b,
        (NodeValue::String(a), Val::String(b)) => a == *b,
        (NodeValue::List(_), Val::List(List::Typed(list))) => {
            list.node().is_some_and(|other| node.deep_equal(other))
        }
        (NodeValue::Map(_), Val::Map(map)) => map.typed().is_some_and(|map| node.deep_equal(map.node())),
        _ => false,
    }
}
