//! Source: kubernetes `pkg/apis/networking/v1/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "NetworkPolicyPort" => |port| port.default_nil("protocol", Set::String("TCP")),
        "NetworkPolicy" => network_policy,
        "IngressClassParametersReference" => {
            |reference| reference.default_nil("scope", Set::String("Cluster"))
        }
        _ => return None,
    })
}

fn network_policy(policy: &mut Value<'_, '_, '_>) {
    let mut spec = policy.made("spec");
    if spec.is_empty("policyTypes") {
        let both: &[&str] = &["Ingress", "Egress"];
        let egress = !spec.is_empty("egress");
        spec.set_texts("policyTypes", if egress { both } else { &["Ingress"] });
    }
}
