//! Days, since there is no clock here that would know more.

use std::fmt;
use std::str::FromStr;

/// A day as ISO 8601 writes it, `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        read(text).ok_or_else(|| format!("`{text}` is no day such as 2027-01-31"))
    }
}

fn read(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut number = |length: usize| {
        let part = parts.next()?;
        let digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(())?;
    Some(Date { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// For serde; dates that are none are left out.
pub(super) fn serialize<S: serde::Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Date;

    #[test]
    fn only_days_that_there_are() {
        for text in ["2027-01-31", "2028-02-29", "2000-02-29", "0001-12-01"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in
            ["2027-02-29", "1900-02-29", "2027-04-31", "2027-00-01", "2027-13-01", "2027-1-31", "27-01-31"]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for text in ["2027-01-31-01", "2027-01-31T00:00:00Z", "+027-01-31", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2026-12-31".parse::<Date>().unwrap() < "2027-01-01".parse().unwrap());
    }
}
