//! Scalars: plain, quoted and in blocks. Source: go-yaml v2 `scannerc.go`.
//!
//! A scalar that stands in the source as it is stays there; only what folding, escapes or indentation change is copied.

use super::cursor::Mark;
use super::scanner::Scanner;
use super::token::{Scan, Text, Token, TokenKind};

/// Bytes that a plain scalar goes on with whatever comes after them: letters, digits and most signs.
static PLAIN: [bool; 256] = plain();

const fn plain() -> [bool; 256] {
    let mut plain = [false; 256];
    let mut rest: &mut [bool] = &mut plain;
    let mut byte: u8 = 0;
    while let Some((own, others)) = rest.split_first_mut() {
        let ends = matches!(byte, b':' | b',' | b'?' | b'[' | b']' | b'{' | b'}');
        *own = byte > b' ' && byte <= b'~' && !ends;
        byte = byte.wrapping_add(1);
        rest = others;
    }
    plain
}

/// A scalar under way: what was copied, and from where the source is still to be copied.
#[derive(Debug)]
struct Draft {
    /// Where its copy begins, once something had to be changed.
    copied: Option<usize>,
    /// Where the part begins that is not copied.
    from: usize,
}

/// The line breaks between two lines of a scalar.
#[derive(Debug, Default)]
struct Breaks {
    first: &'static str,
    further: String,
}

impl Breaks {
    /// What folding makes of them.
    fn folded(&mut self, decoded: &mut String) {
        if self.first != "\n" {
            decoded.push_str(self.first);
        } else if self.further.is_empty() {
            decoded.push(' ');
        }
        decoded.push_str(&self.further);
        self.first = "";
        self.further.clear();
    }
}

