//! [`Engine`]: policies, bindings and what they need to know, ready to decide requests. The only room that knows
//! every other.

use crate::admission::{GroupVersionKind, Namespaces, Request, is_namespaced, is_unknown_version};
use crate::authorization::{Authorizer, NoOpinion, User};
use crate::cel::environment::Version;
use crate::cel::program::ExplainStep;
use crate::cel::value::{self, Arena, Map, Opaque, Val};
use crate::decision::{Inputs, Published, Sink, decide};
use crate::diagnostic::Diagnostic;
use crate::document::{NodeRef, Object, ObjectBuilder};
use crate::matching::{Index, Matched};
use crate::policy::{
    CompiledPolicy, FailurePolicy, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
    ValidationAction,
};
use crate::report::{Action, PolicyDecision, PolicyEvaluation, Report, Status};
use crate::source::{Source, Span};
use std::sync::Arc;

/// Longer values of audit annotations are cut.
const LONGEST_ANNOTATION: usize = 10 * 1024;

/// How many failures the audit annotation of `Audit` bindings names at most.
const MOST_AUDITED: usize = 50;

/// Decides admission requests. Shared between threads; scratch memory belongs to the caller.
#[derive(Debug)]
pub struct Engine {
    policies: Vec<Hook>,
    index: Index,
    params: Vec<Param>,
    namespaces: Namespaces,
    authorizer: Arc<dyn Authorizer>,
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

#[derive(Debug)]
struct Param {
    kind: GroupVersionKind,
    name: String,
    namespace: String,
    label: Arc<str>,
    object: Object,
}

/// Collects what an engine is made of.
#[derive(Debug, Default)]
pub struct EngineBuilder {
    version: Version,
    policies: Vec<ValidatingAdmissionPolicy>,
    bindings: Vec<ValidatingAdmissionPolicyBinding>,
    params: Vec<Object>,
    namespaces: Namespaces,
    authorizer: Option<Arc<dyn Authorizer>>,
    requires_bindings: bool,
}

/// The part of an object that a validation was denied for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field path, `spec.containers[0].image`.
    pub path: String,
    /// The place of the key before the value, empty for an element of a list.
    pub key: Span,
    pub value: Span,
}

/// Memory that evaluations reuse. Once warm, admitting a request allocates nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    arena: Arena,
    builder: ObjectBuilder,
    request: Object,
    annotations: Annotations,
    report: Report,
}

#[derive(Debug, Default)]
struct Annotations(Vec<Published>);

impl std::fmt::Debug for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl EngineBuilder {
    /// The Kubernetes version whose CEL functions there are; 1.37 when not called.
    #[must_use]
    pub fn kubernetes_version(mut self, version: Version) -> EngineBuilder {
        self.version = version;
        self
    }

    #[must_use]
    pub fn policies(
        mut self,
        policies: impl IntoIterator<Item = ValidatingAdmissionPolicy>,
    ) -> EngineBuilder {
        self.policies.extend(policies);
        self
    }

    #[must_use]
    pub fn bindings(
        mut self,
        bindings: impl IntoIterator<Item = ValidatingAdmissionPolicyBinding>,
    ) -> EngineBuilder {
        self.bindings.extend(bindings);
        self
    }

    /// Policies without a binding do nothing, as in a cluster. Otherwise they are bound to everything with Deny.
    #[must_use]
    pub fn require_bindings(mut self, require: bool) -> EngineBuilder {
        self.requires_bindings = require;
        self
    }

    /// Objects that bindings may name as params.
    #[must_use]
    pub fn params(mut self, objects: impl IntoIterator<Item = Object>) -> EngineBuilder {
        self.params.extend(objects);
        self
    }

    #[must_use]
    pub fn namespaces(mut self, namespaces: Namespaces) -> EngineBuilder {
        self.namespaces = namespaces;
        self
    }

    /// Who answers `authorizer`; nobody has an opinion when not called.
    #[must_use]
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> EngineBuilder {
        self.authorizer = Some(authorizer);
        self
    }

