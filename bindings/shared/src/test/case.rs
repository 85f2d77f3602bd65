//! One object, decided and compared with what was expected of it.

use kordon::report::{Action, PolicyEvaluation, Report};

/// What a folder of tests expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    Pass,
    Fail,
    Skip,
}

/// One file of tests.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Case {
    /// Inside `testdata`.
    pub file: String,
    pub expected: Expected,
    pub objects: usize,
    /// What was said, in order.
    pub messages: Vec<String>,
    /// Where, one for each message.
    pub paths: Vec<String>,
    /// Why the test failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

impl Expected {
    pub(super) const ALL: [Expected; 3] = [Expected::Pass, Expected::Fail, Expected::Skip];

    pub fn folder(self) -> &'static str {
        match self {
            Expected::Pass => "pass",
            Expected::Fail => "fail",
            Expected::Skip => "skip",
        }
    }

    /// Why a report is not what was expected.
    pub(super) fn failure(self, report: &Report, told: bool) -> Option<String> {
        let mut denials = report.denials();
        let first = denials.next();
        match (self, first) {
            (Expected::Skip, _) if report.decisions.is_empty() => None,
            (Expected::Skip, _) => Some("the policy decides it, but should not match it".to_owned()),
            _ if report.decisions.is_empty() => Some(
                "the policy never sees it: see matchConstraints, matchConditions, bindings and params"
                    .to_owned(),
            ),
            (Expected::Pass, None) => None,
            (Expected::Pass, Some(denial)) => Some(format!("denied: {}", denial.message)),
            (Expected::Fail, None) => Some("not denied".to_owned()),
            (Expected::Fail, Some(_)) => {
                let error = |decision: &&kordon::report::PolicyDecision| {
                    decision.action == Action::Deny && decision.evaluation == PolicyEvaluation::Error
                };
                let failed = report.decisions.iter().find(error).filter(|_| !told);
                failed.map(|decision| format!("denied by an error: {}", decision.message))
            }
        }
    }
}

/// What was expected and not told, and what was told and not expected.
pub(super) fn difference(what: &str, expected: &[String], told: &[String]) -> Option<String> {
    if expected == told {
        return None;
    }
    let list = |texts: &[String]| match texts {
        [] => "    (none)".to_owned(),
        texts => texts.iter().map(|text| format!("    {text}")).collect::<Vec<String>>().join("\n"),
    };
    Some(format!("other {what}\n  expected\n{}\n  but was\n{}", list(expected), list(told)))
}
