//! Building an [`Object`] from events; every reader uses it.

use super::error::{DocumentError, ErrorKind};
use super::json::Buffers;
use super::limits::Limits;
use super::node::hash;
use super::object::{INDEX_OVER, Kind, Node, NodeSpans, Object, Origin, Text, same};
use crate::source::Span;
use std::cmp::Ordering;
use std::sync::Arc;

/// Receives a document as events and lays it out; keeps its buffers for the next document.
#[derive(Debug, Default)]
pub struct ObjectBuilder {
    object: Object,
    /// An empty document to put in the place of the one that is handed over.
    spare: Option<Object>,
    limits: Limits,
    /// Values whose container is still open.
    pending: Vec<Entry>,
    open: Vec<Open>,
    key: Keyed,
    /// How many values were read that are not kept, and where those begin that are still open.
    skipped: usize,
    /// Whether repeated keys are noted as they are dropped; they are not when the reader sees more keys.
    pub(super) notes_duplicates: bool,
    skipped_open: Vec<Span>,
    pub(super) reading: Buffers,
    /// Positions of entries, while duplicates are looked for.
    sorted: Vec<usize>,
}

/// A value, and its key when it is an entry of a map.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: Node,
    key_hash: u32,
    spans: NodeSpans,
}

/// The key of the value that comes next, empty when it is no entry of a map. It is given before each entry, and kept
/// while a container is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed {
    pub(super) text: Text,
    pub(super) hash: u32,
    span: Span,
}

impl Default for Keyed {
    fn default() -> Keyed {
        Keyed { text: Text::default(), hash: hash(b""), span: Span::default() }
    }
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// Where the container's children begin in `pending`.
    base: usize,
    key: Keyed,
    start: Span,
}

/// A string handed to the builder.
#[derive(Clone, Copy, Debug)]
pub enum Str<'s> {
    /// Bytes `offset..offset + length` of the text, which must be its own UTF-8.
    Source { offset: usize, length: usize },
    /// A string that the text does not hold as it is.
    Owned(&'s str),
}

impl ObjectBuilder {
    pub fn new(limits: Limits) -> ObjectBuilder {
        ObjectBuilder { limits, ..ObjectBuilder::default() }
    }

    /// Starts a document over a text, reusing the buffers of `recycled`.
    pub fn start(&mut self, text: &str, recycled: Object) {
        self.spare = Some(std::mem::replace(&mut self.object, recycled));
        match Arc::get_mut(&mut self.object.text) {
            Some(buffer) => {
                buffer.clear();
                buffer.push_str(text);
            }
            None => self.object.text = Arc::new(text.to_owned()),
        }
        self.clear();
        self.reserve(text.len());
    }

    /// Makes place for what a text of such a length tends to hold.
    fn reserve(&mut self, bytes: usize) {
        let nodes = (bytes / 16).min(4_096);
        self.object.nodes.reserve(nodes);
        self.object.hashes.reserve(nodes);
        self.object.spans.reserve(nodes);
        self.pending.reserve(nodes.min(64));
        self.open.reserve(16);
    }

    /// Starts a document without a text in the buffers of `recycled`, which gets the builder's own in exchange.
    pub(crate) fn restart(&mut self, recycled: &mut Object) {
        std::mem::swap(&mut self.object, recycled);
        self.clear();
    }

    /// Hands over the finished document in exchange for other buffers; says whether there is one.
    pub(crate) fn finish_into(&mut self, object: &mut Object) -> bool {
        let finished = self.seal().is_some();
        if finished {
            std::mem::swap(&mut self.object, object);
        }
        finished
    }

    /// Starts a document over a text that other documents share.
    pub fn start_shared(&mut self, text: Arc<String>) {
        self.object = Object { text, ..Object::default() };
        self.clear();
    }

    /// Makes place for so many values.
    pub(super) fn expect(&mut self, values: usize) {
        self.object.nodes.reserve(values);
        self.object.hashes.reserve(values);
        self.object.spans.reserve(values);
    }

    fn clear(&mut self) {
        self.object.decoded.clear();
        self.object.nodes.clear();
        self.object.hashes.clear();
        self.object.spans.clear();
        self.object.index.clear();
        self.object.duplicates.clear();
        self.pending.clear();
        self.open.clear();
        self.key = Keyed::default();
        self.skipped = 0;
        self.skipped_open.clear();
        self.notes_duplicates = true;
    }

    pub fn null(&mut self, span: Span) -> Result<(), DocumentError> {
        self.value(Kind::Null, 0, span)
    }

    pub fn bool(&mut self, value: bool, span: Span) -> Result<(), DocumentError> {
        self.value(Kind::Bool, u64::from(value), span)
    }

    pub fn int(&mut self, value: i64, span: Span) -> Result<(), DocumentError> {
        self.value(Kind::Int, value as u64, span)
    }

