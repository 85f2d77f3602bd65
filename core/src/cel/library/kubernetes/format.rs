//! Named formats. Source: apiserver `library/format.go` over apimachinery `util/validation`.

use super::net_url::parse_request_uri;
use crate::cel::estimate::CallEstimate;
use crate::cel::library::standard::{parse_timestamp, traversal};
use crate::cel::library::{CallCost, Function, Implementation, Library, Overload};
use crate::cel::value::{Arena, Error, List, NamedFormat, Opaque, Result, Val};
use base64::Engine;

/// Since 1.31.
pub fn library() -> Library {
    let constant = |name, id, body: Implementation| {
        Function::new(name, vec![Overload::new(id, " -> kubernetes.NamedFormat", body)])
    };
    Library::new(vec![
        Function::new(
            "format.named",
            vec![Overload::new("format-named", "string -> optional_type(kubernetes.NamedFormat)", named)],
        ),
        Function::new(
            "validate",
            vec![
                Overload::new(
                    "format-validate",
                    "kubernetes.NamedFormat.(string) -> optional_type(list(string))",
                    validate,
                )
                .costs(COST)
                .estimates(|call| {
                    // As a pattern of 128 characters, the longest of a format.
                    Some(CallEstimate::costs(call.arg_size(0)?.at(0.1).times(128.0 * 0.25)))
                }),
            ],
        ),
        constant("format.dns1123Label", "format.dns1123Label", |_, _| get("dns1123Label")),
        constant("format.dns1123Subdomain", "format.dns1123Subdomain", |_, _| get("dns1123Subdomain")),
        constant("format.dns1035Label", "format.dns1035Label", |_, _| get("dns1035Label")),
        constant("format.qualifiedName", "format.qualifiedName", |_, _| get("qualifiedName")),
        constant("format.dns1123LabelPrefix", "format.dns1123LabelPrefix", |_, _| get("dns1123LabelPrefix")),
        constant("format.dns1123SubdomainPrefix", "format.dns1123SubdomainPrefix", |_, _| {
            get("dns1123SubdomainPrefix")
        }),
        constant("format.dns1035LabelPrefix", "format.dns1035LabelPrefix", |_, _| get("dns1035LabelPrefix")),
        constant("format.labelValue", "format.labelValue", |_, _| get("labelValue")),
        constant("format.uri", "format.uri", |_, _| get("uri")),
        constant("format.uuid", "format.uuid", |_, _| get("uuid")),
        constant("format.byte", "format.byte", |_, _| get("byte")),
        constant("format.date", "format.date", |_, _| get("date")),
        constant("format.datetime", "format.datetime", |_, _| get("datetime")),
    ])
}

/// All formats under the names that `format.named` knows, with the sizes that their cost is counted by.
static FORMATS: &[(&str, NamedFormat)] = &[
    (
        "dns1123Label",
        NamedFormat {
            name: "DNS1123Label",
            validate: |s| dns1123_label(s, false, "characters"),
            max_regex_size: 30,
        },
    ),
    (
        "dns1123Subdomain",
        NamedFormat {
            name: "DNS1123Subdomain",
            validate: |s| dns1123_subdomain(s, false, "characters"),
            max_regex_size: 60,
        },
    ),
    (
        "dns1035Label",
        NamedFormat { name: "DNS1035Label", validate: |s| dns1035_label(s, false), max_regex_size: 30 },
    ),
    ("qualifiedName", NamedFormat { name: "QualifiedName", validate: qualified_name, max_regex_size: 60 }),
    (
        "dns1123LabelPrefix",
        NamedFormat {
            name: "DNS1123LabelPrefix",
            validate: |s| dns1123_label(s, true, "characters"),
            max_regex_size: 30,
        },
    ),
    (
        "dns1123SubdomainPrefix",
        NamedFormat {
            name: "DNS1123SubdomainPrefix",
            validate: |s| dns1123_subdomain(s, true, "characters"),
            max_regex_size: 60,
        },
    ),
    (
        "dns1035LabelPrefix",
        NamedFormat { name: "DNS1035LabelPrefix", validate: |s| dns1035_label(s, true), max_regex_size: 30 },
    ),
    ("labelValue", NamedFormat { name: "LabelValue", validate: label_value, max_regex_size: 40 }),
    ("uri", NamedFormat { name: "URI", validate: uri, max_regex_size: 1_103 }),
    ("uuid", NamedFormat { name: "uuid", validate: uuid, max_regex_size: 70 }),
    ("byte", NamedFormat { name: "byte", validate: byte, max_regex_size: 84 }),
    ("date", NamedFormat { name: "date", validate: date, max_regex_size: 71 }),
    ("datetime", NamedFormat { name: "datetime", validate: datetime, max_regex_size: 71 }),
];

