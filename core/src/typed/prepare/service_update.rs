//! Services that replace others: they keep what the cluster has allocated, and lose what their new type has no use for.
//! Source: kubernetes `pkg/registry/core/service/storage/{storage,alloc}.go`, `pkg/registry/core/service/strategy.go`.

use super::service::texts as texts_of;
use super::update::{put, texts};
use crate::document::NodeRef;
use crate::typed::value::{Set, Value};

/// What of a service decides.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    kind: String,
    address: String,
    addresses: Vec<String>,
    families: Vec<String>,
    family_policy: String,
    policy: String,
    class: Option<String>,
    allocates: Option<bool>,
    health_port: i64,
    external: bool,
    /// Names and node ports.
    ports: Vec<(String, i64)>,
}

impl Facts {
    fn of_old(old: NodeRef<'_>) -> Facts {
        let Some(spec) = old.field("spec") else { return Facts::default() };
        let text = |name: &str| spec.field(name).and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let port = |port: NodeRef<'_>| {
            let name = port.field("name").and_then(NodeRef::as_str).unwrap_or_default().to_owned();
            (name, port.field("nodePort").and_then(NodeRef::as_int).unwrap_or(0))
        };
        let ports = spec.field("ports").and_then(NodeRef::as_list);
        Facts {
            kind: text("type"),
            address: text("clusterIP"),
            addresses: texts(spec.field("clusterIPs")),
            families: texts(spec.field("ipFamilies")),
            family_policy: text("ipFamilyPolicy"),
            policy: text("externalTrafficPolicy"),
            class: spec.field("loadBalancerClass").and_then(NodeRef::as_str).map(str::to_owned),
            allocates: spec.field("allocateLoadBalancerNodePorts").and_then(NodeRef::as_bool),
            health_port: spec.field("healthCheckNodePort").and_then(NodeRef::as_int).unwrap_or(0),
            external: !texts(spec.field("externalIPs")).is_empty(),
            ports: ports.into_iter().flat_map(|list| list.iter()).map(port).collect(),
        }
    }

    fn of_new(spec: &mut Value<'_, '_, '_>) -> Facts {
        let mut ports = Vec::new();
        spec.each("ports", |port| ports.push((port.text("name").to_owned(), port.int("nodePort"))));
        let text = |name: &str| spec.text(name).to_owned();
        let allocates = "allocateLoadBalancerNodePorts";
        Facts {
            kind: text("type"),
            address: text("clusterIP"),
            addresses: texts_of(spec, "clusterIPs"),
            families: texts_of(spec, "ipFamilies"),
            family_policy: text("ipFamilyPolicy"),
            policy: text("externalTrafficPolicy"),
            class: (!spec.is_nil("loadBalancerClass")).then(|| text("loadBalancerClass")),
            allocates: (!spec.is_nil(allocates)).then(|| spec.is_true(allocates)),
            health_port: spec.int("healthCheckNodePort"),
            external: !spec.is_empty("externalIPs"),
            ports,
        }
    }

    fn needs_address(&self) -> bool {
        self.kind != "ExternalName"
    }

    fn may_have_node_ports(&self) -> bool {
        self.kind == "NodePort" || self.kind == "LoadBalancer"
    }

    fn needs_node_ports(&self) -> bool {
        self.kind == "NodePort" || self.kind == "LoadBalancer" && self.allocates != Some(false)
    }

    fn needs_health_port(&self) -> bool {
        self.kind == "LoadBalancer" && self.policy == "Local"
    }

    fn is_reached_from_outside(&self) -> bool {
        self.may_have_node_ports() || self.kind == "ClusterIP" && self.external
    }

    fn node_ports(&self) -> impl Iterator<Item = i64> {
        self.ports.iter().map(|(_, port)| *port).filter(|&port| port != 0)
    }
}

