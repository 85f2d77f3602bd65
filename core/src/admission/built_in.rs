//! The kinds of Kubernetes itself, 1.30 to 1.37, as data.
//!
//! Source: the types registered by k8s.io/client-go's scheme, without lists and options; versions that ended before
//! 1.37 from the API reference of their time. `resource` is the plural that stands in paths and rules.

/// One built-in kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuiltIn {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) resource: &'static str,
    pub(super) namespaced: bool,
    /// The stable ones first, new before old.
    pub(super) versions: &'static [&'static str],
}

/// A built-in kind by group and kind.
pub(super) fn built_in(group: &str, kind: &str) -> Option<&'static BuiltIn> {
    let found = KINDS.binary_search_by(|entry| (entry.group, entry.kind).cmp(&(group, kind))).ok()?;
    KINDS.get(found)
}

const fn row(
    group: &'static str,
    kind: &'static str,
    resource: &'static str,
    namespaced: bool,
    versions: &'static [&'static str],
) -> BuiltIn {
    BuiltIn { group, kind, resource, namespaced, versions }
}

const NAMESPACED: bool = true;
const CLUSTER: bool = false;

/// Sorted by group and kind.
#[rustfmt::skip]
pub(super) const KINDS: &[BuiltIn] = &[
    row("", "Binding", "bindings", NAMESPACED, &["v1"]),
    row("", "ComponentStatus", "componentstatuses", CLUSTER, &["v1"]),
    row("", "ConfigMap", "configmaps", NAMESPACED, &["v1"]),
    row("", "Endpoints", "endpoints", NAMESPACED, &["v1"]),
    row("", "Event", "events", NAMESPACED, &["v1"]),
    row("", "LimitRange", "limitranges", NAMESPACED, &["v1"]),
    row("", "Namespace", "namespaces", CLUSTER, &["v1"]),
    row("", "Node", "nodes", CLUSTER, &["v1"]),
    row("", "PersistentVolume", "persistentvolumes", CLUSTER, &["v1"]),
    row("", "PersistentVolumeClaim", "persistentvolumeclaims", NAMESPACED, &["v1"]),
    row("", "Pod", "pods", NAMESPACED, &["v1"]),
    row("", "PodTemplate", "podtemplates", NAMESPACED, &["v1"]),
    row("", "RangeAllocation", "rangeallocations", NAMESPACED, &["v1"]),
    row("", "ReplicationController", "replicationcontrollers", NAMESPACED, &["v1"]),
    row("", "ResourceQuota", "resourcequotas", NAMESPACED, &["v1"]),
    row("", "Secret", "secrets", NAMESPACED, &["v1"]),
    row("", "SerializedReference", "serializedreferences", NAMESPACED, &["v1"]),
    row("", "Service", "services", NAMESPACED, &["v1"]),
    row("", "ServiceAccount", "serviceaccounts", NAMESPACED, &["v1"]),
    row("admissionregistration.k8s.io", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", CLUSTER, &["v1", "v1beta1"]),
    row("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", CLUSTER, &["v1", "v1beta1"]),
    row("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", CLUSTER, &["v1"]),
    row("apiregistration.k8s.io", "APIService", "apiservices", CLUSTER, &["v1"]),
    row("apps", "ControllerRevision", "controllerrevisions", NAMESPACED, &["v1", "v1beta2", "v1beta1"]),
    row("apps", "DaemonSet", "daemonsets", NAMESPACED, &["v1", "v1beta2"]),
    row("apps", "Deployment", "deployments", NAMESPACED, &["v1", "v1beta2", "v1beta1"]),
    row("apps", "DeploymentRollback", "deploymentrollbacks", NAMESPACED, &["v1beta1"]),
    row("apps", "ReplicaSet", "replicasets", NAMESPACED, &["v1", "v1beta2"]),
    row("apps", "Scale", "scales", NAMESPACED, &["v1beta2", "v1beta1"]),
    row("apps", "StatefulSet", "statefulsets", NAMESPACED, &["v1", "v1beta2", "v1beta1"]),
    row("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("authentication.k8s.io", "TokenRequest", "tokenrequests", NAMESPACED, &["v1"]),
    row("authentication.k8s.io", "TokenReview", "tokenreviews", CLUSTER, &["v1", "v1beta1"]),
    row("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", NAMESPACED, &["v1", "v1beta1"]),
    row("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", CLUSTER, &["v1", "v1beta1"]),
    row("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", CLUSTER, &["v1", "v1beta1"]),
    row("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", CLUSTER, &["v1", "v1beta1"]),
    row("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers", NAMESPACED, &["v2", "v1"]),
    row("autoscaling", "Scale", "scales", NAMESPACED, &["v1"]),
    row("batch", "CronJob", "cronjobs", NAMESPACED, &["v1", "v1beta1"]),
    row("batch", "Job", "jobs", NAMESPACED, &["v1"]),
    row("certificates.k8s.io", "CertificateSigningRequest", "certificatesigningrequests", CLUSTER, &["v1", "v1beta1"]),
    row("certificates.k8s.io", "ClusterTrustBundle", "clustertrustbundles", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("certificates.k8s.io", "PodCertificateRequest", "podcertificaterequests", NAMESPACED, &["v1", "v1beta1", "v1alpha1"]),
    row("coordination.k8s.io", "Lease", "leases", NAMESPACED, &["v1", "v1beta1"]),
    row("coordination.k8s.io", "LeaseCandidate", "leasecandidates", NAMESPACED, &["v1beta1", "v1alpha2", "v1alpha1"]),
    row("discovery.k8s.io", "EndpointSlice", "endpointslices", NAMESPACED, &["v1", "v1beta1"]),
    row("events.k8s.io", "Event", "events", NAMESPACED, &["v1", "v1beta1"]),
    row("extensions", "DaemonSet", "daemonsets", NAMESPACED, &["v1beta1"]),
    row("extensions", "Deployment", "deployments", NAMESPACED, &["v1beta1"]),
    row("extensions", "DeploymentRollback", "deploymentrollbacks", NAMESPACED, &["v1beta1"]),
    row("extensions", "Ingress", "ingresses", NAMESPACED, &["v1beta1"]),
    row("extensions", "NetworkPolicy", "networkpolicies", NAMESPACED, &["v1beta1"]),
    row("extensions", "ReplicaSet", "replicasets", NAMESPACED, &["v1beta1"]),
    row("extensions", "Scale", "scales", NAMESPACED, &["v1beta1"]),
    row("flowcontrol.apiserver.k8s.io", "FlowSchema", "flowschemas", CLUSTER, &["v1", "v1beta3", "v1beta2", "v1beta1"]),
    row("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", "prioritylevelconfigurations", CLUSTER, &["v1", "v1beta3", "v1beta2", "v1beta1"]),
    row("internal.apiserver.k8s.io", "StorageVersion", "storageversions", CLUSTER, &["v1alpha1"]),
    row("lifecycle.k8s.io", "Eviction", "evictions", NAMESPACED, &["v1alpha1"]),
    row("lifecycle.k8s.io", "EvictionRequest", "evictionrequests", NAMESPACED, &["v1alpha1"]),
    row("networking.k8s.io", "IPAddress", "ipaddresses", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("networking.k8s.io", "Ingress", "ingresses", NAMESPACED, &["v1", "v1beta1"]),
    row("networking.k8s.io", "IngressClass", "ingressclasses", CLUSTER, &["v1", "v1beta1"]),
    row("networking.k8s.io", "NetworkPolicy", "networkpolicies", NAMESPACED, &["v1"]),
    row("networking.k8s.io", "ServiceCIDR", "servicecidrs", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("node.k8s.io", "RuntimeClass", "runtimeclasses", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("policy", "Eviction", "evictions", NAMESPACED, &["v1", "v1beta1"]),
    row("policy", "PodDisruptionBudget", "poddisruptionbudgets", NAMESPACED, &["v1", "v1beta1"]),
    row("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("rbac.authorization.k8s.io", "Role", "roles", NAMESPACED, &["v1", "v1beta1", "v1alpha1"]),
    row("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", NAMESPACED, &["v1", "v1beta1", "v1alpha1"]),
    row("resource.k8s.io", "DeviceClass", "deviceclasses", CLUSTER, &["v1", "v1beta2", "v1beta1", "v1alpha3"]),
    row("resource.k8s.io", "DeviceTaintRule", "devicetaintrules", CLUSTER, &["v1", "v1beta2", "v1alpha3"]),
    row("resource.k8s.io", "ResourceClaim", "resourceclaims", NAMESPACED, &["v1", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2"]),
    row("resource.k8s.io", "ResourceClaimTemplate", "resourceclaimtemplates", NAMESPACED, &["v1", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2"]),
    row("resource.k8s.io", "ResourcePoolStatusRequest", "resourcepoolstatusrequests", CLUSTER, &["v1alpha3"]),
    row("resource.k8s.io", "ResourceSlice", "resourceslices", CLUSTER, &["v1", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2"]),
    row("scheduling.k8s.io", "CompositePodGroup", "compositepodgroups", NAMESPACED, &["v1alpha3"]),
    row("scheduling.k8s.io", "PodGroup", "podgroups", NAMESPACED, &["v1beta1", "v1alpha3", "v1alpha2"]),
    row("scheduling.k8s.io", "PriorityClass", "priorityclasses", CLUSTER, &["v1", "v1beta1"]),
    row("scheduling.k8s.io", "Workload", "workloads", NAMESPACED, &["v1beta1", "v1alpha3", "v1alpha2", "v1alpha1"]),
    row("storage.k8s.io", "CSIDriver", "csidrivers", CLUSTER, &["v1", "v1beta1"]),
    row("storage.k8s.io", "CSINode", "csinodes", CLUSTER, &["v1", "v1beta1"]),
    row("storage.k8s.io", "CSIStorageCapacity", "csistoragecapacities", NAMESPACED, &["v1", "v1beta1", "v1alpha1"]),
    row("storage.k8s.io", "StorageClass", "storageclasses", CLUSTER, &["v1", "v1beta1"]),
    row("storage.k8s.io", "VolumeAttachment", "volumeattachments", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("storage.k8s.io", "VolumeAttributesClass", "volumeattributesclasses", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
    row("storagemigration.k8s.io", "StorageVersionMigration", "storageversionmigrations", CLUSTER, &["v1", "v1beta1", "v1alpha1"]),
];
