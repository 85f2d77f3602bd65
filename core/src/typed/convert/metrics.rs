//! Metrics of autoscalers in their two forms: that of autoscaling/v2, and that of autoscaling/v1, which stands as JSON in
//! annotations. Source: kubernetes `pkg/apis/autoscaling/v1/conversion.go`.
//!
//! What cannot be read as its type makes the whole annotation count for nothing, which is `None` here.

use super::plain::{Fields, Plain};
use crate::quantity;
use crate::typed::time;

/// What is asked for, or what was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Target,
    Current,
}

const KINDS: [&str; 5] = ["object", "pods", "resource", "containerResource", "external"];

impl Side {
    fn is_target(self) -> bool {
        self == Side::Target
    }

    /// The newer form's name of what is measured.
    fn newer(self) -> &'static str {
        if self.is_target() { "target" } else { "current" }
    }

    fn value(self) -> &'static str {
        if self.is_target() { "targetValue" } else { "currentValue" }
    }

    fn average(self) -> &'static str {
        if self.is_target() { "targetAverageValue" } else { "currentAverageValue" }
    }

    fn utilization(self) -> &'static str {
        if self.is_target() { "targetAverageUtilization" } else { "currentAverageUtilization" }
    }
}

/// A metric of autoscaling/v1 in the newer form.
pub(super) fn newer(metric: &Plain, side: Side) -> Option<Plain> {
    let Plain::Map(_) = metric else { return None };
    let mut fields = Fields::default().with("type", text(metric, "type")?);
    for kind in KINDS {
        if let Some(own) = metric.field(kind) {
            let Plain::Map(_) = own else { return None };
            fields = fields.with(kind, newer_of(own, kind, side)?);
        }
    }
    Some(fields.map())
}

fn newer_of(own: &Plain, kind: &str, side: Side) -> Option<Plain> {
    let selector_name = if kind == "external" { "metricSelector" } else { "selector" };
    let metric = || {
        let fields = Fields::default().with("name", text(own, "metricName")?);
        Some(fields.with_some("selector", selector(own, selector_name)?).map())
    };
    let average_name = if kind == "object" { "averageValue" } else { side.average() };
    let (mut value, mut average) = (quantity(own, side.value())?, quantity(own, average_name)?);
    let utilization = int(own, side.utilization())?;
    let zero = || Some(Plain::string("0"));
    let mut fields = Fields::default();
    let mut measured = "AverageValue";
    match kind {
        "object" => {
            fields =
                fields.with("describedObject", reference(own.field("target"))?).with("metric", metric()?);
            if average.is_none() || !side.is_target() {
                measured = "Value";
                value = value.or_else(zero);
            } else if value.as_ref().and_then(Plain::text).is_some_and(is_zero) {
                value = None;
            }
        }
        "pods" => {
            fields = fields.with("metric", metric()?);
            (value, average) = (None, average.or_else(zero));
        }
        "external" => {
            fields = fields.with("metric", metric()?);
            if side == Side::Current {
                value = value.or_else(zero);
            }
            if value.is_some() {
                measured = "Value";
            }
        }
        _ => {
            fields = fields.with("name", text(own, "name")?);
            value = None;
            if side == Side::Current {
                average = average.or_else(zero);
            }
            if utilization.is_some() {
                measured = "Utilization";
            }
        }
    }
    let mut amount = Fields::default();
    if side.is_target() {
        amount = amount.with("type", Plain::string(measured));
    }
    let amount = amount.with_some("value", value).with_some("averageValue", average);
    let utilization = utilization.filter(|_| matches!(kind, "resource" | "containerResource"));
    fields = fields.with(side.newer(), amount.with_some("averageUtilization", utilization).map());
    if kind == "containerResource" {
        fields = fields.with("container", text(own, "container")?);
    }
    Some(fields.map())
}

/// A metric of autoscaling/v2 in the older form.
pub(super) fn older(metric: &Plain, side: Side) -> Plain {
    let mut fields = Fields::default().with("type", text_of(metric, "type"));
    for kind in KINDS {
        if let Some(own) = metric.field(kind) {
            fields = fields.with(kind, older_of(own, kind, side));
        }
    }
    fields.map()
}

