//! For people.

use crate::check::Summary;
use crate::finding::{Finding, FindingAction};
use crate::packs;
use kordon::{Diagnostic, Severity};
use std::io::{self, Write};
use std::sync::Arc;

/// How many notes are told one by one; folders may hold thousands of files that are no manifests.
const MOST_NOTES: usize = 3;

/// Longer notes, and expressions and values of explanations, are cut.
const LONGEST_NOTE: usize = 120;
const LONGEST_EXPRESSION: usize = 60;
const LONGEST_VALUE: usize = 100;

/// What has to be remembered for the end.
#[derive(Debug)]
pub(super) struct Text {
    colour: bool,
    notes: Vec<Diagnostic>,
    more_notes: usize,
    /// The first policy with a finding that there is something to explain of.
    carried: Option<Arc<str>>,
}

impl Text {
    pub(super) fn new(colour: bool) -> Text {
        Text { colour, notes: Vec::new(), more_notes: 0, carried: None }
    }

    pub(super) fn problem(&mut self, problem: Diagnostic, err: &mut dyn Write) -> io::Result<()> {
        match problem.severity {
            Severity::Error => writeln!(err, "{}", problem.render(self.colour)),
            Severity::Warning => {
                let (bold, plain) = paint(self.colour, "1;33");
                writeln!(err, "{bold}warning[{}]{plain}: {problem}", problem.code)?;
                match &problem.help {
                    Some(help) => writeln!(err, "  = help: {help}"),
                    None => Ok(()),
                }
            }
            Severity::Note if self.notes.len() < MOST_NOTES => {
                self.notes.push(problem);
                Ok(())
            }
            Severity::Note => {
                self.more_notes += 1;
                Ok(())
            }
        }
    }

    pub(super) fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        if self.carried.is_none() && packs::is_carried(&finding.policy) {
            self.carried = Some(Arc::clone(&finding.policy));
        }
        self::finding(finding, self.colour, out)
    }

    pub(super) fn notes(&self, err: &mut dyn Write) -> io::Result<()> {
        for note in &self.notes {
            writeln!(err, "note: {note}")?;
        }
        match self.more_notes {
            0 => Ok(()),
            more => writeln!(err, "note: {more} more documents that are no Kubernetes objects"),
        }
    }

    pub(super) fn end(self, summary: &Summary, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
        self.notes(err)?;
        err.flush()?;
        self::summary(summary, self.colour, out)?;
        match self.carried {
            Some(policy) => writeln!(out, "`kordon explain {policy}` tells why, and how to fix it"),
            None => Ok(()),
        }
    }
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
    for (number, related) in (1..).zip(&finding.related) {
        let place = related.place.as_ref().map(|place| {
            let (line, column) = place.source.line_column(place.span.start);
            format!(" ({}:{line}:{column})", place.source.name)
        });
        writeln!(out, "  = {number}: {}{}", related.text, place.unwrap_or_default())?;
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

fn summary(summary: &Summary, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let Summary {
        policies, objects, objects_with_findings, findings, waived, known, errors, warnings, ..
    } = *summary;
    let (bold, plain) = paint(colour, "1");
    let checked = format!("{} checked against {}", count(objects, "object"), count(policies, "policy"));
    let found = match findings {
        0 => "no findings".to_owned(),
        _ => format!("{} in {}", count(findings, "finding"), count(objects_with_findings, "object")),
    };
    let mut text = format!("{checked}: {found}");
    if waived > 0 {
        text.push_str(&format!(", {waived} waived"));
    }
    if known > 0 {
        text.push_str(&format!(", {known} in the baseline"));
    }
    if errors > 0 {
        text.push_str(&format!(", {}", count(errors, "error")));
    }
    if warnings > 0 {
        text.push_str(&format!(", {}", count(warnings, "warning")));
    }
    writeln!(out, "{bold}{text}{plain}")
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
