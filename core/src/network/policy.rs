//! NetworkPolicies as they are applied.

use super::address::{Block, IpBlock};
use super::connections::{Connections, Protocol};
use super::endpoint::{Endpoint, ObjectName, elements, text};
use super::selection::{NamespaceChoice, Selection, SelectionId, Selections};
use crate::document::NodeRef;
use crate::labels::LabelSelector;

/// Which way traffic goes, as seen from the Pod that a policy selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    Ingress,
    Egress,
}

/// In which order policies have their say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// An AdminNetworkPolicy, or a ClusterNetworkPolicy of this tier, by priority: lower numbers come first.
    Admin(i64),
    NetworkPolicy,
    /// The same of the last tier.
    Baseline(i64),
}

/// What a rule does with the traffic that it matches; rules of NetworkPolicies can only allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Allow,
    Deny,
    /// Leaves it to NetworkPolicies and what comes after them.
    Pass,
}

#[derive(Debug)]
pub(super) struct Policy<'o> {
    pub(super) tier: Tier,
    pub(super) name: ObjectName,
    pub(super) subject: SelectionId,
    /// None when the policy is not about the direction.
    pub(super) ingress: Option<Vec<Rule>>,
    pub(super) egress: Option<Vec<Rule>>,
    /// Whether it is a NetworkPolicy for all Pods of its namespace.
    pub(super) selects_all: bool,
    pub(super) object: NodeRef<'o>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) action: Action,
    /// None for everybody.
    pub(super) peers: Option<Vec<Peer>>,
    /// None for all ports.
    pub(super) ports: Option<Vec<PortRule>>,
}

#[derive(Debug)]
pub(super) enum Peer {
    Pods(SelectionId),
    Blocks(Vec<IpBlock>),
    /// What cannot be read matches nothing.
    Nothing,
}

#[derive(Debug)]
pub(super) enum PortRule {
    Numbers(Connections),
    /// The container ports of this name; of any protocol without one.
    Named(String, Option<Protocol>),
}

/// What the API server would refuse in a policy, does nothing in it, or cannot be decided here.
#[derive(Clone, Debug)]
pub(super) struct Problem<'o> {
    pub(super) message: String,
    pub(super) at: NodeRef<'o>,
}

/// Reads policies into what they select.
pub(super) struct Reader<'r, 'o> {
    pub(super) selections: &'r mut Selections,
    pub(super) problems: &'r mut Vec<Problem<'o>>,
}

impl Direction {
    pub const BOTH: [Direction; 2] = [Direction::Ingress, Direction::Egress];

    /// The name as in `policyTypes`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Ingress => "Ingress",
            Direction::Egress => "Egress",
        }
    }

    /// The field of a policy's spec with the rules.
    pub fn field(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }

    /// The field of a rule with the peers.
    pub(super) fn peers(self) -> &'static str {
        match self {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        }
    }
}

impl<'o> Policy<'o> {
    pub(super) fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }

    /// The address blocks that rules of a direction name.
    pub(super) fn blocks(&self, direction: Direction) -> impl Iterator<Item = &IpBlock> {
        let peers = self.rules(direction).unwrap_or_default().iter().flat_map(|rule| &rule.peers).flatten();
        peers.flat_map(|peer| if let Peer::Blocks(blocks) = peer { blocks.as_slice() } else { &[] })
    }
}

impl Rule {
    /// The ports on a destination that the rule is about; nothing outside of the cluster has named ones.
    pub(super) fn connections(&self, destination: Option<&Endpoint<'_>>) -> Connections {
        let Some(ports) = &self.ports else { return Connections::all() };
        ports.iter().fold(Connections::NONE, |made, port| made.union(&port.connections(destination)))
    }

    pub(super) fn has_names(&self) -> bool {
        self.ports.iter().flatten().any(|port| matches!(port, PortRule::Named(..)))
    }
}

impl PortRule {
    pub(super) fn connections(&self, destination: Option<&Endpoint<'_>>) -> Connections {
        match self {
            PortRule::Numbers(connections) => connections.clone(),
            PortRule::Named(name, protocol) => {
                destination.map_or(Connections::NONE, |endpoint| endpoint.named(name, *protocol))
            }
        }
    }
}

