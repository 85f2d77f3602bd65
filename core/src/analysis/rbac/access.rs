//! [`Access`]: who is given which rules by what, with the place of each.

use crate::analysis::cluster::{Cluster, Member, items, text};
use crate::authorization::{Attributes, Rule, Target, User, aggregated_parts};
use crate::document::{Limits, NodeRef, Object};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The ClusterRoles and Roles that the API server makes when it starts, without annotations, one a line.
///
/// Source: kubernetes 1.37.2 `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata`.
const BUILT_IN: &str = include_str!("built_in.jsonl");

/// Roles and bindings of the input, with the roles that are built in.
#[derive(Debug, Default)]
pub struct Access<'o> {
    roles: Vec<RoleRules<'o>>,
    grants: Vec<Grant<'o>>,
    by_subject: BTreeMap<Subject, Scopes<'o>>,
    /// Bindings of roles that are not there.
    dangling: Vec<usize>,
}

/// Whom a binding speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    Group(String),
    ServiceAccount { namespace: String, name: String },
    User(String),
}

/// One subject of one binding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant<'o> {
    /// The binding, and the subject in it.
    pub(super) binding: usize,
    pub(super) at: NodeRef<'o>,
    /// `None` for all namespaces.
    pub(super) namespace: Option<&'o str>,
    role: usize,
}

/// The grants of one subject.
#[derive(Debug, Default)]
pub(super) struct Scopes<'o> {
    pub(super) cluster: Vec<usize>,
    pub(super) namespaces: BTreeMap<&'o str, Vec<usize>>,
}

#[derive(Debug, Default)]
struct RoleRules<'o> {
    title: String,
    rules: Vec<PlacedRule<'o>>,
    /// The roles that an aggregated one takes its rules from.
    parts: Option<Vec<usize>>,
}

#[derive(Debug)]
struct PlacedRule<'o> {
    rule: Rule,
    place: Option<(usize, NodeRef<'o>)>,
}

/// A rule that allows something, and the grant by which a subject has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'a, 'o> {
    pub(super) grant: Grant<'o>,
    pub(super) role: &'a str,
    /// What it was asked for.
    pub(super) verb: &'static str,
    /// The rule, or the binding of a rule that is built in.
    pub(super) place: (usize, NodeRef<'o>),
}

/// A subject that may do what was asked.
#[derive(Clone, Debug)]
pub struct Allowed<'o> {
    pub subject: Subject,
    /// Which object is the binding.
    pub binding: usize,
    /// As `ClusterRole admin`.
    pub role: String,
    /// `None` for all namespaces.
    pub namespace: Option<&'o str>,
    /// The rule, or the binding of a rule that is built in.
    pub place: (usize, NodeRef<'o>),
}

