//! What the files hold: policies, bindings, and objects that are checked or that others refer to.

use crate::admitted::{Seen, View};
use crate::check::Options;
use crate::cluster::ClusterRule;
use crate::custom::CustomResources;
use crate::files::InputFile;
use crate::fix::Template;
use crate::packs::{Metadata, Selection};
use kordon::admission::{GroupVersionKind, Kinds, Namespaces};
use kordon::authorization::Rbac;
use kordon::document::{Document, Limits, NodeRef, Object, documents};
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kordon::type_checking::TypeChecker;
use kordon::typed::Scheme;
use kordon::{Diagnostic, Engine, Severity};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Everything that was found, in the order of the files.
#[derive(Debug, Default)]
pub struct Inputs {
    pub policies: Vec<ValidatingAdmissionPolicy>,
    pub bindings: Vec<ValidatingAdmissionPolicyBinding>,
    /// Rules about several objects that are to be held.
    pub rules: Vec<ClusterRule>,
    /// Objects to check; where they are checked one after the other, only those that others may refer to.
    pub resources: Vec<Document>,
    /// Objects among the policies: not checked, but params, namespaces, roles and custom kinds for what is.
    pub context: Vec<Document>,
    pub problems: Vec<Diagnostic>,
    /// How many files were read.
    pub files: usize,
    /// Which policies count.
    pub selection: Selection,
    /// What the labels of policies say of them.
    pub metadata: BTreeMap<String, Metadata>,
    /// How policies mend what they find.
    pub(crate) fixes: HashMap<String, Template>,
    /// Policies that do not.
    pub(crate) left_out: HashSet<String>,
}

/// What a file was named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// With `--policy`.
    Policy,
    /// Of a pack: what a user has of the same name takes its place.
    Pack,
    /// As a file to check.
    Check,
}

impl Inputs {
    /// Adds what a file holds. A document that cannot be used is a problem; the others count.
    pub fn add(&mut self, file: &InputFile, role: Role) {
        match file.read() {
            Ok(bytes) => self.add_bytes(&file.name, &bytes, file.named, role),
            Err(problem) => {
                self.files += 1;
                self.problems.push(problem);
            }
        }
    }

