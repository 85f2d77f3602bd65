//! Functions: which arguments they take at run time, and what they give.

use super::operators::timestamp;
use super::text;
use super::value::Value;
use std::cmp::Ordering;
use std::rc::Rc;

/// Kinds of arguments, as far as a value shows them: of a list, the first element counts.
#[derive(Clone, Copy, Debug)]
enum Takes {
    Any,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    Optional,
    List,
    Strings,
    /// Elements that can be ordered.
    Ordered,
    /// Elements that can be added.
    Numbers,
    /// Elements that are lists.
    Lists,
    Map,
}

impl Takes {
    fn accepts(self, value: &Value) -> bool {
        let first = |test: fn(&Value) -> bool| match value {
            Value::List(elements) => elements.first().is_none_or(test),
            _ => false,
        };
        match self {
            Takes::Any => true,
            Takes::Bool => matches!(value, Value::Bool(_)),
            Takes::Int => matches!(value, Value::Int(_)),
            Takes::Uint => matches!(value, Value::Uint(_)),
            Takes::Double => matches!(value, Value::Double(_)),
            Takes::String => matches!(value, Value::String(_)),
            Takes::Bytes => matches!(value, Value::Bytes(_)),
            Takes::Duration => matches!(value, Value::Duration(_)),
            Takes::Timestamp => matches!(value, Value::Timestamp(_)),
            Takes::Optional => matches!(value, Value::Optional(_)),
            Takes::Map => matches!(value, Value::Map(_)),
            Takes::List => matches!(value, Value::List(_)),
            Takes::Strings => first(|first| matches!(first, Value::String(_))),
            Takes::Lists => first(|first| matches!(first, Value::List(_))),
            Takes::Numbers => first(|first| {
                matches!(first, Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::Duration(_))
            }),
            Takes::Ordered => first(|first| {
                !matches!(
                    first,
                    Value::Null | Value::List(_) | Value::Map(_) | Value::Type(_) | Value::Optional(_)
                )
            }),
        }
    }
}

/// The run-time signatures of a function; `None` for a function that the evaluator does not know.
fn signatures(function: &str) -> Option<&'static [&'static [Takes]]> {
    use Takes::*;
    Some(match function {
        "bool" => &[&[Bool], &[String]],
        "bytes" => &[&[Bytes], &[String]],
        "double" => &[&[Double], &[Int], &[Uint], &[String]],
        "duration" => &[&[Duration], &[String]],
        "timestamp" => &[&[Timestamp], &[Int], &[String]],
        "int" => &[&[Int], &[Double], &[Duration], &[String], &[Timestamp], &[Uint]],
        "uint" => &[&[Uint], &[Double], &[Int], &[String]],
        "string" => &[&[String], &[Bool], &[Bytes], &[Double], &[Duration], &[Int], &[Timestamp], &[Uint]],
        "dyn" | "type" | "optional.of" | "optional.ofNonZeroValue" => &[&[Any]],
        "optional.none" => &[&[]],
        "hasValue" | "value" => &[&[Optional]],
        "startsWith" | "endsWith" | "contains" | "matches" => &[&[String, String]],
        "indexOf" | "lastIndexOf" => &[&[String, String], &[List, Any]],
        "lowerAscii" | "upperAscii" | "trim" => &[&[String]],
        "substring" => &[&[String, Int], &[String, Int, Int]],
        "charAt" => &[&[String, Int]],
        "replace" => &[&[String, String, String]],
        "split" => &[&[String, String]],
        "join" => &[&[Strings], &[Strings, String]],
        "isSorted" | "min" | "max" | "sort" => &[&[Ordered]],
        "sum" => &[&[Numbers]],
        "first" | "last" | "distinct" | "reverse" => &[&[List]],
        "flatten" => &[&[Lists]],
        "slice" => &[&[List, Int, Int]],
        "lists.range" => &[&[Int]],
        "cel.@mapInsert" => &[&[Map, Any, Any]],
        "getFullYear" | "getMonth" | "getDate" | "getDayOfMonth" | "getDayOfWeek" | "getDayOfYear" => {
            &[&[Timestamp]]
        }
        "getHours" | "getMinutes" | "getSeconds" | "getMilliseconds" => &[&[Timestamp], &[Duration]],
        _ => return None,
    })
}

