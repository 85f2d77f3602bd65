//! One object after the other, against everything that is known by then. Shared between threads.

use super::Options;
use super::context::{Context, is_registration};
use super::mending::Place;
use crate::admitted::{Refused, Seen, View, refused_field, without_tables};
use crate::api::operate;
use crate::baseline::fingerprint;
use crate::cluster::Kept;
use crate::custom::{CustomResources, check_definition};
use crate::decided::{Decided, DecidedObject, ExpressionPlace};
use crate::files;
use crate::finding::{Finding, FindingAction, Step, Subject, Validation, place_of};
use crate::fix::{Fixing, Key, Rewritten, Template, Verdict};
use crate::inputs::{Inputs, Role, advised, no_object};
use crate::kinds::CustomKinds;
use crate::pieces::{Input, Piece};
use crate::pod_security::PodSecurityCheck;
use crate::waivers::{Annotated, Waivers};
use kordon::admission::{Operation, Request};
use kordon::crd::CustomResourceDefinition;
use kordon::document::{Document, Object};
use kordon::policy::{ValidatingAdmissionPolicy, ValidationAction};
use kordon::report::{Action, PolicyDecision, PolicyEvaluation, Report};
use kordon::{Diagnostic, Engine, Fault, Label, Scratch, Severity, Source, Span};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What every object is held against.
pub(super) struct Checker<'o> {
    pub(super) options: &'o Options,
    pub(super) engine: Engine,
    kinds: CustomKinds,
    pub(super) custom: CustomResources,
    pub(super) pod_security: PodSecurityCheck,
    old_objects: HashMap<Identity, Document>,
    /// Whether rules about several objects are asked for.
    keeps: bool,
    /// The names of all policies, where decisions are asked for.
    policies: Vec<String>,
    /// Policies of which something does not compile.
    broken: HashSet<String>,
    /// How policies mend what they find.
    pub(super) fixes: HashMap<String, Template>,
    /// To leave alone what is waived.
    pub(super) waivers: Waivers,
}

/// What two versions of one object have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Identity {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

/// What a thread keeps between objects.
pub(super) struct Worker {
    scratch: Scratch,
    /// Policies that have decided something.
    pub(super) used: HashSet<Arc<str>>,
}

impl Worker {
    pub(super) fn new(options: &Options) -> Worker {
        let scratch = if options.decisions { Scratch::with_costs() } else { Scratch::default() };
        Worker { scratch, used: HashSet::new() }
    }
}

/// What came of a document: of one object, or of each that is in a list.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) objects: Vec<CheckedObject>,
    /// What is wrong with the document.
    pub(super) problems: Vec<Diagnostic>,
    /// The document with what could be mended in it.
    pub(super) rewritten: Option<Rewritten>,
}

#[derive(Default)]
pub(super) struct CheckedObject {
    pub(super) problems: Vec<Diagnostic>,
    pub(super) findings: Vec<Finding>,
    /// The object for rules about several.
    pub(super) kept: Option<Kept>,
    /// What the object itself waives.
    pub(super) waivers: Annotated,
    /// What every policy made of it, where that is asked for.
    pub(super) decided: Option<DecidedObject>,
    /// Only what tells findings apart, in place of the findings of policies.
    pub(super) keys: Option<HashSet<Key>>,
    /// The object as it was written, where that is asked for.
    pub(super) written: Option<Document>,
}

