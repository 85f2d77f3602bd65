//! What all bindings of kordon share: from files to findings, and line-by-line batches.

pub mod batch;
pub mod check;
pub mod files;
pub mod render;
