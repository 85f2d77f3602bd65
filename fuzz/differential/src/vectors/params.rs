//! Which objects are `params`, and what happens when there are none.

use super::ask::{Ask, binding};
use serde_json::{Value, json};

fn limits(name: &str, namespace: &str, most: u32) -> Value {
    let mut param = json!({"apiVersion": "example.com/v1", "kind": "Limits", "metadata": {"name": name, "labels": {"most": format!("m{most}")}}, "spec": {"most": most}});
    if !namespace.is_empty() {
        param["metadata"]["namespace"] = json!(namespace);
    }
    param
}

fn setting(name: &str, namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace, "labels": {"use": "param"}}, "data": {"mode": "slow"}})
}

const NAMESPACED: &[(&str, &str, u32)] =
    &[("a", "shop", 1), ("b", "shop", 2), ("a", "other", 3), ("c", "other", 4)];
const CLUSTER: &[(&str, &str, u32)] = &[("a", "", 1), ("b", "", 2), ("c", "", 0)];

/// References, each tried with both actions when nothing is found.
fn references() -> Vec<(&'static str, Value)> {
    vec![
        ("name", json!({"name": "a"})),
        ("name-of-none", json!({"name": "z"})),
        ("name-and-namespace", json!({"name": "c", "namespace": "other"})),
        ("name-in-wrong-namespace", json!({"name": "c", "namespace": "shop"})),
        ("selector-of-all", json!({"selector": {}})),
        ("selector-by-label", json!({"selector": {"matchLabels": {"most": "m2"}}})),
        (
            "selector-of-several",
            json!({"selector": {"matchExpressions": [{"key": "most", "operator": "In", "values": ["m1", "m2", "m4"]}]}}),
        ),
        ("selector-of-none", json!({"selector": {"matchLabels": {"most": "m9"}}})),
        ("selector-and-namespace", json!({"selector": {}, "namespace": "other"})),
        (
            "selector-not-in",
            json!({"selector": {"matchExpressions": [{"key": "most", "operator": "NotIn", "values": ["m1"]}]}}),
        ),
        (
            "selector-exists",
            json!({"selector": {"matchExpressions": [{"key": "most", "operator": "Exists"}, {"key": "x", "operator": "DoesNotExist"}]}}),
        ),
    ]
}

fn base(id: String, params: &[Value]) -> Ask {
    Ask::new(id)
        .spec(json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Limits"},
            "validations": [
                {"expression": "size(object.data) < params.spec.most", "messageExpression": "params.metadata.name + ' allows ' + string(params.spec.most)"},
                {"expression": "params != null", "message": "no params"},
            ],
        }))
        .field("params", json!(params))
}

pub(super) fn all() -> Vec<Ask> {
    let make = |list: &[(&str, &str, u32)]| -> Vec<Value> {
        list.iter().map(|(name, namespace, most)| limits(name, namespace, *most)).collect()
    };
    let scopes = [("namespaced", make(NAMESPACED)), ("cluster", make(CLUSTER)), ("none", Vec::new())];
    let mut asks = Vec::new();
    for (scope, params) in &scopes {
        for (name, reference) in references() {
            for action in ["Allow", "Deny"] {
                let mut reference = reference.clone();
                reference["parameterNotFoundAction"] = json!(action);
                let ask =
                    base(format!("{scope}/{name}/{action}"), params).bound(json!({"paramRef": reference}));
                asks.push(ask);
            }
        }
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "data": {}});
        let reference = json!({"name": "a", "parameterNotFoundAction": "Deny"});
        let of_node = base(format!("{scope}/cluster-scoped-object"), params).field("object", node.clone());
        asks.extend(of_node.bound(json!({"paramRef": reference})).with_both_failure_policies());
        let reference = json!({"name": "a", "namespace": "shop", "parameterNotFoundAction": "Deny"});
        let of_node =
            base(format!("{scope}/cluster-scoped-object-namespace-given"), params).field("object", node);
        asks.extend(of_node.bound(json!({"paramRef": reference})).with_both_failure_policies());
        asks.extend(
            base(format!("{scope}/no-reference"), params).bound(json!({})).with_both_failure_policies(),
        );
        asks.push(base(format!("{scope}/no-binding"), params));
        let missing = json!({"paramRef": {"name": "z", "parameterNotFoundAction": "Deny"}});
        asks.push(
            base(format!("{scope}/missing-ignored"), params).bound(missing.clone()).ignoring_failures(),
        );
        let mut audited = missing;
        audited["validationActions"] = json!(["Audit"]);
        asks.push(base(format!("{scope}/missing-audited"), params).bound(audited));
    }
    asks.extend(others(&make(NAMESPACED)));
    asks
}

