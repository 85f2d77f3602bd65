//! What is not kept of a document: it is held to the same rules, in a loop of its own that stores nothing but keys.

use super::{Met, Read, Reader};
use crate::document::builder::{ObjectBuilder, distinct};
use crate::document::node::hash;
use crate::document::object::Text;
use crate::source::Span;

impl<const PLAIN: bool> Reader<'_, PLAIN> {
    /// Reads a list or map that is not kept: what it holds is only counted and held to the rules.
    pub(super) fn skip(&mut self, builder: &mut ObjectBuilder) -> Read {
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

    /// Notes the keys that stand in their map again later, when not all of them come to the builder.
    pub(super) fn note_repeated(&mut self, builder: &mut ObjectBuilder, from: usize) {
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
}
