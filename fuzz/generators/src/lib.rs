//! Random CEL expressions and objects, and a naive evaluator of CEL to hold kordon's against.
//!
//! All randomness comes from bytes ([`Entropy`]), so that a fuzzer, proptest and a plain seed drive the same
//! generators. The fuzz targets and the tests are glue around this library.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "test code stops when it goes wrong"
)]

pub mod adversarial;
pub mod answer;
pub mod differential;
mod entropy;
pub mod expression;
pub mod object;
pub mod pattern;
pub mod reference;
pub mod strategy;
pub mod target;
pub mod yaml;

pub use entropy::{Entropy, bytes};
