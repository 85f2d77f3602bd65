//! The variables that an expression sees: `request`, `object`, `oldObject`, `namespaceObject`.

use super::ask::{Ask, config_map};
use serde_json::{Value, json};

/// Expressions that give a text, tried with several requests.
const TEXTS: &[(&str, &str)] = &[
    ("kind", "request.kind.group + '/' + request.kind.version + '/' + request.kind.kind"),
    ("resource", "request.resource.group + '/' + request.resource.version + '/' + request.resource.resource"),
    (
        "request-kind",
        "request.requestKind.group + '/' + request.requestKind.version + '/' + request.requestKind.kind",
    ),
    ("request-resource", "request.requestResource.group + '/' + request.requestResource.resource"),
    (
        "has",
        "string(has(request.subResource)) + string(has(request.requestSubResource)) + string(has(request.name)) + string(has(request.namespace)) + string(has(request.options)) + string(has(request.dryRun))",
    ),
    ("name", "request.name"),
    ("namespace", "request.namespace"),
    ("sub-resource", "request.subResource"),
    ("operation", "request.operation"),
    ("dry-run", "string(request.dryRun)"),
    (
        "options",
        "string(request.options.kind) + ' ' + request.options.apiVersion + ' ' + string(has(request.options.dryRun)) + string(request.options.size())",
    ),
    ("user", "request.userInfo.username"),
    ("uid", "request.userInfo.uid"),
    ("groups", "request.userInfo.groups.join(',')"),
    (
        "has-user",
        "string(has(request.userInfo.username)) + string(has(request.userInfo.uid)) + string(has(request.userInfo.groups)) + string(has(request.userInfo.extra))",
    ),
    ("extra", "request.userInfo.extra['example.com/team'].join(',')"),
    ("extra-keys", "request.userInfo.extra.map(k, k).join(',')"),
    ("object", "type(object) == type(null) ? 'null' : object.kind"),
    ("old-object", "type(oldObject) == type(null) ? 'null' : oldObject.kind"),
    ("namespace-object", "namespaceObject == null ? 'null' : namespaceObject.metadata.name"),
    (
        "labels",
        "namespaceObject.metadata.labels.map(k, k + '=' + namespaceObject.metadata.labels[k]).join(',')",
    ),
    (
        "has-namespace",
        "string(has(namespaceObject.spec)) + string(has(namespaceObject.status)) + string(has(namespaceObject.metadata.annotations)) + string(has(namespaceObject.metadata.creationTimestamp)) + string(has(namespaceObject.metadata.generation)) + string(has(namespaceObject.spec.finalizers)) + string(has(namespaceObject.status.phase))",
    ),
    ("phase", "namespaceObject.status.phase"),
    ("finalizers", "namespaceObject.spec.finalizers.join(',')"),
    ("created", "string(namespaceObject.metadata.creationTimestamp.getFullYear())"),
    (
        "conditions",
        "namespaceObject.status.conditions.map(c, c.type + '=' + c.status + string(has(c.reason))).join(',')",
    ),
    ("conditions-time", "string(namespaceObject.status.conditions[0].lastTransitionTime)"),
];

