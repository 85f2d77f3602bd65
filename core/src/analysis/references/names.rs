//! What can be named: objects of the input, what Kubernetes makes itself, and what well-known controllers make of objects
//! of the input.

use crate::analysis::cluster::{Cluster, Member};
use std::collections::HashSet;

/// Names by kind and namespace.
#[derive(Debug)]
pub(super) struct Names<'c, 'o> {
    cluster: &'c Cluster<'o>,
    /// Secrets that controllers make: namespace and name.
    made: HashSet<(&'o str, &'o str)>,
}

impl<'c, 'o> Names<'c, 'o> {
    pub(super) fn of(cluster: &'c Cluster<'o>) -> Names<'c, 'o> {
        let made = cluster.members().iter().filter_map(|member| {
            let name = secret_of(member)?;
            Some((member.namespace, if name.is_empty() { member.name } else { name }))
        });
        Names { cluster, made: made.collect() }
    }

    /// Whether there is an object of a core kind, or of a kind of the cluster.
    pub(super) fn has(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let group = match kind {
            "IngressClass" => "networking.k8s.io",
            "PriorityClass" => "scheduling.k8s.io",
            "RuntimeClass" => "node.k8s.io",
            "StorageClass" => "storage.k8s.io",
            _ => "",
        };
        let namespace = if is_of_cluster(kind) { "" } else { namespace };
        is_built_in(kind, name)
            || self.find(group, kind, namespace, name).is_some()
            || kind == "Secret" && self.made.contains(&(namespace, name))
    }

    pub(super) fn find(
        &self,
        group: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<&'c Member<'o>> {
        self.cluster.find(group, kind, namespace, name)
    }
}

pub(super) fn is_of_cluster(kind: &str) -> bool {
    matches!(kind, "IngressClass" | "PriorityClass" | "RuntimeClass" | "StorageClass")
}

/// Source: kubernetes `pkg/apis/scheduling/v1/helpers.go`, `pkg/controller/certificates/rootcacertpublisher`,
/// `pkg/controller/serviceaccount`.
fn is_built_in(kind: &str, name: &str) -> bool {
    match kind {
        "ConfigMap" => name == "kube-root-ca.crt",
        "PriorityClass" => matches!(name, "system-cluster-critical" | "system-node-critical"),
        "ServiceAccount" => name == "default",
        _ => false,
    }
}

/// The Secret that a controller makes of an object; empty when it has the object's own name.
fn secret_of<'o>(member: &Member<'o>) -> Option<&'o str> {
    match (member.group, member.kind) {
        ("cert-manager.io", "Certificate") => Some(member.text(&["spec", "secretName"])),
        ("external-secrets.io", "ExternalSecret") => Some(member.text(&["spec", "target", "name"])),
        ("bitnami.com", "SealedSecret") => Some(member.text(&["spec", "template", "metadata", "name"])),
        _ => None,
    }
}
