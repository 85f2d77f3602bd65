//! Which kinds a policy is checked against: those of the resources that its rules name outright.
//!
//! Source: apiserver `pkg/admission/plugin/policy/validating/typechecking.go`, `typesToCheck`; apimachinery
//! `pkg/api/meta/restmapper.go` and client-go `restmapper/discovery.go` for what a resource's name may be.

use super::TypeChecker;
use crate::admission::GroupVersionKind;
use crate::matching::NamedRuleWithOperations;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

impl Served<'_> {
    /// The names in rules that mean this resource or its list, with their kinds.
    fn names(&self) -> [(String, String); 4] {
        let list = format!("{}List", self.kind);
        [
            (self.plural.to_owned(), self.kind.to_owned()),
            (self.singular.to_owned(), self.kind.to_owned()),
            (list.to_lowercase(), list.clone()),
            (format!("{}s", list.to_lowercase()), list),
        ]
    }
}

/// The kinds by group, version and name.
pub(super) fn kinds_to_check(
    checker: &TypeChecker,
    rules: &[NamedRuleWithOperations],
) -> BTreeSet<GroupVersionKind> {
    let mut kinds = BTreeSet::new();
    for rule in rules {
        let wildcard = |names: &[String]| names.iter().any(|name| name.contains('*'));
        if wildcard(&rule.api_groups) || wildcard(&rule.api_versions) {
            continue;
        }
        let of_rule = kinds_of(checker, rule);
        let ends = of_rule.len() == MAX_TYPES_TO_CHECK;
        kinds.extend(of_rule);
        if ends {
            break;
        }
    }
    kinds
}

/// Names and how often each is there.
type Counted<'r> = BTreeMap<&'r str, usize>;

/// By group, version and name of the resource.
type Found<'r> = BTreeMap<&'r str, BTreeMap<&'r str, BTreeMap<&'r str, Vec<GroupVersionKind>>>>;

/// The first kinds of a rule in the order in which they are looked up. What a rule names twice counts twice.
fn kinds_of(checker: &TypeChecker, rule: &NamedRuleWithOperations) -> Vec<GroupVersionKind> {
    let (groups, versions) = (counted(&rule.api_groups), counted(&rule.api_versions));
    let resources = counted(rule.resources.iter().filter(|name| !name.contains(['*', '/'])));
    let mut by_lower_case: HashMap<String, Vec<&str>> = HashMap::new();
    for name in resources.keys() {
        by_lower_case.entry(name.to_lowercase()).or_default().push(name);
    }
    // From what is served, since a rule may name any number of things that are not.
    let mut found: Found<'_> = BTreeMap::new();
    for entry in checker.served() {
        let Some((&version, _)) = versions.get_key_value(entry.version) else { continue };
        // The core group has no name, and what has no name is every group.
        let own = groups.get_key_value(entry.group);
        let any = groups.get_key_value("").filter(|_| !entry.group.is_empty());
        if own.is_none() && any.is_none() {
            continue;
        }
        for (name, kind) in entry.names() {
            let kind = GroupVersionKind::new(entry.group, entry.version, &kind);
            for &resource in by_lower_case.get(&name).into_iter().flatten() {
                for (&group, _) in own.into_iter().chain(any) {
                    let by_version = found.entry(group).or_default().entry(version).or_default();
                    let kinds = by_version.entry(resource).or_default();
                    if kinds.len() < MAX_TYPES_TO_CHECK && !kinds.contains(&kind) {
                        kinds.push(kind.clone());
                    }
                }
            }
        }
    }
    in_order(&found, &groups, &versions, &resources)
}

fn in_order(
    found: &Found<'_>,
    groups: &Counted<'_>,
    versions: &Counted<'_>,
    resources: &Counted<'_>,
) -> Vec<GroupVersionKind> {
    let times = |counts: &Counted<'_>, name: &str| 0..counts.get(name).copied().unwrap_or_default();
    let mut kinds = Vec::new();
    for (group, of_group) in found {
        for _ in times(groups, group) {
            for (version, of_version) in of_group {
                for _ in times(versions, version) {
                    for (resource, all) in of_version {
                        for _ in times(resources, resource) {
                            kinds.extend_from_slice(all);
                            if kinds.len() >= MAX_TYPES_TO_CHECK {
                                kinds.truncate(MAX_TYPES_TO_CHECK);
                                return kinds;
                            }
                        }
                    }
                }
            }
        }
    }
    kinds
}

/// Each name and how often it is there, sorted.
fn counted<'n>(names: impl IntoIterator<Item = &'n String>) -> Counted<'n> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}
