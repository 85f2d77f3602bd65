//! Bindings: where a policy applies, with which params, and what a denial does.

use super::decode::{Decoder, Place};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::labels::LabelSelector;
use crate::matching::MatchResources;
use crate::source::{Source, Span};
use std::sync::Arc;

/// A binding as it was written.
#[derive(Clone, Debug)]
pub struct ValidatingAdmissionPolicyBinding {
    pub name: String,
    pub policy_name: String,
    pub param_ref: Option<ParamRef>,
    pub match_resources: MatchResources,
    pub validation_actions: Vec<ValidationAction>,
    pub source: Arc<Source>,
    pub span: Span,
}

/// Which objects are a policy's `params`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamRef {
    /// Empty when a selector picks them.
    pub name: String,
    /// Empty for the namespace of the request.
    pub namespace: String,
    pub selector: Option<LabelSelector>,
    /// `parameterNotFoundAction: Deny`.
    pub deny_when_missing: bool,
}

/// What a denied validation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValidationAction {
    Deny,
    Warn,
    Audit,
}

impl ValidationAction {
    pub fn as_str(self) -> &'static str {
        match self {
            ValidationAction::Deny => "Deny",
            ValidationAction::Warn => "Warn",
            ValidationAction::Audit => "Audit",
        }
    }
}

pub(super) fn binding(document: &Document) -> Result<ValidatingAdmissionPolicyBinding, Vec<Diagnostic>> {
    let root = document.object.root();
    let mut decoder = Decoder { source: &document.source, problems: Vec::new() };
    let (name, spec) = decoder.head(root, &["apiVersion", "kind", "metadata", "spec"]);
    let mut binding = ValidatingAdmissionPolicyBinding {
        name,
        policy_name: String::new(),
        param_ref: None,
        match_resources: MatchResources::default(),
        validation_actions: Vec::new(),
        source: Arc::clone(&document.source),
        span: root.span(),
    };
    if let Some(node) = spec {
        let spec = Place { node, path: "spec" };
        decoder.known(spec, &["policyName", "paramRef", "matchResources", "validationActions"]);
        binding.policy_name = decoder.required(spec, "policyName");
        binding.param_ref = decoder.param_ref(spec);
        if let Some(node) = decoder.map(spec, "matchResources") {
            binding.match_resources = decoder.match_resources(Place { node, path: "spec.matchResources" });
        }
        binding.validation_actions = decoder.validation_actions(spec);
    }
    if decoder.problems.is_empty() { Ok(binding) } else { Err(decoder.problems) }
}

impl<'d> Decoder<'d> {
    fn param_ref(&mut self, spec: Place<'d, '_>) -> Option<ParamRef> {
        let node = self.map(spec, "paramRef")?;
        let place = Place { node, path: "spec.paramRef" };
        self.known(place, &["name", "namespace", "selector", "parameterNotFoundAction"]);
        let found = ParamRef {
            name: self.text(place, "name").unwrap_or_default(),
            namespace: self.text(place, "namespace").unwrap_or_default(),
            selector: self.selector(place, "selector"),
            deny_when_missing: self.choice(place, "parameterNotFoundAction", &["Allow", "Deny"])
                == Some("Deny"),
        };
        if found.name.is_empty() == found.selector.is_none() {
            let message = "`spec.paramRef` needs one of `name` and `selector`";
            self.report("invalid-value", message, node.span());
        }
        Some(found)
    }

    fn validation_actions(&mut self, spec: Place<'d, '_>) -> Vec<ValidationAction> {
        let mut actions = Vec::new();
        let span = spec.node.field("validationActions").map_or(spec.node.span(), |node| node.span());
        for text in self.texts(spec, "validationActions") {
            let action = match text.as_str() {
                "Deny" => ValidationAction::Deny,
                "Warn" => ValidationAction::Warn,
                "Audit" => ValidationAction::Audit,
                other => {
                    let message = format!("`spec.validationActions`: `{other}` is none of Deny, Warn, Audit");
                    self.report("invalid-value", message, span);
                    continue;
                }
            };
            if actions.contains(&action) {
                self.report(
                    "invalid-value",
                    format!("`spec.validationActions`: `{text}` stands twice"),
                    span,
                );
            }
            actions.push(action);
        }
        if actions.contains(&ValidationAction::Deny) && actions.contains(&ValidationAction::Warn) {
            let message = "`spec.validationActions`: Deny and Warn must not be used together";
            self.report("invalid-value", message, span);
        }
        if actions.is_empty() && self.problems.is_empty() {
            self.report("missing-field", "`spec.validationActions` is required", span);
        }
        actions
    }
}