impl<'o> Access<'o> {
    pub fn new(cluster: &Cluster<'o>) -> Access<'o> {
        let built_in = built_in_roles();
        let mut access = Access::default();
        let mut found = HashMap::new();
        let mut cluster_roles: Vec<(usize, NodeRef<'_>)> = Vec::new();
        let of_input = cluster.of(GROUP, "ClusterRole").chain(cluster.of(GROUP, "Role"));
        for member in of_input {
            let place = |rule| Some((member.index, rule));
            let rules = items(member.root(), &["rules"]);
            let rules = rules.map(|node| PlacedRule { rule: Rule::read(node), place: place(node) });
            let role = access.add(member.title(), rules.collect());
            // Of roles with one name the last counts, as when both are applied.
            found.insert((member.namespace.to_owned(), member.name.to_owned()), role);
            if member.kind == "ClusterRole" {
                cluster_roles.push((role, member.root()));
            }
        }
        for object in &built_in {
            let (namespace, name) = (text(object.root(), &["metadata", "namespace"]), name_of(object.root()));
            let key = (namespace.to_owned(), name.to_owned());
            if found.contains_key(&key) {
                continue;
            }
            let rules = items(object.root(), &["rules"]);
            let rules = rules.map(|node| PlacedRule { rule: Rule::read(node), place: None }).collect();
            let title = match namespace {
                "" => format!("ClusterRole {name}"),
                _ => format!("Role {namespace}/{name}"),
            };
            let role = access.add(title, rules);
            found.insert(key, role);
            if namespace.is_empty() {
                cluster_roles.push((role, object.root()));
            }
        }
        cluster_roles
            .retain(|(role, node)| found.get(&(String::new(), name_of(*node).to_owned())) == Some(role));
        let nodes: Vec<NodeRef<'_>> = cluster_roles.iter().map(|(_, node)| *node).collect();
        for ((role, _), parts) in cluster_roles.iter().zip(aggregated_parts(&nodes)) {
            let parts = parts.map(|parts| {
                parts.iter().filter_map(|&part| cluster_roles.get(part)).map(|(role, _)| *role).collect()
            });
            if let Some(own) = access.roles.get_mut(*role) {
                own.parts = parts;
            }
        }
        let bindings = cluster.of(GROUP, "ClusterRoleBinding").chain(cluster.of(GROUP, "RoleBinding"));
        for member in bindings {
            access.bind(member, &found);
        }
        access
    }

    fn add(&mut self, title: String, rules: Vec<PlacedRule<'o>>) -> usize {
        self.roles.push(RoleRules { title, rules, parts: None });
        self.roles.len() - 1
    }

    fn bind(&mut self, binding: &Member<'o>, roles: &HashMap<(String, String), usize>) {
        let namespace = (binding.kind == "RoleBinding").then_some(binding.namespace);
        let of_role = match binding.text(&["roleRef", "kind"]) {
            "Role" => namespace.unwrap_or_default(),
            _ => "",
        };
        let Some(&role) = roles.get(&(of_role.to_owned(), binding.text(&["roleRef", "name"]).to_owned()))
        else {
            self.dangling.push(binding.index);
            return;
        };
        for at in items(binding.root(), &["subjects"]) {
            let Some(subject) = Subject::read(at, binding.namespace) else { continue };
            let grant = self.grants.len();
            self.grants.push(Grant { binding: binding.index, at, namespace, role });
            let scopes = self.by_subject.entry(subject).or_default();
            match namespace {
                None => scopes.cluster.push(grant),
                Some(namespace) => scopes.namespaces.entry(namespace).or_default().push(grant),
            }
        }
    }

    /// All subjects of bindings with their grants.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&Subject, &Scopes<'o>)> {
        self.by_subject.iter()
    }

    pub(super) fn has_subject(&self, subject: &Subject) -> bool {
        self.by_subject.contains_key(subject)
    }

    /// The bindings of roles that are neither among the input nor built in.
    pub(super) fn dangling(&self) -> &[usize] {
        &self.dangling
    }

    /// The first rule of some grants that allows something.
    pub(super) fn allows(
        &self,
        grants: &[usize],
        verb: &'static str,
        target: Target<'_>,
    ) -> Option<Hit<'_, 'o>> {
        let attributes = Attributes { user: User { name: "", groups: &[] }, verb, target };
        self.find(grants, verb, |rule| rule.allows(&attributes))
    }

    /// The first rule of some grants that holds of something.
    pub(super) fn find(
        &self,
        grants: &[usize],
        verb: &'static str,
        holds: impl Fn(&Rule) -> bool,
    ) -> Option<Hit<'_, 'o>> {
        let mut grants = grants.iter().filter_map(|&grant| self.grants.get(grant));
        grants.find_map(|&grant| {
            let (role, place) = self.rule(grant, &holds)?;
            Some(Hit { grant, role, verb, place })
        })
    }

    /// The names of objects on which something is allowed by rules that name objects.
    pub(super) fn named(
        &self,
        grants: &[usize],
        verb: &'static str,
        resource: &str,
        subresource: &str,
    ) -> Vec<(&str, Hit<'_, 'o>)> {
        let mut found = Vec::new();
        for &grant in grants.iter().filter_map(|&grant| self.grants.get(grant)) {
            let Some(role) = self.roles.get(grant.role) else { continue };
            let own = [grant.role];
            let parts = role.parts.as_deref().unwrap_or(&own).iter().filter_map(|&part| self.roles.get(part));
            for PlacedRule { rule, place } in parts.flat_map(|part| &part.rules) {
                let Some(first) = rule.resource_names.first() else { continue };
                let target =
                    Target::Resource { group: "", resource, subresource, namespace: "", name: first };
                if rule.allows(&Attributes { user: User { name: "", groups: &[] }, verb, target }) {
                    let place = place.unwrap_or((grant.binding, grant.at));
                    let hit = Hit { grant, role: &role.title, verb, place };
                    found.extend(rule.resource_names.iter().map(|name| (name.as_str(), hit)));
                }
            }
        }
        found
    }

    /// The first rule of a grant that holds of something: the name of its role, and its place.
    fn rule(&self, grant: Grant<'o>, holds: &dyn Fn(&Rule) -> bool) -> Option<(&str, (usize, NodeRef<'o>))> {
        let role = self.roles.get(grant.role)?;
        let own = [grant.role];
        let parts = role.parts.as_deref().unwrap_or(&own).iter().filter_map(|&part| self.roles.get(part));
        let placed = parts.flat_map(|part| &part.rules).find(|placed| holds(&placed.rule))?;
        Some((&role.title, placed.place.unwrap_or((grant.binding, grant.at))))
    }

