//! What every policy made of an object, not only what was denied: for those who want to see it decide.

use crate::finding::{Step, Validation};
use kordon::Source;
use kordon::report::{PolicyDecision, Report, Status};
use serde::Serialize;
use std::sync::Arc;

/// An object and what every policy made of it.
#[derive(Clone, Debug, Serialize)]
pub struct DecidedObject {
    /// The object as kubectl names things: `Deployment shop/web`.
    pub object: String,
    pub file: String,
    /// Where it begins, from 1.
    pub line: u32,
    pub allowed: bool,
    /// Why not, as the API server's error says it.
    pub status: Option<Status>,
    pub cost: u64,
    /// In the order in which they were read.
    pub policies: Vec<DecidedPolicy>,
}

/// What one policy made of an object.
#[derive(Clone, Debug, Serialize)]
pub struct DecidedPolicy {
    pub policy: String,
    /// Its constraints and those of a binding take the object. Without decisions, a match condition did not hold.
    pub matched: bool,
    /// Match conditions included.
    pub cost: u64,
    pub decisions: Vec<Decided>,
}

/// A decision with its expression.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    #[serde(flatten)]
    pub decision: PolicyDecision,
    /// Which of the findings it is, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<ExpressionPlace>,
    /// What the parts of the expression were, when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<Step>,
}

/// An expression in a policy's file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpressionPlace {
    pub text: Arc<str>,
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

impl DecidedObject {
    /// An object with a report, and all the policies that there are.
    pub(crate) fn new<'p>(
        object: String,
        (source, line): (&Source, u32),
        report: &Report,
        policies: impl Iterator<Item = &'p str>,
    ) -> DecidedObject {
        let decided = |policy: &str| {
            let cost = report.costs.iter().find(|cost| *cost.policy == *policy);
            DecidedPolicy {
                policy: policy.to_owned(),
                matched: cost.is_some(),
                cost: cost.map_or(0, |cost| cost.cost),
                decisions: Vec::new(),
            }
        };
        DecidedObject {
            object,
            file: source.name.to_string(),
            line,
            allowed: report.allowed,
            status: report.status.clone(),
            cost: report.cost,
            policies: policies.map(decided).collect(),
        }
    }

    /// Counts its findings from a number on.
    pub(crate) fn shift(&mut self, by: usize) {
        let decisions = self.policies.iter_mut().flat_map(|policy| &mut policy.decisions);
        decisions.flat_map(|decided| &mut decided.finding).for_each(|finding| *finding += by);
    }

    /// Puts a decision to its policy.
    pub(crate) fn add(&mut self, decided: Decided) {
        let of_policy = |policy: &&mut DecidedPolicy| *policy.policy == *decided.decision.policy;
        if let Some(policy) = self.policies.iter_mut().find(of_policy) {
            policy.decisions.push(decided);
        }
    }
}

impl From<&Validation> for ExpressionPlace {
    fn from(Validation { expression, source, span }: &Validation) -> ExpressionPlace {
        let (line, column) = source.line_column(span.start);
        let (end_line, end_column) = source.line_column(span.end);
        let text = Arc::clone(expression);
        ExpressionPlace { text, file: source.name.to_string(), line, column, end_line, end_column }
    }
}
