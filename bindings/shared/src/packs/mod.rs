//! The policies of `policies/`, as they are carried in the binary.

mod metadata;
mod selection;

use crate::files::InputFile;
use kordon::Diagnostic;
use kordon::document::{Limits, documents};
use std::path::{Path, PathBuf};

pub use metadata::{Control, Gravity, Metadata};
pub use selection::Selection;

/// Pack, name, the file's name, its text and README.md of each.
const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// What a path begins with that names packs.
const PREFIX: &str = "pack:";

/// A policy of a pack, or a rule about several objects.
#[derive(Clone, Debug)]
pub struct PackPolicy {
    pub pack: &'static str,
    pub name: &'static str,
    /// `policy.yaml` or `rule.yaml`.
    pub file_name: &'static str,
    /// The policy, its binding and its params; or the rule.
    pub text: &'static str,
    /// What it is about, for people.
    pub readme: &'static str,
    pub metadata: Metadata,
}

impl PackPolicy {
    /// One sentence: the comment on top of the policy.
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }

    /// Whether only kordon decides it, not a cluster.
    pub fn is_rule(&self) -> bool {
        self.file_name == "rule.yaml"
    }

    pub(crate) fn file(&self) -> InputFile {
        let name = format!("{PREFIX}{}/{}/{}", self.pack, self.name, self.file_name);
        InputFile { path: PathBuf::from(&name), name, named: true, embedded: Some(self.text) }
    }
}

/// A row of what is embedded.
type Embedded = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// All policies, by pack and name.
pub fn all() -> Vec<PackPolicy> {
    EMBEDDED.iter().map(read).collect()
}

/// The policies that a name means: those of a pack, one as `pack/policy` or by its own name, or `all`.
pub fn find(name: &str) -> Result<Vec<PackPolicy>, Diagnostic> {
    let is_meant = |&&(pack, policy, ..): &&Embedded| {
        name == "all"
            || name == pack
            || names(pack, policy, name)
            || name.split_once('/') == Some((pack, policy))
    };
    let found: Vec<PackPolicy> = EMBEDDED.iter().filter(is_meant).map(read).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let mut packs: Vec<&str> = EMBEDDED.iter().map(|(pack, ..)| *pack).collect();
    packs.dedup();
    let problem = Diagnostic::error("unknown-pack", format!("no pack and no policy is named `{name}`"));
    Err(problem.help(format!("packs are {}; `kordon list` shows their policies", packs.join(", "))))
}

fn names(pack: &str, policy: &str, name: &str) -> bool {
    name == policy || name.strip_prefix(pack).and_then(|rest| rest.strip_prefix('-')) == Some(policy)
}

fn read(&(pack, name, file_name, text, readme): &Embedded) -> PackPolicy {
    let first = documents(name, text.as_bytes(), &Limits::default()).into_iter().find_map(Result::ok);
    let metadata = first.map(|document| Metadata::of(&document.object)).unwrap_or_default();
    PackPolicy { pack, name, file_name, text, readme, metadata }
}

/// Whether there is something to explain of a policy.
pub(crate) fn is_carried(name: &str) -> bool {
    EMBEDDED.iter().any(|(pack, policy, ..)| names(pack, policy, name))
}

/// The policy that kordon carries under the name of a policy's object. A folder may leave out what its pack says.
pub(crate) fn carried(name: &str) -> Option<PackPolicy> {
    EMBEDDED.iter().find(|(pack, policy, ..)| names(pack, policy, name)).map(read)
}

/// The packs that a path such as `pack:workload` names.
pub(crate) fn named_by(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix(PREFIX)
}

/// What `kubectl apply` takes: the policies with their bindings and params, and the namespace of params.
pub fn export(policies: &[PackPolicy], action: Option<&str>) -> String {
    let mut texts = Vec::new();
    if policies.iter().any(|policy| policy.text.contains("\n  namespace: kordon\n")) {
        texts.push("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: kordon\n".to_owned());
    }
    for policy in policies.iter().filter(|policy| !policy.is_rule()) {
        let lines = policy.text.lines().map(|line| match (action, line.split_once("validationActions:")) {
            (Some(action), Some((indent, _))) => format!("{indent}validationActions: [{action}]\n"),
            _ => format!("{line}\n"),
        });
        texts.push(lines.collect());
    }
    texts.join("---\n")
}

#[cfg(test)]
mod tests;
