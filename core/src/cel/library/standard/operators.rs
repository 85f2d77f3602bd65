//! Operators: declarations of all, bodies of those that are plain functions.

use crate::cel::estimate::{CallEstimate, CostEstimate, EstimateCall};
use crate::cel::library::{CallCost, Function, Overload, kubernetes};
use crate::cel::value::{Arena, Duration, Error, List, MAX_TEXT, Opaque, Result, Timestamp, Val};
use std::cmp::Ordering;

const INT_OVERFLOW: Error<'static> = Error::Static(&"integer overflow");
const UINT_OVERFLOW: Error<'static> = Error::Static(&"unsigned integer overflow");
const TIMESTAMP_OVERFLOW: Error<'static> = Error::Static(&"timestamp overflow");

/// The arithmetic operators other than `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

pub(super) fn functions() -> Vec<Function> {
    let op = Overload::operator;
    let mut functions = vec![
        Function::new("_?_:_", vec![op("conditional", "bool, <A>, <A> -> <A>")]),
        Function::new("_&&_", vec![op("logical_and", "bool, bool -> bool")]),
        Function::new("_||_", vec![op("logical_or", "bool, bool -> bool")]),
        Function::new("!_", vec![op("logical_not", "bool -> bool")]),
        Function::new("@not_strictly_false", vec![op("not_strictly_false", "bool -> bool")]),
        Function::new("_==_", vec![op("equals", "<A>, <A> -> bool").estimates(EQUALS)]),
        Function::new("_!=_", vec![op("not_equals", "<A>, <A> -> bool").estimates(SMALLER)]),
        Function::new(
            "_[_]",
            vec![op("index_list", "list(<A>), int -> <A>"), op("index_map", "map(<A>, <B>), <A> -> <B>")],
        ),
        Function::new(
            "@in",
            vec![
                op("in_list", "<A>, list(<A>) -> bool").estimates(EACH_OF_SECOND),
                op("in_map", "<A>, map(<A>, <B>) -> bool"),
            ],
        ),
        Function::new(
            "_+_",
            vec![
                op("add_bytes", "bytes, bytes -> bytes").estimates(JOINED),
                op("add_double", "double, double -> double"),
                op("add_duration_duration", "duration, duration -> duration"),
                op("add_duration_timestamp", "duration, timestamp -> timestamp"),
                op("add_timestamp_duration", "timestamp, duration -> timestamp"),
                op("add_int64", "int, int -> int"),
                op("add_list", "list(<A>), list(<A>) -> list(<A>)").estimates(CONCATENATED),
                op("add_string", "string, string -> string").estimates(JOINED),
                op("add_uint64", "uint, uint -> uint"),
            ],
        ),
        Function::new(
            "_-_",
            vec![
                op("subtract_double", "double, double -> double"),
                op("subtract_duration_duration", "duration, duration -> duration"),
                op("subtract_int64", "int, int -> int"),
                op("subtract_timestamp_duration", "timestamp, duration -> timestamp"),
                op("subtract_timestamp_timestamp", "timestamp, timestamp -> duration"),
                op("subtract_uint64", "uint, uint -> uint"),
            ],
        ),
        Function::new(
            "_*_",
            vec![
                op("multiply_double", "double, double -> double"),
                op("multiply_int64", "int, int -> int"),
                op("multiply_uint64", "uint, uint -> uint"),
            ],
        ),
        Function::new(
            "_/_",
            vec![
                op("divide_double", "double, double -> double"),
                op("divide_int64", "int, int -> int"),
                op("divide_uint64", "uint, uint -> uint"),
            ],
        ),
        Function::new(
            "_%_",
            vec![op("modulo_int64", "int, int -> int"), op("modulo_uint64", "uint, uint -> uint")],
        ),
        Function::new("-_", vec![op("negate_double", "double -> double"), op("negate_int64", "int -> int")]),
        size(),
        Function::new(
            "type",
            vec![Overload::new("type", "<A> -> type(<A>)", |_, args| match args {
                [Val::Opaque(Opaque::Preserved(_))] => Err(Error::Static(
                    &"type conversion to 'type' not supported for values preserved by x-kubernetes-preserve-unknown-fields",
                )),
                [value] => Ok(Val::Type(value.type_name())),
                _ => Err(Error::NoSuchOverload),
            })],
        ),
    ];
    functions.extend(["_<_", "_<=_", "_>_", "_>=_"].map(|name| Function::new(name, comparison())));
    functions
}

