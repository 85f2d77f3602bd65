//! All documents of a file, as `kubectl -f` would see them.

use super::builder::ObjectBuilder;
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::node::NodeRef;
use super::object::Object;
use super::yaml;
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
        for piece in pieces(text, start) {
            let piece = piece.and_then(|range| match foreign.iter().find(|span| lies_in(span, &range)) {
                Some(span) => {
                    Err(DocumentError::new(ErrorKind::Encoding, "the document is not UTF-8", *span))
                }
                None => yaml::read(&shared, range.clone(), &mut builder, limits)
                    .map_err(|error| inside(error, text, &range)),
            });
            found.push(piece);
        }
    }
    for document in found {
        match document {
            Ok(object) if object.root().is_null() => {}
            Ok(object) => expand(object, &source, limits, &mut read),
            Err(error) => read.push(Err(diagnosed(&error, &source))),
        }
    }
    read
}

/// The text, with replacement characters at the places that are not UTF-8.
fn decoded(bytes: &[u8]) -> (String, Vec<Span>) {
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

/// The documents from a place on. kubectl reads no further than a separator that is none; here only the document that
/// it begins is lost, and the file is broken all the same.
fn pieces(text: &str, start: usize) -> Vec<Result<Range<usize>, DocumentError>> {
    let mut pieces = Vec::new();
    let mut base = start;
    while let Some(rest) = text.get(base..).filter(|rest| !rest.is_empty()) {
        let mut end = base;
        let mut next = text.len();
        for chunk in yaml::chunks(rest) {
            match chunk {
                Ok(range) => {
                    end = base + range.end;
                    pieces.push(Ok(base + range.start..end));
                }
                Err(mut error) => {
                    let Span { start, end: stop } = error.span;
                    let (at, stop) = (base + start as usize, base + stop as usize);
                    if end < at {
                        pieces.push(Ok(end..at));
                    }
                    error.span = Span::new(at, stop);
                    pieces.push(Err(error));
                    let after = text.get(stop..).and_then(|after| after.find("\n---"));
                    next = after.map_or(text.len(), |after| stop + after + 1);
                }
            }
        }
        base = next;
    }
    pieces
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
