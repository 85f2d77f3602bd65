//! `kordon check`: policies and resources from files, findings out.

use crate::files::find;
use kordon::admission::{Namespaces, Operation, Request};
use kordon::authorization::{Rbac, UserInfo};
use kordon::cel::environment::Version;
use kordon::document::{Document, Limits, NodeRef, Object, documents};
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kordon::report::{Finding, PolicyDecision, PolicyEvaluation};
use kordon::{Diagnostic, Engine, Scratch, Severity, Source};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What to check with what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders with policies, bindings and params.
    pub policies: Vec<PathBuf>,
    /// Files and folders with resources; policies among them count too.
    pub inputs: Vec<PathBuf>,
    pub operation: Operation,
    pub user: UserInfo,
    /// The old object of the resource to check, in a file of one document.
    pub old_object: Option<PathBuf>,
    pub kubernetes_version: Version,
    /// Policies without a binding do nothing.
    pub require_bindings: bool,
    /// Tell the values of each failed expression's parts.
    pub explain: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    /// Problems of inputs and policies.
    pub problems: Vec<Diagnostic>,
    pub policies: usize,
    pub resources: usize,
    /// The files of the findings, for excerpts.
    pub sources: Vec<Arc<Source>>,
}

impl Outcome {
    /// 0: nothing found, 1: something would be denied, 2: an input or policy is broken.
    pub fn exit_code(&self) -> u8 {
        if self.problems.iter().any(|problem| problem.severity == Severity::Error) {
            2
        } else {
            u8::from(self.findings.iter().any(Finding::denies))
        }
    }
}

/// Reads, evaluates and gathers. `progress` is told how many resources are done, of how many.
pub fn check(options: &Options, progress: &mut dyn FnMut(usize, usize)) -> Outcome {
    let mut outcome = Outcome::default();
    let given = read(&options.policies, &mut outcome);
    let inputs = read(&options.inputs, &mut outcome);
    let mut policies = Vec::new();
    let mut bindings = Vec::new();
    let mut resources = Vec::new();
    let mut context: Vec<Object> = Vec::new();
    let sorted = given.into_iter().map(|document| (document, false));
    for (document, is_input) in sorted.chain(inputs.into_iter().map(|document| (document, true))) {
        if ValidatingAdmissionPolicy::is_policy(&document) {
            match ValidatingAdmissionPolicy::from_document(&document) {
                Ok(policy) => policies.push(policy),
                Err(problems) => outcome.problems.extend(problems),
            }
        } else if ValidatingAdmissionPolicyBinding::is_binding(&document) {
            match ValidatingAdmissionPolicyBinding::from_document(&document) {
                Ok(binding) => bindings.push(binding),
                Err(problems) => outcome.problems.extend(problems),
            }
        } else {
            context.push(document.object.clone());
            if is_input && is_resource(&document, &mut outcome) {
                resources.push(document);
            }
        }
    }
    if policies.is_empty() {
        let problem = Diagnostic::error("no-policies", "there is no ValidatingAdmissionPolicy to check with");
        outcome.problems.push(problem.help("name files or folders with policies: -p POLICY"));
    }
    for binding in &bindings {
        if !policies.iter().any(|policy| policy.name == binding.policy_name) {
            let message =
                format!("binding `{}` names no known policy: `{}`", binding.name, binding.policy_name);
            outcome
                .problems
                .push(Diagnostic::warning("unknown-policy", message).at(&binding.source, binding.span));
        }
    }
    let unmatched: Vec<_> = policies
        .iter()
        .map(|policy| (policy.name.clone(), Arc::clone(&policy.source), policy.span))
        .collect();
    outcome.policies = policies.len();
    outcome.resources = resources.len();
    let mut builder = Engine::builder()
        .kubernetes_version(options.kubernetes_version)
        .policies(policies)
        .bindings(bindings)
        .require_bindings(options.require_bindings)
        .namespaces(Namespaces::new(context.iter().cloned()));
    if context.iter().any(Rbac::is_rbac) {
        builder = builder.authorizer(Arc::new(Rbac::aggregated(&context)));
    }
    let (engine, problems) = builder.params(context).build();
    outcome.problems.extend(problems);
    let old = old_object(options, &mut outcome);
    let mut matched: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut scratch = Scratch::default();
    let total = resources.len();
    for (done, document) in resources.iter().enumerate() {
        let mut request = Request::derive(Some(document.object.clone()), old.clone());
        request.operation = options.operation;
        if options.operation == Operation::Delete {
            request.old_object = request.object.take();
        }
        request.user_info = options.user.clone();
        let report = engine.evaluate_with(&mut scratch, &request);
        matched.extend(report.decisions.iter().map(|decision| Arc::clone(&decision.policy)));
        for decision in report.denials() {
            outcome.findings.push(finding(&engine, &request, document, decision, options.explain));
        }
        if report.denials().next().is_some() {
            outcome.sources.push(Arc::clone(&document.source));
        }
        progress(done + 1, total);
    }
    for (name, source, span) in unmatched {
        if !matched.contains(name.as_str()) && total > 0 {
            let message = format!("policy `{name}` matched nothing");
            let problem = Diagnostic::warning("unmatched-policy", message).at(&source, span);
            outcome.problems.push(problem.help("see its matchConstraints and its bindings"));
        }
    }
    outcome
}

