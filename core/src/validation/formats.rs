//! Names and other texts of a form.
//!
//! Source: apimachinery `pkg/api/validate/strfmt.go` and `pkg/api/validate/content`.

use super::field_error::{ErrorType, FieldError, Shown};
use super::path::Path;
use super::table::Format;
use crate::cel::library::kubernetes::format::{
    dns1123_label, dns1123_subdomain, pattern_problem, qualified_name, too_long,
};
use crate::go::push_json;
use crate::source::Span;

/// Bytes.
const LONGEST_LABEL: usize = 63;
/// Bytes.
const LONGEST_NAME: usize = 253;
/// Bytes.
const LONGEST_DEVICE_NAME: usize = 32;
/// Bytes.
const LONGEST_PREFIX: usize = 58;
const REQUESTS: &str = "requests.";

/// What is wrong with a text; errors of types with a name of their own show it as JSON.
pub(super) fn check(format: Format, json: bool, path: &Path<'_>, text: &str) -> Vec<FieldError> {
    let problems = match format {
        Format::ShortName => short_name(text),
        Format::LongName => long_name(text),
        Format::LongNameCaseless => caseless(text),
        Format::LabelKey => qualified_name(text),
        Format::PrefixedLabelKey => prefixed_label_key(text),
        Format::PathSegmentName => path_segment(text, false),
        Format::Uuid if is_uuid(text) => Vec::new(),
        Format::Uuid => vec!["must be a lowercase UUID in 8-4-4-4-12 format".to_owned()],
        Format::ExtendedResourceName => extended_resource_name(text),
        Format::ResourcePoolName => return pool_name(path, text),
        Format::ResourceFullyQualifiedName => return fully_qualified_name(path, text),
    };
    problems.into_iter().map(|problem| invalid(path, text, json, &problem)).collect()
}

/// An invalid string.
pub(super) fn invalid(path: &Path<'_>, text: &str, json: bool, problem: &str) -> FieldError {
    let mut written = String::new();
    let shown = if json {
        push_json(&mut written, text);
        Shown::Raw(&written)
    } else {
        Shown::Text(text)
    };
    FieldError::new(ErrorType::Invalid, path, shown, problem, Span::default())
}

fn exceeds(path: &Path<'_>, most: usize) -> FieldError {
    let detail = format!("may not be more than {most} bytes");
    FieldError::new(ErrorType::TooLong, path, Shown::Nothing, &detail, Span::default())
}

fn short_name(text: &str) -> Vec<String> {
    dns1123_label(text, false, "bytes")
}

fn long_name(text: &str) -> Vec<String> {
    dns1123_subdomain(text, false, "bytes")
}

fn caseless(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > LONGEST_NAME {
        problems.push(too_long(LONGEST_NAME, "bytes"));
    }
    // Go folds `K` and `s` with the two letters beyond ASCII.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\u{17f}' | '\u{212a}');
    let fits = |part: &str| {
        part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|c| plain(c) || c == '-')
    };
    if !text.split('.').all(fits) {
        problems.push(pattern_problem(
            "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
            &["Example.com"],
        ));
    }
    problems
}

fn prefixed_label_key(text: &str) -> Vec<String> {
    let problems = qualified_name(text);
    if problems.is_empty() && !text.contains('/') {
        return vec!["must include a prefix (e.g. 'example.com/key')".to_owned()];
    }
    problems
}

/// What a name may not have that is a part of a path.
pub(crate) fn path_segment(name: &str, prefix: bool) -> Vec<String> {
    if !prefix && matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    let parts = ["/", "%"].into_iter().filter(|part| name.contains(part));
    parts.map(|part| format!("may not contain '{part}'")).collect()
}

/// The name that the server makes of a prefix before it looks, with letters in place of random ones. Source: apiserver
/// `pkg/storage/names/generate.go`.
pub(crate) fn made_name(prefix: &str) -> String {
    let kept = prefix.floor_char_boundary(LONGEST_PREFIX);
    format!("{}xxxxx", prefix.get(..kept).unwrap_or_default())
}

fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

fn extended_resource_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.contains('/') {
        problems.push("a name must be a domain-prefixed path, such as 'example.com/my-prop'".to_owned());
    } else if text.contains("kubernetes.io/") {
        problems.push("must not have \"kubernetes.io/\" domain".to_owned());
    }
    if text.starts_with(REQUESTS) {
        problems.push("must not have \"requests.\" prefix".to_owned());
    }
    problems.extend(qualified_name(&format!("{REQUESTS}{text}")));
    problems
}

fn pool_name(path: &Path<'_>, text: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if text.len() > LONGEST_NAME {
        errors.push(exceeds(path, LONGEST_NAME));
    }
    for (at, part) in text.split('/').enumerate() {
        if part.is_empty() {
            errors.push(invalid(path, text, false, &format!("segment {at}: must not be empty")));
            continue;
        }
        let problems = long_name(part).into_iter();
        errors
            .extend(problems.map(|problem| invalid(path, part, false, &format!("segment {at}: {problem}"))));
    }
    errors
}

fn fully_qualified_name(path: &Path<'_>, text: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    match *parts.as_slice() {
        [name] => identifier(path, name, &mut errors),
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push(invalid(path, "", false, "prefix must not be empty"));
            } else {
                if prefix.len() > LONGEST_LABEL {
                    errors.push(exceeds(path, LONGEST_LABEL));
                }
                let problems = long_name(prefix).into_iter();
                errors.extend(
                    problems.map(|problem| invalid(path, prefix, false, &format!("prefix: {problem}"))),
                );
            }
            if name.is_empty() {
                errors.push(invalid(path, "", false, "name must not be empty"));
            } else {
                identifier(path, name, &mut errors);
            }
        }
        _ => {}
    }
    if !text.contains('/') {
        let problem = "a fully qualified name must be a domain and a name separated by a slash";
        errors.push(invalid(path, text, false, problem));
    }
    errors
}

fn identifier(path: &Path<'_>, text: &str, errors: &mut Vec<FieldError>) {
    if text.len() > LONGEST_DEVICE_NAME {
        errors.push(exceeds(path, LONGEST_DEVICE_NAME));
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !text.starts_with(first) || !text.chars().all(|c| first(c) || c.is_ascii_digit()) {
        let problem = pattern_problem(
            "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
            "[A-Za-z_][A-Za-z0-9_]*",
            &["my_name", "MY_NAME", "MyName"],
        );
        errors.push(invalid(path, text, false, &problem));
    }
}

/// Domains that are Kubernetes' own. Source: kubernetes `pkg/apis/core/v1/validation.go`.
pub(super) fn reserved_domain(path: &Path<'_>, text: &str) -> Option<FieldError> {
    let domain = text.split('/').next().unwrap_or_default().to_lowercase();
    let domain = domain.trim().trim_end_matches('.');
    let is_reserved = [".k8s.io", ".kubernetes.io"]
        .iter()
        .any(|suffix| domain.ends_with(suffix) || domain == suffix.trim_matches('.'));
    let problem = "domain names *.k8s.io, *.kubernetes.io are reserved";
    is_reserved.then(|| invalid(path, text, false, problem))
}
