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

/// What may come next.
enum Expect {
    Value,
    /// A value or, right after `[`, its end.
    ValueOrEnd,
    /// A key or, right after `{`, its end.
    KeyOrEnd,
    Key,
    /// `,` or the end of the innermost container.
    CommaOrEnd,
}

impl Reader<'_> {
    /// Reads one value; more may follow it only when that is allowed.
    fn document(&mut self, builder: &mut ObjectBuilder, more: bool) -> Result<(), DocumentError> {
        let mut containers: Vec<u8> = Vec::new();
        let mut expect = Expect::Value;
        loop {
            self.space();
            let start = self.at;
            let byte = self.peek();
            expect = match (expect, byte) {
                (Expect::Value | Expect::ValueOrEnd, Some(b'{')) => {
                    builder.begin_map(Span::new(start, start + 1))?;
                    containers.push(b'}');
                    self.at += 1;
                    Expect::KeyOrEnd
                }
                (Expect::Value | Expect::ValueOrEnd, Some(b'[')) => {
                    builder.begin_list(Span::new(start, start + 1))?;
                    containers.push(b']');
                    self.at += 1;
                    Expect::ValueOrEnd
                }
                (Expect::ValueOrEnd, Some(b']')) | (Expect::KeyOrEnd, Some(b'}')) => {
                    self.close(builder, &mut containers)?
                }
                (Expect::Value | Expect::ValueOrEnd, Some(_)) => {
                    self.scalar(builder)?;
                    Expect::CommaOrEnd
                }
                (Expect::Key | Expect::KeyOrEnd, Some(b'"')) => {
                    self.key(builder)?;
                    Expect::Value
                }
                (Expect::CommaOrEnd, Some(b',')) => {
                    self.at += 1;
                    if containers.last() == Some(&b'}') { Expect::Key } else { Expect::Value }
                }
                (Expect::CommaOrEnd, Some(byte)) if containers.last() == Some(&byte) => {
                    self.close(builder, &mut containers)?
                }
                (Expect::Key | Expect::KeyOrEnd, _) => return Err(self.unexpected("a key in double quotes")),
                (Expect::CommaOrEnd, _) => {
                    let map = containers.last() == Some(&b'}');
                    return Err(self.unexpected(if map { "`,` or `}`" } else { "`,` or `]`" }));
                }
                (_, None) => return Err(self.unexpected("a value")),
            };
            if containers.is_empty() {
                self.space();
                return if more || self.at == self.bytes.len() {
                    Ok(())
                } else {
                    Err(self.unexpected("the end"))
                };
            }
        }
    }

    fn close(&mut self, builder: &mut ObjectBuilder, open: &mut Vec<u8>) -> Result<Expect, DocumentError> {
        self.at += 1;
        open.pop();
        builder.end(Span::new(self.at - 1, self.at))?;
        Ok(Expect::CommaOrEnd)
    }

    fn key(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let start = self.at;
        let plain = self.string()?;
        let span = Span::new(start, self.at);
        match plain {
            Some((offset, length)) => builder.key(Str::Source { offset, length }, span),
            None => builder.key(Str::Owned(&self.scratch), span),
        }
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self, builder: &mut ObjectBuilder) -> Result<(), DocumentError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let plain = self.string()?;
                let span = Span::new(start, self.at);
                match plain {
                    Some((offset, length)) => builder.string(Str::Source { offset, length }, span),
                    None => builder.string(Str::Owned(&self.scratch), span),
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number(builder),
            _ => {
                for (word, kind) in [("true", 1), ("false", 0), ("null", 2)] {
                    if self.bytes.get(start..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
                        self.at += word.len();
                        let span = Span::new(start, self.at);
                        return if kind == 2 { builder.null(span) } else { builder.bool(kind == 1, span) };
                    }
                }
                Err(self.unexpected("a value"))
            }
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

    /// Reads a string: its place in the text, or `None` when it had escapes and now is in `scratch`.
    fn string(&mut self) -> Result<Option<(usize, usize)>, DocumentError> {
        self.at += 1;
        let start = self.at;
        match self.plain_run() {
            b'"' => {
                self.at += 1;
                Ok(Some((start, self.at - 1 - start)))
            }
            _ => self.escaped(start).map(|()| None),
        }
    }

    /// Steps over bytes that stand for themselves; gives the byte that ends them, 0 at the end of the text.
    fn plain_run(&mut self) -> u8 {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
        self.at += length.unwrap_or(rest.len());
        self.peek().unwrap_or(0)
    }

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

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn unexpected(&self, wanted: &str) -> DocumentError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", found.escape_default()),
            None => "the text ends".to_owned(),
        };
        let message = format!("expected {wanted}, {found}");
        DocumentError::new(ErrorKind::Syntax, message, Span::new(self.at, self.at + 1))
    }
}
