//! Rules of custom resources against recorded answers of the API server's own validator.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::cel::environment::{Env, Version};
use kordon::crd::{Inputs, Validator};
use kordon::document::{Limits, Object};
use kordon::schema::Structural;
use serde_json::{Value, json};
use std::sync::Arc;
use support::{cases, shared, snapshot};

#[test]
fn apiextensions_cases() {
    let Some(path) = shared("crd-apiextensions.shown.jsonl") else { return };
    let cases = cases(&path);
    let differing = cases.iter().filter_map(differs).collect();
    snapshot("crd-apiextensions", cases.len(), differing);
}

fn differs(case: &Value) -> Option<String> {
    let id = case["id"].as_str().unwrap();
    let (errors, cost) = answer(case);
    let mut wanted: Vec<String> = case["expectErrors"].as_array().unwrap().iter().map(line).collect();
    let mut found: Vec<String> = errors.iter().map(line).collect();
    // The API server visits the entries of a map in no order.
    wanted.sort();
    found.sort();
    if wanted != found {
        return Some(format!("{id}: errors {found:?}, not {wanted:?}"));
    }
    let spent = case["cost"] == cost;
    (!spent).then(|| format!("{id}: cost {cost}, not {}", case["cost"]))
}

fn answer(case: &Value) -> (Vec<Value>, Value) {
    let object = |name: &str| Object::from_serialize(&case[name], &Limits::default()).unwrap();
    let schema = Arc::new(Structural::read(object("schema").root()).unwrap());
    let env = Env::kubernetes(Version::NEWEST);
    let validator = Validator::new(schema, case["resourceRoot"] == true, &env);
    let (new, old) = (object("object"), object("oldObject"));
    let mut inputs = Inputs::create(new.root());
    inputs.old_object = (case["hasOldObject"] == true).then(|| old.root());
    inputs.path = case["pathRoot"].as_str();
    inputs.ratcheting = case["ratcheting"] == true;
    inputs.cost_budget = case["costBudget"].as_i64().unwrap_or(inputs.cost_budget);
    let outcome = validator.validate(&inputs);
    let errors = outcome.errors.iter();
    let errors = errors
        .map(|error| json!({"type": error.kind.name(), "field": error.field, "detail": error.detail}))
        .collect();
    (errors, json!(outcome.cost))
}

/// An error as one line; the type of `self` has a new name in each of the API server's answers.
fn line(error: &Value) -> String {
    let text = format!("{} {} {}", error["type"], error["field"], error["detail"]);
    let mut parts = text.split("selfType");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + "selfType" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}
