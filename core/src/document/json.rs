//! The JSON reader: one pass, no recursion, as strict as Go's encoding/json about syntax.
//!
//! Numbers are int64 where they are written as integers and fit, else float64, as in apimachinery's util/json.

use super::builder::{ObjectBuilder, Str, distinct};
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::node::hash;
use super::object::{Object, Text};
use super::projection::{Everything, Keeps, Projection};
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
        self.read_json_by(bytes, recycled, limits, Everything)
    }

    /// The same of a part of the document: the rest is held to the same rules and limits, but not kept.
    ///
    /// ```
    /// use kordon::document::{Limits, Object, ObjectBuilder, Projection};
    /// let mut fields = Projection::default();
    /// fields.keep(&["spec", "replicas"]);
    /// let json = br#"{"spec": {"replicas": 3, "paused": false}, "status": {"replicas": 2, "replicas": 1}}"#;
    /// let mut builder = ObjectBuilder::new(Limits::default());
    /// let object = builder.read_json_projected(json, Object::default(), &Limits::default(), &fields)?;
    /// let spec = object.root().field("spec").unwrap();
    /// assert_eq!(spec.field("replicas").and_then(|node| node.as_int()), Some(3));
    /// assert!(spec.field("paused").is_none() && object.root().field("status").is_none());
    /// assert_eq!(object.duplicate_keys().len(), 1);
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
    pub fn read_json_projected(
        &mut self,
        bytes: &[u8],
        recycled: Object,
        limits: &Limits,
        projection: &Projection,
    ) -> Result<Object, DocumentError> {
        self.read_json_by(bytes, recycled, limits, projection)
    }

    fn read_json_by<K: Keeps>(
        &mut self,
        bytes: &[u8],
        recycled: Object,
        limits: &Limits,
        keeps: K,
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
        self.notes_duplicates = keeps.all();
        let buffers = std::mem::take(&mut self.reading);
        let read = match is_plain(bytes) {
            true => Reader::<true>::at(text, 0, buffers).whole(self, keeps),
            false => Reader::<false>::at(text, 0, buffers).whole(self, keeps),
        };
        self.reading = read.map_err(|error| error.located(text))?;
        Ok(self.finish().unwrap_or_default())
    }

    /// Reads the JSON value that begins at an offset of a text; gives it and the offset of what follows.
    pub(super) fn read_json_at(
        &mut self,
        text: &Arc<String>,
        at: usize,
        limits: &Limits,
    ) -> Result<(Object, usize), DocumentError> {
        self.start_shared(Arc::clone(text));
        let mut reader = Reader::<false>::at(text, at, Buffers::default());
        reader.document(self, Everything, true).map_err(|error| error.located(text))?;
        if reader.at - at > limits.max_bytes {
            let length = reader.at - at;
            let message =
                format!("the document is {length} bytes long, over the limit of {}", limits.max_bytes);
            return Err(DocumentError::new(ErrorKind::Limit, message, Span::new(at, reader.at)).located(text));
        }
        Ok((self.finish().unwrap_or_default(), reader.at))
    }
}

/// What was read, or why not: a word, as errors are rare.
type Read<T = ()> = Result<T, Box<DocumentError>>;

/// Reads one JSON value from the middle of a text. When `PLAIN`, the text has no backslash and no control character,
/// not even line breaks: as programs write JSON mostly. Only quotes are then looked for in strings.
struct Reader<'t, const PLAIN: bool> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    buffers: Buffers,
}

/// What a reader needs and leaves to the next one.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// A string without its escapes.
    scratch: String,
    /// The keys so far of the maps that are open, when not all are kept.
    keys: Vec<Met>,
    open: Vec<Open>,
    /// Of each open container that is not kept whether it is a map, and where its keys begin.
    skipped: Vec<(bool, usize)>,
}

/// A container that is open: its closing byte, what of it is kept, and where its keys begin.
#[derive(Debug)]
struct Open {
    close: u8,
    place: u32,
    keys: usize,
}

/// A key that was met, with its place.
#[derive(Debug)]
struct Met {
    hash: u32,
    key: Text,
    span: Span,
    /// The builder has it.
    kept: bool,
}

/// What a number is.
enum Number {
    Int(i64),
    Double(f64),
}

impl<'t, const PLAIN: bool> Reader<'t, PLAIN> {
    fn at(text: &'t str, at: usize, buffers: Buffers) -> Self {
        Reader { bytes: text.as_bytes(), text, at, buffers }
    }

