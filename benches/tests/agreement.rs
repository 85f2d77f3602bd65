//! All peers answer the eight checks alike, so that the benches compare the same work.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use k8s_openapi::api::apps::v1::Deployment;
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::value::{Arena, Val};
use kordon_benches::{corpus, peers};

#[test]
fn peers_agree_on_every_variant() {
    let checks = corpus::checks();
    let programs = corpus::programs();
    let cel = peers::cel::Checks::compile(checks.iter().map(|check| &check.expression));
    let mut seen = vec![(false, false); checks.len()];
    for variant in corpus::variants() {
        let object = corpus::object(variant.to_string().as_bytes());
        let slots = [Some(Val::from_node(object.root()))];
        let context = peers::cel::context(&variant);
        let deployment: Deployment = serde_json::from_value(variant.clone()).unwrap();
        for (at, check) in checks.iter().enumerate() {
            let arena = Arena::new();
            let evaluation = programs[at].eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
            let answer = matches!(evaluation.value, Val::Bool(true));
            let name = &check.name;
            assert_eq!(peers::typed::CHECKS[at](&deployment), answer, "k8s-openapi, {name}: {variant}");
            assert_eq!(peers::untyped::CHECKS[at](&variant), answer, "serde_json, {name}: {variant}");
            assert_eq!(cel.answer(at, &context), answer, "cel, {name}: {variant}");
            if answer { seen[at].0 = true } else { seen[at].1 = true }
        }
    }
    for (check, seen) in checks.iter().zip(seen) {
        assert_eq!(seen, (true, true), "{} is both true and false of some variant", check.name);
    }
}

#[test]
fn the_deployment_passes_every_check() {
    let deployment: Deployment = serde_json::from_slice(corpus::DEPLOYMENT).unwrap();
    assert!(peers::typed::CHECKS.iter().all(|check| check(&deployment)));
}
