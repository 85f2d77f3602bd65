//! The JSON reader: one pass, no recursion, as strict as Go's encoding/json about syntax.
//!
//! Numbers are int64 where they are written as integers and fit, else float64, as in apimachinery's util/json.

mod skip;
mod token;

use super::builder::{ObjectBuilder, Str};
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::object::{Object, Text};
use super::projection::{Everything, Keeps, Projection};
use crate::source::Span;
use std::sync::Arc;
use token::is_plain;

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
}
