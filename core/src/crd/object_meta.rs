//! Metadata of custom resources and of resources embedded in them.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/objectmeta/validation.go` and apimachinery
//! `pkg/api/validation/objectmeta.go`.

use super::field_error::{ErrorType, FieldError, Shown};
use super::path::Path;
use crate::cel::library::kubernetes::format::{
    dns1035_label, dns1123_label, dns1123_subdomain, label_value, qualified_name,
};
use crate::document::{ListRef, NodeRef, NodeValue};
use crate::go::{is_printable, push_json, quoted};
use crate::schema::Structural;
use crate::source::Span;
use crate::validation::formats::{made_name, path_segment};
use std::collections::HashSet;

/// The most that keys and values of all annotations may take.
const MAX_ANNOTATIONS_BYTES: usize = 256 * 1024;

/// What is wrong with the metadata of a whole resource. Of an update its names and finalizers are not
/// looked at again.
pub(super) fn validate_root(object: NodeRef<'_>, is_update: bool) -> Vec<FieldError> {
    let mut errors = Errors(Vec::new());
    let root = Path::Root(None);
    let path = root.child("metadata");
    match object.field("metadata").filter(|metadata| !metadata.is_null()) {
        Some(metadata) => errors.metadata(&path, metadata, Names::Root { is_update }),
        None if is_update => {}
        None => errors.nameless(&path, object),
    }
    errors.0
}

/// The same of resources that a schema says are embedded.
pub(super) fn validate_embedded(schema: &Structural, object: NodeRef<'_>) -> Vec<FieldError> {
    let mut errors = Errors(Vec::new());
    errors.value(schema, &Path::Root(None), object);
    errors.0
}

/// Bytes of the name of a field manager.
const LONGEST_MANAGER: usize = 128;
/// Bytes of the name of a subresource.
const LONGEST_SUBRESOURCE: usize = 256;

#[derive(Clone, Copy)]
enum Names {
    /// Names of custom resources are subdomains, and there must be one.
    Root {
        is_update: bool,
    },
    Embedded,
}

struct Errors(Vec<FieldError>);

impl Errors {
    fn add(&mut self, kind: ErrorType, path: &Path<'_>, shown: Shown<'_>, detail: &str, node: NodeRef<'_>) {
        self.0.push(FieldError::new(kind, path, shown, detail, Span::default()).at(node));
    }

    fn invalid(&mut self, path: &Path<'_>, text: &str, problems: Vec<String>, node: NodeRef<'_>) {
        for problem in problems {
            self.add(ErrorType::Invalid, path, Shown::Text(text), &problem, node);
        }
    }

    fn value(&mut self, schema: &Structural, path: &Path<'_>, node: NodeRef<'_>) {
        match node.value() {
            NodeValue::Map(map) => {
                if schema.embedded_resource {
                    self.resource(path, node);
                }
                for (name, entry) in map.iter() {
                    if let Some(property) = schema.properties.get(name) {
                        self.value(property, &path.child(name), entry);
                    } else if let Some(additional) = schema.additional_schema() {
                        self.value(additional, &path.key(name), entry);
                    }
                }
            }
            NodeValue::List(list) => {
                if let Some(items) = &schema.items {
                    for (index, element) in list.iter().enumerate() {
                        self.value(items, &path.index(index), element);
                    }
                }
            }
            _ => {}
        }
    }

    fn resource(&mut self, path: &Path<'_>, node: NodeRef<'_>) {
        for name in ["apiVersion", "kind"] {
            let path = path.child(name);
            let Some(found) = node.field(name) else {
                self.add(ErrorType::Required, &path, Shown::Nothing, "", node);
                continue;
            };
            let problem = match found.as_str() {
                None => Some("must be a string".to_owned()),
                Some("") => Some("must not be empty".to_owned()),
                Some(text) if name == "apiVersion" => {
                    (text.matches('/').count() > 1).then(|| format!("unexpected GroupVersion string: {text}"))
                }
                Some(text) => {
                    let problems = dns1035_label(&text.to_lowercase(), false);
                    let detail =
                        || format!("may have mixed case, but should otherwise match: {}", problems.join(","));
                    (!problems.is_empty()).then(detail)
                }
            };
            if let Some(problem) = problem {
                self.add(ErrorType::Invalid, &path, Shown::Node(found), &problem, found);
            }
        }
        if let Some(metadata) = node.field("metadata").filter(|metadata| !metadata.is_null()) {
            let path = path.child("metadata");
            let kind = match metadata.value() {
                NodeValue::Bool(_) => "bool",
                NodeValue::Int(_) | NodeValue::Double(_) => "number",
                NodeValue::String(_) => "string",
                NodeValue::List(_) => "array",
                NodeValue::Null | NodeValue::Map(_) => {
                    return self.metadata(&path, metadata, Names::Embedded);
                }
            };
            // Only what a default put there can be of another type.
            let detail = format!("json: cannot unmarshal {kind} into Go value of type v1.ObjectMeta");
            self.add(ErrorType::Invalid, &path, Shown::Node(metadata), &detail, metadata);
        }
    }

