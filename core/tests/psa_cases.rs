//! Fixtures of k8s.io/pod-security-admission: pods that a level allows or not as of a version.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::document::{Limits, Object};
use kordon::pod_security::{Evaluator, LevelVersion, PodKind, forbidden_detail};
use kordon::typed::{Options, Scheme};
use serde_json::Value;
use support::{cases, shared, snapshot};

#[test]
fn shared_cases() {
    let Some(path) = shared("psa.shown.jsonl") else { return };
    let scheme = Scheme::for_version(37).unwrap();
    let cases = cases(&path);
    let differing = cases.iter().filter_map(|case| differs(case, &scheme)).collect();
    snapshot("psa", cases.len(), differing);
}

fn differs(case: &Value, scheme: &Scheme) -> Option<String> {
    let text = |field: &str| case[field].as_str().unwrap();
    let object = Object::from_serialize(&case["object"], &Limits::default()).unwrap();
    let object = scheme.admit(&object, &Options::default()).unwrap().unwrap().object;
    let pod = PodKind::of(&object).unwrap().pod().unwrap();
    let asked =
        LevelVersion { level: text("level").parse().unwrap(), version: text("version").parse().unwrap() };
    let violations = Evaluator::default().evaluate(asked, pod);
    let decision = if violations.is_empty() { "allow" } else { "deny" };
    (text("expect") != decision)
        .then(|| format!("{}: {decision} {}", text("id"), forbidden_detail(&violations)))
}
