//! Velero's Schedules and the namespaces that they cover.
//!
//! Source: velero `pkg/util/collections/includes_excludes.go`; a Schedule's `spec.template` is the spec of a Backup.

use super::cluster::{Cluster, Member, items, text};
use super::{Analysis, Observation};
use crate::document::NodeRef;

pub(super) const BACKUP: Analysis = Analysis { rules: &[RULE], run };

const RULE: &str = "namespace-backed-up";

/// How many schedules are told that do not cover a namespace.
const MOST_REASONS: usize = 3;

/// Namespaces of the cluster itself: what is in them is made again with the cluster.
pub(super) const SYSTEM: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let schedules: Vec<&Member<'o>> = cluster.of("velero.io", "Schedule").collect();
    let mut found = Vec::new();
    for namespace in cluster.namespaces() {
        let is_own = schedules.iter().any(|schedule| schedule.namespace == namespace);
        if SYSTEM.contains(&namespace)
            || is_own
            || schedules.iter().any(|schedule| covers(schedule, namespace))
        {
            continue;
        }
        let Some(member) = representative(cluster, namespace) else { continue };
        let message = match schedules.len() {
            0 => format!(
                "namespace {namespace} is in no backup: there is no Velero Schedule; add one that includes it"
            ),
            _ => format!(
                "namespace {namespace} is in no backup: add it to the includedNamespaces of a Velero Schedule"
            ),
        };
        let at = member.nearest(&["metadata", if is_namespace(member) { "name" } else { "namespace" }]);
        let mut observation = Observation::new(RULE, member, at, message);
        for schedule in schedules.iter().take(MOST_REASONS) {
            let reason = if is_paused(schedule) { "is paused" } else { "does not include it" };
            let place = schedule.nearest(&["spec", "template", "includedNamespaces"]);
            observation =
                observation.because(format!("{} {reason}", schedule.title()), Some((schedule.index, place)));
        }
        found.push(observation);
    }
    found
}

/// The namespace's own object, or else the first of the objects in it that is checked.
pub(super) fn representative<'c, 'o>(cluster: &'c Cluster<'o>, namespace: &str) -> Option<&'c Member<'o>> {
    let own = cluster.find("", "Namespace", "", namespace);
    own.or_else(|| cluster.members().iter().find(|member| member.namespace == namespace && member.checked))
}

fn is_namespace(member: &Member<'_>) -> bool {
    member.kind == "Namespace" && member.group.is_empty()
}

fn is_paused(schedule: &Member<'_>) -> bool {
    schedule.at(&["spec", "paused"]).and_then(NodeRef::as_bool).unwrap_or_default()
}

/// Whether a schedule backs up what is in a namespace. What is excluded is out, also when it is included; without
/// `includedNamespaces` all are.
fn covers(schedule: &Member<'_>, namespace: &str) -> bool {
    let listed = |list: &str| {
        items(schedule.root(), &["spec", "template", list])
            .filter_map(NodeRef::as_str)
            .any(|pattern| matches(pattern, namespace))
    };
    let all = items(schedule.root(), &["spec", "template", "includedNamespaces"]).next().is_none();
    !is_paused(schedule)
        && !text(schedule.root(), &["spec", "schedule"]).is_empty()
        && (all || listed("includedNamespaces"))
        && !listed("excludedNamespaces")
}

/// A name, or a pattern in which `*` stands for any text and `?` for one character.
fn matches(pattern: &str, name: &str) -> bool {
    // Where a `*` was last, and what it has taken so far.
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut taken, mut star) = (0, 0, None);
    while let Some(character) = name.get(taken) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, taken));
                at += 1;
            }
            Some(own) if own == character || *own == '?' => {
                at += 1;
                taken += 1;
            }
            _ => {
                let Some((place, before)) = star else { return false };
                star = Some((place, before + 1));
                (at, taken) = (place + 1, before + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_are_those_of_shells() {
        let held = [("*", "shop"), ("shop", "shop"), ("sh*", "shop"), ("*o*", "shop"), ("s?op", "shop")];
        assert!(held.iter().all(|(pattern, name)| matches(pattern, name)));
        let others = [("", "shop"), ("sho", "shop"), ("*x", "shop"), ("s?p", "shop"), ("shop?", "shop")];
        assert!(!others.iter().any(|(pattern, name)| matches(pattern, name)));
    }
}
