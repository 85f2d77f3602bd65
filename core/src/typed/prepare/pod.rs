//! Pods. Source: kubernetes `pkg/registry/core/pod/strategy.go`, `pkg/api/pod/util.go`.

use super::{apparmor, pod_resources, qos};
use crate::document::{DraftValue, NodeRef, Place};
use crate::typed::value::{Set, Value};

/// The lists of containers.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Annotations that once were the API of init containers.
const INIT_CONTAINERS: [&str; 4] = [
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
];

pub(super) fn prepare(pod: &mut Value<'_, '_, '_>) {
    pod.made("status").set("phase", Set::String("Pending"));
    drop_disabled(pod, None);
    gated_condition(pod);
    merge_label_keys(pod);
    apparmor::fields_from_annotations(pod);
    pod_resources::default(pod);
    qos::set(pod);
}

/// Annotations that mean nothing any more. Source: kubernetes `pkg/apis/core/v1/conversion.go`
/// `dropInitContainerAnnotations`.
pub(super) fn without_old_annotations(pod: &mut Value<'_, '_, '_>) {
    let Some(annotations) = pod.path(&["metadata", "annotations"]) else { return };
    let mut annotations = pod.at(annotations);
    for name in INIT_CONTAINERS {
        annotations.unset(name);
    }
    if annotations.children().is_empty()
        && let Some(mut metadata) = pod.within("metadata")
    {
        metadata.unset("annotations");
    }
}

/// What is dropped from a pod or template but for single fields, see `typed/gates.rs`; not from an update of what has it.
pub(super) fn drop_disabled(pod: &mut Value<'_, '_, '_>, old: Option<NodeRef<'_>>) {
    let minor = pod.minor();
    let old_spec = old.and_then(|old| old.field("spec"));
    let had = |has: fn(NodeRef<'_>) -> bool| {
        let lists = CONTAINERS.iter().filter_map(|list| old_spec?.field(list)?.as_list());
        lists.flat_map(|list| list.iter()).any(has)
    };
    let had_signal = had(|own| {
        own.field("lifecycle").and_then(|own| own.field("stopSignal")).is_some_and(|own| !own.is_null())
    });
    let had_mount = had(|own| {
        let mount = own.field("securityContext").and_then(|own| own.field("procMount"));
        mount.and_then(NodeRef::as_str).is_some_and(|mount| mount != "Default")
    });
    let had_restart = had(|own| own.field("restartPolicy").is_some());
    let had_images = old_spec
        .and_then(|spec| spec.field("volumes")?.as_list())
        .is_some_and(|list| list.iter().any(|volume| volume.field("image").is_some()));
    let Some(mut spec) = pod.within("spec") else { return };
    for list in CONTAINERS {
        spec.each(list, |container| {
            if !had_signal {
                stop_signal(container);
            }
            // The gate ContainerRestartRules.
            let restart = container.text("restartPolicy");
            if minor < 35 && !had_restart && !(list == "initContainers" && restart == "Always") {
                container.unset("restartPolicy");
            }
            // The gate ProcMountType.
            if minor < 33
                && !had_mount
                && let Some(mut context) = container.within("securityContext")
                && !context.is_nil("procMount")
            {
                context.set("procMount", Set::String("Default"));
            }
        });
    }
    // The gate ImageVolume.
    if minor < 35 && !had_images {
        image_volumes(&mut spec);
    }
}

/// The gate ContainerStopSignals is off.
fn stop_signal(container: &mut Value<'_, '_, '_>) {
    let Some(mut lifecycle) = container.within("lifecycle") else { return };
    if lifecycle.is_nil("stopSignal") {
        return;
    }
    lifecycle.unset("stopSignal");
    if lifecycle.children().is_empty() {
        container.unset("lifecycle");
    }
}

