//! Lists and maps: nodes of a document, slices in the arena, or lazy concatenations.

use super::Val;
use crate::document::{ListRef, MapRef};

/// A list value.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// An array of a document.
    Node(ListRef<'a>),
    /// Elements made by an expression.
    Slice(&'a [Val<'a>]),
    /// `left + right`, never copied: repeated doubling stays small, as in cel-go.
    Concat(&'a Concat<'a>),
}

/// Two lists read as one.
#[derive(Clone, Copy, Debug)]
pub struct Concat<'a> {
    pub left: List<'a>,
    pub right: List<'a>,
    pub len: usize,
}

/// A map value.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// An object of a document; its keys are strings.
    Node(MapRef<'a>),
    /// Entries made by an expression or by the engine (`request`).
    Entries(&'a MapEntries<'a>),
}

/// Entries in insertion order, with an index once they are many.
#[derive(Clone, Copy, Debug)]
pub struct MapEntries<'a> {
    pub entries: &'a [(Val<'a>, Val<'a>)],
    /// Positions sorted by key hash when there are more than a few entries, else empty.
    pub index: &'a [u32],
}
