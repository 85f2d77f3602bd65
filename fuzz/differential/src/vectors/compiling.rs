//! Expressions that do not compile, in each place where there are expressions.

use super::ask::Ask;
use serde_json::{Value, json};

const BROKEN: &[(&str, &str)] = &[
    ("syntax", "object.data.mode =="),
    ("undeclared", "nothing == 1"),
    ("undeclared-function", "frobnicate(object)"),
    ("overload", "1 + 'a' == 2"),
    ("type", "'text'"),
    ("list-type", "[1]"),
    ("several", "a == b && c.d()"),
    ("lines", "object.data.mode ==\n  nothing ||\n  other\n"),
    ("unicode", "'größe' == ünknown"),
    ("request-field", "request.nothing == 'x'"),
    ("namespace-field", "namespaceObject.metadata.uid == 'x'"),
    ("params-without-kind", "params.x == 1"),
    ("wrong-argument", "size(1) == 1"),
    ("bad-literal", "timestamp('nonsense') == timestamp('nonsense')"),
    ("bad-regex", "'a'.matches('(')"),
    ("empty-comment", "// nothing"),
    ("mixed-list", "[1, 'a'].size() == 2"),
    ("quantity", "quantity('x').isInteger()"),
    ("chain", "object.a.b.c.d.e.f(1)(2)"),
    ("reserved", "for == 1"),
    ("deep-parentheses", "((((((1))))) == 1"),
    ("authorizer-field", "authorizer.nothing"),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (number, (id, expression)) in BROKEN.iter().enumerate() {
        for (at, (place, spec)) in places(expression).into_iter().enumerate() {
            let ask = Ask::new(format!("{place}/{id}")).spec(spec);
            if *id == "undeclared" {
                asks.extend(ask.with_both_failure_policies());
            } else if place == "validation" || at % 4 == number % 4 {
                asks.push(ask);
            }
        }
    }
    asks
}

/// A spec for each place where an expression may stand.
fn places(expression: &str) -> Vec<(&'static str, Value)> {
    vec![
        (
            "validation",
            json!({"validations": [{"expression": expression, "message": "m"}, {"expression": "false"}]}),
        ),
        ("condition", json!({"matchConditions": [{"name": "c", "expression": expression}]})),
        (
            "variable",
            json!({"variables": [{"name": "v", "expression": expression}], "validations": [{"expression": "variables.v"}]}),
        ),
        ("message", json!({"validations": [{"expression": "false", "messageExpression": expression}]})),
        (
            "annotation",
            json!({"validations": [{"expression": "true"}], "auditAnnotations": [{"key": "k", "valueExpression": expression}]}),
        ),
    ]
}