    fn nameless(&mut self, path: &Path<'_>, node: NodeRef<'_>) {
        let (path, detail) = (path.child("name"), "name or generateName is required");
        self.add(ErrorType::Required, &path, Shown::Nothing, detail, node);
    }

    /// What is wrong with metadata, the same once.
    fn metadata(&mut self, path: &Path<'_>, metadata: NodeRef<'_>, names: Names) {
        let mut own = Errors(Vec::new());
        own.fields(path, metadata, names);
        let mut said = HashSet::new();
        own.0.retain(|error| said.insert((error.field.clone(), error.detail.clone())));
        self.0.append(&mut own.0);
    }

    fn fields(&mut self, path: &Path<'_>, metadata: NodeRef<'_>, names: Names) {
        let text = |name: &str| {
            let node = metadata.field(name)?;
            Some((node.as_str().filter(|text| !text.is_empty())?, node))
        };
        let check = |name: &str, prefix: bool| match names {
            Names::Root { .. } => dns1123_subdomain(name, prefix, "characters"),
            Names::Embedded => path_segment(name, prefix),
        };
        if !matches!(names, Names::Root { is_update: true }) {
            let (generate, name) = (text("generateName"), text("name"));
            if let Some((prefix, node)) = generate {
                self.invalid(&path.child("generateName"), prefix, check(prefix, true), node);
            }
            match name {
                Some((name, node)) => self.invalid(&path.child("name"), name, check(name, false), node),
                None if matches!(names, Names::Root { .. })
                    && let Some((prefix, node)) = generate =>
                {
                    let name = made_name(prefix);
                    self.invalid(&path.child("name"), &name, check(&name, false), node);
                }
                None if generate.is_none() && matches!(names, Names::Root { .. }) => {
                    self.nameless(path, metadata);
                }
                None => {}
            }
            if let Some((namespace, node)) = text("namespace") {
                self.invalid(
                    &path.child("namespace"),
                    namespace,
                    dns1123_label(namespace, false, "characters"),
                    node,
                );
            }
        }
        if let Some(node) = metadata.field("generation")
            && node.as_int().is_some_and(|generation| generation < 0)
        {
            let (path, detail) = (path.child("generation"), "must be greater than or equal to 0");
            self.add(ErrorType::Invalid, &path, Shown::Node(node), detail, node);
        }
        self.labels(path, metadata);
        self.annotations(path, metadata);
        if let Some(owners) = metadata.field("ownerReferences").and_then(NodeRef::as_list) {
            self.owners(&path.child("ownerReferences"), owners);
        }
        if !matches!(names, Names::Root { is_update: true })
            && let Some(finalizers) = metadata.field("finalizers").and_then(NodeRef::as_list)
        {
            self.finalizers(&path.child("finalizers"), finalizers);
        }
        if let Some(entries) = metadata.field("managedFields").and_then(NodeRef::as_list) {
            self.managers(&path.child("managedFields"), entries);
        }
    }

    /// Source: apimachinery `pkg/apis/meta/v1/validation/validation.go`. Of whole resources the server writes them itself.
    fn managers(&mut self, path: &Path<'_>, entries: ListRef<'_>) {
        for (index, entry) in entries.iter().enumerate() {
            let at = path.index(index);
            let text = |name: &str| entry.field(name).and_then(NodeRef::as_str).unwrap_or_default();
            let longer = |name: &str, most: usize| text(name).len() > most;
            let operation = text("operation");
            let mut shown = String::new();
            push_json(&mut shown, operation);
            match operation {
                "Apply" | "Update" => {}
                "" => {
                    let detail = "must not be empty";
                    self.add(ErrorType::Required, &at.child("operation"), Shown::Nothing, detail, entry);
                }
                _ => {
                    let (kind, detail) = (ErrorType::NotSupported, "supported values: \"Apply\", \"Update\"");
                    self.add(kind, &at.child("operation"), Shown::Raw(&shown), detail, entry);
                }
            }
            let kind = text("fieldsType");
            if !matches!(kind, "" | "FieldsV1") {
                let problem = "must be `FieldsV1`".to_owned();
                self.invalid(&at.child("fieldsType"), kind, vec![problem], entry);
            }
            let too_long = |most: usize| format!("may not be more than {most} bytes");
            if longer("manager", LONGEST_MANAGER) {
                let detail = too_long(LONGEST_MANAGER);
                self.add(ErrorType::TooLong, &at.child("manager"), Shown::Nothing, &detail, entry);
            }
            let manager = text("manager");
            let odd = manager
                .char_indices()
                .filter(|(_, letter)| letter.is_ascii_control() || !is_printable(*letter));
            let odd = odd.map(|(at, letter)| {
                format!("invalid character U+{:04X} (at position {at})", u32::from(letter))
            });
            self.invalid(&at.child("manager"), manager, odd.collect(), entry);
            if longer("subresource", LONGEST_SUBRESOURCE) {
                let detail = too_long(LONGEST_SUBRESOURCE);
                self.add(ErrorType::TooLong, &at.child("subresource"), Shown::Nothing, &detail, entry);
            }
        }
    }