/// Before anything else: addresses and ports that the request does not name.
pub(super) fn keep_allocated(service: &mut Value<'_, '_, '_>, old: NodeRef<'_>) {
    let before = Facts::of_old(old);
    let Some(mut spec) = service.within("spec") else { return };
    let after = Facts::of_new(&mut spec);
    let old_list = old.field("spec").and_then(|spec| spec.field("clusterIPs"));
    if before.needs_address() && after.needs_address() {
        if after.address.is_empty() && !before.address.is_empty() {
            spec.set("clusterIP", Set::String(&before.address));
        }
        if let (true, Some(list)) = (after.addresses.is_empty() && !before.addresses.is_empty(), old_list) {
            put(&mut spec, "clusterIPs", list);
        }
    }
    if before.needs_node_ports() && after.needs_node_ports() {
        let used: Vec<i64> =
            before.node_ports().filter(|port| after.node_ports().any(|other| other == *port)).collect();
        spec.each("ports", |port| {
            let of_name = before.ports.iter().rev().find(|(name, _)| *name == port.text("name"));
            let known = of_name.map_or(0, |(_, port)| *port);
            if port.int("nodePort") == 0 && known != 0 && !used.contains(&known) {
                port.set("nodePort", Set::Int(known));
            }
        });
    }
    if before.needs_health_port()
        && after.needs_health_port()
        && after.health_port == 0
        && before.health_port != 0
    {
        spec.set("healthCheckNodePort", Set::Int(before.health_port));
    }
    agree_on_addresses(&mut spec, &before, old_list);
    if after.needs_address() {
        let has_policy = !spec.is_nil("ipFamilyPolicy");
        let old_spec = old.field("spec");
        if let (false, Some(policy)) = (has_policy, old_spec.and_then(|spec| spec.field("ipFamilyPolicy"))) {
            put(&mut spec, "ipFamilyPolicy", policy);
        }
        super::service::prepare(service);
    }
}

/// One address and the list of addresses agree.
fn agree_on_addresses(spec: &mut Value<'_, '_, '_>, before: &Facts, old_list: Option<NodeRef<'_>>) {
    let after = Facts::of_new(spec);
    let same = before.addresses == after.addresses;
    if before.address == after.address {
        if let (true, true, Some(list)) = (after.addresses.is_empty(), !before.addresses.is_empty(), old_list)
        {
            put(spec, "clusterIPs", list);
        }
    } else if !before.address.is_empty() && after.address.is_empty() {
        if same {
            spec.unset("clusterIPs");
        }
    } else if same {
        spec.set_texts("clusterIPs", &[&after.address]);
    }
}

/// What was set for the old type alone and is not changed goes with it.
pub(super) fn drop_by_type(service: &mut Value<'_, '_, '_>, old: NodeRef<'_>) {
    let before = Facts::of_old(old);
    let Some(mut spec) = service.within("spec") else { return };
    let after = Facts::of_new(&mut spec);
    if before.needs_address() && !after.needs_address() {
        if before.address == after.address && before.addresses == after.addresses {
            spec.unset("clusterIP");
            spec.unset("clusterIPs");
        }
        if before.families == after.families {
            spec.unset("ipFamilies");
        }
        if before.family_policy == after.family_policy {
            spec.unset("ipFamilyPolicy");
        }
    }
    if before.may_have_node_ports()
        && !after.may_have_node_ports()
        && after.node_ports().all(|port| before.node_ports().any(|other| other == port))
    {
        spec.each("ports", |port| port.unset("nodePort"));
    }
    if before.needs_health_port() && !after.needs_health_port() && before.health_port == after.health_port {
        spec.unset("healthCheckNodePort");
    }
    let (was_balanced, is_balanced) = (before.kind == "LoadBalancer", after.kind == "LoadBalancer");
    if was_balanced && !is_balanced {
        if before.allocates.is_some() && before.allocates == after.allocates {
            spec.unset("allocateLoadBalancerNodePorts");
        }
        if before.class == after.class {
            spec.unset("loadBalancerClass");
        }
    }
    if before.is_reached_from_outside() && !after.is_reached_from_outside() && before.policy == after.policy {
        spec.unset("externalTrafficPolicy");
    }
    if !is_balanced {
        let mut status = service.made("status");
        if !status.is_nil("loadBalancer") {
            status.set("loadBalancer", Set::Map);
        }
    }
}
