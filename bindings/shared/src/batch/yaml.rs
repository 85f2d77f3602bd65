//! How kubectl reads a YAML text.

use kordon::document::{Limits, yaml_documents};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    id: Value,
    text: String,
}

pub(super) fn answer(question: &Question) -> Value {
    let (documents, errors) = yaml_documents(&question.text, &Limits::default());
    let documents: Vec<Value> = documents.iter().map(|object| json!(object.root())).collect();
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| json!({"message": error.message, "line": error.line, "column": error.column}))
        .collect();
    json!({"id": question.id, "docs": documents, "errors": errors})
}
