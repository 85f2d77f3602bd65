//! RBAC: roles and bindings as an authorizer.
//!
//! Source: kubernetes `plugin/pkg/auth/authorizer/rbac` and `pkg/registry/rbac/validation`.

use super::{Answer, Attributes, Authorizer, Decision, Target, User};
use crate::document::{NodeRef, Object};
use crate::labels::{LabelSelector, labels_of};
use std::collections::{BTreeMap, HashMap};

/// Roles and bindings, indexed by who they speak of.
#[derive(Debug, Default)]
pub struct Rbac {
    cluster_roles: BTreeMap<String, Vec<Rule>>,
    /// By namespace and name.
    roles: HashMap<(String, String), Vec<Rule>>,
    /// Cluster-wide ones first, then those of namespaces, each in the order of their names.
    bindings: Vec<Binding>,
    /// Positions in `bindings` by user name, and by group.
    users: HashMap<String, Vec<usize>>,
    groups: HashMap<String, Vec<usize>>,
}

/// rbac.authorization.k8s.io/v1 PolicyRule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    verbs: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    resource_names: Vec<String>,
    non_resource_urls: Vec<String>,
}

#[derive(Debug)]
struct Binding {
    name: String,
    /// `None` for a ClusterRoleBinding.
    namespace: Option<String>,
    role_kind: String,
    role_name: String,
    subjects: Vec<Subject>,
}

#[derive(Debug)]
enum Subject {
    User(String),
    Group(String),
    ServiceAccount { namespace: String, name: String, user: String },
}

impl Rbac {
    /// Takes the Roles, ClusterRoles and bindings among the objects. ClusterRoles with an `aggregationRule` have the
    /// rules that they were written with; see [`Rbac::aggregated`].
    pub fn new<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Rbac {
        Rbac::build(objects.into_iter(), false)
    }

    /// The same with ClusterRoles aggregated as the controller of a running cluster does.
    pub fn aggregated<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Rbac {
        Rbac::build(objects.into_iter(), true)
    }

    /// Whether an object is of a kind that matters here.
    pub fn is_rbac(object: &Object) -> bool {
        let root = object.root();
        let version = root.field("apiVersion").and_then(NodeRef::as_str).unwrap_or_default();
        let kind = root.field("kind").and_then(NodeRef::as_str).unwrap_or_default();
        version.starts_with("rbac.authorization.k8s.io/")
            && matches!(kind, "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding")
    }

