//! A place in the text that moves forward, with its line and column as go-yaml counts them: in characters.

/// A place in the text. Offsets are bytes, the other numbers begin at 0.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) offset: u32,
    /// Characters before it.
    pub(super) index: u32,
    pub(super) line: u32,
    /// Characters before it in its line.
    pub(super) column: u32,
}

/// Reads a text whose last line ends in a line break, written or not: kubectl hands such texts to go-yaml.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// Bytes before it that continue a character, so that characters need not be counted one by one.
    continuing: usize,
    line: u32,
    /// The index of the line's first character.
    line_start: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, at: 0, continuing: 0, line: 0, line_start: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn mark(&self) -> Mark {
        let index = self.at - self.continuing;
        Mark {
            offset: self.at.min(self.text.len()) as u32,
            index: index as u32,
            line: self.line,
            column: (index - self.line_start) as u32,
        }
    }

    pub(super) fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn column(&self) -> usize {
        self.at - self.continuing - self.line_start
    }

    /// The byte so far ahead; 0, which no text may contain, after the end.
    #[inline]
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        match self.text.as_bytes().get(self.at + ahead) {
            Some(&byte) => byte,
            None if self.at + ahead == self.text.len() && !self.text.ends_with('\n') => b'\n',
            None => 0,
        }
    }

    pub(super) fn is_end(&self) -> bool {
        self.peek(0) == 0
    }

    /// A space or a tab.
    #[inline]
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t')
    }

    /// A line break: CR, LF, NEL, LS or PS.
    #[inline]
    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            b'\r' | b'\n' => true,
            0xc2 => self.peek(ahead + 1) == 0x85,
            0xe2 => self.peek(ahead + 1) == 0x80 && matches!(self.peek(ahead + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.peek(ahead) == 0 || self.is_break(ahead)
    }

    #[inline]
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            0 | b' ' | b'\t' | b'\r' | b'\n' => true,
            0xc2 | 0xe2 => self.is_break(ahead),
            _ => false,
        }
    }

    /// A letter or digit of ASCII, `_` or `-`.
    pub(super) fn is_word(&self) -> bool {
        let byte = self.peek(0);
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    }

    /// `---` or `...` at the beginning of a line.
    #[inline]
    pub(super) fn is_document_indicator(&self) -> bool {
        matches!(self.peek(0), b'-' | b'.')
            && self.column() == 0
            && matches!((self.peek(0), self.peek(1), self.peek(2)), (b'-', b'-', b'-') | (b'.', b'.', b'.'))
            && self.is_blank_or_end(3)
    }

    /// Steps over one character, which is no line break.
    #[inline]
    pub(super) fn skip(&mut self) {
        let width = match self.peek(0) {
            0..=0xbf => 1,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
        };
        self.at += width;
        self.continuing += width - 1;
    }

    /// Steps over the characters up to the first byte of some kind, which are all of ASCII.
    #[inline]
    pub(super) fn skip_ascii(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|&byte| !is_skipped(byte)).unwrap_or(rest.len());
    }

    pub(super) fn skip_times(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_ascii(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// Steps over the rest of a line, up to its break.
    pub(super) fn skip_line(&mut self) {
        loop {
            self.skip_ascii(|byte| matches!(byte, b' '..=b'~' | b'\t'));
            if self.is_break_or_end(0) {
                return;
            }
            self.skip();
        }
    }

    /// Steps over a comment, up to the end of its line.
    pub(super) fn skip_comment(&mut self) {
        if self.peek(0) == b'#' {
            self.skip_line();
        }
    }

    /// Steps over a line break, if there is one, and gives what it counts for in a scalar.
    pub(super) fn line_break(&mut self) -> &'static str {
        let (width, characters, value) = match (self.peek(0), self.peek(1), self.peek(2)) {
            // kubectl takes one CR from the end of each line before go-yaml sees it.
            (b'\r', b'\r', b'\n') => (3, 3, "\n"),
            (b'\r', b'\n', _) => (2, 2, "\n"),
            (b'\r' | b'\n', _, _) => (1, 1, "\n"),
            (0xc2, 0x85, _) => (2, 1, "\n"),
            (0xe2, 0x80, 0xa8) => (3, 1, "\u{2028}"),
            (0xe2, 0x80, 0xa9) => (3, 1, "\u{2029}"),
            _ => return "",
        };
        self.at += width;
        self.continuing += width - characters;
        self.line += 1;
        self.line_start = self.at - self.continuing;
        value
    }

    /// Ends the last line of the text.
    pub(super) fn force_line(&mut self) {
        if self.column() != 0 {
            self.line += 1;
            self.line_start = self.at - self.continuing;
        }
    }
}
