//! Reading kordon's own files strictly: a field that is not known is an error with its place, as it would silently not
//! count.

use kordon::document::{Document, Limits, NodeRef, documents};
use kordon::{Diagnostic, Label, Source, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The version of all of them.
pub(crate) const API_VERSION: &str = "kordon.dev/v1alpha1";

/// A document under reading, and what was found wrong with it.
pub(crate) struct Decoder<'d> {
    source: &'d Arc<Source>,
    code: &'static str,
    pub(crate) problems: Vec<Diagnostic>,
}

impl<'d> Decoder<'d> {
    pub(crate) fn new(source: &'d Arc<Source>, code: &'static str) -> Decoder<'d> {
        Decoder { source, code, problems: Vec::new() }
    }

    pub(crate) fn label(&self, span: Span) -> Label {
        Label { source: Arc::clone(self.source), span, text: String::new() }
    }

    pub(crate) fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.code, message).at(self.source, span));
    }

    /// Holds `apiVersion`, `kind` and the names of all fields of a document's root.
    pub(crate) fn head(&mut self, root: NodeRef<'_>, kind: &str, field: &str) {
        for (name, expected) in [("apiVersion", API_VERSION), ("kind", kind)] {
            let found = root.field(name);
            if found.and_then(NodeRef::as_str) != Some(expected) {
                let span = found.map_or(root.span(), NodeRef::span);
                self.problem(span, format!("`{name}` must be `{expected}`"));
            }
        }
        self.fields(root, "", &["apiVersion", "kind", field]);
    }

    /// Holds that a node is a map of these fields, each once.
    pub(crate) fn fields(&mut self, node: NodeRef<'_>, path: &str, known: &[&str]) {
        let Some(map) = node.as_map() else {
            let what = if path.is_empty() { "the document" } else { path };
            return self.problem(node.span(), format!("`{what}` must be a map"));
        };
        for (name, value) in map.iter() {
            if !known.contains(&name) {
                let problem = Diagnostic::error(self.code, format!("unknown field `{}`", join(path, name)))
                    .at(self.source, value.key_span())
                    .help(format!("fields are {}", known.join(", ")));
                self.problems.push(problem);
            }
        }
    }

    pub(crate) fn required(&mut self, node: NodeRef<'_>, path: &str, field: &str) -> String {
        let value = node.field(field);
        let text = self.optional(node, path, field);
        let is_told = value.is_some() && text.is_none();
        if !is_told && text.as_ref().is_none_or(|text| text.trim().is_empty()) {
            let span = value.map_or(node.span(), NodeRef::span);
            self.problem(span, format!("`{}` is required", join(path, field)));
        }
        text.unwrap_or_default()
    }

    pub(crate) fn optional(&mut self, node: NodeRef<'_>, path: &str, field: &str) -> Option<String> {
        let value = node.field(field)?;
        if value.as_str().is_none() {
            self.problem(value.span(), format!("`{}` must be a string", join(path, field)));
        }
        value.as_str().map(str::to_owned)
    }

    /// A map of strings; empty when it is not there.
    pub(crate) fn strings(&mut self, node: NodeRef<'_>, path: &str, field: &str) -> BTreeMap<String, String> {
        let Some(value) = node.field(field) else { return BTreeMap::new() };
        let path = join(path, field);
        let Some(map) = value.as_map() else {
            self.problem(value.span(), format!("`{path}` must be a map of strings"));
            return BTreeMap::new();
        };
        let mut strings = BTreeMap::new();
        for (key, value) in map.iter() {
            match value.as_str() {
                Some(text) => {
                    strings.insert(key.to_owned(), text.to_owned());
                }
                None => self.problem(value.span(), format!("`{}` must be a string", join(&path, key))),
            }
        }
        strings
    }
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// The documents of a file, and why it or one of them cannot be read.
pub(crate) fn read(path: &Path, code: &'static str) -> (Vec<Document>, Vec<Diagnostic>) {
    let name = crate::files::show(path);
    match std::fs::read(path) {
        Ok(bytes) => {
            let (mut found, mut problems) = (Vec::new(), Vec::new());
            for document in documents(&name, &bytes, &Limits::default()) {
                match document {
                    Ok(document) => found.push(document),
                    Err(problem) => problems.push(problem),
                }
            }
            (found, problems)
        }
        Err(error) => (Vec::new(), vec![Diagnostic::error(code, format!("{name}: {error}"))]),
    }
}
