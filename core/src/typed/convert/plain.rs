//! [`Plain`]: small values on their way between two forms, with their fields in the order in which Go writes them.

use crate::document::{Draft, DraftValue, NodeRef, NodeValue, Origin, Place};
use crate::go::{json_float, push_json};
use crate::source::Span;

/// A value of its own, out of a text or an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    String(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

impl Plain {
    /// The value of a node.
    pub(super) fn of_node(node: NodeRef<'_>) -> Plain {
        match node.value() {
            NodeValue::Null => Plain::Null,
            NodeValue::Bool(value) => Plain::Bool(value),
            NodeValue::Int(value) => Plain::Int(value),
            NodeValue::Double(value) => Plain::Double(value),
            NodeValue::String(text) => Plain::String(text.to_owned()),
            NodeValue::List(list) => Plain::List(list.iter().map(Plain::of_node).collect()),
            NodeValue::Map(map) => {
                Plain::Map(map.iter().map(|(key, node)| (key.to_owned(), Plain::of_node(node))).collect())
            }
        }
    }

    /// The value at a place of a draft.
    pub(super) fn of_place(draft: &Draft<'_>, place: Place) -> Plain {
        match draft.value(place) {
            DraftValue::Null => Plain::Null,
            DraftValue::Bool(value) => Plain::Bool(value),
            DraftValue::Int(value) => Plain::Int(value),
            DraftValue::Double(value) => Plain::Double(value),
            DraftValue::String(text) => Plain::String(text.to_owned()),
            DraftValue::List => {
                Plain::List(draft.children(place).map(|item| Plain::of_place(draft, item)).collect())
            }
            DraftValue::Map => {
                let entry = |entry| (draft.key(entry).to_owned(), Plain::of_place(draft, entry));
                Plain::Map(draft.children(place).map(entry).collect())
            }
        }
    }

    /// Puts the value into a draft, where it is in no list or map yet.
    pub(super) fn place(&self, draft: &mut Draft<'_>, span: Span) -> Place {
        let value = match self {
            Plain::Null => DraftValue::Null,
            Plain::Bool(value) => DraftValue::Bool(*value),
            Plain::Int(value) => DraftValue::Int(*value),
            Plain::Double(value) => DraftValue::Double(*value),
            Plain::String(text) => DraftValue::String(text),
            Plain::List(_) => DraftValue::List,
            Plain::Map(_) => DraftValue::Map,
        };
        let place = draft.added(value, Origin::Written, span);
        match self {
            Plain::List(items) => {
                for item in items {
                    let item = item.place(draft, span);
                    draft.push(place, item);
                }
            }
            Plain::Map(entries) => {
                for (key, entry) in entries {
                    let entry = entry.place(draft, span);
                    draft.name_text(entry, key);
                    draft.push(place, entry);
                }
            }
            _ => {}
        }
        place
    }

    /// A field that is there and not null; names are compared as Go's `encoding/json` does, without regard to case.
    pub(super) fn field(&self, name: &str) -> Option<&Plain> {
        let Plain::Map(entries) = self else { return None };
        let found = entries.iter().rev().find(|(key, _)| key == name);
        let found = found.or_else(|| entries.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value).filter(|value| **value != Plain::Null)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Plain::String(text) = self { Some(text) } else { None }
    }

    pub(super) fn items(&self) -> Option<&[Plain]> {
        if let Plain::List(items) = self { Some(items) } else { None }
    }

    pub(super) fn string(text: &str) -> Plain {
        Plain::String(text.to_owned())
    }

    /// As Go's `encoding/json` writes it.
    pub(super) fn json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Plain::Null => out.push_str("null"),
            Plain::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Plain::Int(value) => out.push_str(&value.to_string()),
            Plain::Double(value) => out.push_str(&json_float(*value)),
            Plain::String(text) => push_json(out, text),
            Plain::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Plain::Map(entries) => {
                out.push('{');
                for (number, (key, entry)) in entries.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    push_json(out, key);
                    out.push(':');
                    entry.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A map being made, in order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, Plain)>);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: Plain) -> Fields {
        self.0.push((name.to_owned(), value));
        self
    }

    /// Leaves a value out that is not there.
    pub(super) fn with_some(self, name: &str, value: Option<Plain>) -> Fields {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn map(self) -> Plain {
        Plain::Map(self.0)
    }
}
