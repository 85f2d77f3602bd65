//! Strings of a format as CEL values, read as strfmt does.
//!
//! Source: kube-openapi `pkg/validation/strfmt`.

use crate::cel::library::standard::{parse_duration, parse_timestamp};
use crate::cel::value::{Arena, Duration, Error, Timestamp, Unreadable, Val, check_memory};
use std::fmt::Write;

const DATE: &str = "2006-01-02";
const LOCAL_TIME: &str = "2006-01-02T15:04:05";

pub(super) fn duration<'a>(text: &'a str, arena: &'a Arena) -> Val<'a> {
    match any_duration(text) {
        Ok(duration) => Val::Duration(duration),
        Err(_) => unreadable(arena, text, |text| {
            format!("Invalid duration {text}: {}", any_duration(text).err().unwrap_or_default())
        }),
    }
}

pub(super) fn date<'a>(text: &'a str, arena: &'a Arena) -> Val<'a> {
    match go_time_problem(DATE, text).map_or_else(|| at_midnight(text), |_| None) {
        Some(time) => Val::Timestamp(time),
        None => unreadable(arena, text, |text| {
            format!("Invalid date formatted string {text}: {}", problem_of(DATE, text))
        }),
    }
}

/// With a zone or, as the last layout that is tried, without.
pub(super) fn date_time<'a>(text: &'a str, arena: &'a Arena) -> Val<'a> {
    if text.is_empty() {
        return Val::Timestamp(Timestamp { seconds: 0, nanos: 0, offset: 0 });
    }
    let local = || {
        let fits = go_time_problem(LOCAL_TIME, text).is_none();
        fits.then(|| parse_timestamp(&format!("{text}Z"))).flatten()
    };
    match parse_timestamp(text).or_else(local) {
        Some(time) => Val::Timestamp(time),
        None => unreadable(arena, text, |text| {
            format!("Invalid date-time formatted string {text}: {}", problem_of(LOCAL_TIME, text))
        }),
    }
}

pub(super) fn byte<'a>(text: &'a str, arena: &'a Arena) -> Val<'a> {
    if let Err(error) = check_memory(arena) {
        return Val::Error(error);
    }
    match base64_url(text.as_bytes(), arena) {
        Ok(bytes) => Val::Bytes(bytes),
        Err(_) => unreadable(arena, text, |text| {
            let at = base64_url(text.as_bytes(), &Arena::new()).err().unwrap_or_default();
            format!("Invalid byte formatted string {text}: illegal base64 data at input byte {at}")
        }),
    }
}

/// Whether a text is a duration in Go's form or in words.
pub(super) fn is_duration(text: &str) -> bool {
    any_duration(text).is_ok()
}

fn any_duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).or_else(|()| spoken_duration(text))
}

/// An error whose text, which may be long, is made when it is read.
fn unreadable<'a>(arena: &'a Arena, text: &'a str, message: fn(&str) -> String) -> Val<'a> {
    Val::Error(Error::Unreadable(arena.alloc(Unreadable { text, message })))
}

fn at_midnight(text: &str) -> Option<Timestamp> {
    parse_timestamp(&format!("{text}T00:00:00Z"))
}

/// Durations with words for units, such as `2 hours 3 min`; anything between them is passed over.
fn spoken_duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&[&str], i64)] = &[
        (&["ns", "nano"], 1),
        (&["us", "µs", "micro"], 1_000),
        (&["ms", "milli"], 1_000_000),
        (&["s", "sec"], 1_000_000_000),
        (&["m", "min"], 60_000_000_000),
        (&["h", "hr", "hour"], 3_600_000_000_000),
        (&["d", "day"], 86_400_000_000_000),
        (&["w", "wk", "week"], 604_800_000_000_000),
    ];
    let (mut total, mut found) = (0_i64, false);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let from = rest.get(at..).unwrap_or_default();
        let (digits, after) = split(from, |c| c.is_ascii_digit());
        let (_, after) = split(after, |c| matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' '));
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic() || c == 'µ');
        rest = after;
        if unit.is_empty() {
            continue;
        }
        let Ok(factor) = digits.parse::<i64>() else {
            return Err(format!("strconv.Atoi: parsing \"{digits}\": value out of range"));
        };
        let unit = unit.to_lowercase();
        for (names, length) in UNITS {
            let Some((longest, others)) = names.split_last() else { continue };
            let matches =
                usize::from(unit.starts_with(longest)) + others.iter().filter(|name| unit == **name).count();
            for _ in 0..matches {
                found = true;
                total = total.wrapping_add(factor.wrapping_mul(*length));
            }
        }
    }
    if found { Ok(Duration(total)) } else { Err(format!("unable to parse {text} as duration")) }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let length = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Why Go's `time.Parse` refuses a text, `None` when it takes it.
