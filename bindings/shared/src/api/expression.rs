//! CEL alone: [`Expression`], and the [`Value`] of one.

use super::{Error, version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon::Diagnostic;
use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, Encoded, PER_CALL_LIMIT, Program};
use kordon::cel::types::{Declared, Type};
use kordon::cel::value::{Arena, Val};
use kordon::document::Object;
use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// What an expression may use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ExpressionOptions {
    /// Variables by name, with their type such as `int` or `list(string)`; `dyn` is any.
    pub variables: BTreeMap<String, String>,
    pub kubernetes_version: Option<String>,
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    program: Program,
    variables: Vec<String>,
}

/// What came of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub value: Value,
    /// What it cost, as the API server counts.
    pub cost: u64,
}

/// A value for a host language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    /// Entries in the order of their keys.
    Map(Vec<(Value, Value)>),
    /// A timestamp, duration, type, address or the like, as `string()` writes it.
    Text(String),
}

/// Values that are handed out at most: lists that share their parts can be longer than any memory.
const MAX_VALUES: usize = 4 << 20;

thread_local! {
    static ARENA: RefCell<Arena> = RefCell::new(Arena::new());
}

/// Environments by version: they take a while to prepare.
static ENVIRONMENTS: Mutex<Option<HashMap<Version, Env>>> = Mutex::new(None);

impl Expression {
    /// Parses, checks and compiles an expression.
    pub fn compile(expression: &str, options: &ExpressionOptions) -> Result<Expression, Error> {
        let mut env = environment(version(options.kubernetes_version.as_deref())?);
        for (name, kind) in &options.variables {
            let kind: Type = kind
                .parse()
                .map_err(|error| Error::argument(format!("type of variable `{name}`: {error}")))?;
            env = env.with_variable(name.as_str(), kind);
        }
        let program = env.compile(expression)?;
        let variables = env.variables().iter().map(|variable| variable.name.to_string()).collect();
        Ok(Expression { program, variables })
    }

    /// The names of the variables, in the order in which [`Expression::eval`] asks for them.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// The type of the value, as the checker knows it.
    pub fn result_type(&self) -> String {
        Declared(self.program.result_type()).to_string()
    }

    /// Evaluates the expression with the value of each variable; a variable without one is absent.
    pub fn eval(&self, values: &[Option<Object>]) -> Result<Evaluation, Error> {
        ARENA.with_borrow_mut(|arena| {
            arena.reset();
            let slots: Vec<Option<Val<'_>>> = values
                .iter()
                .map(|value| value.as_ref().map(|object| Val::from_node(object.root())))
                .collect();
            let evaluation = self.program.eval(&Activation::new(&slots, arena), PER_CALL_LIMIT);
            match evaluation.value {
                Val::Error(error) => Err(Diagnostic::error("cel-evaluation", error.to_string()).into()),
                value => {
                    let value = Value::new(&value, &mut { MAX_VALUES })?;
                    Ok(Evaluation { value, cost: evaluation.cost })
                }
            }
        })
    }
}

fn environment(version: Version) -> Env {
    // A thread that panicked while it held the lock has changed nothing.
    let mut kept = ENVIRONMENTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    kept.get_or_insert_default().entry(version).or_insert_with(|| Env::kubernetes(version)).clone()
}

impl Evaluation {
    /// The value and the cost as JSON: integers beyond 2^53 as they are, bytes as text in base64.
    pub fn to_json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Shape<'e> {
            value: &'e Value,
            cost: u64,
        }
        serde_json::to_string(&Shape { value: &self.value, cost: self.cost }).unwrap_or_default()
    }
}

impl Value {
    fn new(value: &Val<'_>, left: &mut usize) -> Result<Value, Error> {
        let too_large = || Diagnostic::error("limit-exceeded", "the value is too large to be handed out");
        *left = left.checked_sub(1).ok_or_else(too_large)?;
        Ok(match value {
            Val::Null | Val::Optional(None) => Value::Null,
            Val::Bool(value) => Value::Bool(*value),
            Val::Int(value) => Value::Int(*value),
            Val::Uint(value) => Value::Uint(*value),
            Val::Double(value) => Value::Double(*value),
            Val::String(value) => Value::String((*value).to_owned()),
            Val::Bytes(value) => Value::Bytes(value.to_vec()),
            Val::Optional(Some(value)) => Value::new(value, left)?,
            Val::List(list) => {
                Value::List(list.iter().map(|value| Value::new(&value, left)).collect::<Result<_, _>>()?)
            }
            Val::Map(map) => {
                let entry = |(key, value)| Ok((Value::new(&key, left)?, Value::new(&value, left)?));
                let mut entries: Vec<(Value, Value)> = map.iter().map(entry).collect::<Result<_, Error>>()?;
                entries.sort_by_cached_key(|(key, _)| key.key());
                Value::Map(entries)
            }
            other => Value::Text(text(other)),
        })
    }

    /// The value as the key of a JSON object.
    pub fn key(&self) -> String {
        match self {
            Value::String(text) | Value::Text(text) => text.clone(),
            other => serde_json::to_string(other).unwrap_or_default(),
        }
    }
}

/// What `string()` makes of a value, or the name of its type.
fn text(value: &Val<'_>) -> String {
    let encoded = serde_json::to_value(Encoded(value)).ok();
    let text = encoded.as_ref().and_then(|encoded| encoded.get("value")?.as_str());
    text.unwrap_or_else(|| value.type_name()).to_owned()
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Uint(value) => serializer.serialize_u64(*value),
            Value::Double(value) => serializer.serialize_f64(*value),
            Value::String(text) | Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Value::List(list) => list.serialize(serializer),
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&key.key(), value)?;
                }
                map.end()
            }
        }
    }
}
