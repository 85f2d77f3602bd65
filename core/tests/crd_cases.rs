//! Rules of custom resources against recorded answers of the API server's own validator.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::admission::GroupVersionKind;
use kordon::cel::environment::{Env, Version};
use kordon::crd::{CustomResourceStrategy, CustomResourceVersion, FieldError, Inputs, Validator};
use kordon::document::{Limits, Object};
use kordon::schema::Structural;
use kordon::typed::{Options, Scheme};
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
        return Some(format!("{id}: errors {found:?}, not {wanted:?}{}", reason(id)));
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
    (shown(&outcome.errors), json!(outcome.cost))
}

fn shown(errors: &[FieldError]) -> Vec<Value> {
    errors
        .iter()
        .map(|error| json!({"type": error.kind.name(), "field": error.field, "detail": error.detail}))
        .collect()
}

/// An error as one line; the type of `self` has a new name in each of the API server's answers.
fn line(error: &Value) -> String {
    let text = format!("{} {} {}", error["type"], error["field"], error["detail"]);
    let mut parts = text.split("selfType");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + "selfType" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Objects as they are created or updated: read, completed, validated, held against rules.
#[test]
fn gateway_cases() {
    let Some(cases) = served("crd-gateway") else { return };
    let differing = cases.iter().filter_map(|(case, errors)| {
        let mut wanted: Vec<String> = case["expectErrors"].as_array().unwrap().iter().map(line).collect();
        let mut found: Vec<String> = errors.iter().map(line).collect();
        wanted.sort();
        found.sort();
        let id = text(&case["id"]);
        (wanted != found).then(|| format!("{id}: errors {found:?}, not {wanted:?}{}", reason(id)))
    });
    snapshot("crd-gateway", cases.len(), differing.collect());
}

/// The same, of which only parts of the texts are recorded.
#[test]
fn istio_cases() {
    let Some(cases) = served("crd-istio") else { return };
    let differing = cases.iter().filter_map(|(case, errors)| {
        let found: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", text(&error["field"]), text(&error["detail"])))
            .collect();
        let wanted: Vec<&str> =
            case["expectErrors"].as_array().unwrap().iter().map(|error| text(&error["contains"])).collect();
        let missing = wanted.iter().any(|wanted| !found.iter().any(|found| found.contains(wanted)));
        let differs = missing || wanted.is_empty() && !found.is_empty();
        let id = text(&case["id"]);
        differs.then(|| format!("{id}: errors {found:?}, not {wanted:?}{}", reason(id)))
    });
    snapshot("crd-istio", cases.len(), differing.collect());
}

/// Why a case differs.
fn reason(id: &str) -> &'static str {
    match id {
        "crd/TestValidationExpressionsAtSchemaLevels/properties.allOf.additionalProperties.allOf.properties" => {
            "; the recorded schema has lost its rules"
        }
        "istio/envoyfilter-invalid/02-waypoint-wrong-port" => {
            "; recorded of an older API server, which showed the type of the value"
        }
        "gateway/experimental/TestHTTPPathMatch/invalid_type" => {
            "; recorded with its rules although the value is not supported"
        }
        "istio/wasm-invalid/11-nil" | "istio/wasm-invalid/12-nested-nil" => {
            "; recorded without the decoder, which drops nulls"
        }
        _ => "",
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The cases of a file with what the API server refuses of them.
fn served(name: &str) -> Option<Vec<(Value, Vec<Value>)>> {
    let path = shared(&format!("{name}.shown.jsonl"))?;
    let schemas = std::fs::read(shared(&format!("{name}.schemas.json"))?).unwrap();
    let schemas: Value = serde_json::from_slice(&schemas).unwrap();
    let scheme = Scheme::for_version(37).unwrap();
    let mut strategies = std::collections::HashMap::new();
    let answered = cases(&path).into_iter().map(|case| {
        let name = text(&case["schemaRef"]).to_owned();
        let strategy = strategies.entry(name.clone()).or_insert_with(|| {
            let schema = Object::from_serialize(&schemas[&name], &Limits::default()).unwrap();
            let object = &case["object"];
            let kind = GroupVersionKind::from_api_version(text(&object["apiVersion"]), text(&object["kind"]));
            let version = CustomResourceVersion {
                name: kind.version.clone(),
                schema: Arc::new(Structural::read(schema.root()).unwrap()),
                path: String::new(),
                status: true,
                scale: None,
            };
            CustomResourceStrategy::new(kind, true, version, Version::NEWEST)
        });
        let [new, old] = ["object", "oldObject"].map(|name| {
            let object = Object::from_serialize(&case[name], &Limits::default()).unwrap();
            strategy.admit(object.root(), Some(&scheme), &Options::default()).unwrap().object
        });
        let errors = strategy.validate(new.root(), Some(old.root())).into_errors();
        (case, shown(&errors))
    });
    Some(answered.collect())
}
