//! How to mend what policies find: a JSON patch of the object and an edit of its text that keeps everything else.
//!
//! Nothing is offered that was not tried: the text is edited, read and decided again. The finding must be gone, no other
//! may have come, and the documents of the text must be what the patch makes of them.

mod editor;
mod file;
mod operation;
mod template;
mod written;

use crate::finding::Finding;
use kordon::document::{Document, Limits, Object, Part, documents};
use kordon::{Diagnostic, Source};
use operation::Operation;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

pub use file::{unified_diff, write_back};
pub(crate) use template::Template;

/// Documents larger than this are not edited: each try reads them again.
const LONGEST_TEXT: usize = 1024 * 1024;

/// What is to be done about findings that can be mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fixing {
    #[default]
    Nothing,
    /// Findings say how they are mended, each by itself.
    Offer,
    /// Texts are mended as a whole, one finding after the other.
    Apply,
}

/// How a finding is mended, or why it is not.
#[derive(Clone, Debug, PartialEq)]
pub enum Mending {
    Offered(Fix),
    /// The policy says how, but it cannot be done safely here.
    Refused(String),
}

/// A change that mends one finding.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Fix {
    /// Operations of RFC 6902 on the object as it was written.
    pub patch: Vec<Value>,
    /// The same as lines of the file.
    pub edits: Vec<Edit>,
}

/// Lines that take the place of others.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// The first line that goes, from 1.
    pub start_line: u32,
    /// The line after the last that goes; the same as the first when lines only come.
    pub end_line: u32,
    pub text: String,
}

/// The text of a file, or of one of its documents, with what was mended in it.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// As it was.
    pub source: Arc<Source>,
    pub text: String,
    /// What was found before and is not any more.
    pub mended: Vec<Finding>,
}

/// What tells findings of one object apart when values move.
pub(crate) type Key = (Arc<str>, Arc<str>, Arc<str>, Option<u32>);

pub(crate) fn key(finding: &Finding) -> Key {
    let Finding { policy, binding, param, index, .. } = finding;
    (Arc::clone(policy), Arc::clone(binding), Arc::clone(param), *index)
}

/// What is said of an object: the keys of its findings, and how many problems it has.
pub(crate) struct Verdict {
    pub(crate) keys: HashSet<Key>,
    pub(crate) problems: usize,
}

/// One of the documents of a text, and what is said of it.
pub(crate) struct Patient<'p> {
    pub(crate) document: &'p Document,
    /// Its number in the text.
    pub(crate) number: usize,
    pub(crate) verdict: &'p Verdict,
}

/// What came of a try.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) patch: Vec<Value>,
}

