//! How kubectl splits a file into documents, before anything is known about YAML.
//!
//! Source: apimachinery `pkg/util/yaml/decoder.go`, `YAMLReader`.

use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;
use std::ops::Range;

/// A document or a separator that is none, by its bytes in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Document(Range<usize>),
    /// A line that begins with `---`, but holds more than a comment besides.
    Separator(Range<usize>),
}

/// Finds the documents of a text that is read from the front: it is told of the lines that begin with `---`, the only
/// ones that count.
///
/// kubectl reads no further than a separator that is none; here only the document that it begins is lost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Splitter {
    /// Where the document under way begins.
    start: usize,
    /// Where the document before it ended, with its separator between them.
    end: usize,
    /// What is passed over follows a separator that is none.
    lost: bool,
}

impl Splitter {
    /// A splitter of what stands in a text from a place on.
    pub fn from(start: usize) -> Splitter {
        Splitter { start, end: start, lost: false }
    }

    /// A line, with its line break, that begins with `---` at a place.
    pub fn separator(&mut self, at: usize, line: &[u8], found: &mut impl FnMut(Piece)) {
        if self.lost {
            *self = Splitter::from(at);
        }
        let text = String::from_utf8_lossy(line);
        let rest = text.strip_prefix("---").unwrap_or(&text).trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            if self.end < at {
                found(Piece::Document(self.end..at));
            }
            let blank = text.len() - text.trim_end().len();
            found(Piece::Separator(at..at + line.len() - blank));
            *self = Splitter { lost: true, ..Splitter::from(at + line.len()) };
        } else if self.start < at {
            found(Piece::Document(self.start..at));
            self.end = at;
            self.start = at + line.len();
        }
        // A separator before which nothing stands belongs to its document.
    }

    /// The end of the text.
    pub fn end(self, at: usize) -> Option<Piece> {
        (!self.lost && self.start < at).then_some(Piece::Document(self.start..at))
    }

    /// From where on the text is still needed, which is then a document's or its separator's beginning.
    pub fn needs(&self) -> usize {
        self.end
    }
}

/// The pieces of a text from a place on.
pub(crate) fn pieces(text: &str, start: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut splitter = Splitter::from(start);
    let mut at = start;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        if rest.starts_with("---") {
            let line = rest.get(..length).unwrap_or_default();
            splitter.separator(at, line.as_bytes(), &mut |piece| pieces.push(piece));
        }
        // The next line that begins with a separator.
        at = match rest.get(length - 1..).and_then(|after| after.find("\n---")) {
            Some(found) => at + length + found,
            None => text.len(),
        };
    }
    pieces.extend(splitter.end(text.len()));
    pieces
}

/// What is said of a separator that is none.
pub(crate) fn invalid_separator(text: &str, line: Range<usize>) -> DocumentError {
    let rest = text.get(line.clone()).and_then(|line| line.strip_prefix("---")).unwrap_or_default().trim();
    let message = format!("invalid Yaml document separator: {rest}");
    DocumentError::new(ErrorKind::Syntax, message, Span::new(line.start, line.end)).located(text)
}
