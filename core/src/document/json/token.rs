//! The smallest parts of JSON: strings, numbers, words, spaces.

use super::{Number, Read, Reader};
use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;

impl<'t, const PLAIN: bool> Reader<'t, PLAIN> {
    pub(super) fn word(&mut self) -> Read<Option<bool>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (length, value) = match rest {
            [b't', b'r', b'u', b'e', ..] => (4, Some(true)),
            [b'f', b'a', b'l', b's', b'e', ..] => (5, Some(false)),
            [b'n', b'u', b'l', b'l', ..] => (4, None),
            _ => return Err(self.unexpected("a value")),
        };
        self.at += length;
        Ok(value)
    }

    pub(super) fn number(&mut self) -> Read<Number> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(self.unexpected("a digit"));
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            integer = false;
            if self.digits() == 0 {
                return Err(self.unexpected("a digit after the decimal point"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            integer = false;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("a digit of the exponent"));
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if integer && let Ok(value) = text.parse::<i64>() {
            return Ok(Number::Int(value));
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Number::Double(value)),
            _ => Err(Box::new(DocumentError::new(
                ErrorKind::Value,
                format!("the number `{text}` is out of range"),
                Span::new(start, self.at),
            ))),
        }
    }

    pub(super) fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a string: as it stands in the text, or `None` when it had escapes and now is in `scratch`.
    #[inline(always)]
    pub(super) fn plain(&mut self) -> Read<Option<&'t [u8]>> {
        let start = self.at + 1;
        self.at = start;
        if self.plain_run() == b'"' {
            let text = self.bytes.get(start..self.at).unwrap_or_default();
            self.at += 1;
            return Ok(Some(text));
        }
        self.escaped(start).map(|()| None)
    }

    /// Steps over bytes that stand for themselves; gives the byte that ends them, 0 at the end of the text.
    #[inline(always)]
    pub(super) fn plain_run(&mut self) -> u8 {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        while let Some((word, more)) = rest.split_first_chunk::<8>() {
            let word_of = u64::from_le_bytes(*word);
            let special = if PLAIN { quote(word_of) } else { special(word_of) };
            if special != 0 {
                let within = (special.trailing_zeros() / 8) as usize;
                self.at = self.bytes.len() - rest.len() + within;
                return word.get(within).copied().unwrap_or_default();
            }
            rest = more;
        }
        let length = rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
        self.at = self.bytes.len() - rest.len() + length.unwrap_or(rest.len());
        self.peek().unwrap_or(0)
    }

    #[cold]
    pub(super) fn escaped(&mut self, start: usize) -> Read {
        self.buffers.scratch.clear();
        let mut from = start;
        loop {
            let stop = self.plain_run();
            self.buffers.scratch.push_str(self.text.get(from..self.at).unwrap_or_default());
            match stop {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape()?,
                _ if self.at == self.bytes.len() => return Err(self.unexpected("`\"` to end the string")),
                _ => return Err(self.unexpected("no control character in a string")),
            }
            from = self.at;
        }
    }

    pub(super) fn escape(&mut self) -> Read {
        self.at += 1;
        let decoded = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let decoded = self.unicode()?;
                self.buffers.scratch.push(decoded);
                return Ok(());
            }
            _ => return Err(self.unexpected("an escape such as `\\n` or `\\u0041`")),
        };
        self.at += 1;
        self.buffers.scratch.push(decoded);
        Ok(())
    }

    /// `\uXXXX`, joined with a second half when it is a surrogate; a lone half becomes U+FFFD as in Go.
    pub(super) fn unicode(&mut self) -> Read<char> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
            self.at += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let joined = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    pub(super) fn hex4(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.unexpected("four hexadecimal digits"));
        };
        self.at += 4;
        Ok(value)
    }

    #[inline]
    pub(super) fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The next byte that is no space.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u8> {
        match self.peek() {
            Some(b'!'..) => self.peek(),
            _ => {
                self.space();
                self.peek()
            }
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    pub(super) fn unexpected(&self, wanted: &str) -> Box<DocumentError> {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", found.escape_default()),
            None => "the text ends".to_owned(),
        };
        let message = format!("expected {wanted}, {found}");
        Box::new(DocumentError::new(ErrorKind::Syntax, message, Span::new(self.at, self.at + 1)))
    }
}

/// Whether a text has no backslashes and no control characters.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let is_special = |&byte: &u8| (byte < 0x20) | (byte == b'\\');
    // Whole blocks, so that many bytes are compared at a time.
    !bytes.chunks(256).any(|block| block.iter().fold(false, |any, byte| any | is_special(byte)))
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The highest bit of the first byte of a word that is a quote. Bytes after it may be marked that are none.
#[inline]
fn quote(word: u64) -> u64 {
    let word = word ^ (ONES * b'"' as u64);
    word.wrapping_sub(ONES) & !word & HIGH
}

/// The same for the first byte that ends a run of plain bytes: a quote, a backslash or a control character.
#[inline]
fn special(word: u64) -> u64 {
    let slashes = word ^ (ONES * b'\\' as u64);
    let backslash = slashes.wrapping_sub(ONES) & !slashes;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    quote(word) | (backslash | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::{quote, special};

    #[test]
    fn the_first_byte_that_ends_a_plain_run_is_found_at_each_place() {
        for byte in 0..=255 {
            for place in 0..8 {
                for around in [b'a', b'~', 0x80, 0xff, b' ', b'!', b'#', b'[', b']', 0x7f] {
                    let mut word = [around; 8];
                    word[place] = byte;
                    let ends = byte == b'"' || byte == b'\\' || byte < 0x20;
                    let found = special(u64::from_le_bytes(word));
                    assert_eq!(found != 0, ends, "{byte} at {place} between {around}");
                    assert_eq!(quote(u64::from_le_bytes(word)) != 0, byte == b'"');
                    if ends {
                        assert_eq!(found.trailing_zeros() / 8, place as u32, "{byte} between {around}");
                    }
                }
            }
        }
    }
}
