//! Problems for people: what, where, and what to do; one rendering as text, one as JSON.

use crate::source::{Source, Span};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt::{self, Write};
use std::sync::Arc;

/// A problem with its place and a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name such as `unknown-field`.
    pub code: &'static str,
    pub severity: Severity,
    /// Lower case, without a final period.
    pub message: String,
    /// The place at fault first, then others that explain it.
    pub labels: Vec<Label>,
    pub help: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub source: Arc<Source>,
    pub span: Span,
    /// Shown beside the carets; may be empty.
    pub text: String,
}

impl Diagnostic {
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity, message: message.into(), labels: Vec::new(), help: None }
    }

    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    /// The same with a place.
    #[must_use]
    pub fn at(self, source: &Arc<Source>, span: Span) -> Diagnostic {
        self.labelled(source, span, "")
    }

    /// The same with a place and a word on it.
    #[must_use]
    pub fn labelled(mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The problem as text: message, place, excerpt with carets, help. Ends in a line break.
    ///
    /// ```
    /// use kordon::{Diagnostic, Source, Span};
    /// use std::sync::Arc;
    /// let source = Arc::new(Source::new("web.yaml", "replica: 3\n"));
    /// let problem = Diagnostic::error("unknown-field", "unknown field `replica`")
    ///     .at(&source, Span { start: 0, end: 7 })
    ///     .help("did you mean `replicas`?");
    /// assert_eq!(problem.render(false), "\
    /// error[unknown-field]: unknown field `replica`
    ///  --> web.yaml:1:1
    ///   |
    /// 1 | replica: 3
    ///   | ^^^^^^^
    ///   = help: did you mean `replicas`?
    /// ");
    /// ```
    pub fn render(&self, colour: bool) -> String {
        let mut out = String::new();
        let (start, end) = match (colour, self.severity) {
            (false, _) => ("", ""),
            (true, Severity::Error) => ("\x1b[1;31m", "\x1b[0m"),
            (true, Severity::Warning) => ("\x1b[1;33m", "\x1b[0m"),
            (true, Severity::Note) => ("\x1b[1;36m", "\x1b[0m"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{start}{}[{}]{end}: {}", self.severity, self.code, self.message);
        for label in &self.labels {
            let _ = excerpt(&mut out, label, start, end);
        }
        if let Some(help) = &self.help {
            for (at, line) in help.lines().enumerate() {
                let _ = writeln!(out, "  {} {line}", if at == 0 { "= help:" } else { "        " });
            }
        }
        out
    }
}

/// Lines longer than this are cut around the place at fault.
const LONGEST_LINE: usize = 120;

fn excerpt(out: &mut String, label: &Label, start: &str, end: &str) -> fmt::Result {
    let (line, column) = label.source.line_column(label.span.start);
    writeln!(out, " --> {}:{line}:{column}", label.source.name)?;
    let text = label.source.line(line);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let before = (column as usize).saturating_sub(1);
    let skipped = if before > LONGEST_LINE - 20 { before - 40 } else { 0 };
    let shown: String = text.chars().skip(skipped).take(LONGEST_LINE).map(visible).collect();
    let covered =
        label.source.text.get(label.span.start as usize..label.span.end as usize).unwrap_or_default();
    let covered = covered.lines().next().unwrap_or_default().chars().count();
    let room = shown.chars().count().saturating_sub(before - skipped);
    let carets = "^".repeat(covered.min(room).max(1));
    let note = if label.text.is_empty() { String::new() } else { format!(" {}", label.text) };
    let lead = if skipped > 0 { "…" } else { "" };
    writeln!(out, "{margin} |")?;
    writeln!(out, "{number} | {lead}{shown}")?;
    let indent = " ".repeat(before - skipped + lead.chars().count());
    writeln!(out, "{margin} | {indent}{start}{carets}{end}{note}")
}

/// Tabs and control characters would move the carets away from their place.
fn visible(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = self.labels.first() {
            let (line, column) = label.source.line_column(label.span.start);
            write!(f, "{}:{line}:{column}: ", label.source.name)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnostic", 7)?;
        fields.serialize_field("code", self.code)?;
        fields.serialize_field("severity", &self.severity.to_string())?;
        fields.serialize_field("message", &self.message)?;
        if let Some(label) = self.labels.first() {
            let (line, column) = label.source.line_column(label.span.start);
            fields.serialize_field("file", &*label.source.name)?;
            fields.serialize_field("line", &line)?;
            fields.serialize_field("column", &column)?;
        }
        if let Some(help) = &self.help {
            fields.serialize_field("help", help)?;
        }
        fields.end()
    }
}

/// The known name nearest to one that is not known, for "did you mean".
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |other: &str| edits(name, other);
    let best = known.into_iter().map(|other| (distance(other), other)).min()?;
    (best.0 <= 1 + name.chars().count() / 4).then_some(best.1)
}

/// Levenshtein distance, letters' case aside.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (line, letter) in b.to_lowercase().chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), line + 1);
        let mut left = line + 1;
        for (cell, &other) in row.iter_mut().skip(1).zip(&a) {
            let changed = diagonal + usize::from(other != letter);
            diagonal = *cell;
            *cell = changed.min(diagonal + 1).min(left + 1);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or(0)
}
