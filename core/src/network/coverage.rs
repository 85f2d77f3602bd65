//! How far policies cover the Pods, and what about them deserves to be known.

use super::decision::listed;
use super::foreign::{plugins, undecided};
use super::policy::{Direction, Policy, Tier};
use super::{Network, ObjectName};
use crate::document::NodeRef;
use serde::Serialize;
use std::collections::BTreeMap;

/// What policies cover.
#[derive(Clone, Debug)]
pub struct Coverage<'o> {
    /// Namespaces with Pods, by name.
    pub namespaces: Vec<Isolation>,
    /// Policies that are decided here.
    pub policies: usize,
    /// Policies of kinds that are not, by kind.
    pub undecided: BTreeMap<String, usize>,
    pub remarks: Vec<Remark<'o>>,
}

/// How many Pods of a namespace are isolated. Workloads without Pods count as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Isolation {
    pub namespace: String,
    pub pods: usize,
    pub ingress: Isolated,
    pub egress: Isolated,
}

/// The same of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Isolated {
    /// Pods that a NetworkPolicy selects.
    pub isolated: usize,
    /// A NetworkPolicy that selects every Pod and allows nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_deny: Option<String>,
}

/// Something that deserves to be known.
#[derive(Clone, Debug)]
pub struct Remark<'o> {
    /// A stable name, such as `not-isolated`.
    pub check: &'static str,
    pub message: String,
    pub at: NodeRef<'o>,
}

impl<'o> Network<'o> {
    pub fn coverage(&self) -> Coverage<'o> {
        let mut remarks = Vec::new();
        let namespaces = self.isolation(&mut remarks);
        self.open_workloads(&mut remarks);
        self.idle_policies(&mut remarks);
        for problem in &self.problems {
            remarks.push(Remark {
                check: "policy-problem",
                message: problem.message.clone(),
                at: problem.at,
            });
        }
        let undecided = self.undecided_policies(&mut remarks);
        self.plugins(&mut remarks);
        Coverage { namespaces, policies: self.policies.len(), undecided, remarks }
    }

    fn isolation(&self, remarks: &mut Vec<Remark<'o>>) -> Vec<Isolation> {
        let mut by_namespace: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, own) in self.endpoints.iter().enumerate() {
            by_namespace.entry(&own.name.namespace).or_default().push(number);
        }
        let mut default_denies: BTreeMap<(&str, Direction), &Policy<'o>> = BTreeMap::new();
        for policy in self.policies.iter().filter(|policy| policy.selects_all) {
            for direction in Direction::BOTH {
                if policy.rules(direction).is_some_and(<[_]>::is_empty) {
                    default_denies.entry((&policy.name.namespace, direction)).or_insert(policy);
                }
            }
        }
        let isolated = |namespace: &str, numbers: &[usize], direction: Direction| {
            let is_isolated = |number: &&usize| {
                self.policies_of(**number, direction).any(|policy| policy.tier.is_network_policy())
            };
            let deny = default_denies.get(&(namespace, direction));
            Isolated {
                isolated: numbers.iter().filter(is_isolated).count(),
                default_deny: deny.map(|policy| policy.title()),
            }
        };
        let mut found = Vec::new();
        for (namespace, numbers) in by_namespace {
            let sides = Direction::BOTH.map(|direction| isolated(namespace, &numbers, direction));
            let without =
                Direction::BOTH.into_iter().zip(&sides).filter(|(_, side)| side.default_deny.is_none());
            let without: Vec<&str> = without.map(|(direction, _)| direction.field()).collect();
            let first = numbers.first().and_then(|number| self.endpoints.get(*number)).map(|own| own.object);
            if let (false, Some(at)) = (without.is_empty(), self.namespaces.object(namespace).or(first)) {
                let without = without.join(" and ");
                let message = format!("namespace `{namespace}` has no default deny for {without}");
                remarks.push(Remark { check: "no-default-deny", message, at });
            }
            let [ingress, egress] = sides;
            found.push(Isolation { namespace: namespace.to_owned(), pods: numbers.len(), ingress, egress });
        }
        found
    }

    /// Workloads with a Pod that no policy at all is about, and those that are on the network of their node.
    fn open_workloads(&self, remarks: &mut Vec<Remark<'o>>) {
        let mut seen: BTreeMap<&ObjectName, ()> = BTreeMap::new();
        for (number, own) in self.endpoints.iter().enumerate() {
            let is_open = |direction: &Direction| self.policies_of(number, *direction).next().is_none();
            let open: Vec<&str> = Direction::BOTH.into_iter().filter(is_open).map(Direction::field).collect();
            let selected = own.host_network && open.len() < Direction::BOTH.len();
            if (open.is_empty() && !selected) || seen.insert(&own.owner, ()).is_some() {
                continue;
            }
            if !open.is_empty() {
                let message = format!("no policy selects it for {}", open.join(" or "));
                remarks.push(Remark { check: "not-isolated", message, at: own.object });
            }
            if selected {
                let policies = Direction::BOTH.into_iter().flat_map(|way| self.policies_of(number, way));
                let mut names: Vec<String> = policies.map(Policy::title).collect();
                names.dedup();
                let message = format!(
                    "it is on the network of its node, where most network plug-ins do not apply {}",
                    listed(&names)
                );
                remarks.push(Remark { check: "host-network", message, at: own.object });
            }
        }
    }

    fn idle_policies(&self, remarks: &mut Vec<Remark<'o>>) {
        for policy in &self.policies {
            if self.members.of(policy.subject).is_empty() {
                let message = "it selects no Pod among the objects".to_owned();
                remarks.push(Remark { check: "selects-nothing", message, at: policy.object });
            }
        }
        // Which of two speaks first is not defined.
        let admin = self.policies.iter().filter(|policy| policy.tier != Tier::NetworkPolicy);
        let mut before: Option<&Policy<'_>> = None;
        for policy in admin {
            if let Some(other) = before.filter(|other| other.tier == policy.tier) {
                let message =
                    format!("it has the priority of {}: which of them decides is not defined", other.title());
                remarks.push(Remark { check: "same-priority", message, at: policy.object });
            }
            before = Some(policy);
        }
    }

    fn undecided_policies(&self, remarks: &mut Vec<Remark<'o>>) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for root in self.objects.iter().map(|object| object.root()) {
            if let Some(kind) = undecided(root) {
                let message = format!("{kind} is not decided here: what it allows or denies is left out");
                remarks.push(Remark { check: "undecided-policy", message, at: root });
                *counts.entry(kind).or_default() += 1;
            }
        }
        counts
    }

    /// Plug-ins that do not enforce policies, unless another one does.
    fn plugins(&self, remarks: &mut Vec<Remark<'o>>) {
        let found: Vec<_> = self.objects.iter().flat_map(|object| plugins(object)).collect();
        if found.iter().any(|plugin| plugin.enforces) {
            return;
        }
        let mut told = Vec::new();
        for plugin in found {
            if !told.contains(&plugin.name) {
                told.push(plugin.name);
                let message =
                    format!("{} does not enforce NetworkPolicies: none of them has any effect", plugin.name);
                remarks.push(Remark { check: "plugin-without-policies", message, at: plugin.at });
            }
        }
    }
}
