//! `kordon.cel`.

use crate::error::raised;
use crate::input::object;
use kordon_shared::api::{self, Expression, ExpressionOptions, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use std::collections::BTreeMap;

/// A compiled expression.
#[pyclass(frozen, module = "kordon.cel")]
#[derive(Debug)]
pub(crate) struct Program {
    expression: Expression,
    /// Names of variables as Python has them.
    names: Vec<Py<PyString>>,
}

/// What came of an expression.
#[pyclass(frozen, module = "kordon.cel")]
#[derive(Debug)]
pub(crate) struct Evaluation(api::Evaluation);

/// Parses, checks and compiles an expression. Variables are names, or names with CEL types.
#[pyfunction]
#[pyo3(signature = (expression, *, variables = None, kubernetes_version = None))]
pub(crate) fn compile(
    py: Python<'_>,
    expression: &str,
    variables: Option<&Bound<'_, PyAny>>,
    kubernetes_version: Option<String>,
) -> PyResult<Program> {
    let variables = match variables {
        None => BTreeMap::new(),
        Some(given) => match given.cast::<PyDict>() {
            Ok(types) => types.extract()?,
            Err(_) => {
                let name = |name: PyResult<Bound<'_, PyAny>>| Ok((name?.extract()?, "dyn".to_owned()));
                given.try_iter()?.map(name).collect::<PyResult<_>>()?
            }
        },
    };
    let options = ExpressionOptions { variables, kubernetes_version };
    let expression = Expression::compile(expression, &options).map_err(|error| raised(py, &error))?;
    let name = |name: &String| PyString::intern(py, name).unbind();
    let names = expression.variables().iter().map(name).collect();
    Ok(Program { expression, names })
}

#[pymethods]
impl Program {
    /// The type of the value, as the checker knows it.
    #[getter]
    fn result_type(&self) -> String {
        self.expression.result_type()
    }

    /// Evaluates the expression.
    #[pyo3(signature = (variables = None))]
    fn eval(&self, py: Python<'_>, variables: Option<&Bound<'_, PyDict>>) -> PyResult<Evaluation> {
        let mut values = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let given = variables.map(|variables| variables.get_item(name)).transpose()?.flatten();
            values.push(given.map(|given| object(&given)).transpose()?);
        }
        self.expression.eval(&values).map(Evaluation).map_err(|error| raised(py, &error))
    }
}

#[pymethods]
impl Evaluation {
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python(py, &self.0.value)
    }

    /// What it cost, as the API server counts.
    #[getter]
    fn cost(&self) -> u64 {
        self.0.cost
    }

    fn to_json(&self) -> String {
        self.0.to_json()
    }
}

fn python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Uint(value) => value.into_pyobject(py)?.into_any(),
        Value::Double(value) => value.into_pyobject(py)?.into_any(),
        Value::String(text) | Value::Text(text) => text.into_pyobject(py)?.into_any(),
        Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Value::List(list) => {
            let made = PyList::empty(py);
            for value in list {
                made.append(python(py, value)?)?;
            }
            made.into_any()
        }
        Value::Map(entries) => {
            let made = PyDict::new(py);
            for (key, value) in entries {
                made.set_item(python(py, key)?, python(py, value)?)?;
            }
            made.into_any()
        }
    })
}
