//! Policies of whole clusters, of policy.networking.k8s.io: AdminNetworkPolicies and the BaselineAdminNetworkPolicy
//! (v1alpha1), and ClusterNetworkPolicies, which are both (v1alpha2, v1beta1).
//!
//! Source: kubernetes-sigs/network-policy-api `apis`. Rules count in their order, and the first that matches decides.
//! Pods on the network of their node are neither subjects nor peers.

use super::address::IpBlock;
use super::connections::{Connections, Protocol};
use super::endpoint::{ObjectName, elements, text};
use super::policy::{Action, Direction, Peer, Policy, PortRule, Reader, Rule, Tier};
use super::selection::{NamespaceChoice, Selection, SelectionId};
use crate::document::NodeRef;
use crate::labels::LabelSelector;

const GROUP: &str = "policy.networking.k8s.io";

pub(super) fn is_admin_policy(root: NodeRef<'_>) -> bool {
    let Some((group, version)) = text(root, "apiVersion").split_once('/') else { return false };
    group == GROUP
        && matches!(
            (version, text(root, "kind")),
            ("v1alpha1", "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy")
                | ("v1alpha2" | "v1beta1", "ClusterNetworkPolicy")
        )
}

impl<'o> Reader<'_, 'o> {
    pub(super) fn admin_policy(&mut self, object: NodeRef<'o>) -> Policy<'o> {
        let kind = text(object, "kind");
        let spec = object.field("spec").unwrap_or(object);
        let priority = spec.field("priority").and_then(NodeRef::as_int).unwrap_or_default();
        let tier = match (kind, text(spec, "tier")) {
            ("AdminNetworkPolicy", _) | ("ClusterNetworkPolicy", "Admin") => Tier::Admin(priority),
            ("BaselineAdminNetworkPolicy", _) | ("ClusterNetworkPolicy", "Baseline") => {
                Tier::Baseline(priority)
            }
            _ => {
                self.problem("the tier must be Admin or Baseline", spec);
                Tier::Baseline(priority)
            }
        };
        let subject = spec.field("subject").and_then(|subject| self.pods_of(subject));
        let subject = subject.unwrap_or_else(|| {
            self.problem("the subject needs `namespaces` or `pods`", spec);
            self.nobody()
        });
        let rules = |direction: Direction, reader: &mut Self| {
            let list = elements(spec.field(direction.field()));
            let rules: Vec<Rule> = list.map(|rule| reader.admin_rule(rule, direction, tier)).collect();
            // Without rules it does not isolate.
            (!rules.is_empty()).then_some(rules)
        };
        let (ingress, egress) = (rules(Direction::Ingress, self), rules(Direction::Egress, self));
        let name = ObjectName { namespace: String::new(), ..ObjectName::of(object, kind, "") };
        Policy { tier, name, subject, ingress, egress, selects_all: false, object }
    }

    fn admin_rule(&mut self, rule: NodeRef<'o>, direction: Direction, tier: Tier) -> Rule {
        let action = match text(rule, "action") {
            "Allow" | "Accept" => Some(Action::Allow),
            "Deny" => Some(Action::Deny),
            "Pass" if tier < Tier::NetworkPolicy => Some(Action::Pass),
            _ => None,
        };
        if action.is_none() {
            self.problem("the action is not one of the kind's: the rule matches nothing", rule);
        }
        let peers = elements(rule.field(direction.peers())).map(|peer| self.admin_peer(peer));
        let peers: Vec<Peer> = peers.filter(|_| action.is_some()).collect();
        let named = rule.field("ports").or_else(|| rule.field("protocols"));
        let ports: Vec<PortRule> = elements(named).map(|port| self.admin_port(port)).collect();
        Rule {
            action: action.unwrap_or(Action::Pass),
            // Peers are required here: none is nobody.
            peers: Some(peers),
            ports: (!ports.is_empty()).then_some(ports),
        }
    }

    fn admin_peer(&mut self, peer: NodeRef<'o>) -> Peer {
        if let Some(pods) = self.pods_of(peer) {
            return Peer::Pods(pods);
        }
        if let Some(networks) = peer.field("networks") {
            let blocks = elements(Some(networks)).filter_map(|node| self.cidr(node));
            return Peer::Blocks(blocks.map(|block| IpBlock { block, except: Vec::new() }).collect());
        }
        match ["nodes", "domainNames"].into_iter().find(|field| peer.field(field).is_some()) {
            Some(field) => self.problem(format!("`{field}` are not known here and match nothing"), peer),
            None => self.problem("the peer needs `namespaces`, `pods` or `networks`", peer),
        }
        Peer::Nothing
    }

    /// A port as either version of the group writes it.
    fn admin_port(&mut self, port: NodeRef<'o>) -> PortRule {
        for field in ["namedPort", "destinationNamedPort"] {
            if let Some(name) = port.field(field).and_then(NodeRef::as_str) {
                return PortRule::Named(name.to_owned(), None);
            }
        }
        let older = [("portNumber", "port", "port"), ("portRange", "start", "end")];
        for (field, first, last) in older {
            if let Some(node) = port.field(field) {
                let protocol = self.protocol(node);
                return protocol.map_or(NOTHING, |protocol| self.admin_range(protocol, node, first, last));
            }
        }
        let newer = [("tcp", Protocol::Tcp), ("udp", Protocol::Udp), ("sctp", Protocol::Sctp)];
        for (field, protocol) in newer {
            let Some(node) = port.field(field) else { continue };
            return match node.field("destinationPort") {
                None => PortRule::Numbers(Connections::of_protocol(protocol)),
                Some(port) => match port.field("range") {
                    Some(range) => self.admin_range(protocol, range, "start", "end"),
                    None => self.admin_range(protocol, port, "number", "number"),
                },
            };
        }
        self.problem("the port says neither a number, a range nor a name", port);
        NOTHING
    }

    fn admin_range(&mut self, protocol: Protocol, node: NodeRef<'o>, first: &str, last: &str) -> PortRule {
        let start = self.number(node.field(first).unwrap_or(node));
        let end = if first == last { start } else { self.number(node.field(last).unwrap_or(node)) };
        match (start, end) {
            (Some(start), Some(end)) => PortRule::Numbers(Connections::range(protocol, start, end)),
            _ => NOTHING,
        }
    }

    /// `namespaces`, or `pods` with both selectors.
    fn pods_of(&mut self, node: NodeRef<'o>) -> Option<SelectionId> {
        let (namespaces, pods) = match (node.field("namespaces"), node.field("pods")) {
            (Some(namespaces), _) => (self.selector(namespaces), None),
            (None, Some(pods)) => {
                let mut own = |field: &str| pods.field(field).map(|node| self.selector(node));
                (own("namespaceSelector").unwrap_or_default(), own("podSelector"))
            }
            (None, None) => return None,
        };
        let choice = NamespaceChoice::Selected(namespaces);
        let selection = Selection { without_host_network: true, ..Selection::new(choice, pods) };
        Some(self.selections.id(selection))
    }

    fn nobody(&mut self) -> SelectionId {
        let nowhere = NamespaceChoice::Own(String::new());
        self.selections.id(Selection::new(nowhere, Some(LabelSelector::default())))
    }
}

const NOTHING: PortRule = PortRule::Numbers(Connections::NONE);
