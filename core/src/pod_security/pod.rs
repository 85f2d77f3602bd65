//! [`Pod`]: a pod, or the template of one inside of a workload, as the checks see it.

use crate::document::{NodeRef, Object};

/// A pod or a pod's template: something with metadata and a spec.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'o> {
    node: NodeRef<'o>,
}

/// What an object has to do with pods.
#[derive(Clone, Copy, Debug)]
pub enum PodKind<'o> {
    /// It is one.
    Pod(Pod<'o>),
    /// It makes pods of a template; `None` when it has none.
    Template(Option<Pod<'o>>),
}

/// A container of any sort.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container<'o> {
    pub(super) node: NodeRef<'o>,
    pub(super) name: &'o str,
}

impl<'o> PodKind<'o> {
    /// `None` for kinds that the plug-in finds no pod in.
    ///
    /// Source: pod-security-admission `admission/admission.go`, `DefaultPodSpecExtractor`.
    pub fn of(object: &'o Object) -> Option<PodKind<'o>> {
        let root = object.root();
        let text = |name: &str| root.field(name).and_then(NodeRef::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let template = match (group, text("kind")) {
            ("", "Pod") => return Some(PodKind::Pod(Pod { node: root })),
            ("", "PodTemplate") => &["template"][..],
            ("", "ReplicationController")
            | ("apps", "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet")
            | ("batch", "Job") => &["spec", "template"],
            ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
            _ => return None,
        };
        Some(PodKind::Template(at(root, template).map(|node| Pod { node })))
    }

    /// The pod or template.
    pub fn pod(self) -> Option<Pod<'o>> {
        match self {
            PodKind::Pod(pod) => Some(pod),
            PodKind::Template(pod) => pod,
        }
    }
}

impl<'o> Pod<'o> {
    /// A node in the pod's spec.
    pub(super) fn spec(self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(at(self.node, &["spec"])?, path)
    }

    /// A node in the security context of the pod as a whole.
    pub(super) fn security(self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(self.spec(&["securityContext"])?, path)
    }

    /// Init containers, containers and ephemeral containers, in this order.
    pub(super) fn containers(self) -> impl Iterator<Item = Container<'o>> {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let nodes = lists.into_iter().flat_map(move |list| self.items(&[list]));
        nodes.map(|node| Container { node, name: text(Some(node), "name") })
    }

    /// The elements of a list in the spec.
    pub(super) fn items(self, path: &[&str]) -> impl Iterator<Item = NodeRef<'o>> + use<'o> {
        self.spec(path).and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter())
    }

    pub(super) fn annotations(self) -> impl Iterator<Item = (&'o str, NodeRef<'o>)> + use<'o> {
        let map = at(self.node, &["metadata", "annotations"]).and_then(NodeRef::as_map);
        map.into_iter().flat_map(|map| map.iter())
    }

    pub(super) fn annotation(self, name: &str) -> Option<NodeRef<'o>> {
        at(self.node, &["metadata", "annotations", name])
    }

    pub(super) fn is_windows(self) -> bool {
        self.spec(&["os", "name"]).and_then(NodeRef::as_str) == Some("windows")
    }

    /// Whether users of the pod are not those of its host.
    pub(super) fn has_own_users(self) -> bool {
        self.spec(&["hostUsers"]).and_then(NodeRef::as_bool) == Some(false)
    }

    pub(super) fn runtime_class(self) -> &'o str {
        self.spec(&["runtimeClassName"]).and_then(NodeRef::as_str).unwrap_or_default()
    }
}

impl<'o> Container<'o> {
    pub(super) fn at(self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(self.node, path)
    }

    /// A node in the security context of the container.
    pub(super) fn security(self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(self.at(&["securityContext"])?, path)
    }

    /// What there is of a path in the security context: where something is missing.
    pub(super) fn nearest(self, path: &[&str]) -> NodeRef<'o> {
        let mut node = self.node;
        for name in ["securityContext"].iter().chain(path) {
            let Some(inner) = at(node, &[name]) else { break };
            node = inner;
        }
        node
    }
}

/// A node that is there and not null.
pub(super) fn at<'o>(node: NodeRef<'o>, path: &[&str]) -> Option<NodeRef<'o>> {
    let found = path.iter().try_fold(node, |node, name| node.field(name))?;
    (!found.is_null()).then_some(found)
}

/// The text of a field, empty when it is not there.
pub(super) fn text<'o>(node: Option<NodeRef<'o>>, field: &str) -> &'o str {
    node.and_then(|node| node.field(field)).and_then(NodeRef::as_str).unwrap_or_default()
}
