//! Which objects are the params of a binding.
//!
//! Source: apiserver `pkg/admission/plugin/policy/generic/policy_dispatcher.go`, `CollectParams`.

use super::{Engine, Hook};
use crate::admission::{GroupVersionKind, Request, is_namespaced, is_unknown_version};
use crate::document::{NodeRef, Object};
use crate::policy::{
    ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidationAction,
};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Param {
    kind: GroupVersionKind,
    name: String,
    namespace: String,
    /// `namespace/name`.
    pub(super) label: Arc<str>,
    pub(super) object: Object,
}

impl Param {
    pub(super) fn new(object: Object) -> Param {
        let root = object.root();
        let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let metadata = root.field("metadata");
        let kind =
            GroupVersionKind::from_api_version(&text(root.field("apiVersion")), &text(root.field("kind")));
        let name = text(metadata.and_then(|metadata| metadata.field("name")));
        let mut namespace = text(metadata.and_then(|metadata| metadata.field("namespace")));
        if namespace.is_empty() && is_namespaced(&kind.group, &kind.kind) == Some(true) {
            namespace = "default".to_owned();
        }
        let label = if namespace.is_empty() { name.clone() } else { format!("{namespace}/{name}") };
        Param { kind, name, namespace, label: label.into(), object }
    }
}

impl Param {
    /// Whether the object may be a param of the policy.
    pub(super) fn is_of(&self, policy: &ValidatingAdmissionPolicy) -> bool {
        policy.param_kind.as_ref() == Some(&self.kind)
    }
}

/// Whether a policy's paramKind is usable, and whether its objects live in namespaces.
pub(super) fn params_of(policy: &ValidatingAdmissionPolicy, params: &[Param]) -> (Option<String>, bool) {
    let Some(kind) = &policy.param_kind else { return (None, false) };
    if is_unknown_version(kind) {
        return (Some(format!("failed to find resource referenced by paramKind: '{kind}'")), true);
    }
    let mut found = params.iter().filter(|param| param.kind == *kind).peekable();
    let namespaced = is_namespaced(&kind.group, &kind.kind)
        .unwrap_or_else(|| found.peek().is_none() || found.any(|param| !param.namespace.is_empty()));
    (None, namespaced)
}

/// The bindings of a policy that came without: one that denies, or with params one for each of them.
pub(super) fn bound_to_everything(
    policy: &ValidatingAdmissionPolicy,
    params: &[Param],
) -> Vec<(Arc<str>, ValidatingAdmissionPolicyBinding)> {
    let bind = |param_ref| {
        let binding = ValidatingAdmissionPolicyBinding {
            name: policy.name.clone(),
            policy_name: policy.name.clone(),
            param_ref,
            match_resources: crate::matching::MatchResources::default(),
            validation_actions: vec![ValidationAction::Deny],
            source: Arc::clone(&policy.source),
            span: policy.span,
        };
        (Arc::from(policy.name.as_str()), binding)
    };
    let of_kind = params.iter().filter(|param| Some(&param.kind) == policy.param_kind.as_ref());
    let each = of_kind.map(|param| {
        bind(Some(ParamRef {
            name: param.name.clone(),
            namespace: param.namespace.clone(),
            selector: None,
            deny_when_missing: true,
        }))
    });
    let bindings: Vec<_> = each.collect();
    if bindings.is_empty() { vec![bind(None)] } else { bindings }
}

impl Engine {
    /// The params to evaluate a binding with; `None` stands for evaluating without.
    pub(super) fn collect_params<'e>(
        &'e self,
        hook: &Hook,
        binding: &ValidatingAdmissionPolicyBinding,
        request: &Request,
    ) -> Result<Params<'e>, String> {
        let (Some(kind), Some(wanted)) = (&hook.policy.param_kind, &binding.param_ref) else {
            return Ok(Params::Without);
        };
        let namespace = match (hook.params_namespaced, wanted.namespace.as_str()) {
            (false, "") => None,
            (false, _) => {
                return Err(
                    "paramRef.namespace must not be provided for a cluster-scoped `paramKind`".to_owned()
                );
            }
            (true, "") if request.namespace.is_empty() => {
                return Err(
                    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                        .to_owned(),
                );
            }
            (true, "") => Some(request.namespace.as_str()),
            (true, namespace) => Some(namespace),
        };
        let here = self.params.iter().filter(|param| {
            param.kind == *kind && namespace.is_none_or(|namespace| param.namespace == namespace)
        });
        let found: Vec<&Param> = match &wanted.selector {
            Some(selector) => {
                here.filter(|param| selector.matches(crate::labels::labels_of(param.object.root()))).collect()
            }
            None => here.filter(|param| param.name == wanted.name).take(1).collect(),
        };
        if found.is_empty() && wanted.deny_when_missing {
            return Err("no params found for policy binding with `Deny` parameterNotFoundAction".to_owned());
        }
        Ok(Params::Found(found.into_iter()))
    }
}

/// What a binding is evaluated with, one after the other.
pub(super) enum Params<'e> {
    Without,
    Done,
    Found(std::vec::IntoIter<&'e Param>),
}

impl Params<'_> {
    /// Whether there is nothing to evaluate.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Params::Without => false,
            Params::Done => true,
            Params::Found(params) => params.len() == 0,
        }
    }
}

impl<'e> Iterator for Params<'e> {
    type Item = Option<&'e Param>;

    fn next(&mut self) -> Option<Option<&'e Param>> {
        match self {
            Params::Without => {
                *self = Params::Done;
                Some(None)
            }
            Params::Done => None,
            Params::Found(params) => params.next().map(Some),
        }
    }
}
