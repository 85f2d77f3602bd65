//! [`Namespaces`]: what policies see of the namespace that a request is in.

use super::GroupVersionKind;
use crate::document::{DocumentError, Limits, NodeRef, NodeValue, Object, ObjectBuilder, Str};
use crate::source::Span;
use std::collections::BTreeMap;

/// The label that the API server sets on every namespace to its name.
pub const METADATA_NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The namespaces that are known. Any other exists too, with nothing but its name and [`METADATA_NAME_LABEL`].
#[derive(Clone, Debug, Default)]
pub struct Namespaces {
    /// What CEL sees of each; its labels are those that selectors see.
    by_name: BTreeMap<String, Object>,
}

impl Namespaces {
    /// Takes the Namespaces among the objects, as they are written.
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Namespaces {
        let mut namespaces = Namespaces::default();
        for object in objects {
            if let Some(name) = name_of(&object) {
                namespaces.add(name, &object, false);
            }
        }
        namespaces
    }

    /// Adds a Namespace with the label that the API server sets on every one. False when it is no Namespace.
    pub fn insert_defaulted(&mut self, namespace: &Object) -> bool {
        let name = name_of(namespace);
        if let Some(name) = name {
            self.add(name, namespace, true);
        }
        name.is_some()
    }

    /// Adds a namespace under a name, whatever its object says.
    pub fn insert(&mut self, name: impl Into<String>, object: Object) {
        self.add(&name.into(), &object, false);
    }

    fn add(&mut self, name: &str, namespace: &Object, label: bool) {
        // What was read within limits is not refused for being read again.
        let limits = Limits { max_nodes: usize::MAX, max_depth: usize::MAX, ..Limits::default() };
        let label = label.then_some(name);
        if let Ok(variable) = write_variable(namespace, label, &mut ObjectBuilder::new(limits)) {
            self.by_name.insert(name.to_owned(), variable);
        }
    }

    /// The `namespaceObject` of a namespace that was given: `metadata` without what the API server holds back
    /// (managedFields, ownerReferences, …), `spec` and `status`. Times are strings, as they are there too.
    pub fn find(&self, name: &str) -> Option<&Object> {
        self.by_name.get(name)
    }
}

/// The name of a Namespace; `None` for other objects.
fn name_of(object: &Object) -> Option<&str> {
    let kind = GroupVersionKind::of(object);
    let is_namespace = kind.group.is_empty() && kind.version == "v1" && kind.kind == "Namespace";
    let name = object.root().field("metadata").and_then(|metadata| metadata.field("name"));
    is_namespace.then(|| name.and_then(NodeRef::as_str).unwrap_or_default())
}

/// How a field of a Namespace is written in Go's JSON: absent when it is empty or of another type.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    /// An integer, absent when it is zero.
    Number,
    /// A pointer to an integer: zero is a value.
    NumberOrZero,
    Texts,
    TextMap,
    Conditions,
}

/// Source: `admission/plugin/cel/condition.go` (CreateNamespaceObject).
const METADATA: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("generateName", Shape::Text),
    ("namespace", Shape::Text),
    ("uid", Shape::Text),
    ("resourceVersion", Shape::Text),
    ("generation", Shape::Number),
    ("creationTimestamp", Shape::Text),
    ("deletionTimestamp", Shape::Text),
    ("deletionGracePeriodSeconds", Shape::NumberOrZero),
    ("labels", Shape::TextMap),
    ("annotations", Shape::TextMap),
    ("finalizers", Shape::Texts),
];
const SPEC: &[(&str, Shape)] = &[("finalizers", Shape::Texts)];
const STATUS: &[(&str, Shape)] = &[("phase", Shape::Text), ("conditions", Shape::Conditions)];
/// Fields of a condition, and whether they are present even when empty.
const CONDITION: &[(&str, bool)] =
    &[("type", true), ("status", true), ("lastTransitionTime", false), ("reason", false), ("message", false)];

fn write_variable(
    namespace: &Object,
    label: Option<&str>,
    builder: &mut ObjectBuilder,
) -> Result<Object, DocumentError> {
    builder.start("", Object::default());
    builder.begin_map(Span::default())?;
    for (part, fields) in [("metadata", METADATA), ("spec", SPEC), ("status", STATUS)] {
        key(builder, part);
        builder.begin_map(Span::default())?;
        let source = namespace.root().field(part);
        for &(name, shape) in fields {
            let value = source.and_then(|source| source.field(name));
            match label.filter(|_| name == "labels") {
                Some(label) => write_labels(value, label, builder)?,
                None => write_field(name, shape, value, builder)?,
            }
        }
        builder.end(Span::default())?;
    }
    builder.end(Span::default())?;
    Ok(builder.finish().unwrap_or_default())
}

fn write_field(
    name: &str,
    shape: Shape,
    value: Option<NodeRef<'_>>,
    builder: &mut ObjectBuilder,
) -> Result<(), DocumentError> {
    let Some(value) = value else { return Ok(()) };
    let text = |node: NodeRef<'_>| node.as_str().is_some();
    let wanted = match (shape, value.value()) {
        (Shape::Text, NodeValue::String(text)) => !text.is_empty(),
        (Shape::Number, NodeValue::Int(number)) => number != 0,
        (Shape::NumberOrZero, NodeValue::Int(_)) => true,
        (Shape::Texts, NodeValue::List(list)) => !list.is_empty() && list.iter().all(text),
        (Shape::TextMap, NodeValue::Map(map)) => !map.is_empty() && map.iter().all(|(_, node)| text(node)),
        (Shape::Conditions, NodeValue::List(list)) if !list.is_empty() => {
            key(builder, name);
            builder.begin_list(Span::default())?;
            for condition in list.iter() {
                write_condition(condition, builder)?;
            }
            return builder.end(Span::default());
        }
        _ => false,
    };
    if !wanted {
        return Ok(());
    }
    key(builder, name);
    builder.copy(value)
}

fn write_condition(condition: NodeRef<'_>, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
    builder.begin_map(Span::default())?;
    for &(name, always) in CONDITION {
        let text = condition.field(name).and_then(NodeRef::as_str).unwrap_or_default();
        if name == "lastTransitionTime" && text.is_empty() {
            // A Go struct is never empty for `omitempty`, and a zero time is written as null.
            key(builder, name);
            builder.null(Span::default())?;
        } else if always || !text.is_empty() {
            entry(builder, name, text)?;
        }
    }
    builder.end(Span::default())
}

/// The labels as written, and the one that says the namespace's name.
fn write_labels(
    labels: Option<NodeRef<'_>>,
    name: &str,
    builder: &mut ObjectBuilder,
) -> Result<(), DocumentError> {
    key(builder, "labels");
    builder.begin_map(Span::default())?;
    for (label, value) in labels.and_then(NodeRef::as_map).into_iter().flat_map(|map| map.iter()) {
        if let Some(text) = value.as_str().filter(|_| label != METADATA_NAME_LABEL) {
            entry(builder, label, text)?;
        }
    }
    entry(builder, METADATA_NAME_LABEL, name)?;
    builder.end(Span::default())
}

/// The key of what comes next.
fn key(builder: &mut ObjectBuilder, name: &str) {
    builder.key(Str::Owned(name), Span::default());
}

/// A string entry of the innermost map.
fn entry(builder: &mut ObjectBuilder, name: &str, value: &str) -> Result<(), DocumentError> {
    key(builder, name);
    builder.string(Str::Owned(value), Span::default())
}
