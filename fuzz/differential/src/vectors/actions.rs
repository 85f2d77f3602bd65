//! What denials do: validationActions, several bindings, several policies.

use super::ask::{Ask, binding, policy};
use serde_json::{Value, json};

const ACTIONS: &[(&str, &[&str])] = &[
    ("deny", &["Deny"]),
    ("warn", &["Warn"]),
    ("audit", &["Audit"]),
    ("deny-audit", &["Deny", "Audit"]),
    ("audit-deny", &["Audit", "Deny"]),
    ("warn-audit", &["Warn", "Audit"]),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (id, actions) in ACTIONS {
        let bound = json!({"validationActions": actions});
        let several = ["true", "false", "object.missing == 1", "1 > 2"];
        let ask = Ask::new(*id).expressions(&several).bound(bound.clone());
        asks.extend(ask.with_both_failure_policies());
        asks.push(Ask::new(format!("{id}/admitted")).expressions(&["true"]).bound(bound.clone()));
        let texts = json!({"expression": "false", "message": "<say> \"no\" & go é\u{2028}\u{1}"});
        asks.push(Ask::new(format!("{id}/odd-text")).validation(texts).bound(bound.clone()));
        let failing = Ask::new(format!("{id}/condition-error"))
            .spec(json!({"matchConditions": [{"name": "c", "expression": "object.missing == 1"}]}));
        asks.extend(failing.bound(bound.clone()).with_both_failure_policies());
        for (other, others) in &ACTIONS[..4] {
            let bindings = json!([
                binding("first", "p", bound.clone()),
                binding("second", "p", json!({"validationActions": others}))
            ]);
            asks.push(Ask::new(format!("two-bindings/{id}/{other}")).field("bindings", bindings));
        }
    }
    asks.push(many_failures());
    asks.extend(policies());
    asks
}

/// More failures than the audit annotation names.
fn many_failures() -> Ask {
    Ask::new("many-failures").expressions(&["false"; 60]).bound(json!({"validationActions": ["Audit"]}))
}

fn policies() -> Vec<Ask> {
    let with = |id: &str, policies: Value| Ask::new(format!("policies/{id}")).field("policies", policies);
    let holds = json!({"validations": [{"expression": "true"}]});
    let reasoned =
        |reason: &str| json!({"validations": [{"expression": "false", "reason": reason, "message": reason}]});
    let broken = json!({"validations": [{"expression": "nothing"}]});
    let annotated = |value: &str| json!({"validations": [{"expression": "true"}], "auditAnnotations": [{"key": "k", "valueExpression": value}]});
    vec![
        with("none-denies", json!([policy("a", holds.clone()), policy("b", holds.clone())])),
        with("second-denies", json!([policy("a", holds.clone()), policy("b", reasoned("Forbidden"))])),
        with("both-deny", json!([policy("b", reasoned("Forbidden")), policy("a", reasoned("Unauthorized"))])),
        with("broken-and-denied", json!([policy("a", broken), policy("b", reasoned("Forbidden"))])),
        with("annotated", json!([policy("a", annotated("'one'")), policy("b", annotated("'two'"))])),
        with("one-bound", json!([policy("a", reasoned("Forbidden")), policy("b", reasoned("Unauthorized"))])).field("bindings", json!([binding("x", "b", json!({}))])),
        with("none-bound", json!([policy("a", reasoned("Forbidden"))])).field("bindings", json!([])),
        with("bound-elsewhere", json!([policy("a", reasoned("Forbidden"))])).field("bindings", json!([binding("x", "z", json!({}))])),
        with("warned-and-denied", json!([policy("a", reasoned("Forbidden")), policy("b", reasoned("Unauthorized"))])).field(
            "bindings",
            json!([binding("x", "a", json!({"validationActions": ["Warn"]})), binding("y", "b", json!({})), binding("z", "a", json!({"validationActions": ["Audit"]}))]),
        ),
        with("missing-params", json!([policy("a", json!({"paramKind": {"apiVersion": "example.com/v1", "kind": "L"}})), policy("b", reasoned("Unauthorized"))])).field(
            "bindings",
            json!([binding("x", "a", json!({"paramRef": {"name": "l", "parameterNotFoundAction": "Deny"}, "validationActions": ["Warn"]})), binding("y", "b", json!({"validationActions": ["Warn"]}))]),
        ),
        Ask::new("old-beta").api_version("admissionregistration.k8s.io/v1beta1"),
        Ask::new("no-failure-policy").expressions(&["object.missing == 1"]),
    ]
}
