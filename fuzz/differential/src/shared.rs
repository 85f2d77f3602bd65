//! Questions out of the shared test cases, where those are laid out beside the repository.

use kordon::schema::Schemas;
use kordon_shared::batch::Kind;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The questions of a kind; none without the cases.
pub fn shared(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Admit => manifests(),
        Kind::Cel => cel(),
        Kind::Crd => crd().into_iter().chain(served("crd-gateway")).chain(served("crd-istio")).collect(),
        Kind::Yaml => yaml(),
        Kind::Vap => ["vap-kaptest", "vap-kubescape"].into_iter().flat_map(vap).collect(),
        Kind::Psa => psa(),
        // The API server's code decides no reachability.
        Kind::Netpol | Kind::Quota => Vec::new(),
        Kind::Rbac => rbac(),
        Kind::TypeCheck => type_check(),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("KORDON_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    std::path::absolute(folder.join("cases").join(name)).ok().filter(|path| path.exists())
}

fn cases(name: &str) -> Vec<Value> {
    let text = file(name).and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The fields of a case that a question of this kind has too.
fn only(case: &Value, fields: &[&str]) -> Value {
    let mut question = json!({});
    for field in fields {
        if let Some(value) = case.get(*field) {
            question[*field] = value.clone();
        }
    }
    question
}

/// Every manifest of a built-in kind that stands anywhere in the shared cases, once.
fn manifests() -> Vec<Value> {
    let Some(schemas) = Schemas::for_version(37) else { return Vec::new() };
    let folder = file("README.md").and_then(|path| path.parent().map(Path::to_path_buf));
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let mut found = Manifests { schemas: &schemas, seen: HashSet::new(), questions: Vec::new() };
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((name, _)) = name.split_once('.').filter(|(name, _)| !name.starts_with("cel-")) else {
            continue;
        };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if let Ok(whole) = serde_json::from_str::<Value>(&text) {
            found.within(&whole, name);
            continue;
        }
        for line in text.lines() {
            let Ok(mut case) = serde_json::from_str::<Value>(line) else { continue };
            if name == "admitted" {
                case = case["object"].take();
            }
            found.within(&case, name);
        }
    }
    found.questions
}

/// Manifests that were found.
struct Manifests<'s> {
    schemas: &'s Schemas,
    seen: HashSet<String>,
    questions: Vec<Value>,
}

impl Manifests<'_> {
    fn within(&mut self, value: &Value, source: &str) {
        match value {
            Value::Object(fields) => {
                let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
                let is_known = self.schemas.kind_id(text("apiVersion"), text("kind")).is_some();
                if is_known && !text("kind").ends_with("List") && self.seen.insert(value.to_string()) {
                    let id = format!("{source}/{}", self.questions.len());
                    self.questions.push(json!({"id": id, "object": value}));
                }
                fields.values().for_each(|inner| self.within(inner, source));
            }
            Value::Array(items) => items.iter().for_each(|inner| self.within(inner, source)),
            _ => {}
        }
    }
}

fn cel() -> Vec<Value> {
    let Some(objects) = file("cel-generated.objects.json") else { return Vec::new() };
    let objects: Vec<Value> = serde_json::from_slice(&std::fs::read(objects).unwrap()).unwrap();
    let question = |case: &Value| {
        let mut question = only(case, &["id", "expression"]);
        let object = case["object"].as_u64().and_then(|index| objects.get(index as usize));
        question["vars"] = json!({"object": object});
        question
    };
    let questions: Vec<Value> = without_known("cel-generated").iter().map(question).chain(spec()).collect();
    let estimates: Vec<Value> = questions.iter().map(estimated).collect();
    questions.into_iter().chain(estimates).collect()
}

/// The same expression, asked for its type and estimated cost.
fn estimated(question: &Value) -> Value {
    let id = format!("{}/estimate", question["id"].as_str().unwrap_or_default());
    json!({"id": id, "expression": question["expression"], "check": true, "types": {"object": "dyn"}})
}