/// Volumes that are images go with their mounts.
fn image_volumes(spec: &mut Value<'_, '_, '_>) {
    let images: Vec<Place> =
        spec.items("volumes").into_iter().filter(|&volume| !spec.at(volume).is_nil("image")).collect();
    if images.is_empty() {
        return;
    }
    let names: Vec<String> = images.iter().map(|&volume| spec.at(volume).text("name").to_owned()).collect();
    let kept = |value: &mut Value<'_, '_, '_>, list: &str, names: &[String], is_volume: bool| {
        let items = value.items(list);
        let gone = |value: &mut Value<'_, '_, '_>, item: Place| {
            let item = value.at(item);
            if is_volume { !item.is_nil("image") } else { names.iter().any(|name| name == item.text("name")) }
        };
        if !items.iter().any(|&item| gone(value, item)) {
            return;
        }
        value.unset(list);
        let left: Vec<Place> = items.into_iter().filter(|&item| !gone(value, item)).collect();
        if !left.is_empty() {
            let new = value.set(list, Set::List);
            for item in left {
                value.draft.push(new, item);
            }
        }
    };
    kept(spec, "volumes", &names, true);
    for list in CONTAINERS {
        spec.each(list, |container| kept(container, "volumeMounts", &names, false));
    }
}

/// A pod with scheduling gates says so.
fn gated_condition(pod: &mut Value<'_, '_, '_>) {
    if pod.within("spec").is_none_or(|spec| spec.is_empty("schedulingGates")) {
        return;
    }
    let mut status = pod.made("status");
    let list = status.set("conditions", Set::List);
    let mut condition = status.item(list);
    condition.set("type", Set::String("PodScheduled"));
    condition.set("status", Set::String("False"));
    condition.set("lastProbeTime", Set::Null);
    condition.set("lastTransitionTime", Set::Null);
    condition.set("reason", Set::String("SchedulingGated"));
    condition.set("message", Set::String("Scheduling is blocked due to non-empty scheduling gates"));
}

/// Selectors also ask for the pod's own labels of certain keys.
fn merge_label_keys(pod: &mut Value<'_, '_, '_>) {
    if pod
        .within("spec")
        .is_none_or(|spec| spec.is_nil("affinity") && spec.is_nil("topologySpreadConstraints"))
    {
        return;
    }
    let labels: Vec<(String, String)> = match pod.path(&["metadata", "labels"]) {
        Some(labels) => pod
            .draft
            .children(labels)
            .filter_map(|entry| match pod.draft.value(entry) {
                DraftValue::String(value) => Some((pod.draft.key(entry).to_owned(), value.to_owned())),
                _ => None,
            })
            .collect(),
        None => return,
    };
    let minor = pod.minor();
    let Some(mut spec) = pod.within("spec") else { return };
    // The gate MatchLabelKeysInPodAffinity.
    if minor >= 31
        && let Some(mut affinity) = spec.within("affinity")
    {
        for kind in ["podAffinity", "podAntiAffinity"] {
            let Some(mut affinity) = affinity.within(kind) else { continue };
            affinity.each("preferredDuringSchedulingIgnoredDuringExecution", |weighted| {
                if let Some(mut term) = weighted.within("podAffinityTerm") {
                    affinity_term(&mut term, &labels);
                }
            });
            affinity
                .each("requiredDuringSchedulingIgnoredDuringExecution", |term| affinity_term(term, &labels));
        }
    }
    // The gate MatchLabelKeysInPodTopologySpreadSelectorMerge.
    if minor >= 34 {
        spec.each("topologySpreadConstraints", |constraint| {
            merge(constraint, "matchLabelKeys", "In", &labels)
        });
    }
}

fn affinity_term(term: &mut Value<'_, '_, '_>, labels: &[(String, String)]) {
    merge(term, "matchLabelKeys", "In", labels);
    merge(term, "mismatchLabelKeys", "NotIn", labels);
}

fn merge(term: &mut Value<'_, '_, '_>, field: &str, operator: &str, labels: &[(String, String)]) {
    let keys: Vec<String> = term
        .items(field)
        .into_iter()
        .filter_map(|item| match term.draft.value(item) {
            DraftValue::String(key) => Some(key.to_owned()),
            _ => None,
        })
        .collect();
    let Some(mut selector) = term.within("labelSelector") else { return };
    for key in keys {
        let Some((_, value)) = labels.iter().find(|(label, _)| *label == key) else { continue };
        let list = match selector.find("matchExpressions") {
            Some(list) => list,
            None => selector.set("matchExpressions", Set::List),
        };
        let mut requirement = selector.item(list);
        requirement.set("key", Set::String(&key));
        requirement.set("operator", Set::String(operator));
        requirement.set_texts("values", &[value]);
    }
}
