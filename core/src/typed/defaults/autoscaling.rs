//! Source: kubernetes `pkg/apis/autoscaling/{v1,v2}/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(version: &str, name: &str) -> Option<Rule> {
    Some(match (version, name) {
        ("v1", "HorizontalPodAutoscaler") => {
            |scaler| scaler.made("spec").default_nil("minReplicas", Set::Int(1))
        }
        (_, "HorizontalPodAutoscaler") => autoscaler,
        (_, "HorizontalPodAutoscalerBehavior") => behavior,
        _ => return None,
    })
}

fn autoscaler(scaler: &mut Value<'_, '_, '_>) {
    let mut spec = scaler.made("spec");
    spec.default_nil("minReplicas", Set::Int(1));
    if spec.is_empty("metrics") {
        let list = spec.set("metrics", Set::List);
        let mut metric = spec.item(list);
        metric.set("type", Set::String("Resource"));
        let mut resource = metric.made("resource");
        resource.set("name", Set::String("cpu"));
        let mut target = resource.made("target");
        target.set("type", Set::String("Utilization"));
        target.set("averageUtilization", Set::Int(80));
    }
}

fn behavior(behavior: &mut Value<'_, '_, '_>) {
    let mut up = behavior.made("scaleUp");
    up.default_nil("stabilizationWindowSeconds", Set::Int(0));
    rules(&mut up, &[("Pods", 4), ("Percent", 100)]);
    rules(&mut behavior.made("scaleDown"), &[("Percent", 100)]);
}

fn rules(rules: &mut Value<'_, '_, '_>, policies: &[(&str, i64)]) {
    rules.default_nil("selectPolicy", Set::String("Max"));
    if !rules.is_nil("policies") {
        return;
    }
    let list = rules.set("policies", Set::List);
    for (kind, value) in policies {
        let mut policy = rules.item(list);
        policy.set("type", Set::String(kind));
        policy.set("value", Set::Int(*value));
        policy.set("periodSeconds", Set::Int(15));
    }
}
