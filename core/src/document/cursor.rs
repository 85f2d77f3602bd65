//! [`Cursor`]: a node by its address, for walks that take many steps.

use super::key::Key;
use super::node::{NodeRef, hash};
use super::object::{Kind, Node, Object, Text};

/// A node of a document. Where a [`NodeRef`] looks its node up for each question, this is at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    object: &'a Object,
    node: &'a Node,
}

/// Elements of a list still to come.
#[derive(Clone, Debug)]
pub(crate) struct Elements<'a> {
    object: &'a Object,
    nodes: std::slice::Iter<'a, Node>,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) fn at(node: NodeRef<'a>) -> Option<Cursor<'a>> {
        let object = node.object();
        Some(Cursor { object, node: object.nodes.get(node.index() as usize)? })
    }

    #[inline]
    fn children(self) -> &'a [Node] {
        let (first, count) = ((self.node.payload >> 32) as usize, self.node.payload as u32 as usize);
        self.object.nodes.get(first..first + count).unwrap_or_default()
    }

    /// The entry of a map: `None` when this is no map. It is looked for first at the place `hint`, which then is its own.
    #[inline(always)]
    pub(crate) fn field_near(self, key: &Key, hint: &mut u32) -> Option<Option<Cursor<'a>>> {
        if self.node.kind != Kind::Map {
            return None;
        }
        let object = self.object;
        Some(object.find_near(self.node, key, hint).map(|node| Cursor { object, node }))
    }

    /// Whether a map has a key, or a list a text; `None` when this is neither.
    pub(crate) fn holds_key(self, key: &Key) -> Option<bool> {
        match self.node.kind {
            Kind::Map => Some(self.object.find_near(self.node, key, &mut 0).is_some()),
            _ => self.holds(key.as_str().as_bytes()),
        }
    }

    /// The same for a text that was not known before.
    pub(crate) fn holds(self, text: &[u8]) -> Option<bool> {
        match self.node.kind {
            Kind::Map => Some(self.object.find(self.node, text, hash(text)).is_some()),
            Kind::List => Some(self.elements()?.any(|element| element.bytes() == Some(text))),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn bool(self) -> Option<bool> {
        (self.node.kind == Kind::Bool).then_some(self.node.payload != 0)
    }

    #[inline]
    pub(crate) fn int(self) -> Option<i64> {
        (self.node.kind == Kind::Int).then_some(self.node.payload as i64)
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        let text = Text::from_bits(self.node.payload);
        (self.node.kind == Kind::String).then(|| self.object.resolve(text))
    }

    /// A text's bytes.
    #[inline]
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        let text = Text::from_bits(self.node.payload);
        (self.node.kind == Kind::String).then(|| self.object.bytes(text))
    }

    #[inline]
    pub(crate) fn elements(self) -> Option<Elements<'a>> {
        if self.node.kind != Kind::List {
            return None;
        }
        Some(Elements { object: self.object, nodes: self.children().iter() })
    }

    /// How many elements or entries; `None` for scalars.
    #[inline]
    pub(crate) fn count(self) -> Option<usize> {
        matches!(self.node.kind, Kind::List | Kind::Map).then_some(self.node.payload as u32 as usize)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Cursor<'a>;

    #[inline]
    fn next(&mut self) -> Option<Cursor<'a>> {
        let node = self.nodes.next()?;
        Some(Cursor { object: self.object, node })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.nodes.size_hint()
    }
}

impl ExactSizeIterator for Elements<'_> {}
