//! Which validations were seen true and false.

use kordon::policy::ValidatingAdmissionPolicy;
use kordon::report::{PolicyEvaluation, Report};

/// How often a validation was what.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Covered {
    pub policy: String,
    pub index: u32,
    pub expression: String,
    #[serde(rename = "true")]
    pub admitted: usize,
    #[serde(rename = "false")]
    pub denied: usize,
    pub errors: usize,
}

impl Covered {
    pub(super) fn of(policies: &[ValidatingAdmissionPolicy]) -> Vec<Covered> {
        let mut covered = Vec::new();
        for policy in policies {
            covered.extend((0..).zip(&policy.validations).map(|(index, validation)| Covered {
                policy: policy.name.clone(),
                index,
                expression: validation.expression.text.split_whitespace().collect::<Vec<&str>>().join(" "),
                admitted: 0,
                denied: 0,
                errors: 0,
            }));
        }
        covered
    }

    pub fn is_full(&self) -> bool {
        self.admitted > 0 && self.denied > 0
    }

    /// What was not seen.
    pub fn missing(&self) -> &'static str {
        match (self.admitted, self.denied) {
            (0, 0) => "neither true nor false",
            (0, _) => "never true",
            (_, 0) => "never false",
            _ => "",
        }
    }
}

/// Counts what a report says of validations.
pub(super) fn count(covered: &mut [Covered], report: &Report) {
    for decision in &report.decisions {
        let Some(index) = decision.index else { continue };
        let same = |covered: &&mut Covered| covered.policy == *decision.policy && covered.index == index;
        let Some(covered) = covered.iter_mut().find(same) else { continue };
        match decision.evaluation {
            PolicyEvaluation::Admit => covered.admitted += 1,
            PolicyEvaluation::Deny => covered.denied += 1,
            PolicyEvaluation::Error => covered.errors += 1,
        }
    }
}
