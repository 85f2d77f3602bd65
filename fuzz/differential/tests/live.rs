//! Questions put to the oracle and to kordon at the same time. Without `KORDON_ORACLE` nothing is asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon_differential::{
    differences, every_field, oracle, oracle_path, path, random_objects, read, shared, typecheck, vectors,
};
use kordon_shared::batch::Kind;
use serde_json::Value;

fn ask(kind: Kind, questions: &[Value]) {
    if oracle_path().is_none() {
        return;
    }
    let wanted = oracle(kind, questions);
    let differing = differences(kind, questions, &wanted, true);
    let total = questions.len();
    let shown: Vec<String> = differing.iter().take(20).map(ToString::to_string).collect();
    assert!(
        differing.is_empty(),
        "{} of {total} answers differ, the first are:\n{}",
        differing.len(),
        shown.join("\n")
    );
}

fn recorded_and_shared(kind: Kind) {
    let mut questions: Vec<Value> = read(&path(kind)).into_iter().map(|exchange| exchange.question).collect();
    questions.extend(shared(kind));
    ask(kind, &questions);
}

#[test]
fn estimates() {
    ask(Kind::Cel, &vectors::estimates());
}

#[test]
fn admit() {
    recorded_and_shared(Kind::Admit);
}

/// Each field of each kind by itself, of which a part will do in one run; `KORDON_EVERY=1` asks for all.
#[test]
fn admit_every_field() {
    let step = if std::env::var_os("KORDON_EVERY").is_some() { 1 } else { 11 };
    let questions: Vec<Value> =
        every_field().into_iter().step_by(step).filter(|question| !is_known(question)).collect();
    ask(Kind::Admit, &questions);
}

#[test]
fn admit_random_objects() {
    ask(Kind::Admit, &random_objects(10, 11, true));
    ask(Kind::Admit, &random_objects(10, 12, false));
}

/// A list that is written but empty is not nil to Go; the API server then refuses it.
fn is_known(question: &Value) -> bool {
    let behavior = &question["object"]["spec"]["behavior"];
    ["scaleUp", "scaleDown"].iter().any(|rules| behavior[rules]["policies"] == serde_json::json!([]))
}

#[test]
fn cel() {
    recorded_and_shared(Kind::Cel);
}

#[test]
fn yaml() {
    recorded_and_shared(Kind::Yaml);
}

#[test]
fn rbac() {
    recorded_and_shared(Kind::Rbac);
}

#[test]
fn crd() {
    recorded_and_shared(Kind::Crd);
}

#[test]
fn vap() {
    recorded_and_shared(Kind::Vap);
}

#[test]
fn type_check() {
    recorded_and_shared(Kind::TypeCheck);
    ask(Kind::TypeCheck, &typecheck::live());
}

/// That the live questions are about everything there is.
#[test]
fn type_check_reads_every_field() {
    let (questions, fields) = typecheck::fields(typecheck::Depth::Paths);
    assert_eq!((questions.len(), fields), (301, 65_863));
    let (questions, fields) = typecheck::fields(typecheck::Depth::Structs);
    assert_eq!((questions.len(), fields), (200, 4_256));
}
