//! What one policy decides about one request, with one binding and one param.
//!
//! Source: apiserver `pkg/admission/plugin/policy/validating/validator.go`, `plugin/cel/{condition,activation}.go`,
//! `plugin/webhook/matchconditions/matcher.go`. Texts, order and budgets are theirs.

use crate::authorization::aggregate;
use crate::cel::program::{Activation, ExplainStep, LazyVariables, PER_CALL_LIMIT};
use crate::cel::value::{Arena, Val};
use crate::document::{NodeRef, Object};
use crate::policy::{Compiled, CompiledPolicy, FailurePolicy, Slots};
use crate::report::{Action, PolicyDecision, PolicyEvaluation};
use std::sync::Arc;

/// What a policy's validations may cost with one binding and param, and again its audit annotations:
/// `RuntimeCELCostBudget` of apiserver `pkg/apis/cel/config.go`.
pub const RUNTIME_CEL_COST_BUDGET: u64 = 10_000_000;

/// What a policy's match conditions may cost: `RuntimeCELCostBudgetMatchConditions`.
pub const MATCH_CONDITIONS_COST_BUDGET: u64 = 2_500_000;

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

/// Longer results of message expressions are not used.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// The values of a policy's variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) arena: &'a Arena,
    pub(crate) object: Val<'a>,
    pub(crate) old_object: Val<'a>,
    pub(crate) namespace: Val<'a>,
    pub(crate) request: Val<'a>,
    /// `request` as match conditions see it: with the resource of the request, not the one that a rule names.
    pub(crate) own_request: Val<'a>,
    pub(crate) params: Val<'a>,
    /// `authorizer` and `authorizer.requestResource`.
    pub(crate) authorizer: (Val<'a>, Val<'a>),
}

/// An audit annotation with a value to publish.
pub(crate) struct Published {
    pub(crate) key: Arc<str>,
    pub(crate) value: String,
}

/// Where the decisions of one evaluation go.
pub(crate) struct Sink<'s> {
    pub(crate) decisions: &'s mut Vec<PolicyDecision>,
    pub(crate) annotations: &'s mut Vec<Published>,
    pub(crate) cost: &'s mut u64,
    pub(crate) binding: &'s Arc<str>,
    pub(crate) param: &'s Arc<str>,
    pub(crate) no_reason: &'s Arc<str>,
}

/// A set of expressions that share a budget and the values of composed variables.
struct Part<'a> {
    activation: Activation<'a>,
    lazy: &'a LazyVariables<'a>,
    budget: u64,
    remaining: u64,
}

struct OutOfBudget;

impl<'a> Part<'a> {
    fn new(
        policy: &'a CompiledPolicy,
        inputs: &Inputs<'a>,
        authorizer: bool,
        namespace: bool,
        budget: u64,
    ) -> Part<'a> {
        let arena = inputs.arena;
        let slots = arena.alloc([None; Slots::MOST]);
        let mut set = |slot: usize, value| {
            if let Some(place) = slots.get_mut(slot) {
                *place = Some(value);
            }
        };
        set(Slots::OBJECT, inputs.object);
        set(Slots::OLD_OBJECT, inputs.old_object);
        set(Slots::NAMESPACE, if namespace { inputs.namespace } else { Val::Null });
        set(Slots::REQUEST, inputs.request);
        if let Some(slot) = policy.slots.params() {
            set(slot, inputs.params);
        }
        if authorizer {
            set(policy.slots.authorizer(), inputs.authorizer.0);
            set(policy.slots.request_resource(), inputs.authorizer.1);
        }
        let lazy = &*arena.alloc(LazyVariables::new(&policy.variables, arena));
        let activation = Activation::new(slots, arena).with_lazy(lazy);
        Part { activation, lazy, budget, remaining: budget }
    }

    /// The value of an expression or the text of its error.
    fn evaluate(&mut self, compiled: &'a Compiled) -> Result<Result<Val<'a>, String>, OutOfBudget> {
        let program = match &compiled.program {
            Ok(program) => program,
            Err(error) => return Ok(Err(format!("compilation error: {error}"))),
        };
        let evaluation = program.eval(&self.activation, PER_CALL_LIMIT);
        let cost = evaluation.cost.saturating_add(self.lazy.take_cost());
        let Some(remaining) = self.remaining.checked_sub(cost) else {
            self.remaining = 0;
            return Err(OutOfBudget);
        };
        self.remaining = remaining;
        Ok(match evaluation.value {
            Val::Error(error) => {
                Err(format!("expression '{}' resulted in error: {error}", compiled.expression))
            }
            value => Ok(value),
        })
    }

    fn spent(&self) -> u64 {
        self.budget - self.remaining
    }
}