    /// Reads the whole text; gives the buffers back.
    fn whole<K: Keeps>(mut self, builder: &mut ObjectBuilder, keeps: K) -> Read<Buffers> {
        self.document(builder, keeps, false)?;
        Ok(self.buffers)
    }

    /// Reads one value; more may follow it only when that is allowed.
    fn document<K: Keeps>(&mut self, builder: &mut ObjectBuilder, keeps: K, more: bool) -> Read {
        let mut open = std::mem::take(&mut self.buffers.open);
        let mut place = Some(keeps.root());
        let mut in_map = false;
        loop {
            if in_map {
                place = match open.last() {
                    Some(map) => self.key(builder, keeps, map.place)?,
                    None => place,
                };
            }
            let byte = self.next();
            let start = self.at;
            match byte {
                Some(b'"') => {
                    let plain = self.plain()?;
                    let span = Span::new(start, self.at);
                    match (place, plain) {
                        (None, _) => builder.skip(span)?,
                        (_, Some(text)) => builder.string_in_text(start + 1, text.len(), span)?,
                        (_, None) => builder.string(Str::Owned(&self.buffers.scratch), span)?,
                    }
                }
                Some(byte @ (b'{' | b'[')) => {
                    let span = Span::new(start, start + 1);
                    in_map = byte == b'{';
                    place = place.map(|place| if in_map { keeps.map(place) } else { keeps.list(place) });
                    if let Some(within) = place {
                        if in_map {
                            builder.begin_map(span)?
                        } else {
                            builder.begin_list(span)?
                        }
                        let close = if in_map { b'}' } else { b']' };
                        open.push(Open { close, place: within, keys: self.buffers.keys.len() });
                        self.at += 1;
                        if self.next() != Some(close) {
                            place = keeps.element(within);
                            continue;
                        }
                        self.close(builder, keeps, &mut open)?;
                    } else {
                        self.skip(builder)?;
                    }
                }
                Some(b'-' | b'0'..=b'9') => {
                    let number = self.number()?;
                    let span = Span::new(start, self.at);
                    match (place, number) {
                        (None, _) => builder.skip(span)?,
                        (_, Number::Int(value)) => builder.int(value, span)?,
                        (_, Number::Double(value)) => builder.double(value, span)?,
                    }
                }
                _ => {
                    let value = self.word()?;
                    let span = Span::new(start, self.at);
                    match (place, value) {
                        (None, _) => builder.skip(span)?,
                        (_, Some(value)) => builder.bool(value, span)?,
                        (_, None) => builder.null(span)?,
                    }
                }
            }
            // After a value: the ends of containers, and what separates it from the next one.
            loop {
                let Some(last) = open.last() else {
                    self.buffers.open = open;
                    self.space();
                    return match more || self.at == self.bytes.len() {
                        true => Ok(()),
                        false => Err(self.unexpected("the end")),
                    };
                };
                let byte = self.next();
                if byte == Some(b',') {
                    self.at += 1;
                    in_map = last.close == b'}';
                    if !in_map {
                        place = keeps.element(last.place);
                    }
                    break;
                }
                if byte != Some(last.close) {
                    let map = last.close == b'}';
                    return Err(self.unexpected(if map { "`,` or `}`" } else { "`,` or `]`" }));
                }
                self.close(builder, keeps, &mut open)?;
            }
        }
    }

    fn close<K: Keeps>(&mut self, builder: &mut ObjectBuilder, keeps: K, open: &mut Vec<Open>) -> Read {
        self.at += 1;
        let Some(Open { close, keys, .. }) = open.pop() else { return Ok(()) };
        if !keeps.all() && close == b'}' {
            self.note_repeated(builder, keys);
        }
        let end = Span::new(self.at - 1, self.at);
        Ok(builder.end(end)?)
    }

    /// Reads a key; gives what of its value is kept.
    #[inline(always)]
    fn key<K: Keeps>(&mut self, builder: &mut ObjectBuilder, keeps: K, place: u32) -> Read<Option<u32>> {
        if self.next() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.at;
        let plain = self.plain()?;
        let span = Span::new(start, self.at);
        let (key, bytes) = match plain {
            Some(bytes) => (builder.key_in_text(bytes, start + 1, span), bytes),
            None => (builder.key_apart(&self.buffers.scratch, span), self.buffers.scratch.as_bytes()),
        };
        let place = keeps.field(place, key.hash, bytes);
        if !keeps.all() {
            self.buffers.keys.push(Met { hash: key.hash, key: key.text, span, kept: place.is_some() });
        }
        if self.next() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok(place)
    }

