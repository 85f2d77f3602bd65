//! RBAC: roles and bindings as an authorizer.
//!
//! Source: kubernetes `plugin/pkg/auth/authorizer/rbac` and `pkg/registry/rbac/validation`.

mod aggregation;
mod binding;
mod rule;
#[cfg(test)]
mod tests;

pub(crate) use self::aggregation::parts as aggregated_parts;
use self::binding::{Binding, Hit, Subjects};
pub(crate) use self::rule::Rule;
use super::{Answer, Attributes, Authorizer, Decision, Target};
use crate::document::{NodeRef, Object};
use std::collections::HashMap;

/// The group whose members may do everything, whatever the roles say.
const PRIVILEGED_GROUP: &str = "system:masters";

/// Roles and bindings, indexed by who they speak of. A question that is allowed without words allocates nothing.
///
/// ClusterRoleBindings are asked first, then the RoleBindings of the namespace, each in the order given; the API
/// server's own order is that of a Go map. A namespaced object that names no namespace is in `default`.
#[derive(Debug, Default)]
pub struct Rbac {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
    cluster_wide: Subjects,
    by_namespace: HashMap<String, Subjects>,
}

/// The rules of a Role or ClusterRole.
#[derive(Debug, Default)]
struct Role {
    rules: Vec<Rule>,
    /// Positions of the roles that this one takes its rules from, when it is aggregated.
    parts: Vec<u32>,
}

impl Rbac {
    /// Takes the Roles, ClusterRoles and bindings among the objects. ClusterRoles with an `aggregationRule` have the
    /// rules that they were written with; see [`Rbac::aggregated`].
    ///
    /// ```
    /// use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User};
    /// use kordon::document::{Limits, Object};
    /// let role = br#"{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
    ///     "metadata": {"name": "reader"},
    ///     "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}"#;
    /// let binding = br#"{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
    ///     "metadata": {"name": "readers"}, "roleRef": {"kind": "ClusterRole", "name": "reader"},
    ///     "subjects": [{"kind": "User", "name": "ann"}]}"#;
    /// let objects = [
    ///     Object::from_json(role, &Limits::default())?,
    ///     Object::from_json(binding, &Limits::default())?,
    /// ];
    /// let rbac = Rbac::new(&objects);
    /// let target = Target::Resource { group: "", resource: "pods", subresource: "", namespace: "shop", name: "web" };
    /// let user = User { name: "ann", groups: &[] };
    /// let answer = rbac.authorize(&Attributes { user, verb: "get", target });
    /// assert_eq!(answer.decision, Decision::Allow);
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
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
        text(root, "apiVersion").starts_with("rbac.authorization.k8s.io/")
            && matches!(text(root, "kind"), "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding")
    }

    fn build<'o>(objects: impl Iterator<Item = &'o Object>, aggregate: bool) -> Rbac {
        let mut rbac = Rbac::default();
        let mut found: HashMap<(&str, &str), u32> = HashMap::new();
        let mut cluster_roles: Vec<(u32, NodeRef<'o>)> = Vec::new();
        let mut bindings: Vec<(Option<&str>, NodeRef<'o>)> = Vec::new();
        for object in objects.filter(|object| Rbac::is_rbac(object)) {
            let root = object.root();
            let metadata =
                |field| root.field("metadata").map(|metadata| text(metadata, field)).unwrap_or_default();
            let namespace = Some(metadata("namespace")).filter(|name| !name.is_empty()).unwrap_or("default");
            match text(root, "kind") {
                "Role" => {
                    found.insert((namespace, metadata("name")), rbac.add_role(root));
                }
                "ClusterRole" => {
                    let position = rbac.add_role(root);
                    found.insert(("", metadata("name")), position);
                    cluster_roles.push((position, root));
                }
                "RoleBinding" => bindings.push((Some(namespace), root)),
                _ => bindings.push((None, root)),
            }
        }
        if aggregate {
            cluster_roles.retain(|(position, root)| {
                let name = root.field("metadata").map(|metadata| text(metadata, "name")).unwrap_or_default();
                found.get(&("", name)) == Some(position)
            });
            aggregation::resolve(&cluster_roles, &mut rbac.roles);
        }
        for (namespace, root) in bindings {
            rbac.add_binding(Binding::read(root, namespace, &found));
        }
        rbac
    }

    fn add_role(&mut self, root: NodeRef<'_>) -> u32 {
        self.roles.push(Role { rules: Rule::read_all(root), parts: Vec::new() });
        (self.roles.len() - 1) as u32
    }

    fn add_binding(&mut self, binding: Binding) {
        let position = self.bindings.len() as u32;
        let subjects = match &binding.namespace {
            None => &mut self.cluster_wide,
            Some(namespace) => self.by_namespace.entry(namespace.clone()).or_default(),
        };
        subjects.add(position, &binding);
        self.bindings.push(binding);
    }

    fn role_allows(&self, role: u32, attributes: &Attributes<'_>) -> bool {
        let Some(role) = self.roles.get(role as usize) else { return false };
        let parts = role.parts.iter().filter_map(|&part| self.roles.get(part as usize));
        role.rules.iter().chain(parts.flat_map(|part| &part.rules)).any(|rule| rule.allows(attributes))
    }

    /// Asks the bindings that speak of the user: the first that allows, or else what was wrong with the others.
    fn ask(&self, attributes: &Attributes<'_>) -> Result<(&Binding, Hit), Vec<String>> {
        let namespace = match attributes.target {
            Target::Resource { namespace, .. } => namespace,
            Target::Path(_) => "",
        };
        let mut problems = Vec::new();
        for subjects in [Some(&self.cluster_wide), self.by_namespace.get(namespace)].into_iter().flatten() {
            let mut after = None;
            while let Some(hit) = subjects.next(attributes.user, after) {
                after = Some(hit.binding);
                let Some(binding) = self.bindings.get(hit.binding as usize) else { continue };
                match &binding.role {
                    Ok(role) if self.role_allows(*role, attributes) => return Ok((binding, hit)),
                    Ok(_) => {}
                    Err(problem) => problems.push(problem.clone()),
                }
            }
        }
        Err(problems)
    }
}

impl Authorizer for Rbac {
    fn authorize(&self, attributes: &Attributes<'_>) -> Answer {
        let answer = |decision, reason| Answer { decision, reason, error: String::new() };
        if attributes.user.groups.contains(&PRIVILEGED_GROUP) {
            return answer(Decision::Allow, String::new());
        }
        match self.ask(attributes) {
            Ok((binding, hit)) => {
                let reason = format!("RBAC: allowed by {}", binding.describe(hit.subject));
                answer(Decision::Allow, reason)
            }
            Err(problems) if problems.is_empty() => answer(Decision::NoOpinion, String::new()),
            Err(problems) => {
                // The first word is the authorizer's name in kube-apiserver's chain.
                answer(Decision::NoOpinion, format!("rbac: RBAC: {}", aggregate(&problems)))
            }
        }
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

/// A string field; empty when it is not there or no string.
fn text<'n>(node: NodeRef<'n>, field: &str) -> &'n str {
    node.field(field).and_then(NodeRef::as_str).unwrap_or_default()
}

/// A list of strings; what is no string is left out.
fn texts(node: NodeRef<'_>, field: &str) -> Vec<String> {
    let list = node.field(field).and_then(NodeRef::as_list);
    list.into_iter()
        .flat_map(|list| list.iter())
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