/// The overloads of one comparison; their ids matter to cost only by their argument types.
fn comparison() -> Vec<Overload> {
    let op = Overload::operator;
    vec![
        op("compare_bool", "bool, bool -> bool"),
        op("compare_int64", "int, int -> bool"),
        op("compare_int64_double", "int, double -> bool"),
        op("compare_int64_uint64", "int, uint -> bool"),
        op("compare_uint64", "uint, uint -> bool"),
        op("compare_uint64_double", "uint, double -> bool"),
        op("compare_uint64_int64", "uint, int -> bool"),
        op("compare_double", "double, double -> bool"),
        op("compare_double_int64", "double, int -> bool"),
        op("compare_double_uint64", "double, uint -> bool"),
        op("compare_string", "string, string -> bool").estimates(SMALLER),
        op("compare_bytes", "bytes, bytes -> bool").estimates(SMALLER),
        op("compare_timestamp", "timestamp, timestamp -> bool"),
        op("compare_duration", "duration, duration -> bool"),
    ]
}

fn size() -> Function {
    let body = |_: &_, args: &[Val<'_>]| match args {
        [value] => match value.size() {
            Some(size) => Ok(Val::Int(i64::try_from(size).unwrap_or(i64::MAX))),
            None => Err(lacks(value, &"no such overload: size")),
        },
        _ => Err(Error::NoSuchOverload),
    };
    Function::singleton(
        "size",
        vec![
            Overload::new("size_bytes", "bytes -> int", body),
            Overload::new("bytes_size", "bytes.() -> int", body),
            Overload::new("size_list", "list(<A>) -> int", body),
            Overload::new("list_size", "list(<A>).() -> int", body),
            Overload::new("size_map", "map(<A>, <B>) -> int", body),
            Overload::new("map_size", "map(<A>, <B>).() -> int", body),
            Overload::new("size_string", "string -> int", body),
            Overload::new("string_size", "string.() -> int", body),
        ],
    )
}

/// Bytes or characters that an operator walks over, in tenths: cel-go's string traversal factor.
pub(crate) fn traversal(length: usize) -> u64 {
    (length as u64).div_ceil(10)
}

/// Cost that grows with the receiver or first argument.
pub(crate) const BY_FIRST: CallCost = |args, _| traversal(args.first().map_or(1, Val::inner_size));

/// Cost that grows with the second argument.
pub(crate) const BY_SECOND: CallCost = |args, _| traversal(args.get(1).map_or(1, Val::inner_size));

/// A comparison ends with the shorter of both; nothing is certain of text that may be empty.
const SMALLER: EstimateCall = |call| {
    let [left, right] = call.args else { return None };
    let most = left.known().max.min(right.known().max);
    Some(CallEstimate::costs(CostEstimate::new(most.min(1), most).times(0.1)))
};

const EQUALS: EstimateCall = |call| kubernetes::equality(call).or_else(|| SMALLER(call));

const JOINED: EstimateCall = |call| {
    let [left, right] = call.args else { return None };
    let size = left.known() + right.known();
    Some(CallEstimate::costs(size.at(0.1)).giving(size))
};

const CONCATENATED: EstimateCall = |call| {
    let [left, right] = call.args else { return None };
    Some(CallEstimate::fixed(1).giving(left.known() + right.known()))
};

const EACH_OF_SECOND: EstimateCall = |call| Some(CallEstimate::costs(call.args.get(1)?.known().as_cost()));

