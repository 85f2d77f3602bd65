//! Asking both sides.

use kordon_shared::batch::{self, Kind};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Where the built oracle is, if the environment says so. `cargo xtask test` builds it where Go is.
pub fn oracle_path() -> Option<PathBuf> {
    std::env::var_os("KORDON_ORACLE").map(PathBuf::from)
}

/// The name of a kind on the command line of `kordon batch` and of the oracle.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Admit => "admit",
        Kind::Vap => "vap",
        Kind::Cel => "cel",
        Kind::Crd => "crd",
        Kind::Yaml => "yaml",
        Kind::Netpol => "netpol",
        Kind::Psa => "psa",
        Kind::Quota => "quota",
        Kind::Rbac => "rbac",
        Kind::TypeCheck => "typecheck",
    }
}

/// The oracle's answers, in the order of the questions.
pub fn oracle(kind: Kind, questions: &[Value]) -> Vec<Value> {
    let path = oracle_path().unwrap_or_else(|| panic!("KORDON_ORACLE names no oracle"));
    let mut child = Command::new(&path)
        .args(["batch", name(kind)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut input, text) = (child.stdin.take().unwrap(), lines(questions));
    let writer = std::thread::spawn(move || input.write_all(&text));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    answers(&output.stdout, questions.len())
}

/// What the oracle says of the lives of kinds, one a line.
pub fn lives() -> Vec<u8> {
    let path = oracle_path().unwrap_or_else(|| panic!("KORDON_ORACLE names no oracle"));
    let output = Command::new(&path).arg("lifecycle").output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    output.stdout
}

/// kordon's answers, in the order of the questions.
pub fn kordon(kind: Kind, questions: &[Value]) -> Vec<Value> {
    let mut output = Vec::new();
    batch::run(kind, lines(questions).as_slice(), &mut output).unwrap();
    answers(&output, questions.len())
}

fn lines(questions: &[Value]) -> Vec<u8> {
    let mut text = Vec::new();
    for question in questions {
        serde_json::to_writer(&mut text, question).unwrap();
        text.push(b'\n');
    }
    text
}

fn answers(output: &[u8], wanted: usize) -> Vec<Value> {
    let read: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(output).into_iter().collect();
    let read = read.unwrap();
    assert_eq!(read.len(), wanted, "there must be one answer for each question");
    read
}
