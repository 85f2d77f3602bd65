//! Objects that strain the rules of their fields: too many and repeated elements, long and telling texts, numbers at
//! the edges, what is required left out.

use crate::dice::Dice;
use crate::objects::random_objects;
use crate::updates::{head, is_odd, updated};
use serde_json::{Value, json};

/// The same as if they were in storage already, with what a request cannot write: their status, and what is switched
/// off.
pub fn strained_in_storage(each: usize, seed: u64) -> Vec<Value> {
    let mut questions = strained(each, seed);
    for question in &mut questions {
        question["stage"] = json!("store");
    }
    questions.retain(|question| !is_odd(&question["object"]));
    questions
}

/// So many objects of each kind, each strained in a few places, and as many that replace a neighbour: the same ones in
/// each run.
pub fn strained(each: usize, seed: u64) -> Vec<Value> {
    let (mut dice, updated) = (Dice(seed), updated());
    let mut questions = Vec::new();
    for question in random_objects(each, seed, false) {
        let id = question["id"].as_str().unwrap_or_default().to_owned();
        let mut object = question["object"].clone();
        let before = object.clone();
        for _ in 0..=dice.below(4) {
            strain(&mut object, &mut dice);
        }
        questions.push(json!({"id": format!("{id}/strained"), "object": object}));
        let mut old = if dice.below(3) == 0 { before } else { object.clone() };
        strain(&mut object, &mut dice);
        if !old["metadata"].is_object() {
            old["metadata"] = json!({});
        }
        old["metadata"]["uid"] = json!("0c1d8a9c-0000-4000-8000-000000000001");
        old["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
        // JSON that is kept as it is comes back from storage with other escapes.
        let is_odd = |object: &Value| is_odd(object) || object.to_string().contains("\"c\":\"<");
        // Of Workloads the API server asks for each template whether what is switched off was there before.
        if object["kind"] != "Workload"
            && updated.contains(&head(&object))
            && !is_odd(&object)
            && !is_odd(&old)
        {
            questions.push(json!({"id": format!("{id}/replaces"), "object": object, "oldObject": old}));
        }
    }
    questions
}

fn strain(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let at = dice.below(entries.len());
            let Some(key) = entries.keys().nth(at).cloned() else { return };
            if matches!(
                key.as_str(),
                "apiVersion" | "kind" | "namespace" | "managedFields" | "ownerReferences"
            ) {
                return;
            }
            match dice.below(12) {
                0 => drop(entries.remove(&key)),
                1 => {
                    let entry = entries[&key].clone();
                    entries.insert(TEXTS[dice.below(TEXTS.len())].to_owned(), entry);
                }
                _ => {
                    if let Some(entry) = entries.get_mut(&key) {
                        strain(entry, dice);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.below(items.len());
            match dice.below(5) {
                0 => drop(items.remove(at)),
                1 => {
                    let count = [1, 1, 2, 5, 17, 33, 65, 129, 257][dice.below(9)];
                    items.extend(vec![items[at].clone(); count]);
                }
                2 => {
                    let mut copy = items[at].clone();
                    strain(&mut copy, dice);
                    items.push(copy);
                }
                _ => strain(&mut items[at], dice),
            }
        }
        Value::Number(_) => {
            *value = json!(
                [0, 1, -1, 2, 7, 64, 999, 1000, 1001, 99_999, 100_001, i64::from(i32::MAX)][dice.below(12)]
            );
        }
        Value::Bool(own) => *own = !*own,
        Value::String(text) => match dice.below(10) {
            0 => text.clear(),
            1 => *text = "a".repeat([32, 33, 63, 64, 128, 253, 254, 257, 1025][dice.below(9)]),
            2 => *text = format!("{}/a", "b".repeat([63, 64, 253, 254][dice.below(4)])),
            _ => *text = TEXTS[dice.below(TEXTS.len())].to_owned(),
        },
        _ => {}
    }
}

const TEXTS: [&str; 40] = [
    "a",
    "",
    "A",
    "a.b",
    "A.b",
    "a..b",
    "-a",
    "a_b",
    "_a",
    "a/b",
    "example.com/a",
    "example.com/A_b",
    "Example.com/a",
    "example.com/",
    "/a",
    "a/b/c",
    "requests.a/b",
    "kubernetes.io/a",
    "a.kubernetes.io/b",
    "x.k8s.io./b",
    "k8s.io/a",
    ".",
    "..",
    "a%b",
    "0c1d8a9c-0000-4000-8000-000000000001",
    "0C1D8A9C-0000-4000-8000-000000000001",
    "0c1d8a9c-0000-4000-8000-00000000000",
    "<é>&\"\\",
    "\u{212a}",
    "\u{17f}.\u{2028}",
    "All",
    "ExactCount",
    "NoSchedule",
    "NoExecute",
    "Queue",
    "Reject",
    "Limited",
    "Exempt",
    "Exists",
    "IPv4",
];
