//! A summary for a pull request or for the summary of a CI job.
//!
//! Whatever comes from manifests stands in code spans, where it cannot become a link, a mention or HTML.

use super::rules::{Rule, link, pack, severity};
use crate::check::Outcome;
use crate::finding::Finding;
use crate::packs::Gravity;
use crate::waivers::SuppressedBy;
use kordon::Severity;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// GitHub takes comments of 65,536 characters; rows of findings get most of that.
const LONGEST_TABLE: usize = 40_000;
const LONGEST_DETAILS: usize = 15_000;

/// The columns of the table of counts.
const SEVERITIES: [Option<Gravity>; 5] =
    [Some(Gravity::Critical), Some(Gravity::High), Some(Gravity::Medium), Some(Gravity::Low), None];

pub(super) fn render(outcome: &Outcome, links: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = outcome.findings.iter().filter(|finding| finding.counts()).collect();
    // The gravest first; else they stay as they are.
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.action, severity(outcome, finding))));
    writeln!(out, "## kordon: {}\n", heading(outcome))?;
    let summary = &outcome.summary;
    writeln!(out, "{} objects of {} files, {} policies\n", summary.objects, summary.files, summary.policies)?;
    if !findings.is_empty() {
        counts(outcome, &findings, out)?;
        table(outcome, &findings, links, out)?;
        details(outcome, &findings, out)?;
    }
    waived(outcome, out)?;
    problems(outcome, out)?;
    out.flush()
}

fn heading(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let mut parts = Vec::new();
    match summary.findings {
        0 => parts.push("no findings".to_owned()),
        1 => parts.push("1 finding".to_owned()),
        many => parts.push(format!("{many} findings in {} objects", summary.objects_with_findings)),
    }
    if summary.waived > 0 {
        parts.push(format!("{} waived", summary.waived));
    }
    if summary.known > 0 {
        parts.push(format!("{} in the baseline", summary.known));
    }
    if summary.errors > 0 {
        parts.push(format!("{} errors", summary.errors));
    }
    parts.join(", ")
}

fn counts(outcome: &Outcome, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut packs: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for finding in findings {
        let counts = packs.entry(pack(outcome, finding)).or_default();
        let severity = severity(outcome, finding);
        for (count, _) in counts.iter_mut().zip(SEVERITIES).filter(|(_, column)| *column == severity) {
            *count += 1;
        }
    }
    writeln!(out, "| pack | critical | high | medium | low | other |")?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|")?;
    for (pack, counts) in packs {
        let name = if pack.is_empty() { "own policies".to_owned() } else { code(pack) };
        let cells: Vec<String> =
            counts.iter().map(|&count| if count == 0 { String::new() } else { count.to_string() }).collect();
        writeln!(out, "| {name} | {} |", cells.join(" | "))?;
    }
    writeln!(out)
}

fn table(
    outcome: &Outcome,
    findings: &[&Finding],
    links: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "| | severity | policy | object | place | message |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let mut written = 0;
    for (number, finding) in findings.iter().enumerate() {
        let severity = severity(outcome, finding).map_or("", Gravity::as_str);
        let row = format!(
            "| {} | {severity} | {} | {} | {} | {} |",
            finding.action.as_str(),
            code(&finding.policy),
            code(&finding.object),
            place(finding, links),
            code(&finding.message),
        );
        written += row.len();
        if written > LONGEST_TABLE && number > 0 {
            writeln!(out, "\n{} more findings are left out here.", findings.len() - number)?;
            break;
        }
        writeln!(out, "{row}")?;
    }
    writeln!(out)
}

fn place(finding: &Finding, links: Option<&str>) -> String {
    let (line, ..) = finding.region();
    let shown = code(&format!("{}:{line}", finding.place.source.name));
    match link(links, finding) {
        Some(link) => format!("[{shown}]({link})"),
        None => shown,
    }
}

/// Why the policies are there and what to do, folded.
fn details(outcome: &Outcome, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut policies: Vec<(&str, usize)> = Vec::new();
    for finding in findings {
        match policies.iter_mut().find(|(policy, _)| *policy == &*finding.policy) {
            Some((_, count)) => *count += 1,
            None => policies.push((&finding.policy, 1)),
        }
    }
    let mut written = 0;
    for (policy, count) in policies {
        let rule = Rule::of(outcome, policy);
        let (Some(why), Some(fix)) = (rule.section("Why it matters"), rule.section("Fix")) else { continue };
        let details = format!(
            "<details><summary>{} ({count}): {}</summary>\n\n{why}\n\n**Fix:** {fix}\n\n</details>\n",
            html(policy),
            html(rule.title()),
        );
        written += details.len();
        if written > LONGEST_DETAILS {
            break;
        }
        writeln!(out, "{details}")?;
    }
    Ok(())
}

/// What is waived, and why, folded.
fn waived(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    if outcome.summary.waived == 0 {
        return Ok(());
    }
    writeln!(out, "<details><summary>{} waived findings</summary>\n", outcome.summary.waived)?;
    let mut written = 0;
    for finding in &outcome.findings {
        let Some(suppression) = &finding.suppression else { continue };
        if suppression.by == SuppressedBy::Baseline {
            continue;
        }
        let row =
            format!("- {} {}: {}", code(&finding.policy), code(&finding.object), code(&suppression.note()));
        written += row.len();
        if written > LONGEST_DETAILS / 2 {
            writeln!(out, "- and more")?;
            break;
        }
        writeln!(out, "{row}")?;
    }
    writeln!(out, "\n</details>\n")
}

fn problems(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let problems = || outcome.problems.iter().filter(|problem| problem.severity != Severity::Note);
    if problems().next().is_none() {
        return Ok(());
    }
    let summary = &outcome.summary;
    writeln!(
        out,
        "<details><summary>{} errors and {} warnings about the inputs</summary>\n",
        summary.errors, summary.warnings
    )?;
    let mut written = 0;
    for problem in problems() {
        let row = format!("- {}: {}", problem.severity, code(&problem.to_string()));
        written += row.len();
        if written > LONGEST_DETAILS / 2 {
            writeln!(out, "- and more")?;
            break;
        }
        writeln!(out, "{row}")?;
    }
    writeln!(out, "\n</details>")
}

/// A code span that holds any text, in a table too: one line, fenced by more backticks than are in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Spaces on both sides belong to the fence. In a table a bar ends the cell even in code.
    let padding = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{padding}{}{padding}{fence}", text.replace('|', "\\|"))
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(code("web"), "`web`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(code("a|b\n| c"), "`a\\|b \\| c`");
        assert_eq!(code("\n"), "");
    }
}
