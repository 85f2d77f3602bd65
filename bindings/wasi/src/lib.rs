//! kordon as a WebAssembly component: bytes and JSON in, JSON out. What happens, happens in `kordon-shared`.

use bindings::Guest;
use bindings::exports::kordon::kordon::{expressions, policies};
use kordon::document::{Limits, Object};
use kordon_shared::api::{
    self, CheckOptions, EngineOptions, Error, Expression, ExpressionOptions, Input, RequestOptions, Text,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "kordon" });
}

#[derive(Debug)]
struct Component;

bindings::export!(Component with_types_in bindings);

impl Guest for Component {
    fn version() -> String {
        api::VERSION.to_owned()
    }
}

type Json = String;

/// Options, which are all optional themselves.
fn read<T: DeserializeOwned + Default>(options: Option<Json>) -> Result<T, Json> {
    let Some(options) = options else { return Ok(T::default()) };
    serde_json::from_str(&options).map_err(|error| Error::argument(format!("options: {error}")).to_json())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct AdmitOptions {
    kubernetes_version: Option<String>,
    namespace: Option<String>,
}

impl policies::Guest for Component {
    type Engine = api::Engine;

    fn admit(object: Vec<u8>, options: Option<Json>) -> Result<Json, Json> {
        let AdmitOptions { kubernetes_version, namespace } = read(options)?;
        let admitted = api::admit(Input::Bytes(&object), kubernetes_version.as_deref(), namespace.as_deref());
        admitted.map(|admitted| admitted.to_json()).map_err(|error| error.to_json())
    }

    fn check(
        policies: Vec<policies::Text>,
        texts: Vec<policies::Text>,
        options: Option<Json>,
    ) -> Result<Json, Json> {
        let options: CheckOptions = read(options)?;
        let named = |texts: Vec<policies::Text>| -> Vec<Text> {
            texts.into_iter().map(|policies::Text { name, bytes }| Text { name, bytes }).collect()
        };
        let checked = api::check_texts(&named(policies), &named(texts), &options);
        checked.and_then(|checked| checked.render("json")).map_err(|error| error.to_json())
    }
}

impl policies::GuestEngine for api::Engine {
    fn make(policies: Vec<Vec<u8>>, options: Option<Json>) -> Result<policies::Engine, Json> {
        let options: EngineOptions = read(options)?;
        let made = api::Engine::new(&Text::numbered(policies), &options);
        made.map(policies::Engine::new).map_err(|error| error.to_json())
    }

    fn from_files(paths: Vec<String>, options: Option<Json>) -> Result<policies::Engine, Json> {
        let options: EngineOptions = read(options)?;
        let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
        let made = api::Engine::from_files(&paths, &options);
        made.map(policies::Engine::new).map_err(|error| error.to_json())
    }

    fn problems(&self) -> Json {
        serde_json::to_string(self.problems()).unwrap_or_default()
    }

    fn evaluate(&self, object: Vec<u8>, options: Option<Json>) -> Result<Json, Json> {
        let options: RequestOptions = read(options)?;
        self.evaluate_json(Input::Bytes(&object), &options).map_err(|error| error.to_json())
    }

    fn review(&self, review: Vec<u8>) -> Result<Json, Json> {
        self.review(&review).map_err(|error| error.to_json())
    }
}

impl expressions::Guest for Component {
    type Program = Expression;

    fn compile(expression: String, options: Option<Json>) -> Result<expressions::Program, Json> {
        let options: ExpressionOptions = read(options)?;
        let compiled = Expression::compile(&expression, &options);
        compiled.map(expressions::Program::new).map_err(|error| error.to_json())
    }
}

impl expressions::GuestProgram for Expression {
    fn result_type(&self) -> String {
        self.result_type()
    }

    fn eval(&self, variables: Vec<(String, Json)>) -> Result<Json, Json> {
        let value = |name: &String| {
            let (_, json) = variables.iter().find(|(given, _)| given == name)?;
            let read = Object::from_json(json.as_bytes(), &Limits::default());
            Some(read.map_err(|error| Error::argument(format!("variable {name}: {error}"))))
        };
        let values: Result<Vec<Option<Object>>, Error> =
            self.variables().iter().map(|name| value(name).transpose()).collect();
        let evaluation = values.and_then(|values| self.eval(&values));
        evaluation.map(|evaluation| evaluation.to_json()).map_err(|error| error.to_json())
    }
}
