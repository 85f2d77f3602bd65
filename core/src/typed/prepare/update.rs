//! What becomes of an object that replaces an old one. Source: apiserver `pkg/registry/rest/update.go` `BeforeUpdate`,
//! `pkg/registry/generic/registry/store.go` `Update`, and `PrepareForUpdate` of the strategies in kubernetes
//! `pkg/registry`.

use super::{Stored, WITHOUT_STATUS, core, endpoints, in_namespace, pod, service_update, workloads};
use crate::document::{NodeRef, NodeValue, Object, Origin};
use crate::schema::{StructId, Type};
use crate::typed::disabled::drop_unused;
use crate::typed::equality::Comparison;
use crate::typed::scheme::KindPlan;
use crate::typed::value::{Set, Value};

/// Kinds that may be replaced only by what names the version that it replaces. Source: `AllowUnconditionalUpdate`.
const CONDITIONAL: &[&str] = &[
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "StorageVersion",
    "ClusterTrustBundle",
    "PodCertificateRequest",
    "Lease",
    "LeaseCandidate",
    "Eviction",
    "EvictionRequest",
    "RuntimeClass",
    "PodDisruptionBudget",
    "DeviceTaintRule",
    "ResourcePoolStatusRequest",
    "CompositePodGroup",
    "PodGroup",
    "Workload",
    "CSIDriver",
    "CSINode",
    "CSIStorageCapacity",
    "VolumeAttachment",
    "StorageVersionMigration",
    "CustomResourceDefinition",
    "APIService",
];

