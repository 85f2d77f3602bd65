//! [`Engine`]: policies, bindings and what they need to know, ready to decide requests. The only room that knows
//! every other.

mod admit;
mod builder;
mod outcome;
mod params;
mod variables;

pub use builder::EngineBuilder;

use crate::admission::{Kinds, Namespaces, Request};
use crate::authorization::Authorizer;
use crate::cel::environment::Version;
use crate::cel::program::ExplainStep;
use crate::cel::value::Arena;
use crate::decision::{Inputs, Published, Sink, decide};
use crate::matching::{Index, Matched};
use crate::policy::{
    CompiledPolicy, FailurePolicy, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
    ValidationAction,
};
use crate::report::{Action, PolicyCost, PolicyDecision, PolicyEvaluation, Report};
use crate::source::{Source, Span};
use crate::typed::Scheme;
use crate::validation::Validator;
use outcome::{Failures, act, deny, publish};
use params::Param;
use std::sync::{Arc, OnceLock};
use variables::Written;

/// Decides admission requests. Shared between threads; scratch memory belongs to the caller.
#[derive(Debug)]
pub struct Engine {
    policies: Vec<Hook>,
    index: Index,
    params: Vec<Param>,
    namespaces: Namespaces,
    kinds: Kinds,
    authorizer: Arc<dyn Authorizer>,
    version: Version,
    /// Made when the first object is admitted; without tables of the version there is none.
    scheme: OnceLock<Option<Scheme>>,
    /// Made when the first object is validated.
    validator: OnceLock<Option<Validator>>,
    none: Arc<str>,
}

/// A policy with its bindings.
#[derive(Debug)]
struct Hook {
    policy: ValidatingAdmissionPolicy,
    compiled: CompiledPolicy,
    bindings: Vec<(Arc<str>, ValidatingAdmissionPolicyBinding)>,
    /// Why the policy cannot be used at all.
    problem: Option<String>,
    params_namespaced: bool,
}

/// The part of an object that a validation was denied for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field path, `spec.containers[0].image`.
    pub path: String,
    /// The place of the key before the value, empty for an element of a list. What was not written has the place of
    /// what it is in.
    pub key: Span,
    pub value: Span,
    /// What the API server set the value to, as JSON, when it was not written.
    pub defaulted: Option<String>,
}

/// Memory that evaluations reuse. Once warm, admitting a request allocates nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    arena: Arena,
    written: Written,
    annotations: Annotations,
    report: Report,
    keeps_costs: bool,
}

impl Scratch {
    /// Memory for evaluations whose reports also tell what each policy cost, [`Report::costs`].
    pub fn with_costs() -> Scratch {
        Scratch { keeps_costs: true, ..Scratch::default() }
    }
}

#[derive(Debug, Default)]
struct Annotations(Vec<Published>);

impl std::fmt::Debug for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl Engine {
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Decides a request. Never fails: errors are decisions, as in the API server.
    pub fn evaluate(&self, request: &Request) -> Report {
        let mut scratch = Scratch::default();
        self.evaluate_with(&mut scratch, request);
        scratch.report
    }

