//! The core group without pods. Source: kubernetes `pkg/apis/core/v1/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(name: &str, minor: u16) -> Option<Rule> {
    Some(match name {
        "ReplicationController" => replication_controller,
        "Service" => service,
        "Secret" => |secret| secret.default("type", Set::String("Opaque")),
        "PersistentVolume" => persistent_volume,
        "PersistentVolumeClaim" => |claim| phase(claim, "Pending"),
        "PersistentVolumeClaimSpec" => |spec| spec.default_nil("volumeMode", Set::String("Filesystem")),
        "EndpointPort" => |port| port.default("protocol", Set::String("TCP")),
        "Namespace" => namespace,
        "NodeStatus" => node_status,
        "LimitRangeItem" => limit_range_item,
        "AzureDiskVolumeSource" => azure_disk,
        // Declared in later versions.
        "RBDVolumeSource" | "RBDPersistentVolumeSource" if minor < 31 => rados,
        "ISCSIVolumeSource" | "ISCSIPersistentVolumeSource" if minor < 31 => {
            |source| source.default("iscsiInterface", Set::String("default"))
        }
        "ScaleIOVolumeSource" | "ScaleIOPersistentVolumeSource" if minor < 31 => scale_io,
        _ => return None,
    })
}

fn phase(object: &mut Value<'_, '_, '_>, phase: &str) {
    object.made("status").default("phase", Set::String(phase));
}

fn replication_controller(controller: &mut Value<'_, '_, '_>) {
    controller.made("spec").default_nil("replicas", Set::Int(1));
    let Some(labels) = controller.path(&["spec", "template", "metadata", "labels"]) else { return };
    let mut spec = controller.made("spec");
    if spec.is_empty("selector") {
        spec.copy("selector", labels);
    }
    let mut metadata = controller.made("metadata");
    if metadata.is_empty("labels") {
        metadata.copy("labels", labels);
    }
}

fn service(service: &mut Value<'_, '_, '_>) {
    let mut spec = service.made("spec");
    spec.default("sessionAffinity", Set::String("None"));
    match spec.text("sessionAffinity") {
        "None" => spec.unset("sessionAffinityConfig"),
        "ClientIP" if spec.path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).is_none() => {
            spec.unset("sessionAffinityConfig");
            spec.made("sessionAffinityConfig").made("clientIP").set("timeoutSeconds", Set::Int(10_800));
        }
        _ => {}
    }
    spec.default("type", Set::String("ClusterIP"));
    spec.each("ports", |port| {
        port.default("protocol", Set::String("TCP"));
        if port.is_zero("targetPort") {
            let number = port.int("port");
            port.set("targetPort", Set::Int(number));
        }
    });
    let kind = spec.text("type").to_owned();
    let external = matches!(kind.as_str(), "LoadBalancer" | "NodePort")
        || kind == "ClusterIP" && !spec.is_empty("externalIPs");
    if external {
        spec.default("externalTrafficPolicy", Set::String("Cluster"));
    }
    if matches!(kind.as_str(), "LoadBalancer" | "NodePort" | "ClusterIP") {
        spec.default_nil("internalTrafficPolicy", Set::String("Cluster"));
    }
    if kind == "LoadBalancer" {
        spec.default_nil("allocateLoadBalancerNodePorts", Set::Bool(true));
        if let Some(balancer) = service.path(&["status", "loadBalancer"]) {
            service.at(balancer).each("ingress", |ingress| {
                if !ingress.is_zero("ip") {
                    ingress.default_nil("ipMode", Set::String("VIP"));
                }
            });
        }
    }
}

fn persistent_volume(volume: &mut Value<'_, '_, '_>) {
    phase(volume, "Pending");
    let mut spec = volume.made("spec");
    spec.default("persistentVolumeReclaimPolicy", Set::String("Retain"));
    spec.default_nil("volumeMode", Set::String("Filesystem"));
}

fn namespace(namespace: &mut Value<'_, '_, '_>) {
    phase(namespace, "Active");
    let mut metadata = namespace.made("metadata");
    let name = metadata.text("name").to_owned();
    if !name.is_empty() && metadata.made("labels").text("kubernetes.io/metadata.name") != name {
        metadata.made("labels").set("kubernetes.io/metadata.name", Set::String(&name));
    }
}

fn node_status(status: &mut Value<'_, '_, '_>) {
    if status.is_nil("allocatable")
        && let Some(capacity) = status.find("capacity")
    {
        status.copy("allocatable", capacity);
    }
}

/// Defaults follow from bounds, and requests from limits.
fn limit_range_item(item: &mut Value<'_, '_, '_>) {
    if item.text("type") != "Container" {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        for limit in item.items(from) {
            let name = item.draft.key(limit).to_owned();
            let mut target = item.made(to);
            if target.draft.field(target.place, &name).is_none() {
                target.copy(&name, limit);
            }
        }
    }
}

fn azure_disk(source: &mut Value<'_, '_, '_>) {
    source.default_nil("cachingMode", Set::String("ReadWrite"));
    source.default_nil("kind", Set::String("Shared"));
    source.default_nil("fsType", Set::String("ext4"));
    source.default_nil("readOnly", Set::Bool(false));
}

fn rados(source: &mut Value<'_, '_, '_>) {
    source.default("pool", Set::String("rbd"));
    source.default("user", Set::String("admin"));
    source.default("keyring", Set::String("/etc/ceph/keyring"));
}

fn scale_io(source: &mut Value<'_, '_, '_>) {
    source.default("storageMode", Set::String("ThinProvisioned"));
    source.default("fsType", Set::String("xfs"));
}
