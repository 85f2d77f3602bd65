//! Pods, and the templates of workloads that stand for them.

use super::address::Address;
use super::connections::{Connections, Protocol};
use crate::document::{MapRef, NodeRef, Object};
use crate::labels::labels_of;
use std::collections::{HashMap, HashSet};

/// A Pod, or a workload whose Pods are not among the objects.
#[derive(Clone, Debug)]
pub(super) struct Endpoint<'o> {
    pub(super) name: ObjectName,
    /// The workload that the Pod belongs to in the end, or itself.
    pub(super) owner: ObjectName,
    /// What controls it, up to the owner.
    controllers: Vec<ObjectName>,
    pub(super) labels: Option<MapRef<'o>>,
    ports: Vec<ContainerPort<'o>>,
    pub(super) host_network: bool,
    /// Whether it stands for more than one Pod.
    pub(super) several: bool,
    pub(super) addresses: Vec<Address>,
    pub(super) object: NodeRef<'o>,
}

/// What names an object of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName {
    pub namespace: String,
    pub kind: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug)]
struct ContainerPort<'o> {
    name: &'o str,
    protocol: Protocol,
    number: u16,
}

/// Something with a Pod's labels and spec in it.
struct Found<'o> {
    name: ObjectName,
    controller: Option<ObjectName>,
    pod: NodeRef<'o>,
    object: NodeRef<'o>,
}

