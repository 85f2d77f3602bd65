//! kordon for browsers: JavaScript values in, reports and errors out, as in `bindings/node`. What happens, happens in
//! `kordon-shared`.

mod engine;
mod expression;
mod value;

use kordon_shared::api::{self, CheckOptions, Input, Text};
use serde::Deserialize;
use value::{Given, parse, read, thrown};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../../node/types.d.ts");

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(message: &str);
}

/// Says on the console what the engine failed of; without it a trap has no words.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| console_error(&format!("kordon: {panic}"))));
}

/// The version of this package.
#[wasm_bindgen]
pub fn version() -> String {
    api::VERSION.to_owned()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct AdmitOptions {
    kubernetes_version: Option<String>,
    namespace: Option<String>,
}

/// What the API server makes of an object that is created: the object, and what it warns of.
#[wasm_bindgen(unchecked_return_type = "Admitted")]
pub fn admit(
    #[wasm_bindgen(unchecked_param_type = "KubernetesObject")] object: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "AdmitOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let AdmitOptions { kubernetes_version, namespace } = read(&options)?;
    let given = Given::new(&object)?;
    let admitted =
        api::admit(Input::Bytes(given.bytes()), kubernetes_version.as_deref(), namespace.as_deref());
    parse(&admitted.map_err(|error| thrown(&error))?.to_json())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedText {
    name: String,
    text: String,
}

/// Checks texts against policies, as `kordon check` does files.
#[wasm_bindgen(js_name = checkTexts, unchecked_return_type = "CheckResult")]
pub fn check_texts(
    #[wasm_bindgen(unchecked_param_type = "{ name: string; text: string }[]")] policies: JsValue,
    #[wasm_bindgen(unchecked_param_type = "{ name: string; text: string }[]")] texts: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "CheckOptions")] options: JsValue,
) -> Result<JsValue, JsValue> {
    let texts_of = |given: &JsValue| -> Result<Vec<Text>, JsValue> {
        let texts: Vec<NamedText> = read(given)?;
        Ok(texts.into_iter().map(|text| Text { name: text.name, bytes: text.text.into_bytes() }).collect())
    };
    let options: CheckOptions = read(&options)?;
    let checked = api::check_texts(&texts_of(&policies)?, &texts_of(&texts)?, &options);
    parse(&checked.and_then(|checked| checked.render("json")).map_err(|error| thrown(&error))?)
}
