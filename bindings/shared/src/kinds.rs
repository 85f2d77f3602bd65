//! Custom kinds, from the CustomResourceDefinitions among the inputs.

use kordon::admission::{GroupVersionResource, Request};
use kordon::document::{NodeRef, Object};
use std::collections::HashMap;

/// How custom kinds are served, by group and kind.
#[derive(Debug, Default)]
pub struct CustomKinds(HashMap<(String, String), Served>);

#[derive(Debug)]
struct Served {
    plural: String,
    namespaced: bool,
}

impl CustomKinds {
    /// Learns a kind if the object is a CustomResourceDefinition.
    pub fn add(&mut self, object: &Object) {
        let root = object.root();
        let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let version = text(root.field("apiVersion"));
        if !version.starts_with("apiextensions.k8s.io/")
            || text(root.field("kind")) != "CustomResourceDefinition"
        {
            return;
        }
        let Some(spec) = root.field("spec") else { return };
        let name = |field: &str| text(spec.field("names").and_then(|names| names.field(field)));
        let served = Served { plural: name("plural"), namespaced: text(spec.field("scope")) != "Cluster" };
        self.0.insert((text(spec.field("group")), name("kind")), served);
    }

    /// Corrects what a request could only guess about a custom resource. Namespaced objects without a namespace are
    /// taken to be in the default namespace.
    pub fn correct(&self, request: &mut Request, default_namespace: &str) {
        let known = kordon::admission::is_namespaced(&request.kind.group, &request.kind.kind);
        let custom = self.0.get(&(request.kind.group.clone(), request.kind.kind.clone()));
        if let Some(served) = custom.filter(|_| known.is_none()) {
            let kind = &request.kind;
            request.resource = GroupVersionResource::new(&kind.group, &kind.version, &served.plural);
        }
        let namespaced = known.or_else(|| custom.map(|served| served.namespaced));
        match namespaced {
            Some(true) if !names_namespace(request) => request.namespace = default_namespace.to_owned(),
            Some(false) if known.is_none() => request.namespace = String::new(),
            _ => {}
        }
    }
}

fn names_namespace(request: &Request) -> bool {
    let shown = request.object.as_ref().or(request.old_object.as_ref());
    let metadata = shown.and_then(|object| object.root().field("metadata"));
    let namespace = metadata.and_then(|metadata| metadata.field("namespace")).and_then(NodeRef::as_str);
    namespace.is_some_and(|namespace| !namespace.is_empty())
}
