//! What policies say of traffic in one direction.

use super::address::Address;
use super::connections::{Connections, Protocol};
use super::policy::{Action, Direction, Peer, Policy, Rule, Tier};
use super::{Endpoint, Network};
use serde::Serialize;

/// The other end of traffic.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Endpoint(usize),
    Outside(Address),
    /// A Pod somewhere, of which nothing is known.
    Anybody,
}

/// What the policies of one end say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    pub allowed: bool,
    /// Who decides, in words.
    pub reason: String,
    /// The policies that select this end for the direction, as `NetworkPolicy shop/default-deny`.
    pub policies: Vec<String>,
    /// The rules that decide; of NetworkPolicies all that allow.
    pub rules: Vec<RuleMatch>,
}

/// A rule that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleMatch {
    pub policy: String,
    /// `Allow`, `Deny` or `Pass`.
    pub action: &'static str,
    /// `spec.ingress[0]`
    pub path: String,
    /// The peer that matches, `None` where the rule is about everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The port that matches, `None` where the rule is about all ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
}

impl<'o> Network<'o> {
    /// The ports that the policies of `own` let pass to or from the other end.
    pub(super) fn allowed(&self, direction: Direction, own: usize, other: End) -> Connections {
        let destination = self.destination(direction, own, other);
        let policies: Vec<&Policy<'o>> = self.policies_of(own, direction).collect();
        let rules = |is: fn(Tier) -> bool| -> Vec<&Rule> {
            let of_tier = policies.iter().filter(|policy| is(policy.tier));
            let rules = of_tier.flat_map(|policy| policy.rules(direction).unwrap_or_default());
            rules.filter(|rule| self.peer(rule, other).is_some()).collect()
        };
        let ordered = |rules: Vec<&Rule>, all: Connections| {
            let (mut open, mut allowed, mut passed) = (all, Connections::NONE, Connections::NONE);
            for rule in rules {
                let hit = open.intersection(&rule.connections(destination));
                open = open.difference(&hit);
                match rule.action {
                    Action::Allow => allowed = allowed.union(&hit),
                    Action::Pass => passed = passed.union(&hit),
                    Action::Deny => {}
                }
            }
            (allowed, open.union(&passed))
        };
        let (allowed, open) = ordered(rules(Tier::is_admin), Connections::all());
        if policies.iter().any(|policy| policy.tier.is_network_policy()) {
            let rules = rules(Tier::is_network_policy);
            let granted = rules
                .iter()
                .fold(Connections::NONE, |granted, rule| granted.union(&rule.connections(destination)));
            return allowed.union(&open.intersection(&granted));
        }
        let (more, open) = ordered(rules(Tier::is_baseline), open);
        allowed.union(&more).union(&open)
    }