const COST: CallCost = |args, _| match args {
    [Val::Opaque(Opaque::NamedFormat(format)), text] => {
        traversal(text.actual_size() + 1) * format.max_regex_size.div_ceil(4)
    }
    _ => 1,
};

fn find(name: &str) -> Option<&'static NamedFormat> {
    FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| format)
}

fn get<'a>(name: &str) -> Result<'a> {
    find(name).map(|format| Val::Opaque(Opaque::NamedFormat(format))).ok_or(Error::NoSuchOverload)
}

fn named<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(name)] = args else { return Err(Error::NoSuchOverload) };
    let format = find(name).map(|format| &*arena.alloc(Val::Opaque(Opaque::NamedFormat(format))));
    Ok(Val::Optional(format))
}

fn validate<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Opaque(Opaque::NamedFormat(format)), Val::String(text)] = args else {
        return Err(Error::NoSuchOverload);
    };
    let problems = (format.validate)(text);
    if problems.is_empty() {
        return Ok(Val::Optional(None));
    }
    let mut list = bumpalo::collections::Vec::new_in(arena);
    list.extend(problems.iter().map(|problem| Val::String(arena.alloc_str(problem))));
    Ok(Val::Optional(Some(arena.alloc(Val::List(List::Slice(list.into_bump_slice()))))))
}

/// Kubernetes has two texts for this: of characters in its older validation, of bytes in its newer.
pub(crate) fn too_long(most: usize, unit: &str) -> String {
    format!("must be no more than {most} {unit}")
}

pub(crate) fn pattern_problem(message: &str, pattern: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{pattern}')", examples.join(" or "))
}

/// A name that ends in `-` is the prefix of generated names: the dash stands for a letter.
fn masked(text: &str, prefix: bool) -> String {
    match text.strip_suffix('-') {
        Some(rest) if prefix && text.len() > 1 => {
            let mut cut = rest.to_owned();
            cut.pop();
            cut + "a"
        }
        _ => text.to_owned(),
    }
}

fn is_label(text: &str, first: impl Fn(u8) -> bool) -> bool {
    let ends = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|&byte| first(byte))
        && bytes.last().is_some_and(|&byte| ends(byte))
        && bytes.iter().all(|&byte| ends(byte) || byte == b'-')
}

