//! The same questions for the oracle, which is the API server's own Go code, and for kordon.
//!
//! `fuzz/recorded` holds questions with the oracle's answers, so that kordon is compared with them without Go.
//! `cargo xtask record` asks again. The live tests ask about more than is recorded.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support fails by panicking"
)]

mod ask;
mod compare;
pub mod custom;
mod dice;
mod objects;
pub mod packs;
pub mod pods;
pub mod quotas;
mod recorded;
mod shared;
mod strained;
pub mod typecheck;
mod updates;
pub mod vectors;

pub use ask::{kordon, lives, oracle, oracle_path};
pub use compare::{Difference, differences};
pub use objects::{every_field, random_objects};
pub use recorded::{Exchange, path, path_of_estimates, read, write};
pub use shared::shared;
pub use strained::{strained, strained_in_storage};
pub use updates::{conversions, random_updates, updates};
