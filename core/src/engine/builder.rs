//! Making an [`Engine`].

use super::params::{Param, bound_to_everything, params_of};
use super::{Engine, Hook};
use crate::admission::{Kinds, Namespaces};
use crate::authorization::{Authorizer, NoOpinion};
use crate::cel::environment::{EnvType, Version};
use crate::diagnostic::Diagnostic;
use crate::document::Object;
use crate::matching::Index;
use crate::policy::{
    CompiledPolicy, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, environment,
};
use crate::typed::Scheme;
use std::sync::{Arc, OnceLock};

/// Collects what an engine is made of.
#[derive(Debug, Default)]
pub struct EngineBuilder {
    version: Version,
    env_type: EnvType,
    policies: Vec<ValidatingAdmissionPolicy>,
    bindings: Vec<ValidatingAdmissionPolicyBinding>,
    params: Vec<Object>,
    namespaces: Namespaces,
    kinds: Kinds,
    authorizer: Option<Arc<dyn Authorizer>>,
    requires_bindings: bool,
    scheme: Option<Scheme>,
}

impl EngineBuilder {
    /// The Kubernetes version whose CEL functions and kinds there are; 1.37 when not called.
    #[must_use]
    pub fn kubernetes_version(mut self, version: Version) -> EngineBuilder {
        self.version = version;
        self
    }

    /// Whether the policies are being written, and may use only what their version has, or are stored already and run
    /// with all that kube-apiserver knows. It checks new policies in the former way, which is the default here, and
    /// evaluates in the latter.
    #[must_use]
    pub fn env_type(mut self, kind: EnvType) -> EngineBuilder {
        self.env_type = kind;
        self
    }

    #[must_use]
    pub fn policies(
        mut self,
        policies: impl IntoIterator<Item = ValidatingAdmissionPolicy>,
    ) -> EngineBuilder {
        self.policies.extend(policies);
        self
    }

    #[must_use]
    pub fn bindings(
        mut self,
        bindings: impl IntoIterator<Item = ValidatingAdmissionPolicyBinding>,
    ) -> EngineBuilder {
        self.bindings.extend(bindings);
        self
    }

    /// Policies without a binding do nothing, as in a cluster. Otherwise they are bound to everything with Deny.
    #[must_use]
    pub fn require_bindings(mut self, require: bool) -> EngineBuilder {
        self.requires_bindings = require;
        self
    }

    /// Objects that bindings may name as params.
    #[must_use]
    pub fn params(mut self, objects: impl IntoIterator<Item = Object>) -> EngineBuilder {
        self.params.extend(objects);
        self
    }

    #[must_use]
    pub fn namespaces(mut self, namespaces: Namespaces) -> EngineBuilder {
        self.namespaces = namespaces;
        self
    }

    /// Kinds beside the built-in ones, whose versions are equivalent for `matchPolicy: Equivalent`.
    #[must_use]
    pub fn kinds(mut self, kinds: Kinds) -> EngineBuilder {
        self.kinds = kinds;
        self
    }

    /// The built-in kinds of the version where they are prepared already; otherwise that is done when first asked for.
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> EngineBuilder {
        self.scheme = Some(scheme);
        self
    }

    /// Who answers `authorizer`; nobody has an opinion when not called.
    #[must_use]
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> EngineBuilder {
        self.authorizer = Some(authorizer);
        self
    }

    /// Compiles the policies. What does not compile is a diagnostic, and acts by its policy's failurePolicy.
    pub fn build(self) -> (Engine, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let params: Vec<Param> = self.params.into_iter().map(Param::new).collect();
        let mut hooks = Vec::new();
        let types = environment::types(self.version.seen_by(self.env_type));
        for policy in self.policies {
            let (compiled, found) = CompiledPolicy::new(&policy, &types);
            problems.extend(found);
            let own = self.bindings.iter().filter(|binding| binding.policy_name == policy.name);
            let mut bindings: Vec<_> =
                own.map(|binding| (Arc::from(binding.name.as_str()), binding.clone())).collect();
            if bindings.is_empty() && !self.requires_bindings {
                bindings = bound_to_everything(&policy, &params);
            }
            let (problem, params_namespaced) = params_of(&policy, &params);
            hooks.push(Hook { policy, compiled, bindings, problem, params_namespaced });
        }
        let engine = Engine {
            index: Index::new(hooks.iter().map(|hook| &hook.policy.match_constraints)),
            policies: hooks,
            params,
            namespaces: self.namespaces,
            kinds: self.kinds.of_kubernetes(self.version.minor),
            authorizer: self.authorizer.unwrap_or_else(|| Arc::new(NoOpinion)),
            version: self.version,
            validator: OnceLock::new(),
            scheme: self.scheme.map_or_else(OnceLock::new, |scheme| OnceLock::from(Some(scheme))),
            none: Arc::from(""),
        };
        (engine, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, documents};

    const POLICY: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: numbers}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]
  validations: [{expression: 'lists.range(3).includes(object.spec.replicas)'}]
";

    #[test]
    fn stored_policies_have_all_functions_and_new_ones_those_of_their_version() {
        let problems = |kind| {
            let document = documents("policy.yaml", POLICY.as_bytes(), &Limits::default()).remove(0).unwrap();
            let policy = ValidatingAdmissionPolicy::from_document(&document).unwrap();
            let old = "1.33".parse().unwrap();
            Engine::builder().kubernetes_version(old).env_type(kind).policies([policy]).build().1
        };
        assert!(problems(EnvType::StoredExpressions).is_empty());
        let new = problems(EnvType::NewExpressions);
        assert!(
            new.iter().any(|problem| problem.message.contains("undeclared reference to 'range'")),
            "{new:?}"
        );
    }
}
