//! `kordon.Report` and its parts.

use crate::json::loads;
use kordon::report;
use pyo3::prelude::*;
use std::collections::BTreeMap;

/// What came of a request.
#[pyclass(frozen, eq, module = "kordon")]
#[derive(Debug, PartialEq)]
pub(crate) struct Report(pub(crate) report::Report);

/// Why a request was denied, as the API server's error says it.
#[pyclass(frozen, eq, get_all, module = "kordon")]
#[derive(Debug, PartialEq)]
pub(crate) struct Status {
    code: u16,
    reason: String,
    message: String,
}

/// What one validation, or a policy as a whole, decided.
#[pyclass(frozen, eq, get_all, module = "kordon")]
#[derive(Debug, PartialEq)]
pub(crate) struct Decision {
    policy: String,
    binding: String,
    param: String,
    index: Option<u32>,
    audit_annotation: Option<String>,
    action: &'static str,
    evaluation: &'static str,
    message: String,
    reason: String,
}

#[pymethods]
impl Report {
    #[getter]
    fn allowed(&self) -> bool {
        self.0.allowed
    }

    #[getter]
    fn status(&self) -> Option<Status> {
        let status = self.0.status.as_ref()?;
        Some(Status { code: status.code, reason: status.reason.to_string(), message: status.message.clone() })
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    #[getter]
    fn audit_annotations(&self) -> BTreeMap<String, String> {
        self.0.audit_annotations.clone()
    }

    /// Every decision of every policy that matched, admitted ones too.
    #[getter]
    fn decisions(&self) -> Vec<Decision> {
        self.0.decisions.iter().map(Decision::from).collect()
    }

    /// The decisions that deny or would.
    #[getter]
    fn denials(&self) -> Vec<Decision> {
        self.0.denials().map(Decision::from).collect()
    }

    /// CEL cost of all decisions.
    #[getter]
    fn cost(&self) -> u64 {
        self.0.cost
    }

    /// The report as JSON, the same in all languages.
    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &self.to_json())
    }

    fn __repr__(&self) -> String {
        match &self.0.status {
            None => "Report(allowed=True)".to_owned(),
            Some(status) => format!("Report(allowed=False, message={:?})", status.message),
        }
    }
}

impl From<&report::PolicyDecision> for Decision {
    fn from(decision: &report::PolicyDecision) -> Decision {
        Decision {
            policy: decision.policy.to_string(),
            binding: decision.binding.to_string(),
            param: decision.param.to_string(),
            index: decision.index,
            audit_annotation: decision.audit_annotation.as_ref().map(ToString::to_string),
            action: decision.action.as_str(),
            evaluation: decision.evaluation.as_str(),
            message: decision.message.clone(),
            reason: decision.reason.to_string(),
        }
    }
}
