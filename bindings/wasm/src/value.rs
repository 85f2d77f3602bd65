//! JavaScript values to bytes and back, by the engine's own JSON; errors that JavaScript can catch.

use js_sys::{Array, Error, JSON, JsString, Reflect, Uint8Array};
use kordon_shared::api::{self, Text};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

/// What the first problem gives the error.
const FIELDS: [&str; 7] = ["code", "path", "file", "line", "column", "span", "help"];

/// An object as a caller gave it: text, bytes or a JavaScript object; as JSON or YAML.
pub(crate) struct Given(Vec<u8>);

impl Given {
    pub(crate) fn new(given: &JsValue) -> Result<Given, JsValue> {
        if let Some(text) = given.as_string() {
            return Ok(Given(text.into_bytes()));
        }
        if let Some(bytes) = given.dyn_ref::<Uint8Array>() {
            return Ok(Given(bytes.to_vec()));
        }
        if !given.is_object() {
            return Err(js_sys::TypeError::new("an object is text, bytes or an object").into());
        }
        Ok(Given(stringify(given)?.into_bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Policies: text, bytes, an object, or several of them.
pub(crate) fn texts(given: &JsValue) -> Result<Vec<Text>, JsValue> {
    let one = |value: &JsValue| Ok(Given::new(value)?.0);
    let texts: Result<Vec<Vec<u8>>, JsValue> = match given.dyn_ref::<Array>() {
        Some(several) => several.iter().map(|value| one(&value)).collect(),
        None => one(given).map(|text| vec![text]),
    };
    Ok(Text::numbered(texts?))
}

/// Options, which are all optional themselves.
pub(crate) fn read<T: DeserializeOwned + Default>(given: &JsValue) -> Result<T, JsValue> {
    if given.is_undefined() || given.is_null() {
        return Ok(T::default());
    }
    let read = serde_json::from_str(&stringify(given)?);
    read.map_err(|error| thrown(&api::Error::argument(format!("options: {error}"))))
}

pub(crate) fn stringify(value: &JsValue) -> Result<String, JsValue> {
    JSON::stringify(value).map(String::from)
}

pub(crate) fn parse(json: &str) -> Result<JsValue, JsValue> {
    JSON::parse(json)
}

/// `KordonError`, made but not thrown.
pub(crate) fn thrown(error: &api::Error) -> JsValue {
    let made = Error::new(&error.to_string());
    made.set_name("KordonError");
    let problems = serde_json::to_string(&error.problems).unwrap_or_default();
    let problems = parse(&problems).unwrap_or_default();
    let set = |name: &str, value: &JsValue| {
        // Setting a property of a new error cannot fail.
        let _ = Reflect::set(&made, &JsString::from(name), value);
    };
    if let Ok(first) = Reflect::get_u32(&problems, 0) {
        for field in FIELDS {
            match Reflect::get(&first, &JsString::from(field)) {
                Ok(value) if !value.is_undefined() => set(field, &value),
                _ => {}
            }
        }
    }
    set("problems", &problems);
    made.into()
}
