//! Patterns of a schema, and formats of strings.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/validation/formats.go`, kube-openapi `pkg/validation/strfmt` and its
//! `govalidator`.

use super::mail::is_email;
use crate::cel::library::kubernetes::format::{date, is_datetime, uri, uuid};
use crate::cel::library::kubernetes::parse_address;
use crate::cel::regex::Regex;
use crate::crd::format::is_duration;
use crate::schema::{JsonType, Structural};
use std::collections::HashMap;
use std::net::IpAddr;

/// The patterns of a schema, compiled, and which formats count.
#[derive(Debug, Default)]
pub(in crate::crd) struct Texts {
    patterns: HashMap<Box<str>, Result<Regex, String>>,
    has_names: bool,
}

/// The minor version of Kubernetes that first knew `k8s-short-name` and `k8s-long-name`.
const NAMES_SINCE: u16 = 34;

impl Texts {
    /// The patterns and formats of a schema in Kubernetes 1.`minor`, which leaves out formats that the version before
    /// did not know.
    pub(in crate::crd) fn new(schema: &Structural, minor: u16) -> Texts {
        let mut texts = Texts { patterns: HashMap::new(), has_names: minor > NAMES_SINCE };
        texts.add(schema);
        texts
    }

    fn add(&mut self, schema: &Structural) {
        let (format, pattern) = (Format::of(self.format_of(schema)), &schema.value.pattern);
        let pattern = Some(&**pattern).filter(|pattern| !pattern.is_empty());
        for pattern in pattern.into_iter().chain(format.and_then(Format::pattern)) {
            if !self.patterns.contains_key(pattern) {
                self.patterns.insert(pattern.into(), Regex::new(pattern));
            }
        }
        let value = &schema.value;
        let clauses = value.all_of.iter().chain(&value.any_of).chain(&value.one_of);
        let single = [schema.items.as_deref(), schema.additional_schema(), value.not.as_deref()];
        for within in clauses.chain(schema.properties.values()).chain(single.into_iter().flatten()) {
            self.add(within);
        }
    }

    pub(super) fn pattern(&self, pattern: &str) -> Result<&Regex, &str> {
        match self.patterns.get(pattern) {
            Some(Ok(regex)) => Ok(regex),
            Some(Err(error)) => Err(error),
            None => Err("not compiled"),
        }
    }

