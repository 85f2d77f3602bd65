package main

import (
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// clusterScoped lists the built-in kinds that live outside namespaces.
var clusterScoped = words(`
	admissionregistration.k8s.io/MutatingAdmissionPolicy admissionregistration.k8s.io/MutatingAdmissionPolicyBinding
	admissionregistration.k8s.io/MutatingWebhookConfiguration admissionregistration.k8s.io/ValidatingAdmissionPolicy
	admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding admissionregistration.k8s.io/ValidatingWebhookConfiguration
	apiextensions.k8s.io/CustomResourceDefinition apiregistration.k8s.io/APIService
	authentication.k8s.io/SelfSubjectReview authentication.k8s.io/TokenReview
	authorization.k8s.io/SelfSubjectAccessReview authorization.k8s.io/SelfSubjectRulesReview authorization.k8s.io/SubjectAccessReview
	certificates.k8s.io/CertificateSigningRequest certificates.k8s.io/ClusterTrustBundle
	/ComponentStatus /Namespace /Node /PersistentVolume
	flowcontrol.apiserver.k8s.io/FlowSchema flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration
	internal.apiserver.k8s.io/StorageVersion
	networking.k8s.io/IPAddress networking.k8s.io/IngressClass networking.k8s.io/ServiceCIDR
	node.k8s.io/RuntimeClass
	rbac.authorization.k8s.io/ClusterRole rbac.authorization.k8s.io/ClusterRoleBinding
	resource.k8s.io/DeviceClass resource.k8s.io/DeviceTaintRule resource.k8s.io/ResourcePoolStatusRequest resource.k8s.io/ResourceSlice
	scheduling.k8s.io/PriorityClass
	storage.k8s.io/CSIDriver storage.k8s.io/CSINode storage.k8s.io/StorageClass storage.k8s.io/VolumeAttachment storage.k8s.io/VolumeAttributesClass
	storagemigration.k8s.io/StorageVersionMigration`)

// severalVersions lists the built-in resources that a 1.37 server serves in
// more than one version by default; Events also live in two groups.
var severalVersions = [][]schema.GroupVersionKind{
	{
		{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler"},
		{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"},
	},
	{
		{Group: "", Version: "v1", Kind: "Event"},
		{Group: "events.k8s.io", Version: "v1", Kind: "Event"},
	},
}

// builtIn says whether Kubernetes itself has the kind, in any version.
func builtIn(kind schema.GroupKind) bool {
	switch kind.Group {
	case "apiextensions.k8s.io":
		return kind.Kind == "CustomResourceDefinition"
	case "apiregistration.k8s.io":
		return kind.Kind == "APIService"
	}
	return len(scheme.Scheme.VersionsForGroupKind(kind)) > 0
}

// namespacedKind says whether a built-in kind lives in namespaces.
func namespacedKind(kind schema.GroupKind) bool {
	return !clusterScoped[kind.Group+"/"+kind.Kind]
}

// resourceOf gives the plural name: apimachinery's guess, which is right for
// every built-in kind.
func resourceOf(kind schema.GroupVersionKind) schema.GroupVersionResource {
	plural, _ := apimeta.UnsafeGuessKindToResource(kind)
	return plural
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// knownVersion says whether a built-in kind exists in this version.
func knownVersion(kind schema.GroupVersionKind) bool {
	return scheme.Scheme.Recognizes(kind) || !builtIn(kind.GroupKind())
}
