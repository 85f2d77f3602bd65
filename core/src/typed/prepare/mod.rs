//! What happens to an object between decoding and validation when it is created or updated. Source: apiserver
//! `pkg/registry/rest/{create,update}.go`, and `PrepareForCreate` and `PrepareForUpdate` of the strategies in kubernetes
//! `pkg/registry`.

mod apparmor;
mod between;
mod core;
mod endpoints;
mod pod;
mod pod_resources;
mod qos;
mod service;
mod service_update;
mod update;
mod workloads;

pub(super) use between::form_between;

use super::complete::zero;
use super::convert;
use super::value::{Set, Value};
use super::{Options, Stage};
use crate::document::{Object, Origin};
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

/// Makes of a decoded object what is stored of it, or what is to be stored when the stage is that of a request. The
/// old object has the version of the form between versions.
pub(super) fn prepare(
    object: &mut Value<'_, '_, '_>,
    options: &Options<'_>,
    old: Option<&Object>,
    api_version: &str,
    kind: &str,
) {
    between::pass(object, api_version, kind);
    let between = form_between(api_version, kind);
    if between != api_version {
        convert::newer_autoscaler(object);
    }
    let plan = object.scheme.kind(between, kind);
    if options.stage == Stage::Prepared
        && let Some((plan, stored)) = plan.and_then(|plan| Some((plan, plan.stored?)))
    {
        match old {
            Some(old) => update::prepare(object, old, &plan, &stored, kind, options.namespace),
            None => create(object, &stored, kind, options.namespace),
        }
    }
    if between != api_version {
        convert::older_autoscaler(object);
    }
}

/// Prepares an object of a kind for its creation in a namespace.
fn create(object: &mut Value<'_, '_, '_>, stored: &Stored, kind: &str, namespace: &str) {
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
        "Service" => service::prepare(object),
        "Namespace" => core::namespace(object),
        "PersistentVolume" => object.made("status").default("phase", Set::String("Pending")),
        "PersistentVolumeClaim" => core::claim(object, None),
        "ServiceAccount" => core::service_account(object),
        "CertificateSigningRequest" => core::signing_request(object),
        "CustomResourceDefinition" => super::defaults::stored_versions(object),
        "EndpointSlice" if object.text("apiVersion") == "discovery.k8s.io/v1" => {
            endpoints::without_topology(object, None);
        }
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
    in_namespace(&mut metadata, namespaced, namespace);
}

fn in_namespace(metadata: &mut Value<'_, '_, '_>, namespaced: bool, namespace: &str) {
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