/// Calls a function with values that are no errors; `None` when the evaluator does not know it.
pub(super) fn call(function: &str, args: &[Value]) -> Option<Value> {
    if function == "size" {
        let size = args.first().and_then(Value::size);
        return Some(
            size.map_or_else(|| Value::error("no such overload: size"), |size| Value::Int(size as i64)),
        );
    }
    let fits = |signature: &&[Takes]| {
        signature.len() == args.len() && signature.iter().zip(args).all(|(takes, arg)| takes.accepts(arg))
    };
    if !signatures(function)?.iter().any(fits) {
        let types: Vec<&str> = args.iter().map(Value::type_name).collect();
        return Some(Value::error(format!("no such overload: {function}({})", types.join(", "))));
    }
    // The sum of nothing is a zero of the type that the checker knows.
    if function == "sum" && args.first().and_then(Value::size) == Some(0) {
        return None;
    }
    Some(apply(function, args))
}

fn apply(function: &str, args: &[Value]) -> Value {
    let int = |at: usize| match args.get(at) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    };
    match (function, args) {
        ("dyn", [value]) => value.clone(),
        ("type", [value]) => Value::Type(value.type_name().into()),
        ("optional.of", [value]) => Value::Optional(Some(Rc::new(value.clone()))),
        ("optional.ofNonZeroValue", [value]) => {
            Value::Optional((!zero(value)).then(|| Rc::new(value.clone())))
        }
        ("optional.none", _) => Value::Optional(None),
        ("hasValue", [Value::Optional(value)]) => Value::Bool(value.is_some()),
        ("value", [Value::Optional(Some(value))]) => (**value).clone(),
        ("value", _) => Value::error("optional.none() dereference"),
        ("cel.@mapInsert", [Value::Map(entries), key, value]) => {
            let mut entries = entries.to_vec();
            entries.push((key.clone(), value.clone()));
            Value::Map(Rc::new(entries))
        }
        ("lists.range", _) if int(0) < 0 => {
            Value::error(format!("lists.range: size must be non-negative, got {}", int(0)))
        }
        ("lists.range", _) => Value::list((0..int(0)).map(Value::Int).collect()),
        (_, [Value::List(elements), ..]) => list(function, elements, args),
        (_, [Value::String(text), ..]) if !is_conversion(function) => string(function, text, args),
        (_, [Value::Timestamp(time)]) if function.starts_with("get") => {
            let parts = text::parts(time.nanos);
            Value::Int(match function {
                "getFullYear" => parts.year,
                "getMonth" => i64::from(parts.month) - 1,
                "getDate" => i64::from(parts.day),
                "getDayOfMonth" => i64::from(parts.day) - 1,
                "getDayOfWeek" => parts.day_of_week,
                "getDayOfYear" => parts.day_of_year,
                "getHours" => parts.second_of_day / 3600,
                "getMinutes" => parts.second_of_day / 60 % 60,
                "getSeconds" => parts.second_of_day % 60,
                _ => (parts.nanos / 1_000_000) as i64,
            })
        }
        (_, [Value::Duration(nanos)]) if function.starts_with("get") => Value::Int(match function {
            "getHours" => nanos / 3_600_000_000_000,
            "getMinutes" => nanos / 60_000_000_000,
            "getSeconds" => nanos / 1_000_000_000,
            _ => nanos / 1_000_000,
        }),
        (_, [value]) => convert(function, value),
        _ => Value::error("no such overload"),
    }
}

/// Whether a value is its type's zero.
fn zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Optional(None) => true,
        Value::Bool(value) => !value,
        Value::Int(value) => *value == 0,
        Value::Uint(value) => *value == 0,
        Value::Double(value) => *value == 0.0,
        Value::Duration(value) => *value == 0,
        other => other.size() == Some(0),
    }
}

