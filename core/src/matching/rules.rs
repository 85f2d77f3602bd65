//! Resource rules. Source: apiserver `webhook/predicates/rules/rules.go`.

use crate::admission::Request;

/// One of `resourceRules` or `excludeResourceRules`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRuleWithOperations {
    /// None at all matches every name.
    pub resource_names: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`, or `*`.
    pub operations: Vec<String>,
    pub api_groups: Vec<String>,
    pub api_versions: Vec<String>,
    /// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`, `*/*`.
    pub resources: Vec<String>,
    pub scope: Scope,
}

/// Which scope a rule speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    All,
    Cluster,
    Namespaced,
}

/// Whether a rule also matches equivalent resources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchPolicy {
    Exact,
    /// The API's default.
    #[default]
    Equivalent,
}

impl NamedRuleWithOperations {
    /// Whether a request matches when its resource is taken for this one.
    pub(super) fn matches(&self, request: &Request, group: &str, version: &str, resource: &str) -> bool {
        let listed = |items: &[String], wanted: &str| items.iter().any(|item| item == "*" || item == wanted);
        self.matches_scope(request, (group, version, resource) == ("", "v1", "namespaces"))
            && listed(&self.operations, request.operation.as_str())
            && listed(&self.api_groups, group)
            && listed(&self.api_versions, version)
            && self.resources.iter().any(|rule| {
                let (parent, sub) = rule.split_once('/').unwrap_or((rule, ""));
                (parent == "*" || parent == resource) && (sub == "*" || sub == request.sub_resource)
            })
            && (self.resource_names.is_empty() || self.resource_names.contains(&request.name))
    }

    /// Namespaces are cluster-scoped, though their requests name a namespace.
    fn matches_scope(&self, request: &Request, is_namespace: bool) -> bool {
        let cluster = is_namespace || request.namespace.is_empty();
        match self.scope {
            Scope::All => true,
            Scope::Cluster => cluster,
            Scope::Namespaced => !cluster,
        }
    }
}
