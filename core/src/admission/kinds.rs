//! The built-in kinds: versions and scope. As data, from client-go 0.37's scheme.

use super::{GroupVersionKind, GroupVersionResource};

/// A built-in kind.
struct Kind {
    group: &'static str,
    kind: &'static str,
    /// All that the API server's code knows, served or not.
    versions: &'static [&'static str],
    namespaced: bool,
}

const fn namespaced(group: &'static str, kind: &'static str, versions: &'static [&'static str]) -> Kind {
    Kind { group, kind, versions, namespaced: true }
}

const fn cluster(group: &'static str, kind: &'static str, versions: &'static [&'static str]) -> Kind {
    Kind { group, kind, versions, namespaced: false }
}

/// Whether a built-in kind lives in namespaces; `None` for kinds that Kubernetes does not have.
pub fn is_namespaced(group: &str, kind: &str) -> Option<bool> {
    find(group, kind).map(|kind| kind.namespaced)
}

/// Whether a kind is built in but not in this version.
pub fn is_unknown_version(kind: &GroupVersionKind) -> bool {
    find(&kind.group, &kind.kind).is_some_and(|found| !found.versions.contains(&kind.version.as_str()))
}

fn find(group: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|entry| entry.kind == kind && entry.group == group)
}

/// The resource of a kind: apimachinery's `UnsafeGuessKindToResource`, which is right for every built-in kind.
pub fn resource_of(kind: &GroupVersionKind) -> GroupVersionResource {
    let singular = kind.kind.to_lowercase();
    let resource = match singular.as_bytes() {
        [] => String::new(),
        _ if singular == "endpoints" => singular,
        [.., b's'] => format!("{singular}es"),
        [.., b'y'] => format!("{}ies", singular.trim_end_matches('y')),
        _ => format!("{singular}s"),
    };
    GroupVersionResource { group: kind.group.clone(), version: kind.version.clone(), resource }
}

/// Resources that one object is served as at the same time, other than its own. Source: kube-apiserver's registry of
/// equivalent resources, 1.37.
pub fn equivalents(
    resource: &GroupVersionResource,
) -> impl Iterator<Item = (GroupVersionResource, GroupVersionKind)> {
    let (group, version) = (resource.group.clone(), resource.version.clone());
    let alike = EQUIVALENT.iter().filter({
        let resource = resource.clone();
        move |entries| entries.iter().any(|entry| entry.0 == resource.group && entry.3 == resource.resource)
    });
    alike
        .flat_map(|entries| entries.iter())
        .filter(move |entry| (entry.0, entry.1) != (&group, &version))
        .map(|&(group, version, kind, resource)| {
            (GroupVersionResource::new(group, version, resource), GroupVersionKind::new(group, version, kind))
        })
}

/// Group, version, kind, resource.
type Served = (&'static str, &'static str, &'static str, &'static str);

