//! Types for the variables of a random expression, so that its cost can be estimated in many ways.

use crate::Entropy;
use serde_json::{Value, json};

/// The types of the variables that an expression made over `object` then reads, and the expression itself: parts of
/// the object may become variables of their own.
pub(super) fn typed(entropy: &mut Entropy<'_>, expression: &str) -> (Value, String) {
    match entropy.below(6) {
        0 => (json!({"object": "dyn"}), expression.to_owned()),
        1 => (json!({"object": schema(&Bounds::NONE)}), expression.to_owned()),
        2 => (json!({"object": schema(&Bounds::SMALL)}), expression.to_owned()),
        3 => (json!({"object": schema(&Bounds::ODD)}), expression.to_owned()),
        4 => split(expression, PLAIN),
        _ => split(expression, UNUSUAL),
    }
}

/// What the lists, maps and strings of a schema are bounded by.
struct Bounds {
    length: Option<u64>,
    items: Option<u64>,
    properties: Option<u64>,
}

impl Bounds {
    const NONE: Bounds = Bounds { length: None, items: None, properties: None };
    const SMALL: Bounds = Bounds { length: Some(5), items: Some(3), properties: Some(7) };
    const ODD: Bounds = Bounds { length: Some(0), items: Some(1_000_000_007), properties: Some(1) };
}

/// A schema with the fields that expressions read.
fn schema(bounds: &Bounds) -> Value {
    let string = json!({"type": "string", "maxLength": bounds.length});
    let of = |format: &str| json!({"type": "string", "format": format, "maxLength": bounds.length});
    let list = |items: &Value| json!({"type": "array", "items": items, "maxItems": bounds.items});
    let map = |values: &Value| json!({"type": "object", "additionalProperties": values, "maxProperties": bounds.properties});
    let integer = json!({"type": "integer"});
    let number = json!({"type": "number"});
    let either = json!({"x-kubernetes-int-or-string": true, "maxLength": bounds.length});
    let port = json!({"type": "object", "properties": {"port": integer, "name": string}});
    let spec = json!({
        "replicas": integer, "big": integer, "ratio": number, "paused": {"type": "boolean"},
        "tags": list(&string), "counts": list(&integer), "since": of("date-time"), "none": either,
        "ports": list(&port), "mixed": list(&either), "ratios": list(&number), "lists": list(&list(&integer)),
        "size": string, "version": string, "url": of("uri"), "ip": string, "cidr": of("byte"), "missing": map(&list(&string)),
    });
    let metadata = json!({"name": string, "labels": map(&string)});
    let mut schema = json!({"type": "object", "properties": {
        "metadata": {"type": "object", "properties": metadata},
        "spec": {"type": "object", "properties": spec},
    }});
    without_nulls(&mut schema);
    schema
}

fn without_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, inner| !inner.is_null());
        fields.values_mut().for_each(without_nulls);
    }
}

/// Parts of the object, and the types of the variables that stand for them.
const PLAIN: &[(&str, &str)] = &[
    ("object.metadata.name", "string"),
    ("object.metadata.labels", "map(string, string)"),
    ("object.spec.replicas", "int"),
    ("object.spec.tags", "list(string)"),
    ("object.spec.counts", "list(int)"),
    ("object.spec.ports", "list(map(string, dyn))"),
    ("object.spec.ratios", "list(double)"),
    ("object.spec.lists", "list(list(int))"),
    ("object.spec.since", "timestamp"),
    ("object.spec.cidr", "net.CIDR"),
    ("object.spec.size", "kubernetes.Quantity"),
    ("object.spec.mixed", "list(bytes)"),
];

const UNUSUAL: &[(&str, &str)] = &[
    ("object.metadata.name", "wrapper(string)"),
    ("object.metadata.labels", "map(string, list(string))"),
    ("object.spec.replicas", "google.protobuf.Int64Value"),
    ("object.spec.tags", "list(wrapper(string))"),
    ("object.spec.counts", "optional_type(list(int))"),
    ("object.spec.ports", "google.protobuf.Struct"),
    ("object.spec.mixed", "optional_type(string)"),
    ("object.spec.url", "kubernetes.URL"),
    ("object.spec.version", "kubernetes.Semver"),
    ("object.spec.ip", "net.IP"),
    ("object.spec.missing", "any"),
    ("object.spec.none", "type(int)"),
];

/// The expression with parts of the object as variables of their own; what is left of the object is `dyn`.
fn split(expression: &str, parts: &[(&str, &str)]) -> (Value, String) {
    let mut types = json!({"object": "dyn"});
    let mut text = expression.to_owned();
    for (at, (path, kind)) in parts.iter().enumerate() {
        let name = format!("part{at}");
        text = text.replace(path, &name);
        types[name] = json!(kind);
    }
    (types, text)
}