pub(super) fn is_conversion(function: &str) -> bool {
    const NAMES: [&str; 10] =
        ["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];
    NAMES.contains(&function)
}

/// `int(x)` and its like.
fn convert(to: &str, value: &Value) -> Value {
    let name = match to {
        "duration" => "google.protobuf.Duration",
        "timestamp" => "google.protobuf.Timestamp",
        other => other,
    };
    let refused = || Value::error(format!("type conversion error from '{}' to '{name}'", value.type_name()));
    let int_overflow = || Value::error("integer overflow");
    let uint_overflow = || Value::error("unsigned integer overflow");
    match (to, value) {
        (_, value) if value.type_name() == name => value.clone(),
        ("bool", Value::String(text)) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Value::Bool(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Value::Bool(false),
            _ => refused(),
        },
        ("bytes", Value::String(text)) => Value::Bytes(text.as_bytes().into()),
        ("double", Value::Int(value)) => Value::Double(*value as f64),
        ("double", Value::Uint(value)) => Value::Double(*value as f64),
        ("double", Value::String(text)) => text.parse().map_or_else(|_| refused(), Value::Double),
        ("duration", Value::String(text)) => text::parse_duration(text).map_or_else(refused, Value::Duration),
        ("int", Value::Double(value)) if *value > -9.3e18 && *value < 9.3e18 => {
            let inside = *value > i64::MIN as f64 && *value < i64::MAX as f64;
            if inside { Value::Int(*value as i64) } else { int_overflow() }
        }
        ("int", Value::Double(_)) => int_overflow(),
        ("int", Value::Duration(nanos)) => Value::Int(*nanos),
        ("int", Value::Timestamp(time)) => Value::Int(time.nanos.div_euclid(1_000_000_000) as i64),
        ("int", Value::Uint(value)) => i64::try_from(*value).map_or_else(|_| int_overflow(), Value::Int),
        ("int", Value::String(text)) => text.parse().map_or_else(|_| refused(), Value::Int),
        ("uint", Value::Double(value)) => {
            let inside = *value >= 0.0 && *value < u64::MAX as f64;
            if inside { Value::Uint(*value as u64) } else { uint_overflow() }
        }
        ("uint", Value::Int(value)) => u64::try_from(*value).map_or_else(|_| uint_overflow(), Value::Uint),
        ("uint", Value::String(text)) if !text.starts_with('+') => {
            text.parse().map_or_else(|_| refused(), Value::Uint)
        }
        ("timestamp", Value::Int(seconds)) => timestamp(i128::from(*seconds) * 1_000_000_000, 0),
        ("timestamp", Value::String(text)) => match text::parse_time(text) {
            Some(time) => timestamp(time.nanos, time.offset),
            None => refused(),
        },
        ("string", Value::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::string(text),
            Err(_) => Value::error("invalid UTF-8 in bytes, cannot convert to string"),
        },
        ("string", Value::Duration(nanos)) => Value::string(text::duration(*nanos)),
        ("string", Value::Timestamp(time)) => Value::string(text::time(*time)),
        ("string", value) => Value::string(text::plain(value)),
        _ => refused(),
    }
}

/// Functions of lists.
fn list(function: &str, elements: &[Value], args: &[Value]) -> Value {
    let place = |at: Option<usize>| Value::Int(at.map_or(-1, |at| at as i64));
    match (function, args) {
        ("first", _) => Value::Optional(elements.first().cloned().map(Rc::new)),
        ("last", _) => Value::Optional(elements.last().cloned().map(Rc::new)),
        ("reverse", _) => Value::list(elements.iter().rev().cloned().collect()),
        ("distinct", _) => {
            let mut unique: Vec<Value> = Vec::new();
            for element in elements {
                if !unique.iter().any(|other| element.equals(other)) {
                    unique.push(element.clone());
                }
            }
            Value::list(unique)
        }
        ("indexOf", [_, item]) => place(elements.iter().position(|element| element.equals(item))),
        ("lastIndexOf", [_, item]) => place(elements.iter().rposition(|element| element.equals(item))),
        ("flatten", _) => {
            let inner = |element: &Value| match element {
                Value::List(inner) => inner.to_vec(),
                other => vec![other.clone()],
            };
            Value::list(elements.iter().flat_map(inner).collect())
        }
        ("slice", [_, Value::Int(from), Value::Int(to)]) => {
            let reason = if *from < 0 || *to < 0 {
                "negative indexes not supported".to_owned()
            } else if from > to {
                "start index must be less than or equal to end index".to_owned()
            } else if elements.len() < *to as usize {
                format!("list is length {}", elements.len())
            } else {
                return Value::list(elements[*from as usize..*to as usize].to_vec());
            };
            Value::error(format!("cannot slice({from}, {to}), {reason}"))
        }
        ("join", _) => {
            let separator = match args.get(1) {
                Some(Value::String(text)) => &**text,
                _ => "",
            };
            let mut texts = Vec::new();
            for element in elements {
                match element {
                    Value::String(text) => texts.push(&**text),
                    other => return Value::error(format!("join: invalid input: {}", text::plain(other))),
                }
            }
            Value::string(texts.join(separator))
        }
        ("sum", _) => sum(elements),
        ("isSorted", _) => {
            for pair in elements.windows(2) {
                match pair[0].order(&pair[1]) {
                    Ok(Ordering::Greater) => return Value::Bool(false),
                    Ok(_) => {}
                    Err(error) => return error,
                }
            }
            Value::Bool(true)
        }
        ("min" | "max", _) => extreme(function, elements),
        ("sort", _) => {
            let first = elements.first().map(Value::type_name);
            if elements.len() > 1 && elements.iter().any(|element| Some(element.type_name()) != first) {
                return Value::error("list elements must have the same type");
            }
            let mut sorted = elements.to_vec();
            sorted.sort_by(|a, b| a.order(b).unwrap_or(Ordering::Equal));
            Value::list(sorted)
        }
        _ => Value::error("no such overload"),
    }
}

fn sum(elements: &[Value]) -> Value {
    let zero = match elements.first() {
        Some(Value::Uint(_)) => Value::Uint(0),
        Some(Value::Double(_)) => Value::Double(0.0),
        Some(Value::Duration(_)) => Value::Duration(0),
        _ => Value::Int(0),
    };
    let mut total = zero;
    for element in elements {
        total = super::operators::arithmetic("_+_", &total, element);
        if total.is_error() {
            break;
        }
    }
    total
}

fn extreme(function: &str, elements: &[Value]) -> Value {
    let replaces = if function == "min" { Ordering::Greater } else { Ordering::Less };
    let mut elements = elements.iter();
    let Some(mut best) = elements.next() else {
        return Value::error(format!("{function} called on empty list"));
    };
    for element in elements {
        if best.order(element).is_ok_and(|order| order == replaces) {
            best = element;
        }
    }
    best.clone()
}

/// Functions of strings; positions count characters.
fn string(function: &str, text: &str, args: &[Value]) -> Value {
    let characters: Vec<char> = text.chars().collect();
    let out = |at: i64| Value::error(format!("index out of range: {at}"));
    let range = |from: i64, to: i64| -> Value {
        Value::string(characters[from as usize..to as usize].iter().collect::<String>())
    };
    let inside = |at: i64| at >= 0 && at as usize <= characters.len();
    match (function, args) {
        ("startsWith", [_, Value::String(part)]) => Value::Bool(text.starts_with(&**part)),
        ("endsWith", [_, Value::String(part)]) => Value::Bool(text.ends_with(&**part)),
        ("contains", [_, Value::String(part)]) => Value::Bool(text.contains(&**part)),
        ("matches", [_, Value::String(pattern)]) => match regex::Regex::new(pattern) {
            Ok(regex) => Value::Bool(regex.is_match(text)),
            Err(error) => Value::error(error.to_string()),
        },
        ("indexOf" | "lastIndexOf", [_, Value::String(part)]) => {
            let part: Vec<char> = part.chars().collect();
            let mut starts = 0..=characters.len();
            let found = |at: &usize| characters[*at..].starts_with(&part);
            let at = if function == "indexOf" { starts.find(found) } else { starts.rev().find(found) };
            Value::Int(at.map_or(-1, |at| at as i64))
        }
        ("lowerAscii", _) => Value::string(text.to_ascii_lowercase()),
        ("upperAscii", _) => Value::string(text.to_ascii_uppercase()),
        ("trim", _) => Value::string(text.trim()),
        ("charAt", [_, Value::Int(at)]) if !inside(*at) => out(*at),
        ("charAt", [_, Value::Int(at)]) => range(*at, (*at + 1).min(characters.len() as i64)),
        ("substring", [_, Value::Int(from)]) if !inside(*from) => out(*from),
        ("substring", [_, Value::Int(from)]) => range(*from, characters.len() as i64),
        ("substring", [_, Value::Int(from), Value::Int(to)]) => {
            if from > to {
                return Value::error(format!("invalid substring range. start: {from}, end: {to}"));
            }
            match [*from, *to].into_iter().find(|at| !inside(*at)) {
                Some(at) => out(at),
                None => range(*from, *to),
            }
        }
        ("replace", [_, Value::String(old), Value::String(new)]) => Value::string(text.replace(&**old, new)),
        ("split", [_, Value::String(separator)]) if separator.is_empty() => {
            Value::list(characters.iter().map(|c| Value::string(c.to_string())).collect())
        }
        ("split", [_, Value::String(separator)]) => {
            Value::list(text.split(&**separator).map(Value::string).collect())
        }
        _ => Value::error("no such overload"),
    }
}
