//! Which policies apply to a request. No CEL here: match conditions are expressions and belong to the decision.
//!
//! Source: apiserver `pkg/admission/plugin/policy/matching` and `pkg/admission/plugin/webhook/predicates`.

mod index;
mod rules;
#[cfg(test)]
mod tests;

pub use index::Index;
pub use rules::{MatchPolicy, NamedRuleWithOperations, Scope};

use crate::admission::{GroupVersionKind, GroupVersionResource, Kinds, Namespaces, Operation, Request};
use crate::labels::{LabelSelector, labels_of};
use std::borrow::Cow;

/// The `matchConstraints` of a policy or the `matchResources` of a binding.
#[derive(Clone, Debug, Default)]
pub struct MatchResources {
    pub namespace_selector: Option<LabelSelector>,
    pub object_selector: Option<LabelSelector>,
    /// None at all matches everything.
    pub resource_rules: Vec<NamedRuleWithOperations>,
    pub exclude_resource_rules: Vec<NamedRuleWithOperations>,
    pub match_policy: MatchPolicy,
}

/// The resource and kind that a policy sees a request as: its own, or equivalent ones that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched<'r> {
    pub resource: Cow<'r, GroupVersionResource>,
    pub kind: Cow<'r, GroupVersionKind>,
}

impl Matched<'_> {
    /// Whether the request is seen as what it is.
    pub fn is_own(&self, request: &Request) -> bool {
        *self.resource == request.resource
    }
}

impl MatchResources {
    /// Whether a request matches. An error of a selector counts only when the rest matches.
    pub fn matches<'r>(
        &self,
        request: &'r Request,
        namespaces: &Namespaces,
        kinds: &Kinds,
    ) -> Result<Option<Matched<'r>>, String> {
        let by_namespace = self.matches_namespace(request, namespaces);
        if by_namespace == Ok(false) {
            return Ok(None);
        }
        let by_object = self.matches_object(request);
        if by_object == Ok(false) {
            return Ok(None);
        }
        if self.find_rule(&self.exclude_resource_rules, request, kinds).is_some() {
            return Ok(None);
        }
        let own =
            || Matched { resource: Cow::Borrowed(&request.resource), kind: Cow::Borrowed(&request.kind) };
        let matched = if self.resource_rules.is_empty() {
            Some(own())
        } else {
            self.find_rule(&self.resource_rules, request, kinds)
        };
        if matched.is_some() {
            by_namespace?;
            by_object?;
        }
        Ok(matched)
    }

    fn matches_namespace(&self, request: &Request, namespaces: &Namespaces) -> Result<bool, String> {
        let is_namespace = request.resource.resource == "namespaces";
        let Some(selector) = self.namespace_selector.as_ref() else { return Ok(true) };
        if request.namespace.is_empty() && !is_namespace {
            return Ok(true);
        }
        if let Some(problem) = selector.problem() {
            return Err(format!("Internal error occurred: {problem}"));
        }
        if selector.is_empty() {
            return Ok(true);
        }
        let written = matches!(request.operation, Operation::Create | Operation::Update);
        if is_namespace && request.sub_resource.is_empty() && written {
            return Ok(selector.matches(request.object.as_ref().and_then(|object| labels_of(object.root()))));
        }
        Ok(match namespaces.find(&request.namespace) {
            Some(namespace) => selector.matches(labels_of(namespace.root())),
            None if is_namespace && request.old_object.is_some() => {
                selector.matches(request.old_object.as_ref().and_then(|object| labels_of(object.root())))
            }
            None => selector.matches_name_only(&request.namespace),
        })
    }

    /// Either of the object and the old object is enough.
    fn matches_object(&self, request: &Request) -> Result<bool, String> {
        let Some(selector) = self.object_selector.as_ref() else { return Ok(true) };
        if let Some(problem) = selector.problem() {
            return Err(format!("Internal error occurred: {problem}"));
        }
        let objects = [&request.object, &request.old_object];
        Ok(selector.is_empty()
            || objects.into_iter().flatten().any(|object| selector.matches(labels_of(object.root()))))
    }

    /// The first rule that a request matches; equivalent resources are tried after all rules.
    fn find_rule<'r>(
        &self,
        rules: &[NamedRuleWithOperations],
        request: &'r Request,
        kinds: &Kinds,
    ) -> Option<Matched<'r>> {
        let GroupVersionResource { group, version, resource } = &request.resource;
        if rules.iter().any(|rule| rule.matches(request, group, version, resource)) {
            return Some(Matched {
                resource: Cow::Borrowed(&request.resource),
                kind: Cow::Borrowed(&request.kind),
            });
        }
        if self.match_policy == MatchPolicy::Exact || rules.is_empty() {
            return None;
        }
        rules.iter().find_map(|rule| {
            let mut others = kinds.equivalents(&request.resource, &request.sub_resource);
            let found =
                others.find(|other| rule.matches(request, other.group, other.version, other.resource))?;
            Some(Matched {
                resource: Cow::Owned(found.group_version_resource()),
                kind: Cow::Owned(found.group_version_kind()),
            })
        })
    }
}
