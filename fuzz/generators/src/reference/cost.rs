//! The cost of each step, kept as cel-go's `CostTracker` keeps it: a stack of values by node, on which a call looks
//! for its arguments. A call that does not find them, as after an early error, is free.

use super::value::Value;
use kordon::cel::ast::ExprId;

#[derive(Debug, Default)]
pub(super) struct Tracker {
    pub cost: u64,
    stack: Vec<(ExprId, Value)>,
}

impl Tracker {
    /// Forgets the values of these nodes, and whatever was computed after them.
    pub(super) fn drop(&mut self, ids: &[ExprId]) {
        for id in ids {
            if let Some(at) = self.stack.iter().rposition(|(other, _)| other == id) {
                self.stack.truncate(at);
            }
        }
    }

    fn drop_args(&mut self, args: &[ExprId]) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        for id in args.iter().rev() {
            let at = self.stack.iter().rposition(|(other, _)| other == id)?;
            let (_, value) = self.stack.drain(at..).next()?;
            values.push(value);
        }
        values.reverse();
        Some(values)
    }

    /// Records a value at a price.
    pub(super) fn push(&mut self, id: ExprId, value: &Value, cost: u64) {
        self.cost += cost;
        self.stack.push((id, value.clone()));
    }

    /// Records the value of a call.
    pub(super) fn call(
        &mut self,
        id: ExprId,
        function: &str,
        overload: &str,
        args: &[ExprId],
        value: &Value,
    ) {
        let cost = self.drop_args(args).map_or(0, |args| price(function, overload, &args, value));
        self.push(id, value, cost);
    }

    /// Records a list or map that was built of parts.
    pub(super) fn construct(&mut self, id: ExprId, parts: &[ExprId], value: &Value, cost: u64) {
        self.drop_args(parts);
        self.push(id, value, cost);
    }
}

/// cel-go's `actualSize`.
fn size(value: &Value) -> u64 {
    match value {
        Value::Optional(Some(inner)) => size(inner),
        other => other.size().unwrap_or(1) as u64,
    }
}

fn tenth(length: u64) -> u64 {
    length.div_ceil(10)
}

/// What a call costs. Sources: apiserver `cel/library/cost.go`, cel-go `ext/lists.go` and `runtimecost.go`.
fn price(function: &str, overload: &str, args: &[Value], result: &Value) -> u64 {
    let arg = |at: usize| args.get(at).map_or(1, size);
    // A list function of cel-go's costs its dispatch and the list that it makes.
    let made = |elements: u64| elements + 1 + 10;
    match (function, overload) {
        ("isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" | "includes", _) => {
            match args.first() {
                Some(Value::List(elements)) => elements.iter().map(traversal).sum(),
                Some(value) => traversal(value),
                None => 0,
            }
        }
        ("lowerAscii" | "upperAscii" | "substring" | "trim", _) => tenth(arg(0)),
        ("replace" | "split", _) => tenth(2 * arg(0)),
        ("join", _) => tenth(2 * size(result)),
        ("slice" | "reverse" | "lists.range", overload) if !overload.is_empty() => made(size(result)),
        ("flatten", overload) if !overload.is_empty() => made(arg(0)),
        ("distinct" | "sort", overload) if !overload.is_empty() => {
            let text = matches!(args.first(), Some(Value::List(elements))
                if matches!(elements.first(), Some(Value::String(_) | Value::Bytes(_))));
            made(((arg(0) * arg(0)) as f64 * if text { 2.1 } else { 2.0 }) as u64)
        }
        (_, "starts_with_string" | "ends_with_string") => tenth(arg(1)),
        (_, "string_to_bytes" | "bytes_to_string") => tenth(arg(0)),
        (_, "in_list") => arg(1),
        ("_==_" | "_!=_", _) => tenth(arg(0).min(arg(1))),
        ("_<_" | "_<=_" | "_>_" | "_>=_", "compare_string" | "compare_bytes") => tenth(arg(0).min(arg(1))),
        (_, "add_string" | "add_bytes") => tenth(arg(0) + arg(1)),
        (_, "matches" | "matches_string") => tenth(arg(0) + 1) * arg(1).div_ceil(4),
        (_, "contains_string") => tenth(arg(0)) * tenth(arg(1)),
        _ => 1,
    }
}

/// cel-go's `traversalCost`: strings and bytes by their bytes, lists and maps by what is in them, all else 1.
fn traversal(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64 / 10,
        Value::Bytes(bytes) => bytes.len() as u64 / 10,
        Value::List(elements) => elements.iter().map(traversal).sum(),
        Value::Map(entries) => entries.iter().map(|(key, value)| traversal(key) + traversal(value)).sum(),
        _ => 1,
    }
}
