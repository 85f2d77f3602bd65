//! The fuzz targets without a fuzzer: on the inputs that are kept, and on random ones.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kordon::document::{Limits, Object};
use kordon_generators::answer::by_value;
use kordon_generators::target::{TARGETS, cel_parse, json_parse, policy_load, yaml_parse};
use kordon_generators::{bytes, strategy};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::prop_assert_eq;
use proptest::test_runner::RngSeed;
use std::path::Path;

#[test]
fn kept_inputs_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../regressions");
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            target(&std::fs::read(entry.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no inputs");
    }
}

#[test]
fn noise_holds() {
    for seed in 0..200 {
        for (_, target) in TARGETS {
            target(&bytes(seed, 200));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_hold(bytes in vec(any::<u8>(), 0..300)) {
        json_parse(&bytes);
        yaml_parse(&bytes);
        cel_parse(&bytes);
        policy_load(&bytes);
    }

    #[test]
    fn any_text_holds(text in "\\PC*") {
        yaml_parse(text.as_bytes());
        cel_parse(text.as_bytes());
    }

    #[test]
    fn nearly_yaml_holds(text in strategy::yaml_texts()) {
        yaml_parse(text.as_bytes());
        policy_load(text.as_bytes());
    }

    #[test]
    fn json_is_yaml(value in strategy::objects()) {
        let json = value.to_string();
        let one = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
        let other = Object::from_yaml(&json, &Limits::default()).unwrap();
        // YAML's 1.0 is JSON's 1.
        let written = |object: &Object| by_value(&serde_json::to_value(object.root()).unwrap());
        prop_assert_eq!(written(&one), written(&other));
    }
}
