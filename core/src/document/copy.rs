//! Building parts of documents again: items of lists, objects inside of reviews.

use super::builder::{ObjectBuilder, Str};
use super::error::DocumentError;
use super::limits::Limits;
use super::node::{NodeRef, NodeValue};
use super::object::Object;
use crate::source::Span;
use serde::Serialize;

impl NodeRef<'_> {
    /// The node as a document of its own, over the same text.
    pub fn to_object(self) -> Result<Object, DocumentError> {
        let mut builder = ObjectBuilder::new(Limits::default());
        builder.start_shared(self.object().shared_text());
        builder.copy(self)?;
        Ok(builder.finish().unwrap_or_default())
    }
}

impl Object {
    /// The document of any serde value, such as a k8s-openapi type. Its spans are places in the value's JSON.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// let object = Object::from_serialize(&vec![1, 2], &Limits::default()).unwrap();
    /// assert_eq!(object.root().as_list().map(|list| list.len()), Some(2));
    /// ```
    pub fn from_serialize<T: Serialize + ?Sized>(
        value: &T,
        limits: &Limits,
    ) -> Result<Object, DocumentError> {
        let json = serde_json::to_vec(value).map_err(|error| {
            DocumentError::new(super::error::ErrorKind::Serialize, error.to_string(), Span::default())
        })?;
        Object::from_json(&json, limits)
    }
}

impl ObjectBuilder {
    /// Adds a node of another document, as deep as the limits allow.
    pub fn copy(&mut self, node: NodeRef<'_>) -> Result<(), DocumentError> {
        self.copy_with(node, std::iter::empty())
    }

    /// The same with more fields at the front.
    pub(super) fn copy_with<'n>(
        &mut self,
        node: NodeRef<'_>,
        more: impl Iterator<Item = (&'n str, &'n str)>,
    ) -> Result<(), DocumentError> {
        let span = node.span();
        let end = Span { start: span.end, end: span.end };
        match node.value() {
            NodeValue::Null => self.null(span),
            NodeValue::Bool(value) => self.bool(value, span),
            NodeValue::Int(value) => self.int(value, span),
            NodeValue::Double(value) => self.double(value, span),
            NodeValue::String(value) => self.string(Str::Owned(value), span),
            NodeValue::List(list) => {
                self.begin_list(span)?;
                for element in list.iter() {
                    self.copy(element)?;
                }
                self.end(end)
            }
            NodeValue::Map(map) => {
                self.begin_map(span)?;
                for (key, value) in more {
                    self.key(Str::Owned(key), span);
                    self.string(Str::Owned(value), span)?;
                }
                for (key, value) in map.iter() {
                    self.key(Str::Owned(key), value.key_span());
                    self.copy(value)?;
                }
                self.end(end)
            }
        }
    }
}
