//! Values of a schema, now and then with something wrong.

use super::schemas::NAMES;
use crate::dice::Dice;
use serde_json::{Map, Value, json};

pub(super) struct Objects<'d> {
    pub(super) dice: &'d mut Dice,
    /// One value in so many is of any kind.
    pub(super) wild: usize,
}

const TEXTS: &[&str] = &[
    "a",
    "b",
    "",
    "A",
    "abc",
    "xx",
    "1",
    "12",
    "<a>",
    "\u{e9}\u{1f600}",
    "10.0.0.1",
    "010.0.0.1",
    "::1",
    "::ffff:1.2.3.4",
    "10.0.0.0/8",
    "2001:db8::/32",
    "1.2.3.4/033",
    "a@b.example",
    "A B <a@b>",
    "http://a/b?c",
    "/a",
    "a.b-c.example",
    "-a",
    "01:23:45:67:89:ab",
    "0123.4567.89ab",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "f47ac10b58cc3372a5670e02b2c3d479",
    "f47ac10b-58cc-5372-a567-0e02b2c3d479",
    "0321751043",
    "978-0321751041",
    "4111-1111-1111-1111",
    "111-11-1111",
    "#fff",
    "rgb(1,2,255)",
    "YQ==",
    "YR==",
    "2020-02-30",
    "2020-02-29",
    "2020-02-29T23:59:59Z",
    "2020-02-29t23:59:59.5+01:00",
    "1h",
    "2 days",
    "507f1f77bcf86cd799439011",
];

impl Objects<'_> {
    pub(super) fn resource(&mut self, schema: &Value) -> Value {
        let mut object = match self.value(schema) {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        if !object.contains_key("spec") && !self.dice.once_in(5) {
            object.insert("spec".to_owned(), self.value(&schema["properties"]["spec"]));
        }
        object.insert("apiVersion".to_owned(), json!("example.com/v1"));
        object.insert("kind".to_owned(), json!("Thing"));
        object.insert("metadata".to_owned(), self.metadata());
        if self.dice.once_in(12) {
            object.insert("extra".to_owned(), self.any());
        }
        Value::Object(object)
    }

    fn metadata(&mut self) -> Value {
        let mut metadata = json!({"name": "thing"});
        // What defaults say of metadata is read less strictly.
        if self.wild != 6 || !self.dice.once_in(3) {
            return metadata;
        }
        let names =
            ["A", "a_b", "a.b", "a/b", "", "x-", "orphan", "foregroundDeletion", "example.com/a", ".."];
        let name = json!(self.dice.pick(&names));
        match self.dice.below(11) {
            10 => {
                let entry = |dice: &mut Dice| {
                    json!({"operation": dice.pick(&["Apply", "Update", "Patch", ""]),
                        "fieldsType": dice.pick(&["FieldsV1", "", "V2"]),
                        "manager": dice.pick(&["kubectl", "a\u{7}é\u{200b}", &"m".repeat(129)]),
                        "subresource": dice.pick(&["status", &"s".repeat(257)])})
                };
                metadata["managedFields"] = json!([entry(self.dice), entry(self.dice)]);
            }
            0 => metadata["name"] = name,
            1 => metadata = json!({"generateName": name}),
            2 => metadata["labels"] = json!({*self.dice.pick(&names): self.dice.pick(&names)}),
            3 => metadata["annotations"] = json!({*self.dice.pick(&names): self.dice.pick(&names)}),
            4 => metadata["finalizers"] = json!([name, self.dice.pick(&names)]),
            5 => metadata["unknown"] = name,
            6 => {
                metadata["ownerReferences"] = json!([
                    {"apiVersion": self.dice.pick(&["v1", "", "a/b/c", "a/"]), "kind": self.dice.pick(&["Event", "A", ""]),
                     "name": name, "uid": self.dice.pick(&["u", ""]), "controller": true},
                    {"apiVersion": "v1", "kind": "B", "name": "b", "uid": "v", "controller": self.dice.once_in(2)},
                ]);
            }
            7 => metadata["generation"] = json!(-1),
            8 => metadata["labels"] = json!({"a": *self.dice.pick(&[1, 2])}),
            _ => metadata["creationTimestamp"] = json!(self.dice.pick(&["2020-01-01T00:00:00Z", "x"])),
        }
        metadata
    }

    pub(super) fn value(&mut self, schema: &Value) -> Value {
        if self.wild < 100 && self.dice.once_in(self.wild * 4) {
            return self.any();
        }
        if let (Some(values), true) = (schema["enum"].as_array(), !self.dice.once_in(4)) {
            return self.dice.pick(values).clone();
        }
        if schema["nullable"] == true && self.dice.once_in(8) {
            return Value::Null;
        }
        match schema["type"].as_str() {
            Some("string") => json!(self.dice.pick(TEXTS)),
            Some("integer") => self.integer(),
            Some("number") => self.number(),
            Some("boolean") => json!(self.dice.once_in(2)),
            Some("array") => {
                let count = self.dice.below(4);
                let mut list: Vec<Value> = (0..count).map(|_| self.value(&schema["items"])).collect();
                if !list.is_empty() && self.dice.once_in(3) {
                    list.push(self.dice.pick(&list).clone());
                }
                json!(list)
            }
            Some("object") => self.map(schema),
            _ => match self.dice.below(3) {
                0 => self.integer(),
                1 => json!(self.dice.pick(TEXTS)),
                _ => self.any(),
            },
        }
    }

    fn map(&mut self, schema: &Value) -> Value {
        let mut map = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if !self.dice.once_in(4) {
                map.insert(name.clone(), self.value(property));
            }
        }
        if schema["additionalProperties"].is_object() {
            for _ in 0..self.dice.below(3) {
                let value = self.value(&schema["additionalProperties"]);
                map.insert((*self.dice.pick(NAMES)).to_owned(), value);
            }
        }
        if schema["x-kubernetes-embedded-resource"] == true && !self.dice.once_in(4) {
            map.insert("apiVersion".to_owned(), json!(self.dice.pick(&["v1", "a/b", "a/b/c", ""])));
            map.insert("kind".to_owned(), json!(self.dice.pick(&["Pod", "A_B", ""])));
            let metadata = self.metadata();
            map.insert("metadata".to_owned(), metadata);
        }
        if self.dice.once_in(self.wild * 2) {
            map.insert((*self.dice.pick(NAMES)).to_owned(), self.any());
        }
        Value::Object(map)
    }

    fn integer(&mut self) -> Value {
        let values = [0, 1, 2, 3, -1, 65, 10, 2147483648, -2147483649, i64::MAX, i64::MIN];
        let value = *self.dice.pick(&values);
        if self.dice.once_in(6) { self.number() } else { json!(value) }
    }

    fn number(&mut self) -> Value {
        let values = [0.0, 1.0, 1.5, 0.1, -0.5, 2.0, 1e10, 1e21, 3.4e38, 1e39, 1e300, 2.999_999_999_99];
        let value = *self.dice.pick(&values);
        if self.dice.once_in(4) { json!(value as i64) } else { json!(value) }
    }

    fn any(&mut self) -> Value {
        match self.dice.below(8) {
            0 => Value::Null,
            1 => json!(true),
            2 => self.number(),
            3 => json!([1, "a", {"b": [null]}]),
            4 => json!({"a": {"b": 1}, "c": []}),
            5 => json!({}),
            6 => self.integer(),
            _ => json!(self.dice.pick(TEXTS)),
        }
    }
}
