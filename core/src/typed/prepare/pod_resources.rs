//! What a pod as a whole asks for, where it says a part of it. Source: kubernetes `pkg/api/pod/util.go`
//! `DefaultPodLevelResources`, component-helpers `resource/helpers.go`.

use super::qos::supported;
use crate::document::DraftValue;
use crate::quantity::{Read, read};
use crate::typed::value::{Set, Value};

/// Amounts by name, in the order in which they came up.
type Amounts = Vec<(String, Read)>;

pub(super) fn default(pod: &mut Value<'_, '_, '_>) {
    let minor = pod.minor();
    // The gate PodLevelResources; PodLevelResourcesFixDefaulting brought limits.
    if minor < 34 {
        return;
    }
    let Some(mut spec) = pod.within("spec") else { return };
    let Some(resources) = spec.find("resources") else { return };
    let (limits, requests) =
        (amounts(&mut spec.at(resources), "limits"), amounts(&mut spec.at(resources), "requests"));
    if limits.is_empty() && requests.is_empty() {
        return;
    }
    for (name, amount) in aggregate(&mut spec, "limits") {
        let is_wanted = name.starts_with("hugepages-") && !has(&requests, &name) && !has(&limits, &name);
        if is_wanted {
            set(&mut spec.at(resources), "limits", &name, &amount);
        }
    }
    let limits = amounts(&mut spec.at(resources), "limits");
    if minor >= 37 || !limits.is_empty() {
        for (name, amount) in aggregate(&mut spec, "requests") {
            if !has(&requests, &name) && (name == "cpu" || name == "memory") {
                set(&mut spec.at(resources), "requests", &name, &amount);
            }
        }
        let requests = amounts(&mut spec.at(resources), "requests");
        for (name, _) in limits.iter().filter(|(name, _)| supported(name) && !has(&requests, name)) {
            if let Some(limit) = spec.at(resources).path(&["limits", name]) {
                spec.at(resources).made("requests").copy(name, limit);
            }
        }
    }
    if minor >= 37 {
        pod_limits(&mut spec, resources, &limits);
    }
}

/// Limits where every container has one.
fn pod_limits(spec: &mut Value<'_, '_, '_>, resources: crate::document::Place, limits: &Amounts) {
    let mut candidates = amounts(&mut spec.at(resources), "requests");
    candidates.retain(|(name, _)| supported(name) && !has(limits, name));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        spec.each(list, |container| {
            let own =
                container.within("resources").map(|mut own| amounts(&mut own, "limits")).unwrap_or_default();
            candidates.retain(|(name, _)| has(&own, name));
        });
    }
    if candidates.is_empty() {
        return;
    }
    let all = aggregate(spec, "limits");
    for (name, request) in candidates {
        let Some((_, sum)) = all.iter().find(|(other, _)| *other == name) else { continue };
        let amount = if request.exceeds(sum) { &request } else { sum };
        set(&mut spec.at(resources), "limits", &name, amount);
    }
}

/// What the containers need together: the running ones at once, the initial ones one after the other beside those that
/// keep running.
fn aggregate(spec: &mut Value<'_, '_, '_>, list: &str) -> Amounts {
    let mut sum = Amounts::new();
    spec.each("containers", |container| add(&mut sum, &of_container(container, list)));
    let (mut running, mut most) = (Amounts::new(), Amounts::new());
    spec.each("initContainers", |container| {
        let mut own = of_container(container, list);
        if container.text("restartPolicy") == "Always" {
            add(&mut sum, &own);
            add(&mut running, &own);
            own.clone_from(&running);
        } else {
            add(&mut own, &running);
        }
        largest(&mut most, &own);
    });
    largest(&mut sum, &most);
    sum
}

fn of_container(container: &mut Value<'_, '_, '_>, list: &str) -> Amounts {
    container.within("resources").map(|mut resources| amounts(&mut resources, list)).unwrap_or_default()
}

fn amounts(resources: &mut Value<'_, '_, '_>, list: &str) -> Amounts {
    let amount = |entry| match resources.draft.value(entry) {
        DraftValue::String(text) => Some((resources.draft.key(entry).to_owned(), read(text).ok()?)),
        _ => None,
    };
    resources.items(list).into_iter().filter_map(amount).collect()
}

fn has(amounts: &Amounts, name: &str) -> bool {
    amounts.iter().any(|(other, _)| other == name)
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        match sum.iter_mut().find(|(other, _)| other == name) {
            Some((_, own)) => own.add(amount),
            None => sum.push((name.clone(), amount.clone())),
        }
    }
}

fn largest(most: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        match most.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) if amount.exceeds(own) => own.clone_from(amount),
            Some(_) => {}
            None => most.push((name.clone(), amount.clone())),
        }
    }
}

fn set(resources: &mut Value<'_, '_, '_>, list: &str, name: &str, amount: &Read) {
    resources.made(list).set(name, Set::String(&amount.text()));
}