    fn labels(&mut self, path: &Path<'_>, metadata: NodeRef<'_>) {
        let path = path.child("labels");
        let Some(labels) = metadata.field("labels").and_then(NodeRef::as_map) else { return };
        for (key, value) in labels.iter() {
            self.invalid(&path, key, qualified_name(key), value);
            let text = value.as_str().unwrap_or_default();
            self.invalid(&path, text, label_value(text), value);
        }
    }

    fn annotations(&mut self, path: &Path<'_>, metadata: NodeRef<'_>) {
        let path = path.child("annotations");
        let Some(annotations) = metadata.field("annotations").and_then(NodeRef::as_map) else { return };
        let mut size = 0;
        for (key, value) in annotations.iter() {
            self.invalid(&path, key, qualified_name(&key.to_lowercase()), value);
            size += key.len() + value.as_str().unwrap_or_default().len();
        }
        if size > MAX_ANNOTATIONS_BYTES {
            let detail = format!("may not be more than {MAX_ANNOTATIONS_BYTES} bytes");
            self.add(ErrorType::TooLong, &path, Shown::Nothing, &detail, annotations.node());
        }
    }

    fn owners(&mut self, path: &Path<'_>, owners: ListRef<'_>) {
        let mut controller = String::new();
        for (index, owner) in owners.iter().enumerate() {
            let at = path.index(index);
            let text = |name: &str| owner.field(name).and_then(NodeRef::as_str).unwrap_or_default();
            let version = text("apiVersion");
            let well_formed = match version.split_once('/') {
                None => true,
                Some((_, version)) => !version.is_empty() && !version.contains('/'),
            };
            if !version.is_empty() && !well_formed {
                let (path, detail) = (at.child("apiVersion"), "must be <group>/<version> or <version>");
                self.add(ErrorType::Invalid, &path, Shown::Text(version), detail, owner);
            }
            for name in ["apiVersion", "kind", "name", "uid"].into_iter().filter(|name| text(name).is_empty())
            {
                let path = at.child(name);
                self.add(ErrorType::Required, &path, Shown::Nothing, "must not be empty", owner);
            }
            if version == "v1" && text("kind") == "Event" {
                let shown = owner_text(owner);
                let detail = "/v1, Kind=Event is disallowed from being an owner";
                self.add(ErrorType::Invalid, &at, Shown::Raw(&shown), detail, owner);
            }
            if owner.field("controller").and_then(NodeRef::as_bool) != Some(true) {
                continue;
            }
            let own = format!("{}/{}", text("kind"), text("name"));
            if controller.is_empty() {
                controller = own;
                continue;
            }
            let shown: Vec<String> = owners.iter().map(owner_text).collect();
            let detail = format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {own}"
            );
            let shown = format!("[{}]", shown.join(","));
            self.add(ErrorType::Invalid, path, Shown::Raw(&shown), &detail, owner);
        }
    }

    fn finalizers(&mut self, path: &Path<'_>, finalizers: ListRef<'_>) {
        for finalizer in finalizers.iter() {
            let text = finalizer.as_str().unwrap_or_default();
            self.invalid(path, text, qualified_name(text), finalizer);
        }
        let has = |name: &str| finalizers.iter().any(|finalizer| finalizer.as_str() == Some(name));
        if has("orphan") && has("foregroundDeletion") {
            let detail = "finalizer orphan and foregroundDeletion cannot be both set";
            let node = finalizers.node();
            self.add(ErrorType::Invalid, path, Shown::Node(node), detail, node);
        }
    }
}

/// An owner as Go's `encoding/json` writes the struct.
fn owner_text(owner: NodeRef<'_>) -> String {
    let mut text = String::new();
    for name in ["apiVersion", "kind", "name", "uid"] {
        text.push_str(if text.is_empty() { "{" } else { "," });
        text.push_str(&quoted(name));
        text.push(':');
        push_json(&mut text, owner.field(name).and_then(NodeRef::as_str).unwrap_or_default());
    }
    for name in ["controller", "blockOwnerDeletion"] {
        if let Some(value) = owner.field(name).and_then(NodeRef::as_bool) {
            text.push_str(&format!(",{}:{value}", quoted(name)));
        }
    }
    text.push('}');
    text
}
