//! CEL against recorded answers of the real API server: type, value, error text, cost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::cel::compiler::CompileError;
use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Encoded, Val};
use kordon::document::{Limits, Object};
use serde_json::{Value, json};
use support::{cases, shared, snapshot};

/// What `kordon batch cel` and the oracle answer.
fn answer(env: &Env, expression: &str, object: Option<&Object>) -> Value {
    let failed = |phase: &str, message: String| json!({"error": {"phase": phase, "message": message}});
    let program = match env.compile(expression) {
        Ok(program) => program,
        Err(CompileError::Parse(issues)) => return failed("parse", issues.to_string()),
        Err(CompileError::Check(issues)) => return failed("check", issues.to_string()),
        Err(CompileError::Program(message)) => return failed("program", message),
    };
    let arena = Arena::new();
    let slots = [object.map(|object| Val::from_node(object.root()))];
    let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
    let mut answer = json!({"type": program.result_type().to_string(), "cost": evaluation.cost});
    match &evaluation.value {
        Val::Error(error) => answer["error"] = json!({"phase": "eval", "message": error.to_string()}),
        value => answer["value"] = serde_json::to_value(Encoded(value)).unwrap(),
    }
    answer
}

/// The fields that answers are compared by; errors before the evaluation have no type and cost worth comparing.
fn comparable(case: &Value) -> Value {
    let mut kept = json!({});
    let early = case["error"]["phase"].as_str().is_some_and(|phase| phase != "eval");
    for field in if early { &["error"][..] } else { &["type", "value", "error", "cost"] } {
        if let Some(value) = case.get(*field) {
            kept[*field] = value.clone();
        }
    }
    kept
}

fn run(name: &str, path: &std::path::Path, objects: &std::path::Path) {
    let objects: Vec<Value> = serde_json::from_slice(&std::fs::read(objects).unwrap()).unwrap();
    let objects: Vec<Object> = objects
        .iter()
        .map(|object| Object::from_json(object.to_string().as_bytes(), &Limits::default()).unwrap())
        .collect();
    let env = Env::kubernetes(Version::default()).with_variable("object", Type::Dyn);
    let cases = cases(path);
    let mut differing = Vec::new();
    for case in &cases {
        let object = case["object"].as_u64().map(|index| &objects[index as usize]);
        let expression = case["expression"].as_str().unwrap();
        let got = comparable(&answer(&env, expression, object));
        let want = comparable(case);
        if got != want {
            differing.push(format!("{}: `{expression}` is {want}, not {got}", case["id"].as_str().unwrap()));
        }
    }
    snapshot(name, cases.len(), differing);
}

#[test]
fn generated() {
    let files = (shared("cel-generated.shown.jsonl"), shared("cel-generated.objects.json"));
    let (Some(cases), Some(objects)) = files else { return };
    run("cel-generated", &cases, &objects);
}
