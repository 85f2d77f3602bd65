//! Evaluating rules: from the whole object down to its parts, within a budget.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`, `Validate`.

use super::correlation::{Correlated, OldElements};
use super::field_error::{ErrorType, FieldError, Shown};
use super::path::Path;
use super::rule::{CompiledRule, OLD_SELF, SELF};
use super::validator::{Node, Validator};
use crate::cel::program::{Activation, PER_CALL_LIMIT, Program};
use crate::cel::value::{Arena, Error, NodeType, Val};
use crate::document::{ListRef, MapRef, NodeRef, NodeValue};
use crate::go::quoted;
use crate::schema::{JsonType, ValidationRule};
use crate::source::Span;

/// How much all rules of one object may cost: `RuntimeCELCostBudget` of apiserver `pkg/apis/cel/config.go`.
pub const RUNTIME_CEL_COST_BUDGET: i64 = 10_000_000;

/// Longer messages than this are dropped.
const MAX_MESSAGE_BYTES: usize = 5 * 1024;

/// How much memory is kept from one value to the next.
const KEPT_MEMORY: usize = 1024 * 1024;

/// An object to check, and how.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    pub object: NodeRef<'a>,
    pub old_object: Option<NodeRef<'a>>,
    /// What paths of errors begin with; a whole resource has none.
    pub path: Option<&'a str>,
    pub cost_budget: i64,
    /// Whether what did not change is only warned of, as in updates since Kubernetes 1.30.
    pub ratcheting: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub errors: Vec<FieldError>,
    /// What would be errors, had the value not been the same before.
    pub warnings: Vec<FieldError>,
    /// What all rules cost; `None` once the budget was exceeded, which ends the evaluation.
    pub cost: Option<u64>,
}

impl<'a> Inputs<'a> {
    /// The creation of a custom resource.
    pub fn create(object: NodeRef<'a>) -> Inputs<'a> {
        Inputs {
            object,
            old_object: None,
            path: None,
            cost_budget: RUNTIME_CEL_COST_BUDGET,
            ratcheting: false,
        }
    }

    /// An update of one.
    pub fn update(object: NodeRef<'a>, old_object: NodeRef<'a>) -> Inputs<'a> {
        Inputs { old_object: Some(old_object), ratcheting: true, ..Inputs::create(object) }
    }
}

impl Validator {
    /// Evaluates all rules. Entries of maps are visited in the order of writing, where the API server has none.
    pub fn validate(&self, inputs: &Inputs<'_>) -> Outcome {
        let old = inputs.old_object.filter(|old| !old.is_null());
        let correlated =
            old.filter(|_| inputs.ratcheting).map(|old| Correlated::new(inputs.object, old, &self.schema));
        let mut walk = Walk {
            arena: Arena::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            remaining: inputs.cost_budget,
        };
        let ratchet = Ratchet { current: correlated.as_ref(), nearest: None };
        let root = self.root.as_ref();
        let walked = root
            .map_or(Ok(()), |root| walk.node(root, &Path::Root(inputs.path), inputs.object, old, ratchet));
        let cost = walked.ok().map(|()| inputs.cost_budget.abs_diff(walk.remaining));
        Outcome { errors: walk.errors, warnings: walk.warnings, cost }
    }
}

/// No further rules are run.
struct Exhausted;

type Walked = Result<(), Exhausted>;

struct Walk {
    arena: Arena,
    errors: Vec<FieldError>,
    warnings: Vec<FieldError>,
    remaining: i64,
}

/// Whether errors of a value are only warnings because it, or the nearest part around it that can be told apart, did
/// not change.
#[derive(Clone, Copy)]
struct Ratchet<'r, 'a> {
    current: Option<&'r Correlated<'a>>,
    nearest: Option<&'r Correlated<'a>>,
}

impl<'r, 'a> Ratchet<'r, 'a> {
    fn holds(&self) -> bool {
        self.current.or(self.nearest).is_some_and(Correlated::is_unchanged)
    }

