//! Findings, and SARIF 2.1.0 for tools that read it.

use serde::Serialize;
use serde_json::{Value, json};

/// A denied validation at its place in a file: what `kordon check` finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub policy: String,
    pub binding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// `Deny`, `Warn` and `Audit`, as the binding has them.
    pub validation_actions: Vec<String>,
    /// Whether the evaluation itself failed.
    pub error: bool,
    pub message: String,
    pub reason: String,
    /// The validation's expression.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expression: String,
    /// `Deployment shop/web`, as kubectl names things.
    pub resource: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// The field path of the value at fault, empty when it is the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Parts of the expression with their values, when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<(String, String)>,
}

impl Finding {
    /// Whether the finding would deny the request.
    pub fn denies(&self) -> bool {
        self.validation_actions.iter().any(|action| action == "Deny")
    }
}

/// The findings of a run as a SARIF log.
pub fn sarif(version: &str, findings: &[Finding]) -> Value {
    let mut rules: Vec<&str> = findings.iter().map(|finding| finding.policy.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "ruleId": finding.policy,
                "level": if finding.denies() { "error" } else { "warning" },
                "message": {"text": format!("{}: {}", finding.resource, finding.message)},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": finding.file.replace('\\', "/")},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }}],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kordon",
                "version": version,
                "rules": rules.iter().map(|id| json!({"id": id})).collect::<Vec<Value>>(),
            }},
            "results": results,
        }],
    })
}
