//! Python objects to documents: bytes and text are read, dicts are walked where they are.

use crate::error::raised;
use kordon::Span;
use kordon::document::{DocumentError, Limits, Object, ObjectBuilder, Str};
use kordon_shared::api::{Error, Input, RequestOptions, Text, User};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::cell::RefCell;

thread_local! {
    static BUILDER: RefCell<ObjectBuilder> = RefCell::new(ObjectBuilder::new(Limits::default()));
}

/// An object as a caller gave it.
pub(crate) enum Given<'g, 'py> {
    Bytes(&'g Bound<'py, PyBytes>),
    Text(&'g Bound<'py, PyString>),
    Object(Object),
}

impl<'g, 'py> Given<'g, 'py> {
    pub(crate) fn new(given: &'g Bound<'py, PyAny>) -> PyResult<Given<'g, 'py>> {
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Given::Bytes(bytes));
        }
        if let Ok(text) = given.cast::<PyString>() {
            return Ok(Given::Text(text));
        }
        object(given).map(Given::Object)
    }

    pub(crate) fn input(&self) -> PyResult<Input<'_>> {
        Ok(match self {
            Given::Bytes(bytes) => Input::Bytes(bytes.as_bytes()),
            Given::Text(text) => Input::Bytes(text.to_str()?.as_bytes()),
            Given::Object(object) => Input::Object(object.clone()),
        })
    }

    /// The same, once.
    pub(crate) fn into_input(self) -> PyResult<Input<'g>>
    where
        'py: 'g,
    {
        Ok(match self {
            Given::Bytes(bytes) => Input::Bytes(bytes.as_bytes()),
            Given::Text(text) => Input::Bytes(text.to_str()?.as_bytes()),
            Given::Object(object) => Input::Object(object),
        })
    }
}

/// The document of a Python value.
pub(crate) fn object(value: &Bound<'_, PyAny>) -> PyResult<Object> {
    BUILDER.with_borrow_mut(|builder| {
        builder.start("", Object::default());
        walk(value, builder)?;
        builder.finish().ok_or_else(|| PyValueError::new_err("there is no object"))
    })
}

fn walk(value: &Bound<'_, PyAny>, builder: &mut ObjectBuilder) -> PyResult<()> {
    let none = Span::default();
    if let Ok(text) = value.cast::<PyString>() {
        return builder.string(Str::Owned(text.to_str()?), none).map_err(over_limit);
    }
    if let Ok(map) = value.cast::<PyDict>() {
        builder.begin_map(none).map_err(over_limit)?;
        for (key, value) in map {
            let Ok(key) = key.cast::<PyString>() else {
                return Err(PyTypeError::new_err(format!("keys must be str, not {}", type_name(&key))));
            };
            builder.key(Str::Owned(key.to_str()?), none);
            walk(&value, builder)?;
        }
        return builder.end(none).map_err(over_limit);
    }
    if let Ok(list) = value.cast::<PyList>() {
        return walk_all(list.iter(), builder);
    }
    if value.is_none() {
        return builder.null(none).map_err(over_limit);
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return builder.bool(value.is_true(), none).map_err(over_limit);
    }
    if value.cast::<PyInt>().is_ok() {
        // Integers that do not fit are floats, as in JSON.
        return match value.extract::<i64>() {
            Ok(value) => builder.int(value, none),
            Err(_) => builder.double(value.extract()?, none),
        }
        .map_err(over_limit);
    }
    if let Ok(value) = value.cast::<PyFloat>() {
        let value = value.value();
        if !value.is_finite() {
            return Err(PyValueError::new_err(format!("{value} has no place in an object")));
        }
        return builder.double(value, none).map_err(over_limit);
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return walk_all(tuple.iter(), builder);
    }
    Err(PyTypeError::new_err(format!("{} has no place in an object", type_name(value))))
}

fn walk_all<'py>(
    values: impl Iterator<Item = Bound<'py, PyAny>>,
    builder: &mut ObjectBuilder,
) -> PyResult<()> {
    builder.begin_list(Span::default()).map_err(over_limit)?;
    for value in values {
        walk(&value, builder)?;
    }
    builder.end(Span::default()).map_err(over_limit)
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

fn over_limit(error: DocumentError) -> PyErr {
    PyValueError::new_err(error.message)
}

/// Policies: text, bytes, a dict, or several of them.
pub(crate) fn texts(given: &Bound<'_, PyAny>) -> PyResult<Vec<Text>> {
    let text = |value: &Bound<'_, PyAny>| -> PyResult<Vec<u8>> {
        Ok(match Given::new(value)? {
            Given::Bytes(bytes) => bytes.as_bytes().to_vec(),
            Given::Text(text) => text.to_str()?.as_bytes().to_vec(),
            Given::Object(object) => serde_json::to_vec(&object.root()).unwrap_or_default(),
        })
    };
    let one = given.is_instance_of::<PyString>()
        || given.is_instance_of::<PyBytes>()
        || given.is_instance_of::<PyDict>();
    let texts = match one {
        true => vec![text(given)?],
        false => given.try_iter()?.map(|value| text(&value?)).collect::<PyResult<_>>()?,
    };
    Ok(Text::numbered(texts))
}

/// A user: a name, or a dict in the words of UserInfo.
pub(crate) fn user(given: &Bound<'_, PyAny>) -> PyResult<User> {
    if let Ok(name) = given.cast::<PyString>() {
        return Ok(User { username: name.to_string(), ..User::default() });
    }
    let json = serde_json::to_vec(&object(given)?.root()).unwrap_or_default();
    serde_json::from_slice(&json)
        .map_err(|error| raised(given.py(), &Error::argument(format!("user: {error}"))))
}

/// What a request is beside its object, as keywords.
#[derive(Default)]
pub(crate) struct Keywords<'py> {
    pub(crate) operation: Option<String>,
    pub(crate) old_object: Option<Bound<'py, PyAny>>,
    pub(crate) user: Option<Bound<'py, PyAny>>,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) sub_resource: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) options: Option<Bound<'py, PyAny>>,
}

impl Keywords<'_> {
    pub(crate) fn read(self) -> PyResult<RequestOptions> {
        let read = |given: Bound<'_, PyAny>| {
            let input = Given::new(&given)?.input()?.read();
            input.map_err(|error| raised(given.py(), &error))
        };
        Ok(RequestOptions {
            operation: self.operation,
            old_object: self.old_object.map(read).transpose()?,
            user: self.user.map(|given| user(&given)).transpose()?,
            namespace: self.namespace,
            name: self.name,
            sub_resource: self.sub_resource,
            dry_run: self.dry_run,
            options: self.options.map(read).transpose()?,
        })
    }
}
