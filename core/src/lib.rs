//! kordon

pub mod document;
mod source;

pub use source::{Source, Span};
