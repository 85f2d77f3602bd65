//! `tests.yaml`: what is to be said, and as what a file is to be requested.

use kordon::Diagnostic;
use kordon::admission::Operation;
use kordon::authorization::UserInfo;
use kordon::document::{Limits, documents};
use serde::Deserialize;
use std::path::Path;

/// Where the expectations stand.
pub(super) const FILE: &str = "tests.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PolicyTests {
    api_version: String,
    kind: String,
    cases: Vec<Expectation>,
}

/// What is expected of the objects of one file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Expectation {
    /// Inside `testdata`, as `fail/pod.yaml`.
    pub(super) file: String,
    /// All that is said of all objects, in order.
    pub(super) messages: Option<Vec<String>>,
    /// The paths of the values at fault, one for each message.
    pub(super) paths: Option<Vec<String>>,
    operation: Option<String>,
    /// A file with the object as it was, inside `testdata`.
    pub(super) old_object: Option<String>,
    user: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
}

impl Expectation {
    pub(super) fn operation(&self) -> Option<Operation> {
        self.operation.as_deref()?.parse().ok()
    }

    pub(super) fn user(&self) -> UserInfo {
        let username = self.user.clone().unwrap_or_else(|| "kubernetes-admin".to_owned());
        UserInfo { username, groups: self.groups.clone(), ..UserInfo::default() }
    }
}

/// Reads the expectations of a folder; without a file there are none.
pub(super) fn read(folder: &Path, name: &str) -> Result<Vec<Expectation>, Diagnostic> {
    let broken = |error: String| Diagnostic::error("broken-tests", format!("{name}: {error}"));
    let bytes = match std::fs::read(folder.join(FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(broken(error.to_string())),
    };
    let Some(document) = documents(name, &bytes, &Limits::default()).into_iter().next() else {
        return Ok(Vec::new());
    };
    let value = serde_json::to_value(document?.object.root()).map_err(|error| broken(error.to_string()))?;
    let tests: PolicyTests = serde_json::from_value(value).map_err(|error| broken(error.to_string()))?;
    if (tests.api_version.as_str(), tests.kind.as_str()) != ("kordon.dev/v1alpha1", "PolicyTests") {
        return Err(broken("neither `apiVersion: kordon.dev/v1alpha1` nor `kind: PolicyTests`".to_owned()));
    }
    let unknown = |case: &&Expectation| case.operation.is_some() && case.operation().is_none();
    match tests.cases.iter().find(unknown) {
        Some(case) => Err(broken(format!("`{}` has an unknown operation", case.file))),
        None => Ok(tests.cases),
    }
}
