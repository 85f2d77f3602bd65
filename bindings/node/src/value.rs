//! JavaScript values to bytes and back, by the engine's own JSON: it is faster than a walk over its objects from outside.

use crate::argument;
use kordon_shared::api::Text;
use napi::bindgen_prelude::{
    Array, Either3, FromNapiValue, Function, JsObjectValue, JsValue, Object, Uint8ArraySlice, Unknown,
};
use napi::{Env, JSON, Result};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// An object as a caller gave it: bytes, text, or a JavaScript object.
pub(crate) type Given<'env> = Either3<Uint8ArraySlice<'env>, String, Object<'env>>;

/// The object as JSON or YAML.
pub(crate) fn bytes<'g>(env: &Env, given: &'g Given<'_>) -> Result<Cow<'g, [u8]>> {
    Ok(match given {
        Either3::A(bytes) => Cow::Borrowed(bytes),
        Either3::B(text) => Cow::Borrowed(text.as_bytes()),
        Either3::C(object) => Cow::Owned(stringify(env, object.to_unknown())?.into_bytes()),
    })
}

/// Policies: text, bytes, an object, or several of them.
pub(crate) fn texts(env: &Env, given: Unknown<'_>) -> Result<Vec<Text>> {
    let text = |value: Unknown<'_>| -> Result<Vec<u8>> {
        let given = given_of(value)?;
        Ok(bytes(env, &given)?.into_owned())
    };
    if !given.is_array()? {
        return Ok(Text::numbered([text(given)?]));
    }
    Ok(Text::numbered(all(given)?.into_iter().map(text).collect::<Result<Vec<_>>>()?))
}

/// The elements of an array.
pub(crate) fn all(given: Unknown<'_>) -> Result<Vec<Unknown<'_>>> {
    let array: Array<'_> = cast(given)?;
    (0..array.len()).filter_map(|at| array.get(at).transpose()).collect()
}

pub(crate) fn given_of<'env>(value: Unknown<'env>) -> Result<Given<'env>> {
    cast(value)
}

fn cast<'env, T: FromNapiValue>(value: Unknown<'env>) -> Result<T> {
    T::from_unknown(value)
}

/// Options, which are all optional themselves.
pub(crate) fn read<T: DeserializeOwned + Default>(env: &Env, given: Option<Unknown<'_>>) -> Result<T> {
    let Some(given) = given else { return Ok(T::default()) };
    let json = stringify(env, given)?;
    serde_json::from_str(&json).map_err(|error| argument(env, format!("options: {error}")))
}

pub(crate) fn stringify(env: &Env, value: Unknown<'_>) -> Result<String> {
    json(env)?.stringify(value)
}

pub(crate) fn parse<'env>(env: &'env Env, text: &str) -> Result<Unknown<'env>> {
    let parse: Function<'_, &str, Unknown<'env>> = json(env)?.get_named_property_unchecked("parse")?;
    parse.call(text)
}

fn json(env: &Env) -> Result<JSON<'_>> {
    env.get_global()?.get_named_property_unchecked("JSON")
}
