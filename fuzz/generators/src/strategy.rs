//! The generators as proptest strategies: bytes shrink, and with them what is made of them.

use crate::expression::{self, Breadth};
use crate::{Entropy, object, yaml};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use serde_json::Value;

/// Bytes that a generator may use for one value.
const MOST_BYTES: usize = 400;

fn entropy<T: std::fmt::Debug>(make: impl Fn(&mut Entropy<'_>) -> T) -> impl Strategy<Value = T> {
    vec(any::<u8>(), 0..MOST_BYTES).prop_map(move |bytes| make(&mut Entropy::new(&bytes)))
}

/// Expressions over the variable `object`.
pub fn expressions(breadth: Breadth) -> impl Strategy<Value = String> {
    entropy(move |entropy| expression::random(entropy, breadth))
}

/// Objects for [`expressions`].
pub fn objects() -> impl Strategy<Value = Value> {
    entropy(object::random)
}

/// Texts that are nearly YAML.
pub fn yaml_texts() -> impl Strategy<Value = String> {
    entropy(yaml::random)
}