impl<'o> Reader<'_, 'o> {
    /// A networking.k8s.io/v1 NetworkPolicy.
    pub(super) fn network_policy(&mut self, object: NodeRef<'o>, namespace: &str) -> Policy<'o> {
        let name = ObjectName::of(object, "NetworkPolicy", namespace);
        let spec = object.field("spec");
        let field = |field: &str| spec.and_then(|spec| spec.field(field));
        let own = NamespaceChoice::Own(name.namespace.clone());
        let pods = field("podSelector").map(|node| self.selector(node));
        let selects_all = pods.as_ref().is_none_or(LabelSelector::is_empty);
        let subject = self.selections.id(Selection::new(own, pods));
        let rules = |direction: Direction, reader: &mut Self| {
            let list = elements(field(direction.field()));
            list.map(|rule| reader.rule(rule, direction, &name.namespace)).collect::<Vec<Rule>>()
        };
        let (ingress, egress) = (rules(Direction::Ingress, self), rules(Direction::Egress, self));
        let types: Vec<&str> = elements(field("policyTypes")).filter_map(NodeRef::as_str).collect();
        // Source: kubernetes `pkg/apis/networking/v1/defaults.go`, SetDefaults_NetworkPolicy.
        let is_about = |direction: Direction| match types.as_slice() {
            [] => direction == Direction::Ingress || !egress.is_empty(),
            types => types.contains(&direction.as_str()),
        };
        let about = Direction::BOTH.map(is_about);
        for (rules, direction) in [(&ingress, Direction::Ingress), (&egress, Direction::Egress)] {
            if !rules.is_empty() && !is_about(direction) {
                let message = format!("the rules do nothing: policyTypes is without {}", direction.as_str());
                self.problem(message, field(direction.field()).unwrap_or(object));
            }
        }
        let [is_ingress, is_egress] = about;
        Policy {
            tier: Tier::NetworkPolicy,
            name,
            subject,
            ingress: is_ingress.then_some(ingress),
            egress: is_egress.then_some(egress),
            selects_all,
            object,
        }
    }

    fn rule(&mut self, rule: NodeRef<'o>, direction: Direction, namespace: &str) -> Rule {
        let peers: Vec<Peer> =
            elements(rule.field(direction.peers())).map(|peer| self.peer(peer, namespace)).collect();
        let ports: Vec<PortRule> = elements(rule.field("ports")).map(|port| self.port(port)).collect();
        Rule {
            action: Action::Allow,
            // An empty list is as good as none.
            peers: (!peers.is_empty()).then_some(peers),
            ports: (!ports.is_empty()).then_some(ports),
        }
    }

    /// Source: kubernetes `pkg/apis/networking/validation/validation.go`, ValidateNetworkPolicyPeer.
    fn peer(&mut self, peer: NodeRef<'o>, namespace: &str) -> Peer {
        let field = |name: &str| peer.field(name).filter(|node| !node.is_null());
        let (block, pods, namespaces) = (field("ipBlock"), field("podSelector"), field("namespaceSelector"));
        match (block, pods, namespaces) {
            (None, None, None) => {
                self.problem("must specify a peer", peer);
                Peer::Nothing
            }
            (Some(block), None, None) => {
                self.ip_block(block).map_or(Peer::Nothing, |block| Peer::Blocks(vec![block]))
            }
            (Some(_), _, _) => {
                self.problem("may not specify both ipBlock and another peer", peer);
                Peer::Nothing
            }
            (None, pods, namespaces) => {
                let choice = match namespaces {
                    Some(node) => NamespaceChoice::Selected(self.selector(node)),
                    None => NamespaceChoice::Own(namespace.to_owned()),
                };
                let pods = pods.map(|node| self.selector(node));
                Peer::Pods(self.selections.id(Selection::new(choice, pods)))
            }
        }
    }

    fn ip_block(&mut self, node: NodeRef<'o>) -> Option<IpBlock> {
        let block = self.cidr(node.field("cidr").unwrap_or(node))?;
        let mut except = Vec::new();
        for node in elements(node.field("except")) {
            if let Some(own) = self.cidr(node) {
                let is_part = own != block && block.contains(own.first()) && block.contains(own.last());
                if !is_part {
                    self.problem("must be a strict subset of `cidr`", node);
                }
                except.push(own);
            }
        }
        Some(IpBlock { block, except })
    }

    pub(super) fn cidr(&mut self, node: NodeRef<'o>) -> Option<Block> {
        let block = node.as_str().and_then(Block::parse_cidr);
        if block.is_none() {
            self.problem("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)", node);
        }
        block
    }

    /// Source: kubernetes `pkg/apis/networking/validation/validation.go`, ValidateNetworkPolicyPort.
    fn port(&mut self, port: NodeRef<'o>) -> PortRule {
        let nothing = PortRule::Numbers(Connections::NONE);
        let field = |name: &str| port.field(name).filter(|node| !node.is_null());
        let Some(protocol) = self.protocol(port) else { return nothing };
        let end = field("endPort");
        let Some(number) = field("port") else {
            return match end {
                Some(end) => {
                    self.problem("may not be specified when `port` is not specified", end);
                    nothing
                }
                None => PortRule::Numbers(Connections::of_protocol(protocol)),
            };
        };
        if let (Some(name), None) = (number.as_str(), end) {
            return PortRule::Named(name.to_owned(), Some(protocol));
        }
        if let (Some(_), Some(end)) = (number.as_str(), end) {
            self.problem("may not be specified when `port` is non-numeric", end);
            return nothing;
        }
        let Some(first) = self.number(number) else { return nothing };
        let last = end.map_or(Some(first), |end| self.number(end));
        let Some(last) = last else { return nothing };
        if last < first {
            self.problem("must be greater than or equal to `port`", end.unwrap_or(port));
        }
        PortRule::Numbers(Connections::range(protocol, first, last))
    }

    /// The protocol of a port, TCP without one.
    pub(super) fn protocol(&mut self, port: NodeRef<'o>) -> Option<Protocol> {
        let node = port.field("protocol").filter(|node| !node.is_null());
        let protocol = node.map_or(Ok(Protocol::Tcp), |node| node.as_str().unwrap_or_default().parse());
        protocol.map_err(|problem: String| self.problem(problem, node.unwrap_or(port))).ok()
    }

    pub(super) fn number(&mut self, node: NodeRef<'o>) -> Option<u16> {
        let number = node.as_int().and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0);
        if number.is_none() {
            self.problem("must be between 1 and 65535, inclusive", node);
        }
        number
    }

    pub(super) fn selector(&mut self, node: NodeRef<'o>) -> LabelSelector {
        let selector = LabelSelector::from_node(node);
        if let Some(problem) = selector.problem() {
            self.problem(problem, node);
        }
        selector
    }

    pub(super) fn problem(&mut self, message: impl Into<String>, at: NodeRef<'o>) {
        self.problems.push(Problem { message: message.into(), at });
    }
}

/// Whether an object is a NetworkPolicy of the version that is served.
pub(super) fn is_network_policy(root: NodeRef<'_>) -> bool {
    text(root, "apiVersion") == "networking.k8s.io/v1" && text(root, "kind") == "NetworkPolicy"
}