    fn build<'o>(objects: impl Iterator<Item = &'o Object>, aggregate: bool) -> Rbac {
        let mut rbac = Rbac::default();
        let mut selectors: Vec<(String, Vec<LabelSelector>)> = Vec::new();
        let mut labelled: BTreeMap<String, NodeRef<'o>> = BTreeMap::new();
        for object in objects.filter(|object| Rbac::is_rbac(object)) {
            let root = object.root();
            let name = text(root.field("metadata").and_then(|metadata| metadata.field("name")));
            let namespace = text(root.field("metadata").and_then(|metadata| metadata.field("namespace")));
            let namespace = if namespace.is_empty() { "default".to_owned() } else { namespace };
            match root.field("kind").and_then(NodeRef::as_str) {
                Some("Role") => {
                    rbac.roles.insert((namespace, name), rules(root));
                }
                Some("ClusterRole") => {
                    let aggregation =
                        root.field("aggregationRule").and_then(|rule| rule.field("clusterRoleSelectors"));
                    if let Some(list) = aggregation.and_then(NodeRef::as_list).filter(|_| aggregate) {
                        selectors.push((name.clone(), list.iter().map(LabelSelector::from_node).collect()));
                    }
                    labelled.insert(name.clone(), root);
                    rbac.cluster_roles.insert(name, rules(root));
                }
                Some("RoleBinding") => rbac.bindings.push(binding(root, name, Some(namespace))),
                _ => rbac.bindings.push(binding(root, name, None)),
            }
        }
        rbac.aggregate(selectors, &labelled);
        rbac.bindings.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        rbac.index();
        rbac
    }

    /// Gives aggregated roles the rules of the roles that they select. Roles that are aggregated themselves may be
    /// selected, so this repeats until nothing changes.
    fn aggregate(
        &mut self,
        selectors: Vec<(String, Vec<LabelSelector>)>,
        labelled: &BTreeMap<String, NodeRef<'_>>,
    ) {
        for _ in 0..=selectors.len() {
            let mut changed = false;
            for (name, selectors) in &selectors {
                let mut rules: Vec<Rule> = Vec::new();
                for selector in selectors {
                    let selected = labelled
                        .iter()
                        .filter(|(other, role)| *other != name && selector.matches(labels_of(**role)));
                    for rule in selected.filter_map(|(other, _)| self.cluster_roles.get(other)).flatten() {
                        if !rules.contains(rule) {
                            rules.push(rule.clone());
                        }
                    }
                }
                if self.cluster_roles.get(name) != Some(&rules) {
                    self.cluster_roles.insert(name.clone(), rules);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn index(&mut self) {
        for (at, binding) in self.bindings.iter().enumerate() {
            for subject in &binding.subjects {
                let found = match subject {
                    Subject::User(name) | Subject::ServiceAccount { user: name, .. } => {
                        self.users.entry(name.clone()).or_default()
                    }
                    Subject::Group(name) => self.groups.entry(name.clone()).or_default(),
                };
                if found.last() != Some(&at) {
                    found.push(at);
                }
            }
        }
    }

    /// The bindings that speak of a user, in order.
    fn bindings_of(&self, user: User<'_>) -> impl Iterator<Item = &Binding> {
        let groups = user.groups.iter().filter_map(|group| self.groups.get(*group));
        let mut found: Vec<usize> =
            self.users.get(user.name).into_iter().chain(groups).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.bindings.get(at))
    }
}

impl Authorizer for Rbac {
    fn authorize(&self, attributes: &Attributes<'_>) -> Answer {
        let allowed = |reason: String| Answer { decision: Decision::Allow, reason, error: String::new() };
        if attributes.user.groups.contains(&"system:masters") {
            return allowed(String::new());
        }
        let namespace = match attributes.target {
            Target::Resource { namespace, .. } => namespace,
            Target::Path(_) => "",
        };
        let mut missing: Vec<String> = Vec::new();
        for binding in self.bindings_of(attributes.user) {
            if binding.namespace.as_deref().is_some_and(|inside| inside != namespace) {
                continue;
            }
            let rules = match (binding.role_kind.as_str(), &binding.namespace) {
                ("ClusterRole", _) => self.cluster_roles.get(&binding.role_name),
                ("Role", Some(namespace)) => self.roles.get(&(namespace.clone(), binding.role_name.clone())),
                (kind, _) => {
                    missing.push(format!("unsupported role reference kind: {kind:?}"));
                    continue;
                }
            };
            match rules {
                Some(rules) if rules.iter().any(|rule| rule.allows(attributes)) => {
                    return allowed(format!("RBAC: allowed by {}", binding.describe(attributes.user)));
                }
                Some(_) => {}
                None => {
                    let kind = binding.role_kind.to_lowercase();
                    missing
                        .push(format!("{kind}.rbac.authorization.k8s.io {:?} not found", binding.role_name));
                }
            }
        }
        let reason = match missing.as_slice() {
            [] => String::new(),
            problems => format!("rbac: RBAC: {}", aggregate(problems)),
        };
        Answer { decision: Decision::NoOpinion, reason, error: String::new() }
    }
}

/// Several errors as one, apimachinery's `NewAggregate`: without repetitions, in brackets when they are many.
pub(crate) fn aggregate(errors: &[String]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for error in errors {
        if !distinct.contains(&error.as_str()) {
            distinct.push(error);
        }
    }
    match distinct.as_slice() {
        [only] => (*only).to_owned(),
        all => format!("[{}]", all.join(", ")),
    }
}

impl Rule {
    fn allows(&self, attributes: &Attributes<'_>) -> bool {
        let listed = |items: &[String], wanted: &str| items.iter().any(|item| item == "*" || item == wanted);
        if !listed(&self.verbs, attributes.verb) {
            return false;
        }
        match attributes.target {
            Target::Resource { group, resource, subresource, name, .. } => {
                listed(&self.api_groups, group)
                    && self.resources.iter().any(|rule| resource_matches(rule, resource, subresource))
                    && (self.resource_names.is_empty()
                        || self.resource_names.iter().any(|other| other == name))
            }
            Target::Path(path) => self.non_resource_urls.iter().any(|rule| {
                rule == "*"
                    || rule == path
                    || rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*'))
            }),
        }
    }
}

/// `*`, `pods`, `pods/log`, or `*/scale`.
fn resource_matches(rule: &str, resource: &str, subresource: &str) -> bool {
    match (rule, rule.split_once('/')) {
        ("*", _) => true,
        (_, Some((parent, sub))) => {
            !subresource.is_empty() && sub == subresource && (parent == "*" || parent == resource)
        }
        (rule, None) => subresource.is_empty() && rule == resource,
    }
}

impl Binding {
    /// The binding, its role, and the subject through which it speaks of the user.
    fn describe(&self, user: User<'_>) -> String {
        let applies = |subject: &&Subject| match subject {
            Subject::User(name) | Subject::ServiceAccount { user: name, .. } => name == user.name,
            Subject::Group(name) => user.groups.contains(&name.as_str()),
        };
        let subject = match self.subjects.iter().find(applies) {
            Some(Subject::User(name)) => format!("User {name:?}"),
            Some(Subject::Group(name)) => format!("Group {name:?}"),
            Some(Subject::ServiceAccount { namespace, name, .. }) => {
                format!("ServiceAccount {:?}", format!("{name}/{namespace}"))
            }
            None => String::new(),
        };
        let (kind, name) = match &self.namespace {
            None => ("ClusterRoleBinding", self.name.clone()),
            Some(namespace) => ("RoleBinding", format!("{}/{namespace}", self.name)),
        };
        format!("{kind} {name:?} of {} {:?} to {subject}", self.role_kind, self.role_name)
    }
}

fn binding(root: NodeRef<'_>, name: String, namespace: Option<String>) -> Binding {
    let role = root.field("roleRef");
    let subjects = root.field("subjects").and_then(NodeRef::as_list);
    let subject = |node: NodeRef<'_>| {
        let name = text(node.field("name"));
        match node.field("kind").and_then(NodeRef::as_str) {
            Some("User") => Some(Subject::User(name)),
            Some("Group") => Some(Subject::Group(name)),
            Some("ServiceAccount") => {
                let own = text(node.field("namespace"));
                let namespace = if own.is_empty() { namespace.clone()? } else { own };
                let user = format!("system:serviceaccount:{namespace}:{name}");
                Some(Subject::ServiceAccount { namespace, name, user })
            }
            _ => None,
        }
    };
    let subjects = subjects.map(|list| list.iter().filter_map(subject).collect()).unwrap_or_default();
    Binding {
        name,
        role_kind: text(role.and_then(|role| role.field("kind"))),
        role_name: text(role.and_then(|role| role.field("name"))),
        subjects,
        namespace,
    }
}

fn rules(root: NodeRef<'_>) -> Vec<Rule> {
    let list = root.field("rules").and_then(NodeRef::as_list);
    let rule = |node: NodeRef<'_>| Rule {
        verbs: texts(node.field("verbs")),
        api_groups: texts(node.field("apiGroups")),
        resources: texts(node.field("resources")),
        resource_names: texts(node.field("resourceNames")),
        non_resource_urls: texts(node.field("nonResourceURLs")),
    };
    list.map(|list| list.iter().map(rule).collect()).unwrap_or_default()
}

fn text(node: Option<NodeRef<'_>>) -> String {
    node.and_then(NodeRef::as_str).unwrap_or_default().to_owned()
}

fn texts(node: Option<NodeRef<'_>>) -> Vec<String> {
    let list = node.and_then(NodeRef::as_list);
    list.map(|list| list.iter().map(|item| text(Some(item))).collect()).unwrap_or_default()
}
