//! Cost limits: of one expression, of a policy's validations, of its match conditions, of its audit annotations.

use super::ask::Ask;
use serde_json::{Value, json};

/// A thousand letters, as variable `s`.
const THOUSAND: &str = "'aaaaaaaaaa'.replace('a', 'bbbbbbbbbb').replace('b', 'cccccccccc')";

/// An expression that is true and costs about ten thousand for each round.
fn costly(rounds: usize) -> String {
    let list: Vec<String> = (0..rounds).map(|round| round.to_string()).collect();
    format!("[{}].all(x, variables.s.contains(variables.s))", list.join(","))
}

/// The same as text of a message or annotation.
fn costly_text(rounds: usize) -> String {
    format!("string({})", costly(rounds))
}

fn with(id: &str, validations: &[String]) -> Ask {
    let validations: Vec<Value> =
        validations.iter().map(|expression| json!({"expression": expression})).collect();
    Ask::new(id)
        .spec(json!({"variables": [{"name": "s", "expression": THOUSAND}], "validations": validations}))
}

fn conditions(rows: &[String]) -> Value {
    rows.iter().enumerate().map(|(at, row)| json!({"name": format!("c{at}"), "expression": row})).collect()
}

pub(super) fn all() -> Vec<Ask> {
    let dear = costly(90);
    let mut asks = Vec::new();
    let mut both = |ask: Ask| asks.extend(ask.with_both_failure_policies());
    both(with("call/within", std::slice::from_ref(&dear)));
    both(with("call/over", &[costly(110), "false".to_owned()]));
    both(with("call/over-not-absorbed", &[format!("{} || true", costly(110))]));
    both(with("call/over-after-true", &[format!("true || {}", costly(110))]));
    both(with("policy/within", &[vec![dear.clone(); 10], vec!["false".to_owned()]].concat()));
    both(with("policy/over", &[vec![dear.clone(); 12], vec!["false".to_owned()]].concat()));
    both(with("policy/over-after-denial", &[vec!["false".to_owned()], vec![dear.clone(); 12]].concat()));
    both(
        with("conditions/within", &["false".to_owned()])
            .spec(json!({"matchConditions": conditions(&vec![dear.clone(); 2])})),
    );
    both(
        with("conditions/over", &["false".to_owned()])
            .spec(json!({"matchConditions": conditions(&vec![dear.clone(); 3])})),
    );
    both(with("conditions/over-after-false", &["false".to_owned()]).spec(
        json!({"matchConditions": conditions(&[vec!["false".to_owned()], vec![dear.clone(); 3]].concat())}),
    ));
    both(
        with("conditions/call-over", &["false".to_owned()])
            .spec(json!({"matchConditions": conditions(&[costly(110)])})),
    );
    let message = |expression: &str| json!({"expression": "false", "messageExpression": expression});
    let mut validations: Vec<Value> = vec![json!({"expression": dear}); 10];
    validations.push(message("'cheap'"));
    both(with("messages/within", &[]).spec(json!({"validations": validations})));
    validations.push(json!({"expression": "object.missing == 1"}));
    validations.push(message(&costly_text(90)));
    both(with("messages/over", &[]).spec(json!({"validations": validations})));
    both(
        with("messages/call-over", &[])
            .spec(json!({"validations": [message(&costly_text(110)), message("'cheap'")]})),
    );
    both(
        with("messages/of-one-that-holds", &[])
            .spec(json!({"validations": [{"expression": "true", "messageExpression": costly_text(90)}]})),
    );
    let annotations = |count: usize, rounds: usize| -> Value {
        (0..count)
            .map(|at| json!({"key": format!("k{at}"), "valueExpression": costly_text(rounds)}))
            .collect()
    };
    both(
        with("annotations/within", &vec![dear.clone(); 10])
            .spec(json!({"auditAnnotations": annotations(10, 90)})),
    );
    both(
        with("annotations/over", &["false".to_owned()])
            .spec(json!({"auditAnnotations": annotations(12, 90)})),
    );
    both(
        with("annotations/call-over", &["false".to_owned()])
            .spec(json!({"auditAnnotations": annotations(1, 110)})),
    );
    let variable = |rounds: usize| json!([{"name": "s", "expression": THOUSAND}, {"name": "dear", "expression": costly(rounds)}]);
    let readers = vec!["variables.dear".to_owned(); 12];
    both(with("variable/once", &readers).spec(json!({"variables": variable(90)})));
    both(with("variable/over", &readers[..2]).spec(json!({"variables": variable(110)})));
    let chain: Value = std::iter::once(json!({"name": "s", "expression": THOUSAND}))
        .chain((0..12).map(|at| json!({"name": format!("v{at}"), "expression": costly(90)})))
        .collect();
    let all: Vec<String> = (0..12).map(|at| format!("variables.v{at}")).collect();
    both(with("variable/sum-over", &[all.join(" && ")]).spec(json!({"variables": chain})));
    let params: Vec<Value> = (0..3).map(|at| json!({"apiVersion": "example.com/v1", "kind": "Limits", "metadata": {"name": format!("l{at}"), "namespace": "shop"}})).collect();
    both(
        with("params/each-its-own", &vec![dear.clone(); 5])
            .spec(json!({"paramKind": {"apiVersion": "example.com/v1", "kind": "Limits"}}))
            .field("params", json!(params))
            .bound(json!({"paramRef": {"selector": {}, "parameterNotFoundAction": "Deny"}})),
    );
    asks
}