/// `a + b`
#[inline]
pub(crate) fn add<'a>(arena: &'a Arena, a: Val<'a>, b: Val<'a>) -> Result<'a> {
    Ok(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Val::Int(a.checked_add(b).ok_or(INT_OVERFLOW)?),
        (Val::String(a), Val::String(b)) if a.len() + b.len() > MAX_TEXT => return Err(Error::TOO_LONG),
        (Val::Bytes(a), Val::Bytes(b)) if a.len() + b.len() > MAX_TEXT => return Err(Error::TOO_LONG),
        (Val::String(a), Val::String(b)) => {
            let mut joined = bumpalo::collections::String::with_capacity_in(a.len() + b.len(), arena);
            joined.push_str(a);
            joined.push_str(b);
            Val::String(joined.into_bump_str())
        }
        (Val::List(List::Typed(a)), Val::List(b)) if a.merges() => a.add(b)?,
        (Val::List(a), Val::List(b)) => Val::List(a.concat(b, arena)),
        (Val::Uint(a), Val::Uint(b)) => Val::Uint(a.checked_add(b).ok_or(UINT_OVERFLOW)?),
        (Val::Double(a), Val::Double(b)) => Val::Double(a + b),
        (Val::Bytes(a), Val::Bytes(b)) => {
            let mut joined = bumpalo::collections::Vec::with_capacity_in(a.len() + b.len(), arena);
            joined.extend_from_slice_copy(a);
            joined.extend_from_slice_copy(b);
            Val::Bytes(joined.into_bump_slice())
        }
        (Val::Duration(a), Val::Duration(b)) => {
            Val::Duration(Duration(a.0.checked_add(b.0).ok_or(INT_OVERFLOW)?))
        }
        (Val::Timestamp(time), Val::Duration(by)) | (Val::Duration(by), Val::Timestamp(time)) => {
            Val::Timestamp(shift(time, i128::from(by.0))?)
        }
        // An element of a list with a schema.
        (Val::Error(error), _) | (_, Val::Error(error)) => return Err(error),
        (Val::List(_) | Val::Bytes(_) | Val::Int(_) | Val::Uint(_) | Val::Double(_), _) => {
            return Err(Error::NoSuchOverload);
        }
        _ => return Err(lacks(&a, &"no such overload: _+_")),
    })
}

/// The error of an operator that the first operand's type does not have. Types with methods of their own do not say
/// which operator it was (cel-go `interpreter/interpretable.go`, `evalBinary`).
pub(super) fn lacks<'a>(value: &Val<'_>, message: &'static &'static str) -> Error<'a> {
    match value {
        Val::String(_) | Val::Timestamp(_) | Val::Duration(_) => Error::NoSuchOverload,
        _ => Error::Static(message),
    }
}

/// The order that a comparison operator looks at.
pub(crate) fn compare<'a>(operator: Comparison, a: &Val<'a>, b: &Val<'a>) -> Result<'a, Ordering> {
    a.compare(b).map_err(|error| match (a, operator) {
        (Val::Bool(_) | Val::Bytes(_) | Val::Double(_) | Val::Duration(_), _)
        | (Val::Int(_) | Val::String(_) | Val::Timestamp(_) | Val::Uint(_), _) => error,
        (_, Comparison::Less) => Error::Static(&"no such overload: _<_"),
        (_, Comparison::LessEqual) => Error::Static(&"no such overload: _<=_"),
        (_, Comparison::Greater) => Error::Static(&"no such overload: _>_"),
        (_, Comparison::GreaterEqual) => Error::Static(&"no such overload: _>=_"),
    })
}

