//! `string.format` without a locale, since version 4 of the library; not in Kubernetes.
//! Source: cel-go `ext/formatting_v2.go`.

use super::format::{Clause, DEFAULT_PRECISION, FORMAT_RULES, FormatRules, format_with, hex, signed};
use crate::cel::library::standard::timestamp_text;
use crate::cel::types::Type;
use crate::cel::value::{List, MAX_TEXT, Map, TOO_LONG, Timestamp, Val};

const MAX_PRECISION: usize = 100;

/// The rules that constant formats are checked by.
pub(crate) const PLAIN_FORMAT_RULES: FormatRules =
    FormatRules { max_precision: MAX_PRECISION, accepts, refusal };

fn accepts(verb: char, kind: &Type) -> bool {
    match verb {
        'd' | 'f' | 'e' => matches!(kind, Type::Dyn | Type::Int | Type::Uint | Type::Double),
        _ => (FORMAT_RULES.accepts)(verb, kind),
    }
}

/// Formats values.
pub(super) fn format(pattern: &str, values: List<'_>) -> Result<String, String> {
    format_with(pattern, values, MAX_PRECISION, clause_text)
}

fn clause_text(clause: Clause, value: &Val<'_>) -> Result<String, String> {
    let precision = clause.precision.unwrap_or(DEFAULT_PRECISION);
    Ok(match (clause.verb, value) {
        ('s', value) => {
            let mut text = String::new();
            write(value, &mut text)?;
            text
        }
        ('d', Val::Int(value)) => value.to_string(),
        ('d', Val::Uint(value)) => value.to_string(),
        ('d', Val::Double(value)) => double(*value),
        ('f' | 'e', value) => {
            let number = match value {
                Val::Int(value) => *value as f64,
                Val::Uint(value) => *value as f64,
                Val::Double(value) => *value,
                other => return Err(refusal(clause.verb, other.type_name())),
            };
            match number.is_finite() {
                false => double(number),
                true if clause.verb == 'f' => format!("{number:.precision$}"),
                true => scientific(number, precision),
            }
        }
        ('b', Val::Bool(value)) => u8::from(*value).to_string(),
        ('b', Val::Int(value)) => signed(*value, format!("{:b}", value.unsigned_abs())),
        ('b', Val::Uint(value)) => format!("{value:b}"),
        ('o', Val::Int(value)) => signed(*value, format!("{:o}", value.unsigned_abs())),
        ('o', Val::Uint(value)) => format!("{value:o}"),
        ('x', Val::Int(value)) => signed(*value, format!("{:x}", value.unsigned_abs())),
        ('X', Val::Int(value)) => signed(*value, format!("{:X}", value.unsigned_abs())),
        ('x', Val::Uint(value)) => format!("{value:x}"),
        ('X', Val::Uint(value)) => format!("{value:X}"),
        ('x' | 'X', Val::String(text)) => hex(text.as_bytes(), clause.verb),
        ('x' | 'X', Val::Bytes(bytes)) => hex(bytes, clause.verb),
        (verb, other) => return Err(refusal(verb, other.type_name())),
    })
}

fn refusal(verb: char, given: &str) -> String {
    let what = match verb {
        's' => {
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
        }
        'd' => "decimal clause can only be used on ints, uints, and doubles",
        'f' => "fixed-point clause can only be used on ints, uints, and doubles",
        'e' => "scientific clause can only be used on ints, uints, and doubles",
        'b' => "only ints, uints, and bools can be formatted as binary",
        'o' => "octal clause can only be used on ints and uints",
        _ => "only ints, uints, bytes, and strings can be formatted as hex",
    };
    format!("{what}, was given {given}")
}

/// All digits that a double has and no exponent.
fn double(value: f64) -> String {
    match value {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        value => value.to_string(),
    }
}

/// `1.5e+03`
fn scientific(value: f64, precision: usize) -> String {
    let plain = format!("{value:.precision$e}");
    let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// The recursion follows the value, whose depth the limits of documents and of expressions bound.
fn write(value: &Val<'_>, out: &mut String) -> Result<(), String> {
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(value) => out.push_str(&value.to_string()),
        Val::Int(value) => out.push_str(&value.to_string()),
        Val::Uint(value) => out.push_str(&value.to_string()),
        Val::Double(value) => out.push_str(&double(*value)),
        Val::String(text) | Val::Type(text) => out.push_str(text),
        Val::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Val::Timestamp(time) => out.push_str(&timestamp_text(Timestamp { offset: 0, ..*time })),
        Val::Duration(duration) => {
            // Go adds the seconds and the rest as doubles.
            let (seconds, rest) = (duration.0 / 1_000_000_000, duration.0 % 1_000_000_000);
            out.push_str(&(seconds as f64 + rest as f64 / 1e9).to_string());
            out.push('s');
        }
        Val::List(list) => {
            out.push('[');
            for (at, element) in list.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write(&element, out)?;
                if out.len() > MAX_TEXT {
                    return Err(TOO_LONG.to_owned());
                }
            }
            out.push(']');
        }
        Val::Map(map) => write_map(*map, out)?,
        other => return Err(refusal('s', other.type_name())),
    }
    Ok(())
}

/// Entries are sorted by the text of their keys.
fn write_map(map: Map<'_>, out: &mut String) -> Result<(), String> {
    let mut entries = Vec::with_capacity(map.len());
    for (key, value) in map.iter() {
        let (mut name, mut text) = (String::new(), String::new());
        write(&key, &mut name)?;
        write(&value, &mut text)?;
        entries.push((name, text));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let entries: Vec<String> = entries.into_iter().map(|(name, text)| format!("{name}: {text}")).collect();
    out.push('{');
    out.push_str(&entries.join(", "));
    out.push('}');
    Ok(())
}
