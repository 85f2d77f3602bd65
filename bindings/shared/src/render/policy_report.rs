//! Reports as objects of Kubernetes, one a namespace and one of the cluster, for what shows such reports.
//!
//! openreports.io continues what wgpolicyk8s.io began; the fields are the same but for their group and kinds. There is
//! no time in them, since there is no clock here. Source: openreports/reports-api
//! `apis/openreports.io/v1alpha1/report_types.go`.

use super::rules::Rule;
use crate::check::Outcome;
use crate::finding::{Finding, FindingAction, Subject};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Clone, Copy)]
pub(super) enum Kind {
    OpenReports,
    PolicyReport,
}

const SOURCE: &str = "kordon";

pub(super) fn render(outcome: &Outcome, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
    let mut namespaces: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        namespaces.entry(&finding.subject.namespace).or_default().push(finding);
    }
    let mut rules = BTreeMap::new();
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    for (number, (namespace, findings)) in namespaces.into_iter().enumerate() {
        if number > 0 {
            writeln!(out, "---")?;
        }
        for finding in &findings {
            rules.entry(&*finding.policy).or_insert_with(|| Rule::of(outcome, &finding.policy));
        }
        let results: Vec<Value> = findings
            .into_iter()
            .filter_map(|finding| Some(result(finding, rules.get(&*finding.policy)?)))
            .collect();
        let report = report(kind, namespace, &results);
        let text = serde_saphyr::to_string_with_options(&report, options.clone());
        out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
    }
    out.flush()
}

fn report(kind: Kind, namespace: &str, results: &[Value]) -> Value {
    let (version, in_namespace, of_cluster) = match kind {
        Kind::OpenReports => ("openreports.io/v1alpha1", "Report", "ClusterReport"),
        Kind::PolicyReport => ("wgpolicyk8s.io/v1alpha2", "PolicyReport", "ClusterPolicyReport"),
    };
    let mut metadata = json!({"name": SOURCE, "labels": {"app.kubernetes.io/managed-by": SOURCE}});
    let named = if namespace.is_empty() { of_cluster } else { in_namespace };
    if let (Some(metadata), false) = (metadata.as_object_mut(), namespace.is_empty()) {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    let count = |name: &str| results.iter().filter(|result| result["result"] == name).count();
    let mut report = Map::from_iter([
        ("apiVersion".to_owned(), version.into()),
        ("kind".to_owned(), named.into()),
        ("metadata".to_owned(), metadata),
        (
            "summary".to_owned(),
            json!({
                "pass": 0, "fail": count("fail"), "warn": count("warn"),
                "error": count("error"), "skip": count("skip"),
            }),
        ),
        ("results".to_owned(), results.into()),
    ]);
    if let Kind::OpenReports = kind {
        report.insert("source".to_owned(), SOURCE.into());
    }
    report.into()
}

fn result(finding: &Finding, rule: &Rule<'_>) -> Value {
    let result = match finding.action {
        _ if !finding.counts() => "skip",
        _ if finding.failed => "error",
        FindingAction::Deny => "fail",
        FindingAction::Warn | FindingAction::Audit => "warn",
    };
    let (line, column, _) = finding.region();
    let mut properties = Map::from_iter([
        ("action".to_owned(), finding.action.as_str().into()),
        ("file".to_owned(), format!("{}:{line}:{column}", finding.place.source.name).into()),
    ]);
    if !finding.path.is_empty() {
        properties.insert("path".to_owned(), finding.path.as_str().into());
    }
    if let Some(suppression) = &finding.suppression {
        properties.insert("suppressed".to_owned(), suppression.note().into());
    }
    let mut made = Map::from_iter([
        ("source".to_owned(), SOURCE.into()),
        ("policy".to_owned(), (*finding.policy).into()),
        ("result".to_owned(), result.into()),
        ("scored".to_owned(), true.into()),
        ("message".to_owned(), finding.message.as_str().into()),
        ("resources".to_owned(), json!([reference(&finding.subject)])),
        ("properties".to_owned(), properties.into()),
    ]);
    if let Some(index) = finding.index {
        made.insert("rule".to_owned(), index.to_string().into());
    }
    if let Some(metadata) = rule.metadata.filter(|metadata| !metadata.category.is_empty()) {
        made.insert("category".to_owned(), metadata.category.as_str().into());
    }
    if let Some(severity) = rule.severity() {
        made.insert("severity".to_owned(), severity.as_str().into());
    }
    made.into()
}

/// An ObjectReference.
fn reference(subject: &Subject) -> Value {
    let mut reference = Map::from_iter([
        ("apiVersion".to_owned(), subject.kind.api_version().into()),
        ("kind".to_owned(), subject.kind.kind.as_str().into()),
    ]);
    for (field, value) in [("namespace", &subject.namespace), ("name", &subject.name)] {
        if !value.is_empty() {
            reference.insert(field.to_owned(), value.as_str().into());
        }
    }
    reference.into()
}
