//! [`Draft`]: a document that is being made out of another. Its nodes are linked, not side by side, so that entries can
//! be added and taken away anywhere; strings stay where they are.

use super::node::{FieldName, NodeRef, NodeValue, hash};
use super::object::{INDEX_OVER, Kind, Node, NodeSpans, Object, Origin, Text, same};
use crate::source::Span;

const NONE: u32 = u32::MAX;

/// A document in the making.
#[derive(Debug)]
pub(crate) struct Draft<'o> {
    from: &'o Object,
    /// The decoded strings of `from`, and behind them the new ones.
    decoded: String,
    cells: Vec<Cell>,
}

/// A node of a [`Draft`]. It need not have a place in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place(u32);

#[derive(Clone, Copy, Debug)]
struct Cell {
    node: Node,
    key_hash: u32,
    spans: NodeSpans,
    /// Children are a chain from `first` through `next` to `last`.
    first: u32,
    last: u32,
    next: u32,
    /// Left out while nothing is in it.
    hidden: bool,
}

/// What a node of a [`Draft`] holds; children are asked for by themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DraftValue<'d> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    String(&'d str),
    List,
    Map,
}

impl<'n> DraftValue<'n> {
    /// What a node of a document holds, without its children.
    pub(crate) fn alone(node: NodeRef<'n>) -> DraftValue<'n> {
        match node.value() {
            NodeValue::Null => DraftValue::Null,
            NodeValue::Bool(value) => DraftValue::Bool(value),
            NodeValue::Int(value) => DraftValue::Int(value),
            NodeValue::Double(value) => DraftValue::Double(value),
            NodeValue::String(text) => DraftValue::String(text),
            NodeValue::List(_) => DraftValue::List,
            NodeValue::Map(_) => DraftValue::Map,
        }
    }
}

impl<'o> Draft<'o> {
    pub(crate) fn new(from: &'o Object) -> Draft<'o> {
        let cells = Vec::with_capacity(from.nodes.len() + from.nodes.len() / 2 + 16);
        let mut decoded = String::with_capacity(from.decoded.len() + 1_024);
        decoded.push_str(&from.decoded);
        Draft { from, decoded, cells }
    }

    /// A node as it was written, with its key; of a list or map only the container.
    #[inline]
    pub(crate) fn written(&mut self, node: NodeRef<'o>) -> Place {
        let index = node.index() as usize;
        let mut copy = self.from.nodes.get(index).copied().unwrap_or_default();
        if matches!(copy.kind, Kind::List | Kind::Map) {
            copy.payload = 0;
        }
        let spans = self.from.spans.get(index).copied().unwrap_or_default();
        self.cell(copy, node.key_hash(), spans)
    }

    /// A node as it was written, with all that is in it.
    pub(crate) fn copied(&mut self, node: NodeRef<'o>) -> Place {
        let top = self.written(node);
        let mut open = vec![(node, top)];
        while let Some((node, place)) = open.pop() {
            let mut each = |child: NodeRef<'o>| {
                let copy = self.written(child);
                self.push(place, copy);
                if matches!(child.value(), NodeValue::List(_) | NodeValue::Map(_)) {
                    open.push((child, copy));
                }
            };
            match node.value() {
                NodeValue::List(list) => list.iter().for_each(&mut each),
                NodeValue::Map(map) => map.iter().for_each(|(_, child)| each(child)),
                _ => {}
            }
        }
        top
    }

    /// A node that was not written.
    pub(crate) fn added(&mut self, value: DraftValue<'_>, origin: Origin, span: Span) -> Place {
        let (kind, payload) = self.stored(value);
        let node = Node { kind, payload, origin, ..Node::default() };
        self.cell(node, hash(b""), NodeSpans { key: span, value: span })
    }

    /// A node of another document with all that is in it, in a place of this text.
    pub(crate) fn carried(&mut self, node: NodeRef<'_>, span: Span) -> Place {
        let top = self.carried_alone(node, span);
        let mut open = vec![(node, top)];
        while let Some((node, place)) = open.pop() {
            let mut each = |this: &mut Self, key: Option<&str>, child| {
                let copy = this.carried_alone(child, span);
                if let Some(key) = key {
                    this.name_text(copy, key);
                }
                this.push(place, copy);
                open.push((child, copy));
            };
            match node.value() {
                NodeValue::List(list) => list.iter().for_each(|child| each(self, None, child)),
                NodeValue::Map(map) => map.iter().for_each(|(key, child)| each(self, Some(key), child)),
                _ => {}
            }
        }
        top
    }

    fn carried_alone(&mut self, node: NodeRef<'_>, span: Span) -> Place {
        self.added(DraftValue::alone(node), Origin::Carried, span)
    }

