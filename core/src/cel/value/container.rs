//! Lists and maps: nodes of a document, slices in the arena, or lazy concatenations.

use super::{Arena, Opaque, TypedList, TypedMap, Val, number};
use crate::document::{FieldName, ListRef, MapRef};

/// A list value.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// An array of a document.
    Node(ListRef<'a>),
    /// Elements made by an expression.
    Slice(&'a [Val<'a>]),
    /// A list whose schema says what its elements are.
    Typed(&'a TypedList<'a>),
    /// The same, as the sum of two lists, which Go holds in a type of its own.
    Joined(&'a [Val<'a>]),
    /// `left + right` of long lists: not copied, so that doubling stays small, as in cel-go.
    Concat(&'a Concat<'a>),
}

/// Two lists read as one.
#[derive(Clone, Copy, Debug)]
pub struct Concat<'a> {
    left: List<'a>,
    right: List<'a>,
    len: usize,
}

/// Lists up to this length are copied when they are joined.
const COPY_UP_TO: usize = 4_096;

impl<'a> List<'a> {
    #[inline]
    pub fn len(self) -> usize {
        match self {
            List::Node(list) => list.len(),
            List::Slice(slice) | List::Joined(slice) => slice.len(),
            List::Typed(list) => list.len(),
            List::Concat(concat) => concat.len,
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at a position from 0.
    #[inline]
    pub fn at(self, position: usize) -> Option<Val<'a>> {
        match self {
            List::Node(list) => list.at(position).map(Val::from_node),
            List::Slice(slice) | List::Joined(slice) => slice.get(position).copied(),
            List::Typed(list) => list.at(position),
            List::Concat(_) => self.at_concat(position),
        }
    }

    fn at_concat(self, mut position: usize) -> Option<Val<'a>> {
        let mut list = self;
        while let List::Concat(concat) = list {
            let left = concat.left.len();
            if position < left {
                list = concat.left;
            } else {
                position -= left;
                list = concat.right;
            }
        }
        list.at(position)
    }

    /// Whether it is the sum of two lists.
    pub(crate) fn is_sum(self) -> bool {
        matches!(self, List::Joined(_) | List::Concat(_))
    }

    /// All elements in order.
    pub fn iter(self) -> ListIter<'a> {
        ListIter { part: self, position: 0, later: Vec::new() }
    }

    /// `self + other`. Pieces are merged so that a chain of n small additions stays log n deep.
    pub fn concat(self, other: List<'a>, arena: &'a Arena) -> List<'a> {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (mut left, mut right) = (self, other);
        loop {
            if left.len().saturating_add(right.len()) <= COPY_UP_TO && !matches!(left, List::Concat(_)) {
                return copied(left, right, arena);
            }
            match left {
                List::Concat(last)
                    if last.right.len() <= right.len()
                        && last.right.len().saturating_add(right.len()) <= COPY_UP_TO =>
                {
                    right = copied(last.right, right, arena);
                    left = last.left;
                }
                _ => break,
            }
        }
        let len = left.len().saturating_add(right.len()).min(isize::MAX as usize);
        List::Concat(arena.alloc(Concat { left, right, len }))
    }
}

fn copied<'a>(left: List<'a>, right: List<'a>, arena: &'a Arena) -> List<'a> {
    let mut all = bumpalo::collections::Vec::with_capacity_in(left.len() + right.len(), arena);
    all.extend(left.iter());
    all.extend(right.iter());
    List::Joined(all.into_bump_slice())
}

/// Walks a list, concatenated or not, without recursion.
#[derive(Debug)]
pub struct ListIter<'a> {
    part: List<'a>,
    position: usize,
    /// Right halves still to come, the next one last.
    later: Vec<List<'a>>,
}

impl<'a> Iterator for ListIter<'a> {
    type Item = Val<'a>;

    #[inline]
    fn next(&mut self) -> Option<Val<'a>> {
        loop {
            if let List::Concat(concat) = self.part {
                self.later.push(concat.right);
                self.part = concat.left;
                continue;
            }
            if let Some(value) = self.part.at(self.position) {
                self.position += 1;
                return Some(value);
            }
            self.part = self.later.pop()?;
            self.position = 0;
        }
    }
}

/// A map value.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// An object of a document; its keys are strings.
    Node(MapRef<'a>),
    /// Entries made by an expression or by the engine (`request`), or an object read by its schema.
    Entries(&'a MapEntries<'a>),
}

