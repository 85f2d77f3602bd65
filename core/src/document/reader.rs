//! All documents of a file, as `kubectl -f` would see them.

use super::builder::ObjectBuilder;
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::node::NodeRef;
use super::object::Object;
use super::yaml::{self, Piece};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use std::ops::Range;
use std::sync::Arc;

/// A document with the file that it stands in; the spans of its object are places in that file.
#[derive(Clone, Debug)]
pub struct Document {
    pub source: Arc<Source>,
    pub object: Object,
}

/// Reads the documents of a file: JSON values one after the other, or YAML documents. Empty documents are left out,
/// `List` kinds give their items. A document that cannot be read is a diagnostic in its place; the others are read.
///
/// Source: apimachinery `pkg/util/yaml/decoder.go`, cli-runtime `pkg/resource/visitor.go`.
///
/// ```
/// use kordon::document::{Limits, documents};
/// let file = "kind: A\n---\nkind: [\n---\n# nothing\n---\nkind: B\n";
/// let read = documents("all.yaml", file.as_bytes(), &Limits::default());
/// assert_eq!(read.iter().map(|document| document.is_ok()).collect::<Vec<_>>(), [true, false, true]);
/// ```
pub fn documents(name: &str, bytes: &[u8], limits: &Limits) -> Vec<Result<Document, Diagnostic>> {
    let (text, foreign) = decoded(bytes);
    let source = Arc::new(Source::new(name, text.as_str()));
    let shared = Arc::new(text);
    let text = shared.as_str();
    let mut builder = ObjectBuilder::new(*limits);
    let mut found = Vec::new();
    let mut start = 0;
    if foreign.is_empty() && text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        start = json_values(&shared, &mut builder, limits, &mut found);
    }
    let rest = text.get(start..).unwrap_or_default();
    let mut read = Vec::new();
    if found.len() <= 1 || !rest.trim().is_empty() {
        for piece in yaml::pieces(text, start) {
            found.push(match piece {
                Piece::Document(range) => one(&shared, range, &foreign, &mut builder, limits),
                Piece::Separator(line) => Err(yaml::invalid_separator(text, line)),
            });
        }
    }
    found.into_iter().for_each(|document| add(document, &source, limits, &mut read));
    read
}

/// A part of a file that a [`super::Splitter`] found, to be read by itself.
#[derive(Clone, Debug)]
pub struct Part<'p> {
    /// Of the file.
    pub name: &'p Arc<str>,
    pub bytes: &'p [u8],
    pub lines_before: u32,
}

impl Part<'_> {
    /// What [`documents`] gives for the document; the spans are places in the part.
    ///
    /// ```
    /// use kordon::document::{Limits, Part};
    /// let part = Part { name: &"all.yaml".into(), bytes: b"kind: B\nkind: [\n", lines_before: 4 };
    /// let problem = part.documents(&Limits::default()).remove(0).unwrap_err();
    /// assert!(problem.to_string().starts_with("all.yaml:6:7: "));
    /// ```
    pub fn documents(&self, limits: &Limits) -> Vec<Result<Document, Diagnostic>> {
        let (text, foreign) = decoded(self.bytes);
        let source = self.source(&text);
        let whole = 0..text.len();
        let mut read = Vec::new();
        let document = one(&Arc::new(text), whole, &foreign, &mut ObjectBuilder::new(*limits), limits);
        add(document, &source, limits, &mut read);
        read
    }

    /// What [`documents`] says of a separator that is none.
    pub fn invalid_separator(&self) -> Diagnostic {
        let (text, _) = decoded(self.bytes);
        let line = 0..text.len();
        diagnosed(&yaml::invalid_separator(&text, line), &self.source(&text))
    }

    fn source(&self, text: &str) -> Arc<Source> {
        Arc::new(Source::part(Arc::clone(self.name), text, self.lines_before))
    }
}

/// Adds what was read of a document.
fn add(
    document: Result<Object, DocumentError>,
    source: &Arc<Source>,
    limits: &Limits,
    read: &mut Vec<Result<Document, Diagnostic>>,
) {
    match document {
        Ok(object) if object.root().is_null() => {}
        Ok(object) => expand(object, source, limits, read),
        Err(error) => read.push(Err(diagnosed(&error, source))),
    }
}

/// The text, with replacement characters at the places that are not UTF-8.
fn decoded(bytes: &[u8]) -> (String, Vec<Span>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), Vec::new());
    }
    let mut text = String::with_capacity(bytes.len());
    let mut foreign = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let at = text.len();
            text.push(char::REPLACEMENT_CHARACTER);
            foreign.push(Span::new(at, text.len()));
        }
    }
    (text, foreign)
}

