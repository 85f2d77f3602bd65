//! `string.format`: its clauses at run time, and their check against argument types. Source: cel-go `ext/formatting.go`.

use crate::cel::library::standard::{duration_text, plain_text, timestamp_text};
use crate::cel::types::Type;
use crate::cel::value::{List, MAX_TEXT, Map, TOO_LONG, Val};
use crate::go::quoted;

/// Digits after the point when the clause does not say.
pub(super) const DEFAULT_PRECISION: usize = 6;

/// Greatest precision; cel-go has no limit here and would write out gigabytes.
const MAX_PRECISION: usize = 10_000;

/// One `%…` of a format.
#[derive(Clone, Copy)]
pub(super) struct Clause {
    pub(super) verb: char,
    pub(super) precision: Option<usize>,
}

impl Clause {
    fn check_precision(self, most: usize) -> Result<(), (Option<u32>, String)> {
        let Some(precision) = self.precision.filter(|precision| *precision > most) else { return Ok(()) };
        let message = format!("precision {precision} exceeds maximum allowed precision {most}");
        Err((None, format!("could not parse formatting clause: error while parsing precision: {message}")))
    }
}

/// What a version of the library accepts, for the check of constant formats.
pub(crate) struct FormatRules {
    pub(super) max_precision: usize,
    pub(super) accepts: fn(char, &Type) -> bool,
    pub(super) refusal: fn(char, &str) -> String,
}

/// The rules that Kubernetes' versions of the library have.
pub(crate) const FORMAT_RULES: FormatRules = FormatRules { max_precision: MAX_PRECISION, accepts, refusal };

/// Formats values; the error text is cel-go's.
pub(super) fn format(pattern: &str, values: List<'_>) -> Result<String, String> {
    format_with(pattern, values, MAX_PRECISION, clause_text)
}

/// Formats values, each by a function.
pub(super) fn format_with(
    pattern: &str,
    values: List<'_>,
    max_precision: usize,
    text: fn(Clause, &Val<'_>) -> Result<String, String>,
) -> Result<String, String> {
    let size = values.len();
    let mut values = values.iter();
    walk(pattern, Some(size), size, |at, clause| {
        clause.check_precision(max_precision)?;
        let value = values.next();
        let value = value.ok_or_else(|| (None, format!("index {at} out of range")))?;
        let text =
            text(clause, &value).map_err(|message| (None, format!("error during formatting: {message}")))?;
        Ok(text)
    })
    .map_err(|(_, message)| message)
}

/// An argument of a constant format: a place and a type for the argument, then for what is nested in its literal.
pub(crate) type Parts<'t> = Vec<(u32, &'t Type)>;

/// Checks the verbs of a constant format against the types of a literal list; `%s` looks into nested literals.
pub(crate) fn check_format(
    pattern: &str,
    args: &[Parts<'_>],
    rules: &FormatRules,
) -> Result<(), (Option<u32>, String)> {
    let mut used = 0;
    walk(pattern, None, args.len(), |at, clause| {
        used += 1;
        clause.check_precision(rules.max_precision)?;
        let Some(parts) = args.get(at) else { return Err((None, format!("index {at} out of range"))) };
        let looked_at = if clause.verb == 's' { parts.len() } else { 1 };
        match parts.iter().take(looked_at).find(|(_, kind)| !(rules.accepts)(clause.verb, kind)) {
            None => Ok(String::new()),
            Some((place, kind)) => Err((
                Some(*place),
                format!("error during formatting: {}", (rules.refusal)(clause.verb, kind.name())),
            )),
        }
    })?;
    if args.len() > used {
        let message =
            format!("too many arguments supplied to string.format (expected {used}, got {})", args.len());
        return Err((None, message));
    }
    Ok(())
}

type Step = Result<String, (Option<u32>, String)>;

/// Goes through a format. A missing value comes before an open clause when the values are there, after it when only
/// their types are.
fn walk(
    pattern: &str,
    size: Option<usize>,
    most: usize,
    mut step: impl FnMut(usize, Clause) -> Step,
) -> Step {
    let mut out = String::new();
    let mut rest = pattern;
    let mut index = 0;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let missing = || Err((None, format!("index {index} out of range")));
        if size.is_some_and(|size| index >= size) {
            return missing();
        }
        if rest.is_empty() {
            return Err((None, "unexpected end of string".to_owned()));
        }
        if index >= most {
            return missing();
        }
        let (clause, length) = clause(rest)
            .map_err(|message| (None, format!("could not parse formatting clause: {message}")))?;
        out.push_str(&step(index, clause)?);
        if out.len() > MAX_TEXT {
            return Err((None, TOO_LONG.to_owned()));
        }
        rest = rest.get(length..).unwrap_or_default();
        index += 1;
    }
    out.push_str(rest);
    Ok(out)
}

fn clause(text: &str) -> Result<(Clause, usize), String> {
    let mut precision = None;
    let mut length = 0;
    if let Some(after) = text.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits == after.len() {
            return Err("error while parsing precision: could not find end of precision specifier".to_owned());
        }
        let number = after.get(..digits).unwrap_or_default();
        let parsed = number.parse::<usize>().map_err(|_| {
            format!(
                "error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing {number:?}: invalid syntax"
            )
        })?;
        if parsed > MAX_PRECISION {
            return Err(format!(
                "error while parsing precision: precision {parsed} exceeds maximum allowed precision {MAX_PRECISION}"
            ));
        }
        precision = Some(parsed);
        length = 1 + digits;
    }
    let verb = text.get(length..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
    if !matches!(verb, 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o') {
        // Go takes the first byte for a character.
        let first = char::from(text.as_bytes().get(length).copied().unwrap_or(0));
        return Err(format!("unrecognized formatting clause \"{first}\""));
    }
    Ok((Clause { verb, precision }, length + 1))
}

