//! What happens to an object between decoding and validation when it is created. Source: apiserver
//! `pkg/registry/rest/create.go` and `PrepareForCreate` of the strategies in kubernetes `pkg/registry`.

mod apparmor;
mod autoscaling;
mod core;
mod pod;
mod qos;
mod service;
mod workloads;

use super::Stage;
use super::complete::zero;
use super::value::{Set, Value};
use crate::document::Origin;

/// Kinds whose status is the server's, so that a new one has none.
const WITHOUT_STATUS: &[&str] = &[
    "Pod",
    "Service",
    "Namespace",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ReplicationController",
    "ResourceQuota",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "CronJob",
    "Job",
    "Ingress",
    "ServiceCIDR",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "ValidatingAdmissionPolicy",
    "StorageVersion",
    "CertificateSigningRequest",
    "PodCertificateRequest",
    "FlowSchema",
    "PriorityLevelConfiguration",
    "EvictionRequest",
    "Eviction",
    "DeviceTaintRule",
    "ResourceClaim",
    "ResourcePoolStatusRequest",
    "CompositePodGroup",
    "PodGroup",
    "CSINode",
    "VolumeAttachment",
    "StorageVersionMigration",
    "CustomResourceDefinition",
    "APIService",
];

/// Kinds that count their generations from 1; the others keep what was written.
const WITH_GENERATION: &[&str] = &[
    "Pod",
    "ReplicationController",
    "PodTemplate",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "CronJob",
    "Job",
    "Ingress",
    "IngressClass",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "EndpointSlice",
    "FlowSchema",
    "PriorityLevelConfiguration",
    "EvictionRequest",
    "Eviction",
    "DeviceClass",
    "DeviceTaintRule",
    "ResourceSlice",
    "PriorityClass",
    "CustomResourceDefinition",
];

/// Prepares an object of a kind for its creation in a namespace.
pub(super) fn prepare(object: &mut Value<'_, '_, '_>, api_version: &str, kind: &str, namespace: &str) {
    let resource = object.scheme.schemas.resource_of(api_version, kind);
    // Only what is stored has a strategy.
    let Some(namespaced) = resource.map(|resource| resource.namespaced) else { return };
    metadata(object, namespaced, namespace);
    let wipes = match kind {
        // The gate ServiceCIDRStatusFieldWiping.
        "ServiceCIDR" => object.minor() >= 36,
        "ResourcePoolStatusRequest" => {
            object.unset("status");
            false
        }
        _ => WITHOUT_STATUS.contains(&kind),
    };
    if wipes {
        status(object, api_version, kind);
    }
    // The gate HPAGeneration.
    let generation =
        WITH_GENERATION.contains(&kind) || kind == "HorizontalPodAutoscaler" && object.minor() >= 37;
    if generation && let Some(mut metadata) = object.within("metadata") {
        metadata.set("generation", Set::Int(1));
    }
    match kind {
        "Pod" => pod::prepare(object),
        "HorizontalPodAutoscaler" if api_version == "autoscaling/v1" => autoscaling::older_version(object),
        "Service" => service::prepare(object),
        "Node" => core::node(object),
        "Namespace" => core::namespace(object),
        "PersistentVolume" => object.made("status").default("phase", Set::String("Pending")),
        "PersistentVolumeClaim" => core::claim(object),
        "Secret" => core::secret(object),
        "ServiceAccount" => core::service_account(object),
        "CertificateSigningRequest" => core::signing_request(object),
        "CustomResourceDefinition" => {
            super::defaults::stored_versions(object);
            core::conversion_webhook(object);
        }
        "ResourceSlice" if api_version.ends_with("/v1beta1") => core::basic_devices(object),
        _ => workloads::prepare(object, kind),
    }
}

/// What the server alone decides. Source: `WipeObjectMetaSystemFields`, `EnsureObjectNamespaceMatchesRequestNamespace`.
fn metadata(object: &mut Value<'_, '_, '_>, namespaced: bool, namespace: &str) {
    let always_dated = object.minor() < 34;
    let Some(mut metadata) = object.within("metadata") else { return };
    for name in [
        "uid",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "managedFields",
        "creationTimestamp",
    ] {
        metadata.unset(name);
    }
    if always_dated {
        metadata.set("creationTimestamp", Set::Null);
    }
    if namespaced {
        metadata.default("namespace", Set::String(namespace));
    } else {
        metadata.unset("namespace");
    }
}

/// A status as it is when nothing is known yet.
fn status(object: &mut Value<'_, '_, '_>, api_version: &str, kind: &str) {
    let schemas = &object.scheme.schemas;
    let field = schemas.kind(api_version, kind).and_then(|own| own.field("status"));
    let Some(id) = field.map(|field| field.kind) else { return };
    let span = object.draft.span(object.place);
    let empty = zero(object.draft, object.scheme, id, span, Stage::Decoded);
    object.put("status", empty);
    object.draft.mark(empty, Origin::Empty);
}
