//! What stays of a finding when files change around it: the policy, the object, and what is at fault.
//!
//! Elements of lists are known by what names them, not by their place, and the value at fault counts when it is one
//! text, number or bool: another image at the same place is another finding.

use crate::finding::Finding;
use kordon::document::{NodeRef, NodeValue, Object};
use sha2::{Digest, Sha256};

/// Fields that tell elements of lists apart, as the API server merges them.
const NAMES: [&str; 8] =
    ["name", "key", "mountPath", "devicePath", "containerPort", "host", "ip", "topologyKey"];

/// 32 hexadecimal digits. Two findings may share them; they are then told apart by their number.
pub(crate) fn fingerprint(finding: &Finding, object: Option<&Object>) -> String {
    let (path, value) = match object {
        Some(object) => place(object, &finding.path),
        None => (finding.path.clone(), String::new()),
    };
    let kind = &finding.subject.kind;
    let parts = [&*finding.policy, &kind.group, &kind.kind, &finding.object, &path, &value];
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A path that does not count elements, and the value that is there.
fn place(object: &Object, path: &str) -> (String, String) {
    let mut stable = String::new();
    let mut node = Some(object.root());
    for step in steps(path) {
        let next = match step {
            Step::Field(name) => {
                stable.push_str(&format!(".{name}"));
                node.and_then(|node| node.field(&name))
            }
            Step::Element(at) => {
                let element = node.and_then(NodeRef::as_list).and_then(|list| list.at(at));
                let name = element.map_or_else(|| at.to_string(), element_name);
                stable.push_str(&format!("[{name}]"));
                element
            }
        };
        node = next;
    }
    (stable, node.and_then(scalar).unwrap_or_default())
}

/// What an element is known by.
fn element_name(element: NodeRef<'_>) -> String {
    if let Some(value) = scalar(element) {
        return value;
    }
    let named = NAMES.into_iter().find_map(|name| Some(format!("{name}={}", scalar(element.field(name)?)?)));
    named.unwrap_or_else(|| serde_json::to_string(&element).unwrap_or_default())
}

fn scalar(node: NodeRef<'_>) -> Option<String> {
    match node.value() {
        NodeValue::Null | NodeValue::List(_) | NodeValue::Map(_) => None,
        NodeValue::Bool(value) => Some(value.to_string()),
        NodeValue::Int(value) => Some(value.to_string()),
        NodeValue::Double(value) => Some(value.to_string()),
        NodeValue::String(value) => Some(value.to_owned()),
    }
}

#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    Element(usize),
}

/// The steps of a field path, `spec.containers[0].env["a.b"]`.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix("[\"") {
            let mut name = String::new();
            let mut characters = inside.char_indices();
            let mut end = inside.len();
            while let Some((at, character)) = characters.next() {
                match character {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
                    character => name.push(character),
                }
            }
            steps.push(Step::Field(name));
            rest = inside.get(end..).unwrap_or_default();
            rest = rest.strip_prefix(']').unwrap_or(rest);
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (number, after) = inside.split_once(']').unwrap_or((inside, ""));
            match number.parse() {
                Ok(at) => steps.push(Step::Element(at)),
                Err(_) => steps.push(Step::Field(number.to_owned())),
            }
            rest = after;
        } else {
            let field = rest.strip_prefix('.').unwrap_or(rest);
            let end = field.find(['.', '[']).unwrap_or(field.len());
            let (name, after) = field.split_at(end);
            steps.push(Step::Field(name.to_owned()));
            rest = after;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use kordon::document::Limits;

    #[test]
    fn paths_are_taken_apart() {
        let field = |name: &str| Step::Field(name.to_owned());
        let expected = [field("spec"), field("c"), Step::Element(12), field("a.b\"]"), field("d")];
        assert_eq!(steps("spec.c[12][\"a.b\\\"]\"].d"), expected);
        assert_eq!(steps(""), []);
        for odd in ["[", "[\"", "..", "[x]", "a[1", "é[2]é"] {
            let _ = steps(odd);
        }
    }

    #[test]
    fn elements_are_known_by_their_names() {
        let json = br#"{"c": [{"name": "a", "image": "x"}, {"name": "b", "ports": [{"containerPort": 80}]}],
            "rules": [{"verbs": ["get", "*"]}]}"#;
        let object = Object::from_json(json, &Limits::default()).unwrap();
        let at = |path: &str| place(&object, path);
        assert_eq!(at("c[0].image"), (".c[name=a].image".to_owned(), "x".to_owned()));
        assert_eq!(at("c[1].ports[0]"), (".c[name=b].ports[containerPort=80]".to_owned(), String::new()));
        assert_eq!(
            at("rules[0].verbs[1]"),
            (r#".rules[{"verbs":["get","*"]}].verbs[*]"#.to_owned(), "*".to_owned())
        );
        assert_eq!(at("c[7].x"), (".c[7].x".to_owned(), String::new()));
    }
}
