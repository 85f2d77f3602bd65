//! SARIF is what its schema says: `sarif-2.1.0.json` has of it what kordon writes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Folder, POD, policy};

const SCHEMA: &str = include_str!("sarif-2.1.0.json");

/// What is wrong with a value: the keywords that the schema uses.
fn faults(value: &Value, schema: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return faults(value, root.pointer(reference.trim_start_matches('#')).unwrap(), root, at, found);
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("{other}"),
    };
    let mut fault = |what: String| found.push(format!("{at}: {what}"));
    if let Some(kind) = schema["type"].as_str().filter(|kind| !is(kind)) {
        return fault(format!("no {kind}"));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        fault(format!("{value} is none of {}", schema["enum"]));
    }
    if value.as_i64() < schema["minimum"].as_i64() {
        fault(format!("{value} is too small"));
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &Value| {
            choice["required"]
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some())
        };
        if !choices.iter().any(fits) {
            fault(format!("fits none of {}", schema["anyOf"]));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            fault(format!("no {name}"));
        }
    }
    if let Some(list) = value.as_array() {
        if (list.len() as u64) < schema["minItems"].as_u64().unwrap_or_default() {
            fault("too few elements".to_owned());
        }
        if schema["uniqueItems"] == true && (1..list.len()).any(|at| list[..at].contains(&list[at])) {
            fault("an element stands twice".to_owned());
        }
        for (number, element) in list.iter().enumerate() {
            faults(element, &schema["items"], root, &format!("{at}/{number}"), found);
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => faults(member, schema, root, &at, found),
            (None, Value::Bool(false)) => found.push(format!("{at}: unknown")),
            (None, schema) => faults(member, schema, root, &at, found),
        }
    }
}

#[test]
fn what_is_written_fits_the_schema() {
    let waived = POD.replace(
        "  name: web\n",
        "  name: web\n  annotations: {kordon.dev/waive: p, kordon.dev/waive-reason: x}\n",
    );
    let warned = format!(
        "{}---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n\
         metadata: {{name: q}}\nspec: {{policyName: q, validationActions: [Warn]}}\n",
        policy("q", "object.spec.containers.size() == 0", "")
    );
    let folder = Folder::new(&[
        ("p.yaml", &policy("p", "!object.spec.hostNetwork", "")),
        ("q.yaml", &warned),
        ("pod.yaml", &waived),
        ("<b> ü/broken.yaml", "kind: [\n"),
        ("empty.yaml", "kind: Pod\n"),
    ]);
    let ended =
        folder.run(&["check", "-o", "sarif", "--pack", "workload", "-p", "p.yaml", "-p", "q.yaml", "."]);
    let log: Value = serde_json::from_str(&ended.out).unwrap();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut found = Vec::new();
    faults(&log, &schema, &schema, "", &mut found);
    assert_eq!(found, Vec::<String>::new());
    // All that it has to say something of was there.
    let text = ended.out.as_str();
    for member in ["suppressions", "fixes", "helpUri", "security-severity", "toolExecutionNotifications"] {
        assert!(text.contains(&format!("\"{member}\": ")), "{member}");
    }
    assert!(log["runs"][0]["results"].as_array().unwrap().iter().any(|result| result["level"] == "warning"));
}

#[test]
fn the_schema_refuses_what_is_none() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut found = Vec::new();
    let log = serde_json::json!({
        "version": "2.0.0",
        "runs": [{"tool": {"driver": {"name": "x", "rule": []}}, "results": [{"level": 1, "message": {}}]}],
    });
    faults(&log, &schema, &schema, "", &mut found);
    found.sort();
    let places: Vec<&str> = found.iter().map(|fault| fault.split(':').next().unwrap()).collect();
    let expected =
        ["/runs/0/results/0/level", "/runs/0/results/0/message", "/runs/0/tool/driver/rule", "/version"];
    assert_eq!(places, expected, "{found:?}");
}
