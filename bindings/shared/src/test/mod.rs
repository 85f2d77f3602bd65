//! `test`: policies against what their authors say they let pass, deny and leave alone.
//!
//! A folder with policies has its tests in `testdata`: the objects of `pass` must be seen and let pass, those of `fail`
//! denied, those of `skip` not even matched. `context` holds what they refer to, and `tests.yaml` says what messages are
//! expected and what requests are special.

mod case;
mod coverage;
mod expectation;
mod render;
mod suite;

use crate::files::{TESTS, show};
use kordon::cel::environment::Version;
use kordon::{Diagnostic, Severity};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

pub use case::{Case, Expected};
pub use coverage::Covered;
pub use render::{render_json, render_text};
pub use suite::Suite;

/// What to test.
#[derive(Clone, Debug)]
pub struct TestOptions {
    /// Folders with policies and their tests, or folders of such folders.
    pub paths: Vec<PathBuf>,
    pub kubernetes_version: Version,
    /// For namespaced objects that name none.
    pub namespace: String,
    /// Every policy has tests, every denial its expected messages, every validation is seen true and false.
    pub strict: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    pub suites: Vec<Suite>,
    pub problems: Vec<Diagnostic>,
}

impl Tested {
    pub fn has_errors(&self) -> bool {
        let problems = self.problems.iter().chain(self.suites.iter().flat_map(|suite| &suite.problems));
        problems.into_iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Whether any test failed.
    pub fn has_failures(&self) -> bool {
        self.suites.iter().any(|suite| suite.has_failures())
    }
}

/// Runs all tests under the paths.
pub fn test(options: &TestOptions) -> Tested {
    let mut tested = Tested::default();
    for path in &options.paths {
        let before = tested.suites.len();
        for folder in suites(path, options.strict, &mut tested.problems) {
            tested.suites.push(Suite::run(&folder, options));
        }
        if tested.suites.len() == before {
            let problem =
                Diagnostic::error("no-tests", format!("no policy with a folder `{TESTS}` in {}", show(path)));
            tested.problems.push(problem);
        }
    }
    tested
}

/// The folders that hold a folder `testdata`, in order; if `strict`, those of policies without one too.
fn suites(path: &Path, strict: bool, problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(Diagnostic::error("unreadable-file", error.to_string()));
                continue;
            }
        };
        let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
        let inside = below.ancestors().skip(1).any(|folder| folder.ends_with(TESTS));
        let of_tests = entry.file_type().is_dir() && entry.file_name() == TESTS;
        let of_policy = strict
            && entry.file_type().is_file()
            && ["policy.yaml", "rule.yaml"].iter().any(|name| entry.file_name() == *name);
        if let (false, true, Some(folder)) = (inside, of_tests || of_policy, entry.path().parent()) {
            folders.push(folder.to_path_buf());
        }
    }
    folders.dedup();
    folders
}