fn go_time_problem(layout: &str, text: &str) -> Option<String> {
    let problem = |element: &str, rest: &str| {
        let [value, layout, rest, element] = [text, layout, rest, element].map(go_quoted);
        Some(format!("parsing time {value} as {layout}: cannot parse {rest} as {element}"))
    };
    let out_of_range = |what: &str| Some(format!("parsing time {}: {what} out of range", go_quoted(text)));
    let mut rest = text;
    let mut numbers = [0_u32; 3];
    let elements = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"];
    for (position, element) in elements.into_iter().enumerate().take(if layout == DATE { 5 } else { 11 }) {
        if position % 2 == 1 {
            match rest.strip_prefix(element) {
                Some(after) => rest = after,
                None => return problem(element, rest),
            }
            continue;
        }
        let (digits, _) = split(rest, |c| c.is_ascii_digit());
        let length = match element {
            "2006" => 4,
            "15" if digits.len() == 1 => 1,
            _ => 2,
        };
        let Some((number, after)) =
            digits.get(..length).and_then(|digits| Some((digits, rest.get(length..)?)))
        else {
            return problem(element, rest);
        };
        let number: u32 = number.parse().unwrap_or_default();
        rest = after;
        match element {
            "01" if !(1..=12).contains(&number) => return out_of_range("month"),
            "15" if number >= 24 => return out_of_range("hour"),
            "04" if number >= 60 => return out_of_range("minute"),
            "05" if number >= 60 => return out_of_range("second"),
            _ => {}
        }
        if let Some(slot) = numbers.get_mut(position / 2) {
            *slot = number;
        }
    }
    if layout != DATE
        && let Some(fraction) = rest.strip_prefix(['.', ','])
        && fraction.starts_with(|c: char| c.is_ascii_digit())
    {
        rest = split(fraction, |c| c.is_ascii_digit()).1;
    }
    if !rest.is_empty() {
        return Some(format!("parsing time {}: extra text: {}", go_quoted(text), go_quoted(rest)));
    }
    let [year, month, day] = numbers;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { None } else { out_of_range("day") }
}

fn problem_of(layout: &str, text: &str) -> String {
    let beyond = || format!("parsing time {}: year out of range", go_quoted(text));
    go_time_problem(layout, text).unwrap_or_else(beyond)
}

