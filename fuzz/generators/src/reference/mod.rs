//! A naive evaluator of CEL: recursion over the checked syntax tree, owned values, nothing shared with kordon's own.
//!
//! It follows cel-go's interpreter (`interpreter/interpretable.go`, `attributes.go`, `runtimecost.go`) step by step,
//! its bookkeeping of costs included, and knows the operators, macros and functions that the generator writes.
//! Only the front end, parser and checker, is kordon's.
//!
//! It holds kordon to values and types. Costs and the words of errors depend on cel-go's internals where an error is
//! absorbed; those are compared with cel-go itself, through the oracle.

mod attribute;
mod constants;
mod cost;
mod evaluate;
mod functions;
mod operators;
mod text;
mod value;

pub use value::{Time, Value};

use crate::answer::by_value;
use evaluate::Evaluator;
use kordon::cel::environment::Env;
use kordon::cel::types::Declared;
use serde_json::{Value as Json, json};

/// The answer to an expression over `object`, in the form of [`crate::answer::cel`]. `None` when the expression does
/// not check, or uses what this evaluator does not know.
pub fn answer(env: &Env, expression: &str, object: &Json) -> Option<Json> {
    let checked = env.check(expression).ok()?;
    let constants = match constants::fold(&checked)? {
        Ok(constants) => constants,
        Err(message) => return Some(json!({"error": {"phase": "program", "message": &*message}})),
    };
    let mut evaluator = Evaluator::new(env, &checked, &constants, Value::from_json(object));
    let value = evaluator.eval(checked.ast.root);
    if evaluator.unknown {
        return None;
    }
    let kind = Declared(checked.result_type()).to_string();
    let mut answer = json!({"type": kind, "cost": evaluator.tracker.cost});
    match value {
        Value::Error(message) => answer["error"] = json!({"phase": "eval", "message": &*message}),
        value => answer["value"] = value.encode(),
    }
    Some(answer)
}

/// Whether an answer is the expected one: the same value and type, or an error where one is expected.
pub fn agrees(got: &Json, expected: &Json) -> bool {
    match (got.get("value"), expected.get("value")) {
        (Some(got_value), Some(value)) => {
            by_value(got_value) == by_value(value) && got["type"] == expected["type"]
        }
        (None, None) => true,
        // cel-go picks overloads and indexes by its Go types and by what the checker knew, and fails where by the
        // language there is a value.
        (None, Some(_)) => {
            let message = got["error"]["message"].as_str().unwrap_or_default();
            let by_go = ["invalid qualifier type: ", "no such overload", "internal error: "];
            by_go.iter().any(|beginning| message.starts_with(beginning))
        }
        (Some(_), None) => false,
    }
}
