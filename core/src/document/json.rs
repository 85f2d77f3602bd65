//! The JSON reader: one pass, no recursion, as strict as Go's encoding/json about syntax.
//!
//! Numbers are int64 where they are written as integers and fit, else float64, as in apimachinery's util/json.

use super::builder::{ObjectBuilder, Str};
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::object::Object;
use crate::source::Span;
use std::sync::Arc;

impl Object {
    /// Reads one JSON document.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// let object = Object::from_json(br#"{"spec": {"replicas": 3}}"#, &Limits::default())?;
    /// let replicas = object.root().field("spec").and_then(|spec| spec.field("replicas"));
    /// assert_eq!(replicas.and_then(|node| node.as_int()), Some(3));
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
    pub fn from_json(bytes: &[u8], limits: &Limits) -> Result<Object, DocumentError> {
        let mut builder = ObjectBuilder::new(*limits);
        builder.read_json(bytes, Object::default(), limits)
    }
}

impl ObjectBuilder {
    /// Reads one JSON document into the buffers of `recycled`; once these are large enough nothing is allocated.
    pub fn read_json(
        &mut self,
        bytes: &[u8],
        recycled: Object,
        limits: &Limits,
    ) -> Result<Object, DocumentError> {
        if bytes.len() > limits.max_bytes {
            let message =
                format!("the document is {} bytes long, over the limit of {}", bytes.len(), limits.max_bytes);
            return Err(DocumentError::new(ErrorKind::Limit, message, Span::default()));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            let valid = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default()).into_owned();
            DocumentError::new(ErrorKind::Syntax, "invalid UTF-8", Span::new(at, at + 1)).located(&valid)
        })?;
        self.start(text, recycled);
        let mut reader = Reader { bytes, text, at: 0, scratch: String::new() };
        reader.document(self, false).map_err(|error| error.located(text))?;
        self.finish().ok_or_else(|| reader.unexpected("a value").located(text))
    }

    /// Reads the JSON value that begins at an offset of a text; gives it and the offset of what follows.
    pub(super) fn read_json_at(
        &mut self,
        text: &Arc<String>,
        at: usize,
        limits: &Limits,
    ) -> Result<(Object, usize), DocumentError> {
        self.start_shared(Arc::clone(text));
        let mut reader = Reader { bytes: text.as_bytes(), text, at, scratch: String::new() };
        reader.document(self, true).map_err(|error| error.located(text))?;
        if reader.at - at > limits.max_bytes {
            let length = reader.at - at;
            let message =
                format!("the document is {length} bytes long, over the limit of {}", limits.max_bytes);
            return Err(DocumentError::new(ErrorKind::Limit, message, Span::new(at, reader.at)).located(text));
        }
        let object = self.finish().ok_or_else(|| reader.unexpected("a value").located(text))?;
        Ok((object, reader.at))
    }
}

/// Reads one JSON value from the middle of a text: `(end, value built)`. YAML uses it for nothing; lists of JSON do.
struct Reader<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    scratch: String,
}

impl<'t> Reader<'t> {
    /// Reads one value; more may follow it only when that is allowed.
    fn document(&mut self, builder: &mut ObjectBuilder, more: bool) -> Result<(), DocumentError> {
        // The closing bytes of what is open.
        let mut open: Vec<u8> = Vec::with_capacity(16);
        loop {
            self.begin_values(builder, &mut open)?;
            // After a value: the ends of containers, and what separates it from the next one.
            loop {
                let Some(&close) = open.last() else {
                    self.space();
                    return match more || self.at == self.bytes.len() {
                        true => Ok(()),
                        false => Err(self.unexpected("the end")),
                    };
                };
                match self.next() {
                    Some(b',') => {
                        self.at += 1;
                        if close == b'}' {
                            self.key(builder)?;
                        }
                        break;
                    }
                    Some(byte) if byte == close => self.close(builder, &mut open)?,
                    _ if close == b'}' => return Err(self.unexpected("`,` or `}`")),
                    _ => return Err(self.unexpected("`,` or `]`")),
                }
            }
        }
    }

