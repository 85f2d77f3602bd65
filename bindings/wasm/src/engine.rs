//! `Engine`.

use crate::value::{Given, parse, read, texts, thrown};
use js_sys::{Array, Promise};
use kordon_shared::api::{self, EngineOptions, Input, RequestOptions};
use std::path::PathBuf;
use wasm_bindgen::prelude::*;

/// Policies, ready to decide objects.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine(api::Engine);

#[wasm_bindgen]
impl Engine {
    /// Makes an engine of policies, bindings, and the params, namespaces, roles and custom kinds that they refer to.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "KubernetesObject | KubernetesObject[]")] policies: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "EngineOptions")] options: JsValue,
    ) -> Result<Engine, JsValue> {
        let made = api::Engine::new(&texts(&policies)?, &read::<EngineOptions>(&options)?);
        made.map(Engine).map_err(|error| thrown(&error))
    }

    /// Makes an engine of packs by name, such as `pack:workload` or `pack:all`. There are no other files here.
    #[wasm_bindgen(js_name = fromFiles)]
    pub fn from_files(
        packs: Vec<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "EngineOptions")] options: JsValue,
    ) -> Result<Engine, JsValue> {
        let packs: Vec<PathBuf> = packs.into_iter().map(PathBuf::from).collect();
        let made = api::Engine::from_files(&packs, &read::<EngineOptions>(&options)?);
        made.map(Engine).map_err(|error| thrown(&error))
    }

    /// What deserves to be known about the policies; none of it is an error.
    #[wasm_bindgen(getter, unchecked_return_type = "Problem[]")]
    pub fn problems(&self) -> Result<JsValue, JsValue> {
        parse(&serde_json::to_string(self.0.problems()).unwrap_or_default())
    }

    /// Decides an object.
    #[wasm_bindgen(unchecked_return_type = "Report")]
    pub fn evaluate(
        &self,
        #[wasm_bindgen(unchecked_param_type = "KubernetesObject")] object: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        self.decided(&object, &read(&options)?)
    }

    /// Decides many objects. The reports are in the order of the objects; in the place of an object that cannot be read
    /// is its error.
    #[wasm_bindgen(js_name = evaluateMany, unchecked_return_type = "Promise<(Report | KordonError)[]>")]
    pub fn evaluate_many(
        &self,
        #[wasm_bindgen(unchecked_param_type = "KubernetesObject[]")] objects: Array,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let options: RequestOptions = read(&options)?;
        let reports = Array::new();
        for object in objects.iter() {
            reports.push(&self.decided(&object, &options).unwrap_or_else(|error| error));
        }
        Ok(Promise::resolve(&reports).into())
    }

    /// Answers an AdmissionReview, as a webhook does: JSON in, JSON out.
    pub fn review(&self, review: &[u8]) -> Result<String, JsValue> {
        self.0.review(review).map_err(|error| thrown(&error))
    }

    fn decided(&self, object: &JsValue, options: &RequestOptions) -> Result<JsValue, JsValue> {
        let given = Given::new(object)?;
        let json = self.0.evaluate_json(Input::Bytes(given.bytes()), options);
        parse(&json.map_err(|error| thrown(&error))?)
    }
}
