//! `check`: every object among the inputs against every policy among them.

use crate::admitted::{Refused, Seen, View, without_tables};
use crate::api::{Text, operate};
use crate::custom::{CustomResources, check_definition};
use crate::files::{self, InputFile};
use crate::finding::{Finding, FindingAction, Step, Validation, place_of};
use crate::inputs::{Inputs, Role};
use crate::kinds::CustomKinds;
use crate::packs::{self, Selection};
use crate::pod_security::PodSecurityCheck;
use kordon::admission::{Operation, Request};
use kordon::authorization::UserInfo;
use kordon::cel::environment::Version;
use kordon::crd::CustomResourceDefinition;
use kordon::document::{Document, Object};
use kordon::pod_security::LevelVersion;
use kordon::policy::{ValidatingAdmissionPolicy, ValidationAction};
use kordon::report::{Action, PolicyDecision, PolicyEvaluation};
use kordon::{Diagnostic, Engine, Fault, Label, Scratch, Severity, Source, Span};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many policies that matched nothing are told one by one.
const MOST_UNUSED: usize = 3;

/// What to check, and as what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders with policies, their bindings and params; `pack:NAME` is a pack, see [`crate::packs::find`].
    pub policies: Vec<PathBuf>,
    /// Which of the policies count.
    pub selection: Selection,
    /// Files and folders to check; policies among them count too.
    pub files: Vec<PathBuf>,
    /// The same in memory, read after those.
    pub texts: Vec<(Text, Role)>,
    /// Files with the objects as they are before the request.
    pub old_objects: Vec<PathBuf>,
    /// `None`: UPDATE for an object with an old one, else CREATE.
    pub operation: Option<Operation>,
    pub user: UserInfo,
    pub kubernetes_version: Version,
    /// For namespaced objects that name none.
    pub namespace: String,
    /// Policies without a binding do nothing, as in a cluster.
    pub require_bindings: bool,
    /// Also search files and folders whose name begins with a dot.
    pub hidden: bool,
    /// Explain findings by the values of the parts of their expression.
    pub explain: bool,
    /// What policies see of objects whose kind is built in.
    pub view: View,
    /// The level of the Pod Security Standards that all pods must meet; `None` for what their namespaces ask for.
    pub pod_security: Option<LevelVersion>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            policies: Vec::new(),
            selection: Selection::default(),
            files: Vec::new(),
            texts: Vec::new(),
            old_objects: Vec::new(),
            operation: None,
            user: UserInfo::default(),
            kubernetes_version: Version::default(),
            namespace: "default".to_owned(),
            require_bindings: false,
            hidden: false,
            explain: false,
            view: View::default(),
            pod_security: None,
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order of the objects in their files, then of the policies.
    pub findings: Vec<Finding>,
    /// What is wrong with files, policies and bindings, or deserves to be known about them.
    pub problems: Vec<Diagnostic>,
    pub summary: Summary,
}

/// Counts of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub files: usize,
    pub policies: usize,
    /// Objects that were checked.
    pub objects: usize,
    /// Objects with at least one finding.
    pub objects_with_findings: usize,
    pub findings: usize,
    pub errors: usize,
    pub warnings: usize,
}

/// What a check does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files are read.
    Reading,
    /// Objects are checked.
    Checking,
}

/// Is told how many of how many files or objects are done.
pub type Progress<'p> = &'p mut dyn FnMut(Stage, usize, usize);

impl Outcome {
    /// Whether anything was wrong with the inputs.
    pub fn has_errors(&self) -> bool {
        self.summary.errors > 0
    }
}

/// Checks. Never fails as a whole: what is wrong is among the problems, and the rest is checked.
pub fn check(options: &Options, progress: Progress<'_>) -> Outcome {
    let mut inputs = Inputs { selection: options.selection.clone(), ..Inputs::default() };
    let found = find_files(options, &mut inputs.problems);
    for (done, (file, role)) in found.iter().enumerate() {
        progress(Stage::Reading, done, found.len());
        inputs.add(file, *role);
    }
    for (text, role) in &options.texts {
        inputs.add_bytes(&text.name, &text.bytes, true, *role);
    }
    let mut run = Run::new(options, inputs);
    run.check_all(progress);
    run.outcome()
}

