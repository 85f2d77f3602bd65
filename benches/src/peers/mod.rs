//! The eight checks by other means: another CEL implementation, and Rust written by hand.

pub mod cel;
pub mod typed;
pub mod untyped;
