//! From a template to what it changes in one object.

use super::template::{Change, Root, Segment, Verb};
use kordon::document::{NodeRef, Object};
use serde_json::{Map, Value, json};

/// One change at one place, where it changes something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    /// The nearest container that is there.
    pub(super) parent: Vec<Step>,
    pub(super) action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Element(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// A field that the map at `parent` does not have.
    Insert(String, Value),
    /// A field that it has.
    Replace(String, Value),
    /// An element at the end of the list at `parent`.
    Append(Value),
    Remove(String),
}

impl Operation {
    /// The same of RFC 6902.
    pub(super) fn patch(&self) -> Value {
        let mut pointer = String::new();
        for step in &self.parent {
            match step {
                Step::Field(name) => pointer.push_str(&format!("/{}", escaped(name))),
                Step::Element(at) => pointer.push_str(&format!("/{at}")),
            }
        }
        let at = |name: &str| format!("{pointer}/{}", escaped(name));
        match &self.action {
            Action::Insert(name, value) => json!({"op": "add", "path": at(name), "value": value}),
            Action::Replace(name, value) => json!({"op": "replace", "path": at(name), "value": value}),
            Action::Append(value) => json!({"op": "add", "path": format!("{pointer}/-"), "value": value}),
            Action::Remove(name) => json!({"op": "remove", "path": at(name)}),
        }
    }
}

/// Source: RFC 6901, 3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What a change changes in an object as it was written.
pub(super) fn operations(change: &Change, object: &Object) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (at, node) in roots(change.root, object) {
        walk(change, node, at, &change.path, &mut operations);
    }
    operations
}

/// Where the paths of a change begin.
fn roots(root: Root, object: &Object) -> Vec<(Vec<Step>, NodeRef<'_>)> {
    let mut at = Vec::new();
    let mut node = object.root();
    if root == Root::Object {
        return vec![(at, node)];
    }
    let kind = node.field("kind").and_then(NodeRef::as_str).unwrap_or_default();
    let path: &[&str] = match kind {
        "Pod" => &["spec"],
        "PodTemplate" => &["template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    for &field in path {
        let Some(next) = node.field(field).filter(|next| next.as_map().is_some()) else { return Vec::new() };
        at.push(Step::Field(field.to_owned()));
        node = next;
    }
    if root == Root::PodSpec {
        return vec![(at, node)];
    }
    let mut containers = Vec::new();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let elements = node.field(list).and_then(NodeRef::as_list);
        for (number, element) in elements.into_iter().flat_map(|elements| elements.iter()).enumerate() {
            let steps = [Step::Field(list.to_owned()), Step::Element(number)];
            containers.push((at.iter().cloned().chain(steps).collect(), element));
        }
    }
    containers
}

fn walk(
    change: &Change,
    node: NodeRef<'_>,
    at: Vec<Step>,
    path: &[Segment],
    operations: &mut Vec<Operation>,
) {
    match path {
        [] => {}
        [Segment::All, rest @ ..] => {
            for (number, element) in node.as_list().into_iter().flat_map(|list| list.iter()).enumerate() {
                let at = at.iter().cloned().chain([Step::Element(number)]).collect();
                walk(change, element, at, rest, operations);
            }
        }
        [Segment::Field(name), rest @ ..] => {
            if node.as_map().is_none() {
                return;
            }
            let found = node.field(name);
            match found.filter(|value| !value.is_null()) {
                Some(value) if !rest.is_empty() => {
                    let at = at.into_iter().chain([Step::Field(name.clone())]).collect();
                    walk(change, value, at, rest, operations);
                }
                Some(value) => operations.extend(last(change, value, at, name)),
                None => {
                    let Some(made) = made(change, rest) else { return };
                    let action = match found {
                        Some(_) => Action::Replace(name.clone(), made),
                        None => Action::Insert(name.clone(), made),
                    };
                    operations.push(Operation { parent: at, action });
                }
            }
        }
    }
}

/// What is done to a value that is there.
fn last(change: &Change, value: NodeRef<'_>, at: Vec<Step>, name: &str) -> Option<Operation> {
    let written = serde_json::to_value(value).ok()?;
    let wanted = &change.value;
    let (parent, action) = match change.verb {
        Verb::Remove => (at, Action::Remove(name.to_owned())),
        Verb::Add => return None,
        Verb::Set | Verb::Replace if written == *wanted => return None,
        Verb::Set | Verb::Replace => (at, Action::Replace(name.to_owned(), wanted.clone())),
        Verb::Append => match written.as_array() {
            Some(elements) if elements.contains(wanted) => return None,
            Some(_) => {
                let list = at.into_iter().chain([Step::Field(name.to_owned())]).collect();
                (list, Action::Append(wanted.clone()))
            }
            None => return None,
        },
    };
    Some(Operation { parent, action })
}

/// What is put where there is nothing: the rest of the path with the value in it.
fn made(change: &Change, rest: &[Segment]) -> Option<Value> {
    let value = match change.verb {
        Verb::Replace | Verb::Remove => return None,
        Verb::Set | Verb::Add => change.value.clone(),
        Verb::Append => Value::Array(vec![change.value.clone()]),
    };
    rest.iter().rev().try_fold(value, |value, segment| match segment {
        Segment::Field(name) => Some(Value::Object(Map::from_iter([(name.clone(), value)]))),
        Segment::All => None,
    })
}