    /// Who may do something, in the order of subjects and bindings. `namespaces` says which RoleBindings count.
    pub fn who_can(
        &self,
        verb: &str,
        target: Target<'_>,
        namespaces: impl Fn(&str) -> bool,
    ) -> Vec<Allowed<'o>> {
        let attributes = Attributes { user: User { name: "", groups: &[] }, verb, target };
        let mut found = Vec::new();
        for (subject, scopes) in self.subjects() {
            let inside = scopes.namespaces.iter().filter(|(namespace, _)| namespaces(namespace));
            let grants = scopes.cluster.iter().chain(inside.flat_map(|(_, grants)| grants));
            for grant in grants.filter_map(|&grant| self.grants.get(grant)) {
                let hit = self.rule(*grant, &|rule| rule.allows(&attributes));
                found.extend(hit.map(|(role, place)| Allowed {
                    subject: subject.clone(),
                    binding: grant.binding,
                    role: role.to_owned(),
                    namespace: grant.namespace,
                    place,
                }));
            }
        }
        found
    }
}

/// The ClusterRoles and Roles that Kubernetes 1.37 makes itself.
pub fn built_in_roles() -> Vec<Object> {
    let limits = Limits::default();
    BUILT_IN.lines().filter_map(|line| Object::from_json(line.as_bytes(), &limits).ok()).collect()
}

/// The API group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

fn name_of(role: NodeRef<'_>) -> &str {
    text(role, &["metadata", "name"])
}

impl Subject {
    /// `None` for a subject that speaks of nobody. A ServiceAccount that names no namespace is in the binding's; users
    /// with the name of a ServiceAccount are that.
    pub(super) fn read(node: NodeRef<'_>, namespace: &str) -> Option<Subject> {
        let name = text(node, &["name"]);
        match text(node, &["kind"]) {
            "Group" => Some(Subject::Group(name.to_owned())),
            "User" => {
                let account =
                    name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
                Some(match account {
                    Some((namespace, name)) => Subject::account(namespace, name),
                    None => Subject::User(name.to_owned()),
                })
            }
            "ServiceAccount" => {
                let own = Some(text(node, &["namespace"])).filter(|own| !own.is_empty()).unwrap_or(namespace);
                (!own.is_empty()).then(|| Subject::account(own, name))
            }
            _ => None,
        }
    }

    pub(super) fn account(namespace: &str, name: &str) -> Subject {
        Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Group(_) => "Group",
            Subject::ServiceAccount { .. } => "ServiceAccount",
            Subject::User(_) => "User",
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Subject::Group(name) | Subject::User(name) | Subject::ServiceAccount { name, .. } => name,
        }
    }

    /// Of a ServiceAccount, else empty.
    pub fn namespace(&self) -> &str {
        match self {
            Subject::ServiceAccount { namespace, .. } => namespace,
            _ => "",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::ServiceAccount { namespace, name } => write!(f, "ServiceAccount {namespace}/{name}"),
            other => write!(f, "{} {}", other.kind(), other.name()),
        }
    }
}
