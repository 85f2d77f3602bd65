//! What the test binaries share: cases read from files, and snapshots of those that do not pass.
#![allow(dead_code, reason = "each test binary uses its own part")]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the shared test cases; `None` where they are not laid out beside the repository.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("KORDON_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(folder.join("cases").join(name)).filter(|path| path.exists())
}

/// The cases of a file, one JSON value a line.
pub(crate) fn cases(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Compares the cases that differ with the committed list of known ones, `id: reason` a line. With
/// `KORDON_BLESS=1` the list is written anew.
pub(crate) fn snapshot(name: &str, total: usize, mut differing: Vec<String>) {
    differing.sort();
    let mut text = format!("{} of {total} cases pass\n", total - differing.len());
    for line in &differing {
        text.push_str(line);
        text.push('\n');
    }
    snapshot_text(name, &text);
}

/// Compares a text with the committed one.
pub(crate) fn snapshot_text(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("KORDON_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, known, "cases differ from {}; `cargo xtask bless` accepts them", path.display());
}

/// JSON numbers are compared by value: JSON readers differ in what they take for a whole number.
pub(crate) fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(elements) => elements.iter().map(by_value).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), by_value(value))).collect(),
        other => other.clone(),
    }
}
