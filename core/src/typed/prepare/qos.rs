//! The quality of service of a pod. Source: kubernetes `pkg/apis/core/helper/qos`.

use crate::document::DraftValue;
use crate::quantity::{Read, read};
use crate::typed::value::{Set, Value};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    BestEffort,
    Burstable,
    Guaranteed,
}

pub(super) fn set(pod: &mut Value<'_, '_, '_>) {
    let class = match of_pod(pod) {
        Class::BestEffort => "BestEffort",
        Class::Burstable => "Burstable",
        Class::Guaranteed => "Guaranteed",
    };
    pod.made("status").set("qosClass", Set::String(class));
}

fn of_pod(pod: &mut Value<'_, '_, '_>) -> Class {
    // The gate PodLevelResourcesFixKubeletQOSClass.
    let needs_resources = pod.minor() >= 37;
    let Some(mut spec) = pod.within("spec") else { return Class::BestEffort };
    if let Some(mut resources) = spec.within("resources") {
        let is_set = ["requests", "limits"]
            .iter()
            .any(|list| resources.items(list).into_iter().any(|entry| supported(resources.draft.key(entry))));
        if is_set || !needs_resources {
            return of(&mut resources);
        }
    }
    let mut found: Option<Class> = None;
    for list in ["initContainers", "containers"] {
        for container in spec.items(list) {
            let mut container = spec.at(container);
            let class = container.within("resources").map_or(Class::BestEffort, |mut own| of(&mut own));
            if class == Class::Burstable || found.is_some_and(|other| other != class) {
                return Class::Burstable;
            }
            found = Some(class);
        }
    }
    found.unwrap_or(Class::BestEffort)
}

/// Source: component-helpers `resource` `IsSupportedPodLevelResource`.
pub(super) fn supported(name: &str) -> bool {
    name == "cpu" || name == "memory" || name.starts_with("hugepages-")
}

/// The class of a pair of requests and limits.
fn of(resources: &mut Value<'_, '_, '_>) -> Class {
    let mut found: Option<Class> = None;
    for name in ["cpu", "memory"] {
        let request = amount(resources, "requests", name);
        let limit = amount(resources, "limits", name);
        let class = match (request, limit) {
            (None, None) => Class::BestEffort,
            (Some(request), Some(limit)) if request.equals(&limit) => Class::Guaranteed,
            _ => return Class::Burstable,
        };
        if found.is_some_and(|other| other != class) {
            return if resources.is_empty("requests") && resources.is_empty("limits") {
                Class::BestEffort
            } else {
                Class::Burstable
            };
        }
        found = Some(class);
    }
    found.unwrap_or(Class::BestEffort)
}

/// An amount that is there and not zero.
fn amount(resources: &Value<'_, '_, '_>, list: &str, name: &str) -> Option<Read> {
    match resources.path(&[list, name]).map(|place| resources.draft.value(place)) {
        Some(DraftValue::String(text)) => read(text).ok().filter(|amount| !amount.is_zero()),
        _ => None,
    }
}
