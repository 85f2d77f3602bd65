//! Groups with few defaults.

use super::{Rule, Set, Value};

pub(super) fn rule(group: &str, name: &str) -> Option<Rule> {
    Some(match (group, name) {
        ("rbac", "ClusterRoleBinding" | "RoleBinding") => |binding| {
            binding.made("roleRef").default("apiGroup", Set::String("rbac.authorization.k8s.io"));
        },
        ("rbac", "Subject") => |subject| {
            if matches!(subject.text("kind"), "User" | "Group") {
                subject.default("apiGroup", Set::String("rbac.authorization.k8s.io"));
            }
        },
        ("discovery", "EndpointPort") => |port| {
            port.default_nil("name", Set::String(""));
            port.default_nil("protocol", Set::String("TCP"));
        },
        ("scheduling", "PriorityClass") => {
            |class| class.default_nil("preemptionPolicy", Set::String("PreemptLowerPriority"))
        }
        ("authentication", "TokenRequestSpec") => {
            |spec| spec.default_nil("expirationSeconds", Set::Int(3_600))
        }
        ("apiregistration" | "apiextensions", "ServiceReference") => {
            |reference| reference.default_nil("port", Set::Int(443))
        }
        ("apiextensions", "CustomResourceDefinition") => custom_resource_definition,
        _ => return None,
    })
}

/// Source: apiextensions `pkg/apis/apiextensions/v1/defaults.go`.
fn custom_resource_definition(definition: &mut Value<'_, '_, '_>) {
    let mut spec = definition.made("spec");
    let mut names = spec.made("names");
    let kind = names.text("kind").to_owned();
    if !kind.is_empty() {
        names.default("singular", Set::String(&kind.to_lowercase()));
        names.default("listKind", Set::String(&format!("{kind}List")));
    }
    if spec.is_nil("conversion") {
        spec.made("conversion").set("strategy", Set::String("None"));
    }
    stored_versions(definition);
}

/// The version that is stored, among those that are stored.
pub(in crate::typed) fn stored_versions(definition: &mut Value<'_, '_, '_>) {
    let mut spec = definition.made("spec");
    let stored = spec.items("versions").into_iter().find(|&version| spec.at(version).is_true("storage"));
    let Some(stored) = stored else { return };
    let name = spec.at(stored).text("name").to_owned();
    let mut status = definition.made("status");
    if status.is_empty("storedVersions") {
        status.set_texts("storedVersions", &[&name]);
    }
}
