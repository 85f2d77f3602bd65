//! Source texts, byte spans, and lines and columns for people.

use std::sync::Arc;

/// A range of bytes in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A named text: a file, standard input, or an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    pub name: Arc<str>,
    pub text: Arc<str>,
}

impl Source {
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Source {
        Source { name: name.into(), text: text.into() }
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    ///
    /// ```
    /// let source = kordon::Source::new("a.yaml", "a: 1\nbé: x\n");
    /// assert_eq!(source.line_column(10), (2, 5));
    /// ```
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        line_column(&self.text, offset)
    }

    /// The text of a line, counted from 1, without its line break.
    pub fn line(&self, line: u32) -> &str {
        let text = self.text.split('\n').nth(line.saturating_sub(1) as usize).unwrap_or_default();
        text.strip_suffix('\r').unwrap_or(text)
    }
}

/// Line and column of a byte offset in a text, both from 1; columns count characters.
pub(crate) fn line_column(text: &str, offset: u32) -> (u32, u32) {
    let mut end = (offset as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (clamp(line), clamp(column))
}

fn clamp(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
