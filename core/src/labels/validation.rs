//! What makes a label selector an error, in apimachinery's words.
//!
//! Source: apimachinery `pkg/apis/meta/v1/helpers.go` (LabelSelectorAsSelector), `pkg/labels/selector.go`
//! (NewRequirement) and `pkg/api/validate/content`.

use super::{LabelSelector, Requirement, SelectorOperator};
use crate::go::quoted;

const NAME_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const SUBDOMAIN_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
/// Bytes.
const LONGEST_NAME: usize = 63;
/// Bytes.
const LONGEST_SUBDOMAIN: usize = 253;

/// The errors of the first requirement that has any. Labels are looked at in the order written; Go's order is that
/// of a map.
pub(super) fn problem(selector: &LabelSelector) -> Option<String> {
    let of_label =
        |(key, value): &(String, String)| join(requirement(key, None, std::slice::from_ref(value)));
    let of_expression = |Requirement { key, operator, values }: &Requirement| match operator {
        SelectorOperator::Unknown(operator) => {
            Some(format!("{} is not a valid label selector operator", quoted(operator)))
        }
        operator => join(requirement(key, Some(operator), values)),
    };
    let mut labels = selector.match_labels.iter().filter_map(of_label);
    labels.next().or_else(|| selector.match_expressions.iter().find_map(of_expression))
}

/// All that is wrong with one requirement; `operator` is `None` for one of `matchLabels`.
fn requirement(key: &str, operator: Option<&SelectorOperator>, values: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let wrong = key_problems(key);
    if !wrong.is_empty() {
        problems.push(format!("key: Invalid value: {}: {}", quoted(key), wrong.join("; ")));
    }
    match operator {
        Some(SelectorOperator::In | SelectorOperator::NotIn) if values.is_empty() => problems.push(
            "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty".to_owned(),
        ),
        Some(SelectorOperator::Exists | SelectorOperator::DoesNotExist) if !values.is_empty() => {
            let list = serde_json::to_string(values).unwrap_or_default();
            // encoding/json writes these three so that the text may stand in HTML.
            let list = list.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
            problems.push(format!(
                "values: Invalid value: {list}: values set must be empty for exists and does not exist"
            ));
        }
        _ => {}
    }
    for (at, value) in values.iter().enumerate() {
        let wrong = value_problems(value);
        if !wrong.is_empty() {
            let (value, wrong) = (quoted(value), wrong.join("; "));
            problems.push(format!("values[{at}][{key}]: Invalid value: {value}: {wrong}"));
        }
    }
    problems
}

/// Several errors as one, as apimachinery's aggregates print them.
fn join(problems: Vec<String>) -> Option<String> {
    match problems.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        all => Some(format!("[{}]", all.join(", "))),
    }
}

/// An optional DNS subdomain and `/`, then a name.
fn key_problems(key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let shape = format!(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
         character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{NAME_FORMAT}')"
    );
    let mut parts = key.split('/');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    if parts.next().is_some() {
        return vec![format!(
            "a valid label key {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        )];
    }
    let name = second.unwrap_or(first);
    if second.is_some() {
        if first.is_empty() {
            problems.push("prefix part must be non-empty".to_owned());
        } else {
            problems.extend(
                subdomain_problems(first).into_iter().map(|problem| format!("prefix part {problem}")),
            );
        }
    }
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > LONGEST_NAME {
        problems.push(format!("name part must be no more than {LONGEST_NAME} bytes"));
    }
    if !is_name(name) {
        problems.push(format!("name part {shape}"));
    }
    problems
}

/// Whether a text is a DNS subdomain, as most names are.
pub(crate) fn is_subdomain(text: &str) -> bool {
    subdomain_problems(text).is_empty()
}

fn subdomain_problems(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > LONGEST_SUBDOMAIN {
        problems.push(format!("must be no more than {LONGEST_SUBDOMAIN} bytes"));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !text.split('.').all(|label| is_framed(label, plain, |byte| plain(byte) || byte == b'-')) {
        problems.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '{SUBDOMAIN_FORMAT}')"
        ));
    }
    problems
}

fn value_problems(value: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if value.len() > LONGEST_NAME {
        problems.push(format!("must be no more than {LONGEST_NAME} bytes"));
    }
    if !value.is_empty() && !is_name(value) {
        problems.push(format!(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must \
             start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used \
             for validation is '({NAME_FORMAT})?')"
        ));
    }
    problems
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    is_framed(text, plain, |byte| plain(byte) || matches!(byte, b'-' | b'_' | b'.'))
}

/// Whether a text is not empty, begins and ends with bytes of one class and otherwise has bytes of another.
fn is_framed(text: &str, end: impl Fn(u8) -> bool, inner: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().is_some_and(|&byte| end(byte)) && bytes.last().is_some_and(|&byte| end(byte));
    ends && bytes.iter().all(|&byte| inner(byte))
}