fn requests() -> Vec<(&'static str, Value)> {
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "shop",
            "uid": "6b1b",
            "labels": {"team": "red"},
            "annotations": {"a": "b"},
            "creationTimestamp": "2024-02-29T12:30:00Z",
            "generation": 3,
            "resourceVersion": "17",
            "finalizers": ["x/y"],
            "managedFields": [],
        },
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2024-03-01T00:00:00Z"}]},
    });
    let user = json!({"username": "ann", "uid": "7", "groups": ["dev", "ops"], "extra": {"example.com/team": ["red", "blue"]}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}});
    let shop = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    vec![
        ("create", json!({})),
        ("user", json!({"request": {"userInfo": user}, "namespaceObject": namespace})),
        ("dry-run", json!({"request": {"dryRun": true, "userInfo": {"username": "", "extra": {}}}})),
        ("update", json!({"oldObject": config_map(), "request": {"subResource": "status", "dryRun": true}})),
        ("delete", json!({"object": null, "oldObject": pod})),
        (
            "options",
            json!({"request": {"operation": "DELETE", "options": {"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "gracePeriodSeconds": 0, "dryRun": ["All"]}}, "object": null, "oldObject": pod}),
        ),
        (
            "connect",
            json!({"object": {"apiVersion": "v1", "kind": "PodExecOptions", "command": ["sh"], "stdin": true}, "request": {"operation": "CONNECT", "name": "web", "namespace": "shop", "subResource": "exec", "resource": {"group": "", "version": "v1", "resource": "pods"}}}),
        ),
        ("namespace", json!({"object": shop, "namespaceObject": namespace})),
        ("cluster", json!({"object": {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}})),
        (
            "given",
            json!({"request": {"kind": {"group": "g", "version": "v3", "kind": "Thing"}, "resource": {"group": "g", "version": "v3", "resource": "stuff"}, "namespace": "other", "name": "else"}}),
        ),
        (
            "no-namespace",
            json!({"object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}}),
        ),
        (
            "custom",
            json!({"object": {"apiVersion": "example.com/v1", "kind": "Battery", "metadata": {"name": "a"}}}),
        ),
        ("plain-namespace", json!({"namespaceObject": {"metadata": {"name": "shop"}}})),
    ]
}

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (name, fields) in requests() {
        // All texts in one question: each is the message of a denial.
        let validations: Vec<Value> = TEXTS
            .iter()
            .map(|(id, text)| json!({"expression": "false", "message": id, "messageExpression": text}))
            .collect();
        let mut ask = Ask::new(name).spec(json!({"validations": validations}));
        // And again where errors show.
        let tested: Vec<String> = TEXTS.iter().map(|(_, text)| format!("({text}) == ''")).collect();
        let mut errors = Ask::new(format!("{name}/errors"))
            .expressions(&tested.iter().map(String::as_str).collect::<Vec<&str>>());
        for (field, value) in fields.as_object().unwrap() {
            ask = ask.field(field, value.clone());
            errors = errors.field(field, value.clone());
        }
        asks.push(ask);
        asks.push(errors);
    }
    asks.extend(objects());
    asks
}

/// Values as objects have them.
fn objects() -> Vec<Ask> {
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "values", "namespace": "shop", "labels": null},
        "whole": 3,
        "double": 3.0,
        "fraction": 2.5,
        "big": 9_223_372_036_854_775_807_i64,
        "huge": 18_446_744_073_709_551_615_u64,
        "negative": -4,
        "exponent": 1e3,
        "none": null,
        "empty": {},
        "list": [1, "a", null, {"k": "v"}],
        "": "no name",
        "with space": 1,
        "in": 2,
        "a__b": 3,
        "time": "2024-02-29T12:30:00Z",
        "binary": "AAEC",
    });
    let expressions = [
        "object.whole == 4",
        "type(object.whole) == double",
        "type(object.double) == int",
        "type(object.exponent) == string",
        "object.big + 1 > 0",
        "object.huge > 0.0 && type(object.huge) == int",
        "object.fraction * 2.0 == 4.0",
        "object.none == 1",
        "has(object.none)",
        "has(object.metadata.labels)",
        "has(object.metadata.labels.app)",
        "object.metadata.labels.app == 'x'",
        "object.?metadata.?labels.?app.hasValue()",
        "object[''] == 'x'",
        "object['with space'] == 2",
        "object.__in__ == 3",
        "object.a__underscores__b == 4",
        "object.a__b == 4",
        "object.list[1] == 'b'",
        "object.list[7] == 'b'",
        "object.list['a'] == 'b'",
        "object.list[1.0] == 'b'",
        "object.list.exists(x, x == 2)",
        "object.empty == {'a': 1}",
        "size(object.empty) > 0",
        "timestamp(object.time).getMonth() == 2",
        "object.time < timestamp(object.time)",
        "size(object) == 1",
        "'whole' in object && !('none' in object)",
        "object == oldObject",
        "object.whole == 3u && object.whole == 3.0 && object.double == 4",
    ];
    vec![Ask::new("values").expressions(&expressions).field("object", object)]
}
