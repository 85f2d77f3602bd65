#![doc = include_str!("../../README.md")]

pub mod admission;
pub mod analysis;
pub mod authorization;
pub mod cel;
pub mod crd;
pub mod decision;
pub mod declaration;
mod diagnostic;
pub mod document;
mod engine;
mod go;
pub mod labels;
pub mod matching;
pub mod network;
pub mod pod_security;
pub mod policy;
mod quantity;
pub mod report;
pub mod schema;
mod source;
pub mod type_checking;
pub mod typed;
pub mod validation;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use engine::{Engine, EngineBuilder, Fault, Scratch};
pub use source::{Source, Span};