/// The expressions of cel-spec's suite, in the environment of Kubernetes: many are errors there, in certain words.
fn spec() -> impl Iterator<Item = Value> {
    cases("cel-spec-simple.jsonl").into_iter().enumerate().map(|(number, case)| {
        let id = format!("spec/{number}/{}", case["name"].as_str().unwrap_or_default());
        json!({"id": id, "expression": case["expr"]})
    })
}

fn crd() -> Vec<Value> {
    const FIELDS: &[&str] = &[
        "id",
        "schema",
        "object",
        "oldObject",
        "hasOldObject",
        "resourceRoot",
        "pathRoot",
        "costBudget",
        "ratcheting",
    ];
    cases("crd-apiextensions.shown.jsonl").iter().map(|case| only(case, FIELDS)).collect()
}

/// Custom resources that are created or updated, with the schemas of their kinds.
fn served(name: &str) -> Vec<Value> {
    let Some(schemas) = file(&format!("{name}.schemas.json")) else { return Vec::new() };
    let schemas: Value = serde_json::from_slice(&std::fs::read(schemas).unwrap()).unwrap();
    let question = |case: &Value| {
        let mut question = only(case, &["id", "object", "oldObject"]);
        question["schema"] = schemas[case["schemaRef"].as_str().unwrap_or_default()].clone();
        let text = |name: &str| case["object"][name].as_str().unwrap_or_default().to_owned();
        let version = text("apiVersion");
        let (group, version) = version.split_once('/').unwrap_or_default();
        question["resource"] = json!({"group": group, "version": version, "kind": text("kind"), "namespaced": true, "status": true});
        question
    };
    cases(&format!("{name}.shown.jsonl")).iter().map(question).collect()
}

fn yaml() -> Vec<Value> {
    without_known("yaml").iter().map(|case| only(case, &["id", "text"])).collect()
}

/// The cases of a file without those that the core's own snapshot lists with their reasons.
fn without_known(name: &str) -> Vec<Value> {
    let snapshot = root().join("core/tests/snapshots").join(format!("{name}.txt"));
    let known = std::fs::read_to_string(snapshot).unwrap_or_default();
    let known: Vec<&str> = known.lines().filter_map(|line| line.split_once(": ").map(|(id, _)| id)).collect();
    let cases = cases(&format!("{name}.shown.jsonl")).into_iter();
    cases.filter(|case| case["id"].as_str().is_none_or(|id| !known.contains(&id))).collect()
}

fn vap(name: &str) -> Vec<Value> {
    const FIELDS: &[&str] = &[
        "id",
        "policy",
        "binding",
        "request",
        "object",
        "oldObject",
        "namespaceObject",
        "ignoreMatchConstraints",
    ];
    let question = |case: &Value| {
        let mut question = only(case, FIELDS);
        match &case["params"] {
            Value::Null => {}
            Value::Array(params) => question["params"] = json!(params),
            param => question["params"] = json!([param]),
        }
        if question["request"].is_null() {
            question["request"] = json!({});
        }
        question
    };
    cases(&format!("{name}.shown.jsonl")).iter().map(question).collect()
}

fn psa() -> Vec<Value> {
    cases("psa.shown.jsonl").iter().map(|case| only(case, &["id", "level", "version", "object"])).collect()
}

fn rbac() -> Vec<Value> {
    let Some(objects) = file("rbac.objects.json") else { return Vec::new() };
    let question = |case: &Value| {
        let mut question = only(case, &["id", "spec"]);
        question["objectsFile"] = json!(objects);
        question
    };
    cases("rbac.shown.jsonl").iter().map(question).collect()
}

/// The policies of all cases, each once.
fn type_check() -> Vec<Value> {
    let mut policies: Vec<Value> = Vec::new();
    for name in ["vap-kaptest", "vap-kubescape", "kyverno-cli", "kyverno-chainsaw"] {
        for case in cases(&format!("{name}.shown.jsonl")) {
            let several = case["policies"].as_array().cloned().unwrap_or_default();
            policies.extend(several.into_iter().chain([case["policy"].clone()]));
        }
    }
    policies.retain(|policy| policy["kind"] == "ValidatingAdmissionPolicy");
    policies.dedup();
    let numbered = policies.into_iter().enumerate();
    numbered.map(|(at, policy)| json!({"id": format!("shared/{at}"), "policy": policy})).collect()
}
