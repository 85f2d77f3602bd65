//! For people.

use crate::check::{Outcome, Summary};
use crate::finding::{Finding, FindingAction};
use crate::packs;
use kordon::{Diagnostic, Severity};
use std::io::{self, Write};

/// How many notes are told one by one; folders may hold thousands of files that are no manifests.
const MOST_NOTES: usize = 3;

/// Longer notes, and expressions and values of explanations, are cut.
const LONGEST_NOTE: usize = 120;
const LONGEST_EXPRESSION: usize = 60;
const LONGEST_VALUE: usize = 100;

pub(super) fn render(
    outcome: &Outcome,
    colour: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    problems(&outcome.problems, colour, err)?;
    for finding in &outcome.findings {
        self::finding(finding, colour, out)?;
    }
    summary(outcome, colour, out)?;
    out.flush()
}

pub(super) fn problems(problems: &[Diagnostic], colour: bool, err: &mut dyn Write) -> io::Result<()> {
    let notes: Vec<&Diagnostic> =
        problems.iter().filter(|problem| problem.severity == Severity::Note).collect();
    for problem in problems.iter().filter(|problem| problem.severity != Severity::Note) {
        if problem.severity == Severity::Warning {
            let (bold, plain) = paint(colour, "1;33");
            writeln!(err, "{bold}warning[{}]{plain}: {problem}", problem.code)?;
            if let Some(help) = &problem.help {
                writeln!(err, "  = help: {help}")?;
            }
        } else {
            writeln!(err, "{}", problem.render(colour))?;
        }
    }
    for note in notes.iter().take(MOST_NOTES) {
        writeln!(err, "note: {note}")?;
    }
    if notes.len() > MOST_NOTES {
        writeln!(err, "note: {} more documents that are no Kubernetes objects", notes.len() - MOST_NOTES)?;
    }
    err.flush()
}

fn finding(finding: &Finding, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let (bold, plain) = paint(
        colour,
        match finding.action {
            FindingAction::Deny => "1;31",
            FindingAction::Warn => "1;33",
            FindingAction::Audit => "1;36",
        },
    );
    let action = finding.action.as_str();
    writeln!(out, "{bold}{action}[{}]{plain}: {}", finding.policy, finding.message)?;
    // The excerpt is that of diagnostics; its first line is the message, which stands above already.
    let severity = if finding.action == FindingAction::Deny { Severity::Error } else { Severity::Warning };
    let mut excerpt = Diagnostic::new(severity, "", "");
    excerpt.labels.push(finding.place.clone());
    let excerpt = excerpt.render(colour);
    out.write_all(excerpt.split_once('\n').map_or("", |(_, rest)| rest).as_bytes())?;
    let path = if finding.path.is_empty() { String::new() } else { format!(": {}", finding.path) };
    writeln!(out, "  = {}{path}", finding.object)?;
    if let Some(note) = finding.note() {
        writeln!(out, "  = note: {}", one_line(&note, LONGEST_NOTE))?;
    }
    if !finding.param.is_empty() {
        writeln!(out, "  = with params {}", finding.param)?;
    }
    if let (false, Some(validation)) = (finding.explanation.is_empty(), &finding.validation) {
        let (line, _) = validation.source.line_column(validation.span.start);
        writeln!(out, "  = validation at {}:{line}, part by part:", validation.source.name)?;
        let shown: Vec<(String, String)> = finding
            .explanation
            .iter()
            .map(|step| {
                (one_line(&step.expression, LONGEST_EXPRESSION), one_line(&step.value, LONGEST_VALUE))
            })
            .collect();
        let width = shown.iter().map(|(expression, _)| expression.chars().count()).max().unwrap_or_default();
        for (expression, value) in shown {
            let gap = " ".repeat(width - expression.chars().count());
            writeln!(out, "      {expression}{gap}  →  {value}")?;
        }
    }
    writeln!(out)
}

/// A text without its line breaks, cut when it is long.
fn one_line(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= longest {
        return text;
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

fn summary(outcome: &Outcome, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let Summary { policies, objects, objects_with_findings, findings, errors, warnings, .. } =
        outcome.summary;
    let (bold, plain) = paint(colour, "1");
    let checked = format!("{} checked against {}", count(objects, "object"), count(policies, "policy"));
    let found = match findings {
        0 => "no findings".to_owned(),
        _ => format!("{} in {}", count(findings, "finding"), count(objects_with_findings, "object")),
    };
    let mut text = format!("{checked}: {found}");
    if errors > 0 {
        text.push_str(&format!(", {}", count(errors, "error")));
    }
    if warnings > 0 {
        text.push_str(&format!(", {}", count(warnings, "warning")));
    }
    writeln!(out, "{bold}{text}{plain}")?;
    let carried = outcome.findings.iter().find(|finding| packs::is_carried(&finding.policy));
    if let Some(finding) = carried {
        writeln!(out, "`kordon explain {}` tells why, and how to fix it", finding.policy)?;
    }
    Ok(())
}

/// `1 policy`, `2 policies`.
fn count(number: usize, thing: &str) -> String {
    match (number, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {thing}s"),
    }
}

fn paint(colour: bool, code: &str) -> (String, &'static str) {
    if colour { (format!("\x1b[{code}m"), "\x1b[0m") } else { (String::new(), "") }
}
