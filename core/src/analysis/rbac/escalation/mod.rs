//! Who can make themselves cluster-admin: the shortest way for each subject of a binding.
//!
//! Subjects and what they can get hold of are nodes of a graph; one search backwards from cluster-admin finds the
//! shortest way of all of them, in the time that the graph is large.
//!
//! Source: Kubernetes documentation, "Role Based Access Control Good Practices", section "privilege escalation risks".

mod edges;
mod graph;
mod world;

use super::access::{Access, Subject};
use crate::analysis::cluster::Cluster;
use crate::analysis::{Analysis, Observation, Step};
use graph::{Edge, Graph, Node};

pub(in crate::analysis) const ESCALATION: Analysis = Analysis { rules: &[RULE], run };

const RULE: &str = "no-path-to-cluster-admin";

/// How many steps a message tells; the rest stands below it.
const MOST_TOLD: usize = 6;

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let access = Access::new(cluster);
    let graph = Graph::new(cluster, &access);
    let next = graph.ways_to_admin();
    let mut found = Vec::new();
    for (subject, _) in access.subjects() {
        let way = graph.way(&Node::Subject(subject.clone()), &next);
        // Who is only a member is told by the group.
        let Some(start) = way.first().and_then(|edge| edge.grant) else { continue };
        let Some(binding) = cluster.members().get(start.binding).filter(|_| !runs_the_cluster(subject))
        else {
            continue;
        };
        let mut observation = Observation::new(RULE, binding, start.at, message(subject, &way));
        observation.steps = way.iter().map(|edge| step(edge)).collect();
        found.push(observation);
    }
    found.sort_by_key(|observation| observation.member);
    found
}

/// Subjects that have to have these rights: the API server's own clients, and what is in kube-system. Everybody else
/// whose name begins with `system:` is told of too.
fn runs_the_cluster(subject: &Subject) -> bool {
    match subject {
        Subject::ServiceAccount { namespace, .. } => namespace == "kube-system",
        Subject::Group(name) => matches!(name.as_str(), "system:masters" | "kubeadm:cluster-admins"),
        Subject::User(name) => matches!(
            name.as_str(),
            "system:kube-controller-manager" | "system:kube-scheduler" | "system:apiserver" | "system:admin"
        ),
    }
}

fn message(subject: &Subject, way: &[&Edge<'_>]) -> String {
    let steps = way.iter().filter(|edge| edge.grant.is_some()).count();
    let mut text = match steps {
        0 | 1 => format!("{subject} reaches cluster-admin: it "),
        _ => format!("{subject} reaches cluster-admin in {steps} steps: it "),
    };
    for (index, edge) in way.iter().take(MOST_TOLD).enumerate() {
        text.push_str(match (index, edge.grant) {
            (0, _) => "",
            (_, Some(_)) => ", which ",
            (_, None) => ", ",
        });
        text.push_str(&edge.text);
    }
    text.push_str(if way.len() > MOST_TOLD { ", and so on" } else { "" });
    text.push_str("; take one of these rights away");
    text
}

fn step<'o>(edge: &Edge<'o>) -> Step<'o> {
    let text = match &edge.by {
        Some(by) => format!("{} {}, by {by}", edge.from, edge.text),
        None => format!("{}, {}", edge.from, edge.text),
    };
    Step { text, place: edge.place }
}
