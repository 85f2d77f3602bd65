//! `KordonError`: an `Error` with a code, a path and a place.

use crate::value::parse;
use kordon_shared::api::Error;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, Result, Status};

/// What the first problem gives the error.
const FIELDS: [&str; 7] = ["code", "path", "file", "line", "column", "span", "help"];

pub(crate) trait Thrown<T> {
    /// The same with an error that JavaScript can catch.
    fn thrown(self, env: &Env) -> Result<T>;
}

impl<T> Thrown<T> for std::result::Result<T, Error> {
    fn thrown(self, env: &Env) -> Result<T> {
        self.map_err(|error| thrown(env, &error))
    }
}

pub(crate) fn thrown(env: &Env, error: &Error) -> napi::Error {
    exception(env, error).map_or_else(|error| error, napi::Error::from)
}

/// The exception of an error, made but not thrown.
pub(crate) fn exception<'env>(env: &'env Env, error: &Error) -> Result<Unknown<'env>> {
    let mut exception = env.create_error(napi::Error::new(Status::GenericFailure, error.to_string()))?;
    exception.set("name", "KordonError")?;
    let problems = parse(env, &serde_json::to_string(&error.problems).unwrap_or_default())?;
    let problems: Object<'_> = problems.coerce_to_object()?;
    let first: Object<'_> = problems.get_named_property("0")?;
    for field in FIELDS {
        if first.has_named_property(field)? {
            exception.set(field, first.get_named_property::<Unknown<'_>>(field)?)?;
        }
    }
    exception.set("problems", problems)?;
    Ok(exception.to_unknown())
}