    /// Compiles the policies. What does not compile is a diagnostic, and acts by its policy's failurePolicy.
    pub fn build(self) -> (Engine, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let params: Vec<Param> = self.params.into_iter().map(Param::new).collect();
        let mut hooks = Vec::new();
        for policy in self.policies {
            let (compiled, found) = CompiledPolicy::new(&policy, self.version);
            problems.extend(found);
            let own = self.bindings.iter().filter(|binding| binding.policy_name == policy.name);
            let mut bindings: Vec<_> =
                own.map(|binding| (Arc::from(binding.name.as_str()), binding.clone())).collect();
            if bindings.is_empty() && !self.requires_bindings {
                bindings = bound_to_everything(&policy, &params);
            }
            let (problem, params_namespaced) = params_of(&policy, &params);
            hooks.push(Hook { policy, compiled, bindings, problem, params_namespaced });
        }
        let engine = Engine {
            index: Index::new(hooks.iter().map(|hook| &hook.policy.match_constraints)),
            policies: hooks,
            params,
            namespaces: self.namespaces,
            authorizer: self.authorizer.unwrap_or_else(|| Arc::new(NoOpinion)),
            none: Arc::from(""),
        };
        (engine, problems)
    }
}

impl Param {
    fn new(object: Object) -> Param {
        let root = object.root();
        let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let metadata = root.field("metadata");
        let kind =
            GroupVersionKind::from_api_version(&text(root.field("apiVersion")), &text(root.field("kind")));
        let name = text(metadata.and_then(|metadata| metadata.field("name")));
        let mut namespace = text(metadata.and_then(|metadata| metadata.field("namespace")));
        if namespace.is_empty() && is_namespaced(&kind.group, &kind.kind) == Some(true) {
            namespace = "default".to_owned();
        }
        let label = if namespace.is_empty() { name.clone() } else { format!("{namespace}/{name}") };
        Param { kind, name, namespace, label: label.into(), object }
    }
}

/// Whether a policy's paramKind is usable, and whether its objects live in namespaces.
fn params_of(policy: &ValidatingAdmissionPolicy, params: &[Param]) -> (Option<String>, bool) {
    let Some(kind) = &policy.param_kind else { return (None, false) };
    if is_unknown_version(kind) {
        return (Some(format!("failed to find resource referenced by paramKind: '{kind}'")), true);
    }
    let mut found = params.iter().filter(|param| param.kind == *kind).peekable();
    let namespaced = is_namespaced(&kind.group, &kind.kind)
        .unwrap_or_else(|| found.peek().is_none() || found.any(|param| !param.namespace.is_empty()));
    (None, namespaced)
}

