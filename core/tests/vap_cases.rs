//! ValidatingAdmissionPolicies against the expectations of public test suites.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::admission::{Namespaces, Request};
use kordon::document::{Document, Limits, Object};
use kordon::matching::MatchResources;
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kordon::{Engine, Source};
use serde_json::Value;
use std::sync::Arc;
use support::{cases, shared, snapshot};

fn object(value: &Value) -> Option<Object> {
    (!value.is_null()).then(|| Object::from_serialize(value, &Limits::default()).unwrap())
}

fn document(value: &Value) -> Document {
    let text = value.to_string();
    let object = Object::from_json(text.as_bytes(), &Limits::default()).unwrap();
    Document { source: Arc::new(Source::new("case", text)), object }
}

/// Decides a case; gives what differs from its expectation.
fn decide(case: &Value) -> Option<String> {
    let policy = ValidatingAdmissionPolicy::from_document(&document(&case["policy"]));
    let mut policy = match policy {
        Ok(policy) => policy,
        Err(problems) => return Some(format!("the policy is rejected: {}", problems[0])),
    };
    if case["ignoreMatchConstraints"] == true {
        policy.match_constraints = MatchResources::default();
    }
    let mut builder = Engine::builder().policies([policy]);
    if !case["binding"].is_null() {
        match ValidatingAdmissionPolicyBinding::from_document(&document(&case["binding"])) {
            Ok(binding) => builder = builder.bindings([binding]),
            Err(problems) => return Some(format!("the binding is rejected: {}", problems[0])),
        }
    }
    let params = match &case["params"] {
        Value::Array(params) => params.iter().filter_map(object).collect(),
        one => object(one).into_iter().collect::<Vec<Object>>(),
    };
    let mut request = Request::derive(object(&case["object"]), object(&case["oldObject"]));
    if let Some(operation) = case["request"]["operation"].as_str() {
        request.operation = operation.parse().unwrap();
    }
    if let Some(namespace) = case["request"]["namespace"].as_str() {
        request.namespace = namespace.to_owned();
    }
    let mut namespaces = Namespaces::default();
    if let Some(namespace) = object(&case["namespaceObject"]) {
        namespaces.insert(request.namespace.clone(), namespace);
    }
    // An expression that does not compile acts when it is evaluated, as in the API server.
    let (engine, _) = builder.params(params).namespaces(namespaces).build();
    let report = engine.evaluate(&request);
    let message = report.status.as_ref().map(|status| status.message.as_str()).unwrap_or_default();
    let expected = case["expect"] == "allow";
    if report.allowed != expected {
        return Some(format!("{}, not {} {message}", case["expect"], report.allowed));
    }
    match case["expectMessageContains"].as_str() {
        Some(part) if !message.contains(part) => Some(format!("message {part:?} is not in {message:?}")),
        _ => None,
    }
}

fn run(name: &str) {
    let Some(path) = shared(&format!("{name}.shown.jsonl")) else { return };
    let cases = cases(&path);
    let differing =
        cases.iter().filter_map(|case| Some(format!("{}: {}", case["id"].as_str()?, decide(case)?)));
    snapshot(name, cases.len(), differing.collect());
}

#[test]
fn kaptest() {
    run("vap-kaptest");
}

#[test]
fn kubescape() {
    run("vap-kubescape");
}
