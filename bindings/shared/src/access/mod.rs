//! Who may do what, by the roles and bindings among files.

mod render;
mod resource;

use crate::files;
use crate::inputs::{Inputs, Role};
use crate::kinds::CustomKinds;
use kordon::admission::Request;
use kordon::analysis::Cluster;
use kordon::analysis::rbac::{Access, Subject, built_in_roles};
use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User};
use kordon::cel::environment::Version;
use kordon::document::{Document, Object};
use kordon::{Diagnostic, Label, Severity};
use std::path::PathBuf;

pub use render::{render_json, render_text};
pub use resource::Asked;

/// What is asked, of which files.
#[derive(Clone, Debug)]
pub struct AccessOptions {
    pub verb: String,
    /// A type, `TYPE/NAME`, or a path such as `/healthz`.
    pub what: String,
    pub subresource: String,
    /// Where it is to be done.
    pub namespace: String,
    /// RoleBindings of every namespace count for who can, and only what is allowed in all of them for whether one can.
    pub all_namespaces: bool,
    pub files: Vec<PathBuf>,
    pub kubernetes_version: Version,
    pub hidden: bool,
}

/// Who may do it.
#[derive(Clone, Debug)]
pub struct WhoCan {
    pub asked: Asked,
    /// In the order of subjects.
    pub allowed: Vec<AllowedSubject>,
    pub problems: Vec<Diagnostic>,
}

/// A subject, and by what it is allowed to.
#[derive(Clone, Debug)]
pub struct AllowedSubject {
    pub subject: Subject,
    /// As `RoleBinding shop/readers`.
    pub binding: String,
    /// As `ClusterRole view`.
    pub role: String,
    /// `None` for all namespaces.
    pub namespace: Option<String>,
    /// The rule, or the subject of the binding of a rule that is built in.
    pub place: Label,
}

/// Whether somebody may do it, and why.
#[derive(Clone, Debug)]
pub struct CanI {
    pub allowed: bool,
    /// In the words of the API server.
    pub reason: String,
    pub problems: Vec<Diagnostic>,
}

/// An object with the namespace that it is in.
struct Placed {
    document: Document,
    namespace: String,
}

/// Finds all subjects that may do something.
pub fn who_can(options: &AccessOptions) -> WhoCan {
    let (objects, mut problems) = read(options);
    let asked = Asked::read(options, objects.iter().map(|placed| &placed.document.object), &mut problems);
    let members = objects.iter().map(|placed| (&placed.document.object, placed.namespace.as_str(), true));
    let cluster = Cluster::new(members);
    let access = Access::new(&cluster);
    let counts = |namespace: &str| {
        options.all_namespaces && asked.namespaced || asked.namespace().is_some_and(|own| own == namespace)
    };
    let found = access.who_can(&asked.verb, asked.target(), counts);
    let allowed = found.into_iter().filter_map(|allowed| {
        let (member, node) = allowed.place;
        let source = objects.get(member)?.document.source.clone();
        Some(AllowedSubject {
            subject: allowed.subject,
            binding: cluster.members().get(allowed.binding)?.title(),
            role: allowed.role,
            namespace: allowed.namespace.map(str::to_owned),
            place: Label { source, span: node.span(), text: String::new() },
        })
    });
    let allowed = allowed.collect();
    WhoCan { asked, allowed, problems }
}

/// Asks for one user.
pub fn can_i(options: &AccessOptions, user: &str, groups: &[String]) -> CanI {
    let (objects, mut problems) = read(options);
    let asked = Asked::read(options, objects.iter().map(|placed| &placed.document.object), &mut problems);
    let built_in = built_in_roles();
    // Of roles with one name the last counts.
    let of_input = objects.iter().map(|placed| &placed.document.object);
    let all: Vec<&Object> = built_in.iter().chain(of_input).filter(|object| Rbac::is_rbac(object)).collect();
    let rbac = Rbac::aggregated(all);
    let of_account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    let of_account = of_account.map(|(namespace, _)| {
        ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]
    });
    let of_account: Vec<String> = of_account.into_iter().flatten().collect();
    let groups: Vec<&str> = groups.iter().chain(&of_account).map(String::as_str).collect();
    let user = User { name: user, groups: &groups };
    let answer = rbac.authorize(&Attributes { user, verb: &asked.verb, target: asked.target() });
    CanI { allowed: answer.decision == Decision::Allow, reason: answer.reason, problems }
}

impl WhoCan {
    /// Whether anything was wrong with the files.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.problems)
    }
}

impl CanI {
    /// Whether anything was wrong with the files.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.problems)
    }
}

fn has_errors(problems: &[Diagnostic]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// The objects of the files. Roles and bindings have no defaults, so they are taken as written.
fn read(options: &AccessOptions) -> (Vec<Placed>, Vec<Diagnostic>) {
    let (found, problems) = files::find(&options.files, options.hidden);
    let mut inputs = Inputs { problems, ..Inputs::default() };
    for file in &found {
        inputs.add(file, Role::Check);
    }
    let mut kinds = CustomKinds::default();
    inputs.resources.iter().for_each(|document| kinds.add(&document.object));
    let placed = inputs.resources.into_iter().map(|document| {
        let mut request = Request::derive(Some(document.object.clone()), None);
        kinds.correct(&mut request, "default");
        Placed { document, namespace: request.namespace }
    });
    (placed.collect(), inputs.problems)
}

impl Asked {
    fn target(&self) -> Target<'_> {
        if self.path.is_empty() {
            Target::Resource {
                group: &self.group,
                resource: &self.resource,
                subresource: &self.subresource,
                namespace: self.namespace().unwrap_or_default(),
                name: &self.name,
            }
        } else {
            Target::Path(&self.path)
        }
    }
}