pub(super) fn is_dns1123_label(text: &str) -> bool {
    text.len() <= 63 && is_label(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

pub(super) fn is_dns1123_subdomain(text: &str) -> bool {
    text.len() <= 253 && is_subdomain(text)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(|part| is_label(part, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

pub(crate) fn dns1123_label(text: &str, prefix: bool, unit: &str) -> Vec<String> {
    let text = masked(text, prefix);
    let mut problems = Vec::new();
    if text.len() > 63 {
        problems.push(too_long(63, unit));
    }
    if !is_label(&text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        problems.push(if is_subdomain(&text) {
            "must not contain dots".to_owned()
        } else {
            pattern_problem(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
                &["my-name", "123-abc"],
            )
        });
    }
    problems
}

pub(crate) fn dns1123_subdomain(text: &str, prefix: bool, unit: &str) -> Vec<String> {
    let text = masked(text, prefix);
    let mut problems = Vec::new();
    if text.len() > 253 {
        problems.push(too_long(253, unit));
    }
    if !is_subdomain(&text) {
        problems.push(pattern_problem(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
            &["example.com"],
        ));
    }
    problems
}

pub(crate) fn dns1035_label(text: &str, prefix: bool) -> Vec<String> {
    let text = masked(text, prefix);
    let mut problems = Vec::new();
    if text.len() > 63 {
        problems.push(too_long(63, "characters"));
    }
    if !is_label(&text, |byte| byte.is_ascii_lowercase()) {
        problems.push(pattern_problem(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?",
            &["my-name", "abc-123"],
        ));
    }
    problems
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

const NAME_PATTERN: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

fn name_problem() -> String {
    pattern_problem(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        NAME_PATTERN,
        &["MyName", "my.name", "123-abc"],
    )
}

/// Complaints about a qualified name, as label keys and annotation keys must be.
pub(crate) fn qualified_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match *parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                problems.push("prefix part must be non-empty".to_owned());
            } else {
                problems.extend(
                    dns1123_subdomain(prefix, false, "bytes")
                        .into_iter()
                        .map(|problem| format!("prefix part {problem}")),
                );
            }
            name
        }
        _ => {
            let text = format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                name_problem()
            );
            return vec![text];
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        problems.push(format!("name part {}", too_long(63, "bytes")));
    }
    if !is_name(name) {
        problems.push(format!("name part {}", name_problem()));
    }
    problems
}

/// Complaints about the value of a label.
pub(crate) fn label_value(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > 63 {
        problems.push(too_long(63, "bytes"));
    }
    if !text.is_empty() && !is_name(text) {
        problems.push(pattern_problem(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            &format!("({NAME_PATTERN})?"),
            &["MyValue", "my_value", "12345"],
        ));
    }
    problems
}

pub(crate) fn uri(text: &str) -> Vec<String> {
    parse_request_uri(text).err().into_iter().collect()
}

fn complaint(valid: bool, message: &str) -> Vec<String> {
    if valid { Vec::new() } else { vec![message.to_owned()] }
}

pub(crate) fn uuid(text: &str) -> Vec<String> {
    let mut rest = text;
    let mut valid = true;
    for (group, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if group > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        valid &= rest.get(..length).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        rest = rest.get(length..).unwrap_or_default();
    }
    complaint(valid && rest.is_empty(), "does not match the UUID format")
}

fn byte(text: &str) -> Vec<String> {
    let valid = !text.is_empty() && base64::engine::general_purpose::STANDARD.decode(text).is_ok();
    complaint(valid, "invalid base64")
}

pub(crate) fn date(text: &str) -> Vec<String> {
    let valid = text.len() == 10 && parse_timestamp(&format!("{text}T00:00:00Z")).is_some();
    complaint(valid, "invalid date")
}

fn datetime(text: &str) -> Vec<String> {
    complaint(is_datetime(text), "invalid datetime")
}

/// strfmt's date-time: a date, `T`, a time with any fraction, and `Z` or an offset, which is not looked at closely.
pub(crate) fn is_datetime(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((day, time)) = lower.split_once('t') else { return false };
    let two = |part: Option<&str>, most: &str| {
        part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()) && part <= most)
    };
    let separated = time.as_bytes().get(2) == Some(&b':') && time.as_bytes().get(5) == Some(&b':');
    if !(date(day).is_empty()
        && separated
        && two(time.get(..2), "23")
        && two(time.get(3..5), "59")
        && two(time.get(6..8), "59"))
    {
        return false;
    }
    let rest = time.get(8..).unwrap_or_default();
    let zone = |rest: &str| {
        rest == "z"
            || matches!(rest.as_bytes(), [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
    };
    let mut after = rest.chars();
    let fraction = after.next().is_some() && after.as_str().starts_with(|c: char| c.is_ascii_digit());
    zone(rest) || fraction && zone(after.as_str().trim_start_matches(|c: char| c.is_ascii_digit()))
}
