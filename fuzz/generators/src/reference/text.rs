//! How values are written, and times and numbers read.

use super::value::{Time, Value};

const SECOND: i128 = 1_000_000_000;

/// A value as errors name it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => double(*value),
        Value::String(text) => text.to_string(),
        other => other.type_name().to_owned(),
    }
}

/// Go's `%g` with the shortest digits.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if !(-4..6).contains(&exponent) {
        return format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
    value.to_string()
}

/// Seconds, as a decimal number.
pub(super) fn duration(nanos: i64) -> String {
    let seconds = (nanos / 1_000_000_000) as f64 + (nanos % 1_000_000_000) as f64 / 1e9;
    format!("{seconds}s")
}

/// Reads `1h2m3.004s`.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let scale: i128 = match unit {
            "h" => 3600 * SECOND,
            "m" => 60 * SECOND,
            "s" => SECOND,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
        total = total.checked_add(whole.checked_mul(scale)?)? + (fraction * scale as f64) as i128;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Days since 1970 of a date of the Gregorian calendar, counted year by year.
fn days(year: i64, month: u32, day: u32) -> i64 {
    let before = if month > 2 { year } else { year - 1 };
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    const STARTS: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    (year - 1970) * 365 + leaps(before) - leaps(1969) + STARTS[month as usize - 1] + i64::from(day) - 1
}

/// A point in time, taken apart in UTC.
#[derive(Debug)]
pub(super) struct Parts {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    /// From 0.
    pub day_of_year: i64,
    /// Sunday is 0.
    pub day_of_week: i64,
    pub second_of_day: i64,
    pub nanos: i128,
}

pub(super) fn parts(nanos: i128) -> Parts {
    let seconds = nanos.div_euclid(SECOND) as i64;
    let day_number = seconds.div_euclid(86_400);
    let mut year = 1970 + day_number.div_euclid(366);
    while days(year + 1, 1, 1) <= day_number {
        year += 1;
    }
    while days(year, 1, 1) > day_number {
        year -= 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day_number).unwrap_or(1);
    Parts {
        year,
        month,
        day: (day_number - days(year, month, 1)) as u32 + 1,
        day_of_year: day_number - days(year, 1, 1),
        day_of_week: (day_number + 4).rem_euclid(7),
        second_of_day: seconds.rem_euclid(86_400),
        nanos: nanos.rem_euclid(SECOND),
    }
}

/// RFC 3339 with as many digits of the second as are needed.
pub(super) fn time(time: Time) -> String {
    let parts = parts(time.nanos + i128::from(time.offset) * SECOND);
    let (hour, minute, second) =
        (parts.second_of_day / 3600, parts.second_of_day / 60 % 60, parts.second_of_day % 60);
    let mut text =
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}", parts.year, parts.month, parts.day);
    if parts.nanos != 0 {
        text.push_str(format!(".{:09}", parts.nanos).trim_end_matches('0'));
    }
    if time.offset == 0 {
        text.push('Z');
    } else {
        let (sign, offset) = (if time.offset < 0 { '-' } else { '+' }, time.offset.abs());
        text.push_str(&format!("{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60));
    }
    text
}

/// Reads RFC 3339; `None` also for what the generator never writes.
pub(super) fn parse_time(text: &str) -> Option<Time> {
    let (date, rest) = text.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()?? as u32, date.next()?? as u32);
    let zone = rest.find(['Z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    let mut clock = clock.split(':');
    let (hour, minute): (i64, i64) = (clock.next()?.parse().ok()?, clock.next()?.parse().ok()?);
    let (second, fraction) = clock.next().map(|second| second.split_once('.').unwrap_or((second, "0")))?;
    let second: i64 = second.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
    let offset = match zone.strip_prefix(['+', '-']) {
        None if zone == "Z" => 0,
        None => return None,
        Some(digits) if digits.len() != 5 => return None,
        Some(digits) => {
            let (hours, minutes) = digits.split_once(':')?;
            let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            if zone.starts_with('-') { -seconds } else { seconds }
        }
    };
    let sound = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    if !sound || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Time { nanos: i128::from(seconds) * SECOND + fraction, offset })
}
