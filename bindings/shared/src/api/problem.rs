//! [`Error`]: what a binding throws or raises, with a code, a path and a place.

use kordon::cel::compiler::CompileError;
use kordon::cel::issue::Issues;
use kordon::document::{Limits, NodeRef, NodeValue, documents};
use kordon::{Diagnostic, Severity, Source};
use serde::Serialize;
use std::fmt;

/// Why there is no answer: all problems, the first of them an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    pub problems: Vec<Problem>,
}

/// A problem as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable name such as `unknown-field`.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    pub message: String,
    /// The field path of the value at fault, empty without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    #[serde(flatten)]
    pub place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Where a problem is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// First byte and the one past the last, in the text.
    pub span: (u32, u32),
}

impl Error {
    /// An argument that cannot be used.
    pub fn argument(message: impl Into<String>) -> Error {
        Diagnostic::error("invalid-argument", message).into()
    }

    /// The error that is told first.
    pub fn first(&self) -> Option<&Problem> {
        self.problems.first()
    }

    /// The error as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The problems, errors first, if there is an error among them.
    pub(super) fn among(problems: &[Diagnostic]) -> Result<(), Error> {
        if problems.iter().all(|problem| problem.severity != Severity::Error) {
            return Ok(());
        }
        let mut ordered: Vec<&Diagnostic> = problems.iter().collect();
        ordered.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
        Err(Error { problems: ordered.into_iter().map(Problem::from).collect() })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().filter(|problem| problem.severity == "error").enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if let Some(Place { file, line, column, .. }) = &problem.place {
                write!(f, "{file}:{line}:{column}: ")?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Diagnostic> for Error {
    fn from(problem: Diagnostic) -> Error {
        Error { problems: vec![Problem::from(&problem)] }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(problem: &Diagnostic) -> Problem {
        let label = problem.labels.first();
        let place = label.map(|label| {
            let (line, column) = label.source.line_column(label.span.start);
            let span = (label.span.start, label.span.end);
            Place { file: label.source.name.to_string(), line, column, span }
        });
        Problem {
            code: problem.code.to_owned(),
            severity: problem.severity.to_string(),
            message: problem.message.clone(),
            path: label.map(|label| path(&label.source, label.span.start)).unwrap_or_default(),
            place,
            help: problem.help.clone(),
        }
    }
}

impl From<CompileError> for Error {
    fn from(error: CompileError) -> Error {
        let (code, issues) = match error {
            CompileError::Parse(issues) => ("cel-parse", issues),
            CompileError::Check(issues) => ("cel-check", issues),
            CompileError::Program(message) => return Diagnostic::error("cel-program", message).into(),
        };
        Error { problems: of_expression(code, &issues) }
    }
}

/// The issues of an expression, which have a point for a place.
fn of_expression(code: &str, issues: &Issues) -> Vec<Problem> {
    let source = Source::new("<expression>", &*issues.source);
    let problem = |issue: &kordon::cel::issue::Issue| Problem {
        code: code.to_owned(),
        severity: Severity::Error.to_string(),
        message: issue.message.clone(),
        place: issue.offset.map(|offset| {
            let (line, column) = source.line_column(offset);
            Place { file: source.name.to_string(), line, column, span: (offset, offset) }
        }),
        ..Problem::default()
    };
    issues.issues.iter().map(problem).collect()
}

/// The field path of what stands at an offset of a text; empty when that cannot be told.
fn path(source: &Source, offset: u32) -> String {
    let read = documents(&source.name, source.text.as_bytes(), &Limits::default());
    let objects = read.iter().flatten().map(|document| &document.object);
    let mut found = objects.filter_map(|object| {
        let node = at(object.root(), offset)?;
        Some(object.path(node))
    });
    found.next_back().unwrap_or_default()
}

/// The innermost node around an offset.
fn at(node: NodeRef<'_>, offset: u32) -> Option<NodeRef<'_>> {
    let whole = match node.key_span() {
        key if key == kordon::Span::default() => node.span(),
        key => key.to(node.span()),
    };
    if !(whole.start..=whole.end).contains(&offset) {
        return None;
    }
    let inner = match node.value() {
        NodeValue::Map(map) => map.iter().filter_map(|(_, value)| at(value, offset)).last(),
        NodeValue::List(list) => list.iter().filter_map(|value| at(value, offset)).last(),
        _ => None,
    };
    inner.or(Some(node))
}