fn older_of(own: &Plain, kind: &str, side: Side) -> Plain {
    let amount = own.field(side.newer());
    let of = |name: &str| amount.and_then(|amount| amount.field(name)).cloned();
    let some = |name: &str| of(name).unwrap_or_else(|| Plain::string("0"));
    let metric_name = || own.field("metric").map_or_else(|| Plain::string(""), |own| text_of(own, "name"));
    let selector = || own.field("metric").and_then(|metric| metric.field("selector")).cloned();
    let fields = Fields::default();
    match kind {
        "object" => fields
            .with("target", reference(own.field("describedObject")).unwrap_or(Plain::Null))
            .with("metricName", metric_name())
            .with(side.value(), some("value"))
            .with_some("selector", selector())
            .with_some("averageValue", of("averageValue")),
        "pods" => fields
            .with("metricName", metric_name())
            .with(side.average(), some("averageValue"))
            .with_some("selector", selector()),
        "external" => {
            let fields = fields.with("metricName", metric_name()).with_some("metricSelector", selector());
            let fields = match side {
                Side::Target => fields.with_some(side.value(), of("value")),
                Side::Current => fields.with(side.value(), some("value")),
            };
            fields.with_some(side.average(), of("averageValue"))
        }
        _ => {
            let fields = fields
                .with("name", text_of(own, "name"))
                .with_some(side.utilization(), of("averageUtilization"));
            let fields = match side {
                Side::Target => fields.with_some(side.average(), of("averageValue")),
                Side::Current => fields.with(side.average(), some("averageValue")),
            };
            match kind {
                "containerResource" => fields.with("container", text_of(own, "container")),
                _ => fields,
            }
        }
    }
    .map()
}

/// A condition in the form that both versions have.
pub(super) fn condition(own: &Plain) -> Option<Plain> {
    let Plain::Map(_) = own else { return None };
    let moment = match own.field("lastTransitionTime") {
        None => Plain::Null,
        Some(Plain::String(text)) => {
            time::parse(text, time::RFC3339).ok()?.text(time::RFC3339).map_or(Plain::Null, Plain::String)
        }
        Some(_) => return None,
    };
    let some = |name: &str| Some(Some(text(own, name)?).filter(|text| *text != Plain::string("")));
    let fields = Fields::default().with("type", text(own, "type")?).with("status", text(own, "status")?);
    let fields = fields.with("lastTransitionTime", moment).with_some("reason", some("reason")?);
    let fields = fields.with_some("message", some("message")?);
    Some(fields.with_some("observedGeneration", integer(own, "observedGeneration")?).map())
}

/// The behavior of autoscaling/v2 from its form between versions, whose fields have the names of Go.
pub(super) fn newer_behavior(behavior: &Plain) -> Option<Plain> {
    let Plain::Map(_) = behavior else { return None };
    let mut fields = Fields::default();
    for (go, name) in [("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown")] {
        let Some(rules) = behavior.field(go) else { continue };
        let Plain::Map(_) = rules else { return None };
        let mut policies = None;
        if let Some(own) = rules.field("Policies") {
            let own = own.items()?.iter().map(|policy| {
                let count = |name| Some(int(policy, name)?.unwrap_or(Plain::Int(0)));
                let fields = Fields::default().with("type", text(policy, "Type")?);
                Some(
                    fields
                        .with("value", count("Value")?)
                        .with("periodSeconds", count("PeriodSeconds")?)
                        .map(),
                )
            });
            policies = Some(Plain::List(own.collect::<Option<_>>()?))
                .filter(|list| *list != Plain::List(Vec::new()));
        }
        let select = match rules.field("SelectPolicy") {
            Some(Plain::String(text)) => Some(Plain::string(text)),
            Some(_) => return None,
            None => None,
        };
        let own = Fields::default()
            .with_some("stabilizationWindowSeconds", int(rules, "StabilizationWindowSeconds")?)
            .with_some("selectPolicy", select)
            .with_some("policies", policies)
            .with_some("tolerance", quantity(rules, "Tolerance")?);
        fields = fields.with(name, own.map());
    }
    let made = fields.map();
    (made != Plain::Map(Vec::new())).then_some(made)
}

