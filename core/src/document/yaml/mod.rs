//! YAML as kubectl understands it: `sigs.k8s.io/yaml`, which is YAML 1.1 as go-yaml v2 reads it, turned into JSON.
//!
//! The path: `split` finds the documents, `scanner` the tokens (scalars in `scalar`, tags and directives in `property`),
//! `grammar` the events, `tree` gathers them, `resolve` gives plain scalars their types, and `decode` follows aliases and
//! merges and builds the object. Each follows go-yaml's own steps, so that the same texts are refused in the same words.

mod cursor;
mod decode;
mod grammar;
mod input;
mod property;
mod resolve;
mod scalar;
mod scanner;
mod split;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use split::{Piece, Splitter};
pub(super) use split::{invalid_separator, pieces};

use super::builder::ObjectBuilder;
use super::error::{DocumentError, ErrorKind};
use super::limits::Limits;
use super::object::Object;
use crate::source::Span;
use std::ops::Range;
use std::sync::Arc;

impl Object {
    /// Reads one YAML document; what follows it is not looked at, as in go-yaml. Nothing but comments is `null`.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// let object = Object::from_yaml("mode: 0644\nonline: yes\n", &Limits::default())?;
    /// assert_eq!(object.root().field("mode").and_then(|node| node.as_int()), Some(420));
    /// assert_eq!(object.root().field("online").and_then(|node| node.as_bool()), Some(true));
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
    pub fn from_yaml(text: &str, limits: &Limits) -> Result<Object, DocumentError> {
        let shared = Arc::new(text.to_owned());
        let mut builder = ObjectBuilder::new(*limits);
        let read = read(&shared, 0..text.len(), &mut builder, limits);
        read.map_err(|error| if error.line == 0 { error.located(text) } else { error })
    }
}

/// What a text is to `kubectl`: its documents, without those that are null, and the problems of the others.
///
/// A separator that is none ends the text, as it does for kubectl.
pub fn yaml_documents(text: &str, limits: &Limits) -> (Vec<Object>, Vec<DocumentError>) {
    let shared = Arc::new(text.to_owned());
    let mut builder = ObjectBuilder::new(*limits);
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    let pieces = pieces(text, 0);
    let stop = pieces.iter().find_map(|piece| match piece {
        Piece::Separator(line) => Some(line.start),
        Piece::Document(_) => None,
    });
    for piece in pieces {
        match piece {
            // kubectl drops the document that it has gathered so far.
            Piece::Document(range) if Some(range.end) == stop => {}
            Piece::Document(range) => match read(&shared, range, &mut builder, limits) {
                Ok(object) if object.root().is_null() => {}
                Ok(object) => documents.push(object),
                Err(error) => errors.push(error),
            },
            Piece::Separator(line) => {
                errors.push(invalid_separator(text, line));
                break;
            }
        }
    }
    (documents, errors)
}

/// Reads the first document of a part of a text. Spans are in the whole text; so are the errors' lines.
pub(super) fn read(
    text: &Arc<String>,
    range: Range<usize>,
    builder: &mut ObjectBuilder,
    limits: &Limits,
) -> Result<Object, DocumentError> {
    let part = text.get(range.clone()).unwrap_or_default();
    if part.len() > limits.max_bytes {
        let message =
            format!("the document is {} bytes long, over the limit of {}", part.len(), limits.max_bytes);
        return Err(
            DocumentError::new(ErrorKind::Limit, message, Span::new(range.start, range.end)).located(text)
        );
    }
    builder.start_shared(Arc::clone(text));
    let built = match tree::gather(part, range.start) {
        Ok(Some(tree)) => decode::decode(&tree, builder),
        Ok(None) => builder.null(Span::new(range.start, range.start)),
        Err(error) => Err(error),
    };
    built.map_err(|error| error.located(text))?;
    let span = Span::new(range.start, range.end);
    builder.finish().ok_or_else(|| DocumentError::new(ErrorKind::Syntax, "no value", span).located(text))
}
