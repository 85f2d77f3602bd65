//! What a denial says, and with which reason.

use super::ask::Ask;
use serde_json::{Value, json};

/// Written messages.
const MESSAGES: &[(&str, &str)] = &[
    ("plain", "no"),
    ("blank", "   "),
    ("trimmed", "  no\t "),
    ("unicode", "größer als Ω"),
    ("quotes", "say \"no\" & <go>"),
];

/// Message expressions; with and without a written message beside them.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("text", "'computed ' + object.metadata.name"),
    ("empty", "''"),
    ("blank", "'  \\t '"),
    ("trimmed", "'  computed '"),
    ("inner-newline", "'one\\ntwo'"),
    ("outer-newline", "'\\n computed \\n'"),
    ("carriage-return", "'one\\rtwo'"),
    ("unicode-space", "'\\u00a0computed\\u2003'"),
    ("longest", "'aaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccccc').replace('c', 'dddddddd')"),
    (
        "too-long",
        "'aaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccccc').replace('c', 'dddddddd') + 'e'",
    ),
    (
        "too-long-in-bytes",
        "'aaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccccc').replace('c', 'ddddäddd')",
    ),
    (
        "long-untrimmed",
        "'aaaaaaaa'.replace('a', 'bbbbbbbb').replace('b', 'cccccccccc').replace('c', 'dddddddd') + '   '",
    ),
    ("error", "string(object.nothing)"),
    ("error-in-part", "'a' + string(object.nothing) + object.metadata.labels.missing"),
    ("conditional", "has(object.data.mode) ? 'mode ' + object.data.mode : 'no mode'"),
    ("dynamic", "object.data.mode"),
    ("text-of-dynamic", "string(object.data.mode)"),
    ("dynamic-number", "dyn(1)"),
    ("dynamic-list", "object.metadata.labels.map(k, k)"),
    ("not-a-string", "1"),
    ("null", "null"),
    ("authorizer", "string(authorizer.path('/').check('get').allowed())"),
    ("request", "request.operation + ' ' + request.name"),
    ("old-object", "oldObject == null ? 'no old object' : 'old'"),
    ("namespace", "namespaceObject.metadata.name"),
    ("variable", "variables.missing"),
    ("syntax", "'a' +"),
];

/// Expressions of validations, whose text becomes the message when there is no other.
const FAILED: &[(&str, &str)] = &[
    ("false", "false"),
    ("spaces", "  1 > 2  "),
    ("lines", "object.data.mode == 'slow' &&\n  true\n"),
    ("comment", "// always\nfalse"),
    ("error", "object.data.missing == 'a'"),
    ("error-in-lines", "object.data.missing ==\n 'a'"),
    ("no-such-overload", "object.data.mode > 1"),
    ("dynamic-true", "dyn(true) == true"),
    ("dynamic", "dyn(false)"),
    ("divide", "1 / (size(object.data) - 1) > 0"),
    ("index", "[1, 2][size(object.data) + 4] == 1"),
    ("overflow", "9223372036854775807 + size(object.data) > 0"),
    ("absorbed-error", "object.data.missing == 'a' || true"),
    ("absorbed-error-and", "object.data.missing == 'a' && false"),
    ("optional", "object.?data.missing.orValue('none') == 'some'"),
    ("quantity", "quantity('1Gi').isLessThan(quantity('1Mi'))"),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (id, message) in MESSAGES {
        let validation = json!({"expression": "false", "message": message});
        asks.push(Ask::new(format!("written/{id}")).validation(validation));
    }
    for (id, expression) in EXPRESSIONS {
        for message in ["", "written"] {
            let mut validation = json!({"expression": "false", "messageExpression": expression});
            if !message.is_empty() {
                validation["message"] = json!(message);
            }
            let id = format!("computed/{id}{}{message}", if message.is_empty() { "" } else { "/" });
            asks.push(Ask::new(id).validation(validation));
        }
    }
    for (id, expression) in FAILED {
        asks.extend(
            Ask::new(format!("expression/{id}")).expressions(&[expression]).with_both_failure_policies(),
        );
    }
    for reason in ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"] {
        let denied = json!({"expression": "false", "reason": reason});
        asks.push(Ask::new(format!("reason/{reason}")).validation(denied));
        let failed = json!({"expression": "object.missing == 1", "reason": reason});
        asks.push(Ask::new(format!("reason/{reason}/error")).validation(failed));
    }
    asks.extend(names());
    asks.push(Ask::new("several").spec(json!({"validations": [
        {"expression": "true", "message": "holds"},
        {"expression": "object.missing == 1", "message": "fails"},
        {"expression": "false", "message": "first", "messageExpression": "'computed'", "reason": "Forbidden"},
        {"expression": "false", "messageExpression": "string(object.missing)"},
    ]})));
    asks.push(
        Ask::new("message-expression-of-one-that-holds")
            .validation(json!({"expression": "true", "messageExpression": "string(object.missing)"})),
    );
    asks
}

/// How an error names the object.
fn names() -> Vec<Ask> {
    let object =
        |kind: &str, metadata: Value| json!({"apiVersion": "v1", "kind": kind, "metadata": metadata});
    let with = |id: &str, object: Value| Ask::new(format!("name/{id}")).field("object", object);
    vec![
        with("generated", object("Pod", json!({"generateName": "web-"}))),
        with("none", object("Pod", json!({}))),
        with("no-metadata", json!({"apiVersion": "v1", "kind": "Pod"})),
        with("quotes", object("Pod", json!({"name": "a\"b\\c"}))),
        with("unicode", object("Pod", json!({"name": "größe\u{7f}\u{200b}"}))),
        with("cluster", object("Node", json!({"name": "n"}))),
        with("namespace", object("Namespace", json!({"name": "n"}))),
        with("group", json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}})),
        with("custom", json!({"apiVersion": "example.com/v1", "kind": "Policy", "metadata": {"name": "d"}})),
        with("no-kind", json!({"metadata": {"name": "d"}})),
        Ask::new("name/request-only").field("object", Value::Null).field(
            "request",
            json!({"operation": "CONNECT", "name": "web", "namespace": "shop", "kind": {"group": "", "version": "v1", "kind": "PodExecOptions"}, "resource": {"group": "", "version": "v1", "resource": "pods"}, "subResource": "exec"}),
        ),
        with("given", object("Pod", json!({"name": "in-object"}))).field("request", json!({"name": "in-request"})),
        with("subresource", object("Pod", json!({"name": "web"}))).field("request", json!({"subResource": "status"})),
    ]
}
