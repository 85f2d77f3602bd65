//! kordon

pub mod admission;
pub mod authorization;
pub mod cel;
pub mod document;
pub mod matching;
mod source;

pub use source::{Source, Span};
