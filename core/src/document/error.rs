//! Why a document cannot be read.

use crate::source::Span;
use std::fmt;

/// A document that cannot be read, and the place where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    pub kind: ErrorKind,
    /// What went wrong; for YAML the words that kubectl prints.
    pub message: String,
    pub span: Span,
    /// From 1; 0 when the place is unknown.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// The kinds of document error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text is no JSON or YAML.
    Syntax,
    /// The bytes are no UTF-8.
    Encoding,
    /// A limit of [`super::Limits`] was passed.
    Limit,
    /// The text is well formed but means nothing as JSON (a key that is a list, an infinite number, …).
    Value,
    /// A value given through serde could not be represented.
    Serialize,
}

impl DocumentError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>, span: Span) -> DocumentError {
        DocumentError { kind, message: message.into(), span, line: 0, column: 0 }
    }

    /// Fills in line and column from the text that was read.
    #[must_use]
    pub(crate) fn located(mut self, text: &str) -> DocumentError {
        (self.line, self.column) = crate::source::line_column(text, self.span.start);
        self
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DocumentError {}