fn refusal(verb: char, given: &str) -> String {
    let what = match verb {
        's' => {
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
        }
        'd' => "decimal clause can only be used on integers",
        'f' => "fixed-point clause can only be used on doubles",
        'e' => "scientific clause can only be used on doubles",
        'b' => "only integers and bools can be formatted as binary",
        'o' => "octal clause can only be used on integers",
        _ => "only integers, byte buffers, and strings can be formatted as hex",
    };
    format!("{what}, was given {given}")
}

fn accepts(verb: char, kind: &Type) -> bool {
    matches!(kind, Type::Dyn)
        || match verb {
            's' => !matches!(kind, Type::Opaque(..) | Type::Struct(_) | Type::Error | Type::Any),
            'd' | 'o' => matches!(kind, Type::Int | Type::Uint),
            'f' | 'e' => matches!(kind, Type::Double | Type::String),
            'b' => matches!(kind, Type::Int | Type::Uint | Type::Bool),
            _ => matches!(kind, Type::Int | Type::Uint | Type::String | Type::Bytes),
        }
}

fn clause_text(clause: Clause, value: &Val<'_>) -> Result<String, String> {
    let precision = clause.precision.unwrap_or(DEFAULT_PRECISION);
    Ok(match (clause.verb, value) {
        ('s', value) => return string(value),
        ('d', Val::Int(value)) => value.to_string(),
        ('d', Val::Uint(value)) => value.to_string(),
        ('f', Val::Double(value)) => fixed(*value, precision),
        ('e', Val::Double(value)) => scientific(*value, precision),
        ('f' | 'e', Val::String(text @ ("NaN" | "Infinity" | "-Infinity"))) => {
            let value = text.parse().unwrap_or(f64::NAN);
            if clause.verb == 'f' { fixed(value, precision) } else { scientific(value, precision) }
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

pub(super) fn signed(value: i64, digits: String) -> String {
    if value < 0 { format!("-{digits}") } else { digits }
}

pub(super) fn hex(bytes: &[u8], verb: char) -> String {
    bytes.iter().map(|byte| if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") }).collect()
}

/// `%f` in the locale en_US: digits in groups of three.
fn fixed(value: f64, precision: usize) -> String {
    if let Some(text) = not_finite(value) {
        return text;
    }
    // Go's printer writes no sign for -0.
    let value = if value == 0.0 { 0.0 } else { value };
    let plain = format!("{value:.precision$}");
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// `%e` in the locale en_US: `1.500000×10⁰³`. cel-go passes the precision on as a width; the digits are always six.
fn scientific(value: f64, width: usize) -> String {
    let text = not_finite(value).unwrap_or_else(|| {
        let value = if value == 0.0 { 0.0 } else { value };
        let plain = format!("{value:.DEFAULT_PRECISION$e}");
        let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let digits = format!("{:02}", exponent.unsigned_abs());
        let raised: String =
            digits.bytes().filter_map(|digit| SUPERSCRIPTS.get(usize::from(digit - b'0'))).collect();
        format!("{mantissa}×10{}{raised}", if exponent < 0 { "⁻" } else { "" })
    });
    format!("{text:>width$}")
}

const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

fn not_finite(value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    value.is_infinite().then(|| if value > 0.0 { "∞".to_owned() } else { "-∞".to_owned() })
}

fn string(value: &Val<'_>) -> Result<String, String> {
    match value {
        Val::Null => Ok("null".to_owned()),
        Val::List(list) => list_text(*list),
        Val::Map(map) => map_text(*map),
        Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(
                "could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to string"
                    .to_owned(),
            ),
        },
        other => plain_text(other).ok_or_else(|| refusal('s', other.type_name())),
    }
}

fn list_text(list: List<'_>) -> Result<String, String> {
    let mut out = String::from("[");
    for (at, value) in list.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        out.push_str(&element(&value)?);
        if out.len() > MAX_TEXT {
            return Err(TOO_LONG.to_owned());
        }
    }
    out.push(']');
    Ok(out)
}

fn map_text(map: Map<'_>) -> Result<String, String> {
    let mut entries = Vec::new();
    let mut length = 0;
    for (key, value) in map.iter() {
        let key = match key {
            Val::String(_) | Val::Bool(_) | Val::Int(_) | Val::Uint(_) => element(&key)?,
            other => return Err(format!("no formatting function for map key of type {}", other.type_name())),
        };
        let value = element(&value)?;
        length += key.len() + value.len();
        if length > MAX_TEXT {
            return Err(TOO_LONG.to_owned());
        }
        entries.push((key, value));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
    Ok(format!("{{{}}}", entries.join(", ")))
}

/// A value inside of a list or map.
fn element(value: &Val<'_>) -> Result<String, String> {
    Ok(match value {
        Val::String(text) => quoted(text),
        Val::Bytes(bytes) => format!("b{}", quoted(&String::from_utf8_lossy(bytes))),
        Val::Timestamp(time) => format!("timestamp(\"{}\")", timestamp_text(*time)),
        Val::Duration(duration) => format!("duration(\"{}\")", duration_text(*duration)),
        Val::Double(value) if value.is_nan() => "\"NaN\"".to_owned(),
        Val::Double(value) if value.is_infinite() => {
            if *value > 0.0 { "\"+Inf\"" } else { "\"-Inf\"" }.to_owned()
        }
        Val::Double(value) => format!("{value:.DEFAULT_PRECISION$}"),
        Val::List(_) | Val::Map(_) | Val::Null | Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::Type(_) => {
            string(value)?
        }
        other => return Err(format!("no formatting function for {}", other.type_name())),
    })
}
