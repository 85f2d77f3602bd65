//! `Engine`.

use crate::error::{Thrown, exception};
use crate::value::{Given, all, bytes, given_of, parse, read, texts};
use kordon_shared::api::{self, EngineOptions, Error, Input, RequestOptions};
use napi::bindgen_prelude::{Array, AsyncTask, Uint8ArraySlice, Unknown};
use napi::{Env, Result, ScopedTask};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Arc;

/// Policies, ready to decide objects.
#[napi]
#[derive(Debug)]
pub struct Engine(Arc<api::Engine>);

#[napi]
impl Engine {
    /// Makes an engine of policies, bindings, and the params, namespaces, roles and custom kinds that they refer to.
    #[napi(constructor)]
    pub fn new<'env>(
        env: &'env Env,
        #[napi(ts_arg_type = "KubernetesObject | KubernetesObject[]")] policies: Unknown<'env>,
        #[napi(ts_arg_type = "EngineOptions")] options: Option<Unknown<'env>>,
    ) -> Result<Engine> {
        let made = api::Engine::new(&texts(env, policies)?, &read::<EngineOptions>(env, options)?);
        Ok(Engine(Arc::new(made.thrown(env)?)))
    }

    /// The same of files, folders, and packs by name, such as `pack:workload` or `pack:all`.
    #[napi(factory)]
    pub fn from_files<'env>(
        env: &'env Env,
        paths: Vec<String>,
        #[napi(ts_arg_type = "EngineOptions")] options: Option<Unknown<'env>>,
    ) -> Result<Engine> {
        let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
        let made = api::Engine::from_files(&paths, &read::<EngineOptions>(env, options)?);
        Ok(Engine(Arc::new(made.thrown(env)?)))
    }

    /// What deserves to be known about the policies; none of it is an error.
    #[napi(getter, ts_return_type = "Problem[]")]
    pub fn problems<'env>(&self, env: &'env Env) -> Result<Unknown<'env>> {
        parse(env, &serde_json::to_string(self.0.problems()).unwrap_or_default())
    }

    /// Decides an object.
    #[napi(ts_return_type = "Report")]
    pub fn evaluate<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "KubernetesObject")] object: Given<'env>,
        #[napi(ts_arg_type = "RequestOptions")] options: Option<Unknown<'env>>,
    ) -> Result<Unknown<'env>> {
        let request: RequestOptions = read(env, options)?;
        let bytes = bytes(env, &object)?;
        parse(env, &self.0.evaluate_json(Input::Bytes(&bytes), &request).thrown(env)?)
    }

    /// Decides many objects on several threads, beside the event loop. The reports are in the order of the objects; in
    /// the place of an object that cannot be read is its error.
    #[napi(ts_return_type = "Promise<(Report | KordonError)[]>")]
    pub fn evaluate_many<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "KubernetesObject[]")] objects: Unknown<'env>,
        #[napi(ts_arg_type = "RequestOptions")] options: Option<Unknown<'env>>,
        threads: Option<u32>,
    ) -> Result<AsyncTask<Many>> {
        let request = read(env, options)?;
        let threads = threads.and_then(|threads| usize::try_from(threads).ok());
        // JavaScript may change its buffers meanwhile.
        let copied = |object| Ok(bytes(env, &given_of(object)?)?.into_owned());
        let objects = all(objects)?.into_iter().map(copied).collect::<Result<_>>()?;
        Ok(AsyncTask::new(Many { engine: Arc::clone(&self.0), objects, request, threads }))
    }

    /// Answers an AdmissionReview, as a webhook does: JSON in, JSON out.
    #[napi]
    pub fn review(&self, env: &Env, review: Uint8ArraySlice<'_>) -> Result<String> {
        self.0.review(&review).thrown(env)
    }
}

/// Many objects on their way through the engine.
#[derive(Debug)]
pub struct Many {
    engine: Arc<api::Engine>,
    objects: Vec<Vec<u8>>,
    request: RequestOptions,
    threads: Option<usize>,
}

impl<'env> ScopedTask<'env> for Many {
    type Output = Vec<std::result::Result<String, Error>>;
    type JsValue = Array<'env>;

    fn compute(&mut self) -> Result<Self::Output> {
        let inputs: Vec<Input<'_>> = self.objects.iter().map(|bytes| Input::Bytes(bytes)).collect();
        let reports = self.engine.evaluate_many(&inputs, &self.request, self.threads);
        let json = |report| serde_json::to_string(&report).unwrap_or_default();
        Ok(reports.into_iter().map(|report| report.map(json)).collect())
    }

    fn resolve(&mut self, env: &'env Env, output: Self::Output) -> Result<Self::JsValue> {
        let mut reports = env.create_array(u32::try_from(output.len()).unwrap_or(u32::MAX))?;
        for (at, report) in (0..).zip(output) {
            match report {
                Ok(json) => reports.set(at, parse(env, &json)?)?,
                Err(error) => reports.set(at, exception(env, &error)?)?,
            }
        }
        Ok(reports)
    }
}
