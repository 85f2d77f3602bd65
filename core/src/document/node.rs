//! Reading a document: references to its nodes, lists and maps. All are `Copy` and two words.

use super::object::{Kind, Node, Object, Origin, Text};
use crate::source::Span;
use std::borrow::Cow;

/// A node of a document.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'a> {
    object: &'a Object,
    index: u32,
}

/// What a node holds.
#[derive(Clone, Copy, Debug)]
pub enum NodeValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    String(&'a str),
    List(ListRef<'a>),
    Map(MapRef<'a>),
}

/// A list of a document.
#[derive(Clone, Copy, Debug)]
pub struct ListRef<'a>(NodeRef<'a>);

/// A map of a document; its keys are strings, in the order in which they were written.
#[derive(Clone, Copy, Debug)]
pub struct MapRef<'a>(NodeRef<'a>);

/// A field's name with its hash worked out in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    name: Cow<'static, str>,
    hash: u32,
}

impl FieldName {
    pub fn new(name: impl Into<Cow<'static, str>>) -> FieldName {
        let name = name.into();
        FieldName { hash: hash(name.as_bytes()), name }
    }

    #[inline]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    #[inline]
    pub(crate) fn hash(&self) -> u32 {
        self.hash
    }
}

/// A fast hash of keys, the same in each run. Collisions cost a comparison, never a wrong answer.
#[inline]
pub(super) fn hash(key: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9fb2_1c65_1e98_df25;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ key.len() as u64;
    let rest = match key.last_chunk::<8>() {
        Some(last) => {
            for word in key.as_chunks::<8>().0 {
                state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
                state ^= state >> 32;
            }
            u64::from_le_bytes(*last)
        }
        // Two words that overlap are all bytes.
        None => match (key.first_chunk::<4>(), key.last_chunk::<4>()) {
            (Some(front), Some(back)) => {
                u64::from(u32::from_le_bytes(*front)) << 32 | u64::from(u32::from_le_bytes(*back))
            }
            _ => key.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        },
    };
    ((state ^ rest).wrapping_mul(FACTOR) >> 32) as u32
}

impl<'a> NodeRef<'a> {
    /// Whether both are one node of a constant. Go reads nodes of documents anew each time.
    pub(crate) fn is_same_constant(self, other: NodeRef<'_>) -> bool {
        std::ptr::eq(self.object, other.object) && self.index == other.index && self.is_constant()
    }

    pub(crate) fn is_constant(self) -> bool {
        self.object.constant
    }

    #[inline]
    pub(super) fn new(object: &'a Object, index: u32) -> NodeRef<'a> {
        NodeRef { object, index }
    }

    pub(super) fn index(self) -> u32 {
        self.index
    }

    /// The document that the node belongs to.
    pub fn object(self) -> &'a Object {
        self.object
    }

