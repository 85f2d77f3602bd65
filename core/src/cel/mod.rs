//! The CEL language as Kubernetes runs it, usable alone: `Env → Program → eval`.
//!
//! Source of truth: cel-go 0.29.2 under k8s.io/apiserver 0.37.2.

pub mod advice;
pub mod ast;
pub mod checker;
pub mod compiler;
pub mod environment;
pub mod estimate;
pub mod issue;
pub mod library;
pub mod message;
pub mod parser;
pub mod program;
pub mod protobuf;
pub mod regex;
pub mod types;
pub mod value;
mod vm;
