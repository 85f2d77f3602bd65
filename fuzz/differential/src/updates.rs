//! Objects that replace others, and objects as other versions of their kind have them.

use crate::objects::random_objects;
use kordon::document::{Limits, Object};
use kordon::schema::Schemas;
use kordon::typed::Scheme;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Whether an object holds what is not the same once it is stored: a time that is none or that its format cannot hold, a
/// part of a second, an empty text for bytes, spaces in JSON that is kept as it is.
pub(crate) fn is_odd(object: &Value) -> bool {
    const ODD: [&str; 6] = [
        "fieldsV1",
        "0001-01-01T",
        "9999-12-31T23:59:59-23:59",
        "30:00.999+01:00",
        "00:00,5Z",
        "\"caBundle\":\"\"",
    ];
    let text = object.to_string();
    ODD.iter().any(|odd| text.contains(odd))
}

/// Pairs of an object and what it replaces, made of other questions by small changes: the same ones in each run.
pub fn updates(questions: &[Value], seed: u64) -> Vec<Value> {
    let mut changes = Changes(seed | 1);
    let mut pairs = Vec::new();
    let updated = updated();
    for question in questions {
        let new = &question["object"];
        if !updated.contains(&head(new)) {
            continue;
        }
        if is_odd(new) {
            continue;
        }
        let mut old = new.clone();
        for _ in 0..changes.below(3) {
            changes.change(&mut old);
        }
        let mut new = new.clone();
        if changes.below(4) == 0 {
            changes.change(&mut new);
        }
        changes.store(&mut old, &new);
        for (number, (new, old)) in [(&new, &old), (&old, &new)].into_iter().enumerate() {
            if number == 0 || changes.below(8) == 0 {
                let id = format!("{}/update/{number}", question["id"].as_str().unwrap_or_default());
                pairs.push(json!({"id": id, "object": new, "oldObject": old}));
            }
        }
    }
    pairs
}

/// So many random pairs of objects of each kind, which have little in common.
pub fn random_updates(each: usize, seed: u64) -> Vec<Value> {
    let (new, old) = (random_objects(each, seed, false), random_objects(each, seed + 1, false));
    let mut changes = Changes(seed | 1);
    let mut pairs = Vec::new();
    let updated = updated();
    for (new, old) in new.iter().zip(&old).filter(|(new, _)| updated.contains(&head(&new["object"]))) {
        let mut old = old["object"].clone();
        if is_odd(&old) || is_odd(&new["object"]) {
            continue;
        }
        changes.store(&mut old, &new["object"]);
        let id = format!("{}/replaces", new["id"].as_str().unwrap_or_default());
        pairs.push(json!({"id": id, "object": new["object"], "oldObject": old}));
    }
    pairs.extend(updates(&new, seed));
    pairs
}

/// So many objects of each kind that has other versions beside its own, each to be converted to all of them.
pub fn conversions(each: usize, seed: u64) -> Vec<Value> {
    let Some(scheme) = Scheme::for_version(37) else { return Vec::new() };
    let mut questions = Vec::new();
    for question in random_objects(each, seed, false) {
        let object = &question["object"];
        if is_odd(object) {
            continue;
        }
        let version = object["apiVersion"].as_str().unwrap_or_default();
        for to in others(scheme.schemas(), version, object["kind"].as_str().unwrap_or_default()) {
            let id = format!("{}/to/{to}", question["id"].as_str().unwrap_or_default());
            questions.push(json!({"id": id, "object": object, "convertTo": to}));
            // And back again, of what has been there.
            let written = Object::from_json(object.to_string().as_bytes(), &Limits::default());
            if let Some(there) = written.ok().and_then(|written| scheme.convert(&written, to).ok()) {
                questions
                    .push(json!({"id": format!("{id}/back"), "object": there.root(), "convertTo": version}));
                questions.push(json!({"id": format!("{id}/there"), "object": there.root()}));
            }
        }
    }
    questions
}

/// What objects of kinds can be replaced: `apiVersion` and kind.
pub(crate) fn updated() -> HashSet<(String, String)> {
    let schemas = Schemas::for_version(37);
    let resources = schemas.iter().flat_map(|schemas| schemas.resources());
    let updated = resources.filter(|resource| resource.verbs.contains(&"update"));
    updated.map(|resource| (resource.group_version.to_owned(), resource.kind.to_owned())).collect()
}

pub(crate) fn head(object: &Value) -> (String, String) {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    (text("apiVersion"), text("kind"))
}

/// The other versions of a kind.
fn others(schemas: &Schemas, version: &str, kind: &str) -> Vec<&'static str> {
    let group = |version: &str| version.split_once('/').map_or("", |(group, _)| group).to_owned();
    let mut found: Vec<&'static str> = schemas
        .kinds()
        .filter(|(other, own, _)| {
            let is_event = kind == "Event" && matches!(group(other).as_str(), "" | "events.k8s.io");
            *own == kind && *other != version && (is_event || group(other) == group(version))
        })
        .map(|(other, _, _)| other)
        .collect();
    found.sort_unstable();
    found
}

/// Makes changes.
struct Changes(u64);

impl Changes {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % count.max(1)
    }

    /// Changes something small somewhere.
    fn change(&mut self, value: &mut Value) {
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                let at = self.below(entries.len() as u64) as usize;
                let Some(key) = entries.keys().nth(at).cloned() else { return };
                if matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "namespace") {
                    return;
                }
                if self.below(6) == 0 {
                    entries.remove(&key);
                } else if let Some(entry) = entries.get_mut(&key) {
                    self.change(entry);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let at = self.below(items.len() as u64) as usize;
                match self.below(5) {
                    0 => {
                        items.remove(at);
                    }
                    1 => items.push(items[at].clone()),
                    _ => self.change(&mut items[at]),
                }
            }
            Value::Number(number) => *value = json!(number.as_i64().unwrap_or(0).saturating_add(1) as i32),
            Value::Bool(own) => *own = !*own,
            Value::String(text) => match self.below(3) {
                0 => text.clear(),
                _ => text.push('0'),
            },
            _ => {}
        }
    }

    /// Gives an object what only a stored one has.
    fn store(&mut self, old: &mut Value, new: &Value) {
        if !old["metadata"].is_object() {
            old["metadata"] = json!({});
        }
        // The namespace of an object never changes.
        match new["metadata"].get("namespace") {
            Some(namespace) => old["metadata"]["namespace"] = namespace.clone(),
            None => old["metadata"]["namespace"] = Value::Null,
        }
        if self.below(6) > 0 {
            old["metadata"]["uid"] = json!("0c1d8a9c-0000-4000-8000-000000000001");
            old["metadata"]["creationTimestamp"] = json!("2024-05-01T10:00:00Z");
            old["metadata"]["resourceVersion"] = json!("417");
        }
        if self.below(3) > 0 {
            old["metadata"]["generation"] = json!(self.below(5));
        }
        if self.below(9) == 0 {
            old["metadata"]["deletionTimestamp"] = json!("2024-05-02T10:00:00Z");
            old["metadata"]["deletionGracePeriodSeconds"] = json!(30);
        }
    }
}
