//! Which policies apply to a request: rules, selectors and an index of them.
//!
//! Behaves as k8s.io/apiserver's `admission/plugin/policy/matching` and `admission/plugin/webhook/predicates`.

mod resources;
mod selector;

pub use resources::{MatchPolicy, MatchResources, NamedRuleWithOperations, Scope};
pub use selector::{LabelSelector, LabelSelectorRequirement};
