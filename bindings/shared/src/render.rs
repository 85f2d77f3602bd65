//! Findings as text, JSON, SARIF, and GitHub workflow commands.

use crate::check::Outcome;
use kordon::report::{Finding, sarif};
use kordon::{Diagnostic, Severity, Source, Span};
use serde_json::json;
use std::fmt::Write;
use std::sync::Arc;

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
    Sarif,
    Github,
}

/// The outcome of a check in a format. Problems of the inputs are part of JSON and GitHub output; text and SARIF
/// leave them to [`problems`].
pub fn findings(outcome: &Outcome, format: Format, colour: bool) -> String {
    match format {
        Format::Text => text(outcome, colour),
        Format::Json => {
            let report = json!({
                "version": 1,
                "findings": outcome.findings,
                "problems": outcome.problems,
                "policies": outcome.policies,
                "resources": outcome.resources,
            });
            format!("{report:#}\n")
        }
        Format::Sarif => format!("{:#}\n", sarif(env!("CARGO_PKG_VERSION"), &outcome.findings)),
        Format::Github => github(outcome),
    }
}

/// Problems of inputs and policies as text; notes only when asked.
pub fn problems(problems: &[Diagnostic], notes: bool, colour: bool) -> String {
    let shown = problems.iter().filter(|problem| notes || problem.severity != Severity::Note);
    shown.map(|problem| problem.render(colour)).collect()
}

fn text(outcome: &Outcome, colour: bool) -> String {
    let mut out = String::new();
    for finding in &outcome.findings {
        out.push_str(&diagnostic(finding, &outcome.sources).render(colour));
        for (part, value) in &finding.explanation {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {} = {value}", part.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        out.push('\n');
    }
    let denied = outcome.findings.iter().filter(|finding| finding.denies()).count();
    let _ = writeln!(
        out,
        "{} resources checked with {} policies: {denied} denied validations, {} warnings",
        outcome.resources,
        outcome.policies,
        outcome.findings.len() - denied,
    );
    out
}

/// A finding as a diagnostic, to be printed like any other problem.
fn diagnostic(finding: &Finding, sources: &[Arc<Source>]) -> Diagnostic {
    let message = format!("{}: {}", finding.resource, finding.message);
    let severity = if finding.denies() { Severity::Error } else { Severity::Warning };
    let mut problem = Diagnostic::new(severity, "denied", message);
    if let Some(source) = sources.iter().find(|source| *source.name == *finding.file) {
        let line_start: usize = source
            .text
            .split_inclusive('\n')
            .take(finding.line.saturating_sub(1) as usize)
            .map(str::len)
            .sum();
        let line = source.text.get(line_start..).unwrap_or_default();
        let skipped: usize =
            line.chars().take(finding.column.saturating_sub(1) as usize).map(char::len_utf8).sum();
        let rest = line.get(skipped..).unwrap_or_default();
        let length =
            rest.find(|c: char| c == ':' || c == '\n' || c.is_whitespace()).unwrap_or(rest.len()).max(1);
        let start = line_start + skipped;
        problem = problem.at(source, Span::new(start, start + length));
    }
    let binding = if finding.binding == finding.policy {
        String::new()
    } else {
        format!(", binding {}", finding.binding)
    };
    let path = if finding.path.is_empty() { String::new() } else { format!("at {}\n", finding.path) };
    problem.help(format!("{path}policy {}{binding}", finding.policy))
}

fn github(outcome: &Outcome) -> String {
    let mut out = String::new();
    for finding in &outcome.findings {
        let level = if finding.denies() { "error" } else { "warning" };
        let message = escape(&format!("{}: {}", finding.resource, finding.message));
        let (file, line, column) = (property(&finding.file), finding.line, finding.column);
        let title = property(&finding.policy);
        let _ = writeln!(out, "::{level} file={file},line={line},col={column},title={title}::{message}");
    }
    for problem in outcome.problems.iter().filter(|problem| problem.severity != Severity::Note) {
        let place = problem.labels.first().map(|label| {
            let (line, column) = label.source.line_column(label.span.start);
            format!(" file={},line={line},col={column}", property(&label.source.name))
        });
        let _ = writeln!(
            out,
            "::{}{}::{}",
            problem.severity,
            place.unwrap_or_default(),
            escape(&problem.message)
        );
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
