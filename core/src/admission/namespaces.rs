//! The namespaces that are known, by name.

use crate::document::{NodeRef, Object};
use std::collections::HashMap;

/// Namespace objects. One that was not given exists all the same, with nothing but its name and the label that the
/// API server always sets.
#[derive(Clone, Debug, Default)]
pub struct Namespaces {
    given: HashMap<String, Object>,
}

impl Namespaces {
    /// Takes the Namespaces among the objects.
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Namespaces {
        let named = |object: Object| {
            let root = object.root();
            let is_namespace = root.field("kind").and_then(NodeRef::as_str) == Some("Namespace")
                && root.field("apiVersion").and_then(NodeRef::as_str) == Some("v1");
            let name =
                root.field("metadata").and_then(|metadata| metadata.field("name")).and_then(NodeRef::as_str);
            let name = name.filter(|_| is_namespace)?.to_owned();
            Some((name, object))
        };
        Namespaces { given: objects.into_iter().filter_map(named).collect() }
    }

    /// Adds a namespace under a name, whatever its object says.
    pub fn insert(&mut self, name: impl Into<String>, object: Object) {
        self.given.insert(name.into(), object);
    }

    pub fn find(&self, name: &str) -> Option<&Object> {
        self.given.get(name)
    }
}
