//! The benches' corpus, and the same eight checks by kordon's peers: what each bench compares.
//!
//! The corpus is one Deployment (`corpus/deployment.json`) and eight expressions over it
//! (`corpus/expressions.json`), of the kinds that policies are mostly made of. `tests/agreement.rs` proves that all
//! peers give the same answers, also for Deployments that break each rule.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "no library: a bench or a test that goes wrong stops"
)]

pub mod corpus;
pub mod peers;