    /// Adds what a text holds; `named` says that it was not merely found in a folder.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8], named: bool, role: Role) {
        self.files += 1;
        for document in documents(name, bytes, &Limits::default()) {
            match document {
                Ok(document) => self.classify(document, named, role),
                Err(problem) => self.problems.push(advised(problem)),
            }
        }
    }

    /// All objects that others may refer to.
    pub fn objects(&self) -> impl Iterator<Item = &Document> {
        self.context.iter().chain(&self.resources)
    }

    /// The engine for what was found. What does not compile is a problem, and acts by its policy's failurePolicy; other
    /// problems are of params and namespaces that the API server would refuse, which are then not there.
    pub(crate) fn engine(
        &self,
        options: &Options,
        custom: &CustomResources,
    ) -> (Engine, Vec<Diagnostic>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let param_kinds: HashSet<&GroupVersionKind> =
            self.policies.iter().filter_map(|policy| policy.param_kind.as_ref()).collect();
        let namespace = GroupVersionKind::new("", "v1", "Namespace");
        let mut kinds = self.objects().map(|document| kind_of(&document.object));
        let is_used = kinds.any(|kind| kind == namespace || param_kinds.contains(&kind));
        let scheme = (is_used && options.view == View::Admitted)
            .then(|| Scheme::for_version(options.kubernetes_version.minor))
            .flatten();
        let existing = Existing { inputs: self, options, custom, scheme: scheme.as_ref() };
        let namespaces = existing.of(&|kind| *kind == namespace, &mut problems);
        let params = existing.of(&|kind| param_kinds.contains(kind), &mut problems);
        let roles: Vec<&Object> =
            self.objects().map(|document| &document.object).filter(|object| Rbac::is_rbac(object)).collect();
        let mut builder = Engine::builder()
            .kubernetes_version(options.kubernetes_version)
            .policies(self.policies.iter().cloned())
            .bindings(self.bindings.iter().cloned())
            .require_bindings(options.require_bindings)
            .params(params)
            .namespaces(Namespaces::new(namespaces))
            .kinds(Kinds::new(self.objects().map(|document| &document.object)));
        if let Some(scheme) = scheme {
            builder = builder.scheme(scheme);
        }
        if !roles.is_empty() {
            builder = builder.authorizer(Arc::new(Rbac::aggregated(roles)));
        }
        let (engine, of_policies) = builder.build();
        (engine, of_policies, problems)
    }

    /// What the type checker says of the policies of an engine, with the custom kinds among the objects.
    pub(crate) fn type_warnings(&self, options: &Options, engine: &Engine) -> Vec<Diagnostic> {
        if self.policies.is_empty() {
            return Vec::new();
        }
        let objects = self.objects().map(|document| &document.object);
        let schemas = engine.scheme().map(|scheme| Arc::clone(scheme.schemas()));
        let checker = TypeChecker::of(options.kubernetes_version, schemas).custom_kinds(objects);
        self.policies.iter().flat_map(|policy| checker.diagnose(policy)).collect()
    }

    /// Reports bindings of policies that are not there: they do nothing, and may well be misspelt.
    pub fn unknown_policies(&mut self) {
        let left_out = &self.left_out;
        self.bindings.retain(|binding| !left_out.contains(&binding.policy_name));
        for binding in &self.bindings {
            if !self.policies.iter().any(|policy| policy.name == binding.policy_name) {
                let message = format!(
                    "binding `{}` is of policy `{}`, which is not among the inputs",
                    binding.name, binding.policy_name
                );
                let problem = Diagnostic::error("unknown-policy", message);
                self.problems.push(problem.at(&binding.source, binding.span));
            }
        }
    }

    pub(crate) fn classify(&mut self, document: Document, named: bool, role: Role) {
        let root = document.object.root();
        let field = |name: &str| root.field(name).and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let (version, kind) = (field("apiVersion"), field("kind"));
        let group = version.split_once('/').map_or("", |(group, _)| group);
        if let Some(problem) = no_object(&document, named) {
            return self.problems.push(problem);
        }
        if ValidatingAdmissionPolicy::is_policy(&document) {
            let metadata = Metadata::of(&document.object);
            match ValidatingAdmissionPolicy::from_document(&document) {
                Ok(policy) if !self.selection.takes(&metadata) => {
                    self.left_out.insert(policy.name);
                }
                Ok(policy) => {
                    match Template::of(&document).transpose() {
                        Ok(template) => {
                            let template = template.map(|template| (policy.name.clone(), template));
                            template.into_iter().for_each(|(name, template)| {
                                self.fixes.entry(name).or_insert(template);
                            });
                        }
                        Err(problem) => self.problems.push(problem),
                    }
                    self.metadata.entry(policy.name.clone()).or_insert(metadata);
                    self.add_policy(policy, role);
                }
                Err(problems) => self.problems.extend(problems),
            }
        } else if ValidatingAdmissionPolicyBinding::is_binding(&document) {
            match ValidatingAdmissionPolicyBinding::from_document(&document) {
                Ok(binding) => self.add_binding(binding, role),
                Err(problems) => self.problems.extend(problems),
            }
        } else if ClusterRule::is_rule(&document.object) {
            let metadata = Metadata::of(&document.object);
            match ClusterRule::from_document(&document) {
                Ok(_) if !self.selection.takes(&metadata) => {}
                Ok(rule) => {
                    self.metadata.entry(rule.name.clone()).or_insert(metadata);
                    self.add_rule(rule, role);
                }
                Err(problem) => self.problems.push(problem),
            }
        } else if role == Role::Policy && is_foreign_policy(group, &kind) {
            let message =
                format!("{kind} of {version} is no ValidatingAdmissionPolicy: kordon does not decide it");
            self.problems
                .push(Diagnostic::error("foreign-policy", message).at(&document.source, root.span()));
        } else if role == Role::Pack {
            if !self.objects().any(|other| is_same(&other.object, &document.object)) {
                self.context.push(document);
            }
        } else if role == Role::Policy {
            self.context.push(document);
        } else {
            self.resources.push(document);
        }
    }

    fn add_policy(&mut self, policy: ValidatingAdmissionPolicy, role: Role) {
        match self.policies.iter().find(|other| other.name == policy.name) {
            Some(_) if role == Role::Pack => {}
            Some(other) => {
                let message = format!("policy `{}` was given twice", policy.name);
                let problem = Diagnostic::error("duplicate-policy", message).at(&policy.source, policy.span);
                self.problems.push(problem.labelled(&other.source, other.span, "first here"));
            }
            None => self.policies.push(policy),
        }
    }

    fn add_rule(&mut self, rule: ClusterRule, role: Role) {
        match self.rules.iter().find(|other| other.name == rule.name) {
            Some(_) if role == Role::Pack => {}
            Some(other) => {
                let message = format!("rule `{}` was given twice", rule.name);
                let problem = Diagnostic::error("duplicate-policy", message).at(&rule.source, rule.span);
                self.problems.push(problem.labelled(&other.source, other.span, "first here"));
            }
            None => self.rules.push(rule),
        }
    }

    fn add_binding(&mut self, binding: ValidatingAdmissionPolicyBinding, role: Role) {
        match self.bindings.iter().find(|other| other.name == binding.name) {
            Some(_) if role == Role::Pack => {}
            Some(other) => {
                let message = format!("binding `{}` was given twice", binding.name);
                let problem =
                    Diagnostic::error("duplicate-binding", message).at(&binding.source, binding.span);
                self.problems.push(problem.labelled(&other.source, other.span, "first here"));
            }
            None => self.bindings.push(binding),
        }
    }
}