/// What counts as a change when generations are counted.
enum Counted {
    /// A field of the object.
    Field(&'static str),
    /// The same as Go's `reflect.DeepEqual` sees it.
    Strictly(&'static str),
    /// The whole object but its metadata, and its labels.
    Whole,
}

/// Prepares an object of a kind to replace an old one in its version.
pub(super) fn prepare(
    object: &mut Value<'_, '_, '_>,
    old: &Object,
    plan: &KindPlan,
    stored: &Stored,
    kind: &str,
    namespace: &str,
) {
    let old = old.root();
    before(object, old, stored, kind, namespace);
    if kind == "Service" {
        service_update::keep_allocated(object, old);
    }
    let carries = match kind {
        "Node" => true,
        "ServiceCIDR" => stored.status.is_some(),
        _ => WITHOUT_STATUS.contains(&kind),
    };
    if carries {
        carry(object, old, "status");
    }
    // These count what is then dropped.
    let counts_first =
        matches!(kind, "ResourceSlice" | "DeviceTaintRule" | "PodDisruptionBudget" | "EndpointSlice");
    let changed_first = counts_first && changed(object, old, plan.id, kind);
    drop_unused(object.draft, object.scheme, plan.id, object.place, old);
    by_kind(object, old, plan.id, kind);
    let changed = if counts_first { changed_first } else { changed(object, old, plan.id, kind) };
    if changed {
        let generation = old.field("metadata").and_then(|own| own.field("generation")?.as_int()).unwrap_or(0);
        let mut metadata = object.made("metadata");
        match generation.wrapping_add(1) {
            0 => metadata.unset("generation"),
            next => {
                metadata.set("generation", Set::Int(next));
            }
        }
    }
    after(object, old);
}

/// What a request cannot choose, and the version that it replaces.
fn before(object: &mut Value<'_, '_, '_>, old: NodeRef<'_>, stored: &Stored, kind: &str, namespace: &str) {
    // The versions before the first stable one need not name it.
    let is_old_taint_rule = kind == "DeviceTaintRule"
        && matches!(object.text("apiVersion"), "resource.k8s.io/v1alpha3" | "resource.k8s.io/v1beta2");
    let mut metadata = object.made("metadata");
    metadata.unset("managedFields");
    in_namespace(&mut metadata, stored.namespaced, namespace);
    let Some(old) = old.field("metadata") else { return };
    let version = metadata.text("resourceVersion");
    let is_unset = version.is_empty() || version == "0";
    if is_unset && (is_old_taint_rule || !CONDITIONAL.contains(&kind)) {
        carry_field(&mut metadata, old, "resourceVersion");
    }
    carry_field(&mut metadata, old, "generation");
}

fn after(object: &mut Value<'_, '_, '_>, old: NodeRef<'_>) {
    let Some(old) = old.field("metadata") else { return };
    let mut metadata = object.made("metadata");
    if metadata.text("uid").is_empty() {
        carry_field(&mut metadata, old, "uid");
    }
    for name in ["creationTimestamp", "deletionTimestamp"] {
        if old.field(name).is_some_and(|time| !time.is_null()) {
            carry_field(&mut metadata, old, name);
        }
    }
    if metadata.is_nil("deletionGracePeriodSeconds") {
        carry_field(&mut metadata, old, "deletionGracePeriodSeconds");
    }
}

fn by_kind(object: &mut Value<'_, '_, '_>, old: NodeRef<'_>, id: StructId, kind: &str) {
    let template = workloads::template_of(kind);
    let old_at = |path: &[&str]| path.iter().try_fold(old, |node, name| node.field(name));
    if !template.is_empty()
        && let Some(place) = object.path(template)
    {
        pod::drop_disabled(&mut object.at(place), old_at(template));
    }
    match kind {
        "Pod" => {
            // The gate PodLevelResourcesFixDefaulting.
            if object.minor() >= 37
                && let (Some(own), Some(mut spec)) = (old_at(&["spec", "resources"]), object.within("spec"))
                && spec.is_nil("resources")
            {
                put(&mut spec, "resources", own);
            }
            pod::drop_disabled(object, Some(old));
        }
        "DaemonSet" => {
            let mut generation = old_at(&["metadata", "annotations", workloads::TEMPLATE_GENERATION])
                .and_then(|text| text.as_str()?.parse::<i64>().ok())
                .unwrap_or(0);
            if !equal_at(object, old, id, template) {
                generation = generation.wrapping_add(1);
            }
            workloads::set_template_generation(object, generation);
        }
        "Namespace" => {
            let mut spec = object.made("spec");
            spec.unset("finalizers");
            if let Some(finalizers) = old_at(&["spec", "finalizers"]) {
                put(&mut spec, "finalizers", finalizers);
            }
            core::name_label(object);
        }
        "Service" => service_update::drop_by_type(object, old),
        "PersistentVolumeClaim" => core::claim(object, Some(old)),
        "ServiceAccount" => core::service_account(object),
        "CertificateSigningRequest" => carry(object, old, "spec"),
        "CustomResourceDefinition" => store_version(object),
        "DeviceTaintRule" => taint_time(object, old),
        "EndpointSlice"
            if object.text("apiVersion") == "discovery.k8s.io/v1"
                && !equal_at(object, old, id, &["endpoints"]) =>
        {
            endpoints::without_topology(object, Some(old));
        }
        "PodDisruptionBudget" if !equal_at(object, old, id, &["spec", "selector"]) => {
            workloads::disruption_selector(object);
        }
        _ => {}
    }
}

/// The version that is stored from now on is among those that are stored.
fn store_version(definition: &mut Value<'_, '_, '_>) {
    let mut spec = definition.made("spec");
    let stored = spec.items("versions").into_iter().find(|&version| spec.at(version).is_true("storage"));
    let Some(stored) = stored else { return };
    let name = spec.at(stored).text("name").to_owned();
    let mut status = definition.made("status");
    let known = status.items("storedVersions");
    if known.iter().any(|&item| status.draft.value(item) == Set::String(&name)) {
        return;
    }
    let list = status.find("storedVersions").unwrap_or_else(|| status.set("storedVersions", Set::List));
    let span = status.draft.span(list);
    let item = status.draft.added(Set::String(&name), Origin::Defaulted, span);
    status.draft.push(list, item);
}

/// A taint of another effect is a new one, whose time is that of the request.
fn taint_time(rule: &mut Value<'_, '_, '_>, old: NodeRef<'_>) {
    let Some(place) = rule.path(&["spec", "taint"]) else { return };
    let old = old.field("spec").and_then(|spec| spec.field("taint"));
    let of_old = |name: &str| old.and_then(|taint| taint.field(name)?.as_str()).unwrap_or_default();
    let mut taint = rule.at(place);
    if taint.text("effect") != of_old("effect") && taint.text("timeAdded") == of_old("timeAdded") {
        taint.unset("timeAdded");
    }
}

/// Whether the object is another one than before, for kinds that count that.
fn changed(object: &Value<'_, '_, '_>, old: NodeRef<'_>, id: StructId, kind: &str) -> bool {
    let counted = match kind {
        "Deployment" if !equal_at(object, old, id, &["metadata", "annotations"]) => return true,
        "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => Counted::Strictly("webhooks"),
        "NetworkPolicy" => Counted::Strictly("spec"),
        "PodTemplate" => Counted::Field("template"),
        "EndpointSlice" => Counted::Whole,
        "HorizontalPodAutoscaler" if object.minor() < 37 => return false,
        "Pod"
        | "ReplicationController"
        | "DaemonSet"
        | "Deployment"
        | "ReplicaSet"
        | "StatefulSet"
        | "CronJob"
        | "Job"
        | "Ingress"
        | "IngressClass"
        | "PodDisruptionBudget"
        | "MutatingAdmissionPolicy"
        | "MutatingAdmissionPolicyBinding"
        | "ValidatingAdmissionPolicy"
        | "ValidatingAdmissionPolicyBinding"
        | "FlowSchema"
        | "PriorityLevelConfiguration"
        | "Eviction"
        | "EvictionRequest"
        | "DeviceClass"
        | "DeviceTaintRule"
        | "ResourceSlice"
        | "CSIDriver"
        | "CustomResourceDefinition"
        | "HorizontalPodAutoscaler" => Counted::Field("spec"),
        _ => return false,
    };
    match counted {
        Counted::Field(name) => !equal_at(object, old, id, &[name]),
        Counted::Strictly(name) => !compared_at(object, old, id, &[name], true),
        Counted::Whole => {
            let comparison = Comparison { scheme: object.scheme, draft: object.draft, strict: false };
            let heads = ["apiVersion", "kind", "metadata"];
            !comparison.structs_without(id, Some(object.place), Some(old), &heads)
                || !equal_at(object, old, id, &["metadata", "labels"])
        }
    }
}

fn equal_at(object: &Value<'_, '_, '_>, old: NodeRef<'_>, id: StructId, path: &[&str]) -> bool {
    compared_at(object, old, id, path, false)
}

/// Whether the values at the end of a path of fields are equal.
fn compared_at(
    object: &Value<'_, '_, '_>,
    old: NodeRef<'_>,
    id: StructId,
    path: &[&str],
    strict: bool,
) -> bool {
    let schemas = &object.scheme.schemas;
    let (mut id, mut new, mut old) = (id, Some(object.place), Some(old));
    let comparison = Comparison { scheme: object.scheme, draft: object.draft, strict };
    for (number, name) in path.iter().enumerate() {
        let Some(field) = schemas.structure(id).field(name) else { return true };
        new = new.and_then(|place| object.draft.field(place, name));
        old = old.and_then(|node| node.field(name));
        if number + 1 == path.len() {
            return comparison.values(field.kind, new, old);
        }
        let mut kind = field.kind;
        while let Type::Pointer(inner) = schemas.type_of(kind) {
            kind = inner;
        }
        match schemas.type_of(kind) {
            Type::Struct(within) => id = within,
            _ => return true,
        }
    }
    true
}

/// Takes a field of the object from the old one, also when it is not there.
fn carry(object: &mut Value<'_, '_, '_>, old: NodeRef<'_>, name: &str) {
    match old.field(name) {
        Some(node) => put(object, name, node),
        None => object.unset(name),
    }
}

fn carry_field(metadata: &mut Value<'_, '_, '_>, old: NodeRef<'_>, name: &str) {
    carry(metadata, old, name);
}

/// Puts a value of the old object into a field. Its place in the text is that of what it is in.
pub(super) fn put(value: &mut Value<'_, '_, '_>, name: &str, node: NodeRef<'_>) {
    let span = value.draft.span(value.place);
    let place = value.draft.carried(node, span);
    value.put(name, place);
}

/// The texts of a list.
pub(super) fn texts(list: Option<NodeRef<'_>>) -> Vec<String> {
    let items = list.and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter());
    items
        .filter_map(|item| match item.value() {
            NodeValue::String(text) => Some(text.to_owned()),
            _ => None,
        })
        .collect()
}
