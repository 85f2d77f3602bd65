//! What happens to an object between decoding and validation when it is created. Source: apiserver
//! `pkg/registry/rest/create.go` and `PrepareForCreate` of the strategies in kubernetes `pkg/registry`.

mod apparmor;
mod autoscaling;
mod core;
mod pod;
mod pod_resources;
mod qos;
mod service;
mod workloads;

use super::Stage;
use super::complete::zero;
use super::value::{Set, Value};
use crate::document::Origin;
use crate::schema::{Schemas, Type, TypeId};

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

/// What the registry does with any object of a kind that is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    namespaced: bool,
    /// The type of a status that a new object cannot have.
    status: Option<TypeId>,
    generation: bool,
}

impl Stored {
    pub(super) fn of(schemas: &Schemas, api_version: &str, kind: &str) -> Option<Stored> {
        let namespaced = schemas.resource_of(api_version, kind)?.namespaced;
        // The gate ServiceCIDRStatusFieldWiping.
        let wipes = WITHOUT_STATUS.contains(&kind) && (kind != "ServiceCIDR" || schemas.minor() >= 36);
        let status =
            schemas.kind(api_version, kind).and_then(|own| own.field("status")).map(|field| field.kind);
        // The gate HPAGeneration.
        let generation =
            WITH_GENERATION.contains(&kind) || kind == "HorizontalPodAutoscaler" && schemas.minor() >= 37;
        Some(Stored { namespaced, status: status.filter(|_| wipes), generation })
    }
}

/// Prepares an object of a kind for its creation in a namespace.
pub(super) fn prepare(
    object: &mut Value<'_, '_, '_>,
    stored: &Stored,
    api_version: &str,
    kind: &str,
    namespace: &str,
) {
    metadata(object, stored.namespaced, namespace);
    if let Some(id) = stored.status {
        status(object, id);
    }
    if stored.generation
        && let Some(mut metadata) = object.within("metadata")
    {
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

/// A status as it is when nothing is known yet; a pointer to one is nil.
fn status(object: &mut Value<'_, '_, '_>, id: TypeId) {
    if matches!(object.scheme.schemas.type_of(id), Type::Pointer(_)) {
        object.unset("status");
        return;
    }
    let span = object.draft.span(object.place);
    let empty = zero(object.draft, object.scheme, id, span, Stage::Decoded);
    object.put("status", empty);
    object.draft.mark(empty, Origin::Empty);
}
