//! What reports say of policies themselves, and of where they find things.

use crate::check::Outcome;
use crate::finding::Finding;
use crate::packs::{Gravity, Metadata, PackPolicy, carried};

/// What is known of a policy that found something.
pub(super) struct Rule<'o> {
    pub(super) metadata: Option<&'o Metadata>,
    /// The policy as kordon carries it.
    pub(super) carried: Option<PackPolicy>,
}

impl<'o> Rule<'o> {
    pub(super) fn of(outcome: &'o Outcome, policy: &str) -> Rule<'o> {
        Rule { metadata: outcome.policies.get(policy), carried: carried(policy) }
    }

    pub(super) fn severity(&self) -> Option<Gravity> {
        self.metadata.and_then(|metadata| metadata.severity)
    }

    pub(super) fn title(&self) -> &'static str {
        self.carried.as_ref().map(PackPolicy::title).unwrap_or_default()
    }

    /// What a heading of the policy's README is about.
    pub(super) fn section(&self, heading: &str) -> Option<&'static str> {
        let (_, rest) = self.carried.as_ref()?.readme.split_once(&format!("\n## {heading}\n"))?;
        Some(rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim())
    }
}

/// Severity, where a policy has one.
pub(super) fn severity(outcome: &Outcome, finding: &Finding) -> Option<Gravity> {
    outcome.policies.get(&*finding.policy).and_then(|metadata| metadata.severity)
}

/// The pack of a policy, empty for policies of others.
pub(super) fn pack<'o>(outcome: &'o Outcome, finding: &Finding) -> &'o str {
    outcome.policies.get(&*finding.policy).map_or("", |metadata| metadata.pack.as_str())
}

/// A path as a URI reference: what a URI cannot hold is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The link to the line of a finding, when it is known where files lie.
pub(super) fn link(links: Option<&str>, finding: &Finding) -> Option<String> {
    let name = &finding.place.source.name;
    let is_file = !name.starts_with(['<', '/']) && !name.starts_with("pack:") && !name.contains("..");
    let (line, ..) = finding.region();
    is_file.then(|| Some(format!("{}{}#L{line}", links?, uri(name)))).flatten()
}
