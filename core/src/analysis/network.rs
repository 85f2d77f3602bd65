//! What the network policies of the input leave open, and which of them do nothing; see [`crate::network`].

use super::cluster::Cluster;
use super::{Analysis, Observation};
use crate::document::Object;
use crate::network::Network;
use std::collections::HashMap;

pub(super) const NETWORK: Analysis = Analysis { rules: RULES, run };

const RULES: &[&str] = &[
    "namespace-default-deny",
    "network-plugin-enforces",
    "network-policy-decided",
    "network-policy-selects-pods",
    "network-policy-sound",
    "no-isolated-host-network",
    "pod-isolated",
];

/// The rule of a remark.
fn rule(check: &str) -> Option<&'static str> {
    Some(match check {
        "host-network" => "no-isolated-host-network",
        "no-default-deny" => "namespace-default-deny",
        "not-isolated" => "pod-isolated",
        "plugin-without-policies" => "network-plugin-enforces",
        "policy-problem" | "same-priority" => "network-policy-sound",
        "selects-nothing" => "network-policy-selects-pods",
        "undecided-policy" => "network-policy-decided",
        _ => return None,
    })
}

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let members = cluster.members();
    // Admitted objects name their namespace.
    let Ok(network) = Network::new(members.iter().map(|member| member.object), "default") else {
        return Vec::new();
    };
    let places: HashMap<*const Object, usize> =
        members.iter().map(|member| (std::ptr::from_ref(member.object), member.index)).collect();
    let mut found: Vec<Observation<'o>> = Vec::new();
    for remark in network.coverage().remarks {
        let member =
            places.get(&std::ptr::from_ref(remark.at.object())).and_then(|index| members.get(*index));
        if let (Some(rule), Some(member)) = (rule(remark.check), member) {
            let root = member.root();
            // The whole object is pointed at by its name.
            let at = if remark.at == root { member.nearest(&["metadata", "name"]) } else { remark.at };
            found.push(Observation::new(rule, member, at, remark.message));
        }
    }
    found.sort_by_key(|observation| observation.member);
    found
}
