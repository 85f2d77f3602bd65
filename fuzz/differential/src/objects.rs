//! Objects of every kind, made from the table of kinds: each field alone with telling values, and many at random.

use kordon::schema::{Scalar, Schemas, StructId, Type, TypeId};
use serde_json::{Map, Value, json};

/// Makes objects; the same ones in each run.
struct Maker<'s> {
    schemas: &'s Schemas,
    state: u64,
    /// Whether values of wrong types and unknown fields come in too.
    broken: bool,
}

/// Kinds that can be created: `apiVersion`, kind.
fn kinds(schemas: &Schemas) -> Vec<(&'static str, &'static str)> {
    let created = schemas.resources().iter().filter(|resource| resource.verbs.contains(&"create"));
    let mut kinds: Vec<_> = created.map(|resource| (resource.group_version, resource.kind)).collect();
    kinds.retain(|(version, kind)| schemas.kind_id(version, kind).is_some());
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn question(id: String, version: &str, kind: &str, mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.insert("apiVersion".to_owned(), json!(version));
        fields.insert("kind".to_owned(), json!(kind));
    }
    json!({"id": id, "object": object})
}

/// Each field of each kind by itself, with every telling value that its type has.
pub fn every_field() -> Vec<Value> {
    let Some(schemas) = Schemas::for_version(37) else { return Vec::new() };
    let mut maker = Maker { schemas: &schemas, state: 1, broken: true };
    let mut questions = Vec::new();
    for (version, kind) in kinds(&schemas) {
        let Some(id) = schemas.kind_id(version, kind) else { continue };
        let mut found = Vec::new();
        maker.walk(id, &mut Vec::new(), &mut vec![id], &mut found);
        for (number, object) in found.into_iter().enumerate() {
            questions.push(question(format!("{version}/{kind}/{number}"), version, kind, object));
        }
    }
    questions
}

/// So many objects of each kind with many fields at random.
pub fn random_objects(each: usize, seed: u64, broken: bool) -> Vec<Value> {
    let Some(schemas) = Schemas::for_version(37) else { return Vec::new() };
    let mut maker = Maker { schemas: &schemas, state: seed | 1, broken };
    let mut questions = Vec::new();
    for (version, kind) in kinds(&schemas) {
        let Some(id) = schemas.kind_id(version, kind) else { continue };
        for number in 0..each {
            let object = maker.structure(id, 0);
            questions.push(question(format!("{version}/{kind}/{seed}/{number}"), version, kind, object));
        }
    }
    questions
}

