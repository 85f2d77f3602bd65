//! What the scanner finds.

use super::cursor::Mark;
use std::borrow::Cow;

/// Why a text is no YAML, in go-yaml's words.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) message: Cow<'static, str>,
    pub(super) offset: u32,
    /// The line that go-yaml names, which is the one before for errors of the grammar; 0 when it names none.
    pub(super) line: u32,
}

pub(super) type Scan<T = ()> = Result<T, Problem>;

/// A piece of text: bytes of the source, or of what the scanner decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) decoded: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Of its start, from 0.
    pub(super) line: u32,
}

impl Token {
    pub(super) fn new(kind: TokenKind, start: Mark, end: Mark) -> Token {
        Token { kind, start: start.offset, end: end.offset, line: start.line }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum TokenKind {
    StreamStart,
    StreamEnd,
    VersionDirective {
        major: u8,
        minor: u8,
    },
    /// Its handle and prefix are a pair of the scanner's.
    TagDirective(usize),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(Text),
    Anchor(Text),
    /// Its handle and suffix are a pair of the scanner's.
    Tag(usize),
    Scalar {
        text: Text,
        plain: bool,
    },
}