    /// Decides a request in memory that is kept between requests.
    pub fn evaluate_with<'s>(&self, scratch: &'s mut Scratch, request: &Request) -> &'s Report {
        scratch.report.clear();
        scratch.arena.reset();
        if !is_excluded(request) {
            self.dispatch(scratch, request);
        }
        &scratch.report
    }

    /// The expression of one of a policy's validations and its place, for findings.
    pub fn validation(&self, policy: &str, index: u32) -> Option<(&Arc<Source>, &str, Span)> {
        let hook = self.policies.iter().find(|hook| *hook.compiled.name == *policy)?;
        let validation = hook.compiled.validations.get(index as usize)?;
        Some((&hook.compiled.source, &validation.expression.expression, validation.expression.span))
    }

    /// The validationActions of a binding.
    pub fn validation_actions(&self, policy: &str, binding: &str) -> &[ValidationAction] {
        let hook = self.policies.iter().find(|hook| *hook.compiled.name == *policy);
        let bindings = hook.into_iter().flat_map(|hook| &hook.bindings);
        let found = bindings.into_iter().find(|(name, _)| **name == *binding);
        found.map(|(_, binding)| binding.validation_actions.as_slice()).unwrap_or(&[ValidationAction::Deny])
    }

    fn dispatch(&self, scratch: &mut Scratch, request: &Request) {
        let mut failures = Failures::default();
        for &number in self.index.candidates(&request.resource.resource) {
            let Some(hook) = self.policies.get(number as usize) else { continue };
            if hook.bindings.is_empty() {
                continue;
            }
            let matched = match hook.policy.match_constraints.matches(request, &self.namespaces, &self.kinds)
            {
                Ok(Some(matched)) => matched,
                Ok(None) => continue,
                Err(error) => {
                    self.configuration_error(hook, None, &error, scratch, request);
                    continue;
                }
            };
            if let Some(problem) = &hook.problem {
                self.configuration_error(hook, None, problem, scratch, request);
                continue;
            }
            scratch.annotations.0.clear();
            let (before, mut takes_part) = (scratch.report.cost, false);
            for (name, binding) in &hook.bindings {
                match binding.match_resources.matches(request, &self.namespaces, &self.kinds) {
                    Ok(Some(_)) => {}
                    Ok(None) => continue,
                    Err(error) => {
                        self.configuration_error(hook, Some(name), &error, scratch, request);
                        continue;
                    }
                }
                let params = match self.collect_params(hook, binding, request) {
                    Ok(params) => params,
                    Err(error) => {
                        self.configuration_error(hook, Some(name), &error, scratch, request);
                        continue;
                    }
                };
                if params.is_done() {
                    continue;
                }
                if let Err(error) = self.see_as(&mut scratch.written, &matched, request) {
                    let error = format!("failed to convert object version: {error}");
                    self.configuration_error(hook, Some(name), &error, scratch, request);
                    continue;
                }
                takes_part = true;
                for param in params {
                    let start = scratch.report.decisions.len();
                    self.decide(hook, name, param, &matched, scratch, request);
                    act(binding, start, &mut scratch.report, request, &mut failures);
                }
            }
            publish(&hook.compiled.name, scratch);
            if takes_part && scratch.keeps_costs {
                let cost = scratch.report.cost - before;
                scratch.report.costs.push(PolicyCost { policy: Arc::clone(&hook.compiled.name), cost });
            }
        }
        failures.publish(&mut scratch.report);
    }

    fn decide(
        &self,
        hook: &Hook,
        binding: &Arc<str>,
        param: Option<&Param>,
        matched: &Matched<'_>,
        scratch: &mut Scratch,
        request: &Request,
    ) {
        scratch.written.write(&hook.compiled, matched, request);
        let Scratch { arena, written, annotations, report, .. } = scratch;
        let inputs = self.inputs(hook, param, request, written, arena);
        let mut sink = Sink {
            decisions: &mut report.decisions,
            annotations: &mut annotations.0,
            cost: &mut report.cost,
            binding,
            param: param.map_or(&self.none, |param| &param.label),
            no_reason: &self.none,
        };
        decide(&hook.compiled, &inputs, &mut sink);
    }

    /// The parts of a validation's expression with the values that they had for a request: place in the expression,
    /// and the value as CEL writes it.
    pub fn explain(&self, request: &Request, decision: &PolicyDecision) -> Vec<ExplainStep> {
        let explain = |hook: &Hook, inputs: &Inputs<'_>, _: &Written, index| {
            crate::decision::explain(&hook.compiled, inputs, index)
        };
        self.again(request, decision, explain).unwrap_or_default()
    }

    /// The part of the request's object that a validation was denied for, where its evaluation tells.
    pub fn fault(&self, request: &Request, decision: &PolicyDecision) -> Option<Fault> {
        let fault = |hook: &Hook, inputs: &Inputs<'_>, written: &Written, index| {
            let object = written.object_of(request)?;
            let node = crate::decision::fault(&hook.compiled, inputs, index, object)?;
            Some(Fault::at(object, node))
        };
        self.again(request, decision, fault).flatten()
    }

    /// Does something with the validation of a decision and the values of its variables.
    fn again<T>(
        &self,
        request: &Request,
        decision: &PolicyDecision,
        look: impl FnOnce(&Hook, &Inputs<'_>, &Written, u32) -> T,
    ) -> Option<T> {
        let hook = self.policies.iter().find(|hook| hook.compiled.name == decision.policy)?;
        let matched =
            hook.policy.match_constraints.matches(request, &self.namespaces, &self.kinds).ok().flatten()?;
        let of_kind = self.params.iter().filter(|param| param.is_of(&hook.policy));
        let param = of_kind.into_iter().find(|param| param.label == decision.param);
        let mut scratch = Scratch::default();
        self.see_as(&mut scratch.written, &matched, request).ok()?;
        scratch.written.write(&hook.compiled, &matched, request);
        let inputs = self.inputs(hook, param, request, &scratch.written, &scratch.arena);
        Some(look(hook, &inputs, &scratch.written, decision.index?))
    }

    /// A policy or binding that cannot be used denies, or counts for nothing when its policy ignores failures.
    fn configuration_error(
        &self,
        hook: &Hook,
        binding: Option<&Arc<str>>,
        error: &str,
        scratch: &mut Scratch,
        request: &Request,
    ) {
        if hook.compiled.failure_policy == FailurePolicy::Ignore {
            return;
        }
        let part = if binding.is_some() { "binding" } else { "policy" };
        let decision = PolicyDecision {
            policy: Arc::clone(&hook.compiled.name),
            binding: Arc::clone(binding.unwrap_or(&self.none)),
            param: Arc::clone(&self.none),
            index: None,
            audit_annotation: None,
            action: Action::Deny,
            evaluation: PolicyEvaluation::Error,
            message: format!("failed to configure {part}: {error}"),
            reason: Arc::clone(&self.none),
        };
        deny(&mut scratch.report, &decision, request);
        scratch.report.decisions.push(decision);
    }
}

/// Resources that no policy ever sees. Source: kubernetes `pkg/kubeapiserver/admission/exclusion`.
fn is_excluded(request: &Request) -> bool {
    let resource = request.resource.resource.as_str();
    match request.resource.group.as_str() {
        "authentication.k8s.io" => matches!(resource, "selfsubjectreviews" | "tokenreviews"),
        "authorization.k8s.io" => matches!(
            resource,
            "localsubjectaccessreviews"
                | "selfsubjectaccessreviews"
                | "selfsubjectrulesreviews"
                | "subjectaccessreviews"
        ),
        "admissionregistration.k8s.io" => matches!(
            resource,
            "validatingadmissionpolicies"
                | "validatingadmissionpolicybindings"
                | "mutatingadmissionpolicies"
                | "mutatingadmissionpolicybindings"
        ),
        _ => false,
    }
}
