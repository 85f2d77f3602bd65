//! kordon against the recorded answers of the API server's own code.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon_differential::{
    Exchange, custom, differences, oracle, path, path_of_estimates, pods, quotas, read, typecheck, vectors,
    write,
};
use kordon_shared::batch::Kind;
use serde_json::Value;
use std::path::Path;

/// With `KORDON_RECORD=1` the oracle is asked and its answers are written down; that needs `KORDON_ORACLE`.
fn recorded(kind: Kind, path: &Path, questions: Option<Vec<Value>>) {
    let mut exchanges = read(path);
    let asked =
        questions.unwrap_or_else(|| exchanges.iter().map(|exchange| exchange.question.clone()).collect());
    if std::env::var_os("KORDON_RECORD").is_some() {
        let answers = oracle(kind, &asked).into_iter();
        exchanges = asked
            .iter()
            .zip(answers)
            .map(|(question, answer)| Exchange { question: question.clone(), answer })
            .collect();
        write(path, kind, &exchanges);
        exchanges = read(path);
    }
    let (questions, answers): (Vec<Value>, Vec<Value>) =
        exchanges.into_iter().map(|exchange| (exchange.question, exchange.answer)).unzip();
    assert!(!questions.is_empty(), "{} holds nothing", path.display());
    assert!(
        questions == asked,
        "{} holds other questions than the tests ask; `cargo xtask record` asks the oracle",
        path.display()
    );
    let differing = differences(kind, &questions, &answers, false);
    let shown: Vec<String> = differing.iter().map(ToString::to_string).collect();
    assert!(
        differing.is_empty(),
        "{} of {} answers differ:\n{}",
        differing.len(),
        questions.len(),
        shown.join("\n")
    );
}

#[test]
fn admit() {
    recorded(Kind::Admit, &path(Kind::Admit), Some(vectors::admit()));
}

#[test]
fn cel() {
    recorded(Kind::Cel, &path(Kind::Cel), None);
}

#[test]
fn estimates() {
    recorded(Kind::Cel, &path_of_estimates(), Some(vectors::estimates()));
}

#[test]
fn yaml() {
    recorded(Kind::Yaml, &path(Kind::Yaml), None);
}

#[test]
fn rbac() {
    recorded(Kind::Rbac, &path(Kind::Rbac), None);
}

#[test]
fn psa() {
    let questions = pods::by_level(160, 1).into_iter().chain(pods::requests(100, 2));
    recorded(Kind::Psa, &path(Kind::Psa), Some(questions.collect()));
}

#[test]
fn quota() {
    recorded(Kind::Quota, &path(Kind::Quota), Some(quotas::quotas(150, 1)));
}

#[test]
fn crd() {
    recorded(Kind::Crd, &path(Kind::Crd), None);
}

#[test]
fn custom_resources() {
    let path = path(Kind::Crd).with_file_name("crd-resources.jsonl");
    recorded(Kind::Crd, &path, Some(custom::recorded()));
}

#[test]
fn vap() {
    recorded(Kind::Vap, &path(Kind::Vap), Some(vectors::vap()));
}

#[test]
fn type_check() {
    recorded(Kind::TypeCheck, &path(Kind::TypeCheck), Some(typecheck::recorded()));
}
