//! Questions about the types of policies.

mod crds;
mod fields;
mod random;
mod written;

pub use fields::{Depth, fields};
pub use random::random;
pub use written::written;

use kordon::document::{Limits, documents};
use serde_json::{Value, json};
use std::path::Path;

/// The questions whose answers are recorded.
pub fn recorded() -> Vec<Value> {
    let mut questions = written();
    questions.extend(repository());
    questions.extend(fields(Depth::Structs).0);
    questions.extend(random(7, 12));
    questions
}

/// The questions that are too many to be recorded.
pub fn live() -> Vec<Value> {
    let mut questions = fields(Depth::Paths).0;
    questions.extend(random(1, 150));
    questions
}

/// The policies of this repository.
fn repository() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut questions = Vec::new();
    let packs = folders(&folder);
    // Rules about several objects are no policies.
    let policies = packs.iter().flat_map(|pack| folders(pack)).filter(|of| !of.join("rule.yaml").exists());
    for pack in policies {
        let name = pack.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(pack.join("policy.yaml")).unwrap();
        for document in documents("policy.yaml", &text, &Limits::default()) {
            let policy = json!(document.unwrap().object.root());
            if policy["kind"] == "ValidatingAdmissionPolicy" {
                questions.push(json!({"id": format!("repository/{name}"), "policy": policy}));
            }
        }
    }
    questions
}

fn folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

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
