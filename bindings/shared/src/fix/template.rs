//! What a policy says of how to mend what it finds: its annotation `kordon.dev/fix`.
//!
//! ```yaml
//! kordon.dev/fix: |
//!   - set: containers[*].securityContext.allowPrivilegeEscalation
//!     value: false
//! ```
//!
//! `set` makes what is missing on the way, `add` does only that, `replace` changes only what is there, `append` adds to a
//! list what is not in it, `remove` takes away. A path begins with `object`, with `podSpec` or with `containers`, all containers of the pod,
//! which is found as the variables of packs find it; `[*]` is each element of a list.

use kordon::Diagnostic;
use kordon::document::{Document, Limits, NodeRef, documents};
use serde_json::Value;

/// Where a policy has its template.
const ANNOTATION: &str = "kordon.dev/fix";

/// The changes that mend what a policy finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(pub(super) Vec<Change>);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) verb: Verb,
    pub(super) root: Root,
    pub(super) path: Vec<Segment>,
    /// Null for `remove`.
    pub(super) value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Set,
    Add,
    Replace,
    Append,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Object,
    PodSpec,
    /// Each container of the pod.
    Containers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Field(String),
    All,
}

impl Template {
    /// The template of a policy, if it has one.
    pub(crate) fn of(policy: &Document) -> Option<Result<Template, Diagnostic>> {
        let annotation = policy.object.root().field("metadata")?.field("annotations")?.field(ANNOTATION)?;
        let read = annotation.as_str().ok_or_else(|| "it is no string".to_owned()).and_then(read);
        Some(read.map_err(|error| {
            Diagnostic::error("broken-fix", format!("annotation `{ANNOTATION}`: {error}"))
                .at(&policy.source, annotation.key_span())
        }))
    }
}

fn read(text: &str) -> Result<Template, String> {
    let mut read = documents("fix", text.as_bytes(), &Limits::default());
    let (Some(document), true) = (read.pop(), read.is_empty()) else {
        return Err("it must be one list of changes".to_owned());
    };
    let document = document.map_err(|problem| problem.message)?;
    let list = document.object.root().as_list().ok_or("it must be a list of changes")?;
    let changes: Result<Vec<Change>, String> = list.iter().map(change).collect();
    changes.map(Template)
}

fn change(node: NodeRef<'_>) -> Result<Change, String> {
    let map = node.as_map().ok_or("a change must be a map")?;
    let mut verbs = Vec::new();
    for (name, value) in map.iter() {
        let verb = match name {
            "set" => Verb::Set,
            "add" => Verb::Add,
            "replace" => Verb::Replace,
            "append" => Verb::Append,
            "remove" => Verb::Remove,
            "value" => continue,
            other => return Err(format!("unknown field `{other}`")),
        };
        verbs.push((verb, value.as_str().ok_or(format!("`{name}` must be a path"))?));
    }
    let [(verb, path)] = verbs.as_slice() else {
        return Err("a change must have one of `set`, `add`, `replace`, `append` and `remove`".to_owned());
    };
    let value =
        node.field("value").map(|value| serde_json::to_value(value).map_err(|error| error.to_string()));
    let value = value.transpose()?;
    if value.is_none() != (*verb == Verb::Remove) {
        return Err(format!("`{path}`: all but `remove` have a `value`"));
    }
    let (root, path) = self::path(path)?;
    Ok(Change { verb: *verb, root, path, value: value.unwrap_or_default() })
}

fn path(text: &str) -> Result<(Root, Vec<Segment>), String> {
    let wrong = || format!("`{text}` is no path such as `podSpec.hostNetwork` or `containers[*].image`");
    let mut segments = Vec::new();
    for part in text.split('.') {
        let (name, elements) = match part.strip_suffix("[*]") {
            Some(name) => (name, true),
            None => (part, false),
        };
        if name.is_empty() || name.contains(['[', ']', '*']) {
            return Err(wrong());
        }
        segments.push(Segment::Field(name.to_owned()));
        segments.extend(elements.then_some(Segment::All));
    }
    let root = match segments.as_slice() {
        [Segment::Field(name), Segment::All, ..] if name == "containers" => Root::Containers,
        [Segment::Field(name), Segment::Field(_), ..] if name == "podSpec" => Root::PodSpec,
        [Segment::Field(name), Segment::Field(_), ..] if name == "object" => Root::Object,
        _ => return Err(wrong()),
    };
    segments.drain(..if root == Root::Containers { 2 } else { 1 });
    match segments.last() {
        Some(Segment::Field(_)) => Ok((root, segments)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn templates_are_read_strictly() {
        let template = read("- {set: 'containers[*].a.b', value: false}\n- {remove: podSpec.c}\n").unwrap();
        let field = |name: &str| Segment::Field(name.to_owned());
        let expected = [
            Change {
                verb: Verb::Set,
                root: Root::Containers,
                path: vec![field("a"), field("b")],
                value: false.into(),
            },
            Change { verb: Verb::Remove, root: Root::PodSpec, path: vec![field("c")], value: Value::Null },
        ];
        assert_eq!(template.0, expected);
        for (text, problem) in [
            ("a: b", "it must be a list of changes"),
            ("- {sett: a.b, value: 1}", "unknown field `sett`"),
            ("- {set: podSpec.a}", "`podSpec.a`: all but `remove` have a `value`"),
            ("- {remove: podSpec.a, value: 1}", "`podSpec.a`: all but `remove` have a `value`"),
            ("- {set: podSpec.a, remove: podSpec.b, value: 1}", "a change must have one of"),
            ("- {set: containers.a, value: 1}", "`containers.a` is no path"),
            ("- {set: spec.a, value: 1}", "`spec.a` is no path"),
            ("- {set: 'podSpec.a[*]', value: 1}", "`podSpec.a[*]` is no path"),
            ("- {set: 'podSpec.a[0].b', value: 1}", "`podSpec.a[0].b` is no path"),
            ("", "it must be one list"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