impl Patient<'_> {
    /// Tries to mend a finding. `decide` says what is said of a document.
    pub(crate) fn mend(
        &self,
        finding: &Finding,
        template: &Template,
        decide: &mut dyn FnMut(Document) -> Verdict,
    ) -> Result<Made, String> {
        let source = &self.document.source;
        if source.text.len() > LONGEST_TEXT {
            return Err("the document is too large".to_owned());
        }
        let key = key(finding);
        let before = read(source, &source.text);
        let object = json(self.document)?;
        let mut operations = operations(template, &self.document.object, &object)?;
        let mends = |decide: &mut dyn FnMut(Document) -> Verdict, operations: &[Operation]| {
            let (bytes, object) = made_of(&patched(&object, operations)?)?;
            let source = Arc::new(Source::new(&*source.name, bytes));
            let verdict = decide(Document { source, object });
            Ok::<bool, String>(!verdict.keys.contains(&key) && verdict.problems <= self.verdict.problems)
        };
        if operations.is_empty() {
            return Err("there is nothing that the policy's fix would change".to_owned());
        }
        if !mends(decide, &operations)? {
            return Err("the policy's fix does not mend it".to_owned());
        }
        // What is as it should be stays: each container, for one, is changed only if it must.
        let mut at = 0;
        while operations.len() > 1 && at < operations.len() {
            let mut fewer = operations.clone();
            fewer.remove(at);
            if mends(decide, &fewer).unwrap_or(false) {
                operations = fewer;
            } else {
                at += 1;
            }
        }
        let text = self.edited(&operations)?;
        // YAML may stand where JSON stood, but whoever reads the file as JSON could not go on.
        let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if is_json(&source.text) && !is_json(&text) {
            return Err("the text would be no JSON any more".to_owned());
        }
        let after = read(source, &text);
        self.hold(&before, &after, &patched(&object, &operations)?)?;
        let document = after.into_iter().nth(self.number).and_then(Result::ok);
        let verdict = decide(document.ok_or("the document would be gone")?);
        if verdict.keys.contains(&key) {
            return Err("the finding would stay".to_owned());
        }
        if let Some((policy, ..)) = verdict.keys.difference(&self.verdict.keys).next() {
            return Err(format!("`{policy}` would find something then"));
        }
        if verdict.problems > self.verdict.problems {
            return Err("the API server would complain then".to_owned());
        }
        Ok(Made { text, patch: operations.iter().map(Operation::patch).collect() })
    }

    /// The text with all operations done, each on what the one before has left.
    fn edited(&self, operations: &[Operation]) -> Result<String, String> {
        let mut document = self.document.clone();
        for operation in operations {
            let text = editor::edited(&document, operation)?;
            let read = read(&self.document.source, &text).into_iter().nth(self.number);
            document = read.and_then(Result::ok).ok_or("the document could not be read any more")?;
        }
        Ok(document.source.text.to_string())
    }

    /// Holds that a text has changed in what the patch changes, and in nothing else.
    fn hold(
        &self,
        before: &[Result<Document, Diagnostic>],
        after: &[Result<Document, Diagnostic>],
        expected: &Value,
    ) -> Result<(), String> {
        let changed = || "the edit would change more than it should".to_owned();
        if before.len() != after.len() {
            return Err(changed());
        }
        for (number, pair) in before.iter().zip(after).enumerate() {
            let same = match pair {
                (Ok(_), Ok(after)) if number == self.number => json(after)? == *expected,
                (Ok(before), Ok(after)) => json(before)? == json(after)?,
                (before, after) => before.is_err() == after.is_err(),
            };
            if !same {
                return Err(changed());
            }
        }
        Ok(())
    }
}

/// What a template changes in an object, each change in what the one before has left.
fn operations(template: &Template, object: &Object, json: &Value) -> Result<Vec<Operation>, String> {
    let mut operations = Vec::new();
    let mut current = object.clone();
    for (number, change) in template.0.iter().enumerate() {
        if number > 0 {
            current = made_of(&patched(json, &operations)?)?.1;
        }
        operations.extend(operation::operations(change, &current));
    }
    Ok(operations)
}

fn patched(object: &Value, operations: &[Operation]) -> Result<Value, String> {
    let operations: Value = operations.iter().map(Operation::patch).collect();
    let patch: json_patch::Patch = serde_json::from_value(operations).map_err(|error| error.to_string())?;
    let mut object = object.clone();
    json_patch::patch(&mut object, &patch).map_err(|error| error.to_string())?;
    Ok(object)
}

fn json(document: &Document) -> Result<Value, String> {
    serde_json::to_value(document.object.root()).map_err(|error| error.to_string())
}

fn made_of(json: &Value) -> Result<(String, Object), String> {
    let text = json.to_string();
    let object = Object::from_json(text.as_bytes(), &Limits::default());
    object.map(|object| (text, object)).map_err(|error| error.message)
}

/// The documents of a text that takes the place of another.
pub(crate) fn read(source: &Source, text: &str) -> Vec<Result<Document, Diagnostic>> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return documents(&source.name, text.as_bytes(), &Limits::default());
    }
    let lines_before = source.line_column(0).0.saturating_sub(1);
    let part = Part { name: &source.name, bytes: text.as_bytes(), lines_before };
    part.documents(&Limits::default())
}

/// The lines in which two texts differ.
pub(crate) fn edits(source: &Source, text: &str) -> Vec<Edit> {
    let (first, _) = source.line_column(0);
    let line = |at: usize| first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let diff = similar::TextDiff::from_lines(&*source.text, text);
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    changed
        .map(|op| {
            let new: String = diff
                .iter_changes(op)
                .filter(|change| change.tag() == similar::ChangeTag::Insert)
                .map(|change| change.value())
                .collect();
            Edit { start_line: line(op.old_range().start), end_line: line(op.old_range().end), text: new }
        })
        .collect()
}

#[cfg(test)]
mod tests;
