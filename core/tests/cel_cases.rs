//! CEL against recorded answers of the real API server: type, value, error text, cost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::cel::compiler::CompileError;
use kordon::cel::environment::{Env, Version};
use kordon::cel::estimate::{CostEstimate, SizeEstimate, Sizes, estimate};
use kordon::cel::program::{Activation, Encoded, PER_CALL_LIMIT};
use kordon::cel::types::{Declared, Type};
use kordon::cel::value::{Arena, Val};
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
    let mut answer = json!({"type": Declared(program.result_type()).to_string(), "cost": evaluation.cost});
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

/// Cases whose recorded answer is one of several that the API server gives: repeated, the oracle calls them unordered.
/// kordon walks maps in the order in which they were written.
const BY_MAP_ORDER: &[&str] = &[
    "gen/11/14845",
    "gen/11/20595",
    "gen/11/22026",
    "gen/11/23361",
    "gen/11/25315",
    "gen/11/3064",
    "gen/11/8310",
    "gen/11/9850",
];

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
        let id = case["id"].as_str().unwrap();
        if got != want && BY_MAP_ORDER.contains(&id) {
            differing.push(format!(
                "{id}: `{expression}` depends on the order of Go's map iteration, which is random"
            ));
        } else if got != want {
            differing.push(format!("{id}: `{expression}` is {want}, not {got}"));
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

/// The sizes that the API server's own tests of cost assume.
struct ShortTexts;

impl Sizes for ShortTexts {
    fn size(&self, _: &[&str], kind: &Type) -> Option<SizeEstimate> {
        matches!(kind, Type::String | Type::Bytes).then_some(SizeEstimate::new(0, 12))
    }
}

/// A number, also as text: JSON's may not hold the largest.
fn number(value: &Value) -> u64 {
    match value.as_str() {
        Some(text) if text.ends_with("MaxUint64") => u64::MAX,
        Some(text) => text.parse().unwrap(),
        None => value.as_u64().unwrap(),
    }
}

/// The API server's own tests of what its libraries cost, and are estimated to cost.
#[test]
fn costs() {
    let Some(path) = shared("cel-cost.shown.jsonl") else { return };
    // Those tests leave cel-go's optimiser off and allow literals of mixed types.
    let env = Env::kubernetes(Version::default()).with_mixed_literals().without_folding();
    let cases = cases(&path);
    let mut differing = Vec::new();
    for case in &cases {
        let got = answer(&env, case["expression"].as_str().unwrap(), None);
        if got["cost"] != case["runtimeCost"] {
            differing.push(format!("{}: costs {}, not {got}", case["id"], case["runtimeCost"]));
            continue;
        }
        let wanted = CostEstimate::new(number(&case["estimateMin"]), number(&case["estimateMax"]));
        let got =
            env.check(case["expression"].as_str().unwrap()).map(|ast| estimate(&ast, &env, &ShortTexts));
        if got.as_ref() != Ok(&wanted) {
            differing.push(format!("{}: estimated at {wanted:?}, not {got:?}", case["id"]));
        }
    }
    snapshot("cel-cost", cases.len(), differing);
}

/// The API server's own tests of its libraries.
#[test]
fn libraries() {
    let Some(path) = shared("cel-library.shown.jsonl") else { return };
    let env = Env::kubernetes(Version::default());
    let cases = cases(&path);
    let mut differing = Vec::new();
    for case in &cases {
        let got = answer(&env, case["expression"].as_str().unwrap(), None);
        let (message, value) = (got["error"]["message"].as_str().unwrap_or_default(), &got["value"]["value"]);
        let wanted: Vec<&str> = match &case["expectCompileErrors"] {
            Value::Array(errors) => errors.iter().filter_map(Value::as_str).collect(),
            _ => case["expectRuntimeError"].as_str().into_iter().filter(|error| !error.is_empty()).collect(),
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // The expectations are patterns; the only thing they escape is brackets.
        let wanted: Vec<String> = wanted.iter().map(|pattern| pattern.replace('\\', "")).collect();
        let right = if wanted.is_empty() {
            message.is_empty() && (case["resultText"].is_null() || case["resultText"] == json!(text))
        } else {
            wanted.iter().all(|part| message.contains(part))
        };
        if !right {
            differing.push(format!("{}: {case}, not {got}", case["id"]));
        }
    }
    snapshot("cel-library", cases.len(), differing);
}

/// The API server's own tests of conditions over a request. Those with an authorizer do not record its rules, and the
/// one without results does not record the budget that it exceeds.
#[test]
fn conditions() {
    const VARIABLES: [&str; 5] = ["object", "oldObject", "request", "params", "namespaceObject"];
    let Some(path) = shared("cel-conditions.shown.jsonl") else { return };
    let mut env = Env::kubernetes(Version::default());
    for variable in VARIABLES {
        env = env.with_variable(variable, Type::Dyn);
    }
    let mut cases = cases(&path);
    cases.retain(|case| case["hasAuthorizer"] == json!(false) && case["results"] != json!([]));
    let mut differing = Vec::new();
    for case in &cases {
        let objects = VARIABLES.map(|variable| {
            Object::from_json(case[variable].to_string().as_bytes(), &Limits::default()).unwrap()
        });
        let slots = objects.each_ref().map(|object| Some(Val::from_node(object.root())));
        let expressions = case["expressions"].as_array().unwrap();
        for (expression, wanted) in expressions.iter().zip(case["results"].as_array().unwrap()) {
            let expression = expression.as_str().unwrap();
            let arena = Arena::new();
            let program = env.compile(expression).unwrap();
            let got = match &program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT).value {
                Val::Error(error) => {
                    json!({"error": format!("expression '{expression}' resulted in error: {error}")})
                }
                value => serde_json::to_value(Encoded(value)).unwrap(),
            };
            if got != *wanted {
                differing.push(format!("{}: {expression} is {wanted}, not {got}", case["id"]));
            }
        }
    }
    snapshot("cel-conditions", cases.len(), differing);
}