impl<'o> Endpoint<'o> {
    /// Finds all Pods, and the templates of workloads that have no Pods among the objects.
    pub(super) fn find(objects: &[&'o Object], namespace: &str) -> Vec<Endpoint<'o>> {
        let mut found: Vec<Found<'o>> = Vec::new();
        let mut seen = HashMap::new();
        for object in objects {
            let Some(new) = Found::of(object, namespace) else { continue };
            // Of one object that was given twice the last counts, as when both are applied.
            match seen.get(&new.name) {
                Some(&at) => {
                    if let Some(old) = found.get_mut::<usize>(at) {
                        *old = new;
                    }
                }
                None => {
                    seen.insert(new.name.clone(), found.len());
                    found.push(new);
                }
            }
        }
        let controllers: HashMap<ObjectName, ObjectName> =
            found.iter().filter_map(|own| Some((own.name.clone(), own.controller.clone()?))).collect();
        let chains: Vec<Vec<ObjectName>> = found.iter().map(|own| chain(&own.name, &controllers)).collect();
        let last = |own: &Found<'_>, chain: &[ObjectName]| chain.last().unwrap_or(&own.name).clone();
        let owners: Vec<ObjectName> =
            found.iter().zip(&chains).map(|(own, chain)| last(own, chain)).collect();
        let all = found.iter().zip(&owners);
        let with_pods: HashSet<&ObjectName> =
            all.clone().filter(|(own, _)| own.is_pod()).map(|(_, owner)| owner).collect();
        let stands = |own: &Found<'_>, owner: &ObjectName| {
            let is_owned = own.name != *owner && seen.contains_key(owner);
            own.is_pod() || !is_owned && !with_pods.contains(owner)
        };
        let standing = all.zip(&chains).filter(|((own, owner), _)| stands(own, owner));
        standing.map(|((own, owner), chain)| Endpoint::new(own, owner.clone(), chain.clone())).collect()
    }

    fn new(found: &Found<'o>, owner: ObjectName, controllers: Vec<ObjectName>) -> Endpoint<'o> {
        let spec = found.pod.field("spec");
        let at = |node: Option<NodeRef<'o>>, field: &str| node.and_then(|node| node.field(field));
        let mut ports = Vec::new();
        for list in ["containers", "initContainers"] {
            for container in elements(at(spec, list)) {
                // Init containers serve only while they run beside the others.
                let serves = list == "containers" || text(container, "restartPolicy") == "Always";
                let own = elements(container.field("ports")).filter_map(ContainerPort::read);
                ports.extend(own.filter(|_| serves));
            }
        }
        let status = at(Some(found.pod), "status");
        let several = elements(at(status, "podIPs")).filter_map(|node| node.field("ip"));
        let listed = several.chain(at(status, "podIP")).filter_map(NodeRef::as_str);
        let mut addresses: Vec<Address> = listed.filter_map(Address::parse).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let replicas = at(found.object.field("spec"), "replicas").and_then(NodeRef::as_int);
        Endpoint {
            several: !found.is_pod()
                && (found.name.kind == "DaemonSet" || replicas.is_some_and(|replicas| replicas > 1)),
            name: found.name.clone(),
            owner,
            controllers,
            labels: labels_of(found.pod),
            ports,
            host_network: at(spec, "hostNetwork").and_then(NodeRef::as_bool) == Some(true),
            addresses,
            object: found.object,
        }
    }

    /// The ports of containers that have a name; of any protocol without one.
    pub(super) fn named(&self, name: &str, protocol: Option<Protocol>) -> Connections {
        let fits = |port: &&ContainerPort<'_>| {
            port.name == name && protocol.is_none_or(|protocol| protocol == port.protocol)
        };
        self.ports.iter().filter(fits).fold(Connections::NONE, |made, port| {
            made.union(&Connections::range(port.protocol, port.number, port.number))
        })
    }

    /// All ports that have a name, in an order of their own.
    pub(super) fn port_names(&self) -> Vec<(&'o str, Protocol, u16)> {
        let named = self.ports.iter().filter(|port| !port.name.is_empty());
        let mut names: Vec<_> = named.map(|port| (port.name, port.protocol, port.number)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The first container port of a name, which a Service's target is.
    ///
    /// Source: kubernetes `pkg/api/v1/pod/util.go`, FindPort.
    pub(super) fn first_named(&self, name: &str, protocol: Protocol) -> Option<u16> {
        let mut ports = self.ports.iter();
        ports.find(|port| port.name == name && port.protocol == protocol).map(|port| port.number)
    }

    pub(super) fn is_pod(&self) -> bool {
        self.name.kind == "Pod"
    }

    /// Itself and what controls it.
    pub(super) fn names(&self) -> impl Iterator<Item = &ObjectName> {
        std::iter::once(&self.name).chain(&self.controllers)
    }
}

impl<'o> ContainerPort<'o> {
    fn read(node: NodeRef<'o>) -> Option<ContainerPort<'o>> {
        let protocol = match text(node, "protocol") {
            "" => Protocol::Tcp,
            protocol => protocol.parse().ok()?,
        };
        let number = node.field("containerPort").and_then(NodeRef::as_int)?;
        let number = u16::try_from(number).ok().filter(|number| *number > 0)?;
        Some(ContainerPort { name: text(node, "name"), protocol, number })
    }
}

impl<'o> Found<'o> {
    fn of(object: &'o Object, namespace: &str) -> Option<Found<'o>> {
        let root = object.root();
        let group = text(root, "apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = text(root, "kind");
        let template = match (group, kind) {
            ("", "Pod") => &[][..],
            ("", "ReplicationController")
            | ("apps", "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet")
            | ("batch", "Job") => &["spec", "template"],
            ("batch", "CronJob") => &["spec", "jobTemplate", "spec", "template"],
            // The Pod that runs the machine has the labels of its template.
            ("kubevirt.io", "VirtualMachine") => &["spec", "template"],
            _ => return None,
        };
        let pod = template.iter().try_fold(root, |node, field| node.field(field))?;
        let name = ObjectName::of(root, kind, namespace);
        let references = root.field("metadata").and_then(|metadata| metadata.field("ownerReferences"));
        let controller = elements(references)
            .find(|reference| reference.field("controller").and_then(NodeRef::as_bool) == Some(true));
        let controller = controller.map(|reference| ObjectName {
            namespace: name.namespace.clone(),
            kind: text(reference, "kind").to_owned(),
            name: text(reference, "name").to_owned(),
        });
        Some(Found { name, controller, pod, object: root })
    }

    fn is_pod(&self) -> bool {
        self.name.kind == "Pod"
    }
}

impl ObjectName {
    /// The name of an object; `namespace` is that of objects that name none.
    pub(super) fn of(root: NodeRef<'_>, kind: &str, namespace: &str) -> ObjectName {
        let metadata = root.field("metadata");
        let own = |field: &str| metadata.map(|metadata| text(metadata, field)).unwrap_or_default();
        let name = match own("name") {
            "" => match own("generateName") {
                "" => "(unnamed)".to_owned(),
                prefix => format!("{prefix}…"),
            },
            name => name.to_owned(),
        };
        let namespace = if own("namespace").is_empty() { namespace } else { own("namespace") };
        ObjectName { namespace: namespace.to_owned(), kind: kind.to_owned(), name }
    }
}

/// `namespace/name` for Pods, `namespace/Kind/name` for all else.
impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ObjectName { namespace, kind, name } = self;
        // References to controllers may be without a kind.
        if kind == "Pod" || kind.is_empty() {
            write!(f, "{namespace}/{name}")
        } else {
            write!(f, "{namespace}/{kind}/{name}")
        }
    }
}

/// What controls an object, then what controls that. The last may be missing among the objects. Chains that are longer
/// than Kubernetes makes them, or have no end, are left where they are.
fn chain(name: &ObjectName, controllers: &HashMap<ObjectName, ObjectName>) -> Vec<ObjectName> {
    const LONGEST: usize = 4;
    let mut chain: Vec<ObjectName> = Vec::new();
    while chain.len() < LONGEST
        && let Some(controller) = controllers.get(chain.last().unwrap_or(name))
        && controller != name
    {
        chain.push(controller.clone());
    }
    chain
}

pub(super) fn text<'o>(node: NodeRef<'o>, field: &str) -> &'o str {
    node.field(field).and_then(NodeRef::as_str).unwrap_or_default()
}

pub(super) fn elements<'o>(list: Option<NodeRef<'o>>) -> impl Iterator<Item = NodeRef<'o>> + use<'o> {
    list.and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter())
}
