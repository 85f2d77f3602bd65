//! kordon for Node: arguments and JavaScript values in, reports and errors out. What happens, happens in
//! `kordon-shared`.
#![cfg_attr(test, allow(dead_code, reason = "in a test nothing is registered with Node"))]

mod engine;
mod error;
mod expression;
mod value;

use error::{Thrown, thrown};
use kordon_shared::api::{self, CheckOptions, Input, Text};
use napi::bindgen_prelude::Unknown;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Deserialize;
use std::path::PathBuf;
use value::{Given, parse, read};

/// The version of this package.
#[napi]
pub const VERSION: &str = api::VERSION;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct AdmitOptions {
    kubernetes_version: Option<String>,
    namespace: Option<String>,
}

/// What the API server makes of an object that is created: the object, and what it warns of.
#[napi(ts_return_type = "Admitted")]
pub fn admit<'env>(
    env: &'env Env,
    #[napi(ts_arg_type = "KubernetesObject")] object: Given<'env>,
    #[napi(ts_arg_type = "AdmitOptions")] options: Option<Unknown<'env>>,
) -> Result<Unknown<'env>> {
    let AdmitOptions { kubernetes_version, namespace } = read(env, options)?;
    let bytes = value::bytes(env, &object)?;
    let admitted = api::admit(Input::Bytes(&bytes), kubernetes_version.as_deref(), namespace.as_deref());
    parse(env, &admitted.thrown(env)?.to_json())
}

/// Checks files and folders against policies, as `kordon check` does.
#[napi(ts_return_type = "CheckResult")]
pub fn check_files<'env>(
    env: &'env Env,
    policies: Vec<String>,
    files: Vec<String>,
    #[napi(ts_arg_type = "CheckOptions")] options: Option<Unknown<'env>>,
) -> Result<Unknown<'env>> {
    let paths = |paths: Vec<String>| -> Vec<PathBuf> { paths.into_iter().map(PathBuf::from).collect() };
    let checked = api::check_files(&paths(policies), &paths(files), &read::<CheckOptions>(env, options)?);
    parse(env, &checked.and_then(|checked| checked.render("json")).thrown(env)?)
}

/// The same for texts in memory.
#[napi(ts_return_type = "CheckResult")]
pub fn check_texts<'env>(
    env: &'env Env,
    policies: Vec<NamedText>,
    texts: Vec<NamedText>,
    #[napi(ts_arg_type = "CheckOptions")] options: Option<Unknown<'env>>,
) -> Result<Unknown<'env>> {
    let texts_of = |texts: Vec<NamedText>| -> Vec<Text> { texts.into_iter().map(Text::from).collect() };
    let options = read::<CheckOptions>(env, options)?;
    let checked = api::check_texts(&texts_of(policies), &texts_of(texts), &options);
    parse(env, &checked.and_then(|checked| checked.render("json")).thrown(env)?)
}

/// A text with one or more documents, YAML or JSON.
#[napi(object)]
#[derive(Debug)]
pub struct NamedText {
    /// As findings name it.
    pub name: String,
    pub text: String,
}

impl From<NamedText> for Text {
    fn from(text: NamedText) -> Text {
        Text { name: text.name, bytes: text.text.into_bytes() }
    }
}

/// An argument that cannot be used.
fn argument(env: &Env, message: impl Into<String>) -> napi::Error {
    thrown(env, &api::Error::argument(message))
}