/// A document of a text, of which parts may not be UTF-8.
fn one(
    text: &Arc<String>,
    range: Range<usize>,
    foreign: &[Span],
    builder: &mut ObjectBuilder,
    limits: &Limits,
) -> Result<Object, DocumentError> {
    match foreign.iter().find(|span| lies_in(span, &range)) {
        Some(span) => Err(DocumentError::new(ErrorKind::Encoding, "the document is not UTF-8", *span)),
        None => yaml::read(text, range.clone(), builder, limits).map_err(|error| inside(error, text, &range)),
    }
}

fn lies_in(span: &Span, range: &Range<usize>) -> bool {
    range.contains(&(span.start as usize))
}

/// An error at the end of a document is shown at its last character, not at what follows.
fn inside(mut error: DocumentError, text: &str, range: &Range<usize>) -> DocumentError {
    let document = text.get(range.clone()).unwrap_or_default().trim_end();
    let end = range.start + document.len();
    if error.span.start as usize >= end && !document.is_empty() {
        let last = document.chars().next_back().map_or(0, char::len_utf8);
        error.span = Span::new(end - last, end);
    }
    error
}

/// Reads JSON values from the front; gives where the rest begins, which is then taken for YAML as kubectl does.
fn json_values(
    text: &Arc<String>,
    builder: &mut ObjectBuilder,
    limits: &Limits,
    found: &mut Vec<Result<Object, DocumentError>>,
) -> usize {
    let mut start = 0;
    while text.get(start..).is_some_and(|rest| !rest.trim().is_empty()) {
        match builder.read_json_at(text, start, limits) {
            Ok((object, end)) => {
                found.push(Ok(object));
                start = end;
            }
            Err(error) if found.len() > 1 => {
                found.push(Err(inside(error, text, &(start..text.len()))));
                return text.len();
            }
            Err(_) => break,
        }
    }
    start
}

fn diagnosed(error: &DocumentError, source: &Arc<Source>) -> Diagnostic {
    let code = match error.kind {
        ErrorKind::Syntax => "invalid-syntax",
        ErrorKind::Encoding => "invalid-utf8",
        ErrorKind::Limit => "limit-exceeded",
        ErrorKind::Value | ErrorKind::Serialize => "invalid-value",
    };
    let problem = Diagnostic::error(code, without_line(&error.message)).at(source, error.span);
    if error.kind == ErrorKind::Encoding { problem.help("save the file as UTF-8") } else { problem }
}

/// A message of go-yaml without its line: that counts from the document's beginning, and the place is told better.
fn without_line(message: &str) -> String {
    let Some((before, after)) = message.split_once("yaml: line ") else { return message.to_owned() };
    match after.split_once(": ") {
        Some((line, rest)) if line.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{before}yaml: {rest}")
        }
        _ => message.to_owned(),
    }
}

/// The items of a list, or the object itself.
fn expand(
    object: Object,
    source: &Arc<Source>,
    limits: &Limits,
    read: &mut Vec<Result<Document, Diagnostic>>,
) {
    let root = object.root();
    let kind = root.field("kind").and_then(NodeRef::as_str).unwrap_or_default();
    let items = root.field("items").and_then(NodeRef::as_list);
    let (Some(items), Some(item_kind)) = (items, kind.strip_suffix("List")) else {
        read.push(Ok(Document { source: Arc::clone(source), object }));
        return;
    };
    let version = root.field("apiVersion").and_then(NodeRef::as_str).unwrap_or_default();
    let mut builder = ObjectBuilder::new(*limits);
    for item in items.iter() {
        if item.as_map().is_none() {
            let message = format!("an item of `{kind}` is no object");
            read.push(Err(Diagnostic::error("invalid-value", message).at(source, item.span())));
            continue;
        }
        builder.start_shared(object.shared_text());
        // Items of typed lists may leave out what the list says.
        let implied = [("apiVersion", version), ("kind", item_kind)];
        let implied =
            implied.into_iter().filter(|(field, _)| !item_kind.is_empty() && item.field(field).is_none());
        let built = builder.copy_with(item, implied).map(|()| builder.finish());
        match built {
            Ok(Some(mut built)) => {
                let inside = |key: &&Span| item.span().start <= key.start && key.end <= item.span().end;
                built.duplicates = object.duplicate_keys().iter().filter(inside).copied().collect();
                expand(built, source, limits, read);
            }
            Ok(None) => {}
            Err(error) => read.push(Err(diagnosed(&error, source))),
        }
    }
}
