//! Workloads and what else has a strategy of its own.

use super::pod;
use crate::document::Origin;
use crate::typed::value::{Set, Value};

pub(super) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Where a kind has a template of pods.
pub(super) fn template_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" | "Job" => {
            &["spec", "template"]
        }
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        "PodTemplate" => &["template"],
        _ => &[],
    }
}

pub(super) fn prepare(object: &mut Value<'_, '_, '_>, kind: &str) {
    let template = template_of(kind);
    if !template.is_empty()
        && let Some(template) = object.path(template)
    {
        pod::drop_disabled(&mut object.at(template), None);
    }
    match kind {
        "DaemonSet" => set_template_generation(object, template_generation(object).max(1)),
        "Job" => selector(object),
        "PodDisruptionBudget" => disruption_selector(object),
        "APIService" => api_service(object),
        _ => {}
    }
}

/// What passes through the form between versions.
pub(super) fn pass_between(object: &mut Value<'_, '_, '_>, kind: &str) {
    let template = template_of(kind);
    if !template.is_empty()
        && let Some(template) = object.path(template)
    {
        pod::without_old_annotations(&mut object.at(template));
    }
    rolling_update(object, kind);
    match kind {
        "DaemonSet" => set_template_generation(object, template_generation(object)),
        "StatefulSet" => claim_templates(object),
        _ => {}
    }
}

/// Numbers that may be nil in the version are 0 in the form between versions. Source: kubernetes
/// `pkg/apis/apps/v1/conversion.go`.
fn rolling_update(object: &mut Value<'_, '_, '_>, kind: &str) {
    let (strategy, fields): (_, &[&str]) = match kind {
        "Deployment" => ("strategy", &["maxUnavailable", "maxSurge"]),
        "DaemonSet" => ("updateStrategy", &["maxUnavailable", "maxSurge"]),
        "StatefulSet" => ("updateStrategy", &["partition"]),
        _ => return,
    };
    let Some(update) = object.path(&["spec", strategy, "rollingUpdate"]) else { return };
    for field in fields {
        object.at(update).default_nil(field, Set::Int(0));
    }
}

/// Kept as an annotation. Source: kubernetes `pkg/apis/apps/v1/conversion.go`.
pub(super) fn template_generation(set: &Value<'_, '_, '_>) -> i64 {
    let annotation = set.path(&["metadata", "annotations", TEMPLATE_GENERATION]);
    match annotation.map(|place| set.draft.value(place)) {
        Some(Set::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

pub(super) fn set_template_generation(set: &mut Value<'_, '_, '_>, generation: i64) {
    let generation = generation.to_string();
    let mut metadata = set.made("metadata");
    let mut annotations = metadata.made("annotations");
    if annotations.text(TEMPLATE_GENERATION) != generation {
        annotations.set(TEMPLATE_GENERATION, Set::String(&generation));
    }
}

/// Templates of claims say what they are. Source: kubernetes `Convert_apps_StatefulSetSpec_To_v1_StatefulSetSpec`.
fn claim_templates(set: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = set.within("spec") else { return };
    spec.each("volumeClaimTemplates", |claim| {
        for (name, value) in [("apiVersion", "v1"), ("kind", "PersistentVolumeClaim")] {
            if claim.text(name) != value {
                claim.set(name, Set::String(value));
            }
        }
    });
}

/// A job selects its pods by its own uid, which is not known here. Source: `pkg/registry/batch/job/strategy.go`.
fn selector(job: &mut Value<'_, '_, '_>) {
    let name = job.made("metadata").text("name").to_owned();
    let mut spec = job.made("spec");
    if spec.is_true("manualSelector") {
        return;
    }
    let own = [
        ("job-name", name.as_str()),
        ("batch.kubernetes.io/job-name", name.as_str()),
        ("controller-uid", ""),
        ("batch.kubernetes.io/controller-uid", ""),
    ];
    let mut template = spec.made("template");
    let mut metadata = template.made("metadata");
    let mut labels = metadata.made("labels");
    for (label, value) in own {
        labels.default_nil(label, Set::String(value));
    }
    let mut selector = spec.made("selector");
    selector.made("matchLabels").default_nil("batch.kubernetes.io/controller-uid", Set::String(""));
    // Labels that were taken from the template are the template's own, one map in two places.
    let mut metadata = job.made("metadata");
    if let Some(mut labels) = metadata.within("labels")
        && labels.draft.origin(labels.place) == Origin::Defaulted
    {
        for (label, value) in own {
            labels.default_nil(label, Set::String(value));
        }
    }
}

/// A label that stands for an older version's meaning goes. Source: kubernetes `pkg/apis/policy` `StripPDBV1beta1Label`.
pub(super) fn disruption_selector(budget: &mut Value<'_, '_, '_>) {
    const LABEL: &str = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match";
    let Some(selector) = budget.path(&["spec", "selector"]) else { return };
    let mut selector = budget.at(selector);
    let items = selector.items("matchExpressions");
    let has_label = |value: &mut Value<'_, '_, '_>, item| value.at(item).text("key") == LABEL;
    if !items.iter().any(|&item| has_label(&mut selector, item)) {
        return;
    }
    let alone = items.len() == 1 && selector.is_empty("matchLabels");
    if alone {
        return;
    }
    selector.unset("matchExpressions");
    let left: Vec<_> = items.into_iter().filter(|&item| !has_label(&mut selector, item)).collect();
    if !left.is_empty() {
        let list = selector.set("matchExpressions", Set::List);
        selector.draft.mark(list, Origin::Written);
        for item in left {
            selector.draft.push(list, item);
        }
    }
}

/// Local services are available at once. Source: kube-aggregator `pkg/registry/apiservice/strategy.go`.
fn api_service(service: &mut Value<'_, '_, '_>) {
    let local = service.within("spec").is_none_or(|spec| spec.is_nil("service"));
    if !local {
        return;
    }
    let mut status = service.made("status");
    let list = status.set("conditions", Set::List);
    let mut condition = status.item(list);
    condition.set("type", Set::String("Available"));
    condition.set("status", Set::String("True"));
    condition.set("lastTransitionTime", Set::Null);
    condition.set("reason", Set::String("Local"));
    condition.set("message", Set::String("Local APIServices are always available"));
}
