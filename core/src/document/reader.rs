//! All documents of a file, as `kubectl -f` would see them.

use super::builder::ObjectBuilder;
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::node::NodeRef;
use super::object::Object;
use super::yaml;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
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
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let source = Arc::new(Source::new(name, String::from_utf8_lossy(bytes)));
            let problem = Diagnostic::error("invalid-utf8", "the file is not UTF-8")
                .at(&source, Span::new(at, at + 1))
                .help("save the file as UTF-8");
            return vec![Err(problem)];
        }
    };
    let source = Arc::new(Source::new(name, text));
    let shared = Arc::new(text.to_owned());
    let mut builder = ObjectBuilder::new(*limits);
    let mut found = Vec::new();
    let mut start = 0;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        start = json_values(&shared, &mut builder, limits, &mut found);
    }
    let rest = text.get(start..).unwrap_or_default();
    if found.len() <= 1 || !rest.trim().is_empty() {
        for chunk in yaml::chunks(rest) {
            let read = chunk.and_then(|range| {
                yaml::read(&shared, start + range.start..start + range.end, &mut builder, limits)
            });
            found.push(read);
        }
    }
    let mut read = Vec::new();
    for document in found {
        match document {
            Ok(object) if object.root().is_null() => {}
            Ok(object) => expand(object, &source, limits, &mut read),
            Err(error) => read.push(Err(diagnosed(&error, &source))),
        }
    }
    read
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
                found.push(Err(error));
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
        ErrorKind::Limit => "limit-exceeded",
        ErrorKind::Value | ErrorKind::Serialize => "invalid-value",
    };
    Diagnostic::error(code, error.message.clone()).at(source, error.span)
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
            Ok(Some(object)) => expand(object, source, limits, read),
            Ok(None) => {}
            Err(error) => read.push(Err(diagnosed(&error, source))),
        }
    }
}