/// Evaluates a policy. Nothing is added when its match conditions do not hold.
pub(crate) fn decide<'a>(policy: &'a CompiledPolicy, inputs: &Inputs<'a>, sink: &mut Sink<'_>) {
    match conditions_hold(policy, inputs, sink) {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return sink.whole(policy, error),
    }
    let start = sink.decisions.len();
    let mut part = Part::new(policy, inputs, true, true, RUNTIME_CEL_COST_BUDGET);
    let ran = validations(policy, &mut part, sink);
    *sink.cost += part.spent();
    if ran.is_err() {
        sink.decisions.truncate(start);
        return sink.whole(policy, OUT_OF_BUDGET.to_owned());
    }
    messages(policy, inputs, part.remaining, start, sink);
    let mut part = Part::new(policy, inputs, false, true, RUNTIME_CEL_COST_BUDGET);
    let published = sink.annotations.len();
    let ran = annotations(policy, &mut part, sink);
    *sink.cost += part.spent();
    if ran.is_err() {
        sink.decisions.truncate(start);
        sink.annotations.truncate(published);
        sink.whole(policy, OUT_OF_BUDGET.to_owned());
    }
}

/// The parts of a validation's expression and their values.
pub(crate) fn explain<'a>(policy: &'a CompiledPolicy, inputs: &Inputs<'a>, index: u32) -> Vec<ExplainStep> {
    let part = Part::new(policy, inputs, true, true, RUNTIME_CEL_COST_BUDGET);
    let program = policy.validations.get(index as usize).map(|validation| &validation.expression.program);
    match program {
        Some(Ok(program)) => program.explain(&part.activation, PER_CALL_LIMIT).1,
        _ => Vec::new(),
    }
}

/// The part of the object that a validation was denied for; see [`crate::cel::program::Program::fault`].
pub(crate) fn fault<'a>(
    policy: &'a CompiledPolicy,
    inputs: &Inputs<'a>,
    index: u32,
    object: &'a Object,
) -> Option<NodeRef<'a>> {
    let part = Part::new(policy, inputs, true, true, RUNTIME_CEL_COST_BUDGET);
    let program = &policy.validations.get(index as usize)?.expression.program;
    program.as_ref().ok()?.fault(&part.activation, PER_CALL_LIMIT, object)
}

/// Any condition that is false wins over errors of others.
fn conditions_hold<'a>(
    policy: &'a CompiledPolicy,
    inputs: &Inputs<'a>,
    sink: &mut Sink<'_>,
) -> Result<bool, String> {
    if policy.match_conditions.is_empty() {
        return Ok(true);
    }
    let inputs = &Inputs { request: inputs.own_request, ..*inputs };
    let mut part = Part::new(policy, inputs, true, false, MATCH_CONDITIONS_COST_BUDGET);
    let mut errors: Vec<String> = Vec::new();
    let mut holds = true;
    let mut out_of_budget = false;
    for condition in &policy.match_conditions {
        match part.evaluate(condition) {
            Ok(Ok(Val::Bool(false))) => holds = false,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => errors.push(error),
            Err(OutOfBudget) => {
                out_of_budget = true;
                break;
            }
        }
    }
    *sink.cost += part.spent();
    match (policy.failure_policy, out_of_budget) {
        (FailurePolicy::Fail, true) => Err(OUT_OF_BUDGET.to_owned()),
        (FailurePolicy::Ignore, true) => Ok(false),
        (_, false) if !holds => Ok(false),
        (FailurePolicy::Fail, false) if !errors.is_empty() => Err(aggregate(&errors)),
        (FailurePolicy::Ignore, false) if !errors.is_empty() => Ok(false),
        _ => Ok(true),
    }
}

fn validations<'a>(
    policy: &'a CompiledPolicy,
    part: &mut Part<'a>,
    sink: &mut Sink<'_>,
) -> Result<(), OutOfBudget> {
    for (index, validation) in (0_u32..).zip(&policy.validations) {
        let (action, evaluation, message, reason) = match part.evaluate(&validation.expression)? {
            Err(error) => (on_error(policy), PolicyEvaluation::Error, error, sink.no_reason),
            Ok(Val::Bool(true)) => (Action::Admit, PolicyEvaluation::Admit, String::new(), sink.no_reason),
            Ok(_) => (Action::Deny, PolicyEvaluation::Deny, String::new(), &validation.reason),
        };
        let decision = PolicyDecision {
            policy: Arc::clone(&policy.name),
            binding: Arc::clone(sink.binding),
            param: Arc::clone(sink.param),
            index: Some(index),
            audit_annotation: None,
            action,
            evaluation,
            message,
            reason: Arc::clone(reason),
        };
        sink.decisions.push(decision);
    }
    Ok(())
}

