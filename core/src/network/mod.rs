//! Who reaches whom by NetworkPolicies, over a whole set of objects.
//!
//! A Pod that a policy selects for a direction is isolated in it: only what some rule of some such policy allows
//! passes. Traffic between two Pods needs the egress of one and the ingress of the other. A Pod always reaches itself.
//! AdminNetworkPolicies and ClusterNetworkPolicies speak before NetworkPolicies, those of the baseline after them.
//!
//! Source: api `networking/v1/types.go` and the documentation of NetworkPolicies. What that leaves to network plug-ins
//! is decided so:
//!
//! - Pods on the network of their node (`hostNetwork`) count as any other Pod for NetworkPolicies. Most plug-ins cannot
//!   tell their traffic from the node's: answers about them say so.
//! - An `ipBlock` takes a Pod in when the Pod's address is known from its status and lies in it.
//! - A port's name stands for all ports of that name and protocol of the destination's containers.
//! - What comes from a Pod's own node, as probes do, is let pass by all plug-ins and is not asked for here.
//!
//! Workloads stand for the Pods that they would make. Objects are best as the API server has them
//! ([`crate::typed`]); of those as written, absent fields count as their defaults.

mod address;
mod admin;
mod connections;
mod coverage;
mod decision;
mod difference;
mod endpoint;
mod exposure;
mod foreign;
mod namespaces;
mod policy;
mod question;
mod reach;
mod selection;
mod service;

#[cfg(test)]
mod tests;

pub use address::{Address, Block};
pub use connections::{Connections, Protocol};
pub use coverage::{Coverage, Isolated, Isolation, Remark};
pub use decision::{RuleMatch, Side};
pub use difference::{Change, Difference};
pub use endpoint::ObjectName;
pub use policy::Direction;
pub use question::{Answer, PortChoice, Question};
pub use reach::{Connection, Party, Reach};

use crate::document::{NodeRef, Object};
use endpoint::Endpoint;
use namespaces::Namespaces;
use policy::{Policy, Problem, Reader};
use selection::{Members, Selections};
use std::collections::HashMap;

/// Policies that may select Pods, counted once for each Pod.
const MOST_SELECTED: usize = 1 << 24;

/// Pods, workloads and the policies that are about them.
#[derive(Debug)]
pub struct Network<'o> {
    objects: Vec<&'o Object>,
    /// Of objects that name none.
    namespace: String,
    endpoints: Vec<Endpoint<'o>>,
    services: HashMap<ObjectName, NodeRef<'o>>,
    namespaces: Namespaces<'o>,
    /// In the order in which they have their say.
    policies: Vec<Policy<'o>>,
    members: Members,
    /// The policies that select each endpoint, in their order.
    selecting: Vec<Vec<u32>>,
    /// Whether labels of namespaces can matter.
    selects_namespaces: bool,
    problems: Vec<Problem<'o>>,
}

/// The objects are too many to be held against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge(&'static str);

impl<'o> Network<'o> {
    /// Finds Pods, workloads, namespaces and policies among objects; `namespace` is that of objects that name none. Of
    /// objects with one name the last counts.
    pub fn new(
        objects: impl IntoIterator<Item = &'o Object>,
        namespace: &str,
    ) -> Result<Network<'o>, TooLarge> {
        let objects: Vec<&Object> = objects.into_iter().collect();
        let endpoints = Endpoint::find(&objects, namespace);
        let namespaces = Namespaces::find(&objects);
        let services = service::services(&objects, namespace);
        let (mut selections, mut problems) = (Selections::default(), Vec::new());
        let mut reader = Reader { selections: &mut selections, problems: &mut problems };
        let mut policies = HashMap::new();
        for root in objects.iter().map(|object| object.root()) {
            let policy = if policy::is_network_policy(root) {
                reader.network_policy(root, namespace)
            } else if admin::is_admin_policy(root) {
                reader.admin_policy(root)
            } else {
                continue;
            };
            policies.insert(policy.name.clone(), policy);
        }
        let mut policies: Vec<Policy<'o>> = policies.into_values().collect();
        policies.sort_by(|one, other| (one.tier, &one.name).cmp(&(other.tier, &other.name)));
        let selects_namespaces = selections.have_namespaces();
        let members = selections.members(&endpoints, &namespaces)?;
        let mut selecting = vec![Vec::new(); endpoints.len()];
        let mut count = 0;
        for (policy, number) in policies.iter().zip(0_u32..) {
            for endpoint in members.of(policy.subject).iter() {
                count += 1;
                if let Some(list) = selecting.get_mut(endpoint) {
                    list.push(number);
                }
            }
            if count > MOST_SELECTED {
                return Err(TooLarge("policies and the Pods that they select"));
            }
        }
        let namespace = namespace.to_owned();
        Ok(Network {
            objects,
            namespace,
            endpoints,
            services,
            namespaces,
            policies,
            members,
            selecting,
            selects_namespaces,
            problems,
        })
    }

    /// The policies that select an endpoint and are about a direction.
    fn policies_of(&self, endpoint: usize, direction: Direction) -> impl Iterator<Item = &Policy<'o>> {
        let all = self.selecting.get(endpoint).into_iter().flatten();
        all.filter_map(|number| self.policies.get(*number as usize))
            .filter(move |policy| policy.rules(direction).is_some())
    }
}

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "too many {} to hold against each other", self.0)
    }
}

impl std::error::Error for TooLarge {}