impl Scanner<'_> {
    fn draft(&self) -> Draft {
        Draft { copied: None, from: self.cursor.at() }
    }

    /// Copies the source up to a place, before something that differs from it.
    fn copy(&mut self, draft: &mut Draft, to: usize) {
        draft.copied.get_or_insert(self.decoded.len());
        self.decoded.push_str(self.cursor.text().get(draft.from..to).unwrap_or_default());
    }

    fn finished(&mut self, mut draft: Draft, to: usize) -> Text {
        if draft.copied.is_some() {
            self.copy(&mut draft, to);
        }
        match draft.copied {
            Some(start) => Text { start: start as u32, end: self.decoded.len() as u32, decoded: true },
            None => Text { start: draft.from as u32, end: to as u32, decoded: false },
        }
    }

    fn scalar(&mut self, text: Text, plain: bool, start: Mark, end: Mark) {
        self.push(Token::new(TokenKind::Scalar { text, plain }, start, end));
    }

    pub(super) fn plain_scalar(&mut self) -> Scan {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let mut end = start;
        let mut draft = self.draft();
        let mut breaks = Breaks::default();
        let mut folding = false;
        while !self.cursor.is_document_indicator() && self.cursor.peek(0) != b'#' {
            let line = self.cursor.at();
            if self.ends_plain() {
                break;
            }
            if folding && !self.cursor.is_blank_or_end(0) {
                self.copy(&mut draft, end.offset as usize);
                breaks.folded(&mut self.decoded);
                draft.from = line;
                folding = false;
            }
            self.skip_plain();
            if self.cursor.at() > line {
                end = self.cursor.mark();
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            folding = self.plain_gap(folding, &mut breaks)?;
            if self.flow_level == 0 && (self.cursor.column() as i64) < self.indent + 1 {
                break;
            }
        }
        let text = self.finished(draft, end.offset as usize);
        self.scalar(text, true, start, end);
        if folding {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    /// Whether an indicator ends a plain scalar here.
    fn ends_plain(&self) -> bool {
        match self.cursor.peek(0) {
            b':' => self.cursor.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    fn skip_plain(&mut self) {
        loop {
            self.cursor.skip_ascii(|byte| PLAIN.get(usize::from(byte)).is_some_and(|plain| *plain));
            if self.cursor.is_blank_or_end(0) || self.ends_plain() {
                return;
            }
            self.cursor.skip();
        }
    }

    /// Steps over blanks and line breaks; says whether there was a line break.
    fn plain_gap(&mut self, mut folding: bool, breaks: &mut Breaks) -> Scan<bool> {
        loop {
            if self.cursor.is_blank(0) {
                let indented = self.cursor.column() as i64 > self.indent;
                if folding && !indented && self.cursor.peek(0) == b'\t' {
                    return self.problem("found a tab character that violates indentation");
                }
                self.cursor.skip();
            } else if self.cursor.is_break(0) {
                let found = self.cursor.line_break();
                if folding {
                    breaks.further.push_str(found);
                } else {
                    breaks.first = found;
                    folding = true;
                }
            } else {
                return Ok(folding);
            }
        }
    }

    pub(super) fn quoted_scalar(&mut self, single: bool) -> Scan {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let quote = self.cursor.peek(0);
        self.cursor.skip();
        let mut draft = self.draft();
        let mut breaks = Breaks::default();
        loop {
            if self.cursor.is_document_indicator() {
                return self.problem("found unexpected document indicator");
            }
            if self.cursor.is_end() {
                return self.problem("found unexpected end of stream");
            }
            let mut folding = self.quoted_line(single, &mut draft)?;
            if self.cursor.peek(0) == quote {
                break;
            }
            let gap = self.cursor.at();
            loop {
                if self.cursor.is_blank(0) {
                    self.cursor.skip();
                } else if self.cursor.is_break(0) {
                    let found = self.cursor.line_break();
                    if folding {
                        breaks.further.push_str(found);
                    } else {
                        breaks.first = found;
                        folding = true;
                    }
                } else {
                    break;
                }
            }
            if folding {
                self.copy(&mut draft, gap);
                breaks.folded(&mut self.decoded);
                draft.from = self.cursor.at();
            }
        }
        let text = self.finished(draft, self.cursor.at());
        self.cursor.skip();
        self.scalar(text, false, start, self.cursor.mark());
        Ok(())
    }

    /// Reads up to a blank, a line break or the closing quote; says whether an escaped line break ended it.
    fn quoted_line(&mut self, single: bool, draft: &mut Draft) -> Scan<bool> {
        loop {
            self.cursor
                .skip_ascii(|byte| byte > b' ' && byte < 0x7f && !matches!(byte, b'\'' | b'"' | b'\\'));
            if self.cursor.is_blank_or_end(0) {
                break;
            }
            match self.cursor.peek(0) {
                b'\'' if single && self.cursor.peek(1) == b'\'' => {
                    // The first of two quotes is kept.
                    self.cursor.skip();
                    self.copy(draft, self.cursor.at());
                    self.cursor.skip();
                    draft.from = self.cursor.at();
                }
                b'\'' if single => break,
                b'"' if !single => break,
                b'\\' if !single => {
                    self.copy(draft, self.cursor.at());
                    let line_break = self.cursor.is_break(1);
                    if line_break {
                        self.cursor.skip();
                        self.cursor.line_break();
                    } else {
                        self.escape()?;
                    }
                    draft.from = self.cursor.at();
                    if line_break {
                        return Ok(true);
                    }
                }
                _ => self.cursor.skip(),
            }
        }
        Ok(false)
    }

    /// Decodes an escape sequence.
    fn escape(&mut self) -> Scan {
        let digits = match self.cursor.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let Some(value) = escaped(other) else {
                    return self.problem("found unknown escape character");
                };
                self.decoded.push(value);
                self.cursor.skip_times(2);
                return Ok(());
            }
        };
        self.cursor.skip_times(2);
        let mut value: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.peek(ahead)).to_digit(16) else {
                return self.problem("did not find expected hexdecimal number");
            };
            value = value << 4 | digit;
        }
        let Some(value) = char::from_u32(value) else {
            return self.problem("found invalid Unicode character escape code");
        };
        self.decoded.push(value);
        self.cursor.skip_times(digits);
        Ok(())
    }

    pub(super) fn block_scalar(&mut self, literal: bool) -> Scan {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.cursor.mark();
        self.cursor.skip();
        let (chomping, increment) = self.block_header()?;
        let mut end = self.cursor.mark();
        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) as usize + increment,
        };
        let from = self.decoded.len();
        let mut breaks = Breaks::default();
        self.block_breaks(&mut indent, &mut breaks.further, &mut end)?;
        let mut after_blank = false;
        while self.cursor.column() == indent && !self.cursor.is_end() {
            let blank = self.cursor.is_blank(0);
            if !literal && !after_blank && !blank && breaks.first == "\n" {
                breaks.folded(&mut self.decoded);
            } else {
                self.decoded.push_str(breaks.first);
                self.decoded.push_str(&breaks.further);
                breaks.further.clear();
            }
            after_blank = blank;
            let line = self.cursor.at();
            self.cursor.skip_line();
            let content = self.cursor.text().get(line..self.cursor.at()).unwrap_or_default();
            self.decoded.push_str(content);
            breaks.first = self.cursor.line_break();
            self.block_breaks(&mut indent, &mut breaks.further, &mut end)?;
        }
        if chomping != Chomping::Strip {
            self.decoded.push_str(breaks.first);
        }
        if chomping == Chomping::Keep {
            self.decoded.push_str(&breaks.further);
        }
        let text = Text { start: from as u32, end: self.decoded.len() as u32, decoded: true };
        self.scalar(text, false, start, end);
        Ok(())
    }

    /// The indicators after `|` or `>`: how the end is cut, and the indentation, 0 when it is to be found out.
    fn block_header(&mut self) -> Scan<(Chomping, usize)> {
        let mut chomping = self.chomping();
        let mut increment = 0;
        let digit = self.cursor.peek(0);
        if digit == b'0' {
            return self.problem("found an indentation indicator equal to 0");
        }
        if digit.is_ascii_digit() {
            increment = usize::from(digit - b'0');
            self.cursor.skip();
            if chomping.is_none() {
                chomping = self.chomping();
            }
        }
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return self.problem("did not find expected comment or line break");
        }
        self.cursor.line_break();
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip();
        Some(chomping)
    }

    /// Steps over indentation and empty lines; finds out the indentation when it is 0.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String, end: &mut Mark) -> Scan {
        *end = self.cursor.mark();
        let mut deepest = 0;
        loop {
            let unindented = |column: usize| *indent == 0 || column < *indent;
            while unindented(self.cursor.column()) && self.cursor.peek(0) == b' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.column());
            if unindented(self.cursor.column()) && self.cursor.peek(0) == b'\t' {
                return self.problem("found a tab character where an indentation space is expected");
            }
            if !self.cursor.is_break(0) {
                break;
            }
            breaks.push_str(self.cursor.line_break());
            *end = self.cursor.mark();
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }
}

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

fn escaped(character: u8) -> Option<char> {
    Some(match character {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
