//! SARIF 2.1.0, for code scanning services.
//!
//! What is in it, and how code scanning shows it: GitHub, "SARIF support for code scanning". Source: OASIS `sarif-schema-2.1.0.json`.

use super::rules::{Rule, uri};
use crate::check::Outcome;
use crate::finding::{Finding, FindingAction, region};
use crate::fix::Mending;
use crate::packs::Gravity;
use crate::waivers::SuppressedBy;
use kordon::{Diagnostic, Label, Severity};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &outcome.findings {
        rules.insert(&finding.policy, 0);
    }
    for (at, index) in rules.values_mut().enumerate() {
        *index = at;
    }
    let descriptors: Vec<Value> = rules.keys().map(|policy| descriptor(policy, outcome)).collect();
    let mut seen = HashMap::new();
    let results: Vec<Value> =
        outcome.findings.iter().map(|finding| result(finding, &rules, &mut seen)).collect();
    let notifications: Vec<Value> = outcome.problems.iter().map(notification).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kordon",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": descriptors,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !outcome.has_errors(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)?;
    out.flush()
}

/// What is known of a rule: its labels, and of policies that kordon carries, what they are about.
fn descriptor(policy: &str, outcome: &Outcome) -> Value {
    let rule = Rule::of(outcome, policy);
    let mut descriptor =
        Map::from_iter([("id".to_owned(), policy.into()), ("name".to_owned(), policy.into())]);
    let mut tags = vec!["security".to_owned()];
    if let Some(metadata) = rule.metadata {
        let labels = [&metadata.pack, &metadata.category].into_iter().filter(|label| !label.is_empty());
        tags.extend(labels.cloned());
        tags.extend(metadata.controls.iter().map(ToString::to_string));
    }
    tags.dedup();
    let mut properties = Map::from_iter([("tags".to_owned(), json!(tags))]);
    if let Some(severity) = rule.severity() {
        // The bounds between GitHub's four severities are 9, 7 and 4.
        let number = match severity {
            Gravity::Low => "3.0",
            Gravity::Medium => "5.5",
            Gravity::High => "8.0",
            Gravity::Critical => "9.5",
        };
        properties.insert("security-severity".to_owned(), number.into());
        properties.insert("problem.severity".to_owned(), severity.as_str().into());
    }
    if let Some(carried) = &rule.carried {
        let address = format!(
            "{}/blob/main/policies/{}/{}/README.md",
            env!("CARGO_PKG_REPOSITORY"),
            carried.pack,
            carried.name
        );
        let text = |text: &str| json!({"text": text});
        descriptor.insert("shortDescription".to_owned(), text(carried.title()));
        if let Some(checks) = rule.section("What it checks") {
            descriptor.insert("fullDescription".to_owned(), text(checks));
        }
        descriptor.insert("helpUri".to_owned(), address.into());
        descriptor.insert("help".to_owned(), json!({"text": carried.readme, "markdown": carried.readme}));
    }
    descriptor.insert("properties".to_owned(), properties.into());
    descriptor.into()
}

fn result<'o>(
    finding: &'o Finding,
    rules: &BTreeMap<&str, usize>,
    seen: &mut HashMap<&'o str, usize>,
) -> Value {
    let level = match finding.action {
        FindingAction::Deny => "error",
        FindingAction::Warn => "warning",
        FindingAction::Audit => "note",
    };
    let logical = if finding.path.is_empty() {
        finding.object.clone()
    } else {
        format!("{} {}", finding.object, finding.path)
    };
    let related = finding.validation.iter().map(|validation| {
        let place = Label { source: validation.source.clone(), span: validation.span, text: String::new() };
        json!({"physicalLocation": physical(&place), "message": {"text": "the validation"}})
    });
    let reasons = finding.related.iter().filter_map(|related| {
        let place = related.place.as_ref()?;
        Some(json!({"physicalLocation": physical(place), "message": {"text": related.text}}))
    });
    let repeated = seen.entry(&finding.fingerprint).or_default();
    *repeated += 1;
    let fingerprint = format!("{}:{repeated}", finding.fingerprint);
    let note = finding.note().map(|note| format!("\n{note}")).unwrap_or_default();
    let mut properties = Map::new();
    if let Some(view) = finding.view {
        properties.insert("view".to_owned(), view.as_str().into());
    }
    if let Some(defaulted) = finding.defaulted_value() {
        properties.insert("defaulted".to_owned(), defaulted);
    }
    let mut result = json!({
        "ruleId": *finding.policy,
        "ruleIndex": rules.get(&*finding.policy),
        "level": level,
        "message": {"text": format!("{}: {}{note}", finding.object, finding.message)},
        "locations": [{
            "physicalLocation": physical(&finding.place),
            "logicalLocations": [{"fullyQualifiedName": logical}],
        }],
        "relatedLocations": related.chain(reasons).collect::<Vec<Value>>(),
        "partialFingerprints": {"kordon/v2": fingerprint},
        "properties": properties,
    });
    if let Some(result) = result.as_object_mut() {
        result.extend(suppression(finding));
        result.extend(fixes(finding));
    }
    result
}

/// That a finding does not count, and why.
fn suppression(finding: &Finding) -> Option<(String, Value)> {
    let suppression = finding.suppression.as_ref()?;
    let kind = if suppression.by == SuppressedBy::Annotation { "inSource" } else { "external" };
    let known = json!([{"kind": kind, "status": "accepted", "justification": suppression.note()}]);
    Some(("suppressions".to_owned(), known))
}

/// How it is mended, as lines of its file.
fn fixes(finding: &Finding) -> Option<(String, Value)> {
    let Some(Mending::Offered(fix)) = &finding.mending else { return None };
    let replacements = fix.edits.iter().map(|edit| {
        json!({
            // Up to the first column of a line, its line break included.
            "deletedRegion": {
                "startLine": edit.start_line, "startColumn": 1, "endLine": edit.end_line, "endColumn": 1,
            },
            "insertedContent": {"text": edit.text},
        })
    });
    let change = json!({
        "artifactLocation": {"uri": uri(&finding.place.source.name)},
        "replacements": replacements.collect::<Vec<Value>>(),
    });
    let text = format!("what `{}` says: `kordon fix` does it", finding.policy);
    Some(("fixes".to_owned(), json!([{"description": {"text": text}, "artifactChanges": [change]}])))
}

fn notification(problem: &Diagnostic) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let locations: Vec<Value> =
        problem.labels.iter().take(1).map(|label| json!({"physicalLocation": physical(label)})).collect();
    json!({
        "descriptor": {"id": problem.code},
        "level": level,
        "message": {"text": format!("{}{help}", problem.message)},
        "locations": locations,
    })
}

fn physical(place: &Label) -> Value {
    let (line, column, end_column) = region(place);
    json!({
        "artifactLocation": {"uri": uri(&place.source.name)},
        "region": {"startLine": line, "startColumn": column, "endColumn": end_column},
    })
}