    /// The entry of a name. Versions and kinds of whole objects are converted to one another and are never ratcheted.
    fn key(&self, name: &str) -> Option<Option<Correlated<'a>>> {
        let current = self.current?;
        (self.nearest.is_some() || !matches!(name, "apiVersion" | "kind")).then(|| current.key(name))
    }

    /// The same for a part whose own correlation was looked up.
    fn within(&self, part: Option<&'r Correlated<'a>>) -> Ratchet<'r, 'a> {
        match self.current {
            Some(current) => Ratchet { current: part, nearest: Some(current) },
            None => *self,
        }
    }
}

impl Walk {
    fn node<'a>(
        &mut self,
        node: &Node,
        path: &Path<'_>,
        object: NodeRef<'a>,
        old: Option<NodeRef<'a>>,
        ratchet: Ratchet<'_, 'a>,
    ) -> Walked {
        if object.is_null() {
            return Ok(());
        }
        let old = old.filter(|old| !old.is_null());
        self.rules(node, path, object, old, ratchet)?;
        for clause in &node.all_of {
            self.node(clause, path, object, old, Ratchet { current: None, nearest: ratchet.nearest })?;
        }
        match object.value() {
            NodeValue::List(list) => self.list(node, path, list, old, ratchet),
            NodeValue::Map(map) => self.map(node, path, map, old, ratchet),
            _ => Ok(()),
        }
    }

    fn list<'a>(
        &mut self,
        node: &Node,
        path: &Path<'_>,
        list: ListRef<'a>,
        old: Option<NodeRef<'a>>,
        ratchet: Ratchet<'_, 'a>,
    ) -> Walked {
        let Some(items) = &node.items else { return Ok(()) };
        let old_elements = OldElements::new(&node.lookup, old);
        for (index, element) in list.iter().enumerate() {
            let old = old_elements.counterpart(&node.lookup, element);
            let part = ratchet.current.and_then(|current| current.index(index));
            self.node(items, &path.index(index), element, old, ratchet.within(part.as_ref()))?;
        }
        Ok(())
    }

    fn map<'a>(
        &mut self,
        node: &Node,
        path: &Path<'_>,
        map: MapRef<'a>,
        old: Option<NodeRef<'a>>,
        ratchet: Ratchet<'_, 'a>,
    ) -> Walked {
        let correlatable = matches!(node.lookup.map_type.as_deref(), None | Some("granular" | "atomic"));
        let old = old.filter(|_| correlatable);
        let mut entry = |within: &Node, path: &Path<'_>, name: &str, value: NodeRef<'a>| {
            let old = old.and_then(|old| old.field(name));
            let part = ratchet.key(name);
            let ratchet = match (&part, ratchet.current) {
                (None, Some(_)) => Ratchet { current: None, nearest: None },
                (part, _) => ratchet.within(part.as_ref().and_then(Option::as_ref)),
            };
            self.node(within, path, value, old, ratchet)
        };
        if let Some(additional) = &node.additional {
            for (name, value) in map.iter() {
                entry(additional, &path.key(name), name, value)?;
            }
        }
        if !node.properties.is_empty() {
            for (name, value) in map.iter() {
                if let Some(property) = node.property(name) {
                    entry(property, &path.child(name), name, value)?;
                }
            }
        }
        Ok(())
    }

    /// The rules of one value.
    fn rules<'a>(
        &mut self,
        node: &Node,
        path: &Path<'_>,
        object: NodeRef<'a>,
        old: Option<NodeRef<'a>>,
        ratchet: Ratchet<'_, 'a>,
    ) -> Walked {
        let place = Place { kind: &node.kind, path, object };
        let rules = match &node.rules {
            Ok(rules) => rules,
            Err(error) => {
                self.errors.push(place.invalid(&format!("rule compiler initialization error: {error}")));
                return Ok(());
            }
        };
        let Some(reading) = node.reading.as_ref().filter(|_| !rules.is_empty()) else { return Ok(()) };
        if self.remaining <= 0 {
            self.errors.push(place.invalid(OUT_OF_BUDGET));
            return self.exhausted();
        }
        // What one value's rules made is cleared away before those of the next.
        let mut arena = std::mem::take(&mut self.arena);
        let walked = {
            let old = old.filter(|_| node.uses_old_self);
            let values = Values::new(reading, object, old, &arena);
            rules.iter().try_for_each(|rule| self.rule(rule, place, &values, &arena, ratchet))
        };
        if arena.allocated_bytes() > KEPT_MEMORY {
            arena = Arena::new();
        } else {
            arena.reset();
        }
        self.arena = arena;
        walked
    }

    fn rule<'v>(
        &mut self,
        compiled: &'v CompiledRule,
        place: Place<'_>,
        values: &Values<'v>,
        arena: &'v Arena,
        ratchet: Ratchet<'_, '_>,
    ) -> Walked {
        let rule = &compiled.rule;
        let program = match &compiled.program {
            Ok(Some(program)) => program,
            Ok(None) => return Ok(()),
            Err(error) => {
                self.errors.push(place.invalid(&format!("rule compile error: {error}")));
                return Ok(());
            }
        };
        let optional = rule.optional_old_self == Some(true);
        // A rule about a change needs something that changed.
        if compiled.uses_old_self && !values.has_old && !optional {
            return Ok(());
        }
        let slots = if optional { &values.optional } else { &values.plain };
        let evaluation = program.eval(&Activation::new(slots, arena), PER_CALL_LIMIT);
        if !self.pay(evaluation.cost) {
            self.errors.push(place.invalid(OUT_OF_BUDGET));
            return self.exhausted();
        }
        match evaluation.value {
            Val::Bool(true) => return Ok(()),
            Val::Error(error) => {
                let (error, name) = (error.to_string(), named(rule));
                if error.starts_with("no such overload") {
                    self.errors.push(place.invalid(&format!(
                        "'{error}': call arguments did not match a supported operator, function or macro signature for rule: {name}"
                    )));
                } else if error.starts_with("operation cancelled: actual cost limit exceeded") {
                    self.errors.push(place.invalid(&format!(
                        "'{error}': no further validation rules will be run due to call cost exceeds limit for rule: {name}"
                    )));
                    return self.exhausted();
                } else {
                    self.errors.push(place.invalid(&format!("{error} evaluating rule: {name}")));
                }
                return Ok(());
            }
            _ => {}
        }
        let ratcheted = !compiled.uses_old_self && ratchet.holds();
        let own_path;
        let mut place = place;
        if let Some(field_path) = compiled.field_path.as_ref().filter(|path| !path.text.is_empty()) {
            own_path = place.path.child(&field_path.text);
            place = Place { path: &own_path, ..place };
        }
        let (detail, stopped) = self.message(compiled, &values.plain, arena);
        let mut error = match (stopped, detail) {
            (true, detail) => place.invalid(&detail.unwrap_or_default()),
            (false, detail) => place.failed(rule, &detail.unwrap_or_else(|| message_or_default(rule))),
        };
        if let Some(field_path) = &compiled.field_path {
            error = error.at(field_path.follow(place.object));
        }
        if ratcheted {
            self.warnings.push(error)
        } else {
            self.errors.push(error)
        }
        if stopped { self.exhausted() } else { Ok(()) }
    }

    /// The evaluated message of a rule that failed, if it is usable; and whether evaluating it ended everything.
    fn message<'v>(
        &mut self,
        compiled: &'v CompiledRule,
        slots: &'v [Option<Val<'v>>; 2],
        arena: &'v Arena,
    ) -> (Option<String>, bool) {
        let Some(Ok(program)) = &compiled.message_expression else { return (None, false) };
        let program: &Program = program;
        let evaluation = program.eval(&Activation::new(slots, arena), PER_CALL_LIMIT);
        if !self.pay(evaluation.cost) {
            let detail = "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run";
            return (Some(detail.to_owned()), true);
        }
        match evaluation.value {
            Val::Error(Error::CostLimitExceeded) => {
                let expression = quoted(&compiled.rule.message_expression);
                let detail = format!(
                    "no further validation rules will be run due to call cost exceeds limit for messageExpression: {expression}"
                );
                (Some(detail), true)
            }
            Val::String(text) => {
                let text = text.trim();
                let usable = !text.is_empty() && text.len() <= MAX_MESSAGE_BYTES && !text.contains('\n');
                (usable.then(|| text.to_owned()), false)
            }
            _ => (None, false),
        }
    }

    /// Takes a cost from the budget unless it is more than what is left.
    fn pay(&mut self, cost: u64) -> bool {
        match i64::try_from(cost) {
            Ok(cost) if cost <= self.remaining => {
                self.remaining -= cost;
                true
            }
            _ => false,
        }
    }

    fn exhausted(&mut self) -> Walked {
        Err(Exhausted)
    }
}

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