/// The bindings of a policy that came without: one that denies, or with params one for each of them.
fn bound_to_everything(
    policy: &ValidatingAdmissionPolicy,
    params: &[Param],
) -> Vec<(Arc<str>, ValidatingAdmissionPolicyBinding)> {
    let bind = |param_ref| {
        let binding = ValidatingAdmissionPolicyBinding {
            name: policy.name.clone(),
            policy_name: policy.name.clone(),
            param_ref,
            match_resources: crate::matching::MatchResources::default(),
            validation_actions: vec![ValidationAction::Deny],
            source: Arc::clone(&policy.source),
            span: policy.span,
        };
        (Arc::from(policy.name.as_str()), binding)
    };
    let of_kind = params.iter().filter(|param| Some(&param.kind) == policy.param_kind.as_ref());
    let each = of_kind.map(|param| {
        bind(Some(ParamRef {
            name: param.name.clone(),
            namespace: param.namespace.clone(),
            selector: None,
            deny_when_missing: true,
        }))
    });
    let bindings: Vec<_> = each.collect();
    if bindings.is_empty() { vec![bind(None)] } else { bindings }
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
        let mut failures: Vec<serde_json::Value> = Vec::new();
        for &number in self.index.candidates(&request.resource.resource) {
            let Some(hook) = self.policies.get(number as usize) else { continue };
            if hook.bindings.is_empty() {
                continue;
            }
            let matched = match hook.policy.match_constraints.matches(request, &self.namespaces) {
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
            for (name, binding) in &hook.bindings {
                match binding.match_resources.matches(request, &self.namespaces) {
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
                for param in params {
                    let start = scratch.report.decisions.len();
                    self.decide(hook, name, param, &matched, scratch, request);
                    act(binding, start, &mut scratch.report, request, &mut failures);
                }
            }
            publish(&hook.compiled.name, scratch);
        }
        if !failures.is_empty() {
            failures.truncate(MOST_AUDITED);
            let value = serde_json::Value::Array(failures).to_string();
            let key = "validation.policy.admission.k8s.io/validation_failure".to_owned();
            scratch.report.audit_annotations.insert(key, value);
        }
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
        scratch.write_request(hook, matched, request);
        let Scratch { arena, request: written, annotations, report, .. } = scratch;
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
        let explain =
            |hook: &Hook, inputs: &Inputs<'_>, index| crate::decision::explain(&hook.compiled, inputs, index);
        self.again(request, decision, explain).unwrap_or_default()
    }

    /// The part of the request's object that a validation was denied for, where its evaluation tells.
    pub fn fault(&self, request: &Request, decision: &PolicyDecision) -> Option<Fault> {
        let object = request.object.as_ref().or(request.old_object.as_ref())?;
        let fault = |hook: &Hook, inputs: &Inputs<'_>, index| {
            let node = crate::decision::fault(&hook.compiled, inputs, index, object)?;
            Some(Fault { path: object.path(node), key: node.key_span(), value: node.span() })
        };
        self.again(request, decision, fault).flatten()
    }

    /// Does something with the validation of a decision and the values of its variables.
    fn again<T>(
        &self,
        request: &Request,
        decision: &PolicyDecision,
        look: impl FnOnce(&Hook, &Inputs<'_>, u32) -> T,
    ) -> Option<T> {
        let hook = self.policies.iter().find(|hook| hook.compiled.name == decision.policy)?;
        let matched = hook.policy.match_constraints.matches(request, &self.namespaces).ok().flatten()?;
        let of_kind = self.params.iter().filter(|param| Some(&param.kind) == hook.policy.param_kind.as_ref());
        let param = of_kind.into_iter().find(|param| param.label == decision.param);
        let mut scratch = Scratch::default();
        scratch.write_request(hook, &matched, request);
        let inputs = self.inputs(hook, param, request, &scratch.request, &scratch.arena);
        Some(look(hook, &inputs, decision.index?))
    }

    /// The values of a policy's variables for a request.
    fn inputs<'a>(
        &'a self,
        hook: &Hook,
        param: Option<&'a Param>,
        request: &'a Request,
        written: &'a Object,
        arena: &'a Arena,
    ) -> Inputs<'a> {
        let user = arena.alloc(self.authorizer_of(request, arena));
        let check = arena.alloc(value::ResourceCheck {
            authorizer: *user,
            group: &request.resource.group,
            resource: &request.resource.resource,
            subresource: &request.sub_resource,
            namespace: &request.namespace,
            name: &request.name,
            field_selector: "",
            label_selector: "",
        });
        let is_namespace = request.resource.resource == "namespaces" && request.kind.kind == "Namespace";
        let namespace = match request.namespace.as_str() {
            name if hook.compiled.reads_namespace && !name.is_empty() && !is_namespace => {
                self.namespace(name, arena)
            }
            _ => Val::Null,
        };
        Inputs {
            arena,
            object: value_of(&request.object),
            old_object: value_of(&request.old_object),
            namespace,
            request: Val::from_node(written.root()),
            params: param.map_or(Val::Null, |param| Val::from_node(param.object.root())),
            authorizer: (Val::Opaque(Opaque::Authorizer(user)), Val::Opaque(Opaque::ResourceCheck(check))),
        }
    }

    fn authorizer_of<'a>(&'a self, request: &'a Request, arena: &'a Arena) -> value::Authorizer<'a> {
        let groups = request.user_info.groups.iter().map(String::as_str);
        let groups = &*arena.alloc_slice_fill_iter(groups);
        value::Authorizer {
            user: User { name: &request.user_info.username, groups },
            authorizer: &*self.authorizer,
        }
    }

    /// `namespaceObject`, with the fields that expressions may see.
    fn namespace<'a>(&'a self, name: &'a str, arena: &'a Arena) -> Val<'a> {
        const METADATA: &[&str] = &[
            "name",
            "generateName",
            "namespace",
            "labels",
            "annotations",
            "uid",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion",
            "finalizers",
        ];
        let Some(namespace) = self.namespaces.find(name) else {
            let label = (Val::String("kubernetes.io/metadata.name"), Val::String(name));
            let metadata = [
                (Val::String("name"), Val::String(name)),
                (Val::String("labels"), Val::Map(Map::new(&[label], arena))),
            ];
            let metadata = Val::Map(Map::new(&metadata, arena));
            return Val::Map(Map::new(&[(Val::String("metadata"), metadata)], arena));
        };
        let root = namespace.root();
        let mut metadata: Vec<(Val<'a>, Val<'a>)> = Vec::new();
        if let Some(given) = root.field("metadata") {
            let fields = METADATA.iter().filter_map(|field| Some((*field, given.field(field)?)));
            metadata.extend(fields.map(|(field, node)| (Val::String(field), Val::from_node(node))));
            for field in ["creationTimestamp", "deletionTimestamp"] {
                let time = given.field(field).and_then(NodeRef::as_str);
                let time = time.and_then(crate::cel::library::standard::parse_timestamp);
                metadata.extend(time.map(|time| (Val::String(field), Val::Timestamp(time))));
            }
        }
        let mut fields = vec![(Val::String("metadata"), Val::Map(Map::new(&metadata, arena)))];
        for field in ["spec", "status"] {
            fields.extend(root.field(field).map(|node| (Val::String(field), Val::from_node(node))));
        }
        Val::Map(Map::new(&fields, arena))
    }

    /// The params to evaluate a binding with; `None` stands for evaluating without.
    fn collect_params<'e>(
        &'e self,
        hook: &Hook,
        binding: &ValidatingAdmissionPolicyBinding,
        request: &Request,
    ) -> Result<Params<'e>, String> {
        let (Some(kind), Some(wanted)) = (&hook.policy.param_kind, &binding.param_ref) else {
            return Ok(Params::Without);
        };
        let namespace = match (hook.params_namespaced, wanted.namespace.as_str()) {
            (false, "") => None,
            (false, _) => {
                return Err(
                    "paramRef.namespace must not be provided for a cluster-scoped `paramKind`".to_owned()
                );
            }
            (true, "") if request.namespace.is_empty() => {
                return Err(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                        .to_owned(),
                );
            }
            (true, "") => Some(request.namespace.as_str()),
            (true, namespace) => Some(namespace),
        };
        let here = self.params.iter().filter(|param| {
            param.kind == *kind && namespace.is_none_or(|namespace| param.namespace == namespace)
        });
        let found: Vec<&Param> = match &wanted.selector {
            Some(selector) => {
                here.filter(|param| selector.matches(crate::labels::labels_of(param.object.root()))).collect()
            }
            None => here.filter(|param| param.name == wanted.name).take(1).collect(),
        };
        if found.is_empty() && wanted.deny_when_missing {
            return Err("no params found for policy binding with `Deny` parameterNotFoundAction".to_owned());
        }
        Ok(Params::Found(found.into_iter()))
    }

    /// A policy or binding that cannot be used denies unless its policy ignores failures.
    fn configuration_error(
        &self,
        hook: &Hook,
        binding: Option<&Arc<str>>,
        error: &str,
        scratch: &mut Scratch,
        request: &Request,
    ) {
        let part = if binding.is_some() { "binding" } else { "policy" };
        let ignored = hook.compiled.failure_policy == FailurePolicy::Ignore;
        let decision = PolicyDecision {
            policy: Arc::clone(&hook.compiled.name),
            binding: Arc::clone(binding.unwrap_or(&self.none)),
            param: Arc::clone(&self.none),
            index: None,
            audit_annotation: None,
            action: if ignored { Action::Admit } else { Action::Deny },
            evaluation: PolicyEvaluation::None,
            message: format!("failed to configure {part}: {error}"),
            reason: Arc::clone(&self.none),
        };
        if !ignored {
            deny(&mut scratch.report, &decision, request);
        }
        scratch.report.decisions.push(decision);
    }
}