/// A map that is no plain object of a document.
#[derive(Clone, Copy, Debug)]
pub enum MapEntries<'a> {
    Made(MadeMap<'a>),
    /// An object whose schema says what its fields are.
    Typed(TypedMap<'a>),
}

/// Entries in insertion order, with an index once they are many.
#[derive(Clone, Copy, Debug)]
pub struct MadeMap<'a> {
    entries: &'a [(Val<'a>, Val<'a>)],
    /// Hashes and positions, sorted; empty for small maps.
    index: &'a [(u64, u32)],
}

/// Maps up to this size are searched from front to back.
const INDEX_OVER: usize = 8;

impl<'a> Map<'a> {
    /// A map of entries; of equal keys the last one counts.
    pub fn new(entries: &[(Val<'a>, Val<'a>)], arena: &'a Arena) -> Map<'a> {
        let mut kept = bumpalo::collections::Vec::with_capacity_in(entries.len(), arena);
        if entries.len() <= INDEX_OVER {
            for &(key, value) in entries {
                match kept.iter_mut().find(|(other, _): &&mut (Val<'a>, Val<'a>)| same_key(other, &key)) {
                    Some(entry) => entry.1 = value,
                    None => kept.push((key, value)),
                }
            }
            let made = MadeMap { entries: kept.into_bump_slice(), index: &[] };
            return Map::Entries(arena.alloc(MapEntries::Made(made)));
        }
        let mut order: Vec<(u64, u32)> =
            entries.iter().zip(0..).map(|((key, _), at)| (number::key_hash(key), at)).collect();
        order.sort_unstable();
        let key_at = |at: u32| entries.get(at as usize).map(|entry| entry.0);
        let mut dropped = vec![false; entries.len()];
        for (at, &(hash, position)) in order.iter().enumerate() {
            let mut later = order.iter().skip(at + 1).take_while(|other| other.0 == hash);
            let repeated = later.any(|&(_, other)| match (key_at(position), key_at(other)) {
                (Some(a), Some(b)) => same_key(&a, &b),
                _ => false,
            });
            if let (true, Some(flag)) = (repeated, dropped.get_mut(position as usize)) {
                *flag = true;
            }
        }
        kept.extend(entries.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|(entry, _)| *entry));
        let mut index = bumpalo::collections::Vec::with_capacity_in(kept.len(), arena);
        index.extend(kept.iter().zip(0..).map(|((key, _), at)| (number::key_hash(key), at)));
        index.sort_unstable();
        let made = MadeMap { entries: kept.into_bump_slice(), index: index.into_bump_slice() };
        Map::Entries(arena.alloc(MapEntries::Made(made)))
    }

