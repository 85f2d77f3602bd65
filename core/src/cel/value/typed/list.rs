//! Lists with a schema, and what comes of adding to sets and maps.

use super::key::{Key, node_of, of_value, raw, scalar};
use super::{ListKind, NodeType};
use crate::cel::value::{Arena, Error, List, Result, Val};
use crate::document::{ListRef, NodeRef};
use std::collections::{HashMap, HashSet};

/// A list and how it is compared.
#[derive(Clone, Copy, Debug)]
pub struct TypedList<'a> {
    pub(super) elements: Elements<'a>,
    pub(super) kind: &'a ListKind,
    pub(super) arena: &'a Arena,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Elements<'a> {
    Nodes(ListRef<'a>, &'a NodeType),
    /// Of a sum.
    Values(&'a [Val<'a>]),
}

const NOT_SCALAR: Error<'static> =
    Error::Static(&"listSet operations are only supported on lists of scalar values");
/// What Go panics with where a list or an object is to be a key.
const UNHASHABLE_LIST: &str = "internal error: runtime error: hash of unhashable type []interface {}";
const UNHASHABLE_MAP: &str = "internal error: runtime error: hash of unhashable type map[string]interface {}";

fn unhashable(part: NodeRef<'_>) -> Error<'static> {
    Error::Static(if part.as_list().is_some() { &UNHASHABLE_LIST } else { &UNHASHABLE_MAP })
}

impl<'a> TypedList<'a> {
    /// The list, unless it is a sum.
    pub fn node(&self) -> Option<NodeRef<'a>> {
        match self.elements {
            Elements::Nodes(list, _) => Some(list.node()),
            Elements::Values(_) => None,
        }
    }

    pub(in crate::cel) fn len(&self) -> usize {
        match self.elements {
            Elements::Nodes(list, _) => list.len(),
            Elements::Values(values) => values.len(),
        }
    }

    #[inline]
    pub(in crate::cel) fn at(&self, position: usize) -> Option<Val<'a>> {
        match self.elements {
            Elements::Nodes(list, items) => Some(items.read(list.at(position)?, self.arena)),
            Elements::Values(values) => values.get(position).copied(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = Val<'a>> {
        (0..self.len()).filter_map(|position| self.at(position))
    }

    /// Whether a sum has to look at every element of both operands.
    pub(in crate::cel) fn merges(&self) -> bool {
        matches!(self.kind, ListKind::Set | ListKind::Map(_))
    }

    /// Sets and maps do not care for order.
    pub(in crate::cel::value) fn equal(&self, other: &Val<'a>) -> Result<'a, bool> {
        let other = match other {
            Val::List(other) => *other,
            Val::Error(error) => return Err(*error),
            _ => return Err(Error::NoSuchOverload),
        };
        if self.len() != other.len() {
            return Ok(false);
        }
        match self.kind {
            ListKind::Set => self.equal_set(other),
            ListKind::Map(names) => self.equal_map(other, names),
            _ => self.equal_in_order(other),
        }
    }

    fn equal_in_order(&self, other: List<'a>) -> Result<'a, bool> {
        for (own, other) in self.iter().zip(other.iter()) {
            if !own.own_equal(&other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_set(&self, other: List<'a>) -> Result<'a, bool> {
        let mut own = HashSet::new();
        for (position, element) in self.iter().enumerate() {
            own.insert(scalar(&element, position).ok_or(NOT_SCALAR)?);
        }
        let mut seen = HashSet::new();
        for (position, element) in other.iter().enumerate() {
            let key = scalar(&element, self.len() + position).ok_or(NOT_SCALAR)?;
            if !own.contains(&key) {
                return Ok(false);
            }
            seen.insert(key);
        }
        Ok(seen.len() == own.len())
    }

    fn equal_map(&self, other: List<'a>, names: &[Box<str>]) -> Result<'a, bool> {
        let mut own = HashMap::new();
        for (position, element) in self.iter().enumerate() {
            own.insert(self.own_key(position, &element, names)?, element);
        }
        let mut seen = HashSet::new();
        for (position, element) in other.iter().enumerate() {
            let key = self.key_of(&element, names, self.len() + position)?;
            let Some(counterpart) = own.get(&key) else { return Ok(false) };
            if !counterpart.own_equal(&element)? {
                return Ok(false);
            }
            seen.insert(key);
        }
        Ok(seen.len() == own.len())
    }

    fn own_key(&self, position: usize, element: &Val<'a>, names: &[Box<str>]) -> Result<'a, Key<'a>> {
        match self.elements {
            Elements::Nodes(list, _) => match list.at(position) {
                Some(node) => raw(node, names, position).map_err(unhashable),
                None => Ok(Key::Unique(position)),
            },
            Elements::Values(_) => Ok(of_value(element, names, position)),
        }
    }

    /// The key of another list's element: lists of a document look at its data, sums at its value.
    fn key_of(&self, element: &Val<'a>, names: &[Box<str>], position: usize) -> Result<'a, Key<'a>> {
        match (self.elements, node_of(element)) {
            (Elements::Values(_), _) => Ok(of_value(element, names, position)),
            (Elements::Nodes(..), Some(node)) => raw(node, names, position).map_err(unhashable),
            (Elements::Nodes(..), None) => Ok(Key::Unique(position)),
        }
    }

    /// `self + other`: sets unite; in maps what comes later replaces what has its keys.
    pub(in crate::cel) fn add(&self, other: List<'a>) -> Result<'a> {
        let arena = self.arena;
        super::check_memory(arena)?;
        let mut elements = bumpalo::collections::Vec::with_capacity_in(self.len(), arena);
        elements.extend(self.iter());
        match self.kind {
            ListKind::Set => {
                let mut known = HashSet::new();
                for (position, element) in elements.iter().enumerate() {
                    known.insert(scalar(element, position).ok_or(NOT_SCALAR)?);
                }
                for (position, element) in other.iter().enumerate() {
                    if known.insert(scalar(&element, self.len() + position).ok_or(NOT_SCALAR)?) {
                        elements.push(element);
                    }
                }
            }
            ListKind::Map(names) => {
                let mut places = HashMap::new();
                for (position, element) in elements.iter().enumerate() {
                    places.insert(of_value(element, names, position), position);
                }
                for (position, element) in other.iter().enumerate() {
                    let key = of_value(&element, names, self.len() + position);
                    match places.get(&key).and_then(|place| elements.get_mut(*place)) {
                        Some(place) => *place = element,
                        None => elements.push(element),
                    }
                }
            }
            ListKind::Atomic | ListKind::Invalid(_) => elements.extend(other.iter()),
        }
        let elements = Elements::Values(elements.into_bump_slice());
        Ok(Val::List(List::Typed(arena.alloc(TypedList { elements, kind: self.kind, arena }))))
    }

    /// Whether a value is among the elements, or the first error of comparing them.
    pub(in crate::cel) fn contains(&self, value: &Val<'a>) -> Result<'a, bool> {
        if let Val::Error(error) = value {
            return Err(*error);
        }
        let mut failed = None;
        for element in self.iter() {
            match element.own_equal(value) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(false), Err)
    }
}