impl<'o> Checker<'o> {
    /// Makes ready what objects are held against; what is wrong with it is among the context's problems.
    pub(super) fn new(options: &'o Options, waivers: &Waivers, context: &mut Context) -> Checker<'o> {
        let (mut kinds, mut custom) = (CustomKinds::default(), CustomResources::default());
        let inputs = &mut context.inputs;
        let mut schema_problems = Vec::new();
        for document in inputs.objects() {
            kinds.add(&document.object);
            schema_problems.extend(custom.add(document, options.kubernetes_version));
        }
        for definition in &inputs.context {
            let findings = check_definition(definition, options.kubernetes_version, "");
            schema_problems.extend(findings.into_iter().map(
                |Finding { policy, path, message, place, .. }| {
                    let problem = Diagnostic::error("crd-rule", format!("{policy}: {path}: {message}"));
                    problem.at(&place.source, place.span)
                },
            ));
        }
        let minor = options.kubernetes_version.minor;
        let pod_security = PodSecurityCheck::new(minor, options.pod_security, inputs.objects());
        inputs.problems.extend(schema_problems);
        inputs.unknown_policies();
        let (engine, compile_problems, object_problems) = inputs.engine(options, &custom);
        let mut broken = HashSet::new();
        for label in compile_problems.iter().filter_map(|problem| problem.labels.first()) {
            let inside = |policy: &&ValidatingAdmissionPolicy| {
                Arc::ptr_eq(&policy.source, &label.source)
                    && (policy.span.start..policy.span.end).contains(&label.span.start)
            };
            broken.extend(inputs.policies.iter().filter(inside).map(|policy| policy.name.clone()));
        }
        let type_warnings = inputs.type_warnings(options, &engine);
        inputs.problems.extend(compile_problems);
        inputs.problems.extend(object_problems);
        inputs.problems.extend(type_warnings);
        let (keeps, old_objects) = (!inputs.rules.is_empty(), HashMap::new());
        let fixes = match options.fixing {
            Fixing::Nothing => HashMap::new(),
            Fixing::Offer | Fixing::Apply => std::mem::take(&mut inputs.fixes),
        };
        let names = inputs.policies.iter().map(|policy| policy.name.clone());
        let policies = if options.decisions { names.collect() } else { Vec::new() };
        let mut checker = Checker {
            policies,
            options,
            engine,
            kinds,
            custom,
            pod_security,
            old_objects,
            keeps,
            broken,
            fixes,
            waivers: waivers.clone(),
        };
        checker.read_old_objects(&mut inputs.problems);
        checker
    }

    fn read_old_objects(&mut self, problems: &mut Vec<Diagnostic>) {
        let (files, told) = files::find(&self.options.old_objects, self.options.hidden);
        let mut old = Inputs { problems: told, ..Inputs::default() };
        for file in &files {
            old.add(file, Role::Check);
        }
        problems.extend(old.problems);
        for document in old.resources {
            let Ok(document) = self.existing(document, problems) else { continue };
            let identity = identity(&self.request(Some(document.object.clone()), None));
            self.old_objects.insert(identity, document);
        }
    }

    /// Checks what a piece of a file holds.
    pub(super) fn check(&self, worker: &mut Worker, (input, piece): (&Input, Piece)) -> Checked {
        let mut checked = Checked::default();
        let documents = piece.documents(&input.name);
        let alone = documents.len() == 1;
        for (number, document) in documents.into_iter().enumerate() {
            match document.map_err(advised) {
                // These were taken up with the context.
                Ok(document) if is_registration(&document) => {}
                Ok(document) => match no_object(&document, input.named) {
                    Some(problem) => checked.problems.push(problem),
                    None => {
                        let place = Place { source: Arc::clone(&document.source), number, alone };
                        let mut of = self.check_object(worker, document);
                        if self.can_mend(&of) {
                            match self.options.fixing {
                                Fixing::Nothing => {}
                                Fixing::Offer => self.offer(worker, &place, &mut of),
                                Fixing::Apply => self.apply(worker, &place, &mut of, &mut checked.rewritten),
                            }
                        }
                        checked.objects.push(of);
                    }
                },
                Err(problem) => checked.problems.push(problem),
            }
        }
        checked
    }

    /// What is to be said once there is an object.
    pub(super) fn of_all_objects(&self) -> Option<Diagnostic> {
        let unknown = self.options.view == View::Admitted && self.engine.scheme().is_none();
        unknown.then(|| without_tables(self.options.kubernetes_version, Severity::Warning))
    }

    pub(super) fn check_object(&self, worker: &mut Worker, document: Document) -> CheckedObject {
        let written = self.options.keep_objects.then(|| document.clone());
        let waivers =
            if self.options.waivers.annotations { Annotated::of(&document) } else { Annotated::default() };
        self.checked(worker, document, CheckedObject { written, waivers, ..CheckedObject::default() })
    }

    /// What is found, without what is to be told of it.
    pub(super) fn verdict(&self, worker: &mut Worker, document: Document) -> Verdict {
        let of = CheckedObject { keys: Some(HashSet::new()), ..CheckedObject::default() };
        Verdict::of(&self.checked(worker, document, of))
    }

    fn checked(&self, worker: &mut Worker, document: Document, mut of: CheckedObject) -> CheckedObject {
        self.check_rules(&document, &mut of);
        // A refused object never comes before a policy.
        if let Ok(seen) = self.seen(document, &mut of.problems) {
            self.check_seen(seen, worker, &mut of);
        }
        of
    }

    fn check_seen(&self, Seen { document, view }: Seen, worker: &mut Worker, of: &mut CheckedObject) {
        let before = of.findings.len();
        let (request, source) = self.request_for(document);
        if request.operation != Operation::Delete {
            let object = object_name(&request);
            let (mut refused, findings) =
                self.custom.check(&request, (view, &source), &object, self.engine.scheme());
            of.findings.extend(findings);
            if let (View::Admitted, Some(new)) = (view, &request.object) {
                let errors = self.engine.validate(new, request.old_object.as_ref());
                refused.extend(errors.iter().map(|error| refused_field(error, &object, &source)));
            }
            if !refused.is_empty() {
                of.problems.extend(refused);
                return about(&mut of.findings, before, &request);
            }
        }
        let report = self.engine.evaluate_with(&mut worker.scratch, &request);
        let first = of.findings.len();
        for decision in &report.decisions {
            if !worker.used.contains(&decision.policy) {
                worker.used.insert(Arc::clone(&decision.policy));
            }
            if decision.action == Action::Deny && !self.is_known(decision) {
                match &mut of.keys {
                    Some(keys) => drop(keys.insert(key_of(decision))),
                    None => of.findings.push(self.finding(&request, decision, &source, view)),
                }
            }
        }
        if self.options.decisions && of.keys.is_none() {
            of.decided = Some(self.decided(&request, report, &source, first));
        }
        of.findings.extend(self.pod_security.check(&request, &source, view, &object_name(&request)));
        about(&mut of.findings, before, &request);
        let stays = matches!(request.operation, Operation::Create | Operation::Update);
        if stays && self.keeps && of.keys.is_none() {
            of.kept = Kept::new(request, source, view, true);
        }
    }

    /// An object that is there for others, for rules about several.
    pub(super) fn keep(&self, document: Document, problems: &mut Vec<Diagnostic>) -> Option<Kept> {
        let source = Arc::clone(&document.source);
        let document = self.existing(document, problems).ok()?;
        Kept::new(self.request(Some(document.object), None), source, self.options.view, false)
    }

    /// The form that an object has which is there already.
    fn existing(&self, document: Document, problems: &mut Vec<Diagnostic>) -> Result<Document, Refused> {
        if self.options.view == View::Written {
            return Ok(document);
        }
        let (scheme, namespace) = (self.engine.scheme(), &self.options.namespace);
        Ok(Seen::existing(scheme, &self.custom, document, namespace, problems)?.document)
    }

    /// The form of an object that policies see.
    fn seen(&self, document: Document, problems: &mut Vec<Diagnostic>) -> Result<Seen, Refused> {
        if self.options.view == View::Written {
            return Ok(Seen { document, view: View::Written });
        }
        let replaces = matches!(self.options.operation, None | Some(Operation::Update));
        let old = if replaces && !self.old_objects.is_empty() {
            let written = self.request(Some(document.object.clone()), None);
            self.old_objects.get(&identity(&written)).map(|old| &old.object)
        } else {
            None
        };
        let (engine, custom) = (&self.engine, &self.custom);
        Seen::admit(engine, custom, document, &self.options.namespace, old, problems)
    }

    /// The rules of a CustomResourceDefinition, which the API server compiles when it is created.
    fn check_rules(&self, document: &Document, of: &mut CheckedObject) {
        if self.options.operation != Some(Operation::Delete)
            && CustomResourceDefinition::is_definition(document)
        {
            let request = self.request(Some(document.object.clone()), None);
            let found = check_definition(document, self.options.kubernetes_version, &object_name(&request));
            of.findings.extend(found);
            about(&mut of.findings, 0, &request);
        }
    }

    /// Whether a decision only repeats what was said about the policy when it was loaded.
    fn is_known(&self, decision: &PolicyDecision) -> bool {
        decision.evaluation == PolicyEvaluation::Error
            && self.broken.contains(&*decision.policy)
            && (decision.message.contains("compilation error:")
                || decision.message.contains("fails to compile"))
    }

    /// What every policy made of an object, whose findings are those from a number on.
    fn decided(&self, request: &Request, report: &Report, source: &Source, first: usize) -> DecidedObject {
        let shown = request.object.as_ref().or(request.old_object.as_ref());
        let start = shown.map(|object| object.root().span().start).unwrap_or_default();
        let place = (source, source.line_column(start).0);
        let policies = self.policies.iter().map(String::as_str);
        let mut decided = DecidedObject::new(object_name(request), place, report, policies);
        let mut findings = first..;
        for decision in &report.decisions {
            let is_finding = decision.action == Action::Deny && !self.is_known(decision);
            let finding = if is_finding { findings.next() } else { None };
            let explained = self.options.explain && finding.is_none();
            let explanation = if explained { self.explain(request, decision) } else { Vec::new() };
            let expression = self.validation(decision).as_ref().map(ExpressionPlace::from);
            decided.add(Decided { decision: decision.clone(), finding, expression, explanation });
        }
        decided
    }

    fn finding(
        &self,
        request: &Request,
        decision: &PolicyDecision,
        source: &Arc<Source>,
        view: View,
    ) -> Finding {
        let (place, path, defaulted) = self.place(request, decision, source);
        let explanation = if self.options.explain { self.explain(request, decision) } else { Vec::new() };
        let actions = self.engine.validation_actions(&decision.policy, &decision.binding);
        let action = match () {
            // Problems of configuration and of audit annotations deny whatever the binding says.
            () if decision.index.is_none() && decision.evaluation != PolicyEvaluation::Deny => {
                FindingAction::Deny
            }
            () if actions.contains(&ValidationAction::Deny) => FindingAction::Deny,
            () if actions.contains(&ValidationAction::Warn) => FindingAction::Warn,
            () => FindingAction::Audit,
        };
        Finding {
            policy: Arc::clone(&decision.policy),
            binding: Arc::clone(&decision.binding),
            param: Arc::clone(&decision.param),
            index: decision.index,
            action,
            failed: decision.evaluation != PolicyEvaluation::Deny,
            message: decision.message.clone(),
            reason: Arc::clone(&decision.reason),
            object: object_name(request),
            subject: Arc::default(),
            place,
            path,
            view: Some(view),
            defaulted,
            validation: self.validation(decision),
            explanation,
            related: Vec::new(),
            fingerprint: String::new(),
            suppression: None,
            mending: None,
        }
    }

    fn validation(&self, decision: &PolicyDecision) -> Option<Validation> {
        let (source, expression, span) = self.engine.validation(&decision.policy, decision.index?)?;
        Some(Validation { expression: expression.trim().into(), source: Arc::clone(source), span })
    }

    /// The value at fault, its path and what it was defaulted to, or the object.
    fn place(
        &self,
        request: &Request,
        decision: &PolicyDecision,
        source: &Arc<Source>,
    ) -> (Label, String, Option<String>) {
        let label = |span| Label { source: Arc::clone(source), span, text: String::new() };
        if let Some(fault) = self.engine.fault(request, decision) {
            let Fault { path, key, value, defaulted } = fault;
            return (place_of(key, value, source), path, defaulted);
        }
        let shown = request.object.as_ref().or(request.old_object.as_ref());
        (label(shown.map(|object| object.root().span()).unwrap_or_default()), String::new(), None)
    }

    /// The parts of an expression and what they were when it was decided: in a loop, the last time.
    fn explain(&self, request: &Request, decision: &PolicyDecision) -> Vec<Step> {
        let validation = decision.index.and_then(|index| self.engine.validation(&decision.policy, index));
        let Some((_, expression, _)) = validation else { return Vec::new() };
        let mut steps: Vec<(Span, Step)> = Vec::new();
        for step in self.engine.explain(request, decision) {
            let part = expression.get(step.span.start as usize..step.span.end as usize).unwrap_or_default();
            steps.retain(|(span, _)| *span != step.span);
            if !part.is_empty() {
                steps.push((step.span, Step { expression: part.to_owned(), value: step.value }));
            }
        }
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// The request that puts an object into a cluster, or takes it away, and the text of the object that is shown.
    fn request_for(&self, document: Document) -> (Request, Arc<Source>) {
        let Document { mut source, object } = document;
        let mut request = self.request(Some(object), None);
        let old = self.old_objects.get(&identity(&request));
        if let (Some(Operation::Delete), Some(old)) = (self.options.operation, old) {
            source = Arc::clone(&old.source);
        }
        let old = old.map(|old| old.object.clone());
        operate(&mut request, self.options.operation, old);
        (request, source)
    }

    fn request(&self, object: Option<Object>, old_object: Option<Object>) -> Request {
        let mut request = Request::derive(object, old_object);
        self.kinds.correct(&mut request, &self.options.namespace);
        request.user_info = self.options.user.clone();
        request
    }
}

fn key_of(decision: &PolicyDecision) -> Key {
    let PolicyDecision { policy, binding, param, index, .. } = decision;
    (Arc::clone(policy), Arc::clone(binding), Arc::clone(param), *index)
}

/// Says of the findings from one on what object they are about.
fn about(findings: &mut [Finding], from: usize, request: &Request) {
    let found = findings.get_mut(from..).unwrap_or_default();
    if !found.is_empty() {
        let subject = Arc::new(Subject::of(request));
        let shown = request.object.as_ref().or(request.old_object.as_ref());
        for finding in found {
            finding.subject = Arc::clone(&subject);
            finding.fingerprint = fingerprint(finding, shown);
        }
    }
}

fn identity(request: &Request) -> Identity {
    Identity {
        group: request.kind.group.clone(),
        kind: request.kind.kind.clone(),
        namespace: request.namespace.clone(),
        name: request.name.clone(),
    }
}

fn object_name(request: &Request) -> String {
    let shown = request.object.as_ref().or(request.old_object.as_ref());
    let metadata = shown.and_then(|object| object.root().field("metadata"));
    let generated = || metadata?.field("generateName")?.as_str().map(|prefix| format!("{prefix}…"));
    let name = match request.name.as_str() {
        "" => generated().unwrap_or_else(|| "(unnamed)".to_owned()),
        name => name.to_owned(),
    };
    match request.namespace.as_str() {
        namespace if namespace.is_empty() || request.kind.kind == "Namespace" => {
            format!("{} {name}", request.kind.kind)
        }
        namespace => format!("{} {namespace}/{name}", request.kind.kind),
    }
}