    pub fn double(&mut self, value: f64, span: Span) -> Result<(), DocumentError> {
        self.value(Kind::Double, value.to_bits(), span)
    }

    pub fn string(&mut self, value: Str<'_>, span: Span) -> Result<(), DocumentError> {
        let text = self.store(value);
        self.value(Kind::String, text.to_bits(), span)
    }

    /// The key of the value that comes next.
    pub fn key(&mut self, key: Str<'_>, span: Span) {
        let text = self.store(key);
        self.key = Keyed { text, hash: hash(self.object.bytes(text)), span };
    }

    /// The same for a key that stands in the text as it is.
    #[inline]
    pub(super) fn key_in_text(&mut self, key: &[u8], offset: usize, span: Span) -> Keyed {
        self.key = Keyed { text: Text::in_source(offset, key.len()), hash: hash(key), span };
        self.key
    }

    /// The same for a key that does not.
    #[cold]
    pub(super) fn key_apart(&mut self, key: &str, span: Span) -> Keyed {
        self.key(Str::Owned(key), span);
        self.key
    }

    /// A scalar that is not kept.
    #[inline]
    pub(super) fn skip(&mut self, span: Span) -> Result<(), DocumentError> {
        if self.values() >= self.limits.max_nodes {
            return Err(self.too_many(span));
        }
        self.skipped += 1;
        Ok(())
    }

    /// Begins a list or map that is not kept.
    #[inline]
    pub(super) fn begin_skipped(&mut self, start: Span) -> Result<(), DocumentError> {
        if self.open.len() + self.skipped_open.len() >= self.limits.max_depth {
            return Err(self.too_deep(start));
        }
        self.skipped_open.push(start);
        Ok(())
    }

    #[inline]
    pub(super) fn end_skipped(&mut self, end: Span) -> Result<(), DocumentError> {
        let start = self.skipped_open.pop().unwrap_or_default();
        self.skip(start.to(end))
    }

    /// Notes keys that stand in their map again; the values of those that are not kept do not count.
    #[cold]
    pub(super) fn note_duplicates(&mut self, keys: &[(Span, bool)]) {
        let skipped = keys.iter().filter(|(_, kept)| !kept).count();
        self.skipped -= skipped.min(self.skipped);
        self.object.duplicates.extend(keys.iter().map(|(key, _)| *key));
    }

    /// The bytes of a string.
    pub(super) fn bytes(&self, text: Text) -> &[u8] {
        self.object.bytes(text)
    }

    /// How many values there are so far.
    #[inline]
    fn values(&self) -> usize {
        self.object.nodes.len() + self.pending.len() + self.skipped
    }

    /// A string that stands in the text as it is.
    #[inline]
    pub(super) fn string_in_text(
        &mut self,
        offset: usize,
        length: usize,
        span: Span,
    ) -> Result<(), DocumentError> {
        self.push(Kind::String, Text::in_source(offset, length).to_bits(), span, 0)
    }

    pub fn begin_list(&mut self, start: Span) -> Result<(), DocumentError> {
        self.begin(Kind::List, start)
    }

    pub fn begin_map(&mut self, start: Span) -> Result<(), DocumentError> {
        self.begin(Kind::Map, start)
    }

    /// How many lists and maps are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the innermost open map already has a key (lists: false). Used to spot duplicate and merged keys.
    pub fn has_key(&self, key: &str) -> bool {
        let wanted = hash(key.as_bytes());
        let base = self.open.last().map_or(0, |open| open.base);
        let entries = self.pending.get(base..).unwrap_or_default();
        let key = key.as_bytes();
        entries.iter().any(|entry| entry.key_hash == wanted && same(self.object.bytes(entry.node.key), key))
    }

    #[inline]
    fn begin(&mut self, kind: Kind, start: Span) -> Result<(), DocumentError> {
        if self.open.len() >= self.limits.max_depth {
            return Err(self.too_deep(start));
        }
        self.open.push(Open { kind, base: self.pending.len(), key: self.key, start });
        if kind == Kind::List {
            self.key = Keyed::default();
        }
        Ok(())
    }

    #[cold]
    fn too_deep(&self, at: Span) -> DocumentError {
        let message = format!("lists and maps are nested more than {} deep", self.limits.max_depth);
        DocumentError::new(ErrorKind::Limit, message, at)
    }

    #[cold]
    fn too_many(&self, at: Span) -> DocumentError {
        let message = format!("the document has more than {} values", self.limits.max_nodes);
        DocumentError::new(ErrorKind::Limit, message, at)
    }

