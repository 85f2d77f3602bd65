//! Manifests against what a real kube-apiserver 1.37.2 stored of them, or why it could not read them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::document::{Limits, Object};
use kordon::typed::{Options, Scheme};
use kordon::validation::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use support::{by_value, cases, shared, snapshot_text};

/// Paths that differ for a reason; `[]` stands for any position.
const REASONS: &[(&str, &str, &str)] = &[
    ("Service", "spec.clusterIP", "the cluster allocates addresses"),
    ("Service", "spec.clusterIPs", "the cluster allocates addresses"),
    ("Service", "spec.ports[].nodePort", "the cluster allocates ports"),
    ("Service", "spec.healthCheckNodePort", "the cluster allocates ports"),
    ("PersistentVolume", "status.lastPhaseTransitionTime", "the time of creation"),
    ("PersistentVolumeClaim", "status.phase", "set when it is read back from storage, after admission"),
    ("Job", "metadata.labels", "set when it is read back from storage, after admission"),
    ("Job", "metadata.labels.batch.kubernetes.io/controller-uid", "the job's uid"),
    ("Job", "metadata.labels.controller-uid", "the job's uid"),
    ("Job", "spec.selector.matchLabels.batch.kubernetes.io/controller-uid", "the job's uid"),
    ("Job", "spec.template.metadata.labels.batch.kubernetes.io/controller-uid", "the job's uid"),
    ("Job", "spec.template.metadata.labels.controller-uid", "the job's uid"),
    ("Node", "spec.taints", "the admission plug-in TaintNodesByCondition adds one"),
];

/// Where two values differ.
fn differences(want: &Value, got: &Value, path: &str, found: &mut Vec<String>) {
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => {
            let mut names: Vec<&String> = want.keys().chain(got.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match (want.get(name), got.get(name)) {
                    (Some(want), Some(got)) => differences(want, got, &path, found),
                    _ => found.push(path),
                }
            }
        }
        (Value::Array(want), Value::Array(got)) if want.len() == got.len() => {
            for (want, got) in want.iter().zip(got) {
                differences(want, got, &format!("{path}[]"), found);
            }
        }
        _ if want == got => {}
        _ => found.push(path.to_owned()),
    }
}

/// Objects that can be read and are refused.
#[derive(Default)]
struct Invalid {
    cases: usize,
    causes: usize,
    /// With at least one of their errors.
    explained: usize,
    /// With all.
    wholly: usize,
}

#[test]
fn a_real_api_server_agrees() {
    let Some(path) = shared("admitted.shown.jsonl") else { return };
    let scheme = Scheme::for_version(37).unwrap();
    let validator = Validator::for_version(37).unwrap();
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut unexplained = Vec::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused = (0, 0);
    let (mut invalid, mut explained_causes) = (Invalid::default(), BTreeMap::<String, usize>::new());
    for case in cases(&path) {
        let id = case["id"].as_str().unwrap();
        let kind = case["object"]["kind"].as_str().unwrap();
        let object = Object::from_serialize(&case["object"], &Limits::default()).unwrap();
        let answer = scheme.admit(&object, &Options::default());
        let error = &case["error"];
        if error["reason"] == "BadRequest" {
            refused.1 += 1;
            match answer {
                Err(refusal) if error["message"] == refusal.message.as_str() => refused.0 += 1,
                other => unexplained.push(format!("{id}: {}, not {other:?}", error["message"])),
            }
            continue;
        }
        if !error.is_null() {
            // Only validation refuses it; it can be read all the same.
            let admitted = answer.unwrap().unwrap_or_else(|| panic!("{id} cannot be read"));
            let found = validator.validate(&scheme, &admitted.object, None);
            let told: Vec<Value> = found
                .iter()
                .map(|error| json!({"reason": error.kind.name(), "message": error.detail, "field": error.field}))
                .collect();
            let causes = error["causes"].as_array().cloned().unwrap_or_default();
            invalid.cases += 1;
            invalid.explained += usize::from(!told.is_empty());
            invalid.wholly += usize::from(told == causes);
            invalid.causes += causes.len();
            for error in told {
                if causes.contains(&error) {
                    let message = error["message"].as_str().unwrap().to_owned();
                    *explained_causes
                        .entry(format!("{kind} {}: {message}", error["field"].as_str().unwrap()))
                        .or_default() += 1;
                } else {
                    unexplained.push(format!("{id}: {error} is no error of it"));
                }
            }
            continue;
        }
        let admitted = answer.unwrap_or_else(|refusal| panic!("{id}: {refusal}")).unwrap();
        for error in validator.validate(&scheme, &admitted.object, None) {
            unexplained.push(format!("{id}: refused for {error}"));
        }
        let count = kinds.entry(kind.to_owned()).or_default();
        count.1 += 1;
        let got = serde_json::to_value(admitted.object.root()).unwrap();
        let mut found = Vec::new();
        differences(&by_value(&case["admitted"]), &by_value(&got), "", &mut found);
        if found.is_empty() {
            count.0 += 1;
        }
        for path in found {
            match REASONS.iter().find(|(of, at, _)| *of == kind && *at == path) {
                Some((_, _, reason)) => *reasons.entry(format!("{kind} {path}: {reason}")).or_default() += 1,
                None => unexplained.push(format!("{id}: {path}")),
            }
        }
        for warning in case["warnings"].as_array().into_iter().flatten() {
            let text = warning.as_str().unwrap_or_default().replace("\\\"", "\"");
            let Some(text) = text.strip_prefix("299 - \"").and_then(|text| text.strip_suffix('"')) else {
                continue;
            };
            let is_strict = text.starts_with("unknown field") || text.starts_with("duplicate field");
            if is_strict && !admitted.warnings.iter().any(|warning| warning.message == text) {
                unexplained.push(format!("{id}: no warning {text}"));
            }
        }
    }
    let (equal, total) = kinds.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    let explained = reasons.values().sum::<usize>();
    let mut text = format!(
        "{equal} of {total} admitted objects are equal, {} of {} refusals; {explained} values differ for reasons, {} without\n",
        refused.0,
        refused.1,
        unexplained.len()
    );
    let told: usize = explained_causes.values().sum();
    writeln!(
        text,
        "{} of {} invalid objects are refused, {} of them with all their errors; {told} of {} errors are told, \
         the others are of validation written by hand",
        invalid.explained, invalid.cases, invalid.wholly, invalid.causes
    )
    .unwrap();
    for (cause, count) in &explained_causes {
        writeln!(text, "{count} told: {cause}").unwrap();
    }
    for (kind, (equal, total)) in &kinds {
        writeln!(text, "{kind}: {equal} of {total}").unwrap();
    }
    for (reason, count) in &reasons {
        writeln!(text, "{count} differ in {reason}").unwrap();
    }
    for line in &unexplained {
        writeln!(text, "unexplained: {line}").unwrap();
    }
    snapshot_text("admitted", &text);
}