/// Policies, what is checked, and at last packs, since they give way to what else there is.
pub(crate) fn find_files(options: &Options, problems: &mut Vec<Diagnostic>) -> Vec<(InputFile, Role)> {
    let is_pack = |path: &&PathBuf| packs::named_by(path).is_some();
    let (names, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = options.policies.iter().partition(is_pack);
    let paths: Vec<PathBuf> = paths.into_iter().cloned().collect();
    let mut found = Vec::new();
    let policies = files::find_policies(&paths, options.hidden);
    let checked = files::find(&options.files, options.hidden);
    for ((files, told), role) in [(policies, Role::Policy), (checked, Role::Check)] {
        problems.extend(told);
        found.extend(files.into_iter().map(|file| (file, role)));
    }
    let mut seen = HashSet::new();
    for name in names.into_iter().filter_map(|path| packs::named_by(path)) {
        match packs::find(name) {
            Ok(policies) => {
                let new = policies.iter().filter(|policy| seen.insert(policy.name));
                found.extend(new.map(|policy| (policy.file(), Role::Pack)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    found
}

struct Run<'o> {
    options: &'o Options,
    engine: Engine,
    kinds: CustomKinds,
    custom: CustomResources,
    pod_security: PodSecurityCheck,
    resources: Vec<Document>,
    old_objects: HashMap<Identity, Document>,
    /// Policies of which something does not compile.
    broken: HashSet<String>,
    /// Policies that a binding names.
    bound: HashSet<String>,
    /// Policies that have decided something.
    used: HashSet<Arc<str>>,
    policies: Vec<ValidatingAdmissionPolicy>,
    findings: Vec<Finding>,
    problems: Vec<Diagnostic>,
    summary: Summary,
}

/// What two versions of one object have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Identity {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

impl<'o> Run<'o> {
    fn new(options: &'o Options, mut inputs: Inputs) -> Run<'o> {
        let (mut kinds, mut custom) = (CustomKinds::default(), CustomResources::default());
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
        let type_warnings = inputs.type_warnings(options);
        let mut problems = inputs.problems;
        problems.extend(compile_problems);
        problems.extend(object_problems);
        problems.extend(type_warnings);
        let summary = Summary {
            files: inputs.files,
            policies: inputs.policies.len(),
            objects: inputs.resources.len(),
            ..Summary::default()
        };
        let mut run = Run {
            options,
            engine,
            kinds,
            custom,
            pod_security,
            resources: inputs.resources,
            old_objects: HashMap::new(),
            broken,
            bound: inputs.bindings.into_iter().map(|binding| binding.policy_name).collect(),
            used: HashSet::new(),
            policies: inputs.policies,
            findings: Vec::new(),
            problems,
            summary,
        };
        run.read_old_objects();
        run
    }

    fn read_old_objects(&mut self) {
        let (files, problems) = files::find(&self.options.old_objects, self.options.hidden);
        let mut old = Inputs { problems, ..Inputs::default() };
        for file in &files {
            old.add(file, Role::Check);
        }
        self.problems.extend(old.problems);
        for document in old.resources {
            let Ok(document) = self.existing(document) else { continue };
            let identity = identity(&self.request(Some(document.object.clone()), None));
            self.old_objects.insert(identity, document);
        }
    }

    fn check_all(&mut self, progress: Progress<'_>) {
        let resources = std::mem::take(&mut self.resources);
        let total = resources.len();
        if self.options.view == View::Admitted && total > 0 && self.engine.scheme().is_none() {
            self.problems.push(without_tables(self.options.kubernetes_version, Severity::Warning));
        }
        let mut scratch = Scratch::default();
        for (done, document) in resources.into_iter().enumerate() {
            self.check_one(document, &mut scratch);
            progress(Stage::Checking, done + 1, total);
        }
        let asked =
            !self.options.files.is_empty() || self.options.texts.iter().any(|(_, role)| *role == Role::Check);
        if asked && total == 0 {
            let message = "no Kubernetes object to check among the files";
            self.problems.push(Diagnostic::error("no-objects", message));
        }
        if self.policies.is_empty()
            && self.custom.have_no_rules()
            && !self.pod_security.is_active()
            && !self.problems.iter().any(|problem| problem.severity == Severity::Error)
        {
            let help = "name files or folders with ValidatingAdmissionPolicies with `--policy`";
            let problem = Diagnostic::error("no-policies", "no ValidatingAdmissionPolicy among the inputs");
            self.problems.push(problem.help(help));
        }
        if total > 0 {
            self.unused_policies();
        }
    }

    fn check_one(&mut self, document: Document, scratch: &mut Scratch) {
        let before = self.findings.len();
        self.check_rules(&document);
        // A refused object never comes before a policy.
        if let Ok(seen) = self.seen(document) {
            self.check_seen(seen, scratch);
        }
        self.summary.objects_with_findings += usize::from(self.findings.len() > before);
    }

    fn check_seen(&mut self, Seen { document, view }: Seen, scratch: &mut Scratch) {
        let (request, source) = self.request_for(document);
        if request.operation != Operation::Delete {
            let object = object_name(&request);
            let (refused, findings) =
                self.custom.check(&request, (view, &source), &object, self.engine.scheme());
            self.findings.extend(findings);
            if !refused.is_empty() {
                self.problems.extend(refused);
                return;
            }
        }
        let report = self.engine.evaluate_with(scratch, &request);
        for decision in &report.decisions {
            if !self.used.contains(&decision.policy) {
                self.used.insert(Arc::clone(&decision.policy));
            }
            if decision.action == Action::Deny && !self.is_known(decision) {
                self.findings.push(self.finding(&request, decision, &source, view));
            }
        }
        self.findings.extend(self.pod_security.check(&request, &source, view, &object_name(&request)));
    }

    /// The form that an object has which is there already.
    fn existing(&mut self, document: Document) -> Result<Document, Refused> {
        if self.options.view == View::Written {
            return Ok(document);
        }
        let (scheme, namespace) = (self.engine.scheme(), &self.options.namespace);
        let seen = Seen::existing(scheme, &self.custom, document, namespace, &mut self.problems)?;
        Ok(seen.document)
    }

    /// The form of an object that policies see.
    fn seen(&mut self, document: Document) -> Result<Seen, Refused> {
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
        Seen::admit(engine, custom, document, &self.options.namespace, old, &mut self.problems)
    }

    /// The rules of a CustomResourceDefinition, which the API server compiles when it is created.
    fn check_rules(&mut self, document: &Document) {
        if self.options.operation != Some(Operation::Delete)
            && CustomResourceDefinition::is_definition(document)
        {
            let object = object_name(&self.request(Some(document.object.clone()), None));
            self.findings.extend(check_definition(document, self.options.kubernetes_version, &object));
        }
    }

    /// Whether a decision only repeats what was said about the policy when it was loaded.
    fn is_known(&self, decision: &PolicyDecision) -> bool {
        decision.evaluation == PolicyEvaluation::Error
            && self.broken.contains(&*decision.policy)
            && (decision.message.contains("compilation error:")
                || decision.message.contains("fails to compile"))
    }

    fn finding(
        &self,
        request: &Request,
        decision: &PolicyDecision,
        source: &Arc<Source>,
        view: View,
    ) -> Finding {
        let validation = decision.index.and_then(|index| self.engine.validation(&decision.policy, index));
        let (place, path, defaulted) = self.place(request, decision, source);
        let explanation = match validation {
            Some((_, expression, _)) if self.options.explain => self.explain(request, decision, expression),
            _ => Vec::new(),
        };
        let validation = validation.map(|(source, expression, span)| Validation {
            expression: expression.trim().into(),
            source: Arc::clone(source),
            span,
        });
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
            place,
            path,
            view: Some(view),
            defaulted,
            validation,
            explanation,
        }
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
    fn explain(&self, request: &Request, decision: &PolicyDecision, expression: &str) -> Vec<Step> {
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

    /// Says so of policies that a user named. Packs are for whatever there is.
    fn unused_policies(&mut self) {
        let is_mine = |policy: &&ValidatingAdmissionPolicy| {
            !self.used.contains(policy.name.as_str())
                && packs::named_by(Path::new(&*policy.source.name)).is_none()
        };
        let mut unused: Vec<&ValidatingAdmissionPolicy> = self.policies.iter().filter(is_mine).collect();
        let unbound = |policy: &&ValidatingAdmissionPolicy| {
            self.options.require_bindings && !self.bound.contains(&policy.name)
        };
        if unused.len() > MOST_UNUSED && !unused.iter().any(unbound) {
            let rest = unused.split_off(MOST_UNUSED);
            let message = format!("{} more policies matched no object", rest.len());
            let names: Vec<&str> = rest.iter().map(|policy| policy.name.as_str()).collect();
            let problem = Diagnostic::warning("unused-policy", message).help(names.join(", "));
            let place = rest.first().map(|policy| (&policy.source, policy.span));
            self.problems.extend(place.map(|(source, span)| problem.at(source, span)));
        }
        for policy in unused {
            let (name, bound) = (&policy.name, self.bound.contains(&policy.name));
            let (message, help) = if self.options.require_bindings && !bound {
                (
                    format!("policy `{name}` has no binding and does nothing"),
                    "add a ValidatingAdmissionPolicyBinding",
                )
            } else {
                let causes = "see its matchConstraints, matchConditions and bindings";
                (format!("policy `{name}` matched no object"), causes)
            };
            let problem = Diagnostic::warning("unused-policy", message).help(help);
            self.problems.push(problem.at(&policy.source, policy.span));
        }
    }

    fn outcome(self) -> Outcome {
        let count = |severity| self.problems.iter().filter(|problem| problem.severity == severity).count();
        let summary = Summary {
            findings: self.findings.len(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            ..self.summary
        };
        Outcome { findings: self.findings, problems: self.problems, summary }
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
