//! Workflow commands, one a line: GitHub Actions shows them as annotations beside the lines of the change.

use crate::finding::{Finding, FindingAction};
use kordon::{Diagnostic, Severity};
use std::io::{self, Write};

pub(super) fn problem(problem: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let command = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(label) = problem.labels.first() {
        let (line, column) = label.source.line_column(label.span.start);
        properties.push(("file", property(&label.source.name)));
        properties.push(("line", line.to_string()));
        properties.push(("col", column.to_string()));
    }
    properties.push(("title", property(problem.code)));
    let help = problem.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    write(out, command, &properties, &format!("{}{help}", problem.message))
}

pub(super) fn finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let command = match finding.action {
        FindingAction::Deny => "error",
        FindingAction::Warn => "warning",
        FindingAction::Audit => "notice",
    };
    let (line, column, end_column) = finding.region();
    let properties = [
        ("file", property(&finding.place.source.name)),
        ("line", line.to_string()),
        ("col", column.to_string()),
        ("endColumn", end_column.to_string()),
        ("title", property(&finding.policy)),
    ];
    let note = finding.note().map(|note| format!("\n{note}")).unwrap_or_default();
    write(out, command, &properties, &format!("{}: {}{note}", finding.object, finding.message))
}

fn write(out: &mut dyn Write, command: &str, properties: &[(&str, String)], message: &str) -> io::Result<()> {
    let properties: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
    writeln!(out, "::{command} {}::{}", properties.join(","), data(message))
}

/// What would end a command stands escaped. Source: actions/toolkit `packages/core/src/command.ts`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