/// The quotes of Go's package `time`: bytes that are not plain ASCII as `\xNN`.
fn go_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..=b'~' | 0x7f => quoted.push(char::from(byte)),
            other => {
                let _ = write!(quoted, "\\x{other:02x}");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Base64 of URLs with padding, line breaks anywhere; or the byte at which Go's decoder gives up.
fn base64_url<'a>(source: &[u8], arena: &'a Arena) -> Result<&'a [u8], usize> {
    let mut decoded = bumpalo::collections::Vec::with_capacity_in(source.len() / 4 * 3, arena);
    let is_break = |byte: Option<&u8>| matches!(byte, Some(b'\n' | b'\r'));
    let mut at = 0;
    loop {
        let (mut quantum, mut filled) = (0_u32, 0_usize);
        let mut padded = false;
        while filled < 4 && !padded {
            let Some(&byte) = source.get(at) else {
                return if filled == 0 { Ok(decoded.into_bump_slice()) } else { Err(at - filled) };
            };
            at += 1;
            match sextet(byte) {
                Some(bits) => {
                    quantum = quantum << 6 | bits;
                    filled += 1;
                }
                None if byte == b'\n' || byte == b'\r' => {}
                None if byte != b'=' || filled < 2 => return Err(at - 1),
                None => padded = true,
            }
        }
        if padded {
            if filled == 2 {
                while is_break(source.get(at)) {
                    at += 1;
                }
                match source.get(at) {
                    None => return Err(source.len()),
                    Some(b'=') => at += 1,
                    Some(_) => return Err(at - 1),
                }
            }
            while is_break(source.get(at)) {
                at += 1;
            }
            if at < source.len() {
                return Err(at);
            }
        }
        let bytes = (quantum << (6 * (4 - filled))).to_be_bytes();
        decoded.extend(bytes.iter().skip(1).take(filled * 3 / 4));
    }
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parse: crate::cel::value::ParseText, text: &str) -> String {
        let arena = Arena::new();
        match parse(text, &arena) {
            Val::Duration(duration) => duration.0.to_string(),
            Val::Timestamp(time) => format!("{}.{} {}", time.seconds, time.nanos, time.offset),
            Val::Bytes(bytes) => format!("{bytes:?}"),
            Val::Error(error) => error.to_string(),
            other => format!("{other:?}"),
        }
    }

    /// What the oracle answers.
    #[test]
    fn formats_are_read_as_strfmt_reads_them() {
        for (text, wanted) in [
            ("1h2m3s4ms", "3723004000000"),
            ("-1s", "-1000000000"),
            ("2 hours 3 min", "7380000000000"),
            ("1d", "86400000000000"),
            ("1 Week, 2 DAYS", "777600000000000"),
            ("5 µs", "5000"),
            ("x", "Invalid duration x: unable to parse x as duration"),
            ("5", "Invalid duration 5: unable to parse 5 as duration"),
            (
                "99999999999999999999s",
                "Invalid duration 99999999999999999999s: strconv.Atoi: parsing \"99999999999999999999\": value out of range",
            ),
        ] {
            assert_eq!(read(duration, text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("2020-02-29", "1582934400.0 0"),
            (
                "2021-02-29",
                "Invalid date formatted string 2021-02-29: parsing time \"2021-02-29\": day out of range",
            ),
            (
                "2021-13-01",
                "Invalid date formatted string 2021-13-01: parsing time \"2021-13-01\": month out of range",
            ),
            (
                "2021-1-01",
                "Invalid date formatted string 2021-1-01: parsing time \"2021-1-01\" as \"2006-01-02\": cannot parse \"1-01\" as \"01\"",
            ),
            (
                "2021-01-01x",
                "Invalid date formatted string 2021-01-01x: parsing time \"2021-01-01x\": extra text: \"x\"",
            ),
        ] {
            assert_eq!(read(date, text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("", "0.0 0"),
            ("2011-08-18T19:03:37.010000000+01:00", "1313690617.10000000 3600"),
            ("2011-08-18T19:03:37", "1313694217.0 0"),
            ("2011-08-18T19:03:37.5", "1313694217.500000000 0"),
            (
                "2011-08-18 19:03:37",
                "Invalid date-time formatted string 2011-08-18 19:03:37: parsing time \"2011-08-18 19:03:37\" as \"2006-01-02T15:04:05\": cannot parse \" 19:03:37\" as \"T\"",
            ),
            (
                "é",
                "Invalid date-time formatted string é: parsing time \"\\xc3\\xa9\" as \"2006-01-02T15:04:05\": cannot parse \"\\xc3\\xa9\" as \"2006\"",
            ),
        ] {
            assert_eq!(read(date_time, text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("AQID", "[1, 2, 3]"),
            ("_-A=", "[255, 224]"),
            ("AQ==", "[1]"),
            ("AQ\n==\n", "[1]"),
            ("", "[]"),
            ("AQ+/", "Invalid byte formatted string AQ+/: illegal base64 data at input byte 2"),
            ("AQ", "Invalid byte formatted string AQ: illegal base64 data at input byte 0"),
            ("AQ=", "Invalid byte formatted string AQ=: illegal base64 data at input byte 3"),
            ("AQ==x", "Invalid byte formatted string AQ==x: illegal base64 data at input byte 4"),
            ("=", "Invalid byte formatted string =: illegal base64 data at input byte 0"),
        ] {
            assert_eq!(read(byte, text), wanted, "{text}");
        }
    }
}
