//! Admission requests: who wants to do what to which object.
//!
//! The words are those of k8s.io/api/admission/v1 and of k8s.io/apiserver's `admission` package.

mod identity;
mod request;

pub use identity::{GroupVersionKind, GroupVersionResource, Operation};
pub use request::Request;
