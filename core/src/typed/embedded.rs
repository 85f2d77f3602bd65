//! Structs that Go embeds in others: their fields stand in the outer struct, but errors name them.

/// The embedded struct that declares a field, with those around it, `VolumeSource`; empty for a struct's own fields.
pub(super) fn embedded(owner: &str, field: &str, is_kind: bool) -> &'static str {
    let name = owner.rsplit_once('.').map_or(owner, |(_, name)| name);
    let core = owner.starts_with("core/");
    match (name, field) {
        (_, "apiVersion" | "kind") if is_kind => "TypeMeta",
        ("IngressRule", "http") => "IngressRuleValue",
        (
            "DeviceClaimConfiguration" | "DeviceAllocationConfiguration" | "DeviceClassConfiguration",
            "opaque",
        ) => "DeviceConfiguration",
        ("Volume", field) if core && field != "name" => "VolumeSource",
        ("PersistentVolumeSpec", field) if core && !PERSISTENT_VOLUME_SPEC.contains(&field) => {
            "PersistentVolumeSource"
        }
        ("Probe", "exec" | "httpGet" | "tcpSocket" | "grpc") => "ProbeHandler",
        ("EphemeralContainer", field) if core && field != "targetContainerName" => "EphemeralContainerCommon",
        (
            "SecretEnvSource"
            | "ConfigMapEnvSource"
            | "SecretKeySelector"
            | "ConfigMapKeySelector"
            | "SecretProjection"
            | "ConfigMapProjection"
            | "ConfigMapVolumeSource",
            "name",
        ) if core => "LocalObjectReference",
        ("RuleWithOperations", field) if field != "operations" => "Rule",
        ("NamedRuleWithOperations", "operations") => "RuleWithOperations",
        ("NamedRuleWithOperations", field) if field != "resourceNames" => "RuleWithOperations.Rule",
        _ => "",
    }
}

const PERSISTENT_VOLUME_SPEC: &[&str] = &[
    "capacity",
    "accessModes",
    "claimRef",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
    "volumeAttributesClassName",
];
