//! Questions with the oracle's answers, in files that are committed.

use crate::ask::name;
use crate::compare::comparable;
use kordon_shared::batch::Kind;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A question and the oracle's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub question: Value,
    pub answer: Value,
}

/// The file of a kind.
pub fn path(kind: Kind) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../recorded").join(format!("{}.jsonl", name(kind)))
}

/// What a file holds, one exchange a line; nothing when there is none.
pub fn read(path: &Path) -> Vec<Exchange> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(|line| {
        let mut value: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Exchange { question: value["question"].take(), answer: value["answer"].take() }
    });
    lines.collect()
}

/// The file of questions about estimated costs.
pub fn path_of_estimates() -> PathBuf {
    path(Kind::Cel).with_file_name("cel-estimates.jsonl")
}

/// Writes a file anew, of the answers only what is compared.
pub fn write(path: &Path, kind: Kind, exchanges: &[Exchange]) {
    let mut text = String::new();
    for Exchange { question, answer } in exchanges {
        let answer = comparable(kind, answer);
        writeln!(text, "{}", json!({"question": question, "answer": answer})).unwrap();
    }
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
