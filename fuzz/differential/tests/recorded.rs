//! kordon against the recorded answers of the API server's own code.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::schema::Schemas;
use kordon_differential::{
    Exchange, custom, differences, lives, oracle, path, path_of_estimates, pods, quotas, read, typecheck,
    vectors, write,
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

/// When versions of kinds came, were deprecated and went, as their Go types say.
#[test]
fn lifecycle() {
    let path = path(Kind::Admit).with_file_name("lifecycle.jsonl");
    if std::env::var_os("KORDON_RECORD").is_some() {
        std::fs::write(&path, lives()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let all: Vec<Schemas> = Schemas::VERSIONS.filter_map(Schemas::for_version).collect();
    let mut different = Vec::new();
    for life in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let (version, kind) = (life["apiVersion"].as_str().unwrap(), life["kind"].as_str().unwrap());
        // Lists have the lives of what they list; a review is never an object of a cluster.
        if kind.ends_with("List") || kind == "AdmissionReview" {
            continue;
        }
        let is_in = |list: &str, minor: u16| {
            life[list].as_array().is_some_and(|minors| minors.iter().any(|one| one == minor))
        };
        for schemas in &all {
            let minor = schemas.minor();
            let warning = is_in("deprecated", minor).then(|| life["warning"].as_str().unwrap().to_owned());
            let absence = schemas.absence(version, kind);
            let is_gone = absence.as_ref().is_some_and(|text| text.contains("was removed in"));
            if schemas.deprecation(version, kind) != warning || is_gone != is_in("removed", minor) {
                different.push(format!("{life} in 1.{minor}: {absence:?}"));
            }
        }
        let introduced = all[0].life(version, kind).map(|own| u64::from(own.introduced));
        if introduced.unwrap_or(0) != life["introduced"].as_u64().unwrap_or(0) {
            different.push(format!("{life}: introduced in {introduced:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
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
