//! [`Engine`]: policies, ready to decide objects.

use super::request::operate;
use super::{Error, Input, Problem, RequestOptions, Text, User, version, view};
use crate::admitted::{View, admit_object, stage_of_existing};
use crate::check::{Options, find_files};
use crate::custom::CustomResources;
use crate::inputs::{Inputs, Role};
use crate::kinds::CustomKinds;
use kordon::admission::{Operation, Request, read_review, write_review};
use kordon::authorization::UserInfo;
use kordon::document::{Limits, NodeRef, Object};
use kordon::report::{Report, Status};
use kordon::typed::{self, Refusal, Scheme};
use kordon::{Diagnostic, Scratch};
use serde::Deserialize;
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How an engine decides.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct EngineOptions {
    /// Whose CEL functions, kinds and defaults there are; 1.37 without one.
    pub kubernetes_version: Option<String>,
    /// Which form of objects policies see: `admitted` or `written`.
    pub view: Option<String>,
    /// Policies without a binding do nothing, as in a cluster.
    pub require_bindings: bool,
    /// Who asks; `kubernetes-admin` without one.
    pub user: Option<User>,
    /// For namespaced objects that name none; `default` without one.
    pub namespace: Option<String>,
}

/// Decides objects. Shared between threads.
#[derive(Debug)]
pub struct Engine {
    engine: kordon::Engine,
    kinds: CustomKinds,
    custom: CustomResources,
    view: View,
    user: UserInfo,
    namespace: String,
    problems: Vec<Problem>,
}

thread_local! {
    static SCRATCH: RefCell<(Scratch, Object)> = RefCell::default();
}

/// What the API server says instead of asking policies.
struct Answered(Box<Report>);

impl Engine {
    /// Makes an engine of texts with policies, bindings, and what they refer to: params, namespaces, roles, custom
    /// kinds. Any error among them is told, and there is no engine.
    pub fn new(texts: &[Text], options: &EngineOptions) -> Result<Engine, Error> {
        let mut inputs = Inputs::default();
        for text in texts {
            inputs.add_bytes(&text.name, &text.bytes, true, Role::Policy);
        }
        Engine::of(inputs, options)
    }

    /// The same with files, folders, and packs by name, such as `pack:workload`.
    pub fn from_files(paths: &[PathBuf], options: &EngineOptions) -> Result<Engine, Error> {
        let mut inputs = Inputs::default();
        let asked = Options { policies: paths.to_vec(), ..Options::default() };
        for (file, role) in find_files(&asked, &mut inputs.problems) {
            inputs.add(&file, role);
        }
        Engine::of(inputs, options)
    }

    fn of(mut inputs: Inputs, options: &EngineOptions) -> Result<Engine, Error> {
        let check = Options {
            kubernetes_version: version(options.kubernetes_version.as_deref())?,
            require_bindings: options.require_bindings,
            view: view(options.view.as_deref())?,
            ..Options::default()
        };
        inputs.unknown_policies();
        let (mut kinds, mut custom) = (CustomKinds::default(), CustomResources::default());
        let mut of_kinds = Vec::new();
        for document in inputs.objects() {
            kinds.add(&document.object);
            of_kinds.extend(custom.add(document, check.kubernetes_version));
        }
        let (engine, of_policies, of_objects) = inputs.engine(&check, &custom);
        inputs.problems.extend(of_kinds.into_iter().chain(of_policies).chain(of_objects));
        Error::among(&inputs.problems)?;
        let admin = || User { username: "kubernetes-admin".to_owned(), ..User::default() };
        Ok(Engine {
            engine,
            kinds,
            custom,
            view: check.view,
            user: options.user.clone().unwrap_or_else(admin).authenticated(),
            namespace: options.namespace.clone().unwrap_or(check.namespace),
            problems: inputs.problems.iter().map(Problem::from).collect(),
        })
    }

    /// What deserves to be known about the policies; none of it is an error.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Decides an object. What the API server refuses before it asks any policy is a report too; what cannot be read
    /// is an error.
    pub fn evaluate(&self, object: Input<'_>, options: &RequestOptions) -> Result<Report, Error> {
        self.evaluated(object, options, Report::clone)
    }

    /// The report of an object as JSON: the one rendering of all languages.
    pub fn evaluate_json(&self, object: Input<'_>, options: &RequestOptions) -> Result<String, Error> {
        self.evaluated(object, options, |report| serde_json::to_string(report).unwrap_or_default())
    }

