//! Files one document after the other, so that no more of a file is in memory than its largest document.

use crate::api::Text;
use crate::files::{InputFile, MAX_FILE_BYTES};
use kordon::Diagnostic;
use kordon::document::{Document, Limits, Part, Piece as Found, Splitter, documents};
use memchr::memmem;
use std::collections::VecDeque;
#[cfg(not(target_family = "wasm"))]
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// How much is read at once.
const BLOCK: usize = 128 * 1024;

/// What comes out of a pipe is kept in memory up to this size, and in a temporary file beyond it.
#[cfg(not(target_family = "wasm"))]
const MOST_IN_MEMORY: u64 = 16 * 1024 * 1024;

/// A file to read, as often as is needed.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: Arc<str>,
    /// Whether it was named itself, not found in a folder.
    pub(crate) named: bool,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File(InputFile),
    Bytes(Vec<u8>),
    #[cfg(not(target_family = "wasm"))]
    Spooled(File),
    /// Why it cannot be had.
    Failed(Box<Diagnostic>),
}

/// A part of a file that is read by itself.
#[derive(Debug)]
pub(crate) struct Piece {
    kind: Kind,
    pub(crate) bytes: Vec<u8>,
    lines_before: u32,
}

#[derive(Debug)]
enum Kind {
    Document,
    /// A separator that is none.
    Separator,
    /// A whole file of JSON.
    File,
    /// What cannot be read, and why.
    Failed(Box<Diagnostic>),
}

impl Input {
    /// A file; what comes out of a pipe is read now, since that can be done only once.
    pub(crate) fn of(file: InputFile) -> Input {
        let (name, named): (Arc<str>, bool) = (file.name.as_str().into(), file.named);
        let content = match kept(&file) {
            Ok(Some(content)) => content,
            Ok(None) => Content::File(file),
            Err(error) => Content::Failed(Box::new(unreadable(&name, &error))),
        };
        Input { name, named, content }
    }

    pub(crate) fn of_text(text: &Text) -> Input {
        let content = Content::Bytes(text.bytes.clone());
        Input { name: text.name.as_str().into(), named: true, content }
    }

    /// The pieces of the file, from its beginning.
    pub(crate) fn pieces(&self) -> Pieces<'_> {
        let opened: io::Result<Box<dyn Read + Send + '_>> = match &self.content {
            Content::File(file) => file.open(),
            Content::Bytes(bytes) => Ok(Box::new(bytes.as_slice())),
            #[cfg(not(target_family = "wasm"))]
            Content::Spooled(file) => again(file),
            Content::Failed(problem) => return Pieces::failed(&self.name, Diagnostic::clone(problem)),
        };
        match opened {
            Ok(reader) => Pieces::of(&self.name, reader),
            Err(error) => Pieces::failed(&self.name, unreadable(&self.name, &error)),
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn again(file: &File) -> io::Result<Box<dyn Read + Send>> {
    use std::io::Seek;
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(Box::new(file))
}

/// What a file holds that can be read only once.
#[cfg(not(target_family = "wasm"))]
fn kept(file: &InputFile) -> io::Result<Option<Content>> {
    let is_file = || file.path.metadata().is_ok_and(|metadata| metadata.is_file());
    if file.embedded.is_some() || (!file.is_stdin() && is_file()) {
        return Ok(None);
    }
    let mut reader = file.open()?;
    let mut bytes = Vec::new();
    reader.by_ref().take(MOST_IN_MEMORY).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < MOST_IN_MEMORY {
        return Ok(Some(Content::Bytes(bytes)));
    }
    let mut spool = tempfile::tempfile()?;
    io::copy(&mut io::Read::chain(bytes.as_slice(), reader), &mut spool)?;
    Ok(Some(Content::Spooled(spool)))
}

#[cfg(target_family = "wasm")]
fn kept(_: &InputFile) -> io::Result<Option<Content>> {
    Ok(None)
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error("unreadable-file", format!("{name}: {error}"))
}

impl Piece {
    /// What the piece of a file holds.
    pub(crate) fn documents(&self, name: &Arc<str>) -> Vec<Result<Document, Diagnostic>> {
        let part = Part { name, bytes: &self.bytes, lines_before: self.lines_before };
        match &self.kind {
            Kind::Document => part.documents(&Limits::default()),
            Kind::Separator => vec![Err(part.invalid_separator())],
            Kind::File => documents(name, &self.bytes, &Limits::default()),
            Kind::Failed(problem) => vec![Err(Diagnostic::clone(problem))],
        }
    }
}

/// Reads a file and splits it.
pub(crate) struct Pieces<'i> {
    name: &'i str,
    reader: Box<dyn Read + Send + 'i>,
    /// What was read and is still needed.
    buffer: Vec<u8>,
    /// Where the buffer begins in the file.
    base: usize,
    /// Up to where the buffer was searched: the next separator begins after a line break from here on.
    searched: usize,
    splitter: Splitter,
    found: VecDeque<Found>,
    /// Lines of the file before a place in the buffer.
    lines: (u32, usize),
    state: State,
}

