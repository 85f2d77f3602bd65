//! Files, or texts in memory, to findings: what `kordon check` does.

use super::{Error, Text, User, version, view};
use crate::check::{Options, Outcome, check};
use crate::inputs::Role;
use crate::render::{Format, Style, render};
use serde::Deserialize;
use std::path::PathBuf;

/// What to check, and as what: the flags of `kordon check`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct CheckOptions {
    /// Files and folders with the objects as they are before the request.
    pub old_objects: Vec<PathBuf>,
    /// CREATE, UPDATE, DELETE or CONNECT.
    pub operation: Option<String>,
    pub user: Option<User>,
    pub kubernetes_version: Option<String>,
    /// Which form of objects policies see: `admitted` or `written`.
    pub view: Option<String>,
    pub namespace: Option<String>,
    pub require_bindings: bool,
    /// Also search files and folders whose name begins with a dot.
    pub hidden: bool,
    /// Explain findings by the values of the parts of their expression.
    pub explain: bool,
    /// Also tell what every policy made of every object, at what cost: `decisions` of the rendering `json`.
    pub decisions: bool,
}

/// What came of a check.
#[derive(Clone, Debug)]
pub struct Checked(pub Outcome);

/// Checks files and folders, as `kordon check -p POLICY... FILE...` does.
pub fn check_files(
    policies: &[PathBuf],
    files: &[PathBuf],
    options: &CheckOptions,
) -> Result<Checked, Error> {
    let (policies, files) = (policies.to_vec(), files.to_vec());
    Ok(Checked(check(&Options { policies, files, ..options.read()? })))
}

/// The same for texts in memory.
pub fn check_texts(policies: &[Text], texts: &[Text], options: &CheckOptions) -> Result<Checked, Error> {
    let role = |role| move |text: &Text| (text.clone(), role);
    let texts = policies.iter().map(role(Role::Policy)).chain(texts.iter().map(role(Role::Check))).collect();
    Ok(Checked(check(&Options { texts, ..options.read()? })))
}

impl CheckOptions {
    fn read(&self) -> Result<Options, Error> {
        let operation = self.operation.as_deref().map(str::parse).transpose();
        let admin = || User { username: "kubernetes-admin".to_owned(), ..User::default() };
        let standard = Options::default();
        Ok(Options {
            old_objects: self.old_objects.clone(),
            operation: operation.map_err(|error: String| Error::argument(error))?,
            user: self.user.clone().unwrap_or_else(admin).authenticated(),
            kubernetes_version: version(self.kubernetes_version.as_deref())?,
            namespace: self.namespace.clone().unwrap_or_else(|| standard.namespace.clone()),
            require_bindings: self.require_bindings,
            hidden: self.hidden,
            explain: self.explain,
            decisions: self.decisions,
            view: view(self.view.as_deref())?,
            ..standard
        })
    }
}

impl Checked {
    /// As `kordon check -o FORMAT` writes it: see [`Format`].
    pub fn render(&self, format: &str) -> Result<String, Error> {
        let format: Format = format.parse().map_err(|error: String| Error::argument(error))?;
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        // Writing to memory cannot fail.
        let _ = render(&self.0, format, &Style::default(), &mut out, &mut problems);
        problems.extend(out);
        Ok(String::from_utf8_lossy(&problems).into_owned())
    }
}