    /// What the policies of `own` say of one port of the destination.
    pub(super) fn side(
        &self,
        direction: Direction,
        own: usize,
        other: End,
        (protocol, port): (Protocol, u16),
    ) -> Side {
        let destination = self.destination(direction, own, other);
        let policies: Vec<&Policy<'o>> = self.policies_of(own, direction).collect();
        let mut told = Side {
            allowed: true,
            reason: String::new(),
            policies: policies.iter().map(|policy| policy.title()).collect(),
            rules: Vec::new(),
        };
        let matching = |policy: &Policy<'o>| {
            let rules = policy.rules(direction).unwrap_or_default().iter().enumerate();
            let title = policy.title();
            let found = rules.filter_map(|(number, rule)| {
                let peer = self.peer(rule, other)?;
                let port = rule.port(destination, protocol, port)?;
                let path = format!("spec.{}[{number}]", direction.field());
                Some(RuleMatch {
                    policy: title.clone(),
                    action: rule.action.as_str(),
                    peer: peer.map(|peer| format!("{path}.{}[{peer}]", direction.peers())),
                    port: port.map(|port| format!("{path}.{}[{port}]", policy.ports_field())),
                    path,
                })
            });
            found.collect::<Vec<RuleMatch>>()
        };
        // The first rule of a tier; a pass goes on to the next one.
        let first = |is: fn(Tier) -> bool| {
            policies.iter().filter(|own| is(own.tier)).find_map(|own| matching(own).into_iter().next())
        };
        if let Some(rule) = first(Tier::is_admin) {
            let passes = rule.action == Action::Pass.as_str();
            told.decide(rule);
            if !passes {
                return told;
            }
        }
        let isolating: Vec<&&Policy<'o>> =
            policies.iter().filter(|policy| policy.tier.is_network_policy()).collect();
        if !isolating.is_empty() {
            let rules: Vec<RuleMatch> = isolating.iter().flat_map(|policy| matching(policy)).collect();
            told.allowed = !rules.is_empty();
            told.reason = match rules.first() {
                Some(rule) => format!("{} allows it: {}", rule.policy, rule.path),
                None => {
                    let names: Vec<String> = isolating.iter().map(|policy| policy.title()).collect();
                    format!("isolated by {}, and no rule allows it", listed(&names))
                }
            };
            told.rules.extend(rules);
            return told;
        }
        match first(Tier::is_baseline) {
            Some(rule) => told.decide(rule),
            None => {
                let name = self.endpoints.get(own).map(|own| own.name.to_string()).unwrap_or_default();
                let reason = match told.policies.is_empty() {
                    true => format!("no policy selects {name} for {}", direction.field()),
                    false => format!("no rule is about it, and no NetworkPolicy isolates {name}"),
                };
                told.reason = reason;
            }
        }
        told
    }

    /// Whether a rule is about an end, and which of its peers says so, if it has any.
    pub(super) fn peer(&self, rule: &Rule, other: End) -> Option<Option<usize>> {
        let Some(peers) = &rule.peers else { return Some(None) };
        let is_meant = |peer: &Peer| match (peer, other) {
            (Peer::Pods(id), End::Endpoint(number)) => self.members.of(*id).contains(number),
            (Peer::Blocks(blocks), End::Endpoint(number)) => {
                let own = self.endpoints.get(number).map(|own| own.addresses.as_slice()).unwrap_or_default();
                own.iter().any(|address| blocks.iter().any(|block| block.contains(*address)))
            }
            (Peer::Blocks(blocks), End::Outside(address)) => {
                blocks.iter().any(|block| block.contains(address))
            }
            (Peer::Pods(id), End::Anybody) => self.members.has_anybody(*id),
            (Peer::Pods(_), End::Outside(_)) | (Peer::Blocks(_), End::Anybody) | (Peer::Nothing, _) => false,
        };
        peers.iter().position(is_meant).map(Some)
    }

    pub(super) fn destination(&self, direction: Direction, own: usize, other: End) -> Option<&Endpoint<'o>> {
        match (direction, other) {
            (Direction::Ingress, _) => self.endpoints.get(own),
            (Direction::Egress, End::Endpoint(other)) => self.endpoints.get(other),
            (Direction::Egress, End::Outside(_) | End::Anybody) => None,
        }
    }
}

impl Side {
    /// That of an end that no policy is about.
    pub(super) fn free(reason: impl Into<String>) -> Side {
        Side { allowed: true, reason: reason.into(), policies: Vec::new(), rules: Vec::new() }
    }

    fn decide(&mut self, rule: RuleMatch) {
        self.allowed = rule.action == Action::Allow.as_str();
        let does = if self.allowed { "allows" } else { "denies" };
        self.reason = format!("{} {does} it: {}", rule.policy, rule.path);
        self.rules.push(rule);
    }
}

impl Rule {
    /// Whether the rule is about a port, and which of its ports says so, if it has any.
    fn port(
        &self,
        destination: Option<&Endpoint<'_>>,
        protocol: Protocol,
        port: u16,
    ) -> Option<Option<usize>> {
        let Some(ports) = &self.ports else { return Some(None) };
        ports.iter().position(|own| own.connections(destination).contains(protocol, port)).map(Some)
    }
}

impl Action {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Action::Allow => "Allow",
            Action::Deny => "Deny",
            Action::Pass => "Pass",
        }
    }
}

impl Tier {
    pub(super) fn is_admin(self) -> bool {
        matches!(self, Tier::Admin(_))
    }

    pub(super) fn is_network_policy(self) -> bool {
        self == Tier::NetworkPolicy
    }

    pub(super) fn is_baseline(self) -> bool {
        matches!(self, Tier::Baseline(_))
    }
}

impl Policy<'_> {
    /// The kind and the name: `NetworkPolicy shop/default-deny`.
    pub(super) fn title(&self) -> String {
        match self.name.namespace.as_str() {
            "" => format!("{} {}", self.name.kind, self.name.name),
            namespace => format!("{} {namespace}/{}", self.name.kind, self.name.name),
        }
    }

    /// The field of a rule with the ports.
    fn ports_field(&self) -> &'static str {
        if self.name.kind == "ClusterNetworkPolicy" { "protocols" } else { "ports" }
    }
}

/// How many names a sentence has.
const MOST_NAMES: usize = 3;

/// Names in a sentence.
pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(String::as_str).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
