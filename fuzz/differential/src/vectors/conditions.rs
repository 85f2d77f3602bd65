//! Match conditions: false beats errors, errors do what failurePolicy says.

use super::ask::Ask;
use serde_json::{Value, json};

const CONDITIONS: &[(&str, &str)] = &[
    ("true", "true"),
    ("false", "false"),
    ("error", "object.missing == 1"),
    ("other-error", "object.data.absent == 'x'"),
    ("broken", "nothing.at.all"),
    ("dynamic", "dyn(false)"),
    ("not-bool", "'text'"),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (id, expression) in CONDITIONS {
        asks.extend(with(id, &[expression]));
    }
    let pairs = &CONDITIONS[..5];
    for (first, one) in pairs {
        for (second, other) in pairs {
            if first != second {
                asks.extend(with(&format!("{first}/{second}"), &[one, other]));
            }
        }
    }
    asks.extend(with(
        "same-errors",
        &["object.missing == 1", "object.missing == 1", "object.data.absent == ''"],
    ));
    asks.extend(with("reads/params", &["params == null"]));
    asks.extend(with("reads/namespace", &["namespaceObject == null"]));
    asks.extend(with("reads/namespace-name", &["namespaceObject.metadata.name == 'shop'"]));
    asks.extend(with("reads/authorizer", &["authorizer.requestResource.check('create').allowed()"]));
    asks.extend(with("reads/request", &["request.name == 'settings' && request.namespace == 'shop'"]));
    asks.push(
        Ask::new("reads/variable").spec(json!({
            "variables": [{"name": "mode", "expression": "object.data.mode"}, {"name": "broken", "expression": "object.data.absent"}],
            "matchConditions": [{"name": "a", "expression": "variables.mode == 'fast'"}, {"name": "b", "expression": "variables.broken == ''"}],
        })),
    );
    asks.push(equivalent());
    asks
}

fn with(id: &str, expressions: &[&str]) -> [Ask; 2] {
    let conditions: Vec<Value> = expressions
        .iter()
        .enumerate()
        .map(|(at, expression)| json!({"name": format!("c{at}"), "expression": expression}))
        .collect();
    Ask::new(id).spec(json!({"matchConditions": conditions})).with_both_failure_policies()
}

/// Conditions see the resource of the request, validations the one that the rule names.
fn equivalent() -> Ask {
    let names = "request.resource.version + ' ' + request.kind.version + ' ' + request.requestResource.version + ' ' + request.requestKind.version";
    Ask::new("reads/equivalent-resource")
        .constraints(json!({"resourceRules": [{"apiGroups": ["autoscaling"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["*"]}]}))
        .spec(json!({
            "matchConditions": [
                {"name": "own", "expression": "request.resource.version == 'v2' && request.kind.version == 'v1'"},
            ],
            "validations": [{"expression": "false", "messageExpression": names}],
            "auditAnnotations": [{"key": "versions", "valueExpression": names}],
        }))
        .field("object", json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "shop"}}))
}
