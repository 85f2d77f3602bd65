//! kordon's answers to the questions of the tests, in the form of `kordon batch` and of the oracle.

use crate::object::TYPED;
use kordon::cel::compiler::CompileError;
use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, Encoded, PER_CALL_LIMIT};
use kordon::cel::types::{Declared, Type};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, NodeValue, Object, ObjectBuilder, Projection};
use serde_json::{Value, json};

/// The environment of the questions: Kubernetes' newest, with the variable `object`.
pub fn env() -> Env {
    Env::kubernetes(Version::default()).with_variable("object", Type::Dyn)
}

/// The same with the variables of [`TYPED`].
pub fn full_env() -> Env {
    let kind = |name: &str| match name {
        "int" => Type::Int,
        "string" => Type::String,
        "bool" => Type::Bool,
        "double" => Type::Double,
        "list(int)" => Type::list(Type::Int),
        "list(string)" => Type::list(Type::String),
        "list(double)" => Type::list(Type::Double),
        "list(list(int))" => Type::list(Type::list(Type::Int)),
        "map(string,string)" => Type::map(Type::String, Type::String),
        _ => Type::list(Type::Dyn),
    };
    TYPED.iter().fold(env(), |env, (field, name)| env.with_variable(field.path, kind(name)))
}

/// The document of a JSON value.
pub fn document(value: &Value) -> Object {
    Object::from_json(value.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// `{type, value, cost}`, or `{error: {phase, message}}`, with type and cost when evaluation came so far.
pub fn cel(env: &Env, expression: &str, object: &Object) -> Value {
    cel_with(env, expression, |_| Some(Val::from_node(object.root())))
}

/// The same when nothing is kept of the object but what the expression reads; `None` when it does not compile.
pub fn cel_of_part(env: &Env, expression: &str, object: &Value) -> Option<Value> {
    let mut fields = Projection::default();
    env.compile(expression).ok()?.project(0, &mut fields);
    let (limits, text) = (Limits::default(), object.to_string());
    let mut builder = ObjectBuilder::new(limits);
    let part = builder.read_json_projected(text.as_bytes(), Object::default(), &limits, &fields).unwrap();
    Some(cel(env, expression, &part))
}

/// The same with the values of all variables in one document, by name.
pub fn cel_of(env: &Env, expression: &str, variables: &Object) -> Value {
    cel_with(env, expression, |name| match variables.root().value() {
        NodeValue::Map(map) => map.lookup(name).map(Val::from_node),
        _ => None,
    })
}

fn cel_with<'a>(env: &Env, expression: &str, value: impl Fn(&str) -> Option<Val<'a>>) -> Value {
    let failed = |phase: &str, message: String| json!({"error": {"phase": phase, "message": message}});
    let program = match env.compile(expression) {
        Ok(program) => program,
        Err(CompileError::Parse(issues)) => return failed("parse", issues.to_string()),
        Err(CompileError::Check(issues)) => return failed("check", issues.to_string()),
        Err(CompileError::Program(message)) => return failed("program", message),
    };
    let arena = Arena::new();
    let slots: Vec<_> = env.variables().iter().map(|variable| value(&variable.name)).collect();
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