/// `a - b`, `a * b`, `a / b`, `a % b`
#[inline]
pub(crate) fn arithmetic<'a>(operator: Arithmetic, a: Val<'a>, b: Val<'a>) -> Result<'a> {
    const BY_ZERO: Error<'static> = Error::Static(&"division by zero");
    const MODULUS: Error<'static> = Error::Static(&"modulus by zero");
    Ok(match (operator, a, b) {
        (Arithmetic::Subtract, Val::Int(a), Val::Int(b)) => Val::Int(a.checked_sub(b).ok_or(INT_OVERFLOW)?),
        (Arithmetic::Multiply, Val::Int(a), Val::Int(b)) => Val::Int(a.checked_mul(b).ok_or(INT_OVERFLOW)?),
        (Arithmetic::Divide, Val::Int(_), Val::Int(0)) | (Arithmetic::Divide, Val::Uint(_), Val::Uint(0)) => {
            return Err(BY_ZERO);
        }
        (Arithmetic::Modulo, Val::Int(_), Val::Int(0)) | (Arithmetic::Modulo, Val::Uint(_), Val::Uint(0)) => {
            return Err(MODULUS);
        }
        (Arithmetic::Divide, Val::Int(a), Val::Int(b)) => Val::Int(a.checked_div(b).ok_or(INT_OVERFLOW)?),
        (Arithmetic::Modulo, Val::Int(a), Val::Int(b)) => Val::Int(a.checked_rem(b).ok_or(INT_OVERFLOW)?),
        (Arithmetic::Subtract, Val::Uint(a), Val::Uint(b)) => {
            Val::Uint(a.checked_sub(b).ok_or(UINT_OVERFLOW)?)
        }
        (Arithmetic::Multiply, Val::Uint(a), Val::Uint(b)) => {
            Val::Uint(a.checked_mul(b).ok_or(UINT_OVERFLOW)?)
        }
        (Arithmetic::Divide, Val::Uint(a), Val::Uint(b)) => Val::Uint(a / b),
        (Arithmetic::Modulo, Val::Uint(a), Val::Uint(b)) => Val::Uint(a % b),
        (Arithmetic::Subtract, Val::Double(a), Val::Double(b)) => Val::Double(a - b),
        (Arithmetic::Multiply, Val::Double(a), Val::Double(b)) => Val::Double(a * b),
        (Arithmetic::Divide, Val::Double(a), Val::Double(b)) => Val::Double(a / b),
        (Arithmetic::Subtract, Val::Duration(a), Val::Duration(b)) => {
            Val::Duration(Duration(a.0.checked_sub(b.0).ok_or(INT_OVERFLOW)?))
        }
        // The least duration has no negative.
        (Arithmetic::Subtract, Val::Timestamp(_), Val::Duration(Duration(i64::MIN))) => {
            return Err(INT_OVERFLOW);
        }
        (Arithmetic::Subtract, Val::Timestamp(time), Val::Duration(by)) => {
            Val::Timestamp(shift(time, -i128::from(by.0))?)
        }
        (Arithmetic::Subtract, Val::Timestamp(a), Val::Timestamp(b)) => {
            // Whole seconds must fit by themselves, as in Go.
            let seconds = (a.seconds - b.seconds).checked_mul(1_000_000_000).ok_or(INT_OVERFLOW)?;
            let nanos = i64::from(a.nanos) - i64::from(b.nanos);
            Val::Duration(Duration(seconds.checked_add(nanos).ok_or(INT_OVERFLOW)?))
        }
        (_, Val::Int(_) | Val::Uint(_), _) => return Err(Error::NoSuchOverload),
        (Arithmetic::Modulo, ..) => return Err(lacks(&a, &"no such overload: _%_")),
        (_, Val::Double(_), _) => return Err(Error::NoSuchOverload),
        (Arithmetic::Multiply, ..) => return Err(lacks(&a, &"no such overload: _*_")),
        (Arithmetic::Divide, ..) => return Err(lacks(&a, &"no such overload: _/_")),
        (Arithmetic::Subtract, ..) => return Err(lacks(&a, &"no such overload: _-_")),
    })
}

/// `-a`
pub(crate) fn negate<'a>(value: Val<'a>) -> Result<'a> {
    match value {
        Val::Int(value) => Ok(Val::Int(value.checked_neg().ok_or(INT_OVERFLOW)?)),
        Val::Double(value) => Ok(Val::Double(-value)),
        Val::Duration(value) => Ok(Val::Duration(Duration(value.0.checked_neg().ok_or(INT_OVERFLOW)?))),
        Val::Bool(_) => Err(Error::NoSuchOverload),
        _ => Err(lacks(&value, &"no such overload: -_")),
    }
}

fn shift(time: Timestamp, by: i128) -> Result<'static, Timestamp> {
    let nanos = i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos) + by;
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).map_err(|_| TIMESTAMP_OVERFLOW)?;
    if !super::timestamp_in_range(seconds) {
        return Err(TIMESTAMP_OVERFLOW);
    }
    Ok(Timestamp { seconds, nanos: nanos.rem_euclid(1_000_000_000) as u32, offset: time.offset })
}