impl Maker<'_> {
    fn next(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % below
    }

    fn pick(&mut self, from: &[Value]) -> Value {
        let at = self.next(from.len() as u64) as usize;
        from[at].clone()
    }

    /// Goes to each field once and puts its values there, alone.
    fn walk(
        &mut self,
        id: StructId,
        path: &mut Vec<Value>,
        open: &mut Vec<StructId>,
        found: &mut Vec<Value>,
    ) {
        for field in &self.schemas.structure(id).fields {
            if path.is_empty() && matches!(field.name.as_str(), "apiVersion" | "kind") {
                continue;
            }
            path.push(json!(field.name.as_str()));
            self.step(field.kind, path, open, found);
            path.pop();
        }
        if path.len() < 3 {
            found.push(wrapped(path, json!({"unheardOf": 1})));
        }
    }

    fn step(&mut self, id: TypeId, path: &mut Vec<Value>, open: &mut Vec<StructId>, found: &mut Vec<Value>) {
        match self.schemas.type_of(id) {
            Type::Pointer(inner) => self.step(inner, path, open, found),
            Type::Struct(id) => {
                found.extend([json!({}), json!(null), json!([])].map(|value| wrapped(path, value)));
                if !open.contains(&id) {
                    open.push(id);
                    self.walk(id, path, open, found);
                    open.pop();
                }
            }
            Type::List(inner) => {
                found.extend(
                    [json!([]), json!(null), json!({}), json!([null])].map(|value| wrapped(path, value)),
                );
                path.push(json!(0));
                self.step(inner, path, open, found);
                path.pop();
            }
            Type::Map(inner) => {
                found.extend(
                    [json!({}), json!(null), json!([]), json!({"a": null})].map(|value| wrapped(path, value)),
                );
                path.push(json!("a"));
                self.step(inner, path, open, found);
                path.pop();
            }
            Type::Named(number) => {
                let Some(named) = self.schemas.named(number) else { return };
                let (kind, values) = (named.kind, named.values.clone());
                found.extend(values.iter().map(|value| wrapped(path, json!(value))));
                self.step(kind, path, open, found);
            }
            Type::Scalar(scalar) => {
                let values = telling(scalar);
                // Deep down a few of them will do.
                let step = if path.len() > 9 { 4 } else { 1 };
                let from = self.next(step) as usize;
                found.extend(
                    values.into_iter().skip(from).step_by(step as usize).map(|value| wrapped(path, value)),
                );
            }
        }
    }

    fn structure(&mut self, id: StructId, depth: u64) -> Value {
        let mut map = Map::new();
        let fields = &self.schemas.structure(id).fields;
        for field in fields {
            let likely = field.required || matches!(field.name.as_str(), "spec" | "template" | "metadata");
            let wanted = if likely { self.next(8) != 0 } else { self.next(3 + depth) == 0 };
            if wanted && depth < 12 {
                let value = self.value(field.kind, depth + 1);
                map.insert(field.name.as_str().to_owned(), value);
            }
        }
        if self.broken && self.next(40) == 0 {
            map.insert("unheardOf".to_owned(), json!({"a": 1}));
        }
        Value::Object(map)
    }

    fn value(&mut self, id: TypeId, depth: u64) -> Value {
        if self.next(25) == 0 {
            return Value::Null;
        }
        if self.broken && self.next(300) == 0 {
            return self.pick(&[
                json!("x"),
                json!(1),
                json!(1.5),
                json!(true),
                json!([]),
                json!({}),
                json!(3e10),
            ]);
        }
        match self.schemas.type_of(id) {
            Type::Pointer(inner) => self.value(inner, depth),
            Type::Struct(id) => self.structure(id, depth),
            Type::List(inner) => (0..self.next(3)).map(|_| self.value(inner, depth)).collect(),
            Type::Map(inner) => {
                let keys = ["a", "cpu", "memory", "nvidia.com/gpu"];
                let count = self.next(3);
                let mut map = Map::new();
                for _ in 0..count {
                    let key = keys[self.next(4) as usize];
                    let value = self.value(inner, depth);
                    map.insert(key.to_owned(), value);
                }
                Value::Object(map)
            }
            Type::Named(number) => {
                let Some(named) = self.schemas.named(number) else { return Value::Null };
                let (kind, values) = (named.kind, named.values.clone());
                if !values.is_empty() && self.next(8) != 0 {
                    return json!(values[self.next(values.len() as u64) as usize]);
                }
                self.value(kind, depth)
            }
            Type::Scalar(scalar) => {
                let mut values = telling(scalar);
                if !self.broken {
                    values.truncate(valid(scalar));
                }
                self.pick(&values)
            }
        }
    }
}

/// A value at the end of a path of keys and positions.
fn wrapped(path: &[Value], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, step| match step {
        Value::String(name) => json!({name: inner}),
        _ => json!([inner]),
    })
}

/// How many of the telling values the type takes.
fn valid(scalar: Scalar) -> usize {
    match scalar {
        Scalar::String | Scalar::Duration => 9,
        Scalar::Bool => 2,
        Scalar::Int32 => 5,
        Scalar::Int64 => 6,
        Scalar::Float64 => 6,
        Scalar::Bytes => 5,
        Scalar::Time => 6,
        Scalar::MicroTime => 3,
        Scalar::Quantity => 36,
        Scalar::IntOrString => 5,
        _ => usize::MAX,
    }
}