    /// Closes the innermost list or map; `end` is its closing byte, or the end of its last line.
    pub fn end(&mut self, end: Span) -> Result<(), DocumentError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if open.kind == Kind::Map {
            self.drop_duplicates(open.base);
        }
        let first = self.object.nodes.len();
        let count = self.pending.len() - open.base;
        let children = self.pending.get(open.base..).unwrap_or_default();
        self.object.nodes.extend(children.iter().map(|entry| entry.node));
        self.object.hashes.extend(children.iter().map(|entry| entry.key_hash));
        self.object.spans.extend(children.iter().map(|entry| entry.spans));
        self.pending.truncate(open.base);
        let index = self.object.index.len() as u32;
        if open.kind == Kind::Map && count as u32 > INDEX_OVER {
            let object = &mut self.object;
            object.index.extend(first as u32..(first + count) as u32);
            let mut order = std::mem::take(&mut object.index);
            if let Some(part) = order.get_mut(index as usize..) {
                part.sort_unstable_by(|&a, &b| compare_keys(object, a, b));
            }
            object.index = order;
        }
        self.key = open.key;
        self.push(open.kind, (first as u64) << 32 | count as u64, open.start.to(end), index)
    }

    /// The last of equal keys counts; the earlier entries go, and their places are remembered.
    fn drop_duplicates(&mut self, base: usize) {
        let entries = self.pending.get(base..).unwrap_or_default();
        if distinct(entries, |entry| entry.key_hash) {
            return;
        }
        let object = &self.object;
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend(0..entries.len());
        let key = |i: usize| entries.get(i).map(|entry| (entry.key_hash, object.bytes(entry.node.key)));
        sorted.sort_unstable_by(|&a, &b| (key(a), a).cmp(&(key(b), b)));
        let repeated = sorted.windows(2).filter_map(|pair| match *pair {
            [a, b] if key(a) == key(b) => Some(a),
            _ => None,
        });
        let mut dropped: Vec<usize> = repeated.collect();
        self.sorted = sorted;
        if dropped.is_empty() {
            return;
        }
        dropped.sort_unstable();
        let mut dropped = dropped.into_iter().peekable();
        for (at, entry) in self.pending.split_off(base).into_iter().enumerate() {
            if dropped.next_if_eq(&at).is_some() {
                self.object.duplicates.extend(self.notes_duplicates.then_some(entry.spans.key));
            } else {
                self.pending.push(entry);
            }
        }
    }

    fn value(&mut self, kind: Kind, payload: u64, span: Span) -> Result<(), DocumentError> {
        self.push(kind, payload, span, 0)
    }

    #[inline]
    fn push(&mut self, kind: Kind, payload: u64, span: Span, index: u32) -> Result<(), DocumentError> {
        if self.values() >= self.limits.max_nodes {
            return Err(self.too_many(span));
        }
        let Keyed { text: key, hash: key_hash, span: key_span } = self.key;
        let node = Node { payload, key, index, kind, origin: Origin::Written };
        self.pending.push(Entry { node, key_hash, spans: NodeSpans { key: key_span, value: span } });
        Ok(())
    }

    /// Hands over the finished document; `None` when nothing was built or something is still open.
    pub fn finish(&mut self) -> Option<Object> {
        self.seal()?;
        let next = self.spare.take().unwrap_or_default();
        Some(std::mem::replace(&mut self.object, next))
    }

    fn seal(&mut self) -> Option<()> {
        if !self.open.is_empty() {
            return None;
        }
        let Entry { node, key_hash, spans } = self.pending.pop()?;
        self.object.root = self.object.nodes.len() as u32;
        self.object.nodes.push(node);
        self.object.hashes.push(key_hash);
        self.object.spans.push(spans);
        Some(())
    }

    fn store(&mut self, value: Str<'_>) -> Text {
        match value {
            Str::Source { offset, length } => Text::in_source(offset, length),
            Str::Owned(text) => {
                let offset = self.object.decoded.len();
                self.object.decoded.push_str(text);
                Text::in_decoded(offset, text.len())
            }
        }
    }
}

/// Whether the hashes of keys certainly differ: few are compared with each other, of many each has a bit of its own.
pub(super) fn distinct<T>(keys: &[T], hash: impl Fn(&T) -> u32) -> bool {
    if keys.len() <= 6 {
        let mut rest = keys;
        while let Some((first, others)) = rest.split_first() {
            let own = hash(first);
            if others.iter().any(|other| hash(other) == own) {
                return false;
            }
            rest = others;
        }
        return true;
    }
    let mut seen = [0_u64; 8];
    for key in keys {
        let hash = hash(key);
        let (Some(word), bit) = (seen.get_mut(hash as usize % 8), 1 << (hash >> 3 & 63)) else {
            return false;
        };
        if *word & bit != 0 {
            return false;
        }
        *word |= bit;
    }
    true
}

fn compare_keys(object: &Object, a: u32, b: u32) -> Ordering {
    let key = |at: u32| {
        let (node, hash) = (object.nodes.get(at as usize)?, object.hashes.get(at as usize)?);
        Some((hash, object.bytes(node.key)))
    };
    key(a).cmp(&key(b))
}