const EQUIVALENT: &[&[Served]] = &[
    &[
        ("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ],
    &[("", "v1", "Event", "events"), ("events.k8s.io", "v1", "Event", "events")],
];

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    namespaced("", "Binding", &["v1"]),
    cluster("", "ComponentStatus", &["v1"]),
    namespaced("", "ConfigMap", &["v1"]),
    namespaced("", "Endpoints", &["v1"]),
    namespaced("", "Event", &["v1"]),
    namespaced("", "LimitRange", &["v1"]),
    cluster("", "Namespace", &["v1"]),
    cluster("", "Node", &["v1"]),
    cluster("", "PersistentVolume", &["v1"]),
    namespaced("", "PersistentVolumeClaim", &["v1"]),
    namespaced("", "Pod", &["v1"]),
    namespaced("", "PodTemplate", &["v1"]),
    namespaced("", "ReplicationController", &["v1"]),
    namespaced("", "ResourceQuota", &["v1"]),
    namespaced("", "Secret", &["v1"]),
    namespaced("", "Service", &["v1"]),
    namespaced("", "ServiceAccount", &["v1"]),
    cluster("admissionregistration.k8s.io", "MutatingAdmissionPolicy", &["v1", "v1alpha1", "v1beta1"]),
    cluster("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding", &["v1", "v1alpha1", "v1beta1"]),
    cluster("admissionregistration.k8s.io", "MutatingWebhookConfiguration", &["v1", "v1beta1"]),
    cluster("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", &["v1", "v1alpha1", "v1beta1"]),
    cluster("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", &["v1", "v1alpha1", "v1beta1"]),
    cluster("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", &["v1", "v1beta1"]),
    cluster("apiextensions.k8s.io", "CustomResourceDefinition", &["v1"]),
    cluster("apiregistration.k8s.io", "APIService", &["v1"]),
    namespaced("apps", "ControllerRevision", &["v1", "v1beta1", "v1beta2"]),
    namespaced("apps", "DaemonSet", &["v1", "v1beta2"]),
    namespaced("apps", "Deployment", &["v1", "v1beta1", "v1beta2"]),
    namespaced("apps", "DeploymentRollback", &["v1beta1"]),
    namespaced("apps", "ReplicaSet", &["v1", "v1beta2"]),
    namespaced("apps", "StatefulSet", &["v1", "v1beta1", "v1beta2"]),
    cluster("authentication.k8s.io", "SelfSubjectReview", &["v1", "v1alpha1", "v1beta1"]),
    namespaced("authentication.k8s.io", "TokenRequest", &["v1"]),
    cluster("authentication.k8s.io", "TokenReview", &["v1", "v1beta1"]),
    namespaced("authorization.k8s.io", "LocalSubjectAccessReview", &["v1", "v1beta1"]),
    cluster("authorization.k8s.io", "SelfSubjectAccessReview", &["v1", "v1beta1"]),
    cluster("authorization.k8s.io", "SelfSubjectRulesReview", &["v1", "v1beta1"]),
    cluster("authorization.k8s.io", "SubjectAccessReview", &["v1", "v1beta1"]),
    namespaced("autoscaling", "HorizontalPodAutoscaler", &["v1", "v2"]),
    namespaced("batch", "CronJob", &["v1", "v1beta1"]),
    namespaced("batch", "Job", &["v1"]),
    cluster("certificates.k8s.io", "CertificateSigningRequest", &["v1", "v1beta1"]),
    cluster("certificates.k8s.io", "ClusterTrustBundle", &["v1", "v1alpha1", "v1beta1"]),
    namespaced("certificates.k8s.io", "PodCertificateRequest", &["v1", "v1beta1"]),
    namespaced("coordination.k8s.io", "Lease", &["v1", "v1beta1"]),
    namespaced("coordination.k8s.io", "LeaseCandidate", &["v1alpha2", "v1beta1"]),
    namespaced("discovery.k8s.io", "EndpointSlice", &["v1", "v1beta1"]),
    namespaced("events.k8s.io", "Event", &["v1", "v1beta1"]),
    namespaced("extensions", "DaemonSet", &["v1beta1"]),
    namespaced("extensions", "Deployment", &["v1beta1"]),
    namespaced("extensions", "DeploymentRollback", &["v1beta1"]),
    namespaced("extensions", "Ingress", &["v1beta1"]),
    namespaced("extensions", "NetworkPolicy", &["v1beta1"]),
    namespaced("extensions", "ReplicaSet", &["v1beta1"]),
    cluster("flowcontrol.apiserver.k8s.io", "FlowSchema", &["v1", "v1beta1", "v1beta2", "v1beta3"]),
    cluster("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", &["v1", "v1beta1", "v1beta2", "v1beta3"]),
    cluster("internal.apiserver.k8s.io", "StorageVersion", &["v1alpha1"]),
    namespaced("lifecycle.k8s.io", "Eviction", &["v1alpha1"]),
    namespaced("lifecycle.k8s.io", "EvictionRequest", &["v1alpha1"]),
    cluster("networking.k8s.io", "IPAddress", &["v1", "v1beta1"]),
    namespaced("networking.k8s.io", "Ingress", &["v1", "v1beta1"]),
    cluster("networking.k8s.io", "IngressClass", &["v1", "v1beta1"]),
    namespaced("networking.k8s.io", "NetworkPolicy", &["v1"]),
    cluster("networking.k8s.io", "ServiceCIDR", &["v1", "v1beta1"]),
    cluster("node.k8s.io", "RuntimeClass", &["v1", "v1alpha1", "v1beta1"]),
    namespaced("policy", "Eviction", &["v1", "v1beta1"]),
    namespaced("policy", "PodDisruptionBudget", &["v1", "v1beta1"]),
    cluster("rbac.authorization.k8s.io", "ClusterRole", &["v1", "v1alpha1", "v1beta1"]),
    cluster("rbac.authorization.k8s.io", "ClusterRoleBinding", &["v1", "v1alpha1", "v1beta1"]),
    namespaced("rbac.authorization.k8s.io", "Role", &["v1", "v1alpha1", "v1beta1"]),
    namespaced("rbac.authorization.k8s.io", "RoleBinding", &["v1", "v1alpha1", "v1beta1"]),
    cluster("resource.k8s.io", "DeviceClass", &["v1", "v1beta1", "v1beta2"]),
    cluster("resource.k8s.io", "DeviceTaintRule", &["v1", "v1alpha3", "v1beta2"]),
    namespaced("resource.k8s.io", "ResourceClaim", &["v1", "v1beta1", "v1beta2"]),
    namespaced("resource.k8s.io", "ResourceClaimTemplate", &["v1", "v1beta1", "v1beta2"]),
    cluster("resource.k8s.io", "ResourcePoolStatusRequest", &["v1alpha3"]),
    cluster("resource.k8s.io", "ResourceSlice", &["v1", "v1beta1", "v1beta2"]),
    namespaced("scheduling.k8s.io", "CompositePodGroup", &["v1alpha3"]),
    namespaced("scheduling.k8s.io", "PodGroup", &["v1alpha3", "v1beta1"]),
    cluster("scheduling.k8s.io", "PriorityClass", &["v1", "v1beta1"]),
    namespaced("scheduling.k8s.io", "Workload", &["v1alpha3", "v1beta1"]),
    cluster("storage.k8s.io", "CSIDriver", &["v1", "v1beta1"]),
    cluster("storage.k8s.io", "CSINode", &["v1", "v1beta1"]),
    namespaced("storage.k8s.io", "CSIStorageCapacity", &["v1", "v1alpha1", "v1beta1"]),
    cluster("storage.k8s.io", "StorageClass", &["v1", "v1beta1"]),
    cluster("storage.k8s.io", "VolumeAttachment", &["v1", "v1alpha1", "v1beta1"]),
    cluster("storage.k8s.io", "VolumeAttributesClass", &["v1", "v1alpha1", "v1beta1"]),
    cluster("storagemigration.k8s.io", "StorageVersionMigration", &["v1", "v1beta1"]),
];
