//! CustomResourceDefinitions with schemas of every sort.

use serde_json::{Value, json};

/// A definition with versions: name, whether it is served, and its schema.
fn definition(group: &str, kind: &str, versions: &[(&str, bool, Value)]) -> Value {
    let plural = format!("{}s", kind.to_lowercase());
    let versions: Vec<Value> = versions
        .iter()
        .map(|(name, served, schema)| {
            json!({"name": name, "served": served, "storage": false, "schema": {"openAPIV3Schema": schema}})
        })
        .collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {"group": group, "names": {"kind": kind, "plural": plural}, "scope": "Namespaced", "versions": versions},
    })
}

/// Every type that a schema can have, and every name that a property can.
const PROPERTIES: &str = r#"{
    "text": {"type": "string"},
    "choice": {"type": "string", "enum": ["a", "b"]},
    "bytes": {"type": "string", "format": "byte"},
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "span": {"type": "string", "format": "duration"},
    "uuid": {"type": "string", "format": "uuid"},
    "either": {"type": "string", "format": "int-or-string"},
    "yes": {"type": "boolean"},
    "count": {"type": "integer", "format": "int32"},
    "ratio": {"type": "number", "format": "double"},
    "port": {"x-kubernetes-int-or-string": true},
    "limit": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": "^[0-9]+$"},
    "anything": {"x-kubernetes-preserve-unknown-fields": true},
    "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"known": {"type": "string"}}},
    "loose": {"type": "object", "additionalProperties": true},
    "null": {"type": "string", "nullable": true},
    "nullable": {"type": "object", "nullable": true, "properties": {"x": {"type": "integer"}}},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "numbers": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
    "ports": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
    "unknowns": {"type": "object", "additionalProperties": {"x-kubernetes-preserve-unknown-fields": true}},
    "list": {"type": "array", "items": {"type": "string"}},
    "lists": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    "objects": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": {
        "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "value": {"type": "integer"}}}},
    "byName": {"type": "object", "additionalProperties": {"type": "object", "properties": {"weight": {"type": "integer"}}}},
    "template": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
    "templates": {"type": "array", "items": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}},
    "a-b": {"type": "string"},
    "a.b/c": {"type": "integer"},
    "a__b": {"type": "boolean"},
    "namespace": {"type": "string"},
    "if": {"type": "integer"},
    "1st": {"type": "string"},
    "ü": {"type": "string"},
    "rules": {"type": "object", "x-kubernetes-validations": [{"rule": "self.x > 0"}], "properties": {"x": {"type": "integer"}}}
}"#;

fn widget() -> Value {
    let properties: Value = serde_json::from_str(PROPERTIES).unwrap();
    json!({"type": "object", "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 10}}},
        "spec": {"type": "object", "required": ["text"], "properties": properties},
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    }})
}

/// All of them; `gadgets` has versions that differ, one of which is not served, and `things` has no schema to speak of.
pub(super) fn all() -> Vec<Value> {
    let gadget = |kind: &str| {
        json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "size": {"type": kind}, "limits": {"type": "object", "properties": {"cpu": {"type": kind}}}}}}})
    };
    vec![
        definition("example.com", "Widget", &[("v1", true, widget())]),
        definition(
            "example.com",
            "Gadget",
            &[
                ("v1", true, gadget("integer")),
                ("v1beta1", true, gadget("string")),
                ("v1alpha1", false, gadget("boolean")),
            ],
        ),
        definition(
            "things.example.com",
            "Thing",
            &[("v1", true, json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}))],
        ),
        definition("example.com", "Pod", &[("v2", true, gadget("number"))]),
    ]
}

/// Where a question may go within an object of these kinds: what a path is of, and the path.
pub(super) const PATHS: &[(&str, &str)] = &[
    ("Widget", "spec.text"),
    ("Widget", "spec.choice"),
    ("Widget", "spec.bytes"),
    ("Widget", "spec.day"),
    ("Widget", "spec.time"),
    ("Widget", "spec.span"),
    ("Widget", "spec.uuid"),
    ("Widget", "spec.either"),
    ("Widget", "spec.yes"),
    ("Widget", "spec.count"),
    ("Widget", "spec.ratio"),
    ("Widget", "spec.port"),
    ("Widget", "spec.limit"),
    ("Widget", "spec.anything"),
    ("Widget", "spec.open"),
    ("Widget", "spec.open.known"),
    ("Widget", "spec.open.other"),
    ("Widget", "spec.loose"),
    ("Widget", "spec.loose.x"),
    ("Widget", "spec.__null__"),
    ("Widget", "spec.nullable.x"),
    ("Widget", "spec.labels"),
    ("Widget", "spec.labels.x"),
    ("Widget", "spec.numbers"),
    ("Widget", "spec.ports"),
    ("Widget", "spec.unknowns"),
    ("Widget", "spec.list"),
    ("Widget", "spec.lists"),
    ("Widget", "spec.objects"),
    ("Widget", "spec.objects[0]"),
    ("Widget", "spec.objects[0].value"),
    ("Widget", "spec.byName"),
    ("Widget", "spec.byName['x']"),
    ("Widget", "spec.byName['x'].weight"),
    ("Widget", "spec.template"),
    ("Widget", "spec.template.metadata"),
    ("Widget", "spec.template.metadata.labels"),
    ("Widget", "spec.template.spec"),
    ("Widget", "spec.templates[0].metadata.name"),
    ("Widget", "spec.templates[0].spec.size"),
    ("Widget", "spec.a__dash__b"),
    ("Widget", "spec.a__dot__b__slash__c"),
    ("Widget", "spec.a__underscores__b"),
    ("Widget", "spec.a__b"),
    ("Widget", "spec.namespace"),
    ("Widget", "spec.__namespace__"),
    ("Widget", "spec.if"),
    ("Widget", "spec.__if__"),
    ("Widget", "spec.rules"),
    ("Widget", "metadata"),
    ("Widget", "metadata.name"),
    ("Widget", "metadata.labels"),
    ("Widget", "metadata.creationTimestamp"),
    ("Widget", "metadata.managedFields[0].fieldsV1"),
    ("Widget", "kind"),
    ("Widget", "status.phase"),
    ("Widget", "items"),
    ("Gadget", "spec.size"),
    ("Gadget", "spec.limits.cpu"),
    ("Gadget", "spec.limits"),
    ("Gadget", "metadata.ownerReferences"),
    ("Thing", "spec"),
    ("Thing", "metadata"),
    ("Thing", "metadata.name"),
    ("Thing", "metadata.labels"),
    ("Thing", "kind"),
    ("Pod", "spec.size"),
];
