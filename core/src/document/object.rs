//! [`Object`]: all nodes of one document in one vector, the children of a container side by side.

use super::key::position;
use super::node::NodeRef;
use crate::source::Span;
use std::sync::Arc;

/// Maps with more entries than this carry a sorted index; in others the hashes of keys, which lie side by side, are read
/// from the front.
pub(super) const INDEX_OVER: u32 = 32;

/// One document: flat, immutable, shareable between threads.
///
/// A list element is found in constant time; a map entry by a 32-bit hash that is then confirmed by its text, in a
/// short scan for small maps and by binary search for large ones.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// The text that was read; unescaped strings point into it.
    pub(super) text: Arc<String>,
    /// Strings that do not stand in the text as they are.
    pub(super) decoded: String,
    pub(super) nodes: Vec<Node>,
    /// The hash of each node's key, as [`super::FieldName`] has it.
    pub(super) hashes: Vec<u32>,
    pub(super) spans: Vec<NodeSpans>,
    /// Positions of map entries sorted by (hash, key), for large maps.
    pub(super) index: Vec<u32>,
    pub(super) root: u32,
    /// Keys that were written more than once in one map; the last one counts.
    pub(super) duplicates: Vec<Span>,
    /// A constant of an expression rather than a document.
    pub(super) constant: bool,
}

/// A value, and its key when it is an entry of a map.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    /// The scalar's bits, a string's [`Text`], or first child and count.
    pub(super) payload: u64,
    pub(super) key: Text,
    /// For a large map, where its part of the index begins.
    pub(super) index: u32,
    pub(super) kind: Kind,
    pub(super) origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It was written; its form may have been made canonical.
    #[default]
    Written,
    /// A default, or something that the API server sets.
    Defaulted,
    /// Nothing that counts, but its type is there even when it is empty.
    Empty,
    /// Taken over from the object that is replaced.
    Carried,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Null,
    Bool,
    Int,
    Double,
    String,
    List,
    Map,
}

/// Where the bytes of a key and of a value stand in the text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeSpans {
    pub(super) key: Span,
    pub(super) value: Span,
}

/// A string by place: the top bit of `length` says that it lies in `decoded` and not in the text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Text {
    pub(super) offset: u32,
    pub(super) length: u32,
}

const DECODED: u32 = 1 << 31;

impl Text {
    pub(super) fn in_source(offset: usize, length: usize) -> Text {
        Text { offset: offset as u32, length: length as u32 & !DECODED }
    }

    pub(super) fn in_decoded(offset: usize, length: usize) -> Text {
        Text { offset: offset as u32, length: length as u32 | DECODED }
    }

    pub(super) fn to_bits(self) -> u64 {
        u64::from(self.offset) << 32 | u64::from(self.length)
    }

    pub(super) fn from_bits(bits: u64) -> Text {
        Text { offset: (bits >> 32) as u32, length: bits as u32 }
    }

    #[inline]
    pub(super) fn bytes_within<'t>(self, text: &'t str, decoded: &'t str) -> &'t [u8] {
        let buffer = if self.length & DECODED == 0 { text } else { decoded };
        let start = self.offset as usize;
        buffer.as_bytes().get(start..start + (self.length & !DECODED) as usize).unwrap_or_default()
    }

    #[inline]
    pub(super) fn within<'t>(self, text: &'t str, decoded: &'t str) -> &'t str {
        let buffer = if self.length & DECODED == 0 { text } else { decoded };
        let start = self.offset as usize;
        buffer.get(start..start + (self.length & !DECODED) as usize).unwrap_or_default()
    }
}

