//! Custom resources of random schemas, right or nearly so.

mod objects;
mod schemas;

use crate::dice::Dice;
use objects::Objects;
use schemas::Schemas;
use serde_json::{Value, json};

/// The questions whose answers are recorded.
pub fn recorded() -> Vec<Value> {
    random(5, 150)
}

/// That many questions, the same for the same seed: an object that is created or updated, with its kind.
pub fn random(seed: u64, count: usize) -> Vec<Value> {
    let mut dice = Dice(seed);
    (0..count).map(|at| question(&mut dice, &format!("custom/{seed}/{at}"))).collect()
}

fn question(dice: &mut Dice, id: &str) -> Value {
    let schema = Schemas { dice }.root();
    let object = Objects { dice, wild: 6 }.resource(&schema);
    let mut resource = json!({"group": "example.com", "version": "v1", "kind": "Thing"});
    resource["namespaced"] = json!(!dice.once_in(3));
    resource["status"] = json!(dice.once_in(2));
    if dice.once_in(5) {
        let paths = [".spec.a", ".spec.b", ".status.a", ".spec.c.a", ".metadata.generation"];
        let mut scale = json!({
            "specReplicasPath": dice.pick(&paths), "statusReplicasPath": dice.pick(&paths),
        });
        if dice.once_in(2) {
            scale["labelSelectorPath"] = json!(dice.pick(&paths));
        }
        resource["scale"] = scale;
    }
    let mut question = json!({"id": id, "schema": schema, "object": object, "resource": resource});
    if dice.once_in(3) {
        let mut old = match dice.below(3) {
            0 => Objects { dice, wild: 6 }.resource(&schema),
            _ => object.clone(),
        };
        // Of most updates a part is new, and much stays wrong that was.
        let fresh = Objects { dice, wild: 6 }.resource(&schema);
        if dice.once_in(2) {
            let parts: Vec<String> =
                fresh["spec"].as_object().map(|spec| spec.keys().cloned().collect()).unwrap_or_default();
            if let (false, Some(spec)) = (parts.is_empty(), old["spec"].as_object_mut()) {
                let part = dice.pick(&parts);
                spec.insert(part.clone(), fresh["spec"][part].clone());
            }
        }
        question["oldObject"] = old;
    }
    question
}
