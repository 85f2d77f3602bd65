//! Autoscalers: what autoscaling/v1 has no fields for stands in its annotations. Source: kubernetes
//! `pkg/apis/autoscaling/{v1,v2}/conversion.go`.

use super::metrics::{self, Side};
use super::plain::{Fields, Plain};
use crate::document::{Limits, Object, Place};
use crate::typed::value::{Set, Value};

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";

/// Annotations that are the older version's way to say what the newer one has fields for.
const CARRIERS: [&str; 6] = [
    METRICS,
    CURRENT_METRICS,
    CONDITIONS,
    BEHAVIOR,
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
    "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
];

/// What the API server asks of a processor that nothing is said of, in percent.
const DEFAULT_UTILIZATION: i64 = 80;

/// From autoscaling/v1 to the newer form.
pub(in crate::typed) fn newer(scaler: &mut Value<'_, '_, '_>) {
    let annotations = scaler.path(&["metadata", "annotations"]);
    let mut carried = |name: &str| {
        let annotations = scaler.at(annotations?);
        annotations.find(name)?;
        let text = annotations.text(name).as_bytes();
        Some(Plain::of_node(Object::from_json(text, &Limits::default()).ok()?.root()))
    };
    let (metrics, behavior) = (carried(METRICS), carried(BEHAVIOR));
    let (current, conditions) = (carried(CURRENT_METRICS), carried(CONDITIONS));
    without_carriers(scaler);
    let each = |list: Option<Plain>, of: &dyn Fn(&Plain) -> Option<Plain>| match list? {
        Plain::Null => Some(Vec::new()),
        list => list.items()?.iter().map(of).collect::<Option<Vec<Plain>>>(),
    };

    let mut spec = scaler.made("spec");
    let mut list = each(metrics, &|metric| metrics::newer(metric, Side::Target)).unwrap_or_default();
    if !spec.is_nil("targetCPUUtilizationPercentage") {
        list.push(processor("target", spec.int("targetCPUUtilizationPercentage")));
    }
    if list.is_empty() {
        list.push(processor("target", DEFAULT_UTILIZATION));
    }
    spec.unset("targetCPUUtilizationPercentage");
    put(&mut spec, "metrics", &Plain::List(list));
    if let Some(behavior) = behavior.and_then(|behavior| metrics::newer_behavior(&behavior)) {
        put(&mut spec, "behavior", &behavior);
    }

    let mut status = scaler.made("status");
    let measured = (!status.is_nil("currentCPUUtilizationPercentage"))
        .then(|| Plain::List(vec![processor("current", status.int("currentCPUUtilizationPercentage"))]));
    status.unset("currentCPUUtilizationPercentage");
    if status.is_zero("currentReplicas") {
        status.unset("currentReplicas");
    }
    let current = each(current, &|metric| metrics::newer(metric, Side::Current)).map(Plain::List);
    put(&mut status, "currentMetrics", &current.or(measured).unwrap_or(Plain::Null));
    if let Some(conditions) = each(conditions, &metrics::condition).filter(|list| !list.is_empty()) {
        put(&mut status, "conditions", &Plain::List(conditions));
    }
}

/// From the newer form to autoscaling/v1.
pub(in crate::typed) fn older(scaler: &mut Value<'_, '_, '_>) {
    without_carriers(scaler);
    let mut carried = Vec::new();
    let mut spec = scaler.made("spec");
    let (mut others, mut utilization) = (Vec::new(), None);
    for metric in items(&spec, "metrics") {
        match processor_target(&metric) {
            Some(percent) => utilization = utilization.or(Some(percent)),
            None => others.push(metrics::older(&metric, Side::Target)),
        }
    }
    if !others.is_empty() {
        carried.push((METRICS, Plain::List(others)));
    }
    let behavior = spec.find("behavior").map(|place| Plain::of_place(spec.draft, place));
    spec.unset("metrics");
    spec.unset("behavior");
    if let Some(percent) = utilization {
        put(&mut spec, "targetCPUUtilizationPercentage", &Plain::Int(percent));
    }

    let mut status = scaler.made("status");
    let (current, conditions) = (items(&status, "currentMetrics"), items(&status, "conditions"));
    status.unset("currentMetrics");
    status.unset("conditions");
    if let Some(percent) = current.iter().rev().find_map(processor_current) {
        put(&mut status, "currentCPUUtilizationPercentage", &Plain::Int(percent));
    }
    if status.find("currentReplicas").is_none() {
        put(&mut status, "currentReplicas", &Plain::Int(0));
    }
    if !current.is_empty() {
        let current = current.iter().map(|metric| metrics::older(metric, Side::Current)).collect();
        carried.push((CURRENT_METRICS, Plain::List(current)));
    }
    if let Some(behavior) = behavior {
        carried.push((BEHAVIOR, metrics::older_behavior(&behavior)));
    }
    if !conditions.is_empty() {
        let conditions = conditions.iter().filter_map(metrics::condition).collect();
        carried.push((CONDITIONS, Plain::List(conditions)));
    }
    for (name, value) in carried {
        let mut metadata = scaler.made("metadata");
        metadata.made("annotations").set(name, Set::String(&value.json()));
    }
}

/// Annotations of the older version mean nothing in the newer one.
pub(in crate::typed) fn without_carriers(scaler: &mut Value<'_, '_, '_>) {
    let Some(place) = scaler.path(&["metadata", "annotations"]) else { return };
    let mut annotations = scaler.at(place);
    for name in CARRIERS {
        annotations.unset(name);
    }
    if annotations.children().is_empty() {
        scaler.made("metadata").unset("annotations");
    }
}

fn put(value: &mut Value<'_, '_, '_>, name: &str, plain: &Plain) -> Place {
    let span = value.draft.span(value.place);
    let place = plain.place(value.draft, span);
    value.put(name, place);
    place
}

fn items(value: &Value<'_, '_, '_>, name: &str) -> Vec<Plain> {
    value.items(name).into_iter().map(|item| Plain::of_place(value.draft, item)).collect()
}

/// The metric of processors, of which the older version has a field.
fn processor(side: &str, percent: i64) -> Plain {
    let mut amount = Fields::default();
    if side == "target" {
        amount = amount.with("type", Plain::string("Utilization"));
    }
    let amount = amount.with("averageUtilization", Plain::Int(percent)).map();
    let resource = Fields::default().with("name", Plain::string("cpu")).with(side, amount).map();
    Fields::default().with("type", Plain::string("Resource")).with("resource", resource).map()
}

fn processor_target(metric: &Plain) -> Option<i64> {
    of_processor(metric)?.field("target").and_then(utilization)
}

fn processor_current(metric: &Plain) -> Option<i64> {
    of_processor(metric)?.field("current").and_then(utilization)
}

fn of_processor(metric: &Plain) -> Option<&Plain> {
    let is_resource = metric.field("type").and_then(Plain::text) == Some("Resource");
    let resource = metric.field("resource").filter(|_| is_resource)?;
    (resource.field("name").and_then(Plain::text) == Some("cpu")).then_some(resource)
}

fn utilization(amount: &Plain) -> Option<i64> {
    match amount.field("averageUtilization") {
        Some(Plain::Int(percent)) => Some(*percent),
        _ => None,
    }
}