    /// Another node like one of the draft, with all that is in it, marked as not written.
    pub(crate) fn duplicate(&mut self, place: Place, origin: Origin) -> Place {
        let top = self.twin(place, origin);
        let mut open = vec![(place, top)];
        while let Some((from, to)) = open.pop() {
            let mut at = self.first(from);
            while let Some(child) = at {
                let twin = self.twin(child, origin);
                self.push(to, twin);
                open.push((child, twin));
                at = self.next(child);
            }
        }
        top
    }

    fn twin(&mut self, place: Place, origin: Origin) -> Place {
        let Some(&Cell { mut node, key_hash, spans, hidden, .. }) = self.cells.get(place.0 as usize) else {
            return place;
        };
        node.origin = origin;
        let twin = self.cell(node, key_hash, spans);
        if hidden {
            self.hide_empty(twin);
        }
        twin
    }

    #[inline]
    fn cell(&mut self, node: Node, key_hash: u32, spans: NodeSpans) -> Place {
        let place = Place(self.cells.len() as u32);
        self.cells.push(Cell { node, key_hash, spans, first: NONE, last: NONE, next: NONE, hidden: false });
        place
    }

    fn stored(&mut self, value: DraftValue<'_>) -> (Kind, u64) {
        match value {
            DraftValue::Null => (Kind::Null, 0),
            DraftValue::Bool(value) => (Kind::Bool, u64::from(value)),
            DraftValue::Int(value) => (Kind::Int, value as u64),
            DraftValue::Double(value) => (Kind::Double, value.to_bits()),
            DraftValue::String(text) => (Kind::String, self.store(text).to_bits()),
            DraftValue::List => (Kind::List, 0),
            DraftValue::Map => (Kind::Map, 0),
        }
    }

    fn store(&mut self, text: &str) -> Text {
        let offset = self.decoded.len();
        self.decoded.push_str(text);
        Text::in_decoded(offset, text.len())
    }

    /// Gives a node another value, and no children.
    pub(crate) fn replace(&mut self, place: Place, value: DraftValue<'_>) {
        let (kind, payload) = self.stored(value);
        if let Some(cell) = self.cells.get_mut(place.0 as usize) {
            (cell.node.kind, cell.node.payload) = (kind, payload);
            (cell.first, cell.last) = (NONE, NONE);
        }
    }

    /// Leaves a list or map out of the finished document unless something comes into it: empty, but not nil to Go.
    pub(crate) fn hide_empty(&mut self, place: Place) {
        if let Some(cell) = self.cells.get_mut(place.0 as usize) {
            cell.hidden = true;
        }
    }

    /// Says anew where a node comes from.
    pub(crate) fn mark(&mut self, place: Place, origin: Origin) {
        if let Some(cell) = self.cells.get_mut(place.0 as usize) {
            cell.node.origin = origin;
        }
    }

    /// Where a node comes from.
    pub(crate) fn origin(&self, place: Place) -> Origin {
        self.node(place).map(|node| node.origin).unwrap_or_default()
    }

    /// Gives a node the key under which it is then put into a map.
    pub(crate) fn name(&mut self, place: Place, key: &FieldName) {
        self.name_hashed(place, key.as_str(), key.hash());
    }

    /// The same for a key that no field has.
    pub(crate) fn name_text(&mut self, place: Place, key: &str) {
        self.name_hashed(place, key, hash(key.as_bytes()));
    }

    fn name_hashed(&mut self, place: Place, key: &str, key_hash: u32) {
        let text = self.store(key);
        if let Some(cell) = self.cells.get_mut(place.0 as usize) {
            cell.node.key = text;
            cell.key_hash = key_hash;
        }
    }

    /// Adds a node behind the others of a list or map.
    #[inline]
    pub(crate) fn push(&mut self, parent: Place, child: Place) {
        let Some(cell) = self.cells.get_mut(parent.0 as usize) else { return };
        let last = std::mem::replace(&mut cell.last, child.0);
        if last == NONE {
            cell.first = child.0;
        } else if let Some(before) = self.cells.get_mut(last as usize) {
            before.next = child.0;
        }
        if let Some(own) = self.cells.get_mut(child.0 as usize) {
            own.next = NONE;
        }
    }

    /// Takes the entry of a key out of a map; says whether there was one.
    pub(crate) fn remove(&mut self, parent: Place, key: &str) -> bool {
        let wanted = hash(key.as_bytes());
        let mut before = None;
        let mut at = self.first(parent);
        while let Some(child) = at {
            let next = self.next(child);
            if self.has_key(child, key, wanted) {
                let after = next.map_or(NONE, |place| place.0);
                match before.and_then(|Place(index)| self.cells.get_mut(index as usize)) {
                    Some(cell) => cell.next = after,
                    None => {
                        if let Some(cell) = self.cells.get_mut(parent.0 as usize) {
                            cell.first = after;
                        }
                    }
                }
                if next.is_none()
                    && let Some(cell) = self.cells.get_mut(parent.0 as usize)
                {
                    cell.last = before.map_or(NONE, |place: Place| place.0);
                }
                return true;
            }
            (before, at) = (at, next);
        }
        false
    }

