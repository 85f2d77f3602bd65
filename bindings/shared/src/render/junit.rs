//! JUnit XML, which CI services read: a suite a file, a case a finding.
//!
//! There is no standard; element and attribute names are those of Ant's JUnit task, as Jenkins and GitLab read them.

use crate::check::Outcome;
use crate::finding::{Finding, FindingAction, region};
use kordon::{Diagnostic, Severity};
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::attributes::Attr;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What fails a case, or why it counts as none.
enum Result {
    Failure,
    Error,
    Skipped,
    /// It passes with a word.
    Passed,
}

struct Case {
    name: String,
    class: String,
    line: Option<u32>,
    result: Result,
    kind: String,
    message: String,
    text: String,
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for finding in &outcome.findings {
        suites.entry(&finding.place.source.name).or_default().push(of_finding(finding));
    }
    for problem in outcome.problems.iter().filter(|problem| problem.severity == Severity::Error) {
        let file = problem.labels.first().map_or("kordon", |label| &*label.source.name);
        suites.entry(file).or_default().push(of_problem(problem));
    }
    // Services take a report without a case for a run that went wrong.
    if suites.is_empty() {
        suites.entry("kordon").or_default().push(passed(outcome));
    }
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = suites.values().flatten();
    writer.write_event(Event::Start(counted("testsuites", "kordon", all)))?;
    for (file, cases) in &suites {
        writer.write_event(Event::Start(counted("testsuite", file, cases.iter())))?;
        for case in cases {
            write_case(&mut writer, case, file)?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    let out = writer.into_inner();
    writeln!(out)?;
    out.flush()
}

fn of_finding(finding: &Finding) -> Case {
    let (line, column, _) = finding.region();
    let path = if finding.path.is_empty() { String::new() } else { format!(" {}", finding.path) };
    let mut text = format!("{}:{line}:{column}\n{}{path}", finding.place.source.name, finding.object);
    if let Some(note) = finding.note() {
        text.push_str(&format!("\n{note}"));
    }
    Case {
        name: format!("{}{path}", finding.object),
        class: finding.policy.to_string(),
        line: Some(line),
        result: match (&finding.suppression, finding.action) {
            (Some(_), _) => Result::Skipped,
            (None, FindingAction::Deny) => Result::Failure,
            (None, FindingAction::Warn | FindingAction::Audit) => Result::Passed,
        },
        kind: finding.action.as_str().to_owned(),
        message: match &finding.suppression {
            Some(suppression) => format!("{}: {}", suppression.note(), finding.message),
            None => finding.message.clone(),
        },
        text,
    }
}

fn of_problem(problem: &Diagnostic) -> Case {
    let place = problem.labels.first().map(region);
    Case {
        name: problem.message.clone(),
        class: problem.code.to_owned(),
        line: place.map(|(line, ..)| line),
        result: Result::Error,
        kind: problem.code.to_owned(),
        message: problem.message.clone(),
        text: problem.to_string(),
    }
}

fn passed(outcome: &Outcome) -> Case {
    let name = format!("{} objects against {} policies", outcome.summary.objects, outcome.summary.policies);
    let (kind, message, text) = Default::default();
    Case { name, class: "kordon".to_owned(), line: None, result: Result::Passed, kind, message, text }
}

fn counted<'c>(
    element: &'static str,
    name: &str,
    cases: impl Iterator<Item = &'c Case> + Clone,
) -> BytesStart<'static> {
    let count = |is: fn(&Result) -> bool| cases.clone().filter(|case| is(&case.result)).count().to_string();
    let mut start = BytesStart::new(element);
    attribute(&mut start, "name", name);
    attribute(&mut start, "tests", &count(|_| true));
    attribute(&mut start, "failures", &count(|result| matches!(result, Result::Failure)));
    attribute(&mut start, "errors", &count(|result| matches!(result, Result::Error)));
    attribute(&mut start, "skipped", &count(|result| matches!(result, Result::Skipped)));
    start
}

fn write_case(writer: &mut Writer<&mut dyn Write>, case: &Case, file: &str) -> io::Result<()> {
    let mut start = BytesStart::new("testcase");
    attribute(&mut start, "name", &case.name);
    attribute(&mut start, "classname", &case.class);
    attribute(&mut start, "file", file);
    if let Some(line) = case.line {
        attribute(&mut start, "line", &line.to_string());
    }
    let element = match case.result {
        Result::Failure => "failure",
        Result::Error => "error",
        Result::Skipped => "skipped",
        Result::Passed if case.message.is_empty() => return writer.write_event(Event::Empty(start)),
        Result::Passed => "system-out",
    };
    writer.write_event(Event::Start(start))?;
    let mut inner = BytesStart::new(element);
    let text = match case.result {
        Result::Passed => format!("{}: {}\n{}", case.kind, case.message, case.text),
        _ => {
            attribute(&mut inner, "message", &case.message);
            attribute(&mut inner, "type", &case.kind);
            case.text.clone()
        }
    };
    writer.write_event(Event::Start(inner))?;
    writer.write_event(Event::Text(BytesText::from_escaped(escape(readable(&text)).into_owned())))?;
    writer.write_event(Event::End(BytesEnd::new(element)))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn attribute(start: &mut BytesStart<'_>, name: &str, value: &str) {
    let value = escape(readable(value)).replace('\n', "&#10;").replace('\t', "&#9;");
    start.push_attribute(Attr::DoubleQ(name, value.as_str()));
}

/// XML has no way to write most control characters. Source: XML 1.0, 2.2 Characters.
fn readable(text: &str) -> String {
    let is_none = |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\r' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if is_none(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
