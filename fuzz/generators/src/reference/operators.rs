//! Arithmetic and comparison.

use super::value::{Time, Value};
use std::cmp::Ordering;
use std::rc::Rc;

/// Seconds of the first and of the last moment that a timestamp may be.
const YEARS: std::ops::RangeInclusive<i128> = -62_135_596_800..=253_402_300_799;

fn int(value: Option<i64>) -> Value {
    value.map_or_else(|| Value::error("integer overflow"), Value::Int)
}

fn uint(value: Option<u64>) -> Value {
    value.map_or_else(|| Value::error("unsigned integer overflow"), Value::Uint)
}

fn duration(value: Option<i64>) -> Value {
    value.map_or_else(|| Value::error("duration overflow"), Value::Duration)
}

pub(super) fn timestamp(nanos: i128, offset: i64) -> Value {
    if YEARS.contains(&nanos.div_euclid(1_000_000_000)) {
        Value::Timestamp(Time { nanos, offset })
    } else {
        Value::error("timestamp overflow")
    }
}

/// `a operator b`, neither of which is an error.
pub(super) fn arithmetic(operator: &str, a: &Value, b: &Value) -> Value {
    use Value::{Double, Duration, Int, Timestamp, Uint};
    let able = match operator {
        "_+_" => matches!(
            a,
            Int(_)
                | Uint(_)
                | Double(_)
                | Duration(_)
                | Timestamp(_)
                | Value::String(_)
                | Value::Bytes(_)
                | Value::List(_)
        ),
        "_-_" => matches!(a, Int(_) | Uint(_) | Double(_) | Duration(_) | Timestamp(_)),
        "_%_" => matches!(a, Int(_) | Uint(_)),
        _ => matches!(a, Int(_) | Uint(_) | Double(_)),
    };
    if !able {
        return Value::error(format!("no such overload: {operator}"));
    }
    match (operator, a, b) {
        ("_/_", Int(_), Int(0)) | ("_/_", Uint(_), Uint(0)) => Value::error("division by zero"),
        ("_%_", Int(_), Int(0)) | ("_%_", Uint(_), Uint(0)) => Value::error("modulus by zero"),
        ("_+_", Int(a), Int(b)) => int(a.checked_add(*b)),
        ("_-_", Int(a), Int(b)) => int(a.checked_sub(*b)),
        ("_*_", Int(a), Int(b)) => int(a.checked_mul(*b)),
        ("_/_", Int(a), Int(b)) => int(a.checked_div(*b)),
        ("_%_", Int(a), Int(b)) => int(a.checked_rem(*b)),
        ("_+_", Uint(a), Uint(b)) => uint(a.checked_add(*b)),
        ("_-_", Uint(a), Uint(b)) => uint(a.checked_sub(*b)),
        ("_*_", Uint(a), Uint(b)) => uint(a.checked_mul(*b)),
        ("_/_", Uint(a), Uint(b)) => Uint(a / b),
        ("_%_", Uint(a), Uint(b)) => Uint(a % b),
        ("_+_", Double(a), Double(b)) => Double(a + b),
        ("_-_", Double(a), Double(b)) => Double(a - b),
        ("_*_", Double(a), Double(b)) => Double(a * b),
        ("_/_", Double(a), Double(b)) => Double(a / b),
        ("_+_", Duration(a), Duration(b)) => duration(a.checked_add(*b)),
        ("_-_", Duration(a), Duration(b)) => duration(a.checked_sub(*b)),
        ("_+_", Timestamp(time), Duration(by)) | ("_+_", Duration(by), Timestamp(time)) => {
            timestamp(time.nanos + i128::from(*by), time.offset)
        }
        ("_-_", Timestamp(time), Duration(by)) => timestamp(time.nanos - i128::from(*by), time.offset),
        ("_-_", Timestamp(a), Timestamp(b)) => i64::try_from(a.nanos - b.nanos)
            .map_or_else(|_| Value::error("timestamp overflow"), Value::Duration),
        ("_+_", Value::String(a), Value::String(b)) => Value::string(format!("{a}{b}")),
        ("_+_", Value::Bytes(a), Value::Bytes(b)) => Value::Bytes([&**a, &**b].concat().into()),
        ("_+_", Value::List(a), Value::List(b)) => Value::List(Rc::new([&a[..], &b[..]].concat())),
        _ => Value::error("no such overload"),
    }
}

/// `-a`
pub(super) fn negate(value: &Value) -> Value {
    match value {
        Value::Int(value) => int(value.checked_neg()),
        Value::Double(value) => Value::Double(-value),
        Value::Duration(value) => duration(value.checked_neg()),
        _ => Value::error("no such overload: -_"),
    }
}

/// `!a`
pub(super) fn not(value: &Value) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        _ => Value::error("no such overload: !_"),
    }
}

/// `a < b` and its like.
pub(super) fn compare(operator: &str, a: &Value, b: &Value) -> Value {
    if matches!(a, Value::Null | Value::List(_) | Value::Map(_) | Value::Type(_) | Value::Optional(_)) {
        return Value::error(format!("no such overload: {operator}"));
    }
    match a.order(b) {
        Err(error) => error,
        Ok(order) => Value::Bool(match operator {
            "_<_" => order == Ordering::Less,
            "_<=_" => order != Ordering::Greater,
            "_>_" => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }),
    }
}

/// `a in b`
pub(super) fn contained(a: &Value, b: &Value) -> Value {
    match b {
        Value::List(elements) => Value::Bool(elements.iter().any(|element| element.equals(a))),
        Value::Map(entries) => Value::Bool(Value::find(entries, a).is_some()),
        _ => Value::error("no such overload"),
    }
}
