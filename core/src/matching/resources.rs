//! [`MatchResources`]: the resources, operations and selectors of a policy or binding, as decoded.

use super::selector::LabelSelector;

/// admissionregistration.k8s.io/v1 MatchResources, with the API server's defaults filled in by whoever decodes it:
/// no selector is an empty selector, no `matchPolicy` is `Equivalent`, no `scope` is `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchResources {
    pub namespace_selector: LabelSelector,
    pub object_selector: LabelSelector,
    /// Empty matches every resource and operation.
    pub resource_rules: Vec<NamedRuleWithOperations>,
    pub exclude_resource_rules: Vec<NamedRuleWithOperations>,
    pub match_policy: MatchPolicy,
}

/// A rule: what is done to which resources. Each list must name the request's value or hold `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRuleWithOperations {
    /// Empty matches every name.
    pub resource_names: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Vec<String>,
    pub api_groups: Vec<String>,
    pub api_versions: Vec<String>,
    /// `pods`, `pods/log`, `pods/*`, `*/scale`, `*` (no subresource) or `*/*`.
    pub resources: Vec<String>,
    pub scope: Scope,
}

/// Whether a rule is about namespaced or cluster-scoped objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// `*`
    #[default]
    All,
    Namespaced,
    Cluster,
    /// Any other word; it matches nothing.
    Unknown(String),
}

/// Whether a rule also matches requests for another version of the resource it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchPolicy {
    Exact,
    #[default]
    Equivalent,
}

impl Scope {
    /// The scope that a word of the API stands for.
    pub fn parse(word: &str) -> Scope {
        match word {
            "*" => Scope::All,
            "Namespaced" => Scope::Namespaced,
            "Cluster" => Scope::Cluster,
            other => Scope::Unknown(other.to_owned()),
        }
    }
}
