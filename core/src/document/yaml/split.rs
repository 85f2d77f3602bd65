//! How kubectl splits a file into documents, before anything is known about YAML.
//!
//! Source: apimachinery `pkg/util/yaml/decoder.go`, `YAMLReader`.

use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;
use std::ops::Range;

/// The byte ranges between lines that begin with `---`. Such a line may hold a comment besides; anything else is an
/// error, which is the last item.
pub(crate) fn chunks(text: &str) -> Vec<Result<Range<usize>, DocumentError>> {
    let mut chunks = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let message = format!("invalid Yaml document separator: {rest}");
                let error =
                    DocumentError::new(ErrorKind::Syntax, message, Span::new(at, at + line.trim_end().len()));
                chunks.push(Err(error.located(text)));
                return chunks;
            }
            // A separator before which nothing stands belongs to its document.
            if start < at {
                chunks.push(Ok(start..at));
                start = end;
            }
        }
        at = end;
    }
    if start < at {
        chunks.push(Ok(start..at));
    }
    chunks
}
