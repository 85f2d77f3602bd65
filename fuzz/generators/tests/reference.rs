//! kordon's VM against the naive evaluator, on random expressions over random objects.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use kordon_generators::expression::Breadth;
use kordon_generators::target::{detour, disagreement};
use kordon_generators::{Entropy, answer, bytes, expression, object, reference, strategy};
use proptest::prelude::{ProptestConfig, proptest};
use proptest::prop_assert_eq;
use proptest::test_runner::RngSeed;

/// Fixed inputs before the random ones, so that every run compares at least these.
const SEEDS: u64 = 3_000;

#[test]
fn the_vm_agrees_on_fixed_seeds() {
    let (mut compared, mut values, mut failures) = (0, 0, Vec::new());
    for seed in 0..SEEDS {
        let bytes = bytes(seed, 300);
        let mut entropy = Entropy::new(&bytes);
        let object = object::random(&mut entropy);
        let expression = expression::random(&mut entropy, Breadth::Core);
        let Some(expected) = reference::answer(&answer::env(), &expression, &object) else { continue };
        compared += 1;
        values += u64::from(expected.get("value").is_some());
        failures.extend(disagreement(&expression, &object));
    }
    assert!(failures.is_empty(), "{} of {compared} differ:\n{}", failures.len(), failures.join("\n"));
    assert!(compared > SEEDS / 2, "only {compared} of {SEEDS} expressions could be compared");
    assert!(values > SEEDS / 4, "only {values} of {SEEDS} expressions have a value");
}

#[test]
fn shortcuts_and_projections_change_nothing_on_fixed_seeds() {
    for seed in 0..SEEDS {
        let bytes = bytes(seed, 300);
        let mut entropy = Entropy::new(&bytes);
        let object = object::random(&mut entropy);
        let breadth = if seed % 2 == 0 { Breadth::Core } else { Breadth::Full };
        let expression = expression::random(&mut entropy, breadth);
        assert_eq!(detour(&expression, &object), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_vm_agrees(expression in strategy::expressions(Breadth::Core), object in strategy::objects()) {
        prop_assert_eq!(disagreement(&expression, &object), None);
    }
}
