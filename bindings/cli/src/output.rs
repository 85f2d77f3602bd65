//! Where what was found is written, and how.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use kordon_shared::render::Format;
use std::ffi::OsStr;
use std::path::PathBuf;

/// A format, and a file if it is not for standard output.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

/// Reads `FORMAT` or `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub(crate) struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let text = value.to_string_lossy();
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (&*text, None),
        };
        let empty = file.as_ref().is_some_and(|file| file.as_os_str().is_empty());
        match format.parse().ok().filter(|_| !empty) {
            Some(format) => Ok(Output { format, file }),
            None => {
                let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
                if let Some(argument) = argument {
                    error.insert(ContextKind::InvalidArg, ContextValue::String(argument.to_string()));
                }
                error.insert(ContextKind::InvalidValue, ContextValue::String(text.to_string()));
                let names = Format::ALL.into_iter().map(|format| format.to_string()).collect();
                error.insert(ContextKind::ValidValue, ContextValue::Strings(names));
                Err(error)
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::ALL.into_iter().map(|format| {
            PossibleValue::new(format.as_str()).help(match format {
                Format::Text => "For people",
                Format::Json => "One JSON object",
                Format::Sarif => "SARIF 2.1.0, for code scanning services",
                Format::Github => "Annotations of GitHub Actions",
                Format::Junit => "JUnit XML, for CI services",
                Format::Markdown => "A summary for a pull request or a CI job",
                Format::Html => "One page that needs nothing else",
                Format::Openreports => "Report objects of openreports.io/v1alpha1, as YAML",
                Format::Policyreport => "PolicyReport objects of wgpolicyk8s.io/v1alpha2, as YAML",
            })
        })))
    }
}

/// Where CI services show the files of the change that they check.
///
/// Source: GitHub Actions "Default environment variables", GitLab CI "Predefined CI/CD variables".
pub(crate) fn ci_links() -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| value.starts_with("https://"));
    let plain = |name: &str| std::env::var(name).ok();
    if let Some(server) = variable("GITHUB_SERVER_URL") {
        return Some(format!("{server}/{}/blob/{}/", plain("GITHUB_REPOSITORY")?, plain("GITHUB_SHA")?));
    }
    Some(format!("{}/-/blob/{}/", variable("CI_PROJECT_URL")?, plain("CI_COMMIT_SHA")?))
}
