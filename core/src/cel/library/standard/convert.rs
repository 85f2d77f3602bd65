//! Type conversions: `int(x)`, `string(x)` and the like.

use super::operators::BY_FIRST;
use super::{duration_text, parse_duration, parse_timestamp, timestamp_in_range, timestamp_text};
use crate::cel::estimate::{CallEstimate, SizeEstimate};
use crate::cel::library::{Function, Overload};
use crate::cel::value::{Arena, Error, Result, Timestamp, Val, double_text, double_to_int, double_to_uint};

const INT_OVERFLOW: Error<'static> = Error::Static(&"integer overflow");
const UINT_OVERFLOW: Error<'static> = Error::Static(&"unsigned integer overflow");

pub(super) fn functions() -> Vec<Function> {
    let o = Overload::new;
    vec![
        Function::new(
            "bool",
            vec![o("bool_to_bool", "bool -> bool", same), o("string_to_bool", "string -> bool", to_bool)],
        ),
        Function::new(
            "bytes",
            vec![
                o("bytes_to_bytes", "bytes -> bytes", same),
                o("string_to_bytes", "string -> bytes", to_bytes).costs(BY_FIRST).estimates(|call| {
                    let size = call.args.first()?.known();
                    let bytes = SizeEstimate::new(size.min, size.max.wrapping_mul(4));
                    Some(CallEstimate::costs(size.at(0.1)).giving(bytes))
                }),
            ],
        ),
        Function::new(
            "double",
            vec![
                o("double_to_double", "double -> double", same),
                o("int64_to_double", "int -> double", to_double),
                o("string_to_double", "string -> double", to_double),
                o("uint64_to_double", "uint -> double", to_double),
            ],
        ),
        Function::new(
            "duration",
            vec![
                o("duration_to_duration", "duration -> duration", same),
                o("string_to_duration", "string -> duration", to_duration),
            ],
        ),
        Function::new("dyn", vec![o("to_dyn", "<A> -> dyn", same)]),
        Function::new(
            "int",
            vec![
                o("int64_to_int64", "int -> int", same),
                o("double_to_int64", "double -> int", to_int),
                o("duration_to_int64", "duration -> int", to_int),
                o("string_to_int64", "string -> int", to_int),
                o("timestamp_to_int64", "timestamp -> int", to_int),
                o("uint64_to_int64", "uint -> int", to_int),
            ],
        ),
        Function::new(
            "string",
            vec![
                o("string_to_string", "string -> string", same),
                o("bool_to_string", "bool -> string", to_string),
                o("bytes_to_string", "bytes -> string", to_string).costs(BY_FIRST).estimates(|call| {
                    let size = call.args.first()?.known();
                    let characters = SizeEstimate::new(size.min / 4, size.max);
                    Some(CallEstimate::costs(size.at(0.1)).giving(characters))
                }),
                o("double_to_string", "double -> string", to_string),
                o("duration_to_string", "duration -> string", to_string),
                o("int64_to_string", "int -> string", to_string),
                o("timestamp_to_string", "timestamp -> string", to_string),
                o("uint64_to_string", "uint -> string", to_string),
            ],
        ),
        Function::new(
            "timestamp",
            vec![
                o("timestamp_to_timestamp", "timestamp -> timestamp", same),
                o("int64_to_timestamp", "int -> timestamp", to_timestamp),
                o("string_to_timestamp", "string -> timestamp", to_timestamp),
            ],
        ),
        Function::new(
            "uint",
            vec![
                o("uint64_to_uint64", "uint -> uint", same),
                o("double_to_uint64", "double -> uint", to_uint),
                o("int64_to_uint64", "int -> uint", to_uint),
                o("string_to_uint64", "string -> uint", to_uint),
            ],
        ),
    ]
}

fn first<'a>(args: &[Val<'a>]) -> Val<'a> {
    args.first().copied().unwrap_or(Val::Error(Error::NoSuchOverload))
}

fn same<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    Ok(first(args))
}

fn refuse<'a>(value: Val<'a>, to: &str, arena: &'a Arena) -> Error<'a> {
    Error::message(arena, format_args!("type conversion error from '{}' to '{to}'", value.type_name()))
}

fn to_bool<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::String("1" | "t" | "T" | "TRUE" | "true" | "True") => Ok(Val::Bool(true)),
        Val::String("0" | "f" | "F" | "FALSE" | "false" | "False") => Ok(Val::Bool(false)),
        value => Err(refuse(value, "bool", arena)),
    }
}

fn to_bytes<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::String(text) => Ok(Val::Bytes(text.as_bytes())),
        value => Err(refuse(value, "bytes", arena)),
    }
}

fn to_double<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::Int(value) => Ok(Val::Double(value as f64)),
        Val::Uint(value) => Ok(Val::Double(value as f64)),
        value @ Val::String(text) => {
            parse_double(text).map(Val::Double).ok_or_else(|| refuse(value, "double", arena))
        }
        value => Err(refuse(value, "double", arena)),
    }
}