    /// The format of a schema, empty when it does not count for the type.
    pub(super) fn format_of<'s>(&self, schema: &'s Structural) -> &'s str {
        let format = &*schema.value.format;
        let counts = match &schema.kind {
            _ if format.is_empty() => false,
            JsonType::Integer if !schema.int_or_string => matches!(format, "int32" | "int64"),
            JsonType::Number if !schema.int_or_string => matches!(format, "float" | "double"),
            kind if schema.int_or_string || matches!(kind, JsonType::Unset | JsonType::String) => {
                match Format::of(format) {
                    Some(Format::ShortName | Format::LongName) => self.has_names,
                    known => known.is_some(),
                }
            }
            _ => false,
        };
        if counts { format } else { "" }
    }

    pub(super) fn is_string_format(&self, format: &str) -> bool {
        Format::of(format).is_some()
    }

    /// Whether a text has a format.
    pub(super) fn fits(&self, format: &str, text: &str) -> bool {
        let Some(format) = Format::of(format) else { return true };
        let matches = |text: &str| {
            format
                .pattern()
                .is_some_and(|pattern| self.pattern(pattern).is_ok_and(|regex| regex.is_match(text)))
        };
        match format {
            Format::BsonObjectId => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Format::Byte
            | Format::HexColor
            | Format::RgbColor
            | Format::Uuid3
            | Format::Uuid4
            | Format::Uuid5 => matches(text),
            Format::Cidr => is_cidr(text),
            Format::CreditCard => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                matches(&digits) && has_luhn_sum(&digits)
            }
            Format::Date => date(text).is_empty(),
            Format::DateTime => is_datetime(text),
            Format::Duration => is_duration(text),
            Format::Email => is_email(text),
            Format::Hostname => {
                matches(text) && text.len() <= 255 && text.split('.').all(|label| label.len() <= 63)
            }
            Format::Ipv4 => text.contains('.') && sloppy_address(text).is_some(),
            Format::Ipv6 => text.contains(':') && matches!(parse_address(text), Ok((_, false))),
            Format::Isbn => is_isbn10(text) || is_isbn13(text),
            Format::Isbn10 => is_isbn10(text),
            Format::Isbn13 => is_isbn13(text),
            Format::LongName => text.len() <= 253 && text.split('.').all(is_name),
            Format::Mac => is_mac(text),
            Format::Password => true,
            Format::ShortName => text.len() <= 63 && is_name(text),
            Format::Ssn => text.len() == 11 && matches(text),
            Format::Uri => uri(text).is_empty(),
            Format::Uuid => uuid(text).is_empty(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    BsonObjectId,
    Byte,
    Cidr,
    CreditCard,
    Date,
    DateTime,
    Duration,
    Email,
    Hostname,
    HexColor,
    Ipv4,
    Ipv6,
    Isbn,
    Isbn10,
    Isbn13,
    LongName,
    Mac,
    Password,
    RgbColor,
    ShortName,
    Ssn,
    Uri,
    Uuid,
    Uuid3,
    Uuid4,
    Uuid5,
}

const FORMATS: &[(&str, Format)] = &[
    ("bsonobjectid", Format::BsonObjectId),
    ("byte", Format::Byte),
    ("cidr", Format::Cidr),
    ("creditcard", Format::CreditCard),
    ("date", Format::Date),
    ("datetime", Format::DateTime),
    ("duration", Format::Duration),
    ("email", Format::Email),
    ("hostname", Format::Hostname),
    ("hexcolor", Format::HexColor),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("isbn", Format::Isbn),
    ("isbn10", Format::Isbn10),
    ("isbn13", Format::Isbn13),
    ("k8slongname", Format::LongName),
    ("k8sshortname", Format::ShortName),
    ("mac", Format::Mac),
    ("password", Format::Password),
    ("rgbcolor", Format::RgbColor),
    ("ssn", Format::Ssn),
    ("uri", Format::Uri),
    ("uuid", Format::Uuid),
    ("uuid3", Format::Uuid3),
    ("uuid4", Format::Uuid4),
    ("uuid5", Format::Uuid5),
];

impl Format {
    /// The format of a name, in which hyphens do not count.
    fn of(name: &str) -> Option<Format> {
        let is = |known: &str| name.bytes().filter(|byte| *byte != b'-').eq(known.bytes());
        FORMATS.iter().find(|(known, _)| is(known)).map(|(_, format)| *format)
    }

    fn pattern(self) -> Option<&'static str> {
        Some(match self {
            Format::Byte => {
                r"^(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=|[A-Za-z0-9+\/]{4})$"
            }
            Format::CreditCard => {
                r"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$"
            }
            Format::Hostname => {
                r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$"
            }
            Format::HexColor => "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$",
            Format::RgbColor => {
                r"^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$"
            }
            Format::Ssn => r"^\d{3}[- ]?\d{2}[- ]?\d{4}$",
            Format::Uuid3 => "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
            Format::Uuid4 => "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
            Format::Uuid5 => "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
            _ => return None,
        })
    }
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(plain) && text.ends_with(plain) && text.chars().all(|c| plain(c) || c == '-')
}