/// Gives the denials among the decisions from `start` their messages, from what is left of the budget.
fn messages<'a>(
    policy: &'a CompiledPolicy,
    inputs: &Inputs<'a>,
    budget: u64,
    start: usize,
    sink: &mut Sink<'_>,
) {
    let wanted = policy.validations.iter().any(|validation| validation.message_expression.is_some());
    let mut texts: Vec<Option<String>> = Vec::new();
    if wanted {
        let mut part = Part::new(policy, inputs, false, true, budget);
        let mut ran = Ok(());
        for validation in &policy.validations {
            let Some(expression) = &validation.message_expression else {
                texts.push(None);
                continue;
            };
            match part.evaluate(expression) {
                Ok(value) => texts.push(value.ok().and_then(|value| usable_message(&value))),
                Err(stop) => {
                    ran = Err(stop);
                    break;
                }
            }
        }
        *sink.cost += part.spent();
        if ran.is_err() {
            return fail_messages(policy, start, sink);
        }
    }
    for (at, (decision, validation)) in
        sink.decisions.iter_mut().skip(start).zip(&policy.validations).enumerate()
    {
        if decision.evaluation != PolicyEvaluation::Deny {
            continue;
        }
        let computed = texts.get_mut(at).and_then(Option::take);
        let written =
            || Some(validation.message.trim()).filter(|message| !message.is_empty()).map(str::to_owned);
        decision.message = computed
            .or_else(written)
            .unwrap_or_else(|| format!("failed expression: {}", validation.expression.expression.trim()));
    }
}

/// A message expression's result: one line that is neither blank nor too long.
fn usable_message(value: &Val<'_>) -> Option<String> {
    let Val::String(text) = value else { return None };
    let text = text.trim();
    let usable = !text.is_empty() && text.len() <= LONGEST_MESSAGE && !text.contains('\n');
    usable.then(|| text.to_owned())
}

fn fail_messages(policy: &CompiledPolicy, start: usize, sink: &mut Sink<'_>) {
    for decision in sink.decisions.iter_mut().skip(start) {
        if decision.evaluation != PolicyEvaluation::Error {
            decision.action = on_error(policy);
            decision.evaluation = PolicyEvaluation::Error;
            decision.message = format!("failed messageExpression: {OUT_OF_BUDGET}");
            decision.reason = Arc::clone(sink.no_reason);
        }
    }
}

fn annotations<'a>(
    policy: &'a CompiledPolicy,
    part: &mut Part<'a>,
    sink: &mut Sink<'_>,
) -> Result<(), OutOfBudget> {
    for annotation in &policy.audit_annotations {
        let error = match part.evaluate(&annotation.value)? {
            Ok(Val::String(text)) => {
                let value = text.trim();
                if !value.is_empty() {
                    sink.annotations
                        .push(Published { key: Arc::clone(&annotation.key), value: value.to_owned() });
                }
                continue;
            }
            Ok(Val::Null) => continue,
            Ok(other) => format!(
                "valueExpression '{}' resulted in unsupported return type: {}. Return type must be either string or null.",
                annotation.value.expression,
                other.type_name()
            ),
            Err(_) if policy.failure_policy == FailurePolicy::Ignore => continue,
            Err(error) => error,
        };
        sink.decisions.push(PolicyDecision {
            policy: Arc::clone(&policy.name),
            binding: Arc::clone(sink.binding),
            param: Arc::clone(sink.param),
            index: None,
            audit_annotation: Some(Arc::clone(&annotation.key)),
            action: Action::Deny,
            evaluation: PolicyEvaluation::Error,
            message: error,
            reason: Arc::clone(sink.no_reason),
        });
    }
    Ok(())
}

fn on_error(policy: &CompiledPolicy) -> Action {
    match policy.failure_policy {
        FailurePolicy::Fail => Action::Deny,
        FailurePolicy::Ignore => Action::Admit,
    }
}

impl Sink<'_> {
    /// An error of the policy as a whole.
    fn whole(&mut self, policy: &CompiledPolicy, message: String) {
        self.decisions.push(PolicyDecision {
            policy: Arc::clone(&policy.name),
            binding: Arc::clone(self.binding),
            param: Arc::clone(self.param),
            index: None,
            audit_annotation: None,
            action: on_error(policy),
            evaluation: PolicyEvaluation::Error,
            message,
            reason: Arc::clone(self.no_reason),
        });
    }
}
