//! Every field of every kind of Kubernetes, as arguments of a function that takes no such number of them: the error names
//! the types of all fields, and others say which fields there are not.

use super::{policy, rule};
use kordon::declaration::escape;
use kordon::schema::{Schemas, Struct, Type, TypeId};
use serde_json::{Value, json};

/// The type checker tells of a hundred errors of an expression.
const LINES: usize = 80;

/// How far the fields of a kind are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Each struct once over all kinds.
    Structs,
    /// Each path of each kind.
    Paths,
}

/// Questions over all kinds, and how many fields they read. Every kind is that of params, and where it is a resource
/// that of objects too.
pub fn fields(depth: Depth) -> (Vec<Value>, usize) {
    let schemas = Schemas::for_version(37).unwrap();
    let mut kinds: Vec<(&str, &str, &Struct)> = schemas.kinds().collect();
    kinds.sort_by_key(|(version, kind, _)| (*version, *kind));
    let mut walk = Walk { schemas: &schemas, depth, seen: Vec::new(), within: Vec::new(), lines: Vec::new() };
    let (mut questions, mut count) = (Vec::new(), 0);
    for (version, kind, own) in kinds {
        walk.lines.clear();
        walk.structure("$", own);
        count += walk.lines.len();
        if walk.lines.is_empty() {
            continue;
        }
        let expressions = |variable: &str| -> Vec<Value> {
            let blocks = walk.lines.chunks(LINES);
            let expression = |lines: &[String]| {
                let lines: Vec<String> = lines.iter().map(|line| line.replacen('$', variable, 1)).collect();
                json!({"expression": format!("size(\n{}, 1)", lines.join(",\n"))})
            };
            blocks.map(expression).collect()
        };
        let spec = json!({
            "paramKind": {"apiVersion": version, "kind": kind},
            "matchConstraints": {"resourceRules": [rule("", "v1", &["configmaps"])]},
            "validations": expressions("params"),
        });
        questions.push(json!({"id": format!("params/{version}/{kind}"), "policy": policy(spec)}));
        let Some(resource) = schemas.resource_of(version, kind).filter(|_| depth == Depth::Paths) else {
            continue;
        };
        let spec = json!({
            "matchConstraints": {"resourceRules": [rule(resource.group(), resource.version(), &[resource.name])]},
            "validations": expressions("object"),
        });
        let id = format!("object/{version}/{kind}");
        questions.push(json!({"id": id, "policy": policy(spec), "allAPIs": true}));
        count += walk.lines.len();
    }
    (questions, count)
}

struct Walk<'s> {
    schemas: &'s Schemas,
    depth: Depth,
    seen: Vec<&'static str>,
    within: Vec<&'static str>,
    lines: Vec<String>,
}

impl<'s> Walk<'s> {
    fn structure(&mut self, path: &str, own: &'s Struct) {
        let known = match self.depth {
            Depth::Structs => self.seen.contains(&own.name),
            Depth::Paths => self.within.contains(&own.name),
        };
        if known {
            return;
        }
        self.seen.push(own.name);
        self.within.push(own.name);
        for field in &own.fields {
            if let Some(name) = escape(field.name.as_str()) {
                let path = format!("{path}.{name}");
                self.lines.push(path.clone());
                self.value(&path, field.kind);
            }
        }
        // Nothing has this field.
        self.lines.push(format!("{path}.nothing"));
        self.within.pop();
    }

    fn value(&mut self, path: &str, kind: TypeId) {
        match self.schemas.type_of(kind) {
            Type::Struct(id) => self.structure(path, self.schemas.structure(id)),
            Type::Pointer(inner) => self.value(path, inner),
            Type::Named(number) => self.value(path, self.schemas.named(number).unwrap().kind),
            Type::List(inner) => self.value(&format!("{path}[0]"), inner),
            Type::Map(inner) => self.value(&format!("{path}['k']"), inner),
            Type::Scalar(_) => {}
        }
    }
}