enum State {
    /// It is not yet known whether this is JSON.
    Start,
    Yaml,
    Ended,
    /// What is to be told before the end.
    Failing(Diagnostic),
}

impl<'i> Pieces<'i> {
    fn of(name: &'i str, reader: Box<dyn Read + Send + 'i>) -> Pieces<'i> {
        Pieces {
            name,
            reader,
            buffer: Vec::new(),
            base: 0,
            searched: 0,
            splitter: Splitter::default(),
            found: VecDeque::new(),
            lines: (0, 0),
            state: State::Start,
        }
    }

    fn failed(name: &'i str, problem: Diagnostic) -> Pieces<'i> {
        Pieces { state: State::Failing(problem), ..Pieces::of(name, Box::new(io::empty())) }
    }

    /// Reads another block; says whether there was one.
    fn read(&mut self) -> Result<bool, Diagnostic> {
        if self.buffer.len() as u64 > MAX_FILE_BYTES {
            let limit = MAX_FILE_BYTES / (1024 * 1024);
            let message = format!("{}: the file is larger than {limit} MiB", self.name);
            return Err(Diagnostic::error("limit-exceeded", message));
        }
        let read = self.reader.by_ref().take(BLOCK as u64).read_to_end(&mut self.buffer);
        read.map(|count| count > 0).map_err(|error| unreadable(self.name, &error))
    }

    /// Whether the file is JSON, which `---` does not split. Source: apimachinery `pkg/util/yaml/decoder.go`.
    fn is_json(&mut self) -> Result<bool, Diagnostic> {
        loop {
            let more = self.read()?;
            // Most files begin at once, and the rest of them need not be looked at.
            let is_blank = |byte: &&u8| byte.is_ascii_whitespace() || !byte.is_ascii();
            let end = self.buffer.iter().take_while(is_blank).count() + 1;
            let begin = self.buffer.get(..end).unwrap_or(&self.buffer);
            let text = String::from_utf8_lossy(begin);
            let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
            if first.is_some() || !more {
                return Ok(first == Some('{'));
            }
        }
    }

    fn step(&mut self) -> Result<Option<Piece>, Diagnostic> {
        if matches!(self.state, State::Start) {
            self.state = State::Yaml;
            if self.is_json()? {
                while self.read()? {}
                self.state = State::Ended;
                let bytes = std::mem::take(&mut self.buffer);
                return Ok(Some(Piece { kind: Kind::File, bytes, lines_before: 0 }));
            }
            if self.buffer.starts_with(b"---") {
                self.separator(0)?;
            }
        }
        while self.found.is_empty() && matches!(self.state, State::Yaml) {
            let rest = self.buffer.get(self.searched..).unwrap_or_default();
            match memmem::find(rest, b"\n---") {
                Some(at) => self.separator(self.searched + at + 1)?,
                None => {
                    self.searched = self.buffer.len().saturating_sub(3).max(self.searched);
                    self.forget();
                    if !self.read()? {
                        self.found.extend(self.splitter.end(self.base + self.buffer.len()));
                        self.state = State::Ended;
                    }
                }
            }
        }
        Ok(self.found.pop_front().map(|found| self.cut(found)))
    }

    /// A line that begins with `---` at a place in the buffer.
    fn separator(&mut self, at: usize) -> Result<(), Diagnostic> {
        let mut from = at;
        let end = loop {
            match memchr::memchr(b'\n', self.buffer.get(from..).unwrap_or_default()) {
                Some(found) => break from + found + 1,
                None => from = self.buffer.len(),
            }
            if !self.read()? {
                break self.buffer.len();
            }
        };
        let line = self.buffer.get(at..end).unwrap_or_default();
        let found = &mut self.found;
        self.splitter.separator(self.base + at, line, &mut |piece| found.push_back(piece));
        // The line break of this line may be the one before the next separator.
        self.searched = end - usize::from(line.ends_with(b"\n"));
        Ok(())
    }

    /// Drops what is not needed any more.
    fn forget(&mut self) {
        let needed = (self.splitter.needs() - self.base).min(self.searched);
        self.count_lines(needed);
        self.buffer.drain(..needed);
        self.base += needed;
        self.searched -= needed;
        self.lines.1 -= needed;
    }

    fn count_lines(&mut self, to: usize) -> u32 {
        let (lines, from) = self.lines;
        let passed = self.buffer.get(from..to).unwrap_or_default();
        let count = memchr::memchr_iter(b'\n', passed).count();
        self.lines = (lines.saturating_add(u32::try_from(count).unwrap_or(u32::MAX)), to.max(from));
        self.lines.0
    }

    fn cut(&mut self, found: Found) -> Piece {
        let (kind, range) = match found {
            Found::Document(range) => (Kind::Document, range),
            Found::Separator(range) => (Kind::Separator, range),
        };
        let (start, end) = (range.start - self.base, range.end - self.base);
        let bytes = self.buffer.get(start..end).unwrap_or_default().to_vec();
        Piece { kind, bytes, lines_before: self.count_lines(start) }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if let State::Failing(_) = self.state
            && let State::Failing(problem) = std::mem::replace(&mut self.state, State::Ended)
        {
            return Some(Piece { kind: Kind::Failed(Box::new(problem)), bytes: Vec::new(), lines_before: 0 });
        }
        match self.step() {
            Ok(piece) => piece,
            Err(problem) => {
                self.found.clear();
                self.state = State::Failing(problem);
                self.next()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// Gives its bytes a few at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(into.len());
            self.0.read(&mut into[..most])
        }
    }

    fn told(read: Vec<Result<Document, Diagnostic>>) -> Vec<String> {
        let tell = |document: Result<Document, Diagnostic>| match document {
            Ok(Document { source, object }) => {
                let root = object.root();
                let (line, column) = source.line_column(root.span().start);
                format!("{line}:{column} {}", serde_json::to_string(&root).unwrap())
            }
            Err(problem) => problem.to_string(),
        };
        read.into_iter().map(tell).collect()
    }

    /// A file that is read in pieces holds what it holds as a whole.
    #[test]
    fn pieces_are_the_documents_of_the_whole() {
        let lines: [&[u8]; 12] = [
            b"---\n",
            b"--- # x\n",
            b"--- x\n",
            b"a: b\n",
            b"c: [\n",
            b"# none\n",
            b"\n",
            b"--- \xff\n",
            b"--- # \xff\n",
            b"---",
            b"caf\xe9: 1\r\n",
            b"---\r\n",
        ];
        let name: Arc<str> = "all.yaml".into();
        let mut number: u64 = 1;
        for _ in 0..4_000 {
            let mut text = Vec::new();
            // A generator of small numbers is enough. Source: Knuth's MMIX.
            let mut next = || {
                number =
                    number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (number >> 33) as usize
            };
            let (count, width) = (next() % 9, 1 + next() % 7);
            (0..count).for_each(|_| text.extend_from_slice(lines[next() % lines.len()]));
            let pieces = Pieces::of("all.yaml", Box::new(Slow(&text, width)));
            let read = pieces.flat_map(|piece| piece.documents(&name)).collect();
            let whole = documents("all.yaml", &text, &Limits::default());
            assert_eq!(told(read), told(whole), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn json_is_read_as_a_whole() {
        let text = b"\xef\xbb\xbf \n{\"a\": 1}\n{\"b\":\n---\n2}";
        let name: Arc<str> = "all.json".into();
        let pieces: Vec<Piece> = Pieces::of("all.json", Box::new(&text[..])).collect();
        assert_eq!(pieces.len(), 1);
        let whole = documents("all.json", text, &Limits::default());
        assert_eq!(told(pieces[0].documents(&name)), told(whole));
    }

    #[test]
    fn no_more_is_held_than_a_document() {
        let text = "a: b\n---\n".repeat(200_000);
        let mut pieces = Pieces::of("all.yaml", Box::new(text.as_bytes()));
        let most = std::iter::from_fn(|| pieces.next().map(|_| pieces.buffer.capacity())).max();
        assert!(most.is_some_and(|most| most <= 4 * BLOCK), "{most:?}");
    }
}