fn others(params: &[Value]) -> Vec<Ask> {
    let config_map = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    let mode = json!([{"expression": "object.data.mode == params.data.mode", "messageExpression": "params.kind + ' ' + params.apiVersion + ' ' + params.metadata.namespace"}]);
    let built_in = |id: &str, reference: Value| {
        Ask::new(format!("built-in/{id}"))
            .spec(json!({"paramKind": config_map, "validations": mode}))
            .field("params", json!([setting("a", "shop"), setting("b", "default")]))
            .bound(json!({"paramRef": reference}))
    };
    let unknown = |id: &str, version: &str, kind: &str| {
        Ask::new(format!("kind/{id}"))
            .spec(json!({"paramKind": {"apiVersion": version, "kind": kind}}))
            .bound(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Allow"}}))
    };
    let no_kind = |id: &str| Ask::new(format!("no-kind/{id}")).field("params", json!(params));
    let two = |first: &str, second: &str| {
        json!([
            binding("first", "p", json!({"paramRef": {"name": first, "parameterNotFoundAction": "Deny"}})),
            binding("second", "p", json!({"paramRef": {"name": second, "parameterNotFoundAction": "Allow"}})),
        ])
    };
    let cluster_role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}, "rules": []});
    let mut asks = vec![
        built_in("name", json!({"name": "a", "parameterNotFoundAction": "Deny"})),
        built_in("other-namespace", json!({"name": "b", "namespace": "default", "parameterNotFoundAction": "Deny"})),
        built_in("missing", json!({"name": "b", "parameterNotFoundAction": "Deny"})),
        built_in("selector", json!({"selector": {"matchLabels": {"use": "param"}}, "parameterNotFoundAction": "Deny"})),
        Ask::new("built-in/cluster-scoped")
            .spec(json!({"paramKind": {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}, "validations": [{"expression": "size(params.rules) > 0", "messageExpression": "params.metadata.name"}]}))
            .field("params", json!([cluster_role]))
            .bound(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Deny"}})),
        no_kind("no-reference").expressions(&["params == null"]),
        no_kind("reference").bound(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Deny"}})),
        base("two-bindings/found".to_owned(), params).field("bindings", two("a", "b")),
        base("two-bindings/first-missing".to_owned(), params).field("bindings", two("z", "b")),
        base("two-bindings/second-missing".to_owned(), params).field("bindings", two("a", "z")),
        base("annotations-of-several".to_owned(), params)
            .spec(json!({"auditAnnotations": [
                {"key": "most", "valueExpression": "'most ' + string(params.spec.most)"},
                {"key": "same", "valueExpression": "params.kind"},
                {"key": "some", "valueExpression": "params.spec.most == 1 ? null : params.metadata.name"},
            ]}))
            .bound(json!({"paramRef": {"selector": {}, "parameterNotFoundAction": "Deny"}, "validationActions": ["Audit"]})),
        base("conditions-of-several".to_owned(), params)
            .spec(json!({"matchConditions": [{"name": "big", "expression": "params.spec.most > 1"}]}))
            .bound(json!({"paramRef": {"selector": {}, "namespace": "shop", "parameterNotFoundAction": "Deny"}, "validationActions": ["Warn", "Audit"]})),
        base("old-beta".to_owned(), params)
            .api_version("admissionregistration.k8s.io/v1beta1")
            .bound(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Deny"}})),
        base("null-in-params".to_owned(), &[json!({"apiVersion": "example.com/v1", "kind": "Limits", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"most": null}})])
            .bound(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Deny"}})),
    ];
    asks.extend(unknown("built-in-version", "v9", "ConfigMap").with_both_failure_policies());
    asks.extend(unknown("not-there", "example.com/v1", "Nothing").with_both_failure_policies());
    asks.extend(
        unknown("other-version", "example.com/v2", "Limits")
            .field("params", json!(params))
            .with_both_failure_policies(),
    );
    asks
}