/// An address whose numbers may have zeros before them, as before Go 1.17.
fn sloppy_address(text: &str) -> Option<IpAddr> {
    let mut plain = String::with_capacity(text.len());
    for part in text.split_inclusive(['.', ':']) {
        let (digits, delimiter) = match part.strip_suffix(['.', ':']) {
            Some(digits) => (digits, part.get(digits.len()..).unwrap_or_default()),
            None => (part, ""),
        };
        let stripped = digits.trim_start_matches('0');
        plain.push_str(if stripped.is_empty() && !digits.is_empty() { "0" } else { stripped });
        plain.push_str(delimiter);
    }
    match parse_address(&plain) {
        Ok((address, false)) => Some(address),
        _ => None,
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match sloppy_address(address) {
        Some(IpAddr::V4(_)) => 32,
        Some(IpAddr::V6(_)) => 128,
        None => return false,
    };
    !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && bits
            .trim_start_matches('0')
            .parse()
            .map_or(bits.bytes().all(|byte| byte == b'0'), |bits: u32| bits <= most)
}

/// Source: Go `net/mac.go`.
fn is_mac(text: &str) -> bool {
    let hex = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let grouped = |delimiter, length, counts: [usize; 3]| {
        let groups = text.split(delimiter);
        counts.contains(&groups.clone().count()) && groups.into_iter().all(|group| hex(group, length))
    };
    match text.as_bytes().get(2) {
        Some(b':') => grouped(':', 2, [6, 8, 20]),
        Some(b'-') => grouped('-', 2, [6, 8, 20]),
        _ => grouped('.', 4, [3, 4, 10]),
    }
}

fn has_luhn_sum(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn isbn(text: &str) -> Vec<u8> {
    text.bytes().filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'-')).collect()
}

fn is_isbn10(text: &str) -> bool {
    let characters = isbn(text);
    let Some((last, first)) = characters.split_last().filter(|(_, first)| first.len() == 9) else {
        return false;
    };
    let check = if *last == b'X' { b'9' + 1 } else { *last };
    let plain = first.iter().all(u8::is_ascii_digit) && (*last == b'X' || last.is_ascii_digit());
    let weighed = (1..).zip(first.iter().copied().chain([check]));
    plain && weighed.map(|(at, digit)| at * (u32::from(digit) - 48)).sum::<u32>() % 11 == 0
}

fn is_isbn13(text: &str) -> bool {
    let characters = isbn(text);
    let weights = [1, 3].into_iter().cycle();
    characters.len() == 13
        && characters.iter().all(u8::is_ascii_digit)
        && weights.zip(characters).map(|(weight, digit)| weight * (u32::from(digit) - 48)).sum::<u32>() % 10
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the oracle answers.
    #[test]
    fn formats_are_those_of_strfmt() {
        let fits = |format: &str, text: &str| {
            let schema = Structural { kind: JsonType::String, ..Structural::default() };
            let mut schema = schema;
            schema.value.format = format.into();
            Texts::new(&schema, 37).fits(format, text)
        };
        for (format, text, wanted) in [
            ("ipv4", "1.2.3.4", true),
            ("ipv4", "01.2.3.4", true),
            ("ipv4", "::ffff:1.2.3.4", true),
            ("ipv4", "1.2.3", false),
            ("ipv6", "::1", true),
            ("ipv6", "fe80::1%eth0", false),
            ("cidr", "10.0.0.1/08", true),
            ("cidr", "10.0.0.0/33", false),
            ("mac", "01:23:45:67:89:ab", true),
            ("mac", "0123.4567.89ab", true),
            ("mac", "01:23:45-67:89:ab", false),
            ("isbn", "0321751043", true),
            ("isbn", "978-0321751041", true),
            ("isbn10", "0321751044", false),
            ("creditcard", "4111-1111-1111-1111", true),
            ("creditcard", "4111-1111-1111-1112", false),
            ("ssn", "111-11-1111", true),
            ("ssn", "111111111", false),
            ("hostname", "a-b.example", true),
            ("hostname", "-a", false),
            ("byte", "AQ==", true),
            ("byte", "AR==", true),
            ("byte", "", false),
            ("date-time", "2020-01-01T00:00:00Z", true),
            ("datetime", "2020-01-01", false),
            ("k8s-short-name", "a.b", false),
            ("k8s-long-name", "a.b", true),
            ("bsonobjectid", "507f1f77bcf86cd799439011", true),
            ("rgbcolor", "rgb(1, 2,255)", true),
            ("hexcolor", "#ff", false),
            ("uuid4", "f47ac10b-58cc-4372-a567-0e02b2c3d479", true),
            ("uuid3", "f47ac10b-58cc-4372-a567-0e02b2c3d479", false),
            ("password", "", true),
            ("duration", "2 hours", true),
            ("unknown", "x", true),
        ] {
            assert_eq!(fits(format, text), wanted, "{format} {text}");
        }
    }
}
