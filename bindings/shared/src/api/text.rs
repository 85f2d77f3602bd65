//! [`Text`] and [`Input`]: what programs hand over.

use super::Error;
use kordon::document::{Limits, Object, ObjectBuilder, documents};
use std::cell::RefCell;

/// A text with one or more documents, YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As problems name it.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Text {
    /// Texts without names, numbered from 0.
    pub fn numbered(texts: impl IntoIterator<Item = Vec<u8>>) -> Vec<Text> {
        let name = |(at, bytes)| Text { name: format!("policy-{at}.yaml"), bytes };
        texts.into_iter().enumerate().map(name).collect()
    }
}

/// One object.
#[derive(Clone, Debug)]
pub enum Input<'i> {
    /// JSON or YAML.
    Bytes(&'i [u8]),
    /// Already read, as from the values of a host language.
    Object(Object),
}

thread_local! {
    static BUILDER: RefCell<ObjectBuilder> = RefCell::new(ObjectBuilder::new(Limits::default()));
}

impl Input<'_> {
    /// Reads the object. Bytes must hold exactly one.
    pub fn read(self) -> Result<Object, Error> {
        self.read_into(Object::default())
    }

    /// Reads the object into the memory of another.
    pub(super) fn read_into(self, recycled: Object) -> Result<Object, Error> {
        let bytes = match self {
            Input::Object(object) => return Ok(object),
            Input::Bytes(bytes) => bytes,
        };
        if bytes.trim_ascii_start().starts_with(b"{") {
            let read =
                BUILDER.with_borrow_mut(|builder| builder.read_json(bytes, recycled, &Limits::default()));
            match read {
                Ok(object) if !is_list(&object) => return Ok(object),
                // A flow map of YAML begins as JSON does.
                Ok(_) | Err(_) => {}
            }
        }
        let mut read = documents("<object>", bytes, &Limits::default());
        match (read.pop(), read.len()) {
            (Some(document), 0) => Ok(document?.object),
            (None, _) => Err(Error::argument("there is no object in the text")),
            (Some(_), more) => {
                Err(Error::argument(format!("there are {} objects in the text, not one", more + 1)))
            }
        }
    }
}

/// Lists of objects, which are taken apart.
fn is_list(object: &Object) -> bool {
    let kind = object.root().field("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
    kind.ends_with("List")
}
