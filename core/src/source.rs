//! Source texts, byte spans, and lines and columns for people.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A range of bytes in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    #[inline]
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both.
    #[must_use]
    #[inline]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A named text: a file, standard input, or an expression.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: Arc<str>,
    pub text: Arc<str>,
    /// How many lines stand before the text, when it is a part of a file.
    lines_before: u32,
    /// Where lines begin, once a place is asked for: large files have many findings.
    lines: OnceLock<Vec<u32>>,
}

impl Source {
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Source {
        Source::part(name, text, 0)
    }

    /// A part of a file, before which so many lines stand. Offsets count from the part, lines from the file.
    ///
    /// ```
    /// let part = kordon::Source::part("a.yaml", "b: 1\nc: 2\n", 7);
    /// assert_eq!(part.line_column(5), (9, 1));
    /// assert_eq!(part.line(9), "c: 2");
    /// ```
    pub fn part(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>, lines_before: u32) -> Source {
        Source { name: name.into(), text: text.into(), lines_before, lines: OnceLock::new() }
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    ///
    /// ```
    /// let source = kordon::Source::new("a.yaml", "a: 1\nbé: x\n");
    /// assert_eq!(source.line_column(10), (2, 5));
    /// ```
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let lines = self.line_starts();
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or_default();
        let rest = self.text.get(start as usize..).unwrap_or_default();
        let (_, column) = line_column(rest, offset.saturating_sub(start));
        (clamp(line).saturating_add(self.lines_before), column)
    }

    /// The text of a line, counted from 1, without its line break.
    pub fn line(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let at = (line.saturating_sub(self.lines_before) as usize).saturating_sub(1);
        let Some(&start) = starts.get(at) else { return "" };
        let end = starts.get(at + 1).map_or(self.text.len(), |&next| next as usize - 1);
        let text = self.text.get(start as usize..end).unwrap_or_default();
        text.strip_suffix('\r').unwrap_or(text)
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| clamp(at + 1))).collect()
        })
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Source) -> bool {
        self.name == other.name && self.text == other.text && self.lines_before == other.lines_before
    }
}

impl Eq for Source {}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.text.hash(state);
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
