//! Questions put to the oracle and to kordon at the same time. Without `KORDON_ORACLE` nothing is asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::document::{Limits, documents};
use kordon_differential::{
    conversions, custom, differences, every_field, kordon, oracle, oracle_path, packs, path, pods, quotas,
    random_objects, random_updates, read, shared, strained, strained_in_storage, typecheck, updates, vectors,
};
use kordon_shared::batch::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

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

/// Whether there is time for all there is to ask.
fn every() -> bool {
    std::env::var_os("KORDON_EVERY").is_some()
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

/// The share of equal answers by kind, as a committed snapshot.
fn by_kind(file: &str, what: &str, questions: &[Value]) {
    if oracle_path().is_none() || questions.is_empty() {
        return;
    }
    let wanted = oracle(Kind::Admit, questions);
    let differing = differences(Kind::Admit, questions, &wanted, false);
    let kind_of = |question: &Value| {
        let object = &question["object"];
        format!("{} {}", object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())
    };
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for question in questions {
        kinds.entry(kind_of(question)).or_default().1 += 1;
    }
    for difference in &differing {
        kinds.entry(kind_of(&difference.question)).or_default().0 += 1;
    }
    let equal = questions.len() - differing.len();
    let mut text = format!(
        "{equal} of {} {what} of {} kinds are as the API server's own code has them\n",
        questions.len(),
        kinds.len()
    );
    let errors = wanted.iter().filter_map(|answer| answer["errors"].as_array());
    let (refused, errors) = errors.fold((0, 0), |sum, errors| (sum.0 + 1, sum.1 + errors.len()));
    text.push_str(&format!("{refused} are refused, with {errors} errors\n"));
    for (kind, (differ, total)) in kinds {
        text.push_str(&format!("{kind}: {} of {total}\n", total - differ));
    }
    for difference in &differing {
        text.push_str(&format!("{}\n", difference.question["id"]));
        eprintln!("{difference}");
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../recorded").join(file);
    if std::env::var_os("KORDON_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default(), "`KORDON_BLESS=1` accepts");
}

#[test]
fn admit_by_kind() {
    by_kind("admit-by-kind.txt", "manifests", &shared(Kind::Admit));
}

#[test]
fn admit_updates_by_kind() {
    by_kind("update-by-kind.txt", "updates", &updates(&shared(Kind::Admit), 5));
}

#[test]
fn admit_random_updates() {
    let each = if every() { 60 } else { 6 };
    ask(Kind::Admit, &random_updates(each, 21));
}

#[test]
fn admit_conversions() {
    let each = if every() { 200 } else { 20 };
    ask(Kind::Admit, &conversions(each, 31));
}

/// Each field of each kind by itself, of which a part will do in one run; `KORDON_EVERY=1` asks for all.
#[test]
fn admit_every_field() {
    let step = if every() { 1 } else { 11 };
    let questions: Vec<Value> = every_field().into_iter().step_by(step).collect();
    ask(Kind::Admit, &questions);
}

#[test]
fn admit_random_objects() {
    let each = if every() { 200 } else { 10 };
    ask(Kind::Admit, &random_objects(each, 11, true));
    ask(Kind::Admit, &random_objects(each, 12, false));
}

/// What is refused by the rules of fields, and what is not.
#[test]
fn admit_strained_by_kind() {
    by_kind("strained-by-kind.txt", "strained objects", &strained(20, 41));
}

/// The same of others, which `KORDON_SEED` chooses.
#[test]
fn admit_strained() {
    ask(Kind::Admit, &strained(if every() { 400 } else { 5 }, seed(42)));
}

#[test]
fn admit_strained_in_storage() {
    ask(Kind::Admit, &strained_in_storage(if every() { 400 } else { 10 }, seed(43)));
}

fn seed(otherwise: u64) -> u64 {
    std::env::var("KORDON_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(otherwise)
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
fn psa() {
    recorded_and_shared(Kind::Psa);
    let count = if every() { 200_000 } else { 4_000 };
    ask(Kind::Psa, &pods::by_level(count, 5));
    ask(Kind::Psa, &pods::requests(count / 2, 6));
}

#[test]
fn quota() {
    ask(Kind::Quota, &quotas::quotas(if every() { 100_000 } else { 4_000 }, 7));
}

/// The fixtures of the Go module, all of which its own checks decide as their names say.
#[test]
fn psa_fixtures() {
    let questions = fixtures();
    if oracle_path().is_none() || questions.is_empty() {
        return;
    }
    assert_eq!(questions.len(), 4_537);
    ask(Kind::Psa, &questions);
    for answer in kordon(Kind::Psa, &questions) {
        let id = answer["id"].as_str().unwrap();
        assert_eq!(answer["allowed"], id.contains("/pass/"), "{answer}");
    }
}

/// What is in `test/testdata` of k8s.io/pod-security-admission, where Go has the module.
fn fixtures() -> Vec<Value> {
    let module = std::process::Command::new("go")
        .args(["list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle"))
        .output();
    let Some(module) = module.ok().filter(|output| output.status.success()) else { return Vec::new() };
    let root = Path::new(std::str::from_utf8(&module.stdout).unwrap().trim()).join("test/testdata");
    let (mut folders, mut questions) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let id = path.strip_prefix(&root).unwrap().to_str().unwrap();
                let mut parts = id.split('/');
                let (level, version) = (parts.next().unwrap(), parts.next().unwrap());
                let text = std::fs::read(&path).unwrap();
                for document in documents(id, &text, &Limits::default()) {
                    let object = document.unwrap().object;
                    questions
                        .push(json!({"id": id, "level": level, "version": version, "object": object.root()}));
                }
            }
        }
    }
    questions
}

#[test]
fn crd() {
    recorded_and_shared(Kind::Crd);
}

/// Custom resources from their reading to their validation; `KORDON_SEED` asks about others.
#[test]
fn custom_resources() {
    ask(Kind::Crd, &custom::random(seed(1), if every() { 60_000 } else { 3_000 }));
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

/// The policies of this repository: what the API server's own type checker says of them is nothing.
#[test]
fn packs_have_no_type_warnings() {
    let questions = packs::types();
    assert!(questions.len() > 90, "{}", questions.len());
    if oracle_path().is_some() {
        for answer in oracle(Kind::TypeCheck, &questions) {
            assert_eq!(answer["expressionWarnings"], serde_json::json!([]), "{answer}");
        }
    }
    ask(Kind::TypeCheck, &questions);
}

/// Every object of their tests, decided by the API server's own code.
#[test]
fn packs_decide_their_tests() {
    let questions = packs::requests();
    assert!(questions.len() > 300, "{}", questions.len());
    if oracle_path().is_some() {
        for (question, answer) in questions.iter().zip(oracle(Kind::Vap, &questions)) {
            let denied = answer["decisions"].as_array().is_some_and(|decisions| {
                decisions
                    .iter()
                    .any(|decision| decision["action"] == "deny" && decision["evaluation"] == "deny")
            });
            let failed = answer["decisions"].to_string().contains("\"evaluation\":\"error\"");
            assert_eq!(denied, question["id"].as_str().unwrap().contains("/fail/"), "{question}\n{answer}");
            assert!(!failed, "{question}\n{answer}");
        }
    }
    ask(Kind::Vap, &questions);
}

/// That the live questions are about everything there is.
#[test]
fn type_check_reads_every_field() {
    let (questions, fields) = typecheck::fields(typecheck::Depth::Paths);
    assert_eq!((questions.len(), fields), (301, 65_863));
    let (questions, fields) = typecheck::fields(typecheck::Depth::Structs);
    assert_eq!((questions.len(), fields), (200, 4_256));
}
