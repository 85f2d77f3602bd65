//! Constants that a program owns.

use crate::cel::regex::Regex;
use crate::cel::value::{Arena, Duration, List, Map, Timestamp, Val};
use crate::document::{Limits, Object, ObjectBuilder, Str};
use crate::source::Span;
use std::sync::Arc;

/// A value known when the program is compiled.
#[derive(Debug)]
pub(crate) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
    Timestamp(Timestamp),
    Duration(Duration),
    Type(Box<str>),
    /// A list or map that JSON can hold, indexed once.
    Node(Arc<Object>),
    List(Box<[Constant]>),
    Map(Box<[(Constant, Constant)]>),
    Optional(Option<Box<Constant>>),
    Regex(Arc<Regex>),
}

impl Constant {
    /// The value, borrowed from the program; lists that JSON cannot hold are built in the arena.
    pub(crate) fn value<'a>(&'a self, arena: &'a Arena) -> Val<'a> {
        use crate::cel::value::Opaque;
        match self {
            Constant::Null => Val::Null,
            Constant::Bool(value) => Val::Bool(*value),
            Constant::Int(value) => Val::Int(*value),
            Constant::Uint(value) => Val::Uint(*value),
            Constant::Double(value) => Val::Double(*value),
            Constant::String(value) => Val::String(value),
            Constant::Bytes(value) => Val::Bytes(value),
            Constant::Timestamp(value) => Val::Timestamp(*value),
            Constant::Duration(value) => Val::Duration(*value),
            Constant::Type(value) => Val::Type(value),
            Constant::Node(object) => Val::from_node(object.root()),
            Constant::List(elements) => {
                let mut list = bumpalo::collections::Vec::with_capacity_in(elements.len(), arena);
                list.extend(elements.iter().map(|element| element.value(arena)));
                Val::List(List::Slice(list.into_bump_slice()))
            }
            Constant::Map(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(key, value)| (key.value(arena), value.value(arena))).collect();
                Val::Map(Map::new(&entries, arena))
            }
            Constant::Optional(value) => {
                Val::Optional(value.as_ref().map(|value| &*arena.alloc(value.value(arena))))
            }
            Constant::Regex(regex) => Val::Opaque(Opaque::Regex(regex)),
        }
    }

    /// The constant for a value; `None` for values that no program can own.
    pub(crate) fn from_value(value: &Val<'_>) -> Option<Constant> {
        Some(match value {
            Val::Null => Constant::Null,
            Val::Bool(value) => Constant::Bool(*value),
            Val::Int(value) => Constant::Int(*value),
            Val::Uint(value) => Constant::Uint(*value),
            Val::Double(value) => Constant::Double(*value),
            Val::String(value) => Constant::String((*value).into()),
            Val::Bytes(value) => Constant::Bytes((*value).into()),
            Val::Timestamp(value) => Constant::Timestamp(*value),
            Val::Duration(value) => Constant::Duration(*value),
            Val::Type(value) => Constant::Type((*value).into()),
            Val::List(_) | Val::Map(_) => match as_object(value) {
                Some(object) => Constant::Node(Arc::new(object)),
                None => aggregate(value)?,
            },
            Val::Optional(None) => Constant::Optional(None),
            Val::Optional(Some(value)) => Constant::Optional(Some(Box::new(Constant::from_value(value)?))),
            Val::Opaque(_) | Val::Error(_) => return None,
        })
    }
}

fn aggregate(value: &Val<'_>) -> Option<Constant> {
    match value {
        Val::List(list) => {
            let elements: Option<Vec<Constant>> =
                list.iter().map(|element| Constant::from_value(&element)).collect();
            Some(Constant::List(elements?.into()))
        }
        Val::Map(map) => {
            let entry = |(key, value)| Some((Constant::from_value(&key)?, Constant::from_value(&value)?));
            let entries: Option<Vec<_>> = map.iter().map(entry).collect();
            Some(Constant::Map(entries?.into()))
        }
        _ => None,
    }
}

/// The value as a document, when it is made of what JSON has. Map keys must be strings.
fn as_object(value: &Val<'_>) -> Option<Object> {
    let mut builder = ObjectBuilder::new(Limits::default());
    builder.start("", Object::default());
    write(value, &mut builder)?;
    builder.finish().map(Object::into_constant)
}

fn write(value: &Val<'_>, builder: &mut ObjectBuilder) -> Option<()> {
    let span = Span::default();
    match value {
        Val::Null => builder.null(span),
        Val::Bool(value) => builder.bool(*value, span),
        Val::Int(value) => builder.int(*value, span),
        Val::Double(value) => builder.double(*value, span),
        Val::String(value) => builder.string(Str::Owned(value), span),
        Val::List(list) => {
            builder.begin_list(span).ok()?;
            for element in list.iter() {
                write(&element, builder)?;
            }
            builder.end(span)
        }
        Val::Map(map) => {
            builder.begin_map(span).ok()?;
            for (key, value) in map.iter() {
                let Val::String(key) = key else { return None };
                builder.key(Str::Owned(key), span);
                write(&value, builder)?;
            }
            builder.end(span)
        }
        _ => return None,
    }
    .ok()
}
