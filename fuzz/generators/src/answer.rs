//! kordon's answers to the questions of the tests, in the form of `kordon batch` and of the oracle.

use kordon::cel::compiler::CompileError;
use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, Encoded, PER_CALL_LIMIT};
use kordon::cel::types::{Declared, Type};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object};
use serde_json::{Value, json};

/// The environment of the questions: Kubernetes' newest, with the variable `object`.
pub fn env() -> Env {
    Env::kubernetes(Version::default()).with_variable("object", Type::Dyn)
}

/// The document of a JSON value.
pub fn document(value: &Value) -> Object {
    Object::from_json(value.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// `{type, value, cost}`, or `{error: {phase, message}}`, with type and cost when evaluation came so far.
pub fn cel(env: &Env, expression: &str, object: &Object) -> Value {
    let failed = |phase: &str, message: String| json!({"error": {"phase": phase, "message": message}});
    let program = match env.compile(expression) {
        Ok(program) => program,
        Err(CompileError::Parse(issues)) => return failed("parse", issues.to_string()),
        Err(CompileError::Check(issues)) => return failed("check", issues.to_string()),
        Err(CompileError::Program(message)) => return failed("program", message),
    };
    let arena = Arena::new();
    let slots = [Some(Val::from_node(object.root()))];
    let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
    let mut answer = json!({"type": Declared(program.result_type()).to_string(), "cost": evaluation.cost});
    match &evaluation.value {
        Val::Error(error) => answer["error"] = json!({"phase": "eval", "message": error.to_string()}),
        value => answer["value"] = serde_json::to_value(Encoded(value)).unwrap(),
    }
    answer
}

/// The same answer with numbers compared by value: JSON has several spellings of one double.
pub fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(elements) => elements.iter().map(by_value).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), by_value(value))).collect(),
        other => other.clone(),
    }
}
