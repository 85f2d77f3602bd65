//! The policies for the Pod Security Standards decide pods as the standards' own checks do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::admission::Request;
use kordon::document::{Document, Limits, Object, documents};
use kordon::pod_security::{Evaluator, LevelVersion, PodKind};
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::report::{PolicyDecision, PolicyEvaluation};
use kordon::typed::{Options, Scheme};
use kordon::{Engine, Source};
use kordon_differential::{kordon, oracle, oracle_path, pods, shared};
use kordon_shared::batch::Kind;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const LEVELS: [&str; 2] = ["baseline", "restricted"];

/// The policy and the binding of a level.
fn policy(level: &str) -> [Value; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/pod-security");
    let text = std::fs::read(root.join(level).join("policy.yaml")).unwrap();
    let read = documents(level, &text, &Limits::default());
    let values: Vec<Value> =
        read.into_iter().map(|one| serde_json::to_value(one.unwrap().object.root()).unwrap()).collect();
    values.try_into().unwrap()
}

/// Pods that the API server can read, as it has them: many at random, and some of the shared fixtures.
fn admitted() -> Vec<Object> {
    let (scheme, limits) = (Scheme::for_version(37).unwrap(), Limits::default());
    let questions = [pods::by_level(1_500, 21), shared(Kind::Psa).into_iter().step_by(5).collect()].concat();
    let written =
        questions.iter().map(|question| Object::from_serialize(&question["object"], &limits).unwrap());
    written.filter_map(|object| Some(scheme.admit(&object, &Options::default()).ok()??.object)).collect()
}

#[test]
fn policies_agree_with_the_checks() {
    let objects = admitted();
    assert!(objects.len() > 1_000);
    for level in LEVELS {
        let [policy, mut binding] = policy(level);
        let document = Document {
            source: Arc::new(Source::new(level, policy.to_string())),
            object: Object::from_serialize(&policy, &Limits::default()).unwrap(),
        };
        let read = ValidatingAdmissionPolicy::from_document(&document).unwrap();
        let (engine, problems) = Engine::builder().policies([read]).build();
        assert!(problems.is_empty(), "{problems:?}");
        let asked: LevelVersion = level.parse().unwrap();
        let allows = |object: &Object| {
            let pod = PodKind::of(object).unwrap().pod();
            pod.is_none_or(|pod| Evaluator::default().evaluate(asked, pod).is_empty())
        };
        let mut allowed = 0;
        for object in &objects {
            let report = engine.evaluate(&Request::create(object.clone()));
            let fails = |decision: &PolicyDecision| decision.evaluation == PolicyEvaluation::Error;
            assert!(!report.decisions.iter().any(fails), "{}", object.text());
            assert_eq!(report.status.is_none(), allows(object), "{}", object.text());
            allowed += usize::from(allows(object));
        }
        assert!(allowed > 0 && allowed < objects.len(), "{allowed}");
        if oracle_path().is_none() {
            continue;
        }
        // For any namespace.
        binding["spec"].as_object_mut().unwrap().remove("matchResources");
        let some: Vec<&Object> = objects.iter().step_by(6).collect();
        let question = |object: &&Object| json!({"id": 0, "policy": policy, "binding": binding, "request": {}, "object": object.root()});
        let questions: Vec<Value> = some.iter().map(question).collect();
        for (answer, object) in oracle(Kind::Vap, &questions).iter().zip(some) {
            assert_eq!(answer["allowed"], allows(object), "{answer}");
            let decisions = answer["decisions"].as_array().unwrap();
            assert!(decisions.iter().all(|decision| decision["evaluation"] != "error"), "{answer}");
        }
    }
}

/// The API server's own type checker has nothing to say of them.
#[test]
fn policies_are_typed() {
    let questions: Vec<Value> =
        LEVELS.iter().map(|level| json!({"id": level, "policy": policy(level)[0]})).collect();
    let mut answers = kordon(Kind::TypeCheck, &questions);
    if oracle_path().is_some() {
        answers.extend(oracle(Kind::TypeCheck, &questions));
    }
    for answer in answers {
        assert_eq!(answer["expressionWarnings"], json!([]), "{answer}");
    }
}
