//! Which kinds a policy is checked against: those of the resources that its rules name outright.
//!
//! Source: apiserver `pkg/admission/plugin/policy/validating/typechecking.go`, `typesToCheck`; apimachinery
//! `pkg/api/meta/restmapper.go` and client-go `restmapper/discovery.go` for what a resource's name may be.

use super::TypeChecker;
use crate::admission::GroupVersionKind;
use crate::matching::NamedRuleWithOperations;
use std::collections::BTreeSet;

/// The most kinds of one rule; a rule that has so many ends the search.
const MAX_TYPES_TO_CHECK: usize = 10;

/// A resource as discovery tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served<'s> {
    pub(super) group: &'s str,
    pub(super) version: &'s str,
    pub(super) plural: &'s str,
    pub(super) singular: &'s str,
    pub(super) kind: &'s str,
}

/// The kinds by group, version and name.
pub(super) fn kinds_to_check(
    checker: &TypeChecker,
    rules: &[NamedRuleWithOperations],
) -> BTreeSet<GroupVersionKind> {
    let served: Vec<Served<'_>> = checker.served().collect();
    let mut kinds = BTreeSet::new();
    for rule in rules {
        let wildcard = |names: &[String]| names.iter().any(|name| name.contains('*'));
        if wildcard(&rule.api_groups) || wildcard(&rule.api_versions) {
            continue;
        }
        let resources: Vec<String> =
            rule.resources.iter().filter(|name| !name.contains(['*', '/'])).cloned().collect();
        let mut count = 0;
        for group in sorted(&rule.api_groups) {
            for version in sorted(&rule.api_versions) {
                for resource in sorted(&resources) {
                    for kind in kinds_for(&served, group, version, resource) {
                        kinds.insert(kind);
                        count += 1;
                        if count == MAX_TYPES_TO_CHECK {
                            return kinds;
                        }
                    }
                }
            }
        }
    }
    kinds
}

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The kinds that a resource may be. The core group has no name, and what has no name is every group.
fn kinds_for(served: &[Served<'_>], group: &str, version: &str, resource: &str) -> Vec<GroupVersionKind> {
    let resource = resource.to_lowercase();
    let version = if version == "__internal" { "" } else { version };
    let mut kinds: Vec<GroupVersionKind> = Vec::new();
    for entry in served {
        let in_group = match (group, version) {
            ("", _) => true,
            (_, "") => entry.group.starts_with(group),
            _ => entry.group == group,
        };
        if !in_group || !(version.is_empty() || entry.version == version) {
            continue;
        }
        let list = || format!("{}list", entry.kind.to_lowercase());
        let kind = if resource == entry.plural || resource == entry.singular {
            entry.kind.to_owned()
        } else if resource.strip_suffix('s').unwrap_or(&resource) == list() {
            format!("{}List", entry.kind)
        } else if matches!(resource.as_str(), "list" | "lists") {
            // Every version has this one.
            "List".to_owned()
        } else {
            continue;
        };
        let kind = GroupVersionKind::new(entry.group, entry.version, &kind);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}
