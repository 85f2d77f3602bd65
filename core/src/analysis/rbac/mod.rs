//! RBAC as a whole: bindings of what is not there, who may do what, and who can make themselves cluster-admin.

mod access;
mod bindings;
mod escalation;

pub use access::{Access, Allowed, Subject, built_in_roles};
pub(super) use bindings::BINDINGS;
pub(super) use escalation::ESCALATION;
