//! SARIF 2.1.0, for code scanning services.
//!
//! Source: OASIS `sarif-schema-2.1.0.json`.

use crate::check::Outcome;
use crate::finding::{Finding, FindingAction, region};
use crate::packs::{self, Gravity, PackPolicy};
use kordon::{Diagnostic, Label, Severity};
use serde_json::{Value, json};
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
    let carried = packs::all();
    let descriptors: Vec<Value> = rules.keys().map(|policy| descriptor(policy, &carried)).collect();
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

/// What is known of a rule: of policies that kordon carries, what they are about.
fn descriptor(policy: &str, carried: &[PackPolicy]) -> Value {
    let Some(known) = carried.iter().find(|known| known.is_named(policy)) else {
        return json!({"id": policy});
    };
    let mut tags: Vec<String> = known.metadata.controls.iter().map(ToString::to_string).collect();
    tags.insert(0, "security".to_owned());
    let mut properties = serde_json::Map::from_iter([("tags".to_owned(), json!(tags))]);
    // The bounds between its four severities are GitHub's: 9, 7 and 4.
    if let Some(severity) = known.metadata.severity {
        let number = match severity {
            Gravity::Low => "3.0",
            Gravity::Medium => "5.5",
            Gravity::High => "8.0",
            Gravity::Critical => "9.5",
        };
        properties.insert("security-severity".to_owned(), number.into());
    }
    json!({
        "id": policy,
        "shortDescription": {"text": known.title()},
        "help": {"text": known.readme, "markdown": known.readme},
        "properties": properties,
    })
}

fn result<'o>(
    finding: &'o Finding,
    rules: &BTreeMap<&str, usize>,
    seen: &mut HashMap<(&'o str, Option<u32>, &'o str), usize>,
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
    // The same finding keeps its fingerprint when lines move.
    let repeated = seen.entry((&finding.policy, finding.index, &finding.object)).or_default();
    *repeated += 1;
    let index = finding.index.map_or("policy".to_owned(), |index| index.to_string());
    let fingerprint = format!("{}/{index}/{}/{repeated}", finding.policy, finding.object);
    let note = finding.note().map(|note| format!("\n{note}")).unwrap_or_default();
    let mut properties = serde_json::Map::new();
    if let Some(view) = finding.view {
        properties.insert("view".to_owned(), view.as_str().into());
    }
    if let Some(defaulted) = finding.defaulted_value() {
        properties.insert("defaulted".to_owned(), defaulted);
    }
    json!({
        "ruleId": *finding.policy,
        "ruleIndex": rules.get(&*finding.policy),
        "level": level,
        "message": {"text": format!("{}: {}{note}", finding.object, finding.message)},
        "locations": [{
            "physicalLocation": physical(&finding.place),
            "logicalLocations": [{"fullyQualifiedName": logical}],
        }],
        "relatedLocations": related.chain(reasons).collect::<Vec<Value>>(),
        "partialFingerprints": {"kordon/v1": fingerprint},
        "properties": properties,
    })
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

/// A path as a URI reference: what a URI cannot hold is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
