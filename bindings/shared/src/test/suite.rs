//! The policies of one folder with their tests.

use super::TestOptions;
use super::case::{Case, Expected, difference};
use super::coverage::{self, Covered};
use super::expectation::{self, Expectation};
use crate::admitted::{Seen, View};
use crate::check::Options;
use crate::cluster::{ClusterCheck, ClusterRule, Kept};
use crate::custom::CustomResources;
use crate::files::{self, InputFile, TESTS, show};
use crate::inputs::{Inputs, Role};
use crate::kinds::CustomKinds;
use kordon::admission::{Operation, Request};
use kordon::document::{Document, Limits, documents};
use kordon::report::PolicyDecision;
use kordon::{Diagnostic, Engine, Severity};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder with policies and what came of their tests.
#[derive(Clone, Debug)]
pub struct Suite {
    pub folder: String,
    /// Names of policies, and of rules about several objects.
    pub policies: Vec<String>,
    pub cases: Vec<Case>,
    pub coverage: Vec<Covered>,
    /// What fails the folder as a whole.
    pub failures: Vec<String>,
    pub problems: Vec<Diagnostic>,
}

impl Suite {
    pub fn has_failures(&self) -> bool {
        !self.failures.is_empty() || self.cases.iter().any(|case| !case.failures.is_empty())
    }

    pub(super) fn run(folder: &Path, options: &TestOptions) -> Suite {
        let tests = folder.join(TESTS);
        let mut inputs = Inputs::default();
        if tests.join("context").is_dir() {
            add(&mut inputs, &[tests.join("context")], Role::Policy);
        }
        let policies = yaml_files(folder, &mut inputs.problems);
        // What the tests bring along takes the place of the policy's own params.
        add(&mut inputs, &policies, Role::Pack);
        inputs.unknown_policies();
        let (mut kinds, mut custom) = (CustomKinds::default(), CustomResources::default());
        let mut problems = Vec::new();
        for document in inputs.objects() {
            kinds.add(&document.object);
            problems.extend(custom.add(document, options.kubernetes_version));
        }
        let check = Options { kubernetes_version: options.kubernetes_version, ..Options::default() };
        let (engine, of_policies, of_objects) = inputs.engine(&check, &custom);
        let warnings = inputs.type_warnings(&check, &engine);
        problems.extend(of_policies.into_iter().chain(of_objects).chain(warnings));
        inputs.problems.extend(problems);
        let names = inputs.policies.iter().map(|policy| &policy.name);
        let names = names.chain(inputs.rules.iter().map(|rule| &rule.name)).cloned();
        let mut suite = Suite {
            folder: show(folder),
            policies: names.collect(),
            cases: Vec::new(),
            coverage: Covered::of(&inputs.policies),
            failures: Vec::new(),
            problems: inputs.problems,
        };
        let name = show(&tests.join(expectation::FILE));
        let expectations = expectation::read(&tests, &name).unwrap_or_else(|problem| {
            suite.problems.push(problem);
            Vec::new()
        });
        let (rules, context) = (inputs.rules, inputs.context);
        Runner { engine, kinds, custom, tests, options, expectations, rules, context }.run(&mut suite);
        suite
    }
}

struct Runner<'o> {
    engine: Engine,
    kinds: CustomKinds,
    custom: CustomResources,
    tests: PathBuf,
    options: &'o TestOptions,
    expectations: Vec<Expectation>,
    rules: Vec<ClusterRule>,
    context: Vec<Document>,
}

