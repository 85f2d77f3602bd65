//! `kordon.Engine`.

use crate::error::{exception, raised};
use crate::input::{Given, Keywords, texts, user};
use crate::json::loads;
use crate::report::Report;
use kordon_shared::api::{self, EngineOptions, Input};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use std::path::PathBuf;

/// Policies, ready to decide objects. Safe to share between threads.
#[pyclass(frozen, module = "kordon")]
#[derive(Debug)]
pub(crate) struct Engine(api::Engine);

#[pymethods]
impl Engine {
    /// Makes an engine of policies, bindings, and the params, namespaces, roles and custom kinds that they refer to,
    /// as YAML or JSON or dicts.
    #[new]
    #[pyo3(signature = (policies, *, kubernetes_version = None, view = None, require_bindings = false, user = None,
        namespace = None))]
    fn new(
        py: Python<'_>,
        policies: &Bound<'_, PyAny>,
        kubernetes_version: Option<String>,
        view: Option<String>,
        require_bindings: bool,
        user: Option<&Bound<'_, PyAny>>,
        namespace: Option<String>,
    ) -> PyResult<Engine> {
        let texts = texts(policies)?;
        let options = options(kubernetes_version, view, require_bindings, user, namespace)?;
        let made = py.detach(|| api::Engine::new(&texts, &options));
        made.map(Engine).map_err(|error| raised(py, &error))
    }

    /// The same of files, folders, and packs by name, such as `pack:workload` or `pack:all`.
    #[staticmethod]
    #[pyo3(signature = (paths, *, kubernetes_version = None, view = None, require_bindings = false, user = None,
        namespace = None))]
    fn from_files(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        kubernetes_version: Option<String>,
        view: Option<String>,
        require_bindings: bool,
        user: Option<&Bound<'_, PyAny>>,
        namespace: Option<String>,
    ) -> PyResult<Engine> {
        let options = options(kubernetes_version, view, require_bindings, user, namespace)?;
        let made = py.detach(|| api::Engine::from_files(&paths, &options));
        made.map(Engine).map_err(|error| raised(py, &error))
    }

    /// What deserves to be known about the policies; none of it is an error.
    #[getter]
    fn problems<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        loads(py, &serde_json::to_string(self.0.problems()).unwrap_or_default())
    }

    /// Decides an object.
    #[pyo3(signature = (object, *, operation = None, old_object = None, user = None, namespace = None, name = None,
        sub_resource = None, dry_run = false, options = None))]
    #[allow(clippy::too_many_arguments, reason = "keywords in Python")]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        object: &Bound<'py, PyAny>,
        operation: Option<String>,
        old_object: Option<Bound<'py, PyAny>>,
        user: Option<Bound<'py, PyAny>>,
        namespace: Option<String>,
        name: Option<String>,
        sub_resource: Option<String>,
        dry_run: bool,
        options: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Report> {
        let keywords =
            Keywords { operation, old_object, user, namespace, name, sub_resource, dry_run, options };
        let report = self.0.evaluate(Given::new(object)?.into_input()?, &keywords.read()?);
        report.map(Report).map_err(|error| raised(py, &error))
    }

    /// Decides many objects on several threads, without holding Python's lock.
    ///
    /// The reports are in the order of the objects; in the place of an object that cannot be read is its error.
    #[pyo3(signature = (objects, *, operation = None, old_object = None, user = None, namespace = None, name = None,
        sub_resource = None, dry_run = false, options = None, threads = None))]
    #[allow(clippy::too_many_arguments, reason = "keywords in Python")]
    fn evaluate_many<'py>(
        &self,
        py: Python<'py>,
        objects: &Bound<'py, PyAny>,
        operation: Option<String>,
        old_object: Option<Bound<'py, PyAny>>,
        user: Option<Bound<'py, PyAny>>,
        namespace: Option<String>,
        name: Option<String>,
        sub_resource: Option<String>,
        dry_run: bool,
        options: Option<Bound<'py, PyAny>>,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyList>> {
        let keywords =
            Keywords { operation, old_object, user, namespace, name, sub_resource, dry_run, options };
        let options = keywords.read()?;
        let objects: Vec<Bound<'py, PyAny>> = objects.try_iter()?.collect::<PyResult<_>>()?;
        let inputs: Vec<Input<'_>> =
            objects.iter().map(|object| Given::new(object)?.into_input()).collect::<PyResult<_>>()?;
        let reports = py.detach(|| self.0.evaluate_many(&inputs, &options, threads));
        let results = PyList::empty(py);
        for report in reports {
            match report {
                Ok(report) => results.append(Report(report))?,
                Err(error) => results.append(exception(py, &error)?)?,
            }
        }
        Ok(results)
    }

    /// Answers an AdmissionReview, as a webhook does.
    fn review<'py>(&self, py: Python<'py>, review: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        let answer = self.0.review(review.as_bytes()).map_err(|error| raised(py, &error))?;
        Ok(PyBytes::new(py, answer.as_bytes()))
    }
}

fn options(
    kubernetes_version: Option<String>,
    view: Option<String>,
    require_bindings: bool,
    given: Option<&Bound<'_, PyAny>>,
    namespace: Option<String>,
) -> PyResult<EngineOptions> {
    let user = given.map(user).transpose()?;
    Ok(EngineOptions { kubernetes_version, view, require_bindings, user, namespace })
}
