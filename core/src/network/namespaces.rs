//! Namespaces with their labels.

use super::endpoint::text;
use crate::document::{NodeRef, Object};
use crate::labels::{LabelSelector, labels_of};
use std::collections::HashMap;

/// The label that says a namespace's name, whatever was written.
///
/// Source: kubernetes `pkg/apis/core/v1/defaults.go`, SetDefaults_Namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The namespaces among the objects. Of others only the name is known.
#[derive(Debug, Default)]
pub(super) struct Namespaces<'o>(HashMap<&'o str, NodeRef<'o>>);

impl<'o> Namespaces<'o> {
    pub(super) fn find(objects: &[&'o Object]) -> Namespaces<'o> {
        let own = objects.iter().map(|object| object.root());
        let own = own.filter(|root| text(*root, "apiVersion") == "v1" && text(*root, "kind") == "Namespace");
        let named = own.filter_map(|root| Some((root.field("metadata")?.field("name")?.as_str()?, root)));
        Namespaces(named.collect())
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn object(&self, name: &str) -> Option<NodeRef<'o>> {
        self.0.get(name).copied()
    }

    pub(super) fn is_selected(&self, name: &str, selector: &LabelSelector) -> bool {
        let labels = self.0.get(name).and_then(|namespace| labels_of(*namespace));
        selector.holds(|key| match key {
            NAME_LABEL => Some(name),
            key => labels?.lookup(key).map(|value| value.as_str().unwrap_or_default()),
        })
    }
}
