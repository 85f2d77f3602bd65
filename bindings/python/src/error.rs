//! `KordonError`, which is written in Python so that it can be pickled.

use kordon_shared::api::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception of an error, made but not raised.
pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let problems = crate::json::loads(py, &serde_json::to_string(&error.problems).unwrap_or_default())?;
    CLASS.import(py, "kordon._error", "KordonError")?.call1((error.to_string(), problems))
}

pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|error| error, PyErr::from_value)
}
