//! Audit annotations.

use super::ask::Ask;
use serde_json::json;

const VALUES: &[(&str, &str)] = &[
    ("text", "'mode ' + object.data.mode"),
    ("empty", "''"),
    ("blank", "' \\n '"),
    ("trimmed", "' a b '"),
    ("lines", "'one\\ntwo'"),
    ("null", "null"),
    ("dynamic-null", "dyn(null)"),
    ("dynamic-text", "object.data.mode"),
    ("dynamic-number", "dyn(1)"),
    ("dynamic-list", "dyn([1])"),
    ("dynamic-map", "object.data"),
    ("conditional", "object.data.mode == 'slow' ? 'slow' : null"),
    ("number", "1"),
    ("optional", "object.?data.mode"),
    ("error", "string(object.missing)"),
    ("authorizer", "string(authorizer.path('/').check('get').allowed())"),
    ("request", "request.userInfo.username"),
    ("namespace", "namespaceObject.metadata.name"),
    (
        "longest",
        "'aaaaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccc').replace('c', 'dddddddddddddddd')",
    ),
    (
        "too-long",
        "'aaaaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccc').replace('c', 'dddddddddddddddd') + 'end'",
    ),
    ("broken", "'a' +"),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (id, value) in VALUES {
        let spec = json!({"auditAnnotations": [{"key": "k", "valueExpression": value}], "validations": [{"expression": "true"}]});
        asks.extend(Ask::new(*id).spec(spec).with_both_failure_policies());
    }
    let several = json!({"auditAnnotations": [
        {"key": "b", "valueExpression": "'two'"},
        {"key": "bad", "valueExpression": "string(object.missing)"},
        {"key": "a", "valueExpression": "'one'"},
        {"key": "none", "valueExpression": "null"},
        {"key": "worse", "valueExpression": "'x' + object.data.absent"},
    ]});
    asks.extend(Ask::new("several").spec(several.clone()).with_both_failure_policies());
    for actions in [json!(["Warn"]), json!(["Audit"]), json!(["Audit", "Warn"])] {
        let names: Vec<&str> =
            actions.as_array().unwrap().iter().filter_map(|action| action.as_str()).collect();
        let ask = Ask::new(format!("several/{}", names.join("-"))).spec(several.clone());
        asks.push(ask.bound(json!({"validationActions": actions})));
    }
    asks.push(
        Ask::new("alone")
            .spec(json!({"validations": [], "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}]})),
    );
    asks.extend(
        Ask::new("alone/error")
            .spec(json!({"validations": [], "auditAnnotations": [{"key": "k", "valueExpression": "string(object.missing)"}]}))
            .with_both_failure_policies(),
    );
    asks.push(Ask::new("condition-does-not-hold").spec(json!({
        "matchConditions": [{"name": "c", "expression": "false"}],
        "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}],
    })));
    asks
}
