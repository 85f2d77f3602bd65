//! The old value of what is validated: where there is one, and whether it is the same.
//!
//! Source: apiserver `pkg/cel/common/maplist.go` and `equality.go`.

use crate::document::{ListRef, NodeRef, NodeValue};
use crate::schema::{JsonType, Structural};
use std::cell::OnceCell;
use std::collections::HashMap;

/// Elements of an old list by their keys; of equal keys the first counts.
#[derive(Debug)]
pub(super) struct OldElements<'a> {
    elements: HashMap<Vec<Part<'a>>, NodeRef<'a>>,
}

/// The value of one key. Numbers of different types differ.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Part<'a> {
    Bool(bool),
    Int(i64),
    Double(u64),
    /// A double among several keys, of which six decimals count.
    Rounded(String),
    Text(&'a str),
}

impl<'a> OldElements<'a> {
    /// Empty unless the schema is of a list of type map.
    pub(super) fn new(schema: &Structural, old: Option<NodeRef<'a>>) -> OldElements<'a> {
        let mut elements = HashMap::new();
        let is_map = schema.kind == JsonType::Array
            && schema.list_type.as_deref() == Some("map")
            && !schema.list_map_keys.is_empty();
        if let Some(list) = old.and_then(NodeRef::as_list).filter(|_| is_map) {
            for element in list.iter() {
                if let Some(key) = key(schema, element) {
                    elements.entry(key).or_insert(element);
                }
            }
        }
        OldElements { elements }
    }

    /// The old element with the keys of a new one.
    pub(super) fn counterpart(&self, schema: &Structural, element: NodeRef<'a>) -> Option<NodeRef<'a>> {
        if self.elements.is_empty() {
            return None;
        }
        self.elements.get(&key(schema, element)?).copied()
    }
}

fn key<'a>(schema: &Structural, element: NodeRef<'a>) -> Option<Vec<Part<'a>>> {
    let object = element.as_map()?;
    let single = schema.list_map_keys.len() == 1;
    let part = |name: &str| {
        Some(match object.lookup(name)?.value() {
            NodeValue::Bool(value) => Part::Bool(value),
            NodeValue::Int(value) => Part::Int(value),
            NodeValue::Double(value) if single => Part::Double((value + 0.0).to_bits()),
            NodeValue::Double(value) => Part::Rounded(format!("{value:.6}")),
            NodeValue::String(text) => Part::Text(text),
            NodeValue::Null | NodeValue::List(_) | NodeValue::Map(_) => return None,
        })
    };
    schema.list_map_keys.iter().map(|name| part(name)).collect()
}

/// A value with the old value that it had, for ratcheting: what did not change is not denied for what it is.
#[derive(Debug)]
pub(super) struct Correlated<'a> {
    new: NodeRef<'a>,
    old: NodeRef<'a>,
    schema: &'a Structural,
    unchanged: OnceCell<bool>,
    old_elements: OnceCell<OldElements<'a>>,
}

impl<'a> Correlated<'a> {
    pub(super) fn new(new: NodeRef<'a>, old: NodeRef<'a>, schema: &'a Structural) -> Correlated<'a> {
        Correlated { new, old, schema, unchanged: OnceCell::new(), old_elements: OnceCell::new() }
    }

    /// An entry that both have, whose schema is known.
    pub(super) fn key(&self, name: &str) -> Option<Correlated<'a>> {
        let (old, new) = (self.old.field(name)?, self.new.field(name)?);
        let schema = self.schema.properties.get(name).or_else(|| self.schema.additional_schema())?;
        Some(Correlated::new(new, old, schema))
    }

    /// An element of a list of type map with the old one of the same keys. Others cannot be told apart.
    pub(super) fn index(&self, index: usize) -> Option<Correlated<'a>> {
        let element = self.new.as_list()?.at(index)?;
        self.old.as_list()?;
        let elements = self.old_elements.get_or_init(|| OldElements::new(self.schema, Some(self.old)));
        let old = elements.counterpart(self.schema, element)?;
        Some(Correlated::new(element, old, self.schema.items.as_deref()?))
    }

    /// Whether the value is what it was, as far as parts can be told apart.
    pub(super) fn is_unchanged(&self) -> bool {
        *self.unchanged.get_or_init(|| match (self.new.value(), self.old.value()) {
            (NodeValue::List(new), NodeValue::List(old)) => self.is_list_unchanged(new, old),
            (NodeValue::Map(new), NodeValue::Map(old)) => {
                let same = |name: &str| self.key(name).is_some_and(|entry| entry.is_unchanged());
                new.len() == old.len() && new.iter().all(|(name, _)| same(name))
            }
            _ => self.new.deep_equal(self.old),
        })
    }

    fn is_list_unchanged(&self, new: ListRef<'a>, old: ListRef<'a>) -> bool {
        if new.len() != old.len() {
            return false;
        }
        if self.schema.list_type.as_deref() != Some("map") {
            return self.new.deep_equal(self.old);
        }
        (0..new.len()).all(|index| self.index(index).is_some_and(|element| element.is_unchanged()))
    }
}