/// The behavior in its form between versions.
pub(super) fn older_behavior(behavior: &Plain) -> Plain {
    let or_null = |own: &Plain, name: &str| own.field(name).cloned().unwrap_or(Plain::Null);
    let mut fields = Fields::default();
    for (go, name) in [("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown")] {
        let Some(rules) = behavior.field(name) else {
            fields = fields.with(go, Plain::Null);
            continue;
        };
        let policy = |policy: &Plain| {
            let count = |name: &str| policy.field(name).cloned().unwrap_or(Plain::Int(0));
            let fields = Fields::default().with("Type", text_of(policy, "type"));
            fields.with("Value", count("value")).with("PeriodSeconds", count("periodSeconds")).map()
        };
        let policies = rules.field("policies").and_then(Plain::items);
        let policies = policies.map_or(Plain::Null, |list| Plain::List(list.iter().map(policy).collect()));
        let own = Fields::default()
            .with("StabilizationWindowSeconds", or_null(rules, "stabilizationWindowSeconds"))
            .with("SelectPolicy", or_null(rules, "selectPolicy"))
            .with("Policies", policies)
            .with("Tolerance", or_null(rules, "tolerance"));
        fields = fields.with(go, own.map());
    }
    fields.map()
}

fn reference(own: Option<&Plain>) -> Option<Plain> {
    let none = Plain::Map(Vec::new());
    let own = own.unwrap_or(&none);
    let Plain::Map(_) = own else { return None };
    let fields = Fields::default().with("kind", text(own, "kind")?).with("name", text(own, "name")?);
    let version = Some(text(own, "apiVersion")?).filter(|text| *text != Plain::string(""));
    Some(fields.with_some("apiVersion", version).map())
}

fn selector(own: &Plain, name: &str) -> Option<Option<Plain>> {
    let Some(selector) = own.field(name) else { return Some(None) };
    let Plain::Map(_) = selector else { return None };
    let mut fields = Fields::default();
    if let Some(labels) = selector.field("matchLabels") {
        let Plain::Map(labels) = labels else { return None };
        let mut labels = labels.clone();
        labels.sort_by(|a, b| a.0.cmp(&b.0));
        if labels.iter().any(|(_, value)| value.text().is_none()) {
            return None;
        }
        fields = fields.with_some("matchLabels", (!labels.is_empty()).then_some(Plain::Map(labels)));
    }
    if let Some(list) = selector.field("matchExpressions") {
        let each = list.items()?.iter().map(|requirement| {
            let values = match requirement.field("values") {
                None => None,
                Some(values) if values.items()?.iter().all(|value| value.text().is_some()) => {
                    Some(values.clone())
                }
                Some(_) => return None,
            };
            let fields = Fields::default().with("key", text(requirement, "key")?);
            let fields = fields.with("operator", text(requirement, "operator")?);
            Some(fields.with_some("values", values.filter(|values| *values != Plain::List(Vec::new()))).map())
        });
        let list: Vec<Plain> = each.collect::<Option<_>>()?;
        fields = fields.with_some("matchExpressions", (!list.is_empty()).then_some(Plain::List(list)));
    }
    Some(Some(fields.map()))
}

/// A string, empty when it is not there.
fn text(own: &Plain, name: &str) -> Option<Plain> {
    match own.field(name) {
        None => Some(Plain::string("")),
        Some(value) => value.text().map(Plain::string),
    }
}

fn text_of(own: &Plain, name: &str) -> Plain {
    text(own, name).unwrap_or_else(|| Plain::string(""))
}

fn integer(own: &Plain, name: &str) -> Option<Option<Plain>> {
    match own.field(name) {
        None => Some(None),
        Some(Plain::Int(value)) => Some(Some(Plain::Int(*value))),
        Some(_) => None,
    }
}

/// An integer of 32 bits.
fn int(own: &Plain, name: &str) -> Option<Option<Plain>> {
    let found = integer(own, name)?;
    let fits = |value: &Plain| matches!(value, Plain::Int(value) if i32::try_from(*value).is_ok());
    found.as_ref().is_none_or(fits).then_some(found)
}

/// A quantity in canonical form.
fn quantity(own: &Plain, name: &str) -> Option<Option<Plain>> {
    let text = match own.field(name) {
        None => return Some(None),
        Some(Plain::String(text)) => text.trim().to_owned(),
        Some(number @ (Plain::Int(_) | Plain::Double(_))) => number.json(),
        Some(_) => return None,
    };
    Some(Some(Plain::string(&quantity::written(&text).ok()?)))
}

fn is_zero(text: &str) -> bool {
    quantity::read(text).is_ok_and(|amount| amount.is_zero())
}