/// Objects that are in the cluster already, as the API server has them when it asks policies.
struct Existing<'i> {
    inputs: &'i Inputs,
    options: &'i Options,
    custom: &'i CustomResources,
    /// None when objects are seen as they were written.
    scheme: Option<&'i Scheme>,
}

impl Existing<'_> {
    /// Those of some kinds. What is refused among the objects to check is told there.
    fn of(&self, is: &dyn Fn(&GroupVersionKind) -> bool, problems: &mut Vec<Diagnostic>) -> Vec<Object> {
        let mut told = Vec::new();
        let (context, resources) = (&self.inputs.context, &self.inputs.resources);
        let mut found = Vec::new();
        for (documents, problems) in [(context, problems), (resources, &mut told)] {
            for document in documents.iter().filter(|document| is(&kind_of(&document.object))) {
                if self.options.view == View::Written {
                    found.push(document.object.clone());
                    continue;
                }
                let (namespace, custom) = (&self.options.namespace, self.custom);
                let seen = Seen::existing(self.scheme, custom, document.clone(), namespace, problems);
                found.extend(seen.map(|seen| seen.document.object));
            }
        }
        found
    }
}

/// Folders hold other YAML and JSON too. In a file that was named, or with half of what makes an object, it is an error.
pub(crate) fn no_object(document: &Document, in_named: bool) -> Option<Diagnostic> {
    let root = document.object.root();
    let (version, kind) = (root.field("apiVersion"), root.field("kind"));
    let named =
        |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).is_some_and(|name| !name.is_empty());
    let missing = match (version, kind) {
        _ if named(version) && named(kind) => return None,
        _ if root.as_map().is_none() => "the document is no map",
        (None, None) => "no `apiVersion` and no `kind`",
        (None, Some(_)) => "no `apiVersion`",
        (Some(_), None) => "no `kind`",
        (Some(_), Some(_)) => "`apiVersion` and `kind` must be strings that are not empty",
    };
    let half = version.is_some() != kind.is_some();
    let message = format!("not a Kubernetes object: {missing}");
    let problem = if half || in_named {
        Diagnostic::error("no-object", message)
    } else {
        Diagnostic::new(Severity::Note, "no-object", message)
    };
    Some(problem.at(&document.source, root.span()))
}

pub(crate) fn kind_of(object: &Object) -> GroupVersionKind {
    let field = |name: &str| object.root().field(name).and_then(NodeRef::as_str).unwrap_or_default();
    GroupVersionKind::from_api_version(field("apiVersion"), field("kind"))
}

/// Whether two objects are one in a cluster.
fn is_same(one: &Object, other: &Object) -> bool {
    let metadata = |object: &Object, field: &str| -> String {
        let field = object.root().field("metadata").and_then(|metadata| metadata.field(field));
        field.and_then(NodeRef::as_str).unwrap_or_default().to_owned()
    };
    kind_of(one) == kind_of(other)
        && ["namespace", "name"].into_iter().all(|field| metadata(one, field) == metadata(other, field))
}

/// Policies of others, which would otherwise be passed over in silence.
fn is_foreign_policy(group: &str, kind: &str) -> bool {
    group == "kyverno.io"
        || group.ends_with(".kyverno.io")
        || group.ends_with(".gatekeeper.sh")
        || (group == "admissionregistration.k8s.io" && kind.starts_with("MutatingAdmissionPolicy"))
}

/// Adds the advice that a text full of template actions needs.
pub(crate) fn advised(problem: Diagnostic) -> Diagnostic {
    let templated = problem.labels.first().is_some_and(|label| label.source.text.contains("{{"));
    match (&problem.help, templated) {
        (None, true) => {
            problem.help("this looks like a Helm template: check what `helm template` prints instead")
        }
        _ => problem,
    }
}
