//! One page for people without a terminal: no script, nothing loaded, readable with a keyboard, printed or read aloud.
//!
//! Every text is escaped, and a content security policy forbids what escaping should prevent. The filter is of CSS.

use super::rules::{Rule, link, severity};
use crate::check::Outcome;
use crate::finding::Finding;
use crate::packs::Gravity;
use crate::waivers::Suppression;
use kordon::Severity;
use quick_xml::escape::escape;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

const STYLE: &str = include_str!("report.css");

/// What can be shown and hidden.
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "other"];

pub(super) fn render(outcome: &Outcome, links: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut page, outcome);
    let mut namespaces: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        namespaces.entry(&finding.subject.namespace).or_default().push(finding);
    }
    if !namespaces.is_empty() {
        let _ = filter(&mut page, outcome);
    }
    out.write_all(page.as_bytes())?;
    for (namespace, findings) in &mut namespaces {
        // The gravest first; else they stay as they are.
        findings.sort_by_key(|finding| std::cmp::Reverse((severity(outcome, finding), finding.action)));
        page.clear();
        let _ = section(&mut page, outcome, namespace, findings, links);
        out.write_all(page.as_bytes())?;
    }
    page.clear();
    let _ = explanations(&mut page, outcome);
    let _ = problems(&mut page, outcome);
    page.push_str("</main>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())?;
    out.flush()
}

fn head(page: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let summary = &outcome.summary;
    writeln!(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(
        page,
        "<title>kordon: {} findings</title>\n<style>\n{STYLE}</style>\n</head>",
        summary.findings
    )?;
    writeln!(page, "<body>\n<main>\n<h1>kordon: {} findings</h1>", summary.findings)?;
    writeln!(
        page,
        "<p>{} objects of {} files checked against {} policies; {} objects with findings, {} errors, {} warnings.</p>",
        summary.objects,
        summary.files,
        summary.policies,
        summary.objects_with_findings,
        summary.errors,
        summary.warnings
    )
}

fn class(outcome: &Outcome, finding: &Finding) -> &'static str {
    severity(outcome, finding).map_or("other", Gravity::as_str)
}

fn filter(page: &mut String, outcome: &Outcome) -> std::fmt::Result {
    writeln!(page, "<fieldset class=\"filter\">\n<legend>Severities shown</legend>")?;
    for name in SEVERITIES {
        let count = outcome.findings.iter().filter(|finding| class(outcome, finding) == name).count();
        writeln!(
            page,
            "<label><input type=\"checkbox\" id=\"show-{name}\" checked> {name} ({count})</label>"
        )?;
    }
    writeln!(page, "</fieldset>")
}

fn section(
    page: &mut String,
    outcome: &Outcome,
    namespace: &str,
    findings: &[&Finding],
    links: Option<&str>,
) -> std::fmt::Result {
    let title = match namespace {
        "" => "Cluster".to_owned(),
        namespace => format!("Namespace {}", text(namespace)),
    };
    writeln!(page, "<section>\n<h2>{title} <small>{} findings</small></h2>", findings.len())?;
    writeln!(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>")?;
    writeln!(
        page,
        "<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Action</th><th scope=\"col\">Policy</th>\
         <th scope=\"col\">Object</th><th scope=\"col\">Place</th><th scope=\"col\">Message</th></tr></thead>\n<tbody>"
    )?;
    for finding in findings {
        row(page, outcome, finding, links)?;
    }
    writeln!(page, "</tbody></table></div>\n</section>")
}

fn row(page: &mut String, outcome: &Outcome, finding: &Finding, links: Option<&str>) -> std::fmt::Result {
    let class = class(outcome, finding);
    let (line, column, _) = finding.region();
    let place = text(&format!("{}:{line}:{column}", finding.place.source.name));
    let place = match link(links, finding) {
        Some(link) => format!("<a href=\"{}\">{place}</a>", text(&link)),
        None => place,
    };
    let path = match finding.path.as_str() {
        "" => String::new(),
        path => format!("<br><code>{}</code>", text(path)),
    };
    let suppressed = finding.suppression.as_ref().map(Suppression::note);
    let notes = finding.note().into_iter().chain(suppressed);
    let note: String = notes.map(|note| format!("<br><small>{}</small>", text(&note))).collect();
    let faded = if finding.counts() { "" } else { " suppressed" };
    writeln!(
        page,
        "<tr class=\"{class}{faded}\"><td><span class=\"badge\">{class}</span></td><td>{}</td><td><code>{}</code></td>\
         <td>{}{path}</td><td>{place}</td><td>{}{note}</td></tr>",
        finding.action.as_str(),
        text(&finding.policy),
        text(&finding.object),
        text(&finding.message),
    )
}

fn explanations(page: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let mut policies: BTreeMap<&str, &'static str> = BTreeMap::new();
    for finding in &outcome.findings {
        policies.insert(&finding.policy, class(outcome, finding));
    }
    let mut is_first = true;
    for (policy, class) in policies {
        let rule = Rule::of(outcome, policy);
        let (Some(why), Some(fix)) = (rule.section("Why it matters"), rule.section("Fix")) else { continue };
        if std::mem::take(&mut is_first) {
            writeln!(page, "<section>\n<h2>Policies</h2>")?;
        }
        writeln!(
            page,
            "<details class=\"{class}\"><summary><code>{}</code>: {}</summary>",
            text(policy),
            text(rule.title())
        )?;
        writeln!(page, "<p>{}</p>\n<p><strong>Fix:</strong> {}</p></details>", text(why), text(fix))?;
    }
    if is_first { Ok(()) } else { writeln!(page, "</section>") }
}

fn problems(page: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let problems: Vec<_> =
        outcome.problems.iter().filter(|problem| problem.severity != Severity::Note).collect();
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(page, "<section>\n<h2>Errors and warnings about the inputs</h2>\n<ul>")?;
    for problem in problems {
        let help = problem.help.as_ref().map(|help| format!("<br><small>{}</small>", text(help)));
        let (severity, help) = (problem.severity, help.unwrap_or_default());
        writeln!(page, "<li><strong>{severity}</strong> {}{help}</li>", text(&problem.to_string()))?;
    }
    writeln!(page, "</ul>\n</section>")
}

/// Escaped for elements and for attributes in quotes, without control characters.
fn text(raw: &str) -> String {
    let plain: String =
        raw.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    escape(&plain).into_owned()
}
