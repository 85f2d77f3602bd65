//! What a schema finds in a value: errors, each once, and how much of it held.
//!
//! Source: kube-openapi `pkg/validation/validate/result.go` and `pkg/validation/errors/schema.go`.

use super::steps::Steps;
use crate::crd::field_error::{ErrorType, FieldError, Shown};
use crate::document::NodeRef;
use crate::go::push_json;
use crate::schema::Structural;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many bytes of texts the errors of one value may have; what is beyond still counts as an error.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What came of holding a value against a schema.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    errors: Vec<Problem<'a>>,
    /// The texts of all errors, by their hash: the same is not said twice.
    said: HashSet<u64>,
    bytes: usize,
    /// More errors than there was room for.
    more: bool,
    /// How many checks passed: of several alternatives the one that fits best is reported.
    pub(super) matches: usize,
}

/// An error, with what becomes of it in the API server's list.
#[derive(Debug)]
struct Problem<'a> {
    /// The path that it names; of an error about clauses none.
    name: String,
    message: String,
    shown: Form<'a>,
    node: NodeRef<'a>,
}

/// The kind of an error as users see it.
#[derive(Debug)]
pub(super) enum Form<'a> {
    Required,
    Enum(&'a Structural),
    TooLong(i64),
    TooMany(usize, i64),
    /// Of a type, with what is shown as the value.
    Type(String),
    /// With what is shown as the value.
    Invalid(String),
    /// With the value itself.
    Value,
    /// About the whole object, for want of a path.
    Whole,
}

impl<'a> Findings<'a> {
    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty() && !self.more
    }

    /// Adds an error unless it has been said.
    pub(super) fn add(&mut self, steps: &Steps<'_>, message: String, shown: Form<'a>, node: NodeRef<'a>) {
        let name = if matches!(shown, Form::Whole) { String::new() } else { steps.to_string() };
        self.keep(Problem { name, message, shown, node });
    }

    /// Takes over what another check of the same value, or of a part of it, has found.
    pub(super) fn merge(&mut self, other: Findings<'a>) {
        self.matches += other.matches;
        self.more |= other.more;
        if self.errors.is_empty() {
            self.errors = other.errors;
            self.said = other.said;
            self.bytes = other.bytes;
            return;
        }
        other.errors.into_iter().for_each(|problem| self.keep(problem));
    }

    /// The errors are none: what they are about did not change.
    pub(super) fn forgive(&mut self) {
        let matches = self.matches;
        *self = Findings { matches, ..Findings::default() };
    }

    fn keep(&mut self, problem: Problem<'a>) {
        let mut hasher = DefaultHasher::new();
        problem.message.hash(&mut hasher);
        if !self.said.insert(hasher.finish()) {
            return;
        }
        self.bytes += problem.name.len() + problem.message.len();
        if self.bytes > MAX_BYTES {
            self.more = true;
        } else {
            self.errors.push(problem);
        }
    }

    /// The errors as the API server lists them.
    pub(super) fn into_errors(self) -> Vec<FieldError> {
        self.errors.into_iter().map(Problem::into_error).collect()
    }
}

impl Problem<'_> {
    /// Source: apiextensions-apiserver `pkg/apiserver/validation/validation.go`, `kubeOpenAPIResultToFieldErrors`.
    fn into_error(self) -> FieldError {
        let Problem { name, message, shown, node } = self;
        let field = match name.as_str() {
            "" | "." => "<nil>".to_owned(),
            name => name.strip_prefix('.').unwrap_or(name).to_owned(),
        };
        let (kind, value, detail);
        let raw;
        match &shown {
            Form::Required => (kind, value, detail) = (ErrorType::Required, Shown::Nothing, String::new()),
            Form::Enum(schema) => {
                (kind, value, detail) = (ErrorType::NotSupported, Shown::Node(node), supported(schema));
            }
            Form::TooLong(most) => {
                let unit = if *most == 1 { "byte" } else { "bytes" };
                detail = match most {
                    0.. => format!("may not be more than {most} {unit}"),
                    _ => "value is too long".to_owned(),
                };
                (kind, value) = (ErrorType::TooLong, Shown::Nothing);
            }
            Form::TooMany(count, most) => {
                let unit = if *most == 1 { "item" } else { "items" };
                detail = match most {
                    0.. => format!("must have at most {most} {unit}"),
                    _ => "has too many items".to_owned(),
                };
                raw = count.to_string();
                (kind, value) = (ErrorType::TooMany, Shown::Raw(&raw));
            }
            Form::Type(text) => (kind, value, detail) = (ErrorType::TypeInvalid, Shown::Text(text), message),
            Form::Invalid(text) => (kind, value, detail) = (ErrorType::Invalid, Shown::Raw(text), message),
            Form::Value => (kind, value, detail) = (ErrorType::Invalid, Shown::Node(node), message),
            Form::Whole => (kind, value, detail) = (ErrorType::Invalid, Shown::Text(""), message),
        }
        FieldError::of_field(kind, field, value, &detail).at(node)
    }
}

fn supported(schema: &Structural) -> String {
    let quoted = schema.value.values.iter().map(|value| {
        let root = value.root();
        crate::go::quoted(&root.as_str().map_or_else(|| json_text(root), str::to_owned))
    });
    format!("supported values: {}", quoted.collect::<Vec<_>>().join(", "))
}

/// A text that differs where Go's `%v` of the values of an enum would.
pub(super) fn enum_text(schema: &Structural) -> String {
    let mut text = String::new();
    for value in &schema.value.values {
        match value.root().as_str() {
            Some(string) => push_json(&mut text, string),
            None => text.push_str(&json_text(value.root())),
        }
        text.push(' ');
    }
    text
}

pub(super) fn json_text(node: NodeRef<'_>) -> String {
    let mut text = String::new();
    crate::crd::field_error::json(node, &mut text);
    text
}
