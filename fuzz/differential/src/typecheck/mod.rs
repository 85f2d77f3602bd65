//! Questions about the types of policies.

mod crds;
mod fields;
mod random;

pub use fields::{Depth, fields};
pub use random::random;

use serde_json::{Value, json};

/// A policy with a spec.
fn policy(spec: Value) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": spec,
    })
}

/// A rule about resources of one version.
fn rule(group: &str, version: &str, resources: &[&str]) -> Value {
    json!({"apiGroups": [group], "apiVersions": [version], "operations": ["*"], "resources": resources})
}
