//! Evaluating compiled programs allocates nothing once the arena has grown.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use kordon::admission::Request;
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, documents};
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::{Engine, Scratch};
use kordon_benches::corpus;

#[test]
fn programs_in_steady_state_allocate_nothing() {
    let programs = corpus::programs();
    let object = corpus::object(corpus::DEPLOYMENT);
    let slots = [Some(Val::from_node(object.root()))];
    let mut arena = Arena::new();
    let mut round = || {
        for program in &programs {
            let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
            assert!(matches!(evaluation.value, Val::Bool(true)), "{}", program.source());
            arena.reset();
        }
    };
    for _ in 0..3 {
        round();
    }
    let counted = allocation_counter::measure(|| {
        for _ in 0..100 {
            round();
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn bytes_become_decisions_without_an_allocation() {
    let mut decider = corpus::Decider::default();
    for _ in 0..3 {
        assert_eq!(decider.decide(corpus::DEPLOYMENT), 8);
    }
    let counted = allocation_counter::measure(|| {
        for _ in 0..100 {
            decider.decide(corpus::DEPLOYMENT);
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counted.count_total, 1, "{counted:?}");
}

const POLICY: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: shape}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: [deployments]}
  matchConditions:
  - {name: human, expression: \"request.userInfo.username != 'system:robot'\"}
  variables:
  - {name: containers, expression: object.spec.template.spec.containers}
  validations:
  - {expression: \"variables.containers.all(c, has(c.image) && c.image != '')\"}
  - {expression: object.metadata.name.size() < 64}
";

#[test]
fn an_engine_that_admits_allocates_nothing() {
    let limits = Limits::default();
    let policy = documents("policy.yaml", POLICY.as_bytes(), &limits).remove(0).unwrap();
    let policy = ValidatingAdmissionPolicy::from_document(&policy).unwrap();
    let (engine, problems) = Engine::builder().policies([policy]).build();
    assert_eq!(problems, []);
    let mut request = Request::create(corpus::object(corpus::DEPLOYMENT));
    request.user_info.username = "ann".to_owned();
    let mut scratch = Scratch::default();
    let mut round = || {
        let report = engine.evaluate_with(&mut scratch, &request);
        assert!(report.allowed && report.decisions.len() == 2, "{report:?}");
    };
    for _ in 0..3 {
        round();
    }
    let counted = allocation_counter::measure(|| {
        for _ in 0..100 {
            round();
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