impl Runner<'_> {
    fn run(&self, suite: &mut Suite) {
        if suite.policies.is_empty() {
            suite.failures.push("no policy to test".to_owned());
        }
        for expected in Expected::ALL {
            let folder = self.tests.join(expected.folder());
            if folder.is_dir() {
                for path in yaml_files(&folder, &mut suite.problems) {
                    let case = self.case(expected, &path, &mut suite.coverage);
                    suite.cases.push(case);
                }
            }
        }
        for Expectation { file, .. } in &self.expectations {
            if !suite.cases.iter().any(|case| case.file == *file) {
                suite.failures.push(format!("{} names `{file}`, which is not there", expectation::FILE));
            }
        }
        if self.options.strict {
            let kinds = [Expected::Pass, Expected::Fail];
            let missing =
                kinds.into_iter().filter(|kind| !suite.cases.iter().any(|case| case.expected == *kind));
            suite.failures.extend(missing.map(|kind| format!("no test in {TESTS}/{}", kind.folder())));
            let partly = suite.coverage.iter().filter(|covered| !covered.is_full());
            suite.failures.extend(partly.map(|covered| {
                format!(
                    "validation {} of {} was {}: {}",
                    covered.index,
                    covered.policy,
                    covered.missing(),
                    covered.expression
                )
            }));
            let severe = suite.problems.iter().filter(|problem| problem.severity == Severity::Warning);
            suite.failures.extend(severe.map(|problem| format!("warning: {problem}")));
        }
    }

    fn case(&self, expected: Expected, path: &Path, coverage: &mut [Covered]) -> Case {
        let file =
            format!("{}/{}", expected.folder(), path.file_name().unwrap_or_default().to_string_lossy());
        let expectation = self.expectations.iter().find(|expectation| expectation.file == file);
        let mut case = Case {
            file,
            expected,
            objects: 0,
            messages: Vec::new(),
            paths: Vec::new(),
            failures: Vec::new(),
        };
        let none = Expectation::default();
        let special = expectation.unwrap_or(&none);
        let mut problems = Vec::new();
        let old = special.old_object.as_ref().map(|file| self.tests.join(file));
        let old = old.map(|path| self.documents(&path, &mut problems)).unwrap_or_default();
        let mut existing = Vec::new();
        for document in old {
            existing.extend(self.existing(document, &mut problems));
        }
        let mut existing = existing.into_iter();
        let mut documents = self.documents(path, &mut problems);
        if !self.rules.is_empty() {
            case.objects = documents.len();
            self.cluster_case(&mut case, std::mem::take(&mut documents), &mut problems);
        }
        for document in documents {
            case.objects += 1;
            let old = existing.next();
            let Some(document) = self.admitted(document, old.as_ref(), &mut problems) else { continue };
            let request = self.request(document, old, special);
            let report = self.engine.evaluate(&request);
            coverage::count(coverage, &report);
            case.failures.extend(expected.failure(&report, special.messages.is_some()));
            for decision in report.denials() {
                if decision.message.starts_with("failed expression: ") {
                    case.failures.push(format!("no message: {}", decision.message));
                }
                case.messages.push(decision.message.clone());
                case.paths.push(self.path(&request, decision));
            }
        }
        // A policy may well be about versions that are gone.
        problems.retain(|problem| !["deprecated-version", "absent-version"].contains(&problem.code));
        case.failures.extend(problems.iter().map(ToString::to_string));
        if case.objects == 0 {
            case.failures.push("no object in the file".to_owned());
        }
        self.compare(&mut case, special);
        case
    }

    /// A file whose objects are the whole input of rules about several.
    fn cluster_case(&self, case: &mut Case, documents: Vec<Document>, problems: &mut Vec<Diagnostic>) {
        let mut cluster = ClusterCheck::new(self.rules.clone());
        let mut keep = |document: Document, checked| {
            let source = Arc::clone(&document.source);
            let request = self.request(document, None, &Expectation::default());
            Kept::new(request, source, View::Admitted, checked)
                .into_iter()
                .for_each(|kept| cluster.keep(kept));
        };
        for document in self.context.iter().cloned() {
            self.existing(document, problems).into_iter().for_each(|document| keep(document, false));
        }
        for document in documents {
            self.admitted(document, None, problems).into_iter().for_each(|document| keep(document, true));
        }
        for (_, finding) in cluster.findings() {
            case.messages.push(finding.message);
            case.paths.push(finding.path);
        }
        case.failures.extend(match (case.expected, case.messages.first()) {
            (Expected::Fail, None) => Some("nothing is found".to_owned()),
            (Expected::Pass | Expected::Skip, Some(message)) => Some(format!("found: {message}")),
            _ => None,
        });
    }

    fn compare(&self, case: &mut Case, expected: &Expectation) {
        match &expected.messages {
            Some(messages) => case.failures.extend(difference("messages", messages, &case.messages)),
            None if self.options.strict && case.expected == Expected::Fail => {
                case.failures.push(format!("no messages in {}", expectation::FILE));
            }
            None => {}
        }
        if let Some(paths) = &expected.paths {
            case.failures.extend(difference("paths", paths, &case.paths));
        }
    }

    fn documents(&self, path: &Path, problems: &mut Vec<Diagnostic>) -> Vec<Document> {
        let name = show(path);
        let mut found = Vec::new();
        match std::fs::read(path) {
            Ok(bytes) => {
                for document in documents(&name, &bytes, &Limits::default()) {
                    match document {
                        Ok(document) => found.push(document),
                        Err(problem) => problems.push(problem),
                    }
                }
            }
            Err(error) => problems.push(Diagnostic::error("unreadable-file", format!("{name}: {error}"))),
        }
        found
    }

    /// An object as the API server has it.
    fn admitted(
        &self,
        document: Document,
        old: Option<&Document>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Document> {
        let (engine, namespace) = (&self.engine, &self.options.namespace);
        let old = old.map(|old| &old.object);
        let seen = Seen::admit(engine, &self.custom, document, namespace, old, problems);
        seen.ok().map(|seen| seen.document)
    }

    /// The same for one that is there already.
    fn existing(&self, document: Document, problems: &mut Vec<Diagnostic>) -> Option<Document> {
        let (scheme, namespace) = (self.engine.scheme(), &self.options.namespace);
        let seen = Seen::existing(scheme, &self.custom, document, namespace, problems);
        seen.ok().map(|seen| seen.document)
    }

    fn request(&self, document: Document, old: Option<Document>, special: &Expectation) -> Request {
        let old = old.map(|document| document.object);
        let updates = old.is_some();
        let mut request = Request::derive(Some(document.object), old);
        self.kinds.correct(&mut request, &self.options.namespace);
        request.user_info = special.user();
        request.operation = match special.operation() {
            Some(operation) => operation,
            None if updates => Operation::Update,
            None => Operation::Create,
        };
        match request.operation {
            Operation::Update if !updates => request.old_object.clone_from(&request.object),
            Operation::Delete => request.old_object = request.object.take(),
            _ => {}
        }
        request
    }

    fn path(&self, request: &Request, decision: &PolicyDecision) -> String {
        self.engine.fault(request, decision).map(|fault| fault.path).unwrap_or_default()
    }
}

/// The YAML and JSON files of a folder itself, in order.
fn yaml_files(folder: &Path, problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(Diagnostic::error("unreadable-file", format!("{}: {error}", show(folder))));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_file() && files::has_extension(path));
    paths.sort();
    paths
}

fn add(inputs: &mut Inputs, paths: &[PathBuf], role: Role) {
    let (files, problems): (Vec<InputFile>, Vec<Diagnostic>) = files::find(paths, false);
    inputs.problems.extend(problems);
    for file in files {
        inputs.add(&file, role);
    }
}