    /// Reads the beginnings of containers up to the first scalar in them, or to the end of an empty one.
    #[inline]
    fn begin_values(
        &mut self,
        builder: &mut ObjectBuilder,
        open: &mut Vec<u8>,
    ) -> Result<(), DocumentError> {
        loop {
            let byte = self.next();
            let start = self.at;
            match byte {
                Some(b'"') => return self.text(builder),
                Some(b'{') => {
                    builder.begin_map(Span::new(start, start + 1))?;
                    open.push(b'}');
                    self.at += 1;
                    if self.next() == Some(b'}') {
                        return self.close(builder, open);
                    }
                    self.key(builder)?;
                }
                Some(b'[') => {
                    builder.begin_list(Span::new(start, start + 1))?;
                    open.push(b']');
                    self.at += 1;
                    if self.next() == Some(b']') {
                        return self.close(builder, open);
                    }
                }
                Some(b'-' | b'0'..=b'9') => return self.number(builder),
                _ => return self.word(builder),
            }
        }
    }

    fn close(&mut self, builder: &mut ObjectBuilder, open: &mut Vec<u8>) -> Result<(), DocumentError> {
        self.at += 1;
        open.pop();
        builder.end(Span::new(self.at - 1, self.at))
    }

    #[inline]
    fn key(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        if self.next() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.at;
        match self.plain()? {
            Some(key) => builder.key_in_text(key, start + 1, Span::new(start, self.at)),
            None => builder.key(Str::Owned(&self.scratch), Span::new(start, self.at)),
        }
        if self.next() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn text(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let start = self.at;
        match self.plain()? {
            Some(text) => builder.string_in_text(start + 1, text.len(), Span::new(start, self.at)),
            None => builder.string(Str::Owned(&self.scratch), Span::new(start, self.at)),
        }
    }

    fn word(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (length, value) = match rest {
            [b't', b'r', b'u', b'e', ..] => (4, Some(true)),
            [b'f', b'a', b'l', b's', b'e', ..] => (5, Some(false)),
            [b'n', b'u', b'l', b'l', ..] => (4, None),
            _ => return Err(self.unexpected("a value")),
        };
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        match value {
            Some(value) => builder.bool(value, span),
            None => builder.null(span),
        }
    }

    fn number(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
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
        let span = Span::new(start, self.at);
        let text = self.text.get(start..self.at).unwrap_or_default();
        if integer && let Ok(value) = text.parse::<i64>() {
            return builder.int(value, span);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => builder.double(value, span),
            _ => Err(DocumentError::new(
                ErrorKind::Value,
                format!("the number `{text}` is out of range"),
                span,
            )),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a string: as it stands in the text, or `None` when it had escapes and now is in `scratch`.
    #[inline]
    fn plain(&mut self) -> Result<Option<&'t [u8]>, DocumentError> {
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
    #[inline]
    fn plain_run(&mut self) -> u8 {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        while let Some((word, more)) = rest.split_first_chunk::<8>() {
            let special = special(u64::from_le_bytes(*word));
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
    fn escaped(&mut self, start: usize) -> Result<(), DocumentError> {
        self.scratch.clear();
        let mut from = start;
        loop {
            let stop = self.plain_run();
            self.scratch.push_str(self.text.get(from..self.at).unwrap_or_default());
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

    fn escape(&mut self) -> Result<(), DocumentError> {
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
                self.scratch.push(decoded);
                return Ok(());
            }
            _ => return Err(self.unexpected("an escape such as `\\n` or `\\u0041`")),
        };
        self.at += 1;
        self.scratch.push(decoded);
        Ok(())
    }

    /// `\uXXXX`, joined with a second half when it is a surrogate; a lone half becomes U+FFFD as in Go.
    fn unicode(&mut self) -> Result<char, DocumentError> {
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

    fn hex4(&mut self) -> Result<u32, DocumentError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.unexpected("four hexadecimal digits"));
        };
        self.at += 4;
        Ok(value)
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The next byte that is no space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        match self.peek() {
            Some(b' ' | b'\t' | b'\n' | b'\r') => {
                self.space();
                self.peek()
            }
            other => other,
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> DocumentError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", found.escape_default()),
            None => "the text ends".to_owned(),
        };
        let message = format!("expected {wanted}, {found}");
        DocumentError::new(ErrorKind::Syntax, message, Span::new(self.at, self.at + 1))
    }
}

/// The highest bit of the first byte of a word that ends a run of plain bytes: a quote, a backslash or a control
/// character. Bytes after the first may be marked that are none.
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::special;

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
                    if ends {
                        assert_eq!(found.trailing_zeros() / 8, place as u32, "{byte} between {around}");
                    }
                }
            }
        }
    }
}
