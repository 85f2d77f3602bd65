//! Numbers: comparison across types, range-checked conversion, and the text that Go gives a double.

use super::Val;
use std::cmp::Ordering;

/// Order of two numbers by value. `None`: one is no number. `Some(None)`: one is NaN.
pub(super) fn compare(a: &Val<'_>, b: &Val<'_>) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Uint(a), Val::Uint(b)) => Some(a.cmp(b)),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Int(a), Val::Uint(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Uint(a), Val::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Int(a), Val::Double(b)) => integer_double(i128::from(*a), *b),
        (Val::Uint(a), Val::Double(b)) => integer_double(i128::from(*a), *b),
        (Val::Double(a), Val::Int(b)) => integer_double(i128::from(*b), *a).map(Ordering::reverse),
        (Val::Double(a), Val::Uint(b)) => integer_double(i128::from(*b), *a).map(Ordering::reverse),
        _ => return None,
    })
}

/// cel-go compares in double arithmetic unless the double is out of the integer's range.
fn integer_double(integer: i128, double: f64) -> Option<Ordering> {
    (integer as f64).partial_cmp(&double)
}

/// A hash under which equal keys are equal, numbers of different types included.
pub(super) fn key_hash(key: &Val<'_>) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let build = BuildHasherDefault::<DefaultHasher>::default();
    match key {
        Val::String(text) => build.hash_one(text),
        Val::Bool(value) => u64::from(*value),
        Val::Int(value) => (*value as f64).to_bits(),
        Val::Uint(value) => (*value as f64).to_bits(),
        Val::Double(value) => (*value + 0.0).to_bits(),
        _ => 0,
    }
}

/// A double as int, cut towards zero; `None` outside of int64 or for NaN (cel-go `doubleToInt64Checked`).
pub fn double_to_int(value: f64) -> Option<i64> {
    (value > -9_223_372_036_854_775_808.0 && value < 9_223_372_036_854_775_808.0).then_some(value as i64)
}

/// A double as uint, cut towards zero; `None` outside of uint64 or for NaN.
pub fn double_to_uint(value: f64) -> Option<u64> {
    (0.0..18_446_744_073_709_551_616.0).contains(&value).then_some(value as u64)
}

/// The shortest digits that are read back as the same double, of several the nearest: as even as Go's are.
fn shortest(value: f64) -> String {
    let short = format!("{value:e}");
    let digits = short.split('e').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
    if digits < 15 {
        return short;
    }
    let nearest = format!("{value:.*e}", digits - 1);
    if nearest.parse() == Ok(value) { nearest } else { short }
}

/// A double as Go's `%g` writes it.
pub fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = shortest(value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    if mantissa.len() < 15 { format!("{value}") } else { positional(mantissa, exponent) }
}

/// Digits with the point moved to where it belongs.
fn positional(mantissa: &str, exponent: i32) -> String {
    let (sign, unsigned) = mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let digits: String = unsigned.chars().filter(char::is_ascii_digit).collect();
    match usize::try_from(exponent) {
        Ok(whole) => {
            let (before, after) = digits.split_at_checked(whole + 1).unwrap_or((&digits, ""));
            format!("{sign}{before}.{after}")
        }
        Err(_) => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    }
}
