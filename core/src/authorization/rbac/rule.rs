//! What a rule allows. Source: kubernetes `pkg/apis/rbac/v1/evaluation_helpers.go`.

use super::texts;
use crate::authorization::{Attributes, Target};
use crate::document::NodeRef;

/// rbac.authorization.k8s.io/v1 PolicyRule.
#[derive(Debug)]
pub(crate) struct Rule {
    verbs: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    pub(crate) resource_names: Vec<String>,
    non_resource_urls: Vec<String>,
}

impl Rule {
    /// The rules of a role.
    pub(super) fn read_all(role: NodeRef<'_>) -> Vec<Rule> {
        let rules = role.field("rules").and_then(NodeRef::as_list);
        rules.into_iter().flat_map(|rules| rules.iter()).map(Rule::read).collect()
    }

    pub(crate) fn read(node: NodeRef<'_>) -> Rule {
        Rule {
            verbs: texts(node, "verbs"),
            api_groups: texts(node, "apiGroups"),
            resources: texts(node, "resources"),
            resource_names: texts(node, "resourceNames"),
            non_resource_urls: texts(node, "nonResourceURLs"),
        }
    }

    pub(crate) fn allows(&self, attributes: &Attributes<'_>) -> bool {
        listed(&self.verbs, attributes.verb)
            && match attributes.target {
                Target::Resource { group, resource, subresource, name, .. } => {
                    listed(&self.api_groups, group)
                        && self.resources.iter().any(|rule| resource_matches(rule, resource, subresource))
                        && (self.resource_names.is_empty()
                            || self.resource_names.iter().any(|own| own == name))
                }
                Target::Path(path) => self.non_resource_urls.iter().any(|rule| path_matches(rule, path)),
            }
    }
}

fn listed(items: &[String], wanted: &str) -> bool {
    items.iter().any(|item| item == "*" || item == wanted)
}

/// `*`, `pods`, `pods/log`, or `*/log` for that subresource of everything.
fn resource_matches(rule: &str, resource: &str, subresource: &str) -> bool {
    if rule == "*" {
        return true;
    }
    if subresource.is_empty() {
        return rule == resource;
    }
    let after = rule.strip_prefix(resource).and_then(|rest| rest.strip_prefix('/'));
    after == Some(subresource) || rule.strip_prefix("*/") == Some(subresource)
}

/// `*`, `/healthz`, or `/healthz/*` for all that begins so.
fn path_matches(rule: &str, path: &str) -> bool {
    rule == "*" || rule == path || rule.ends_with('*') && path.starts_with(rule.trim_end_matches('*'))
}
