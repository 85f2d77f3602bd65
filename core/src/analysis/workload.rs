//! Pods, and what makes pods of a template.

use super::cluster::{Cluster, Member, at, items, text};
use crate::document::{MapRef, NodeRef};
use crate::labels::labels_of;

/// A pod or a workload with its template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload<'c, 'o> {
    pub(super) member: &'c Member<'o>,
    /// The pod, or its template: it has metadata and a spec.
    pub(super) pod: NodeRef<'o>,
}

/// Kinds with pods, and where these are.
const KINDS: [(&str, &str, &[&str]); 8] = [
    ("", "Pod", &[]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
];

/// All workloads, in the order of the input. Those that others among them made are left out: they are like these.
pub(super) fn workloads<'c, 'o>(cluster: &'c Cluster<'o>) -> Vec<Workload<'c, 'o>> {
    let mut found: Vec<Workload<'c, 'o>> = KINDS
        .iter()
        .flat_map(|&(group, kind, path)| {
            let members = cluster.of(group, kind).filter(|member| owner(cluster, member).is_none());
            members.filter_map(|member| Some(Workload { member, pod: at(member.root(), path)? }))
        })
        .collect();
    found.sort_by_key(|workload| workload.member.index);
    found
}

/// The object among the input that made another one.
fn owner<'c, 'o>(cluster: &'c Cluster<'o>, member: &Member<'o>) -> Option<&'c Member<'o>> {
    items(member.root(), &["metadata", "ownerReferences"]).find_map(|owner| {
        at(owner, &["controller"])?.as_bool().filter(|is_controller| *is_controller)?;
        let group = text(owner, &["apiVersion"]).split_once('/').map_or("", |(group, _)| group);
        cluster.find(group, text(owner, &["kind"]), member.namespace, text(owner, &["name"]))
    })
}

impl<'c, 'o> Workload<'c, 'o> {
    pub(super) fn labels(self) -> Option<MapRef<'o>> {
        labels_of(self.pod)
    }

    /// A value of the pod's spec.
    pub(super) fn spec(self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(at(self.pod, &["spec"])?, path)
    }

    pub(super) fn spec_text(self, path: &[&str]) -> &'o str {
        self.spec(path).and_then(NodeRef::as_str).unwrap_or_default()
    }

    pub(super) fn spec_items(self, list: &str) -> impl Iterator<Item = NodeRef<'o>> + use<'o> {
        self.spec(&[list]).and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter())
    }

    /// Init containers, containers and ephemeral containers, in this order.
    pub(super) fn containers(self) -> impl Iterator<Item = NodeRef<'o>> + use<'c, 'o> {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        lists.into_iter().flat_map(move |list| self.spec_items(list))
    }

    /// The ServiceAccount that its pods run as. Source: kubernetes `plugin/pkg/admission/serviceaccount`.
    pub(super) fn service_account(self) -> &'o str {
        match self.spec_text(&["serviceAccountName"]) {
            "" => "default",
            name => name,
        }
    }

    /// How many pods there are to be; `None` for kinds that do not say: one for each node, or at times.
    pub(super) fn replicas(self) -> Option<i64> {
        match self.member.kind {
            "Pod" => Some(1),
            "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
                let replicas = self.member.at(&["spec", "replicas"]);
                Some(replicas.and_then(NodeRef::as_int).unwrap_or(1))
            }
            _ => None,
        }
    }
}