impl Scratch {
    /// Makes the `request` variable, when the policy reads it.
    fn write_request(&mut self, hook: &Hook, matched: &Matched<'_>, request: &Request) {
        if !hook.compiled.reads_request {
            return;
        }
        self.builder.restart(&mut self.request);
        let built = request.write(&matched.kind, &matched.resource, &mut self.builder);
        if built.is_err() || !self.builder.finish_into(&mut self.request) {
            self.request = Object::default();
        }
    }
}

/// An object's value; null when there is none.
fn value_of(object: &Option<Object>) -> Val<'_> {
    object.as_ref().map_or(Val::Null, |object| Val::from_node(object.root()))
}

/// What a binding is evaluated with, one after the other.
enum Params<'e> {
    Without,
    Done,
    Found(std::vec::IntoIter<&'e Param>),
}

impl<'e> Iterator for Params<'e> {
    type Item = Option<&'e Param>;

    fn next(&mut self) -> Option<Option<&'e Param>> {
        match self {
            Params::Without => {
                *self = Params::Done;
                Some(None)
            }
            Params::Done => None,
            Params::Found(params) => params.next().map(Some),
        }
    }
}

/// Does what a binding's validationActions say for the denials from `start`.
fn act(
    binding: &ValidatingAdmissionPolicyBinding,
    start: usize,
    report: &mut Report,
    request: &Request,
    failures: &mut Vec<serde_json::Value>,
) {
    for at in start..report.decisions.len() {
        let Some(decision) =
            report.decisions.get(at).filter(|decision| decision.action == Action::Deny).cloned()
        else {
            continue;
        };
        if decision.audit_annotation.is_some() {
            deny(report, &decision, request);
            continue;
        }
        for action in &binding.validation_actions {
            match action {
                ValidationAction::Deny => deny(report, &decision, request),
                ValidationAction::Warn => report.warnings.push(format!(
                    "Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {}",
                    decision.policy, decision.binding, decision.message
                )),
                ValidationAction::Audit => failures.push(serde_json::json!({
                    "message": decision.message,
                    "policy": binding.policy_name,
                    "binding": binding.name,
                    "expressionIndex": at - start,
                    "validationActions": binding.validation_actions.iter().map(|a| a.as_str()).collect::<Vec<_>>(),
                })),
            }
        }
    }
}

