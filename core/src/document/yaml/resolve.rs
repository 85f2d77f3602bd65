//! What a scalar without quotes means. Source: go-yaml v2 `resolve.go`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A scalar's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond int64.
    Uint(u64),
    Float(f64),
    /// The text as it stands.
    Text,
    /// Decoded from base64.
    Binary(String),
}

const PREFIX: &str = "tag:yaml.org,2002:";

/// The value of a scalar with a tag, or why it has none. An empty tag leaves the choice to the text.
pub(super) fn resolve(tag: &str, text: &str) -> Result<Scalar, String> {
    if tag.is_empty() {
        return Ok(plain(text, None).1);
    }
    let short = tag.strip_prefix(PREFIX);
    match short {
        Some("binary") => return binary(text),
        Some("str" | "bool" | "int" | "float" | "null" | "timestamp") => {}
        None | Some(_) => return Ok(Scalar::Text),
    }
    let (found, scalar) = if short == Some("str") { ("str", Scalar::Text) } else { plain(text, short) };
    match (short, found, scalar) {
        (None | Some("str"), _, scalar) => Ok(scalar),
        (Some("float"), "int", Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
        (Some(wanted), found, scalar) if wanted == found => Ok(scalar),
        (Some(wanted), found, _) => Err(format!("cannot decode !!{found} `{text}` as a !!{wanted}")),
    }
}

fn binary(text: &str) -> Result<Scalar, String> {
    // Go's decoder steps over line breaks.
    let packed: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    match STANDARD.decode(packed) {
        Ok(bytes) => Ok(Scalar::Binary(go_text(&bytes))),
        Err(_) => Err("!!binary value contains invalid base64 data".to_owned()),
    }
}

/// Bytes as Go writes them into JSON: each that is no UTF-8 becomes a replacement character.
fn go_text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// The type that a text has by itself, and its value.
fn plain(text: &str, tag: Option<&str>) -> (&'static str, Scalar) {
    let string = ("str", Scalar::Text);
    let Some(&first) = text.as_bytes().first() else { return ("null", Scalar::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            word(text).unwrap_or(string)
        }
        b'.' => match word(text) {
            Some(found) => found,
            None => decimal(text).map_or(string, |value| ("float", Scalar::Float(value))),
        },
        b'+' | b'-' | b'0'..=b'9' => {
            if let Some(found) = word(text) {
                return found;
            }
            if tag.is_none_or(|tag| tag == "timestamp") && is_timestamp(text) {
                return ("timestamp", Scalar::Text);
            }
            number(&text.replace('_', "")).unwrap_or(string)
        }
        _ => string,
    }
}

fn word(text: &str) -> Option<(&'static str, Scalar)> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            ("bool", Scalar::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            ("bool", Scalar::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => ("null", Scalar::Null),
        ".nan" | ".NaN" | ".NAN" => ("float", Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => ("float", Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => ("float", Scalar::Float(f64::NEG_INFINITY)),
        _ => return None,
    })
}

fn number(text: &str) -> Option<(&'static str, Scalar)> {
    if let Some((negative, magnitude)) = integer(text) {
        let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
        if let Ok(value) = i64::try_from(value) {
            return Some(("int", Scalar::Int(value)));
        }
        if !text.starts_with(['+', '-']) {
            return Some(("int", Scalar::Uint(magnitude)));
        }
    }
    decimal(text).map(|value| ("float", Scalar::Float(value)))
}

/// Go's `strconv.ParseInt` with base 0: `0x`, `0o`, `0b`, or a leading zero for octal.
fn integer(text: &str) -> Option<(bool, u64)> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (digits, base) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (digits.get(2..)?, 16),
        Some("0o") => (digits.get(2..)?, 8),
        Some("0b") => (digits.get(2..)?, 2),
        _ if digits.len() > 1 && digits.starts_with('0') => (digits.get(1..)?, 8),
        _ => (digits, 10),
    };
    if digits.starts_with('+') {
        return None;
    }
    Some((negative, u64::from_str_radix(digits, base).ok()?))
}

/// A number of the form `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` that fits a double.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let formed = digits(whole) && digits(fraction) && digits(exponent) && !exponent.is_empty();
    if !formed || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether go-yaml takes a text for a point in time; its value stays the text.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at..)),
        None => (text, None),
    };
    let numbers: Vec<&str> = date.split('-').collect();
    let short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let [year, month, day] = numbers.as_slice() else { return false };
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) || !short(month) || !short(day) {
        return false;
    }
    let Some(time) = time else { return true };
    let zoned = !time.starts_with(' ');
    let clock = time.get(1..).unwrap_or_default();
    let (clock, zone) = match clock.find(['Z', '+', '-']) {
        Some(at) => (clock.get(..at).unwrap_or_default(), clock.get(at..).unwrap_or_default()),
        None => (clock, ""),
    };
    let zone_fits = match zone.strip_prefix(['+', '-']) {
        Some(offset) => {
            offset.split_once(':').is_some_and(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)
        }
        None => (zone == "Z") == zoned,
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let seconds = seconds.split_once('.').map_or(*seconds, |(whole, _)| whole);
    zone_fits && short(hours) && short(minutes) && short(seconds)
}
