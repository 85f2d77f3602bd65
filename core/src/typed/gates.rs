//! Fields behind feature gates: the registry drops them while their gate is off. Only the gates' defaults count here.
//! Source: kubernetes `pkg/features/kube_features.go`, and the functions `dropDisabled…` of `pkg/api` and `pkg/registry`.

/// Still off by default in the newest version.
const OFF: u16 = u16::MAX;

/// Struct, field, and the version since which the gate is on by default.
const GATED: &[(&str, &str, u16)] = &[
    ("core/v1.PodSpec", "hostUsers", 33),
    ("core/v1.PodSpec", "resources", 34),
    ("core/v1.PodSpec", "resourceClaims", 34),
    ("core/v1.PodSpec", "hostnameOverride", 35),
    ("core/v1.PodSpec", "schedulingGroup", OFF),
    ("core/v1.PodSpec", "workloadRef", OFF),
    ("core/v1.PodSpec", "evictionResponders", OFF),
    ("core/v1.PodSecurityContext", "supplementalGroupsPolicy", 33),
    ("core/v1.PodSecurityContext", "seLinuxChangePolicy", 33),
    ("core/v1.PodAffinityTerm", "matchLabelKeys", 31),
    ("core/v1.PodAffinityTerm", "mismatchLabelKeys", 31),
    ("core/v1.ResourceRequirements", "claims", 34),
    ("core/v1.Container", "resizePolicy", 33),
    ("core/v1.EphemeralContainer", "resizePolicy", 33),
    ("core/v1.Container", "restartPolicyRules", 35),
    ("core/v1.EphemeralContainer", "restartPolicyRules", 35),
    ("core/v1.EphemeralContainer", "restartPolicy", 35),
    ("core/v1.VolumeMount", "recursiveReadOnly", 31),
    ("core/v1.VolumeMount", "bindMountOptions", OFF),
    ("core/v1.EmptyDirVolumeSource", "mode", OFF),
    ("core/v1.VolumeProjection", "clusterTrustBundle", 37),
    ("core/v1.VolumeProjection", "podCertificate", 37),
    ("core/v1.SecretVolumeSource", "defaultUser", OFF),
    ("core/v1.ConfigMapVolumeSource", "defaultUser", OFF),
    ("core/v1.DownwardAPIVolumeSource", "defaultUser", OFF),
    ("core/v1.ProjectedVolumeSource", "defaultUser", OFF),
    ("core/v1.KeyToPath", "user", OFF),
    ("core/v1.DownwardAPIVolumeFile", "user", OFF),
    ("core/v1.ServiceAccountTokenProjection", "user", OFF),
    ("core/v1.ClusterTrustBundleProjection", "user", OFF),
    ("core/v1.PodCertificateProjection", "user", OFF),
    ("core/v1.EnvVarSource", "fileKeyRef", 35),
    ("core/v1.HTTPGetAction", "protocol", OFF),
    ("core/v1.GRPCAction", "mode", OFF),
    ("core/v1.PersistentVolumeSpec", "volumeAttributesClassName", 34),
    ("core/v1.PersistentVolumeClaimSpec", "volumeAttributesClassName", 34),
    ("core/v1.NodeSpec", "configSource", OFF),
    ("core/v1.NodeSpec", "podPreemptionPolicy", OFF),
    ("core/v1.NodeStatus", "config", OFF),
    ("core/v1.NodeStatus", "runtimeHandlers", 31),
    ("core/v1.NodeStatus", "features", 33),
    ("core/v1.NodeStatus", "declaredFeatures", 36),
    ("apps/v1.RollingUpdateStatefulSetStrategy", "maxUnavailable", 37),
    ("batch/v1.JobSpec", "managedBy", 32),
    ("batch/v1.JobSpec", "scheduling", OFF),
    ("autoscaling/v2.HPAScalingRules", "tolerance", 35),
    ("coordination/v1.LeaseSpec", "strategy", OFF),
    ("coordination/v1.LeaseSpec", "preferredHolder", OFF),
    ("storage/v1.CSIDriverSpec", "nodeAllocatableUpdatePeriodSeconds", 35),
    ("storage/v1.CSIDriverSpec", "serviceAccountTokenInSecrets", 35),
    ("storage/v1.CSIDriverSpec", "preventPodSchedulingIfMissing", 37),
    ("resource/*.ResourceSliceSpec", "sharedCounters", 36),
    ("resource/*.ResourceSliceSpec", "perDeviceNodeSelection", 36),
    ("resource/*.ResourceSliceSpec", "partitionTypeAttribute", OFF),
    ("resource/*.ResourceSliceSpec", "skipNodeOperations", OFF),
    ("resource/*.Device", "taints", 36),
    ("resource/*.Device", "consumesCounters", 36),
    ("resource/*.Device", "nodeName", 36),
    ("resource/*.Device", "nodeSelector", 36),
    ("resource/*.Device", "allNodes", 36),
    ("resource/*.Device", "bindingConditions", 36),
    ("resource/*.Device", "bindingFailureConditions", 36),
    ("resource/*.Device", "bindsToNode", 36),
    ("resource/*.Device", "allowMultipleAllocations", 36),
    ("resource/*.Device", "nodeAllocatableResources", OFF),
    ("resource/*.BasicDevice", "taints", 36),
    ("resource/*.BasicDevice", "consumesCounters", 36),
    ("resource/*.BasicDevice", "nodeName", 36),
    ("resource/*.BasicDevice", "nodeSelector", 36),
    ("resource/*.BasicDevice", "allNodes", 36),
    ("resource/*.BasicDevice", "bindingConditions", 36),
    ("resource/*.BasicDevice", "bindingFailureConditions", 36),
    ("resource/*.BasicDevice", "bindsToNode", 36),
    ("resource/*.BasicDevice", "allowMultipleAllocations", 36),
    ("resource/*.BasicDevice", "nodeAllocatableResources", OFF),
    ("resource/v1beta1.DeviceRequest", "tolerations", 36),
    ("resource/v1beta1.DeviceRequest", "adminAccess", 34),
    ("resource/v1beta1.DeviceRequest", "capacity", 36),
    ("resource/v1beta1.DeviceRequest", "derivedAttributes", OFF),
    ("resource/*.ResourcePoolStatusRequestSpec", "defaultPartitionTypeAttribute", OFF),
    ("resource/*.DeviceCapacity", "requestPolicy", 36),
    ("resource/*.DeviceCounterConsumption", "compatibilityGroups", OFF),
    ("resource/*.DeviceAttribute", "bools", OFF),
    ("resource/*.DeviceAttribute", "ints", OFF),
    ("resource/*.DeviceAttribute", "strings", OFF),
    ("resource/*.DeviceAttribute", "versions", OFF),
    ("resource/*.ExactDeviceRequest", "tolerations", 36),
    ("resource/*.DeviceSubRequest", "tolerations", 36),
    ("resource/*.DeviceRequest", "firstAvailable", 34),
    ("resource/*.ExactDeviceRequest", "adminAccess", 34),
    ("resource/*.DeviceConstraint", "distinctAttribute", 36),
    ("resource/*.ExactDeviceRequest", "capacity", 36),
    ("resource/*.DeviceSubRequest", "capacity", 36),
    ("resource/*.ExactDeviceRequest", "derivedAttributes", OFF),
    ("resource/*.DeviceSubRequest", "derivedAttributes", OFF),
    ("resource/*.DeviceClassSpec", "extendedResourceName", 36),
    ("scheduling/*.PodGroupSpec", "schedulingConstraints", OFF),
    ("scheduling/*.PodGroupSpec", "resourceClaims", OFF),
    ("scheduling/*.PodGroupSpec", "preemptionPolicy", OFF),
    ("scheduling/*.PodGroupSpec", "parentCompositePodGroupName", OFF),
    ("scheduling/*.CompositePodGroupSpec", "preemptionPolicy", OFF),
    ("scheduling/*.PodGroupTemplate", "schedulingConstraints", OFF),
    ("scheduling/*.PodGroupTemplate", "resourceClaims", OFF),
    ("scheduling/*.PodGroupTemplate", "preemptionPolicy", OFF),
    ("scheduling/*.CompositePodGroupTemplate", "preemptionPolicy", OFF),
    ("scheduling/*.CompositePodGroupTemplate", "compositePodGroupTemplates", OFF),
    ("scheduling/*.WorkloadSpec", "compositePodGroupTemplates", OFF),
];

/// The fields of a struct that Kubernetes 1.`minor` drops.
pub(super) fn dropped(name: &str, minor: u16) -> impl Iterator<Item = &'static str> {
    let own = move |pattern: &str| match pattern.split_once('*') {
        Some((before, after)) => name.starts_with(before) && name.ends_with(after),
        None => name == pattern,
    };
    GATED.iter().filter(move |(owner, _, since)| minor < *since && own(owner)).map(|&(_, field, _)| field)
}

#[cfg(test)]
mod tests {
    use super::GATED;
    use crate::schema::Schemas;

    #[test]
    fn every_field_is_one_of_the_newest_version_or_of_an_older_one() {
        let all: Vec<Schemas> = Schemas::VERSIONS.filter_map(Schemas::for_version).collect();
        for (owner, field, _) in GATED {
            let (before, after) = owner.split_once('*').unwrap_or((owner, ""));
            let is_there = all.iter().flat_map(|schemas| schemas.structs()).any(|own| {
                own.name.starts_with(before) && own.name.ends_with(after) && own.field(field).is_some()
            });
            assert!(is_there, "{owner} has no {field}");
        }
    }
}