fn read(paths: &[PathBuf], outcome: &mut Outcome) -> Vec<Document> {
    let (files, problems) = find(paths, false);
    outcome.problems.extend(problems);
    let mut read = Vec::new();
    for file in files {
        let bytes = match file.read() {
            Ok(bytes) => bytes,
            Err(problem) => {
                outcome.problems.push(problem);
                continue;
            }
        };
        for document in documents(&file.name, &bytes, &Limits::default()) {
            match document {
                Ok(document) => read.push(document),
                Err(problem) => outcome.problems.push(problem),
            }
        }
    }
    read
}

/// Whether a document is an object with apiVersion and kind. What is no object at all is an error; other maps, such
/// as Helm values, are passed over with a note.
fn is_resource(document: &Document, outcome: &mut Outcome) -> bool {
    let root = document.object.root();
    let has = |field: &str| root.field(field).and_then(NodeRef::as_str).is_some_and(|text| !text.is_empty());
    if has("apiVersion") && has("kind") {
        return true;
    }
    let problem = if root.as_map().is_some() {
        Diagnostic::new(Severity::Note, "not-a-resource", "no `apiVersion` and `kind`: not checked")
    } else {
        Diagnostic::error("not-a-resource", "the document is no Kubernetes object")
    };
    outcome
        .problems
        .push(problem.at(&document.source, kordon::Span { end: root.span().start + 1, ..root.span() }));
    false
}

fn old_object(options: &Options, outcome: &mut Outcome) -> Option<Object> {
    let path = options.old_object.clone()?;
    read(&[path], outcome).into_iter().next().map(|document| document.object)
}

fn finding(
    engine: &Engine,
    request: &Request,
    document: &Document,
    decision: &PolicyDecision,
    explain: bool,
) -> Finding {
    let validation = decision.index.and_then(|index| engine.validation(&decision.policy, index));
    let expression = validation.map(|(_, expression, _)| expression.trim().to_owned()).unwrap_or_default();
    let root = document.object.root();
    let fault = value_at_fault(&expression, root);
    let place = fault.unwrap_or(root);
    let span = if place == root || place.key_span() == kordon::Span::default() {
        place.span()
    } else {
        place.key_span()
    };
    let (line, column) = document.source.line_column(span.start);
    let steps = if explain { engine.explain(request, decision) } else { Vec::new() };
    let whole = validation.map(|(_, expression, _)| expression).unwrap_or_default();
    let part =
        |span: kordon::Span| whole.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
    let mut explanation: Vec<(String, String)> = Vec::new();
    for step in steps {
        let step = (part(step.span), step.value);
        if !step.0.is_empty() && !explanation.contains(&step) {
            explanation.push(step);
        }
    }
    let name = if request.name.is_empty() { "(unnamed)" } else { &request.name };
    let namespace =
        if request.namespace.is_empty() { String::new() } else { format!("{}/", request.namespace) };
    Finding {
        policy: decision.policy.to_string(),
        binding: decision.binding.to_string(),
        index: decision.index,
        validation_actions: engine
            .validation_actions(&decision.policy, &decision.binding)
            .iter()
            .map(|action| action.as_str().to_owned())
            .collect(),
        error: decision.evaluation != PolicyEvaluation::Deny,
        message: decision.message.clone(),
        reason: decision.reason.to_string(),
        expression,
        resource: format!("{} {namespace}{name}", request.kind.kind),
        file: document.source.name.to_string(),
        line,
        column,
        path: fault.map(|node| document.object.path(node)).unwrap_or_default(),
        explanation,
    }
}

/// The deepest value of the object that an expression names by a plain path such as `object.spec.replicas`; `None`
/// when it names several of them, so that nothing innocent is pointed at.
fn value_at_fault<'d>(expression: &str, root: NodeRef<'d>) -> Option<NodeRef<'d>> {
    let mut found: Option<NodeRef<'d>> = None;
    for (at, _) in expression.match_indices("object.") {
        let before = expression.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            continue;
        }
        let path = expression.get(at + "object.".len()..).unwrap_or_default();
        let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(path.len());
        let mut node = root;
        for field in path.get(..end).unwrap_or_default().split('.') {
            match node.field(field) {
                Some(next) => node = next,
                None => break,
            }
        }
        match found {
            _ if node == root => {}
            Some(other) if other != node => {
                let (a, b) = (other.span(), node.span());
                // One inside of the other: the inner one says more.
                if a.start <= b.start && b.end <= a.end {
                    found = Some(node);
                } else if !(b.start <= a.start && a.end <= b.end) {
                    return None;
                }
            }
            _ => found = Some(node),
        }
    }
    found
}
