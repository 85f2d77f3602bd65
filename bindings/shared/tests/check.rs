//! What a check tells while it goes on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kordon::Diagnostic;
use kordon::document::Document;
use kordon_shared::api::Text;
use kordon_shared::{Finding, Options, Role, Sink, Stage, check, check_into};
use std::io;

const POLICY: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: small}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}
  validations: [{expression: object.data.size == 'small'}]
";

fn options(documents: usize) -> Options {
    let text = |size: &str, at: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}}}\ndata: {{size: {size}}}\n")
    };
    let all: Vec<String> =
        (0..documents).map(|at| text(if at % 2 == 0 { "large" } else { "small" }, at)).collect();
    let text = |name: &str, text: String| Text { name: name.to_owned(), bytes: text.into_bytes() };
    let texts = vec![
        (text("all.yaml", all.join("---\n")), Role::Check),
        (text("policy.yaml", POLICY.to_owned()), Role::Check),
    ];
    Options { texts, jobs: 4.try_into().ok(), ..Options::default() }
}

#[derive(Default)]
struct Told {
    findings: usize,
    /// How many findings there were when so many documents were done.
    progress: Vec<(Stage, usize, usize, usize)>,
    most: Option<usize>,
}

impl Sink for Told {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        Err(io::Error::other(problem.message))
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        self.findings += 1;
        if self.most.is_some_and(|most| self.findings > most) {
            Err(io::ErrorKind::BrokenPipe.into())
        } else {
            Ok(())
        }
    }

    fn progress(&mut self, stage: Stage, done: usize, total: usize) {
        self.progress.push((stage, done, total, self.findings));
    }
}

#[test]
fn findings_are_told_as_documents_are_done() {
    let mut told = Told::default();
    let summary = check_into(&options(1_000), &mut told).unwrap();
    assert_eq!((summary.objects, summary.findings, told.findings), (1_000, 500, 500));
    let checking: Vec<_> = told.progress.iter().filter(|(stage, ..)| *stage == Stage::Checking).collect();
    // The policy is a document of the files too.
    assert_eq!(checking.len(), 1_001);
    for (at, (_, done, total, findings)) in checking.into_iter().enumerate() {
        assert_eq!((*done, *total, *findings), (at + 1, 1_001, at.min(1_000).div_ceil(2)));
    }
}

#[test]
fn a_sink_that_fails_ends_the_check() {
    let mut told = Told { most: Some(10), ..Told::default() };
    let error = check_into(&options(1_000), &mut told).unwrap_err();
    assert_eq!((error.kind(), told.findings), (io::ErrorKind::BrokenPipe, 11));
}

#[test]
fn objects_are_given_back_where_they_are_asked_for() {
    assert!(check(&options(10)).objects.is_empty());
    let outcome = check(&Options { keep_objects: true, ..options(10) });
    let name = |document: &Document| {
        let metadata = document.object.root().field("metadata").unwrap();
        metadata.field("name").unwrap().as_str().unwrap().to_owned()
    };
    let names: Vec<String> = outcome.objects.iter().map(name).collect();
    assert_eq!(names, (0..10).map(|at| format!("c{at}")).collect::<Vec<_>>());
}
