//! `kordon batch cel`: expressions to values, or with `check` to their type and estimated cost.

use super::object;
use kordon::cel::compiler::CompileError;
use kordon::cel::environment::{Env, EnvType};
use kordon::cel::estimate::{SizeEstimate, Sizes, estimate};
use kordon::cel::program::{Activation, Encoded, PER_CALL_LIMIT};
use kordon::cel::types::{Declared, Type};
use kordon::cel::value::{Arena, NodeType, Val};
use kordon::crd::reading;
use kordon::declaration::{DeclType, declare};
use kordon::document::Object;
use kordon::schema::Structural;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    id: Value,
    expression: String,
    #[serde(default)]
    vars: BTreeMap<String, Box<RawValue>>,
    /// The types of variables, as text or as structural schemas; without one a variable is `dyn`.
    #[serde(default)]
    types: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    mode: String,
    /// Whether the expression is stored already, see [`EnvType`].
    #[serde(default)]
    stored: bool,
    /// Whether the expression is only checked, and its cost estimated.
    #[serde(default)]
    check: bool,
}

pub(super) fn answer(question: &Question) -> Result<Value, String> {
    let (env, schemas) = environment(question)?;
    if question.check {
        return Ok(checked(question, &env, &schemas));
    }
    let mut values = Vec::new();
    for variable in env.variables() {
        let raw = question.vars.get(&*variable.name);
        values.push(raw.map(|raw| value(&variable.name, raw)).transpose()?);
    }
    let program = match env.compile(&question.expression) {
        Ok(program) => program,
        Err(CompileError::Parse(issues)) => return Ok(failed(question, "parse", issues.to_string())),
        Err(CompileError::Check(issues)) => return Ok(failed(question, "check", issues.to_string())),
        Err(CompileError::Program(message)) => return Ok(failed(question, "program", message)),
    };
    let arena = Arena::new();
    let pairs = env.variables().iter().zip(&values);
    let slots: Vec<Option<Val<'_>>> = pairs
        .map(|(variable, object)| {
            let node = object.as_ref()?.root();
            Some(match schemas.0.get(&*variable.name) {
                Some(schema) => schema.reading.read(node, &arena),
                None => Val::from_node(node),
            })
        })
        .collect();
    let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
    let kind = Declared(program.result_type()).to_string();
    Ok(match &evaluation.value {
        Val::Error(error) => {
            let error = json!({"phase": "eval", "message": error.to_string()});
            json!({"id": question.id, "type": kind, "error": error, "cost": evaluation.cost})
        }
        value => {
            let value = serde_json::to_value(Encoded(value)).map_err(|error| error.to_string())?;
            json!({"id": question.id, "type": kind, "value": value, "cost": evaluation.cost})
        }
    })
}

fn failed(question: &Question, phase: &str, message: String) -> Value {
    json!({"id": question.id, "error": {"phase": phase, "message": message}})
}

fn value(name: &str, raw: &RawValue) -> Result<Object, String> {
    object(raw).map_err(|error| format!("variable {name}: {error}"))
}

/// The type of a checked expression, and what it may cost.
fn checked(question: &Question, env: &Env, schemas: &Schemas) -> Value {
    let ast = match env.parse(&question.expression) {
        Ok(ast) => ast,
        Err(issues) => return failed(question, "parse", issues.to_string()),
    };
    let checked = match kordon::cel::checker::check(ast, env) {
        Ok(checked) => checked,
        Err(issues) => return failed(question, "check", issues.to_string()),
    };
    let cost = estimate(&checked, env, schemas);
    json!({
        "id": question.id,
        "type": Declared(checked.result_type()).to_string(),
        "estimatedCost": {"min": cost.min, "max": cost.max},
    })
}

/// The environment with all variables, in the order of their names.
fn environment(question: &Question) -> Result<(Env, Schemas), String> {
    let version = super::version(&question.version)?;
    let mut env = match question.mode.as_str() {
        "" | "kubernetes" if question.stored => Env::kubernetes_for(EnvType::StoredExpressions, version),
        "" | "kubernetes" => Env::kubernetes(version),
        "general" => Env::general(),
        other => return Err(format!("unknown mode `{other}`: kubernetes or general")),
    };
    let mut schemas = Schemas::default();
    let untyped = question.vars.keys().filter(|name| !question.types.contains_key(*name));
    let untyped = untyped.map(|name| (name, None));
    let typed = question.types.iter().map(|(name, raw)| (name, Some(raw)));
    let variables: BTreeMap<&String, Option<&Box<RawValue>>> = untyped.chain(typed).collect();
    for (name, raw) in variables {
        let wrong = |error: String| format!("type of {name}: {error}");
        let kind = match raw {
            None => Type::Dyn,
            Some(raw) if raw.get().starts_with('"') => {
                let text: String =
                    serde_json::from_str(raw.get()).map_err(|error| wrong(error.to_string()))?;
                text.parse().map_err(wrong)?
            }
            Some(raw) => {
                let schema = schema(raw).map_err(wrong)?;
                let kind;
                (env, kind) = schema.declared.declare(&format!("{name}Type"), env);
                schemas.0.insert(name.clone(), schema);
                kind
            }
        };
        env = env.with_variable(name.as_str(), kind);
    }
    Ok((env, schemas))
}

/// What a schema makes of its values.
struct Schema {
    declared: DeclType,
    reading: Arc<NodeType>,
}

fn schema(raw: &RawValue) -> Result<Schema, String> {
    let object = object(raw)?;
    let schema = Structural::read(object.root()).map_err(|problems| {
        problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<&str>>().join("; ")
    })?;
    let declared =
        declare(&schema, false).ok_or_else(|| "expressions cannot see values of this schema".to_owned())?;
    Ok(Schema { declared, reading: reading(&schema, false) })
}

/// The variables that have a schema.
#[derive(Default)]
struct Schemas(BTreeMap<String, Schema>);

impl Sizes for Schemas {
    /// A path that starts with no variable is looked up in `self`, since the API server takes all to start there.
    fn size(&self, path: &[&str], _: &Type) -> Option<SizeEstimate> {
        let (first, rest) = path.split_first()?;
        let root = self.0.get(*first).or_else(|| self.0.get("self"))?;
        Some(SizeEstimate::new(0, root.declared.max_size(rest.iter().copied())?))
    }
}
