//! What objects name that is not there.
//!
//! A folder is rarely the whole cluster, so most of these rules only warn; what else there is can be given as context.

mod backends;
mod names;
mod pods;

use super::cluster::{Cluster, Member};
use super::selected::Pods;
use super::{Analysis, Observation};
use crate::document::NodeRef;
use names::Names;

pub(super) const REFERENCES: Analysis = Analysis {
    rules: &[
        CONFIG_MAP,
        SECRET,
        PULL_SECRET,
        CLAIM,
        ACCOUNT,
        RUNTIME_CLASS,
        PRIORITY_CLASS,
        INGRESS_CLASS,
        STORAGE_CLASS,
        SELECTS_PODS,
        PORT_OPEN,
        BACKEND,
        SCALE_TARGET,
    ],
    run,
};

const CONFIG_MAP: &str = "config-map-exists";
const SECRET: &str = "secret-exists";
const PULL_SECRET: &str = "pull-secret-exists";
const CLAIM: &str = "volume-claim-exists";
const ACCOUNT: &str = "service-account-exists";
const RUNTIME_CLASS: &str = "runtime-class-exists";
const PRIORITY_CLASS: &str = "priority-class-exists";
const INGRESS_CLASS: &str = "ingress-class-exists";
const STORAGE_CLASS: &str = "storage-class-exists";
const SELECTS_PODS: &str = "service-selects-pods";
const PORT_OPEN: &str = "service-port-open";
const BACKEND: &str = "ingress-backend-exists";
const SCALE_TARGET: &str = "scale-target-exists";

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let mut found = Found { names: Names::of(cluster), observations: Vec::new() };
    let pods = Pods::of(cluster);
    for workload in &pods.all {
        pods::references(&mut found, *workload);
    }
    pods::accounts(&mut found, cluster);
    pods::storage(&mut found, cluster);
    backends::services(&mut found, cluster, &pods);
    backends::ingresses(&mut found, cluster);
    backends::scaled(&mut found, cluster);
    found.observations
}

/// Observations, and what can be named.
struct Found<'c, 'o> {
    names: Names<'c, 'o>,
    observations: Vec<Observation<'o>>,
}

impl<'o> Found<'_, 'o> {
    fn add(&mut self, rule: &'static str, member: &Member<'o>, at: NodeRef<'o>, message: String) {
        self.observations.push(Observation::new(rule, member, at, message));
    }

    /// Says so when there is no object of the name.
    fn want(&mut self, rule: &'static str, kind: &str, member: &Member<'o>, name: Option<NodeRef<'o>>) {
        let Some((node, name)) = name.and_then(|node| Some((node, node.as_str()?))) else { return };
        if name.is_empty() || self.names.has(kind, member.namespace, name) {
            return;
        }
        let inside = match member.namespace {
            "" => String::new(),
            _ if names::is_of_cluster(kind) => String::new(),
            namespace => format!(" in namespace {namespace}"),
        };
        let message =
            format!("there is no {kind} {name}{inside} among the inputs: add it, or correct the name");
        self.add(rule, member, node, message);
    }
}
