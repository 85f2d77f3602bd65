//! CustomResourceDefinitions as manifests have them: which kinds there are, and the schema of each version.

use super::definition::check_rules;
use super::field_error::FieldError;
use crate::cel::environment::Env;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, NodeRef};
use crate::schema::Structural;
use crate::source::{Source, Span};
use std::sync::Arc;

/// A kind that is not built in.
#[derive(Clone, Debug)]
pub struct CustomResourceDefinition {
    pub name: String,
    pub group: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
    /// Those with a schema.
    pub versions: Vec<CustomResourceVersion>,
    pub source: Arc<Source>,
    pub span: Span,
}

/// One version of a kind.
#[derive(Clone, Debug)]
pub struct CustomResourceVersion {
    pub name: String,
    pub schema: Arc<Structural>,
    /// Where errors say that the schema is.
    pub path: String,
    /// Whether the status is a subresource of its own.
    pub status: bool,
    pub scale: Option<Scale>,
}

/// Where a kind has what is scaled, as JSON paths of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    pub spec_replicas: String,
    pub status_replicas: String,
    pub label_selector: Option<String>,
}

impl CustomResourceDefinition {
    pub fn is_definition(document: &Document) -> bool {
        let root = document.object.root();
        text(root, "apiVersion") == "apiextensions.k8s.io/v1"
            && text(root, "kind") == "CustomResourceDefinition"
    }

    /// Reads a definition. Of its fields only those that custom resources are checked by are looked at.
    pub fn from_document(document: &Document) -> Result<CustomResourceDefinition, Vec<Diagnostic>> {
        let root = document.object.root();
        let field = |parent: Option<NodeRef<'_>>, name: &str| {
            parent.map_or("", |parent| text(parent, name)).to_owned()
        };
        let spec = root.field("spec");
        let mut definition = CustomResourceDefinition {
            name: field(root.field("metadata"), "name"),
            group: field(spec, "group"),
            kind: field(spec.and_then(|spec| spec.field("names")), "kind"),
            plural: field(spec.and_then(|spec| spec.field("names")), "plural"),
            namespaced: field(spec, "scope") != "Cluster",
            versions: Vec::new(),
            source: Arc::clone(&document.source),
            span: root.span(),
        };
        let mut problems = Vec::new();
        let list = spec.and_then(|spec| spec.field("versions")).and_then(NodeRef::as_list);
        let count = list.map_or(0, |list| list.len());
        for (index, version) in list.iter().flat_map(|list| list.iter()).enumerate() {
            let schema = version.field("schema").and_then(|schema| schema.field("openAPIV3Schema"));
            let Some(schema) = schema.filter(|schema| !schema.is_null()) else { continue };
            // Of a single version the API server takes the schema to be of all.
            let path = match count {
                1 => "spec.validation.openAPIV3Schema".to_owned(),
                _ => format!("spec.versions[{index}].schema.openAPIV3Schema"),
            };
            let part = |name: &str| version.field("subresources")?.field(name).filter(|part| !part.is_null());
            let scale = part("scale").map(|scale| Scale {
                spec_replicas: text(scale, "specReplicasPath").to_owned(),
                status_replicas: text(scale, "statusReplicasPath").to_owned(),
                label_selector: scale.field("labelSelectorPath").and_then(NodeRef::as_str).map(str::to_owned),
            });
            match Structural::read(schema) {
                Ok(schema) => definition.versions.push(CustomResourceVersion {
                    name: text(version, "name").to_owned(),
                    schema: Arc::new(schema),
                    path,
                    status: part("status").is_some(),
                    scale,
                }),
                Err(found) => problems.extend(found.into_iter().map(|problem| {
                    Diagnostic::error("bad-schema", problem.message).at(&document.source, problem.span)
                })),
            }
        }
        if problems.is_empty() { Ok(definition) } else { Err(problems) }
    }

    /// What the API server refuses in the rules of all versions.
    pub fn check_rules(&self, env: &Env) -> Vec<FieldError> {
        self.versions.iter().flat_map(|version| check_rules(&version.schema, &version.path, env)).collect()
    }
}

fn text<'d>(node: NodeRef<'d>, name: &str) -> &'d str {
    node.field(name).and_then(NodeRef::as_str).unwrap_or_default()
}
