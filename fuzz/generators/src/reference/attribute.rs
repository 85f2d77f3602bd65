//! Paths: a variable or value and the fields and indexes applied to it, which cel-go evaluates as one.

use super::evaluate::{Evaluator, Found};
use super::text;
use super::value::Value;
use kordon::cel::ast::{ExprId, ExprKind};

impl Evaluator<'_> {
    /// Whether a node is a path, a `?:` included.
    pub(super) fn is_attribute(&self, id: ExprId) -> bool {
        if self.constants.contains_key(&id) {
            return false;
        }
        match self.kind(id) {
            ExprKind::Ident(_) | ExprKind::Select { .. } => true,
            ExprKind::Call { function, .. } => matches!(&**function, "_[_]" | "_[?_]" | "_?._" | "_?_:_"),
            _ => false,
        }
    }

    /// Evaluates a path and records its cost: 1 for the path, nothing for `?:` and `has()`.
    pub(super) fn attribute(&mut self, id: ExprId) -> Value {
        let test_only = matches!(self.kind(id), ExprKind::Select { test_only: true, .. });
        let value = match self.resolve(id) {
            Ok(found) if test_only => match found.value() {
                Value::Optional(value) => Value::Bool(value.is_some()),
                value => value,
            },
            Ok(found) => found.value(),
            Err(error) => error,
        };
        self.record(id, &value);
        value
    }

    fn record(&mut self, id: ExprId, value: &Value) {
        let test_only = matches!(self.kind(id), ExprKind::Select { test_only: true, .. });
        match self.root(id) {
            Some((condition, truthy, falsy)) => {
                // After a step, both branches have the step's id.
                let (truthy, falsy) = if self.is_conditional(id) { (truthy, falsy) } else { (id, id) };
                self.tracker.drop(&[falsy, truthy, condition]);
                self.tracker.push(id, value, 0);
            }
            None => {
                self.tracker.drop(&[id]);
                self.tracker.push(id, value, u64::from(!test_only));
            }
        }
    }

    fn is_conditional(&self, id: ExprId) -> bool {
        matches!(self.kind(id), ExprKind::Call { function, .. } if &**function == "_?_:_")
    }

    /// The parts of the `?:` that a path starts with.
    fn root(&self, id: ExprId) -> Option<(ExprId, ExprId, ExprId)> {
        if !self.is_attribute(id) {
            return None;
        }
        match self.kind(id) {
            ExprKind::Select { operand, .. } => self.root(*operand),
            ExprKind::Call { function, args, .. } => match (&**function, &args[..]) {
                ("_?_:_", &[condition, truthy, falsy]) => Some((condition, truthy, falsy)),
                (_, [operand, ..]) => self.root(*operand),
                _ => None,
            },
            _ => None,
        }
    }

    /// Follows a path without recording the path itself, only its steps.
    fn resolve(&mut self, id: ExprId) -> Result<Found, Value> {
        match self.kind(id) {
            ExprKind::Ident(name) => match self.variable(name) {
                error @ Value::Error(_) => Err(error),
                value => Ok(Found::Plain(value)),
            },
            ExprKind::Select { operand, field, test_only } => {
                let found = self.start(*operand)?;
                let key = Value::string(&**field);
                if *test_only { self.test(id, found, &key) } else { self.step(id, found, &key, false) }
            }
            ExprKind::Call { function, args, .. } => match (&**function, &args[..]) {
                ("_?_:_", &[condition, truthy, falsy]) => match self.eval(condition) {
                    Value::Bool(true) => self.branch(truthy),
                    Value::Bool(false) => self.branch(falsy),
                    error @ Value::Error(_) => Err(error),
                    _ => Err(Value::error("no such overload")),
                },
                (name, &[operand, index]) => {
                    let found = self.start(operand)?;
                    self.index(id, found, index, name != "_[_]")
                }
                _ => Err(self.give_up()),
            },
            _ => Err(self.give_up()),
        }
    }

    /// A branch of `?:`: a path's own cost falls away there.
    fn branch(&mut self, id: ExprId) -> Result<Found, Value> {
        let found = if self.is_attribute(id) { self.resolve(id)? } else { Found::Plain(self.eval(id)) };
        match found {
            Found::Plain(error @ Value::Error(_)) => Err(error),
            found => Ok(found),
        }
    }

    /// What the steps of a path are applied to.
    fn start(&mut self, operand: ExprId) -> Result<Found, Value> {
        let found = self.branch(operand)?;
        Ok(match found {
            Found::Plain(value) => Found::of(value),
            found => found,
        })
    }

    fn index(&mut self, id: ExprId, found: Found, index: ExprId, optional: bool) -> Result<Found, Value> {
        if let Some(key) = self.constants.get(&index) {
            return self.step(id, found, &key.clone(), optional);
        }
        if matches!(found, Found::None) {
            return Ok(found);
        }
        let key = self.branch(index)?.value();
        if !matches!(
            key,
            Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::String(_) | Value::Bool(_)
        ) {
            return Err(self.give_up());
        }
        self.step(id, found, &key, optional)
    }

    /// One field or index. A step beyond an absent optional is not taken and costs nothing.
    fn step(&mut self, id: ExprId, found: Found, key: &Value, optional: bool) -> Result<Found, Value> {
        let (value, optional) = match found {
            Found::None => return Ok(Found::None),
            Found::Optional(value) => (value, true),
            Found::Plain(value) => (value, optional),
        };
        let result = look_up(&value, key, optional);
        match &result {
            Ok(Some(value)) => self.tracker.push(id, value, 1),
            Err(error) if !optional => self.tracker.push(id, error, 1),
            Err(_) | Ok(None) => {}
        }
        match result? {
            Some(value) if optional => Ok(Found::Optional(value)),
            Some(value) => Ok(Found::Plain(value)),
            None => Ok(Found::None),
        }
    }

    /// The last step of `has()`.
    fn test(&mut self, id: ExprId, found: Found, key: &Value) -> Result<Found, Value> {
        let (value, optional) = match found {
            Found::None => return Ok(Found::None),
            Found::Optional(value) => (value, true),
            Found::Plain(value) => (value, false),
        };
        let result = look_up(&value, key, true);
        let recorded = match &result {
            Ok(value) => Value::Bool(value.is_some()),
            Err(error) => error.clone(),
        };
        self.tracker.push(id, &recorded, 1);
        match result? {
            Some(value) if optional => Ok(Found::Optional(value)),
            None if optional => Ok(Found::None),
            present => Ok(Found::Plain(Value::Bool(present.is_some()))),
        }
    }
}

/// What lies under a key; absence is an error unless it is asked about.
fn look_up(value: &Value, key: &Value, asked: bool) -> Result<Option<Value>, Value> {
    let missing = |what: &str| {
        if asked { Ok(None) } else { Err(Value::error(format!("{what}: {}", text::plain(key)))) }
    };
    match value {
        Value::Map(entries) => match Value::find(entries, key) {
            Some(value) => Ok(Some(value)),
            None => missing("no such key"),
        },
        Value::List(elements) => {
            let unsupported =
                || Value::error(format!("unsupported index value {} in list", text::plain(key)));
            let at = match key {
                Value::Int(at) => *at,
                Value::Uint(at) => i64::try_from(*at).map_err(|_| unsupported())?,
                Value::Double(at) if at.fract() == 0.0 && at.abs() < 9.2e18 => *at as i64,
                Value::Double(_) => return Err(unsupported()),
                other => {
                    return Err(Value::error(format!(
                        "unsupported index type '{}' in list",
                        other.type_name()
                    )));
                }
            };
            match usize::try_from(at).ok().and_then(|at| elements.get(at)) {
                Some(value) => Ok(Some(value.clone())),
                None => missing("index out of bounds"),
            }
        }
        _ => missing("no such key"),
    }
}