    /// Decides many objects, on as many threads as the machine has, or as are said. The reports are in their order.
    pub fn evaluate_many(
        &self,
        objects: &[Input<'_>],
        options: &RequestOptions,
        threads: Option<usize>,
    ) -> Vec<Result<Report, Error>> {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.unwrap_or_else(available).clamp(1, objects.len().max(1));
        let one = |object: &Input<'_>| self.evaluate(object.clone(), options);
        if threads == 1 {
            return objects.iter().map(one).collect();
        }
        let next = AtomicUsize::new(0);
        let share = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(object) = objects.get(at) else { return done };
                done.push((at, one(object)));
            }
        };
        let mut reports: Vec<(usize, Result<Report, Error>)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
            let mut done = share();
            done.extend(others.into_iter().flat_map(|other| other.join().unwrap_or_default()));
            done
        });
        reports.sort_unstable_by_key(|(at, _)| *at);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    /// Answers an AdmissionReview, as a webhook does. Its objects are as the API server has them already.
    pub fn review(&self, review: &[u8]) -> Result<String, Error> {
        let request = read_review(review, &Limits::default());
        let request =
            request.map_err(|error| Error::from(Diagnostic::error("invalid-review", error.to_string())))?;
        let answer = |report: &Report| write_review(&request.uid, report);
        Ok(SCRATCH.with_borrow_mut(|(scratch, _)| answer(self.engine.evaluate_with(scratch, &request))))
    }

    fn evaluated<T>(
        &self,
        object: Input<'_>,
        options: &RequestOptions,
        answer: impl FnOnce(&Report) -> T,
    ) -> Result<T, Error> {
        let operation = options.operation()?;
        SCRATCH.with_borrow_mut(|(scratch, recycled)| {
            let written = object.read_into(std::mem::take(recycled))?;
            let mut warnings = Vec::new();
            let namespace = options.namespace.as_deref().unwrap_or(&self.namespace);
            let old = options.old_object.clone();
            let old = old.map(|old| {
                let stage = stage_of_existing(&old);
                let options = typed::Options { stage, namespace, ..typed::Options::default() };
                self.seen(old, &options, &mut Vec::new())
            });
            let decided = old.transpose().and_then(|old| {
                let replaces = matches!(operation, None | Some(Operation::Update));
                let replaced = old.as_ref().filter(|_| replaces);
                let options = typed::Options { namespace, old: replaced, ..typed::Options::default() };
                Ok((self.seen(written, &options, &mut warnings)?, old))
            });
            let (object, old) = match decided {
                Ok(decided) => decided,
                Err(Answered(report)) => return Ok(answer(&report)),
            };
            let mut request = Request::derive(Some(object), None);
            self.kinds.correct(&mut request, namespace);
            operate(&mut request, operation, old);
            self.amend(&mut request, options);
            let report = self.engine.evaluate_with(scratch, &request);
            let answer = if warnings.is_empty() {
                answer(report)
            } else {
                warnings.extend(report.warnings.iter().cloned());
                answer(&Report { warnings, ..report.clone() })
            };
            *recycled = request.object.or(request.old_object).unwrap_or_default();
            Ok(answer)
        })
    }

    fn amend(&self, request: &mut Request, options: &RequestOptions) {
        request.user_info = options.user.clone().map_or_else(|| self.user.clone(), User::authenticated);
        if let Some(name) = &options.name {
            request.name.clone_from(name);
        }
        if let Some(sub_resource) = &options.sub_resource {
            request.sub_resource.clone_from(sub_resource);
        }
        request.dry_run = options.dry_run;
        request.options.clone_from(&options.options);
    }

    /// The form of an object that policies see, or what the API server answers at once.
    fn seen(
        &self,
        object: Object,
        options: &typed::Options<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Object, Answered> {
        if self.view == View::Written {
            return Ok(object);
        }
        let scheme = self.engine.scheme();
        if let Some(schemas) = scheme.map(Scheme::schemas) {
            let field = |name| object.root().field(name).and_then(NodeRef::as_str).unwrap_or_default();
            let (version, kind) = (field("apiVersion"), field("kind"));
            if let Some(absence) = schemas.absence(version, kind) {
                return Err(Answered::refused(404, "NotFound", absence));
            }
            warnings.extend(schemas.deprecation(version, kind));
        }
        match admit_object(scheme, &self.custom, &object, options) {
            Ok(None) => Ok(object),
            Ok(Some(admitted)) => {
                warnings.extend(admitted.warnings.into_iter().map(|warning| warning.message));
                Ok(admitted.object)
            }
            Err(refusal) => Err(Answered::refused(400, Refusal::REASON, refusal.message)),
        }
    }
}

impl Answered {
    fn refused(code: u16, reason: &str, message: String) -> Answered {
        let status = Some(Status { code, reason: reason.into(), message });
        Answered(Box::new(Report { status, ..Report::default() }))
    }
}
