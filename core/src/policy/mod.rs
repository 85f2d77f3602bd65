//! ValidatingAdmissionPolicies and their bindings: read from objects, checked, compiled.
//!
//! Source: api `admissionregistration/v1`; kubernetes `pkg/apis/admissionregistration/validation`.

mod binding;
mod compile;
mod decode;
pub(crate) mod environment;
#[cfg(test)]
mod tests;

pub use binding::{ParamRef, ValidatingAdmissionPolicyBinding, ValidationAction};
pub(crate) use compile::{Compiled, CompiledPolicy, Slots, place_in_source};

use crate::admission::GroupVersionKind;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, NodeRef};
use crate::matching::MatchResources;
use crate::source::{Source, Span};
use std::sync::Arc;

/// A policy as it was written, with its defaults set.
#[derive(Clone, Debug)]
pub struct ValidatingAdmissionPolicy {
    pub name: String,
    pub param_kind: Option<GroupVersionKind>,
    pub match_constraints: MatchResources,
    pub match_conditions: Vec<NamedExpression>,
    pub variables: Vec<NamedExpression>,
    pub validations: Vec<Validation>,
    /// By key.
    pub audit_annotations: Vec<NamedExpression>,
    pub failure_policy: FailurePolicy,
    pub source: Arc<Source>,
    /// The policy's place in its source.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression {
    pub text: String,
    pub span: Span,
}

/// A match condition, variable or audit annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedExpression {
    pub name: String,
    pub expression: Expression,
}

/// One of a policy's validations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    pub expression: Expression,
    pub message: String,
    pub message_expression: Option<Expression>,
    /// `Unauthorized`, `Forbidden`, `Invalid` or `RequestEntityTooLarge`.
    pub reason: Option<String>,
}

/// What an error does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FailurePolicy {
    #[default]
    Fail,
    Ignore,
}

impl ValidatingAdmissionPolicy {
    /// Whether a document is a ValidatingAdmissionPolicy of a version that this understands.
    pub fn is_policy(document: &Document) -> bool {
        is_registration(document, "ValidatingAdmissionPolicy")
    }

    /// Reads a policy; all that is wrong with it is reported at once.
    pub fn from_document(document: &Document) -> Result<ValidatingAdmissionPolicy, Vec<Diagnostic>> {
        decode::policy(document)
    }
}

impl ValidatingAdmissionPolicyBinding {
    /// Whether a document is a ValidatingAdmissionPolicyBinding of a version that this understands.
    pub fn is_binding(document: &Document) -> bool {
        is_registration(document, "ValidatingAdmissionPolicyBinding")
    }

    /// Reads a binding; all that is wrong with it is reported at once.
    pub fn from_document(document: &Document) -> Result<ValidatingAdmissionPolicyBinding, Vec<Diagnostic>> {
        binding::binding(document)
    }
}

fn is_registration(document: &Document, kind: &str) -> bool {
    let root = document.object.root();
    let version = root.field("apiVersion").and_then(NodeRef::as_str).unwrap_or_default();
    version.starts_with("admissionregistration.k8s.io/")
        && root.field("kind").and_then(NodeRef::as_str) == Some(kind)
}