/// `self` and `oldSelf`, and the same with `oldSelf` as an optional.
struct Values<'v> {
    plain: [Option<Val<'v>>; 2],
    optional: [Option<Val<'v>>; 2],
    has_old: bool,
}

impl<'v> Values<'v> {
    fn new(
        reading: &'v NodeType,
        object: NodeRef<'v>,
        old: Option<NodeRef<'v>>,
        arena: &'v Arena,
    ) -> Values<'v> {
        let own = reading.read(object, arena);
        let old = old.map(|old| reading.read(old, arena));
        let mut values = Values { plain: [None; 2], optional: [None; 2], has_old: old.is_some() };
        let optional = Val::Optional(old.map(|old| &*arena.alloc(old)));
        for (slots, old) in [(&mut values.plain, old), (&mut values.optional, Some(optional))] {
            if let Some(slot) = slots.get_mut(SELF) {
                *slot = Some(own);
            }
            if let Some(slot) = slots.get_mut(OLD_SELF) {
                *slot = old;
            }
        }
        values
    }
}

/// What an error is about.
#[derive(Clone, Copy)]
struct Place<'p> {
    kind: &'p JsonType,
    path: &'p Path<'p>,
    object: NodeRef<'p>,
}

impl Place<'_> {
    /// An error that shows the type of the value.
    fn invalid(&self, detail: &str) -> FieldError {
        let shown = Shown::Text(self.kind.as_str());
        FieldError::new(ErrorType::Invalid, self.path, shown, detail, Span::default()).at(self.object)
    }

    /// The error of a rule that does not hold, by the rule's own reason.
    fn failed(&self, rule: &ValidationRule, detail: &str) -> FieldError {
        let value = match self.kind {
            JsonType::Object | JsonType::Array => Shown::Nothing,
            _ => Shown::Node(self.object),
        };
        let (kind, value, detail) = match rule.reason.as_deref() {
            Some("FieldValueForbidden") => (ErrorType::Forbidden, Shown::Nothing, detail),
            Some("FieldValueRequired") => (ErrorType::Required, Shown::Nothing, detail),
            Some("FieldValueDuplicate") => (ErrorType::Duplicate, value, ""),
            _ => (ErrorType::Invalid, value, detail),
        };
        FieldError::new(kind, self.path, value, detail, Span::default()).at(self.object)
    }
}

fn message_or_default(rule: &ValidationRule) -> String {
    if rule.message.is_empty() {
        format!("failed rule: {}", named(rule))
    } else {
        rule.message.trim().to_owned()
    }
}

/// What a rule is called: its message, or itself.
fn named(rule: &ValidationRule) -> &str {
    if rule.message.is_empty() { rule.rule.trim() } else { rule.message.trim() }
}
