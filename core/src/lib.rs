//! kordon

pub mod authorization;
pub mod cel;
pub mod document;
mod source;

pub use source::{Source, Span};