    /// Notes the keys that stand in their map again later, when not all of them come to the builder.
    fn note_repeated(&mut self, builder: &mut ObjectBuilder, from: usize) {
        let keys = self.buffers.keys.get_mut(from..).unwrap_or_default();
        if !distinct(keys, |met| met.hash) {
            keys.sort_by(|a, b| {
                let key = |met: &Met| (met.hash, builder.bytes(met.key), met.span.start);
                key(a).cmp(&key(b))
            });
            let same = |a: &Met, b: &Met| a.hash == b.hash && builder.bytes(a.key) == builder.bytes(b.key);
            let repeated = keys.windows(2).filter_map(|pair| match pair {
                [a, b] if same(a, b) => Some((a.span, a.kept)),
                _ => None,
            });
            let mut repeated: Vec<(Span, bool)> = repeated.collect();
            repeated.sort_unstable();
            builder.note_duplicates(&repeated);
        }
        self.buffers.keys.truncate(from);
    }

    /// Reads a list or map that is not kept: what it holds is only counted and held to the rules.
    fn skip(&mut self, builder: &mut ObjectBuilder) -> Read {
        let mut open = std::mem::take(&mut self.buffers.skipped);
        loop {
            let byte = self.next();
            let start = self.at;
            match byte {
                Some(b'"') => {
                    self.plain()?;
                    builder.skip(Span::new(start, self.at))?;
                }
                Some(byte @ (b'{' | b'[')) => {
                    builder.begin_skipped(Span::new(start, start + 1))?;
                    let map = byte == b'{';
                    open.push((map, self.buffers.keys.len()));
                    self.at += 1;
                    if self.next() != Some(if map { b'}' } else { b']' }) {
                        if map {
                            self.skip_key(builder)?;
                        }
                        continue;
                    }
                    open.pop();
                    self.at += 1;
                    builder.end_skipped(Span::new(self.at - 1, self.at))?;
                }
                Some(b'-' | b'0'..=b'9') => {
                    self.number()?;
                    builder.skip(Span::new(start, self.at))?;
                }
                _ => {
                    self.word()?;
                    builder.skip(Span::new(start, self.at))?;
                }
            }
            loop {
                let Some(&(map, keys)) = open.last() else {
                    self.buffers.skipped = open;
                    return Ok(());
                };
                match self.next() {
                    Some(b',') => {
                        self.at += 1;
                        if map {
                            self.skip_key(builder)?;
                        }
                        break;
                    }
                    Some(b'}') if map => self.note_repeated(builder, keys),
                    Some(b']') if !map => {}
                    _ => return Err(self.unexpected(if map { "`,` or `}`" } else { "`,` or `]`" })),
                }
                open.pop();
                self.at += 1;
                builder.end_skipped(Span::new(self.at - 1, self.at))?;
            }
        }
    }

    #[inline]
    fn skip_key(&mut self, builder: &mut ObjectBuilder) -> Read {
        if self.next() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.at;
        let plain = self.plain()?;
        let span = Span::new(start, self.at);
        let met = match plain {
            Some(key) => {
                Met { hash: hash(key), key: Text::in_source(start + 1, key.len()), span, kept: false }
            }
            None => {
                let key = builder.key_apart(&self.buffers.scratch, span);
                Met { hash: key.hash, key: key.text, span, kept: false }
            }
        };
        self.buffers.keys.push(met);
        if self.next() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> Read<Option<bool>> {
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

    fn number(&mut self) -> Read<Number> {
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

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a string: as it stands in the text, or `None` when it had escapes and now is in `scratch`.
    #[inline(always)]
    fn plain(&mut self) -> Read<Option<&'t [u8]>> {
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
    fn plain_run(&mut self) -> u8 {
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
    fn escaped(&mut self, start: usize) -> Read {
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

    fn escape(&mut self) -> Read {
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
    fn unicode(&mut self) -> Read<char> {
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

    fn hex4(&mut self) -> Read<u32> {
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
            Some(b'!'..) => self.peek(),
            _ => {
                self.space();
                self.peek()
            }
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> Box<DocumentError> {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("found `{}`", found.escape_default()),
            None => "the text ends".to_owned(),
        };
        let message = format!("expected {wanted}, {found}");
        Box::new(DocumentError::new(ErrorKind::Syntax, message, Span::new(self.at, self.at + 1)))
    }
}

/// Whether a text has no backslashes and no control characters.
fn is_plain(bytes: &[u8]) -> bool {
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
