//! What is wrong with a field, in the API server's words.
//!
//! Source: apimachinery `pkg/util/validation/field/errors.go`.

use super::path::Path;
use crate::cel::value::double_text;
use crate::document::{NodeRef, NodeValue};
use crate::go::{push_json, quoted};
use crate::source::Span;
use std::fmt;

/// An error of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub kind: ErrorType,
    /// `spec.items[0].name`; `<nil>` for a whole resource.
    pub field: String,
    /// What the API server prints after the field: kind, value and reason.
    pub detail: String,
    /// The place of the value, or of the part of a schema, that is at fault.
    pub span: Span,
    /// The place of the value's key, empty where there is none.
    pub key: Span,
}

/// The kind of an error, by the names that a Status carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorType {
    Duplicate,
    Forbidden,
    Internal,
    Invalid,
    NotSupported,
    Required,
    TooLong,
    TooMany,
    /// Invalid as to its type.
    TypeInvalid,
}

impl ErrorType {
    /// `FieldValueInvalid` and so on.
    pub fn name(self) -> &'static str {
        match self {
            ErrorType::Duplicate => "FieldValueDuplicate",
            ErrorType::Forbidden => "FieldValueForbidden",
            ErrorType::Internal => "InternalError",
            ErrorType::Invalid => "FieldValueInvalid",
            ErrorType::NotSupported => "FieldValueNotSupported",
            ErrorType::Required => "FieldValueRequired",
            ErrorType::TooLong => "FieldValueTooLong",
            ErrorType::TooMany => "FieldValueTooMany",
            ErrorType::TypeInvalid => "FieldValueTypeInvalid",
        }
    }

    fn text(self) -> &'static str {
        match self {
            ErrorType::Duplicate => "Duplicate value",
            ErrorType::Forbidden => "Forbidden",
            ErrorType::Internal => "Internal error",
            ErrorType::Invalid | ErrorType::TypeInvalid => "Invalid value",
            ErrorType::NotSupported => "Unsupported value",
            ErrorType::Required => "Required value",
            ErrorType::TooLong => "Too long",
            ErrorType::TooMany => "Too many",
        }
    }
}

/// The value that an error shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'v> {
    Nothing,
    Text(&'v str),
    /// As it is.
    Raw(&'v str),
    Node(NodeRef<'v>),
}

impl FieldError {
    pub(crate) fn new(
        kind: ErrorType,
        path: &Path<'_>,
        value: Shown<'_>,
        detail: &str,
        span: Span,
    ) -> FieldError {
        FieldError { span, ..FieldError::of_field(kind, path.to_string(), value, detail) }
    }

    /// The same of a field whose path is written already.
    pub(crate) fn of_field(kind: ErrorType, field: String, value: Shown<'_>, detail: &str) -> FieldError {
        let mut text = kind.text().to_owned();
        let value = match value {
            Shown::Nothing => None,
            Shown::Text(value) => Some(quoted(value)),
            Shown::Raw(value) => Some(value.to_owned()),
            Shown::Node(node) => Some(shown(node)),
        };
        for part in value.as_deref().into_iter().chain(Some(detail).filter(|detail| !detail.is_empty())) {
            text.push_str(": ");
            text.push_str(part);
        }
        FieldError { kind, field, detail: text, span: Span::default(), key: Span::default() }
    }
}

impl FieldError {
    /// The same about a value of a document.
    pub(crate) fn at(self, node: NodeRef<'_>) -> FieldError {
        FieldError { span: node.span(), key: node.key_span(), ..self }
    }

    /// What of a text is at fault: the value with its key, or the key alone of a value of several lines.
    pub fn place(&self, text: &str) -> Span {
        let whole = self.key.to(self.span);
        let lines = text.get(whole.start as usize..whole.end as usize).unwrap_or_default();
        match (self.key == Span::default(), lines.trim_end().contains('\n')) {
            (true, _) => self.span,
            (false, true) => self.key,
            (false, false) => whole,
        }
    }

    /// Whether the error only says that a rule does not compile.
    pub fn is_of_compiling(&self) -> bool {
        self.detail.contains(": rule compile error: ")
            || self.detail.contains(": rule compiler initialization error: ")
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.detail)
    }
}

/// Strings in Go's quotes, other scalars plain, the rest as JSON.
pub(crate) fn shown(node: NodeRef<'_>) -> String {
    match node.value() {
        NodeValue::String(text) => quoted(text),
        NodeValue::Double(value) => double_text(value),
        _ => {
            let mut text = String::new();
            json(node, &mut text);
            text
        }
    }
}

/// As Go's `encoding/json` writes unstructured data, keys in order. Recursion is as deep as the document.
pub(crate) fn json(node: NodeRef<'_>, out: &mut String) {
    match node.value() {
        NodeValue::Null => out.push_str("null"),
        NodeValue::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        NodeValue::Int(value) => out.push_str(&value.to_string()),
        NodeValue::Double(value) => out.push_str(&json_double(value)),
        NodeValue::String(text) => push_json(out, text),
        NodeValue::List(list) => {
            out.push('[');
            for (at, element) in list.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                json(element, out);
            }
            out.push(']');
        }
        NodeValue::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                push_json(out, key);
                out.push(':');
                json(value, out);
            }
            out.push('}');
        }
    }
}

/// Go writes exponents from 1e21 on and below 1e-6.
fn json_double(value: f64) -> String {
    if value == 0.0 || (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => text,
    }
}
