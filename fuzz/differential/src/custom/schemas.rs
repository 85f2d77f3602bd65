//! Schemas that a CustomResourceDefinition may have, and some that it may not.

use super::objects::Objects;
use crate::dice::Dice;
use serde_json::{Map, Value, json};

pub(super) struct Schemas<'d> {
    pub(super) dice: &'d mut Dice,
}

pub(super) const NAMES: &[&str] = &["a", "b", "c", "d-e", "f.g", "metadata", "kind", "apiVersion"];

const FORMATS: &[&str] = &[
    "bsonobjectid",
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "ssn",
    "hexcolor",
    "rgbcolor",
    "byte",
    "password",
    "date",
    "duration",
    "date-time",
    "datetime",
    "k8s-short-name",
    "k8s-long-name",
    "int32",
    "int64",
    "float",
    "double",
    "nothing",
];

const PATTERNS: &[&str] = &["^a", "b$", "^[a-z]*$", "^\\d+$", "(", "^$", "x{2,3}", "\\pL", "^(a|b|1)$"];

const RULES: &[&str] =
    &["true", "1 == 2", "self == self", "has(self.a)", "self.a == oldSelf.a", "size(self) < 2"];

impl Schemas<'_> {
    pub(super) fn root(&mut self) -> Value {
        let mut properties = Map::new();
        properties.insert("spec".to_owned(), self.schema(4));
        if self.dice.once_in(2) {
            properties.insert("status".to_owned(), self.schema(2));
        }
        if self.dice.once_in(6) {
            let names = json!({"type": "string", "maxLength": 3});
            properties.insert(
                "metadata".to_owned(),
                json!({"type": "object", "properties": {"generateName": names}}),
            );
        }
        let mut root = json!({"type": "object", "properties": properties});
        if self.dice.once_in(4) {
            root["required"] = json!(["spec", "status"]);
        }
        if self.dice.once_in(5) {
            root["x-kubernetes-validations"] = json!([{"rule": self.dice.pick(&["true", "has(self.spec)"])}]);
        }
        if self.dice.once_in(8) {
            root["x-kubernetes-preserve-unknown-fields"] = json!(true);
        }
        root
    }

    fn schema(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 4 } else { 8 };
        let mut schema = match self.dice.below(kinds) {
            0 => json!({"type": "string"}),
            1 => json!({"type": "integer"}),
            2 => json!({"type": "number"}),
            3 => match self.dice.below(4) {
                0 => json!({"type": "boolean"}),
                1 => json!({"x-kubernetes-preserve-unknown-fields": true}),
                _ => json!({"x-kubernetes-int-or-string": true}),
            },
            4 | 5 => self.list(depth),
            _ => self.map(depth),
        };
        let spared = 2 + self.dice.below(3);
        self.limits(&mut schema, spared);
        if self.dice.once_in(4) {
            self.clauses(&mut schema, depth);
        }
        if self.dice.once_in(4) {
            schema["nullable"] = json!(true);
        }
        if self.dice.once_in(6) {
            let wild = if self.dice.once_in(4) { 3 } else { 1_000 };
            schema["default"] = Objects { dice: self.dice, wild }.value(&schema);
        }
        if self.dice.once_in(12) {
            schema["x-kubernetes-validations"] = json!([{"rule": self.dice.pick(RULES)}]);
        }
        schema
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut schema = json!({"type": "array", "items": self.schema(depth - 1)});
        match self.dice.below(5) {
            0 => schema["x-kubernetes-list-type"] = json!("set"),
            1 | 2 => {
                schema["x-kubernetes-list-type"] = json!("map");
                schema["items"] = self.map(depth);
                let keys = [vec!["a"], vec!["a", "b"], vec!["b", "a"], vec!["c"]];
                schema["x-kubernetes-list-map-keys"] = json!(self.dice.pick(&keys));
            }
            _ => {}
        }
        schema
    }

    fn map(&mut self, depth: usize) -> Value {
        let mut schema = json!({"type": "object"});
        match self.dice.below(6) {
            0 => schema["additionalProperties"] = self.schema(depth - 1),
            1 => schema["additionalProperties"] = json!(!self.dice.once_in(3)),
            2 if self.dice.once_in(2) => schema["x-kubernetes-preserve-unknown-fields"] = json!(true),
            _ => {}
        }
        if schema.get("additionalProperties").is_none() || self.dice.once_in(6) {
            let mut properties = Map::new();
            for _ in 0..1 + self.dice.below(4) {
                let names = if self.dice.once_in(5) { NAMES } else { &NAMES[..3] };
                let name = *self.dice.pick(names);
                properties.insert(name.to_owned(), self.schema(depth - 1));
            }
            schema["properties"] = Value::Object(properties);
        }
        if self.dice.once_in(4) {
            schema["required"] = json!([self.dice.pick(&NAMES[..4]), self.dice.pick(&NAMES[..4])]);
        }
        if self.dice.once_in(10) {
            schema["x-kubernetes-embedded-resource"] = json!(true);
        }
        schema
    }

    /// Limits of any kind, about one in `spared`.
    fn limits(&mut self, schema: &mut Value, spared: usize) {
        let number = |dice: &mut Dice| {
            json!(*dice.pick(&[0.0, 1.0, 2.0, 3.0, 0.5, 1.5, -1.0, 0.1, 1e10, 2147483648.0, 1e20]))
        };
        let by_kind: &[&str] = match schema["type"].as_str() {
            Some("string") => &["minLength", "maxLength", "pattern", "format", "enum"],
            Some("integer" | "number") => &[
                "minimum",
                "maximum",
                "multipleOf",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "format",
                "enum",
            ],
            Some("array") => &["minItems", "maxItems", "enum"],
            Some("object") => &["minProperties", "maxProperties"],
            _ => &["enum", "format", "pattern", "maximum", "maxLength"],
        };
        for &name in by_kind {
            if !self.dice.once_in(spared * by_kind.len() / 2 + 1) {
                continue;
            }
            schema[name] = match name {
                "pattern" => json!(self.dice.pick(PATTERNS)),
                "format" => json!(self.dice.pick(FORMATS)),
                "minimum" | "maximum" | "multipleOf" => number(self.dice),
                "exclusiveMinimum" | "exclusiveMaximum" => json!(true),
                "enum" => {
                    let values = [
                        json!("a"),
                        json!("b"),
                        json!(1),
                        json!(2),
                        json!(1.5),
                        json!("A"),
                        json!(null),
                        json!([]),
                        json!({"a": 1}),
                        json!(true),
                        json!(1.0),
                        json!("<&\u{e9}"),
                    ];
                    let count = 1 + self.dice.below(3);
                    (0..count).map(|_| self.dice.pick(&values).clone()).collect()
                }
                _ => json!(self.dice.below(4)),
            };
        }
    }

    fn clauses(&mut self, schema: &mut Value, depth: usize) {
        for name in ["allOf", "anyOf", "oneOf", "not"] {
            if !self.dice.once_in(3) {
                continue;
            }
            let count = 1 + self.dice.below(3);
            let clauses: Vec<Value> = (0..count).map(|_| self.clause(schema, depth)).collect();
            schema[name] = if name == "not" { clauses[0].clone() } else { json!(clauses) };
        }
    }

    /// A clause about what a schema is about: without a type, as structural schemas have it, or with one.
    fn clause(&mut self, about: &Value, depth: usize) -> Value {
        let mut clause = json!({});
        if let Some(kind) = about.get("type") {
            clause["type"] = kind.clone();
        }
        let spared = 1 + self.dice.below(2);
        self.limits(&mut clause, spared);
        if !self.dice.once_in(8) {
            clause.as_object_mut().unwrap().remove("type");
        }
        if about["type"] == "object" {
            if self.dice.once_in(2) {
                clause["required"] = json!([self.dice.pick(&NAMES[..3])]);
            }
            let names: Vec<String> =
                about["properties"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
            if !names.is_empty() && self.dice.once_in(2) {
                let name = self.dice.pick(&names).clone();
                let inner = self.clause(&about["properties"][&name], depth.saturating_sub(1));
                clause["properties"] = json!({name: inner});
            }
        }
        if about["type"] == "array" && self.dice.once_in(3) {
            clause["items"] = self.clause(&about["items"], depth.saturating_sub(1));
        }
        if depth > 1 && self.dice.once_in(6) {
            self.clauses(&mut clause, depth - 1);
        }
        clause
    }
}