/// The first denial becomes the request's error.
fn deny(report: &mut Report, decision: &PolicyDecision, request: &Request) {
    if !report.allowed {
        return;
    }
    report.allowed = false;
    let binding = match &*decision.binding {
        "" => String::new(),
        binding => format!(" with binding '{binding}'"),
    };
    let message = format!(
        "ValidatingAdmissionPolicy '{}'{binding} denied request: {}",
        decision.policy, decision.message
    );
    let reason = if decision.reason.is_empty() { Arc::from("Invalid") } else { Arc::clone(&decision.reason) };
    let code = match &*reason {
        "Unauthorized" => 401,
        "Forbidden" => 403,
        "RequestEntityTooLarge" => 413,
        _ => 422,
    };
    let resource = request.resource.group_resource();
    let name = shown_name(request);
    let message = if resource.is_empty() {
        format!("forbidden: {message}")
    } else {
        format!("{resource} {name:?} is forbidden: {message}")
    };
    report.status = Some(Status { code, reason, message });
}

/// The name in an error; before the API server has made one up, what it would begin with.
fn shown_name(request: &Request) -> &str {
    let metadata = request.object.as_ref().and_then(|object| object.root().field("metadata"));
    let field = |name: &str| metadata.and_then(|metadata| metadata.field(name)).and_then(NodeRef::as_str);
    let names = [Some(request.name.as_str()), field("name"), field("generateName")];
    names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or("Unknown")
}

/// Publishes the audit annotations of a policy over all its bindings.
fn publish(policy: &str, scratch: &mut Scratch) {
    let mut values: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for Published { key, value } in scratch.annotations.0.drain(..) {
        let mut end = value.len().min(LONGEST_ANNOTATION);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let value = value.get(..end).unwrap_or_default().to_owned();
        let of_key = values.entry(format!("{policy}/{key}")).or_default();
        if !of_key.contains(&value) {
            of_key.push(value);
        }
    }
    for (key, values) in values {
        scratch.report.audit_annotations.insert(key, values.join(", "));
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
