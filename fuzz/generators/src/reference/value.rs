//! Owned values, with equality and order.

use super::text;
use serde_json::{Value as Json, json};
use std::cmp::Ordering;
use std::rc::Rc;

/// A value, or the error that took its place.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Rc<str>),
    Bytes(Rc<[u8]>),
    Duration(i64),
    Timestamp(Time),
    List(Rc<Vec<Value>>),
    Map(Rc<Vec<(Value, Value)>>),
    Type(Rc<str>),
    Optional(Option<Rc<Value>>),
    Error(Rc<str>),
}

/// A point in time.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// Nanoseconds since 1970.
    pub nanos: i128,
    /// Seconds east of UTC, for the text.
    pub offset: i64,
}

impl Value {
    pub fn string(text: impl Into<Rc<str>>) -> Value {
        Value::String(text.into())
    }

    pub fn list(elements: Vec<Value>) -> Value {
        Value::List(Rc::new(elements))
    }

    pub fn error(text: impl Into<Rc<str>>) -> Value {
        Value::Error(text.into())
    }

    pub fn is_error(&self) -> bool {
        matches!(self, Value::Error(_))
    }

    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(value) => Value::Int(value),
                None => Value::Double(number.as_f64().unwrap()),
            },
            Json::String(text) => Value::string(text.as_str()),
            Json::Array(elements) => Value::list(elements.iter().map(Value::from_json).collect()),
            Json::Object(entries) => Value::Map(Rc::new(
                entries
                    .iter()
                    .map(|(key, value)| (Value::string(key.as_str()), Value::from_json(value)))
                    .collect(),
            )),
        }
    }

    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Type(_) => "type",
            Value::Optional(_) => "optional_type",
            Value::Error(_) => "error",
        }
    }

    /// Characters, bytes, elements or entries.
    pub fn size(&self) -> Option<usize> {
        match self {
            Value::String(text) => Some(text.chars().count()),
            Value::Bytes(bytes) => Some(bytes.len()),
            Value::List(elements) => Some(elements.len()),
            Value::Map(entries) => Some(entries.len()),
            _ => None,
        }
    }

    /// What a map holds under a key; numbers of any type find each other.
    pub fn find(entries: &[(Value, Value)], key: &Value) -> Option<Value> {
        entries.iter().find(|(other, _)| other.equals(key)).map(|(_, value)| value.clone())
    }

    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::String(a), Value::String(b)) | (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Timestamp(a), Value::Timestamp(b)) => a.nanos == b.nanos,
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let same = |(key, value): &(Value, Value)| {
                    Value::find(b, key).is_some_and(|other| value.equals(&other))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            (Value::Optional(a), Value::Optional(b)) => match (a, b) {
                (None, None) => true,
                (Some(a), Some(b)) => a.equals(b),
                _ => false,
            },
            _ => matches!(numbers(self, other), Some(Some(Ordering::Equal))),
        }
    }

    /// The order of two values, or what is wrong with asking.
    pub fn order(&self, other: &Value) -> Result<Ordering, Value> {
        Ok(match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
            (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.nanos.cmp(&b.nanos),
            _ => match numbers(self, other) {
                Some(Some(order)) => order,
                Some(None) => return Err(Value::error("NaN values cannot be ordered")),
                None => return Err(Value::error("no such overload")),
            },
        })
    }

    /// As answers write it: `{type, value}`.
    pub fn encode(&self) -> Json {
        let inner = match self {
            Value::Null | Value::Optional(None) => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value.to_string()),
            Value::Uint(value) => json!(value.to_string()),
            Value::Double(value) if value.is_nan() => json!("NaN"),
            Value::Double(value) if value.is_infinite() => {
                json!(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Value::Double(value) => json!(value),
            Value::String(text) | Value::Type(text) | Value::Error(text) => json!(&**text),
            Value::Bytes(bytes) => {
                use base64::Engine;
                json!(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            Value::Duration(nanos) => json!(text::duration(*nanos)),
            Value::Timestamp(time) => json!(text::time(*time)),
            Value::List(elements) => elements.iter().map(Value::encode).collect(),
            Value::Map(entries) => {
                let mut pairs: Vec<&(Value, Value)> = entries.iter().collect();
                pairs.sort_by_key(|(key, _)| (key.type_name(), text::plain(key)));
                pairs.iter().map(|(key, value)| json!([key.encode(), value.encode()])).collect()
            }
            Value::Optional(Some(value)) => value.encode(),
        };
        json!({"type": self.type_name(), "value": inner})
    }
}

/// The order of two numbers by their value: `None` when one is no number, `Some(None)` when one is NaN.
fn numbers(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    let exact = |value: &Value| match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    };
    if let (Some(a), Some(b)) = (exact(a), exact(b)) {
        return Some(Some(a.cmp(&b)));
    }
    let float = |value: &Value| match value {
        Value::Double(value) => Some(*value),
        other => exact(other).map(|value| value as f64),
    };
    Some(float(a)?.partial_cmp(&float(b)?))
}
