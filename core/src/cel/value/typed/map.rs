//! Objects with a schema.

use super::NodeFields;
use crate::cel::value::{Arena, Error, Result, Val, escape, unescape};
use crate::document::{FieldName, MapRef, NodeRef};
use std::borrow::Cow;

/// An object and what its fields are.
#[derive(Clone, Copy, Debug)]
pub struct TypedMap<'a> {
    pub(super) map: MapRef<'a>,
    pub(super) fields: &'a NodeFields,
    pub(super) arena: &'a Arena,
}

impl<'a> TypedMap<'a> {
    /// The object.
    pub fn node(&self) -> NodeRef<'a> {
        self.map.node()
    }

    /// How many fields the object has, those that cannot be seen among them.
    pub(in crate::cel) fn len(&self) -> usize {
        self.map.len()
    }

    #[inline]
    pub(in crate::cel) fn field(&self, name: &FieldName) -> Option<Val<'a>> {
        if name.as_str().contains("__") {
            return self.named(name.as_str());
        }
        self.read(name.as_str(), self.map.field(name)?)
    }

    /// The value of a key; any but a string is the error of asking.
    pub(in crate::cel) fn find(&self, key: &Val<'_>) -> Option<Val<'a>> {
        match key {
            Val::String(name) => self.named(name),
            _ => Some(Val::Error(Error::NoSuchOverload)),
        }
    }

    fn named(&self, name: &str) -> Option<Val<'a>> {
        let name = if self.fields.are_named() { unescape(name)? } else { Cow::Borrowed(name) };
        self.read(&name, self.map.lookup(&name)?)
    }

    fn read(&self, name: &str, node: NodeRef<'a>) -> Option<Val<'a>> {
        // A field that is null is as good as absent, an entry is not.
        if self.fields.are_named() && node.is_null() {
            return None;
        }
        Some(self.fields.of(name)?.read(node, self.arena))
    }

    /// The key and value of an entry. Those that cannot be seen come last and have neither.
    pub(in crate::cel) fn at(&self, position: usize) -> Option<(Val<'a>, Val<'a>)> {
        const UNSEEN: (Val<'static>, Val<'static>) = (Val::Null, Val::Error(Error::NoSuchOverload));
        if position >= self.len() {
            return None;
        }
        match self.fields {
            NodeFields::Hidden => Some(UNSEEN),
            NodeFields::Additional(kind) => {
                let (key, node) = self.map.at(position)?;
                Some((Val::String(key), kind.read(node, self.arena)))
            }
            NodeFields::Properties(_) => {
                let mut seen = self.map.iter().filter(|(name, _)| self.fields.of(name).is_some());
                let Some((name, _)) = seen.nth(position) else { return Some(UNSEEN) };
                let key = match escape(name) {
                    Some(Cow::Owned(escaped)) => Val::String(self.arena.alloc_str(&escaped)),
                    _ => Val::String(name),
                };
                let missing = || Val::Error(Error::NoSuchKey(self.arena.alloc(key)));
                Some((key, self.find(&key).unwrap_or_else(missing)))
            }
        }
    }

    /// Objects are equal when all that can be seen is, and what cannot is the same data.
    pub(in crate::cel::value) fn equal(&self, other: &Val<'a>) -> Result<'a, bool> {
        let other = match other {
            Val::Map(other) => *other,
            Val::Error(error) => return Err(*error),
            _ => return Err(Error::NoSuchOverload),
        };
        if self.len() != other.len() {
            return Ok(false);
        }
        for (name, node) in self.map.iter() {
            if self.fields.of(name).is_none() {
                let other = other.typed().ok_or(Error::NoSuchOverload)?;
                if other.map.lookup(name).is_some_and(|other| !node.deep_equal(other)) {
                    return Ok(false);
                }
                continue;
            }
            match (self.named(name), other.find(&Val::String(name))) {
                (None, None) => {}
                (Some(own), Some(value)) => {
                    if !own.own_equal(&value)? {
                        return Ok(false);
                    }
                }
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}
