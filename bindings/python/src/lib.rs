//! kordon for Python: arguments and Python objects in, typed results and exceptions out. What happens, happens in
//! `kordon-shared`.

mod engine;
mod error;
mod expression;
mod input;
mod report;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _kordon {
    use super::input::Given;
    use super::{error, json};
    use kordon_shared::api::{self, CheckOptions, Checked, VERSION};
    use pyo3::prelude::*;
    use std::ffi::OsString;
    use std::path::PathBuf;

    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::expression::{Evaluation, Program, compile};
    #[pymodule_export]
    use super::report::{Decision, Report, Status};

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name")]
    const __version__: &str = VERSION;

    /// What came of a check.
    #[pyclass(frozen, module = "kordon")]
    #[derive(Debug)]
    pub(crate) struct CheckResult(Checked);

    #[pymethods]
    impl CheckResult {
        /// The result as `kordon check -o FORMAT` writes it.
        #[pyo3(signature = (format = "text"))]
        fn render(&self, py: Python<'_>, format: &str) -> PyResult<String> {
            self.0.render(format).map_err(|error| error::raised(py, &error))
        }

        fn to_json(&self, py: Python<'_>) -> PyResult<String> {
            self.render(py, "json")
        }

        fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            json::loads(py, &self.to_json(py)?)
        }
    }

    /// Checks files and folders against policies, as `kordon check` does.
    #[pyfunction]
    #[pyo3(signature = (files, *, policies = Vec::new(), old_objects = Vec::new(), operation = None, user = None,
        kubernetes_version = None, view = None, namespace = None, require_bindings = false, hidden = false,
        explain = false, decisions = false))]
    #[allow(clippy::too_many_arguments, reason = "keywords in Python")]
    fn check_files(
        py: Python<'_>,
        files: Vec<PathBuf>,
        policies: Vec<PathBuf>,
        old_objects: Vec<PathBuf>,
        operation: Option<String>,
        user: Option<Bound<'_, PyAny>>,
        kubernetes_version: Option<String>,
        view: Option<String>,
        namespace: Option<String>,
        require_bindings: bool,
        hidden: bool,
        explain: bool,
        decisions: bool,
    ) -> PyResult<CheckResult> {
        let user = user.map(|user| super::input::user(&user)).transpose()?;
        let options = CheckOptions {
            old_objects,
            operation,
            user,
            kubernetes_version,
            view,
            namespace,
            require_bindings,
            hidden,
            explain,
            decisions,
        };
        let checked = py.detach(|| api::check_files(&policies, &files, &options));
        checked.map(CheckResult).map_err(|error| error::raised(py, &error))
    }

    /// What the API server makes of an object that is created: the object, and what it warns of.
    #[pyfunction]
    #[pyo3(signature = (object, *, kubernetes_version = None, namespace = None))]
    fn admit<'py>(
        py: Python<'py>,
        object: &Bound<'py, PyAny>,
        kubernetes_version: Option<&str>,
        namespace: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let admitted = api::admit(Given::new(object)?.input()?, kubernetes_version, namespace);
        json::loads(py, &admitted.map_err(|error| error::raised(py, &error))?.to_json())
    }

    /// Runs the command line; gives its exit code.
    #[pyfunction]
    fn run(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| kordon_cli::run(arguments))
    }
}

mod json {
    use pyo3::prelude::*;
    use pyo3::sync::PyOnceLock;

    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

    /// Python's own reader of JSON.
    pub(crate) fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        LOADS.import(py, "json", "loads")?.call1((text,))
    }
}
