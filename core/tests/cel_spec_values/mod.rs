//! Values and types as the suite's cases write them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kordon::cel::environment::Env;
use kordon::cel::message::Schema;
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Duration, List, Map, Timestamp, Val};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;

const PRIMITIVES: &[(&str, Type)] = &[
    ("dyn", Type::Dyn),
    ("null", Type::Null),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::String),
    ("bytes", Type::Bytes),
    ("timestamp", Type::Timestamp),
    ("duration", Type::Duration),
    ("any", Type::Any),
];

/// The type that a declaration names.
pub(crate) fn declared_type(json: &Value, schema: &Schema) -> Type {
    let inner = |json: &Value| Arc::new(declared_type(json, schema));
    let text = |json: &Value| Cow::Owned(json.as_str().unwrap().to_owned());
    if let Value::String(name) = json {
        let known = PRIMITIVES.iter().find(|(known, _)| known == name);
        return known.unwrap_or_else(|| panic!("type {name}")).1.clone();
    }
    let (kind, of) = json.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "list" => Type::List(inner(of)),
        "map" => Type::Map(inner(&of[0]), inner(&of[1])),
        "wrapper" => Type::Wrapper(inner(of)),
        "param" => Type::Param(text(of)),
        "message" => schema.named_type(of.as_str().unwrap()).unwrap_or_else(|| Type::Struct(text(of))),
        "type" => Type::Type(Some(inner(of))),
        "abstract" => {
            let parameters = of["params"].as_array().unwrap().iter();
            Type::Opaque(text(&of["name"]), parameters.map(|kind| declared_type(kind, schema)).collect())
        }
        other => panic!("type {other}"),
    }
}

/// A type as the cases write it.
pub(crate) fn type_json(kind: &Type) -> Value {
    if let Some((name, _)) = PRIMITIVES.iter().find(|(_, known)| known == kind) {
        return json!(name);
    }
    match kind {
        Type::List(element) => json!({"list": type_json(element)}),
        Type::Map(key, value) => json!({"map": [type_json(key), type_json(value)]}),
        Type::Wrapper(inner) => json!({"wrapper": type_json(inner)}),
        Type::Struct(name) => json!({"message": name}),
        Type::Type(Some(inner)) => json!({"type": type_json(inner)}),
        Type::Opaque(name, inner) => {
            json!({"abstract": {"name": name, "params": inner.iter().map(type_json).collect::<Vec<_>>()}})
        }
        other => json!(other.to_string()),
    }
}

fn number<T: std::str::FromStr>(json: &Value) -> Result<T, String> {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    text.parse().map_err(|_| format!("no number: {text}"))
}

/// A value of the cases.
pub(crate) fn decode<'a>(json: &'a Value, env: &'a Env, arena: &'a Arena) -> Result<Val<'a>, String> {
    let (kind, of) =
        json.as_object().and_then(|object| object.iter().next()).ok_or(format!("no value: {json}"))?;
    Ok(match kind.as_str() {
        "null" => Val::Null,
        "bool" => Val::Bool(of.as_bool().unwrap()),
        "int" => Val::Int(number(of)?),
        "uint" => Val::Uint(number(of)?),
        "double" => Val::Double(match of.as_str() {
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            _ => number(of)?,
        }),
        "string" => Val::String(of.as_str().unwrap()),
        "bytes" => Val::Bytes(arena.alloc_slice_copy(&STANDARD.decode(of.as_str().unwrap()).unwrap())),
        "type" => Val::Type(of.as_str().unwrap()),
        "enum" => env.schema().enum_of(of["type"].as_str().unwrap(), number(&of["value"])?, arena),
        "timestamp" => Val::Timestamp(Timestamp {
            seconds: number(&of["seconds"])?,
            nanos: number(&of["nanos"])?,
            offset: 0,
        }),
        "duration" => {
            let (seconds, nanos): (i64, i64) = (number(&of["seconds"])?, number(&of["nanos"])?);
            Val::Duration(Duration(seconds * 1_000_000_000 + nanos))
        }
        "list" => {
            let elements: Result<Vec<_>, String> =
                of.as_array().unwrap().iter().map(|element| decode(element, env, arena)).collect();
            Val::List(List::Slice(arena.alloc_slice_copy(&elements?)))
        }
        "map" => {
            let entries: Result<Vec<_>, String> = of
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| Ok((decode(&entry[0], env, arena)?, decode(&entry[1], env, arena)?)))
                .collect();
            Val::Map(Map::new(&entries?, arena))
        }
        "message" => return message(of, env, arena),
        other => return Err(format!("no value of kind {other}")),
    })
}

fn message<'a>(json: &'a Value, env: &'a Env, arena: &'a Arena) -> Result<Val<'a>, String> {
    let bytes = arena.alloc_slice_copy(&STANDARD.decode(json["bin"].as_str().unwrap()).unwrap());
    let name = json["type"].as_str().unwrap();
    env.schema().decode(name, bytes, arena).map_err(|error| format!("{name}: {error}"))
}

/// How a value differs from the one that a case demands: by its type too, but not by the order of a map.
pub(crate) fn differs<'a>(
    got: &Val<'a>,
    wanted: &'a Value,
    env: &'a Env,
    arena: &'a Arena,
) -> Result<Option<String>, String> {
    let wanted = decode(wanted, env, arena)?;
    let same = same(got, &wanted);
    Ok((!same).then(|| format!("is {got:?}, not {wanted:?}")))
}

fn same(a: &Val<'_>, b: &Val<'_>) -> bool {
    match (a, b) {
        (Val::Double(a), Val::Double(b)) => a == b || a.is_nan() && b.is_nan(),
        (Val::List(a), Val::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(&a, &b))
        }
        (Val::Map(a), Val::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.iter().any(|(other, wanted)| same(&key, &other) && same(&value, &wanted))
                })
        }
        _ => a.type_name() == b.type_name() && a.equal(b),
    }
}
