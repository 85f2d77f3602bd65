//! Problems of an expression, printed as cel-go prints them so that users find them by their text.

use std::fmt;

/// One problem. Line and column are cel-go's: line from 1 and column from 0, or -1 and -1 for no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub message: String,
    /// Byte offset in the expression, `None` when the problem has no place.
    pub offset: Option<u32>,
    /// cel-go puts it before the expression: it is about a part that could not be read at all.
    pub(crate) unread: bool,
}

/// All problems of one expression, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issues {
    pub source: Box<str>,
    /// The first hundred, in the order of their places.
    pub issues: Vec<Issue>,
    /// How many more there are.
    pub truncated: usize,
}

/// How many are kept. Source: cel-go `common/errors.go`.
const MAX_ISSUES: usize = 100;

/// Lines longer than this are not shown.
const MAX_SNIPPET: usize = 16_384;

impl Issue {
    pub(crate) fn at(offset: u32, message: impl Into<String>) -> Issue {
        Issue { message: message.into(), offset: Some(offset), unread: false }
    }

    pub(crate) fn nowhere(message: impl Into<String>) -> Issue {
        Issue { message: message.into(), offset: None, unread: false }
    }

    pub(crate) fn unread(message: impl Into<String>) -> Issue {
        Issue { unread: true, ..Issue::at(0, message) }
    }
}

impl Issues {
    pub(crate) fn new(source: &str, mut issues: Vec<Issue>) -> Issues {
        let truncated = issues.len().saturating_sub(MAX_ISSUES);
        issues.truncate(MAX_ISSUES);
        issues.sort_by_key(|issue| (issue.offset, !issue.unread));
        Issues { source: source.into(), issues, truncated }
    }
}

impl fmt::Display for Issues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, issue) in self.issues.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            display(&self.source, issue, f)?;
        }
        if self.truncated > 0 {
            write!(f, "\n{} more errors were truncated", self.truncated)?;
        }
        Ok(())
    }
}

impl std::error::Error for Issues {}

fn display(source: &str, issue: &Issue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(offset) = issue.offset else {
        return write!(f, "ERROR: <input>:-1:0: {}", issue.message);
    };
    if source.is_empty() {
        return write!(f, "ERROR: <input>:1:0: {}", issue.message);
    }
    let (line, column) = if issue.unread { (1, 0) } else { crate::source::line_column(source, offset) };
    write!(f, "ERROR: <input>:{line}:{column}: {}", issue.message)?;
    let text = source.split('\n').nth(line as usize - 1).unwrap_or_default();
    if text.len() > MAX_SNIPPET {
        return Ok(());
    }
    write!(f, "\n | {}\n | ", text.replace('\t', " "))?;
    let mut characters = text.chars();
    for _ in 1..column {
        match characters.next() {
            Some(wide) if wide.len_utf8() > 1 => f.write_str("\u{ff0e}")?,
            Some(_) => f.write_str(".")?,
            None => break,
        }
    }
    f.write_str(if characters.next().is_some_and(|c| c.len_utf8() > 1) { "\u{ff3e}" } else { "^" })
}