    #[inline]
    pub fn len(self) -> usize {
        match self {
            Map::Node(map) => map.len(),
            Map::Entries(MapEntries::Made(map)) => map.entries.len(),
            Map::Entries(MapEntries::Typed(map)) => map.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of a field, by a name known when the program was compiled. Of an object with a schema it may be an
    /// error.
    #[inline]
    pub fn field(self, name: &FieldName) -> Option<Val<'a>> {
        match self {
            Map::Node(map) => map.field(name).map(Val::from_node),
            Map::Entries(MapEntries::Made(map)) => map.find(&Val::String(name.as_str())),
            Map::Entries(MapEntries::Typed(map)) => map.field(name),
        }
    }

    /// The value of a key.
    pub fn find(self, key: &Val<'_>) -> Option<Val<'a>> {
        match (self, key) {
            (Map::Node(map), Val::String(key)) => map.lookup(key).map(Val::from_node),
            (Map::Node(_), _) => None,
            (Map::Entries(MapEntries::Made(map)), _) => map.find(key),
            (Map::Entries(MapEntries::Typed(map)), _) => map.find(key),
        }
    }

    /// The entry at a position, in the order of writing.
    #[inline]
    pub fn at(self, position: usize) -> Option<(Val<'a>, Val<'a>)> {
        match self {
            Map::Node(map) => map.at(position).map(|(key, node)| (Val::String(key), Val::from_node(node))),
            Map::Entries(MapEntries::Made(map)) => map.entries.get(position).copied(),
            Map::Entries(MapEntries::Typed(map)) => map.at(position),
        }
    }

    /// The object with a schema that the map is.
    pub(crate) fn typed(self) -> Option<&'a TypedMap<'a>> {
        match self {
            Map::Entries(MapEntries::Typed(map)) => Some(map),
            _ => None,
        }
    }

    /// All entries in the order of writing.
    pub fn iter(self) -> impl Iterator<Item = (Val<'a>, Val<'a>)> {
        (0..self.len()).filter_map(move |position| self.at(position))
    }
}

impl<'a> MadeMap<'a> {
    fn find(&self, key: &Val<'_>) -> Option<Val<'a>> {
        if let Val::Int(_) | Val::Uint(_) | Val::Double(_) = key {
            let exact = self.first(key, |other| same_key(other, key));
            return exact.or_else(|| self.first(key, |other| same_number(other, key)));
        }
        self.first(key, |other| same_key(other, key))
    }

    #[inline]
    fn first(&self, key: &Val<'_>, accept: impl Fn(&Val<'a>) -> bool) -> Option<Val<'a>> {
        if self.index.is_empty() {
            return self.entries.iter().find(|(other, _)| accept(other)).map(|entry| entry.1);
        }
        let hash = number::key_hash(key);
        let start = self.index.partition_point(|entry| entry.0 < hash);
        let candidates = self.index.iter().skip(start).take_while(|entry| entry.0 == hash);
        let mut found = candidates.filter_map(|&(_, at)| self.entries.get(at as usize));
        found.find(|(other, _)| accept(other)).map(|entry| entry.1)
    }
}

/// Whether a key finds an entry: its own key, or of numbers one of equal value.
pub(crate) fn finds(stored: &Val<'_>, key: &Val<'_>) -> bool {
    same_key(stored, key) || same_number(stored, key)
}

/// Whether two keys are one in Go's maps: of one type and equal. What Go holds behind a pointer equals only itself.
fn same_key(a: &Val<'_>, b: &Val<'_>) -> bool {
    match (a, b) {
        (Val::String(a), Val::String(b)) | (Val::Type(a), Val::Type(b)) => a == b,
        (Val::Int(a), Val::Int(b)) => a == b,
        (Val::Uint(a), Val::Uint(b)) => a == b,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Double(a), Val::Double(b)) => a == b,
        (Val::Bytes(a), Val::Bytes(b)) => a == b,
        (Val::Duration(a), Val::Duration(b)) => a == b,
        (Val::Null, Val::Null) | (Val::Optional(None), Val::Optional(None)) => true,
        // Go keeps one zone for each whole hour, and others apart.
        (Val::Timestamp(a), Val::Timestamp(b)) => a == b && a.offset == b.offset && a.offset % 3_600 == 0,
        (Val::List(List::Node(a)), Val::List(List::Node(b))) => a.is_same_constant(*b),
        (Val::Map(Map::Node(a)), Val::Map(Map::Node(b))) => a.is_same_constant(*b),
        (Val::List(List::Slice(a)), Val::List(List::Slice(b)))
        | (Val::List(List::Joined(a)), Val::List(List::Joined(b))) => !a.is_empty() && std::ptr::eq(*a, *b),
        (Val::List(List::Concat(a)), Val::List(List::Concat(b))) => std::ptr::eq(*a, *b),
        (Val::Map(Map::Entries(a)), Val::Map(Map::Entries(b))) => {
            matches!(a, MapEntries::Made(_)) && std::ptr::eq(*a, *b)
        }
        (Val::Opaque(Opaque::Url(_) | Opaque::Quantity(_)), _) => false,
        (Val::Opaque(a), Val::Opaque(b)) => a.equality(b) == Some(true),
        _ => false,
    }
}

/// Whether a number finds a key of another type: doubles those that are no more than whole, integers each other.
/// Source: cel-go `common/types/map.go`, `Find`.
fn same_number(stored: &Val<'_>, key: &Val<'_>) -> bool {
    match (stored, key) {
        (Val::Int(stored), Val::Double(key)) => {
            number::double_to_int(*key) == Some(*stored) && key.fract() == 0.0
        }
        (Val::Uint(stored), Val::Double(key)) => {
            number::double_to_uint(*key) == Some(*stored) && key.fract() == 0.0
        }
        (Val::Uint(stored), Val::Int(key)) => u64::try_from(*key) == Ok(*stored),
        (Val::Int(stored), Val::Uint(key)) => i64::try_from(*key) == Ok(*stored),
        _ => false,
    }
}
