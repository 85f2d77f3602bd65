//! What came of a request, in the shape that every binding hands out.

use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The outcome of one admission request. Serialises as `kordon batch vap` prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub allowed: bool,
    /// Why not, as the API server's error says it; `None` when allowed.
    pub status: Option<Status>,
    pub warnings: Vec<String>,
    pub audit_annotations: BTreeMap<String, String>,
    /// Every decision of every policy that matched, admitted ones too.
    pub decisions: Vec<PolicyDecision>,
    /// CEL cost of all of them.
    pub cost: u64,
    /// The part of it that each policy has which matched with a binding, in their order, when
    /// [`Scratch::with_costs`](crate::Scratch::with_costs) asks for it. Not serialised.
    pub costs: Vec<PolicyCost>,
}

/// What one policy cost, its match conditions included. A policy without a decision had a condition that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyCost {
    pub policy: Arc<str>,
    pub cost: u64,
}

/// The part of metav1.Status that tells why a request was denied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// The HTTP status: 401, 403, 413 or 422.
    pub code: u16,
    pub reason: Arc<str>,
    pub message: String,
}

/// What one validation, or a policy as a whole, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDecision {
    pub policy: Arc<str>,
    /// Empty for a problem of the policy itself.
    pub binding: Arc<str>,
    /// `namespace/name` of the param object, empty without params.
    pub param: Arc<str>,
    /// Which of the policy's validations; `None` for the policy as a whole.
    pub index: Option<u32>,
    /// The key of the audit annotation that failed.
    pub audit_annotation: Option<Arc<str>>,
    pub action: Action,
    pub evaluation: PolicyEvaluation,
    pub message: String,
    /// The validation's reason, empty unless it denied.
    pub reason: Arc<str>,
}

/// What follows from a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Admit,
    Deny,
}

/// How an evaluation ended; what cannot be evaluated at all ends in an error too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyEvaluation {
    Admit,
    Deny,
    Error,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Admit => "admit",
            Action::Deny => "deny",
        }
    }
}

impl PolicyEvaluation {
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyEvaluation::Admit => "admit",
            PolicyEvaluation::Deny => "deny",
            PolicyEvaluation::Error => "error",
        }
    }
}

impl Report {
    /// Makes the report that of a new request, keeping its memory.
    pub(crate) fn clear(&mut self) {
        self.allowed = true;
        self.status = None;
        self.warnings.clear();
        self.audit_annotations.clear();
        self.decisions.clear();
        self.cost = 0;
        self.costs.clear();
    }

    /// The decisions that deny or would.
    pub fn denials(&self) -> impl Iterator<Item = &PolicyDecision> {
        self.decisions.iter().filter(|decision| decision.action == Action::Deny)
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Report", 6)?;
        fields.serialize_field("allowed", &self.allowed)?;
        fields.serialize_field("status", &self.status)?;
        fields.serialize_field("warnings", &self.warnings)?;
        fields.serialize_field("auditAnnotations", &self.audit_annotations)?;
        fields.serialize_field("decisions", &self.decisions)?;
        fields.serialize_field("cost", &self.cost)?;
        fields.end()
    }
}

impl Serialize for PolicyDecision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("PolicyDecision", 9)?;
        fields.serialize_field("policy", &*self.policy)?;
        fields.serialize_field("binding", &*self.binding)?;
        if !self.param.is_empty() {
            fields.serialize_field("param", &*self.param)?;
        }
        if let Some(index) = self.index {
            fields.serialize_field("index", &index)?;
        }
        if let Some(annotation) = &self.audit_annotation {
            fields.serialize_field("auditAnnotation", &**annotation)?;
        }
        fields.serialize_field("action", self.action.as_str())?;
        fields.serialize_field("evaluation", self.evaluation.as_str())?;
        fields.serialize_field("message", &self.message)?;
        fields.serialize_field("reason", &*self.reason)?;
        fields.end()
    }
}