    #[inline]
    fn node(self) -> Option<&'a Node> {
        self.object.nodes.get(self.index as usize)
    }

    /// What the node holds.
    #[inline]
    pub fn value(self) -> NodeValue<'a> {
        let Some(node) = self.node() else { return NodeValue::Null };
        match node.kind {
            Kind::Null => NodeValue::Null,
            Kind::Bool => NodeValue::Bool(node.payload != 0),
            Kind::Int => NodeValue::Int(node.payload as i64),
            Kind::Double => NodeValue::Double(f64::from_bits(node.payload)),
            Kind::String => NodeValue::String(self.object.resolve(Text::from_bits(node.payload))),
            Kind::List => NodeValue::List(ListRef(self)),
            Kind::Map => NodeValue::Map(MapRef(self)),
        }
    }

    /// The place of the value in the text.
    pub fn span(self) -> Span {
        self.object.spans.get(self.index as usize).map(|spans| spans.value).unwrap_or_default()
    }

    /// The place of the key before the value, empty when the node is no map entry.
    pub fn key_span(self) -> Span {
        self.object.spans.get(self.index as usize).map(|spans| spans.key).unwrap_or_default()
    }

    /// Whether the value was written, or set by default.
    pub fn origin(self) -> Origin {
        self.node().map(|node| node.origin).unwrap_or_default()
    }

    /// The hash of the key before the value, as [`FieldName`] has it.
    #[inline]
    pub(crate) fn key_hash(self) -> u32 {
        self.object.hashes.get(self.index as usize).copied().unwrap_or_default()
    }

    pub fn as_str(self) -> Option<&'a str> {
        if let NodeValue::String(text) = self.value() { Some(text) } else { None }
    }

    pub fn as_bool(self) -> Option<bool> {
        if let NodeValue::Bool(value) = self.value() { Some(value) } else { None }
    }

    pub fn as_int(self) -> Option<i64> {
        if let NodeValue::Int(value) = self.value() { Some(value) } else { None }
    }

    pub fn as_list(self) -> Option<ListRef<'a>> {
        if let NodeValue::List(list) = self.value() { Some(list) } else { None }
    }

    pub fn as_map(self) -> Option<MapRef<'a>> {
        if let NodeValue::Map(map) = self.value() { Some(map) } else { None }
    }

    pub fn is_null(self) -> bool {
        matches!(self.value(), NodeValue::Null)
    }

    /// The entry of a map, `None` when the node is no map or has no such key.
    pub fn field(self, key: &str) -> Option<NodeRef<'a>> {
        self.as_map()?.lookup(key)
    }

    #[inline]
    fn children(self) -> (u32, u32) {
        self.node().map_or((0, 0), |node| ((node.payload >> 32) as u32, node.payload as u32))
    }
}

/// References are equal when they are to the same node of the same document.
impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.object, other.object) && self.index == other.index
    }
}

impl<'a> ListRef<'a> {
    /// Whether both are one constant of a program.
    pub(crate) fn is_same_constant(self, other: ListRef<'_>) -> bool {
        self.0.is_same_constant(other.0)
    }

    pub fn node(self) -> NodeRef<'a> {
        self.0
    }

    #[inline]
    pub fn len(self) -> usize {
        self.0.children().1 as usize
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at a position, in constant time.
    #[inline]
    pub fn at(self, position: usize) -> Option<NodeRef<'a>> {
        let (first, count) = self.0.children();
        let position = u32::try_from(position).ok().filter(|&position| position < count)?;
        Some(NodeRef::new(self.0.object, first + position))
    }

    pub fn iter(self) -> impl ExactSizeIterator<Item = NodeRef<'a>> + use<'a> {
        let (first, count) = self.0.children();
        (0..count as usize).map(move |position| NodeRef::new(self.0.object, first + position as u32))
    }
}

impl<'a> MapRef<'a> {
    /// Whether both are one constant of a program.
    pub(crate) fn is_same_constant(self, other: MapRef<'_>) -> bool {
        self.0.is_same_constant(other.0)
    }

    pub fn node(self) -> NodeRef<'a> {
        self.0
    }

    #[inline]
    pub fn len(self) -> usize {
        self.0.children().1 as usize
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entry at a position, in the order of writing.
    #[inline]
    pub fn at(self, position: usize) -> Option<(&'a str, NodeRef<'a>)> {
        let (first, count) = self.0.children();
        let position = u32::try_from(position).ok().filter(|&position| position < count)?;
        let entry = NodeRef::new(self.0.object, first + position);
        Some((self.0.object.resolve(entry.node()?.key), entry))
    }

    pub fn iter(self) -> impl Iterator<Item = (&'a str, NodeRef<'a>)> + use<'a> {
        (0..self.len()).filter_map(move |position| self.at(position))
    }

    /// The value of a key whose hash is known.
    #[inline]
    pub fn field(self, name: &FieldName) -> Option<NodeRef<'a>> {
        self.find(&name.name, name.hash)
    }

    /// The value of a key.
    pub fn lookup(self, key: &str) -> Option<NodeRef<'a>> {
        self.find(key, hash(key.as_bytes()))
    }

    #[inline]
    fn find(self, key: &str, hash: u32) -> Option<NodeRef<'a>> {
        let object = self.0.object;
        object.find(self.0.node()?, key.as_bytes(), hash).map(|at| NodeRef::new(object, at))
    }
}