impl Object {
    /// The whole document's value.
    #[inline]
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef::new(self, self.root)
    }

    /// The text that was read, for excerpts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Places of keys that stood in their map before; JSON and YAML keep the last.
    pub fn duplicate_keys(&self) -> &[Span] {
        &self.duplicates
    }

    /// The nodes that are defaults, with what is in them.
    pub fn defaulted(&self) -> impl Iterator<Item = NodeRef<'_>> {
        let all = self.nodes.iter().zip(0..);
        all.filter(|(node, _)| node.origin == Origin::Defaulted).map(|(_, at)| NodeRef::new(self, at))
    }

    /// The node itself, or when it was not written the innermost one around it that was.
    pub fn written<'o>(&'o self, node: NodeRef<'o>) -> NodeRef<'o> {
        let mut at = node.index();
        while at != self.root && self.nodes.get(at as usize).is_some_and(|own| own.origin != Origin::Written)
        {
            let Some(parent) = self.parent(at) else { break };
            at = parent;
        }
        NodeRef::new(self, at)
    }

    pub(crate) fn into_constant(self) -> Object {
        Object { constant: true, ..self }
    }

    /// The text, for documents that stand in it too.
    pub(crate) fn shared_text(&self) -> Arc<String> {
        Arc::clone(&self.text)
    }

    /// The field path of a node, `spec.containers[0].image`; empty for the root.
    pub fn path(&self, node: NodeRef<'_>) -> String {
        let mut steps = Vec::new();
        let mut at = node.index();
        while at != self.root {
            let Some(parent) = self.parent(at) else { break };
            let (Some(node), Some(container)) =
                (self.nodes.get(at as usize), self.nodes.get(parent as usize))
            else {
                break;
            };
            steps.push(match container.kind {
                Kind::Map => step_name(self.resolve(node.key)),
                _ => format!("[{}]", at - (container.payload >> 32) as u32),
            });
            at = parent;
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    /// All strings that are values.
    pub(crate) fn strings(&self) -> impl Iterator<Item = (&str, NodeRef<'_>)> {
        self.nodes
            .iter()
            .zip(0..)
            .filter(|(node, _)| node.kind == Kind::String)
            .map(|(node, at)| (self.resolve(Text::from_bits(node.payload)), NodeRef::new(self, at)))
    }

    /// The entry of a key among the children of a map.
    pub(super) fn find(&self, map: &Node, key: &[u8], hash: u32) -> Option<u32> {
        let (first, count) = ((map.payload >> 32) as usize, map.payload as u32 as usize);
        if count > INDEX_OVER as usize {
            return self.search(map, key, hash);
        }
        let hashes = self.hashes.get(first..first + count)?;
        let is_it = |at: usize| self.nodes.get(at).is_some_and(|node| same(self.bytes(node.key), key));
        let mut from = 0;
        while let Some(at) = position(hashes.get(from..)?, hash) {
            if is_it(first + from + at) {
                return Some((first + from + at) as u32);
            }
            from += at + 1;
        }
        None
    }

    pub(super) fn search(&self, map: &Node, key: &[u8], hash: u32) -> Option<u32> {
        let start = map.index as usize;
        let order = self.index.get(start..start + map.payload as u32 as usize)?;
        let own = |at: &u32| self.hashes.get(*at as usize).copied().unwrap_or_default();
        let from = order.partition_point(|at| own(at) < hash);
        let fitting = order.get(from..)?.iter().take_while(|at| own(at) == hash);
        let is_it =
            |at: &u32| self.nodes.get(*at as usize).is_some_and(|node| same(self.bytes(node.key), key));
        fitting.copied().find(is_it)
    }

    fn parent(&self, child: u32) -> Option<u32> {
        let holds = |node: &Node| {
            let (first, count) = ((node.payload >> 32) as u32, node.payload as u32);
            matches!(node.kind, Kind::List | Kind::Map) && first <= child && child - first < count
        };
        self.nodes.iter().position(holds).map(|at| at as u32)
    }

    /// The bytes of a string, which takes less than to see that they are whole characters.
    #[inline]
    pub(super) fn bytes(&self, text: Text) -> &[u8] {
        text.bytes_within(&self.text, &self.decoded)
    }

    #[inline]
    pub(super) fn resolve(&self, text: Text) -> &str {
        text.within(&self.text, &self.decoded)
    }
}

/// Whether two keys are the same; without a call for the usual lengths.
#[inline]
pub(crate) fn same_key(a: &str, b: &str) -> bool {
    same(a.as_bytes(), b.as_bytes())
}

/// The same of their bytes.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if let (Some(front), Some(other)) = (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        return front == other
            && (a.len() == 8 || a.len() <= 16 && a.last_chunk::<8>() == b.last_chunk::<8>())
            || a.len() > 16 && a == b;
    }
    if let (Some(front), Some(other)) = (a.first_chunk::<4>(), b.first_chunk::<4>()) {
        return front == other && a.last_chunk::<4>() == b.last_chunk::<4>();
    }
    a.first() == b.first() && a.last_chunk::<2>() == b.last_chunk::<2>()
}

/// A key in a path: plain, or in brackets when it holds a dot or the like.
fn step_name(key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { key.to_owned() } else { format!("[{key:?}]") }
}
