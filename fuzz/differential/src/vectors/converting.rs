//! Objects that policies see in another version than that of the request.

use super::ask::Ask;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Ask> {
    let scaler = |version: &str, spec: Value| {
        json!({"apiVersion": format!("autoscaling/{version}"), "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "h", "namespace": "shop"}, "spec": spec})
    };
    let target = json!({"kind": "Deployment", "name": "web"});
    let older = scaler(
        "v1",
        json!({"maxReplicas": 3, "scaleTargetRef": target, "targetCPUUtilizationPercentage": 70}),
    );
    let unsaid = scaler("v1", json!({"maxReplicas": 3, "scaleTargetRef": target}));
    let mut carried = older.clone();
    carried["metadata"]["annotations"] = json!({
        "team": "a",
        "autoscaling.alpha.kubernetes.io/metrics": r#"[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"1000m"}},
            {"type":"External","external":{"metricName":"queue","metricSelector":{"matchLabels":{"a":"<b>"}},"targetValue":3}}]"#,
        "autoscaling.alpha.kubernetes.io/behavior": r#"{"ScaleUp":{"Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":60}]}}"#,
    });
    let mut unreadable = older.clone();
    unreadable["metadata"]["annotations"] =
        json!({"autoscaling.alpha.kubernetes.io/metrics": "[{\"type\":1}]"});
    let metric = |kind: &str, own: Value| json!({"type": kind, kind.to_lowercase(): own});
    let newer = scaler(
        "v2",
        json!({"maxReplicas": 3, "minReplicas": 2, "scaleTargetRef": target, "metrics": [
            metric("Resource", json!({"name": "memory", "target": {"type": "AverageValue", "averageValue": "64Mi"}})),
            metric("Resource", json!({"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 55}})),
            metric("Object", json!({"metric": {"name": "r&s"}, "target": {"type": "Value", "value": "1k"},
                "describedObject": {"kind": "Service", "name": "web"}})),
        ], "behavior": {"scaleDown": {"selectPolicy": "Disabled"}}}),
    );
    let event = |version: &str, fields: Value| {
        let mut event =
            json!({"apiVersion": version, "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}});
        if let (Value::Object(event), Value::Object(fields)) = (&mut event, fields) {
            event.extend(fields);
        }
        event
    };
    let core =
        event("v1", json!({"message": "m", "involvedObject": {"kind": "Pod", "name": "a"}, "count": 3}));
    let other =
        event("events.k8s.io/v1", json!({"note": "n", "regarding": {"kind": "Pod"}, "eventTime": null}));
    let metadata = "object.metadata.annotations['autoscaling.alpha.kubernetes.io/metrics'] + \
                    object.metadata.annotations['autoscaling.alpha.kubernetes.io/behavior']";
    let metrics = "string(size(object.spec.metrics)) + object.spec.metrics.map(m, m.type).join(',') + \
                   string(object.spec.metrics[0].resource.target.averageUtilization)";
    vec![
        one("newer/said", "autoscaling", "v2", metrics, older.clone()),
        one("newer/unsaid", "autoscaling", "v2", metrics, unsaid),
        one("newer/unreadable", "autoscaling", "v2", metrics, unreadable),
        one(
            "newer/carried",
            "autoscaling",
            "v2",
            "object.spec.metrics.map(m, m.type).join(',') + object.spec.metrics[0].pods.target.averageValue + \
             object.spec.metrics[1].external.target.value + object.spec.metrics[1].external.metric.selector.matchLabels.a + \
             string(object.spec.behavior.scaleUp.policies[0].value) + object.metadata.annotations.map(k, k).join(',')",
            carried,
        ),
        one(
            "newer/has-no-older-fields",
            "autoscaling",
            "v2",
            "string(has(object.spec.targetCPUUtilizationPercentage)) + string(has(object.spec.behavior)) + \
             string(has(object.spec.minReplicas)) + object.apiVersion + request.requestKind.version",
            older.clone(),
        ),
        one("older/annotations", "autoscaling", "v1", metadata, newer.clone()),
        one(
            "older/field",
            "autoscaling",
            "v1",
            "string(object.spec.targetCPUUtilizationPercentage) + string(has(object.spec.metrics)) + \
             string(object.status.currentReplicas)",
            newer.clone(),
        ),
        one(
            "event/newer",
            "events.k8s.io",
            "v1",
            "object.note + object.regarding.name + string(object.deprecatedCount) + string(has(object.message))",
            core.clone(),
        ),
        one(
            "event/older",
            "",
            "v1",
            "object.message + object.involvedObject.kind + string(has(object.note))",
            other,
        ),
        one(
            "both",
            "autoscaling",
            "v2",
            "string(size(oldObject.spec.metrics)) + oldObject.apiVersion",
            older.clone(),
        )
        .field("oldObject", older),
    ]
}

/// A policy about one version that says what it sees.
fn one(id: &str, group: &str, version: &str, shown: &str, object: Value) -> Ask {
    let rule =
        json!({"apiGroups": [group], "apiVersions": [version], "operations": ["*"], "resources": ["*"]});
    Ask::new(id)
        .constraints(json!({"resourceRules": [rule]}))
        .validation(json!({"expression": "false", "messageExpression": shown}))
        .field("object", object)
}
