//! Pods that ask for resources in many ways, beside LimitRanges and what a quota counts.

use crate::dice::Dice;
use serde_json::{Map, Value, json};

const CPU: [&str; 9] = ["100m", "250m", "1", "1.5", "0.3333", "2", "1e3", "0", "1000001u"];
const MEMORY: [&str; 10] = ["128Mi", "1Gi", "1G", "1536Mi", "1000", "100M", "0", "512Ki", "1e9", "123456789"];
const OTHERS: [(&str, [&str; 2]); 3] = [
    ("ephemeral-storage", ["1G", "512Ki"]),
    ("hugepages-2Mi", ["2Mi", "4Mi"]),
    ("nvidia.com/gpu", ["1", "2"]),
];
const COUNTED: [&str; 6] =
    ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/// So many pods and templates; the same ones for the same seed.
///
/// Quantities that Go keeps as decimals of any size are left out: of `1.5Gi` as the limit of a pod as a whole the API
/// server makes its request too, without a copy, and adds the overhead to both twice.
pub fn quotas(count: usize, seed: u64) -> Vec<Value> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|number| {
            let spec = spec(&mut dice);
            let object = if dice.once_in(2) {
                json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
            } else {
                json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "p"}, "spec": {
                    "selector": {"matchLabels": {"a": "b"}},
                    "template": {"metadata": {"labels": {"a": "b"}}, "spec": spec},
                }})
            };
            let ranges: Vec<Value> = (0..dice.below(3)).map(|_| range(&mut dice)).collect();
            let hard: Vec<&str> = COUNTED.into_iter().filter(|_| dice.once_in(2)).collect();
            json!({"id": format!("{seed}/{number}"), "object": object, "limitRanges": ranges, "hard": hard})
        })
        .collect()
}

fn amounts(dice: &mut Dice, others: bool) -> Value {
    let mut amounts = Map::new();
    for (name, values) in [("cpu", &CPU[..]), ("memory", &MEMORY)] {
        if !dice.once_in(3) {
            amounts.insert(name.to_owned(), json!(dice.pick(values)));
        }
    }
    for (name, values) in OTHERS {
        if others && dice.once_in(2) {
            amounts.insert(name.to_owned(), json!(dice.pick(&values)));
        }
    }
    Value::Object(amounts)
}

fn resources(dice: &mut Dice, others: bool) -> Value {
    let mut resources = json!({});
    for list in ["requests", "limits"] {
        if !dice.once_in(3) {
            resources[list] = amounts(dice, others);
        }
    }
    resources
}

fn spec(dice: &mut Dice) -> Value {
    let mut lists = [Vec::new(), Vec::new()];
    for (initial, list) in lists.iter_mut().enumerate() {
        let count = if initial == 0 { 1 + dice.below(3) } else { dice.below(4) };
        for number in 0..count {
            let others = dice.once_in(3);
            let mut container = json!({"name": format!("{initial}{number}"), "image": "a"});
            container["resources"] = resources(dice, others);
            if initial == 1 && dice.once_in(2) {
                container["restartPolicy"] = json!("Always");
            }
            list.push(container);
        }
    }
    let [containers, initial] = lists;
    let mut spec = json!({"containers": containers, "initContainers": initial});
    if dice.once_in(4) {
        spec["resources"] = resources(dice, false);
    }
    if dice.once_in(5) {
        spec["overhead"] = json!({"cpu": "10m", "memory": "1Mi"});
    }
    spec
}

fn range(dice: &mut Dice) -> Value {
    let of = *dice.pick(&["Container", "Container", "Pod"]);
    let mut limit = json!({"type": of});
    let fields: &[&str] =
        if of == "Pod" { &["min", "max"] } else { &["min", "max", "default", "defaultRequest"] };
    for field in fields {
        if dice.once_in(3) {
            limit[field] = amounts(dice, false);
        }
    }
    if dice.once_in(4) {
        limit["maxLimitRequestRatio"] = json!({"cpu": dice.pick(&["1", "2", "1.5"]), "memory": "3"});
    }
    json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "r"}, "spec": {"limits": [limit]}})
}
