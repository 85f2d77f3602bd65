//! Custom kinds, as far as their types go.

use super::kinds::Served;
use crate::admission::GroupVersionKind;
use crate::document::{NodeRef, Object};
use crate::schema::Structural;

/// A CustomResourceDefinition.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    group: String,
    kind: String,
    plural: String,
    singular: String,
    /// The versions that are served.
    versions: Vec<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    name: String,
    /// `None` when there is none that can be read, which the API server would not accept.
    schema: Option<Structural>,
}

impl Definition {
    /// `None` when the object is no CustomResourceDefinition, or an incomplete one.
    pub(super) fn read(object: &Object) -> Option<Definition> {
        let root = object.root();
        let kind = GroupVersionKind::of(object);
        if kind != GroupVersionKind::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition") {
            return None;
        }
        let spec = root.field("spec")?;
        let names = spec.field("names")?;
        let versions = spec.field("versions").and_then(NodeRef::as_list)?;
        let kind = text(names, "kind")?;
        Some(Definition {
            group: text(spec, "group")?,
            plural: text(names, "plural")?,
            singular: text(names, "singular").unwrap_or_else(|| kind.to_lowercase()),
            versions: versions.iter().filter_map(Version::read).collect(),
            kind,
        })
    }

    /// The resources of the definition.
    pub(super) fn served(&self) -> impl Iterator<Item = Served<'_>> {
        self.versions.iter().map(|version| Served {
            group: &self.group,
            version: &version.name,
            plural: &self.plural,
            singular: &self.singular,
            kind: &self.kind,
        })
    }

    /// The schema of a kind that is this one.
    pub(super) fn schema(&self, kind: &GroupVersionKind) -> Option<&Structural> {
        let version = self.versions.iter().find(|version| version.name == kind.version)?;
        version.schema.as_ref().filter(|_| self.group == kind.group && self.kind == kind.kind)
    }
}

impl Version {
    fn read(node: NodeRef<'_>) -> Option<Version> {
        if node.field("served").and_then(NodeRef::as_bool) != Some(true) {
            return None;
        }
        let schema = node.field("schema").and_then(|schema| schema.field("openAPIV3Schema"));
        let schema = schema.filter(|schema| !schema.is_null());
        Some(Version {
            name: text(node, "name")?,
            schema: schema.and_then(|schema| Structural::read(schema).ok()),
        })
    }
}

fn text(node: NodeRef<'_>, field: &str) -> Option<String> {
    node.field(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
