//! RBAC against recorded answers of a real kube-apiserver: allowed, and the words of the reason.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User};
use kordon::document::{Limits, Object};
use serde_json::Value;
use std::path::Path;
use support::{cases, root, shared, snapshot};

#[test]
fn shared_cases() {
    let (Some(path), Some(objects)) = (shared("rbac.shown.jsonl"), shared("rbac.objects.json")) else {
        return;
    };
    let cases = cases(&path);
    let differing = differing(&cases, &objects);
    snapshot("rbac", cases.len(), differing);
}

/// Recorded with the oracle over random roles and bindings.
#[test]
fn recorded_cases() {
    let folder = root().join("core/testdata/rbac");
    let cases = cases(&folder.join("cases.jsonl"));
    assert!(cases.len() > 100);
    assert_eq!(differing(&cases, &folder.join("objects.json")), Vec::<String>::new());
}

fn differing(cases: &[Value], objects: &Path) -> Vec<String> {
    let objects: Vec<Value> = serde_json::from_slice(&std::fs::read(objects).unwrap()).unwrap();
    let objects: Vec<Object> =
        objects.iter().map(|object| Object::from_serialize(object, &Limits::default()).unwrap()).collect();
    let rbac = Rbac::new(&objects);
    cases.iter().filter_map(|case| differs(case, &rbac)).collect()
}

fn differs(case: &Value, rbac: &Rbac) -> Option<String> {
    let spec = &case["spec"];
    let text = |value: &str, within: &str| spec[within][value].as_str().unwrap_or_default().to_owned();
    let groups: Vec<&str> = spec["groups"]
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let user = User { name: spec["user"].as_str().unwrap_or_default(), groups: &groups };
    let answer = if spec.get("resourceAttributes").is_some() {
        let part = |field| text(field, "resourceAttributes");
        let target = Target::Resource {
            group: &part("group"),
            resource: &part("resource"),
            subresource: &part("subresource"),
            namespace: &part("namespace"),
            name: &part("name"),
        };
        rbac.authorize(&Attributes { user, verb: &part("verb"), target })
    } else {
        let part = |field| text(field, "nonResourceAttributes");
        rbac.authorize(&Attributes { user, verb: &part("verb"), target: Target::Path(&part("path")) })
    };
    let allowed = answer.decision == Decision::Allow;
    let differs = case["allowed"] != allowed || case["reason"] != answer.reason;
    let id = case["id"].as_str().unwrap();
    differs.then(|| format!("{id}: {} {}, not {allowed} {}", case["allowed"], case["reason"], answer.reason))
}
