//! All peers answer the eight checks alike, so that the benches compare the same work.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use k8s_openapi::api::apps::v1::Deployment;
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object, ObjectBuilder};
use kordon_benches::{corpus, peers};

#[test]
fn peers_agree_on_every_variant() {
    let checks = corpus::checks();
    let programs = corpus::programs();
    let cel = peers::cel::Checks::compile(checks.iter().map(|check| &check.expression));
    let mut seen = vec![(false, false); checks.len()];
    let fields = corpus::projection(&programs);
    for variant in corpus::variants() {
        let text = variant.to_string();
        let part = ObjectBuilder::default().read_json_projected(
            text.as_bytes(),
            Object::default(),
            &Limits::default(),
            &fields,
        );
        let part = part.unwrap();
        let object = corpus::object(text.as_bytes());
        let slots = [Some(Val::from_node(object.root()))];
        let context = peers::cel::context(&variant);
        let deployment: Deployment = serde_json::from_value(variant.clone()).unwrap();
        for (at, check) in checks.iter().enumerate() {
            let arena = Arena::new();
            let evaluation = programs[at].eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
            let answer = matches!(evaluation.value, Val::Bool(true));
            let name = &check.name;
            let slots = [Some(Val::from_node(part.root()))];
            let of_part = programs[at].eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
            assert_eq!(
                format!("{:?}", of_part.value),
                format!("{:?}", evaluation.value),
                "{name}: {variant}"
            );
            assert_eq!(of_part.cost, evaluation.cost, "{name}: {variant}");
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
