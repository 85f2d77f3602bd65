//! kordon

pub mod admission;
pub mod authorization;
pub mod cel;
mod diagnostic;
pub mod document;
pub mod matching;
mod source;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use source::{Source, Span};
