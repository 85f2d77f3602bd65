//! What else decides about traffic: policies of kinds that are not decided here, and network plug-ins.

use super::endpoint::{elements, text};
use crate::document::{NodeRef, Object};

/// Kinds with a say in who reaches whom that are not decided here, by group.
const POLICIES: &[(&str, &[&str])] = &[
    ("crd.projectcalico.org", CALICO),
    ("projectcalico.org", CALICO),
    (
        "cilium.io",
        &[
            "CiliumNetworkPolicy",
            "CiliumClusterwideNetworkPolicy",
            "CiliumEgressGatewayPolicy",
            "CiliumLocalRedirectPolicy",
            "CiliumCIDRGroup",
        ],
    ),
    ("crd.antrea.io", &["NetworkPolicy", "ClusterNetworkPolicy", "Tier", "Group", "ClusterGroup"]),
    ("k8s.cni.cncf.io", &["MultiNetworkPolicy", "NetworkAttachmentDefinition"]),
    ("k8s.ovn.org", &["EgressFirewall", "UserDefinedNetwork", "ClusterUserDefinedNetwork"]),
    ("security.istio.io", &["AuthorizationPolicy"]),
    ("policy.linkerd.io", &["AuthorizationPolicy"]),
];

const CALICO: &[&str] = &[
    "NetworkPolicy",
    "GlobalNetworkPolicy",
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
    "HostEndpoint",
    "Tier",
    "NetworkSet",
    "GlobalNetworkSet",
];

/// The group whose kinds are decided in the versions that are known.
const STANDARD: &str = "policy.networking.k8s.io";

/// Network plug-ins by what their images are named, and whether they enforce NetworkPolicies.
const PLUGINS: &[(&str, &str, bool)] = &[
    ("flannel", "Flannel", false),
    ("amazon-k8s-cni", "the Amazon VPC CNI without its network policy agent", false),
    ("calico", "Calico", true),
    ("cilium", "Cilium", true),
    ("antrea", "Antrea", true),
    ("weave-npc", "Weave Net", true),
    ("kube-router", "kube-router", true),
    ("ovn", "OVN-Kubernetes", true),
    ("azure-npm", "Azure NPM", true),
    ("kube-network-policies", "kube-network-policies", true),
];

/// A network plug-in among the objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plugin<'o> {
    pub(super) name: &'static str,
    pub(super) enforces: bool,
    pub(super) at: NodeRef<'o>,
}

/// The kind of a policy that is not decided here, as `NetworkPolicy of crd.projectcalico.org`.
pub(super) fn undecided(root: NodeRef<'_>) -> Option<String> {
    let version = text(root, "apiVersion");
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let kind = text(root, "kind");
    let known = POLICIES.iter().any(|(own, kinds)| *own == group && kinds.contains(&kind));
    // Kinds that are decided, but not in this version.
    let older = (group == "extensions" || group == "networking.k8s.io" && version != "v1")
        && kind == "NetworkPolicy"
        || group == STANDARD && kind.ends_with("NetworkPolicy") && !super::admin::is_admin_policy(root);
    match (known, older) {
        (true, _) => Some(format!("{kind} of {group}")),
        (_, true) => Some(format!("{kind} of {group}/{version}")),
        _ => None,
    }
}

/// The plug-ins that an object brings.
pub(super) fn plugins(object: &Object) -> Vec<Plugin<'_>> {
    let root = object.root();
    match (text(root, "apiVersion"), text(root, "kind")) {
        ("apps/v1", "DaemonSet") => of_images(root),
        ("v1", "ConfigMap") => {
            let data = root.field("data").and_then(NodeRef::as_map);
            let entries = data.into_iter().flat_map(|data| data.iter());
            let configured = |value: NodeRef<'_>| {
                let text = value.as_str().unwrap_or_default();
                let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
                text.contains("\"type\":\"flannel\"")
            };
            let mut flannel = entries.filter(|(_, value)| configured(*value));
            let plugin = |(_, at)| Plugin { name: "Flannel", enforces: false, at };
            flannel.next().map(plugin).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn of_images(root: NodeRef<'_>) -> Vec<Plugin<'_>> {
    let at = |fields: &[&str]| fields.iter().try_fold(root, |node, field| node.field(field));
    let containers = at(&["spec", "template", "spec", "containers"]);
    let mut found = Vec::new();
    for container in elements(containers) {
        let Some(image) = container.field("image") else { continue };
        let path = image.as_str().unwrap_or_default();
        // The registry may be named after anything.
        let name = path.rsplit('/').take(2).collect::<Vec<&str>>().join("/");
        let arguments = elements(container.field("args")).chain(elements(container.field("command")));
        let mut arguments = arguments.filter_map(NodeRef::as_str);
        if name.contains("network-policy-agent") {
            let enforces =
                arguments.any(|argument| argument.trim_start_matches('-') == "enable-network-policy=true");
            if enforces {
                found.push(Plugin { name: "the AWS network policy agent", enforces, at: image });
            }
            continue;
        }
        let known = PLUGINS.iter().find(|(part, _, _)| name.contains(part));
        found.extend(known.map(|(_, name, enforces)| Plugin { name, enforces: *enforces, at: image }));
    }
    found
}
