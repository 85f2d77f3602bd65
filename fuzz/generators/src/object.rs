//! Random objects with the fields that random expressions read.

use crate::Entropy;
use crate::expression::Kind;
use serde_json::{Map, Value, json};

/// A field that expressions may read from the variable `object`, and what it mostly holds.
#[derive(Debug)]
pub struct Field {
    pub path: &'static str,
    pub kind: Kind,
}

const fn field(path: &'static str, kind: Kind) -> Field {
    Field { path, kind }
}

/// All fields; the objects of [`random`] have most of them, and sometimes hold something else in one.
pub const FIELDS: &[Field] = &[
    field("object.metadata.name", Kind::String),
    field("object.metadata.labels", Kind::StringMap),
    field("object.metadata.labels['a/b']", Kind::String),
    field("object.spec.replicas", Kind::Int),
    field("object.spec.big", Kind::Int),
    field("object.spec.ratio", Kind::Double),
    field("object.spec.paused", Kind::Bool),
    field("object.spec.tags", Kind::Strings),
    field("object.spec.tags[0]", Kind::String),
    field("object.spec.counts", Kind::Ints),
    field("object.spec.counts[1]", Kind::Int),
    field("object.spec.since", Kind::String),
    field("object.spec.none", Kind::Null),
    field("object.spec.ports[0].port", Kind::Int),
    field("object.spec.ports[0].name", Kind::String),
    field("object.spec.ports", Kind::Dyn),
    field("object.spec.mixed", Kind::Dyn),
    field("object.spec.ratios", Kind::Doubles),
    field("object.spec.lists", Kind::Lists),
    field("object.spec.size", Kind::QuantityText),
    field("object.spec.version", Kind::SemverText),
    field("object.spec.url", Kind::UrlText),
    field("object.spec.ip", Kind::IpText),
    field("object.spec.cidr", Kind::CidrText),
    field("object.spec.since", Kind::TimestampText),
    field("object.spec.missing", Kind::Dyn),
    field("object.spec", Kind::Dyn),
];

/// Variables with a type of their own, for expressions of [`crate::expression::Breadth::Full`].
pub const TYPED: &[(Field, &str)] = &[
    (field("n", Kind::Int), "int"),
    (field("s", Kind::String), "string"),
    (field("b", Kind::Bool), "bool"),
    (field("d", Kind::Double), "double"),
    (field("ints", Kind::Ints), "list(int)"),
    (field("strings", Kind::Strings), "list(string)"),
    (field("doubles", Kind::Doubles), "list(double)"),
    (field("lists", Kind::Lists), "list(list(int))"),
    (field("labels", Kind::StringMap), "map(string,string)"),
    (field("dyns", Kind::Dyn), "list(dyn)"),
];

/// Values for [`TYPED`], of the declared types.
pub fn typed(entropy: &mut Entropy<'_>) -> Map<String, Value> {
    let value = |entropy: &mut Entropy<'_>, kind: &str| match kind {
        "int" => int(entropy),
        "string" => string(entropy),
        "bool" => json!(entropy.once_in(2)),
        "double" => double(entropy),
        "list(int)" => list(entropy, int),
        "list(string)" => list(entropy, string),
        "list(double)" => list(entropy, double),
        "list(list(int))" => list(entropy, |entropy| list(entropy, int)),
        "map(string,string)" => labels(entropy),
        _ => list(entropy, any),
    };
    TYPED.iter().map(|(field, kind)| (field.path.to_owned(), value(entropy, kind))).collect()
}

/// Strings that lie on the edges of functions: empty, spaces, upper case, beyond ASCII, numbers, times.
pub const STRINGS: &[&str] = &[
    "a",
    "",
    "abc",
    "A b",
    " x ",
    "ä",
    "日本",
    "a,b,,c",
    "10",
    "-1",
    "1.5",
    "true",
    "1h30m",
    "registry.corp/a:1.2",
    "aaaa",
    "2024-02-29T23:59:59Z",
    "😀b",
];

/// Integers that lie on the edges.
pub const INTS: &[i64] =
    &[0, 1, 2, 3, -1, 5, 7, 10, 100, -7, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1, i64::MAX - 1];

