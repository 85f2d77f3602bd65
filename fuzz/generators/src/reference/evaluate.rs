//! The recursion over the tree.

use super::constants::{self, Constants};
use super::cost::Tracker;
use super::functions;
use super::operators;
use super::value::Value;
use kordon::cel::ast::{Comprehension, ExprId, ExprKind, MapEntry};
use kordon::cel::checker::{CheckedAst, Reference};
use kordon::cel::environment::Env;
use std::rc::Rc;

pub(super) struct Evaluator<'c> {
    env: &'c Env,
    pub checked: &'c CheckedAst,
    pub constants: &'c Constants,
    object: Value,
    pub tracker: Tracker,
    folds: Vec<Fold<'c>>,
    /// Whether something came up that this evaluator does not know.
    pub unknown: bool,
}

/// The variables of a macro that is being evaluated.
struct Fold<'c> {
    accumulator: &'c str,
    /// Not evaluated before it is first read.
    initial: ExprId,
    value: Option<Value>,
    /// Hidden while the result is computed.
    variables: Vec<(&'c str, Value)>,
}

impl<'c> Evaluator<'c> {
    pub(super) fn new(
        env: &'c Env,
        checked: &'c CheckedAst,
        constants: &'c Constants,
        object: Value,
    ) -> Evaluator<'c> {
        let tracker = Tracker::default();
        Evaluator { env, checked, constants, object, tracker, folds: Vec::new(), unknown: false }
    }

    pub(super) fn kind(&self, id: ExprId) -> &'c ExprKind {
        &self.checked.ast.expr(id).unwrap().kind
    }

    pub(super) fn eval(&mut self, id: ExprId) -> Value {
        if let Some(value) = self.constants.get(&id) {
            self.tracker.push(id, value, 0);
            return value.clone();
        }
        if self.is_attribute(id) {
            return self.attribute(id);
        }
        match self.kind(id) {
            ExprKind::Call { target, function, args } => {
                let operands: Vec<ExprId> = target.iter().chain(args).copied().collect();
                self.call(id, function, &operands)
            }
            ExprKind::List { elements, optional } => self.list(id, elements, optional),
            ExprKind::Map { entries } => self.map(id, entries),
            ExprKind::Comprehension(fold) => {
                let value = self.fold(fold);
                self.tracker.drop(&[fold.iter_range]);
                self.tracker.push(id, &value, 0);
                value
            }
            _ => self.give_up(),
        }
    }

    /// Says that the evaluator does not know what to do.
    pub(super) fn give_up(&mut self) -> Value {
        self.unknown = true;
        Value::error("unknown to the reference evaluator")
    }

    /// The value of a variable; an error when it holds one.
    pub(super) fn variable(&mut self, name: &str) -> Value {
        for at in (0..self.folds.len()).rev() {
            let fold = &self.folds[at];
            if fold.accumulator == name {
                if let Some(value) = &fold.value {
                    return value.clone();
                }
                let inner = self.folds.split_off(at);
                let value = self.eval(inner[0].initial);
                self.folds.extend(inner);
                self.folds[at].value = Some(value.clone());
                return value;
            }
            if let Some((_, value)) = fold.variables.iter().find(|(other, _)| *other == name) {
                return value.clone();
            }
        }
        if name == "object" { self.object.clone() } else { self.give_up() }
    }

    /// The id of the overload that the checker settled on, if it did.
    fn overload(&self, id: ExprId) -> &'static str {
        match self.checked.reference(id) {
            Some(Reference::Function { name, overloads, .. }) => match overloads[..] {
                [only] => {
                    self.env.function(name).map_or("", |function| function.overloads[usize::from(only)].id)
                }
                _ => "",
            },
            _ => "",
        }
    }

    fn call(&mut self, id: ExprId, function: &str, operands: &[ExprId]) -> Value {
        match (function, operands) {
            ("_&&_" | "_||_", terms) => {
                let value = self.logic(function == "_||_", terms);
                self.tracker.drop(terms);
                self.tracker.push(id, &value, 0);
                return value;
            }
            ("or" | "orValue", &[option, other]) => {
                let value = match self.eval(option) {
                    Value::Optional(None) => self.eval(other),
                    Value::Optional(Some(value)) if function == "orValue" => (*value).clone(),
                    value @ (Value::Optional(_) | Value::Error(_)) => value,
                    _ => Value::error("no such overload"),
                };
                self.tracker.push(id, &value, 0);
                return value;
            }
            ("@in", &[element, list]) if self.overload(id) == "in_list" && self.is_set(list) => {
                let value = match self.eval(element) {
                    error @ Value::Error(_) => error,
                    value => operators::contained(&value, &self.constants[&list]),
                };
                self.tracker.push(id, &value, 0);
                return value;
            }
            _ => {}
        }
        let value = self.strict(function, operands);
        self.tracker.call(id, function, self.overload(id), operands, &value);
        value
    }

    /// Whether `in` a constant list was made a look-up in a set.
    fn is_set(&self, list: ExprId) -> bool {
        let plain = |value: &Value| {
            matches!(
                value,
                Value::Null
                    | Value::Bool(_)
                    | Value::Int(_)
                    | Value::Uint(_)
                    | Value::Double(_)
                    | Value::String(_)
            )
        };
        matches!(self.constants.get(&list), Some(Value::List(elements)) if elements.iter().all(plain))
    }

    /// A call whose arguments must be values. With three or more, the first error ends it; with two, both are looked at.
    fn strict(&mut self, function: &str, operands: &[ExprId]) -> Value {
        let mut args = Vec::new();
        for &operand in operands {
            let arg = self.eval(operand);
            if arg.is_error() && operands.len() > 2 {
                return arg;
            }
            args.push(arg);
        }
        if function == "@not_strictly_false" {
            return Value::Bool(!matches!(args[0], Value::Bool(false)));
        }
        if let Some(error) = args.iter().find(|arg| arg.is_error()) {
            return error.clone();
        }
        match (function, &args[..]) {
            ("_==_", [a, b]) => Value::Bool(a.equals(b)),
            ("_!=_", [a, b]) => Value::Bool(!a.equals(b)),
            ("_<_" | "_<=_" | "_>_" | "_>=_", [a, b]) => operators::compare(function, a, b),
            ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", [a, b]) => operators::arithmetic(function, a, b),
            ("@in", [a, b]) => operators::contained(a, b),
            ("-_", [value]) => operators::negate(value),
            ("!_", [value]) => operators::not(value),
            _ => match functions::call(function, &args) {
                Some(value) => value,
                None => self.give_up(),
            },
        }
    }

    /// `&&` and `||`: the deciding value wins over errors, the first error over the other value.
    fn logic(&mut self, deciding: bool, terms: &[ExprId]) -> Value {
        let mut error = None;
        for &term in terms {
            match self.eval(term) {
                Value::Bool(value) if value == deciding => return Value::Bool(deciding),
                Value::Bool(_) => {}
                failure @ Value::Error(_) => error = error.or(Some(failure)),
                _ => error = error.or(Some(Value::error("no such overload"))),
            }
        }
        error.unwrap_or(Value::Bool(!deciding))
    }

    fn list(&mut self, id: ExprId, elements: &[ExprId], optional: &[u32]) -> Value {
        let value = self.elements(elements, optional).unwrap_or_else(|error| error);
        self.tracker.construct(id, elements, &value, 10);
        value
    }

    fn elements(&mut self, elements: &[ExprId], optional: &[u32]) -> Result<Value, Value> {
        let mut values = Vec::new();
        for (at, &element) in elements.iter().enumerate() {
            match self.eval(element) {
                error @ Value::Error(_) => return Err(error),
                Value::Optional(inner) if optional.contains(&(at as u32)) => {
                    values.extend(inner.map(|inner| (*inner).clone()));
                }
                _ if optional.contains(&(at as u32)) => return Err(self.give_up()),
                value => values.push(value),
            }
        }
        Ok(Value::list(values))
    }

    fn map(&mut self, id: ExprId, entries: &[MapEntry]) -> Value {
        let value = self.entries(entries).unwrap_or_else(|error| error);
        let parts: Vec<ExprId> = entries.iter().flat_map(|entry| [entry.key, entry.value]).collect();
        self.tracker.construct(id, &parts, &value, 30);
        value
    }

    fn entries(&mut self, entries: &[MapEntry]) -> Result<Value, Value> {
        let mut pairs = Vec::new();
        for entry in entries {
            let key = self.eval(entry.key);
            if key.is_error() {
                return Err(key);
            }
            match self.eval(entry.value) {
                error @ Value::Error(_) => return Err(error),
                _ if entry.optional => return Err(self.give_up()),
                value => pairs.push((key, value)),
            }
        }
        Ok(constants::map(pairs))
    }

    fn fold(&mut self, fold: &'c Comprehension) -> Value {
        let range = self.eval(fold.iter_range);
        let Some(steps) = self.steps(fold, &range) else {
            return match (&range, &fold.iter_var2) {
                (Value::Error(_), _) => range,
                (_, None) => Value::error(format!("got '{}', expected iterable type", go_type(&range))),
                _ => Value::error(format!("unsupported comprehension range type: {}", go_type(&range))),
            };
        };
        let frame =
            Fold { accumulator: &fold.accu_var, initial: fold.accu_init, value: None, variables: Vec::new() };
        self.folds.push(frame);
        let depth = self.folds.len() - 1;
        for variables in steps {
            self.folds[depth].variables = variables;
            if matches!(self.eval(fold.loop_condition), Value::Bool(false)) {
                break;
            }
            let value = self.eval(fold.loop_step);
            self.folds[depth].value = Some(value);
        }
        self.folds[depth].variables.clear();
        let value = self.eval(fold.result);
        self.folds.pop();
        value
    }

    /// The variables of each iteration; `None` when there is nothing to iterate over.
    fn steps(&self, fold: &'c Comprehension, range: &Value) -> Option<Vec<Vec<(&'c str, Value)>>> {
        let first = &*fold.iter_var;
        Some(match (range, fold.iter_var2.as_deref()) {
            (Value::List(elements), None) => {
                elements.iter().map(|element| vec![(first, element.clone())]).collect()
            }
            (Value::Map(entries), None) => {
                entries.iter().map(|(key, _)| vec![(first, key.clone())]).collect()
            }
            (Value::List(elements), Some(second)) => {
                let step = |(at, element): (usize, &Value)| {
                    vec![(first, Value::Int(at as i64)), (second, element.clone())]
                };
                elements.iter().enumerate().map(step).collect()
            }
            (Value::Map(entries), Some(second)) => {
                let step =
                    |(key, value): &(Value, Value)| vec![(first, key.clone()), (second, value.clone())];
                entries.iter().map(step).collect()
            }
            _ => return None,
        })
    }
}

/// A value's type as Go prints it.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "types.Null",
        Value::Bool(_) => "types.Bool",
        Value::Int(_) => "types.Int",
        Value::Uint(_) => "types.Uint",
        Value::Double(_) => "types.Double",
        Value::String(_) => "types.String",
        Value::Bytes(_) => "types.Bytes",
        Value::Duration(_) => "types.Duration",
        Value::Timestamp(_) => "types.Timestamp",
        Value::Type(_) => "*types.Type",
        Value::Optional(_) => "*types.Optional",
        Value::List(_) | Value::Map(_) | Value::Error(_) => "",
    }
}

/// What a path has come to so far.
pub(super) enum Found {
    Plain(Value),
    /// Inside an optional value, or beyond `?.` or `[?]`.
    Optional(Value),
    None,
}

impl Found {
    pub(super) fn of(value: Value) -> Found {
        match value {
            Value::Optional(None) => Found::None,
            Value::Optional(Some(value)) => Found::Optional((*value).clone()),
            value => Found::Plain(value),
        }
    }

    pub(super) fn value(self) -> Value {
        match self {
            Found::Plain(value) => value,
            Found::Optional(value) => Value::Optional(Some(Rc::new(value))),
            Found::None => Value::Optional(None),
        }
    }
}
