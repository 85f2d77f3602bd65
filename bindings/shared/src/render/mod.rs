//! An outcome for readers: people, programs, code scanning services.

mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod policy_report;
mod rules;
mod sarif;
mod text;

use crate::check::{Outcome, Sink, Summary};
use crate::finding::Finding;
use crate::packs::Metadata;
use kordon::Diagnostic;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

/// How an outcome is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object, `version` 1.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands that GitHub Actions turns into annotations.
    Github,
    /// JUnit XML.
    Junit,
    /// A summary for a pull request.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// Reports of openreports.io/v1alpha1, as YAML.
    Openreports,
    /// PolicyReports of wgpolicyk8s.io/v1alpha2, as YAML.
    Policyreport,
}

/// What does not depend on the format.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Only for people.
    pub colour: bool,
    /// What a file's path comes after in links, as `https://example.com/team/shop/blob/main/`.
    pub links: Option<String>,
}

impl Format {
    pub const ALL: [Format; 9] = [
        Format::Text,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Junit,
        Format::Markdown,
        Format::Html,
        Format::Openreports,
        Format::Policyreport,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Openreports => "openreports",
            Format::Policyreport => "policyreport",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let found = Format::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.into_iter().map(Format::as_str).collect();
            format!("`{text}` is no format: there are {}", names.join(", "))
        })
    }
}

/// Writes what comes of a check, as it comes where the format allows that.
///
/// Findings go to `out`. For people, problems go to `err`; in all other formats they are part of what `out` gets.
#[derive(Debug)]
pub struct Renderer<O, E> {
    out: O,
    err: E,
    format: Written,
}

#[derive(Debug)]
enum Written {
    Text(text::Text),
    Github,
    /// Formats that begin with what is only known at the end.
    Whole(Format, Style, Outcome),
}

impl<O: Write, E: Write> Renderer<O, E> {
    pub fn new(format: Format, style: &Style, out: O, err: E) -> Renderer<O, E> {
        let format = match format {
            Format::Text => Written::Text(text::Text::new(style.colour)),
            Format::Github => Written::Github,
            _ => Written::Whole(format, style.clone(), Outcome::default()),
        };
        Renderer { out, err, format }
    }

    /// Writes what is left to write.
    pub fn end(self, summary: &Summary) -> io::Result<()> {
        let Renderer { mut out, mut err, format } = self;
        match format {
            Written::Text(text) => text.end(summary, &mut out, &mut err)?,
            Written::Github => {}
            Written::Whole(format, style, mut outcome) => {
                outcome.summary = *summary;
                whole(&outcome, format, &style, &mut out)?;
            }
        }
        out.flush()
    }

    /// Lets readers see what is written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.err.flush()
    }
}

impl<O: Write, E: Write> Sink for Renderer<O, E> {
    fn policies(&mut self, policies: &BTreeMap<String, Metadata>) {
        if let Written::Whole(_, _, outcome) = &mut self.format {
            outcome.policies(policies);
        }
    }

    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        match &mut self.format {
            Written::Text(text) => {
                // Where both streams are one terminal, what came first stands first.
                self.out.flush()?;
                text.problem(problem, &mut self.err)?;
                self.err.flush()
            }
            Written::Github => github::problem(&problem, &mut self.out),
            Written::Whole(_, _, outcome) => outcome.problem(problem),
        }
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        match &mut self.format {
            Written::Text(_) | Written::Github if !finding.counts() => Ok(()),
            Written::Text(text) => text.finding(&finding, &mut self.out),
            Written::Github => github::finding(&finding, &mut self.out),
            Written::Whole(_, _, outcome) => outcome.finding(finding),
        }
    }
}

/// Writes an outcome, problems first.
pub fn render(
    outcome: &Outcome,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    if !matches!(format, Format::Text | Format::Github) {
        return whole(outcome, format, style, out);
    }
    let mut renderer = Renderer::new(format, style, out, err);
    outcome.problems.iter().try_for_each(|problem| renderer.problem(problem.clone()))?;
    outcome.findings.iter().try_for_each(|finding| renderer.finding(finding.clone()))?;
    renderer.end(&outcome.summary)
}

/// Writes the formats that need all of an outcome.
fn whole(outcome: &Outcome, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let links = style.links.as_deref();
    match format {
        Format::Text | Format::Github => Ok(()),
        Format::Json => json::render(outcome, out),
        Format::Sarif => sarif::render(outcome, out),
        Format::Junit => junit::render(outcome, out),
        Format::Markdown => markdown::render(outcome, links, out),
        Format::Html => html::render(outcome, links, out),
        Format::Openreports => policy_report::render(outcome, policy_report::Kind::OpenReports, out),
        Format::Policyreport => policy_report::render(outcome, policy_report::Kind::PolicyReport, out),
    }
}

/// Writes problems for people.
pub fn render_problems(problems: &[Diagnostic], colour: bool, err: &mut dyn Write) -> io::Result<()> {
    let mut text = text::Text::new(colour);
    problems.iter().try_for_each(|problem| text.problem(problem.clone(), err))?;
    text.notes(err)?;
    err.flush()
}

#[cfg(test)]
mod tests;