const DOUBLES: &[f64] =
    &[0.0, 1.0, 2.5, -1.0, 0.5, 1e6, 1e21, 123_456.75, -0.000_01, 9.007_199_254_740_993e15];

fn string(entropy: &mut Entropy<'_>) -> Value {
    json!(entropy.pick(STRINGS))
}

fn int(entropy: &mut Entropy<'_>) -> Value {
    json!(INTS[entropy.below(INTS.len())])
}

fn double(entropy: &mut Entropy<'_>) -> Value {
    json!(DOUBLES[entropy.below(DOUBLES.len())])
}

fn list(entropy: &mut Entropy<'_>, element: fn(&mut Entropy<'_>) -> Value) -> Value {
    let length = entropy.below(5);
    Value::Array((0..length).map(|_| element(entropy)).collect())
}

fn labels(entropy: &mut Entropy<'_>) -> Value {
    let mut labels = Map::new();
    for key in ["a", "b", "a/b", "c"] {
        if !entropy.once_in(3) {
            labels.insert(key.to_owned(), string(entropy));
        }
    }
    Value::Object(labels)
}

fn port(entropy: &mut Entropy<'_>) -> Value {
    let mut port = Map::new();
    port.insert("port".to_owned(), json!(80 + entropy.below(3)));
    if !entropy.once_in(3) {
        port.insert("name".to_owned(), string(entropy));
    }
    Value::Object(port)
}

/// Any JSON value, not deep.
pub fn any(entropy: &mut Entropy<'_>) -> Value {
    match entropy.below(8) {
        0 => Value::Null,
        1 => json!(entropy.once_in(2)),
        2 => int(entropy),
        3 => double(entropy),
        4 => list(entropy, int),
        5 => labels(entropy),
        _ => string(entropy),
    }
}

/// An object. Its fields, see [`FIELDS`], are mostly there and mostly of their kind.
pub fn random(entropy: &mut Entropy<'_>) -> Value {
    type Make = fn(&mut Entropy<'_>) -> Value;
    let fields: [(&str, Make); 19] = [
        ("replicas", int),
        ("big", int),
        ("ratio", double),
        ("paused", |entropy| json!(entropy.once_in(2))),
        ("tags", |entropy| list(entropy, string)),
        ("counts", |entropy| list(entropy, int)),
        ("since", |_| json!("2024-02-29T23:59:59.5Z")),
        ("none", |_| Value::Null),
        ("ports", |entropy| list(entropy, port)),
        ("mixed", |entropy| list(entropy, any)),
        ("ratios", |entropy| list(entropy, double)),
        ("lists", |entropy| list(entropy, |entropy| list(entropy, int))),
        ("size", |entropy| json!(entropy.pick(&["1", "100m", "1.5Gi", "-2k", "1e3", "x"]))),
        ("version", |entropy| json!(entropy.pick(&["1.2.3", "1.2.4-beta.2", "v1.2", "x"]))),
        ("url", |entropy| json!(entropy.pick(&["https://h:1/a?b=c", "/a", "x", "http://[::1]/"]))),
        ("ip", |entropy| json!(entropy.pick(&["10.1.2.3", "::1", "fe80::1%1", "1.2.3"]))),
        ("intorstring", |entropy| if entropy.once_in(2) { json!("80%") } else { int(entropy) }),
        ("nested", |entropy| {
            let map = json!({"inner": list(entropy, any), "a": any(entropy)});
            json!({"map": map, "a": labels(entropy)})
        }),
        ("cidr", |entropy| json!(entropy.pick(&["10.0.0.0/8", "::/0", "10.0.0.1/8", "1/2"]))),
    ];
    let mut spec = Map::new();
    for (name, make) in fields {
        match entropy.below(12) {
            10 => {}
            11 => drop(spec.insert(name.to_owned(), any(entropy))),
            _ => drop(spec.insert(name.to_owned(), make(entropy))),
        }
    }
    json!({"metadata": {"name": string(entropy), "labels": labels(entropy)}, "spec": spec})
}
