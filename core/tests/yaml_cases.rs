//! YAML against recorded answers of sigs.k8s.io/yaml: the documents, and the words of each error.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::document::{Limits, yaml_documents};
use serde_json::{Value, json};
use support::{by_value, cases, shared, snapshot};

/// The documents and the errors of a text, as the oracle gives them.
fn answer(text: &str) -> Value {
    let (documents, errors) = yaml_documents(text, &Limits::default());
    let documents: Vec<Value> =
        documents.iter().map(|object| serde_json::to_value(object.root()).unwrap()).collect();
    let errors: Vec<String> = errors.iter().map(|error| error.message.clone()).collect();
    json!({"docs": documents, "errors": errors})
}

#[test]
fn shared_cases() {
    let Some(path) = shared("yaml.shown.jsonl") else { return };
    let cases = cases(&path);
    let mut differing = Vec::new();
    for case in &cases {
        let got = answer(case["text"].as_str().unwrap());
        if by_value(&got) != by_value(&case["k8s"]) {
            let id = case["id"].as_str().unwrap();
            differing.push(format!(
                "{id}: {:?} is {}, not {got}",
                case["text"].as_str().unwrap(),
                case["k8s"]
            ));
        }
    }
    snapshot("yaml", cases.len(), differing);
}
