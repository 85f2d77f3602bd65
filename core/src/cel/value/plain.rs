//! Values as Go's `%v` prints them, which errors do.

use super::{Cidr, List, Opaque, Timestamp, Val, double_text};
use crate::document::{NodeRef, NodeValue};
use std::fmt::{self, Write};

/// A value as Go's `%v` prints it inside an error.
#[derive(Debug)]
pub(crate) struct Plain<'v, 'a>(pub(crate) &'v Val<'a>);

impl fmt::Display for Plain<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Val::Null => f.write_str("0"),
            Val::Bool(value) => write!(f, "{value}"),
            Val::Int(value) => write!(f, "{value}"),
            Val::Uint(value) => write!(f, "{value}"),
            Val::Double(value) => f.write_str(&double_text(*value)),
            Val::Type("list") => f.write_str("list(dyn)"),
            Val::Type("map") => f.write_str("map(dyn, dyn)"),
            Val::Type("optional_type") => f.write_str("optional_type(dyn)"),
            Val::String(value) | Val::Type(value) => f.write_str(value),
            Val::Bytes(value) => {
                let bytes: Vec<String> = value.iter().map(u8::to_string).collect();
                write!(f, "[{}]", bytes.join(" "))
            }
            Val::Duration(value) => f.write_str(&duration_text(value.0)),
            Val::Timestamp(value) => f.write_str(&time_text(*value)),
            Val::Optional(Some(inner)) => write!(f, "optional({})", Plain(inner)),
            Val::Optional(None) => f.write_str("optional.none()"),
            Val::List(List::Node(list)) if !list.node().is_constant() => {
                written(f, "[]", list.iter().map(Native))
            }
            Val::List(list) => written(f, "[]", list.iter().map(Part)),
            Val::Map(map) => written(f, "{}", map.iter().map(Entry)),
            Val::Error(error) => error.fmt(f),
            Val::Opaque(Opaque::Ip(ip)) => write!(f, "{}", ip.0),
            Val::Opaque(Opaque::Cidr(Cidr { ip, prefix })) => write!(f, "{ip}/{prefix}"),
            Val::Opaque(Opaque::Url(url)) => f.write_str(url.text),
            Val::Opaque(Opaque::Quantity(quantity)) => f.write_str(&quantity.text()),
            Val::Opaque(Opaque::Semver(version)) => write!(f, "{version}"),
            other => f.write_str(other.type_name()),
        }
    }
}

struct Part<'a>(Val<'a>);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Plain(&self.0).fmt(f)
    }
}

struct Entry<'a>((Val<'a>, Val<'a>));

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, value) = &self.0;
        write!(f, "{}: {}", Plain(key), Plain(value))
    }
}

/// Parts between brackets, with commas.
fn written(
    f: &mut fmt::Formatter<'_>,
    brackets: &str,
    parts: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    let (open, close) = brackets.split_at_checked(1).unwrap_or_default();
    f.write_str(open)?;
    for (at, part) in parts.enumerate() {
        write!(f, "{}{part}", if at == 0 { "" } else { ", " })?;
    }
    f.write_str(close)
}

/// A value within a list of a document, which Go prints as it decoded it.
struct Native<'a>(NodeRef<'a>);

impl fmt::Display for Native<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.value() {
            NodeValue::Null => f.write_str("<nil>"),
            NodeValue::List(list) => {
                f.write_str("[")?;
                for (at, element) in list.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { " " }, Native(element))?;
                }
                f.write_str("]")
            }
            NodeValue::Map(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| *key);
                f.write_str("map[")?;
                for (at, (key, value)) in entries.into_iter().enumerate() {
                    write!(f, "{}{key}:{}", if at == 0 { "" } else { " " }, Native(value))?;
                }
                f.write_str("]")
            }
            _ => write!(f, "{}", Plain(&Val::from_node(self.0))),
        }
    }
}

/// A value as Go's `%v` prints it, cut where it becomes too long: lists that share their parts are longer than memory.
pub(crate) fn plain(value: &Val<'_>) -> String {
    let mut text = Bounded(String::new());
    // A text that is cut is all that there can be.
    let _ = write!(text, "{}", Plain(value));
    text.0
}

/// Takes no more once it is full.
struct Bounded(String);

const MOST_BYTES: usize = 1 << 20;

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MOST_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// Go's `time.Duration.String`.
fn duration_text(nanos: i64) -> String {
    let (sign, size) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let text = match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => format!("{}\u{b5}s", decimal(size, 3)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(size, 6)),
        _ => {
            let minutes = size / 60_000_000_000;
            let seconds = decimal(size % 60_000_000_000, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{text}")
}

/// A number with so many of its digits behind the point, without zeros at the end.
fn decimal(number: u64, places: usize) -> String {
    let unit = 10_u64.pow(places as u32);
    let text = format!("{}.{:0places$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Go's `time.Time.String`.
fn time_text(time: Timestamp) -> String {
    let local = time.seconds + i64::from(time.offset);
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let nanos = format!(".{:09}", time.nanos);
    let nanos = nanos.trim_end_matches('0').trim_end_matches('.');
    let minutes = time.offset.unsigned_abs() / 60;
    let sign = if time.offset < 0 { '-' } else { '+' };
    let offset = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    let zone = if time.offset == 0 { "UTC" } else { &offset };
    let second = second % 60;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{nanos} {offset} {zone}")
}

/// Year, month and day of a day since 1970-01-01 in the proleptic Gregorian calendar.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    // Counted from March of year 0, so that a leap day ends its year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cel::value::Duration;

    #[test]
    fn durations_and_times_read_as_in_go() {
        let duration = |nanos| plain(&Val::Duration(Duration(nanos)));
        assert_eq!(duration(500_000_000), "500ms");
        assert_eq!(duration(-5_400_500_000_000), "-1h30m0.5s");
        assert_eq!(duration(1_500), "1.5\u{b5}s");
        let time = |seconds, nanos, offset| plain(&Val::Timestamp(Timestamp { seconds, nanos, offset }));
        assert_eq!(time(1_709_247_599, 500_000_000, 3_600), "2024-02-29 23:59:59.5 +0100 +0100");
        assert_eq!(time(0, 0, 0), "1970-01-01 00:00:00 +0000 UTC");
    }
}