/// Values that show how a type is read: first those that it takes.
fn telling(scalar: Scalar) -> Vec<Value> {
    let list = match scalar {
        Scalar::String | Scalar::Duration => {
            json!([
                "a",
                "",
                "nginx",
                "nginx:latest",
                "x/y:1",
                "ClientIP",
                "Container",
                "<é>",
                "0",
                null,
                1,
                true,
                [],
                {}
            ])
        }
        Scalar::Bool => json!([true, false, null, "true", 0]),
        Scalar::Int32 => {
            json!([1, 0, -1, 2147483647, -2147483648, 2147483648_u32, 1.5, 1e3, null, "1", true, [], {}])
        }
        Scalar::Int64 => json!([
            1,
            0,
            -1,
            2147483648_u32,
            i64::MAX,
            i64::MIN,
            9223372036854775808_u64,
            1.5,
            null,
            "1",
            false
        ]),
        Scalar::Float64 => json!([1, 1.5, 0, -0.25, 1e21, 1e-7, null, "1"]),
        Scalar::Bytes => {
            json!([
                "YQ==",
                "",
                "YWI=",
                "YWJj\n",
                [97, 98],
                "YQ",
                "Y",
                "====",
                "YQ==YQ==",
                "Y Q=",
                [300],
                null,
                1
            ])
        }
        Scalar::Time => json!([
            "2024-02-29T12:00:00Z",
            "2024-01-01T00:30:00.999+01:00",
            "0001-01-01T00:00:00Z",
            "2024-01-01T1:02:03Z",
            "9999-12-31T23:59:59-23:59",
            "2024-01-01T00:00:00,5Z",
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01t00:00:00z",
            "",
            null,
            1,
            "2024-01-01T00:00:00+25:00",
            "2024-01-01T00:00:00Zé",
            "x",
            {},
            true
        ]),
        Scalar::MicroTime => json!([
            "2024-02-29T12:00:00.000001Z",
            "2024-01-01T00:30:00.999999+01:00",
            "0001-01-01T00:00:00.000000Z",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.1Z",
            "2024-01-01T00:00:00.1234567Z",
            null,
            1
        ]),
        Scalar::Quantity => json!([
            "1",
            1,
            "100m",
            0.5,
            "0",
            0,
            "1Gi",
            "1024Mi",
            "1000",
            "0.1",
            "1.5Gi",
            "1e3",
            "1E3",
            "12e6",
            "1Ki",
            "512Ki",
            "-1",
            "+2",
            "1n",
            "1500u",
            "0.0001",
            "1.0000000001",
            "9223372036854775807",
            "9223372036854775808",
            "1000Ei",
            "0Mi",
            "0.5Mi",
            "1000000k",
            "3.0",
            "1e-3",
            "-0.0000000001",
            " 1 ",
            ".5",
            "5.",
            "1e21",
            "100000000000000000000n",
            "1mi",
            "x",
            "",
            "1 Gi",
            "1e",
            "--1",
            "1.2.3",
            null,
            true,
            [],
            {},
            1e3,
            1.5e-9
        ]),
        Scalar::IntOrString => json!([1, "25%", 0, "", "http", 2147483648_u32, 1.5, null, true, [], {}]),
        Scalar::RawExtension | Scalar::FieldsV1 | Scalar::Json => {
            json!([{"b": [1, 1.5, null, {"c": "<"}], "a": {}}, {}, null, [], "x", 1])
        }
        Scalar::SchemaOrBool => {
            json!([true, false, {}, {"type": "string", "unheardOf": 1}, null, [], "x", {"type": 1}])
        }
        Scalar::SchemaOrArray => {
            json!([{}, [{"type": "string"}], [], null, "x", [1], {"items": [{"type": 1}]}])
        }
        Scalar::SchemaOrStrings => json!([{}, ["a"], [], null, "x", [1]]),
    };
    match list {
        Value::Array(values) => values,
        _ => Vec::new(),
    }
}
