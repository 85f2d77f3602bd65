//! RBAC against recorded answers of a real kube-apiserver: allowed, and the words of the reason.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User};
use kordon::document::{Limits, Object};
use serde_json::Value;
use support::{cases, shared, snapshot};

#[test]
fn shared_cases() {
    let (Some(path), Some(objects)) = (shared("rbac.shown.jsonl"), shared("rbac.objects.json")) else {
        return;
    };
    let objects: Vec<Value> = serde_json::from_slice(&std::fs::read(objects).unwrap()).unwrap();
    let objects: Vec<Object> =
        objects.iter().map(|object| Object::from_serialize(object, &Limits::default()).unwrap()).collect();
    let rbac = Rbac::new(&objects);
    let cases = cases(&path);
    let mut differing = Vec::new();
    for case in &cases {
        let spec = &case["spec"];
        let text =
            |value: &'static str, within: &'static str| spec[within][value].as_str().unwrap_or_default();
        let groups: Vec<&str> = spec["groups"]
            .as_array()
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let resource = "resourceAttributes";
        let (verb, target) = if spec.get(resource).is_some() {
            let target = Target::Resource {
                group: text("group", resource),
                resource: text("resource", resource),
                subresource: text("subresource", resource),
                namespace: text("namespace", resource),
                name: text("name", resource),
            };
            (text("verb", resource), target)
        } else {
            let path = "nonResourceAttributes";
            (text("verb", path), Target::Path(text("path", path)))
        };
        let user = User { name: spec["user"].as_str().unwrap_or_default(), groups: &groups };
        let answer = rbac.authorize(&Attributes { user, verb, target });
        let allowed = answer.decision == Decision::Allow;
        if case["allowed"] != allowed || case["reason"] != answer.reason {
            let id = case["id"].as_str().unwrap();
            differing.push(format!(
                "{id}: {} {}, not {allowed} {}",
                case["allowed"], case["reason"], answer.reason
            ));
        }
    }
    snapshot("rbac", cases.len(), differing);
}