    /// The entry of a key.
    #[inline]
    pub(crate) fn field(&self, parent: Place, key: &str) -> Option<Place> {
        let wanted = hash(key.as_bytes());
        let mut at = self.first(parent);
        while let Some(child) = at {
            if self.has_key(child, key, wanted) {
                return at;
            }
            at = self.next(child);
        }
        None
    }

    #[inline]
    fn bytes(&self, text: Text) -> &[u8] {
        text.bytes_within(&self.from.text, &self.decoded)
    }

    #[inline]
    fn has_key(&self, place: Place, key: &str, wanted: u32) -> bool {
        self.cells
            .get(place.0 as usize)
            .is_some_and(|cell| cell.key_hash == wanted && same(self.bytes(cell.node.key), key.as_bytes()))
    }

    /// The key of an entry.
    pub(crate) fn key(&self, place: Place) -> &str {
        self.node(place).map_or("", |node| self.resolve(node.key))
    }

    #[inline]
    pub(crate) fn first(&self, parent: Place) -> Option<Place> {
        let cell = self.cells.get(parent.0 as usize)?;
        (cell.first != NONE).then_some(Place(cell.first))
    }

    #[inline]
    pub(crate) fn next(&self, place: Place) -> Option<Place> {
        let cell = self.cells.get(place.0 as usize)?;
        (cell.next != NONE).then_some(Place(cell.next))
    }

    /// The elements of a list or the entries of a map, in order.
    pub(crate) fn children(&self, parent: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(self.first(parent), |&place| self.next(place))
    }

    #[inline]
    fn node(&self, place: Place) -> Option<&Node> {
        self.cells.get(place.0 as usize).map(|cell| &cell.node)
    }

    pub(crate) fn value(&self, place: Place) -> DraftValue<'_> {
        let Some(node) = self.node(place) else { return DraftValue::Null };
        match node.kind {
            Kind::Null => DraftValue::Null,
            Kind::Bool => DraftValue::Bool(node.payload != 0),
            Kind::Int => DraftValue::Int(node.payload as i64),
            Kind::Double => DraftValue::Double(f64::from_bits(node.payload)),
            Kind::String => DraftValue::String(self.resolve(Text::from_bits(node.payload))),
            Kind::List => DraftValue::List,
            Kind::Map => DraftValue::Map,
        }
    }

    pub(crate) fn span(&self, place: Place) -> Span {
        self.cells.get(place.0 as usize).map(|cell| cell.spans.value).unwrap_or_default()
    }

    #[inline]
    fn resolve(&self, text: Text) -> &str {
        text.within(&self.from.text, &self.decoded)
    }

    /// The document, with the children of each container side by side.
    pub(crate) fn finish(self, root: Place) -> Object {
        let mut object = Object {
            text: self.from.shared_text(),
            duplicates: self.from.duplicates.clone(),
            nodes: Vec::with_capacity(self.cells.len()),
            hashes: Vec::with_capacity(self.cells.len()),
            spans: Vec::with_capacity(self.cells.len()),
            ..Object::default()
        };
        let mut open = Vec::with_capacity(32);
        self.emit(root, &mut object, &mut open);
        while let Some((place, at)) = open.pop() {
            let start = object.nodes.len();
            let mut child = self.first(place);
            while let Some(one) = child {
                self.emit(one, &mut object, &mut open);
                child = self.next(one);
            }
            let count = object.nodes.len() - start;
            let index = object.index.len() as u32;
            if let Some(node) = object.nodes.get_mut(at) {
                node.payload = (start as u64) << 32 | count as u64;
                node.index = index;
                if node.kind != Kind::Map || count as u32 <= INDEX_OVER {
                    continue;
                }
            }
            let key = |&at: &u32| {
                let (node, hash) = (object.nodes.get(at as usize), object.hashes.get(at as usize));
                node.zip(hash).map(|(node, hash)| (*hash, self.resolve(node.key)))
            };
            let mut order: Vec<u32> = (start as u32..(start + count) as u32).collect();
            order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
            object.index.extend(order);
        }
        object.decoded = self.decoded;
        object
    }

    #[inline]
    fn emit(&self, place: Place, object: &mut Object, open: &mut Vec<(Place, usize)>) {
        let Some(cell) = self.cells.get(place.0 as usize) else { return };
        if matches!(cell.node.kind, Kind::List | Kind::Map) {
            if cell.hidden && cell.first == NONE {
                return;
            }
            open.push((place, object.nodes.len()));
        }
        object.nodes.push(cell.node);
        object.hashes.push(cell.key_hash);
        object.spans.push(cell.spans);
    }
}