/// Go's `strconv.ParseFloat`: what is out of range is an error unless it says infinity, digits may be grouped by
/// underscores, and there are hexadecimal numbers.
fn parse_double(text: &str) -> Option<f64> {
    let ungrouped;
    let mut text = text;
    if text.contains('_') {
        ungrouped = without_underscores(text)?;
        text = &ungrouped;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let value = parse_hexadecimal(digits)?;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    let value: f64 = text.parse().ok()?;
    let says_so = text.trim_start_matches(['+', '-']).starts_with(['i', 'I']);
    (value.is_finite() || value.is_nan() || says_so).then_some(value)
}

/// The number without its underscores, which may stand only between two digits, or after `0x`.
fn without_underscores(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let hexadecimal = unsigned.starts_with("0x") || unsigned.starts_with("0X");
    let is_digit = |byte: u8| byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit();
    let bytes = text.as_bytes();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_') {
        let near = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied();
        let after_prefix =
            hexadecimal && near(at.checked_sub(1)).is_some_and(|byte| matches!(byte, b'x' | b'X'));
        let before = after_prefix || near(at.checked_sub(1)).is_some_and(is_digit);
        if !before || !near(Some(at + 1)).is_some_and(is_digit) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}

/// `1.8p-3` after its `0x`: the exponent is a power of two and must be there. Digits beyond 64 bits round the last.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What does not fit is far out of range either way.
    let mut exponent: i64 =
        exponent.parse().unwrap_or(if exponent.starts_with('-') { -99_999 } else { 99_999 });
    exponent = exponent.clamp(-99_999, 99_999);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut mantissa, mut sticky) = (0_u64, false);
    for (character, fractional) in
        whole.chars().map(|c| (c, false)).chain(fraction.chars().map(|c| (c, true)))
    {
        let digit = u64::from(character.to_digit(16)?);
        if mantissa >> 58 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if fractional { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            exponent += if fractional { 0 } else { 4 };
        }
    }
    mantissa |= u64::from(sticky);
    if mantissa == 0 {
        return Some(0.0);
    }
    let value = scale(mantissa, exponent);
    value.is_finite().then_some(value)
}

/// `mantissa * 2^exponent`, rounded once.
fn scale(mantissa: u64, exponent: i64) -> f64 {
    let bits = 64 - i64::from(mantissa.leading_zeros());
    // The last bit of a double of this size, which for the smallest doubles is fixed.
    let last = (bits + exponent - 53).max(-1074);
    let drop = last - exponent;
    let rounded = if drop <= 0 {
        mantissa
    } else if drop > 64 {
        0
    } else {
        let wide = u128::from(mantissa);
        let (kept, rest, half) = (wide >> drop, wide & ((1 << drop) - 1), 1_u128 << (drop - 1));
        (kept + u128::from(rest > half || rest == half && kept & 1 == 1)) as u64
    };
    let power = if drop <= 0 { exponent } else { last };
    if power > 1023 {
        return f64::INFINITY;
    }
    // In two steps, because the power alone may be smaller than the smallest double's.
    let first = power.max(-1000);
    rounded as f64 * 2_f64.powi(first as i32) * 2_f64.powi((power - first) as i32)
}

fn to_duration<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        value @ Val::String(text) => parse_duration(text)
            .map(Val::Duration)
            .map_err(|_| refuse(value, "google.protobuf.Duration", arena)),
        value => Err(refuse(value, "google.protobuf.Duration", arena)),
    }
}

fn to_int<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::Double(value) => double_to_int(value).map(Val::Int).ok_or(INT_OVERFLOW),
        Val::Duration(value) => Ok(Val::Int(value.0)),
        Val::Timestamp(value) => Ok(Val::Int(value.seconds)),
        Val::Uint(value) => i64::try_from(value).map(Val::Int).map_err(|_| INT_OVERFLOW),
        value @ Val::String(text) => text.parse().map(Val::Int).map_err(|_| refuse(value, "int", arena)),
        value => Err(refuse(value, "int", arena)),
    }
}

fn to_uint<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::Double(value) => double_to_uint(value).map(Val::Uint).ok_or(UINT_OVERFLOW),
        Val::Int(value) => u64::try_from(value).map(Val::Uint).map_err(|_| UINT_OVERFLOW),
        value @ Val::String(text) => {
            let digits = Some(text).filter(|text| !text.starts_with('+'));
            digits
                .and_then(|text| text.parse().ok())
                .map(Val::Uint)
                .ok_or_else(|| refuse(value, "uint", arena))
        }
        value => Err(refuse(value, "uint", arena)),
    }
}

fn to_timestamp<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match first(args) {
        Val::Int(seconds) if timestamp_in_range(seconds) => {
            Ok(Val::Timestamp(Timestamp { seconds, nanos: 0, offset: 0 }))
        }
        Val::Int(_) => Err(Error::Static(&"timestamp overflow")),
        value @ Val::String(text) => match parse_timestamp(text) {
            Some(time) if timestamp_in_range(time.seconds) => Ok(Val::Timestamp(time)),
            Some(_) => Err(Error::Static(&"timestamp overflow")),
            None => Err(refuse(value, "google.protobuf.Timestamp", arena)),
        },
        value => Err(refuse(value, "google.protobuf.Timestamp", arena)),
    }
}

fn to_string<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let value = first(args);
    match value {
        Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Val::String(text)),
            Err(_) => Err(Error::Static(&"invalid UTF-8 in bytes, cannot convert to string")),
        },
        _ => match plain_text(&value) {
            Some(text) => Ok(Val::String(arena.alloc_str(&text))),
            None => Err(refuse(value, "string", arena)),
        },
    }
}

/// The text of a value that `string(x)` accepts, bytes aside.
pub(crate) fn plain_text(value: &Val<'_>) -> Option<String> {
    Some(match value {
        Val::Bool(value) => value.to_string(),
        Val::Int(value) => value.to_string(),
        Val::Uint(value) => value.to_string(),
        Val::Double(value) => double_text(*value),
        Val::Duration(value) => duration_text(*value),
        Val::Timestamp(value) => timestamp_text(*value),
        Val::String(value) | Val::Type(value) => (*value).to_owned(),
        _ => return None,
    })
}
