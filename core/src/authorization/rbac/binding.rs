//! Bindings, and the index from users and groups to the bindings that speak of them.

use super::text;
use crate::authorization::User;
use crate::document::NodeRef;
use crate::go::quoted;
use std::collections::HashMap;

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug)]
pub(super) struct Binding {
    name: String,
    /// `None` for a ClusterRoleBinding.
    pub(super) namespace: Option<String>,
    role_kind: String,
    role_name: String,
    /// The position of its role, or why there is none.
    pub(super) role: Result<u32, String>,
    subjects: Vec<Subject>,
}

#[derive(Debug)]
struct Subject {
    kind: String,
    name: String,
    namespace: String,
}

/// By what a subject speaks of somebody.
enum Key {
    User(String),
    Group(String),
}

impl Binding {
    /// `roles` has the positions of roles by namespace (empty for a ClusterRole) and name.
    pub(super) fn read<'n>(
        root: NodeRef<'n>,
        namespace: Option<&'n str>,
        roles: &HashMap<(&'n str, &'n str), u32>,
    ) -> Binding {
        let find = |namespace, name| roles.get(&(namespace, name)).copied();
        let role = root.field("roleRef");
        let role_text = |field| role.map(|role| text(role, field)).unwrap_or_default();
        let (role_kind, role_name) = (role_text("kind"), role_text("name"));
        let missing =
            |kind: &str| format!("{kind}.rbac.authorization.k8s.io {} not found", quoted(role_name));
        let position = match role_kind {
            "ClusterRole" => find("", role_name).ok_or_else(|| missing("clusterrole")),
            "Role" => namespace.and_then(|inside| find(inside, role_name)).ok_or_else(|| missing("role")),
            other => Err(format!("unsupported role reference kind: {}", quoted(other))),
        };
        let subjects = root.field("subjects").and_then(NodeRef::as_list);
        Binding {
            name: root
                .field("metadata")
                .map(|metadata| text(metadata, "name"))
                .unwrap_or_default()
                .to_owned(),
            namespace: namespace.map(str::to_owned),
            role_kind: role_kind.to_owned(),
            role_name: role_name.to_owned(),
            role: position,
            subjects: subjects
                .map(|list| list.iter().map(|subject| Subject::read(subject, namespace)).collect())
                .unwrap_or_default(),
        }
    }

    /// The binding, its role, and the subject through which it speaks of the user, in the words of the API server.
    pub(super) fn describe(&self, subject: u32) -> String {
        let (kind, name) = match &self.namespace {
            None => ("ClusterRoleBinding", self.name.clone()),
            Some(namespace) => ("RoleBinding", format!("{}/{namespace}", self.name)),
        };
        let subject = self.subjects.get(subject as usize).map(Subject::describe).unwrap_or_default();
        let role = quoted(&self.role_name);
        format!("{kind} {} of {} {role} to {subject}", quoted(&name), self.role_kind)
    }
}

impl Subject {
    /// A ServiceAccount that names no namespace is in that of the binding.
    fn read(node: NodeRef<'_>, binding_namespace: Option<&str>) -> Subject {
        let namespace = Some(text(node, "namespace")).filter(|namespace| !namespace.is_empty());
        Subject {
            kind: text(node, "kind").to_owned(),
            name: text(node, "name").to_owned(),
            namespace: namespace.or(binding_namespace).unwrap_or_default().to_owned(),
        }
    }

    /// `None` for a subject that speaks of nobody.
    fn key(&self) -> Option<Key> {
        match self.kind.as_str() {
            "User" => Some(Key::User(self.name.clone())),
            "Group" => Some(Key::Group(self.name.clone())),
            "ServiceAccount" if !self.namespace.is_empty() => {
                Some(Key::User(format!("system:serviceaccount:{}:{}", self.namespace, self.name)))
            }
            _ => None,
        }
    }

    fn describe(&self) -> String {
        match self.kind.as_str() {
            "ServiceAccount" => {
                format!("ServiceAccount {}", quoted(&format!("{}/{}", self.name, self.namespace)))
            }
            kind => format!("{kind} {}", quoted(&self.name)),
        }
    }
}

/// A binding that speaks of somebody, and the first of its subjects that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) binding: u32,
    pub(super) subject: u32,
}

/// The bindings of one namespace, or the cluster-wide ones, by user and by group.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    users: HashMap<String, Vec<Hit>>,
    groups: HashMap<String, Vec<Hit>>,
}

impl Subjects {
    /// Adds a binding; its position must be higher than those of all before it.
    pub(super) fn add(&mut self, position: u32, binding: &Binding) {
        for (subject, key) in (0_u32..).zip(binding.subjects.iter().map(Subject::key)) {
            let hits = match key {
                Some(Key::User(name)) => self.users.entry(name).or_default(),
                Some(Key::Group(name)) => self.groups.entry(name).or_default(),
                None => continue,
            };
            if hits.last().is_none_or(|hit| hit.binding != position) {
                hits.push(Hit { binding: position, subject });
            }
        }
    }

    /// The next binding that speaks of a user, in order of position, after the one given.
    pub(super) fn next(&self, user: User<'_>, after: Option<u32>) -> Option<Hit> {
        let groups = user.groups.iter().filter_map(|group| self.groups.get(*group));
        let lists = self.users.get(user.name).into_iter().chain(groups);
        let first =
            |hits: &Vec<Hit>| hits.get(hits.partition_point(|hit| Some(hit.binding) <= after)).copied();
        lists.filter_map(first).min()
    }
}
