//! What follows from decisions: the request's error, warnings, audit annotations.
//!
//! Source: apiserver `pkg/admission/plugin/policy/validating/dispatcher.go`.

use super::Scratch;
use crate::admission::Request;
use crate::decision::Published;
use crate::document::NodeRef;
use crate::go::{push_json, quoted};
use crate::policy::{ValidatingAdmissionPolicyBinding, ValidationAction};
use crate::report::{Action, PolicyDecision, Report, Status};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longer values of audit annotations are cut.
const LONGEST_ANNOTATION: usize = 10 * 1024;

/// How many failures the audit annotation of `Audit` bindings names at most.
const MOST_AUDITED: usize = 50;

/// The failures of `Audit` bindings, as the audit annotation lists them.
#[derive(Debug, Default)]
pub(super) struct Failures {
    json: String,
    count: usize,
}

impl Failures {
    fn add(&mut self, binding: &ValidatingAdmissionPolicyBinding, index: usize, message: &str) {
        if self.count == MOST_AUDITED {
            return;
        }
        self.count += 1;
        let json = &mut self.json;
        json.push_str(if json.is_empty() { "[{" } else { ",{" });
        for (field, text) in
            [("message", message), ("policy", &binding.policy_name), ("binding", &binding.name)]
        {
            json.push_str(&format!("\"{field}\":"));
            push_json(json, text);
            json.push(',');
        }
        let actions: Vec<String> =
            binding.validation_actions.iter().map(|action| format!("\"{}\"", action.as_str())).collect();
        json.push_str(&format!(
            "\"expressionIndex\":{index},\"validationActions\":[{}]}}",
            actions.join(",")
        ));
    }

    pub(super) fn publish(mut self, report: &mut Report) {
        if self.count > 0 {
            self.json.push(']');
            let key = "validation.policy.admission.k8s.io/validation_failure".to_owned();
            report.audit_annotations.insert(key, self.json);
        }
    }
}

/// Does what a binding's validationActions say for the denials from `start`.
pub(super) fn act(
    binding: &ValidatingAdmissionPolicyBinding,
    start: usize,
    report: &mut Report,
    request: &Request,
    failures: &mut Failures,
) {
    for at in start..report.decisions.len() {
        let Some(decision) =
            report.decisions.get(at).filter(|decision| decision.action == Action::Deny).cloned()
        else {
            continue;
        };
        if decision.audit_annotation.is_some() {
            deny(report, &decision, request);
            continue;
        }
        for action in &binding.validation_actions {
            match action {
                ValidationAction::Deny => deny(report, &decision, request),
                ValidationAction::Warn => report.warnings.push(format!(
                    "Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {}",
                    decision.policy, decision.binding, decision.message
                )),
                ValidationAction::Audit => failures.add(binding, at - start, &decision.message),
            }
        }
    }
}

/// The first denial becomes the request's error.
pub(super) fn deny(report: &mut Report, decision: &PolicyDecision, request: &Request) {
    if !report.allowed {
        return;
    }
    report.allowed = false;
    let binding = match &*decision.binding {
        "" => String::new(),
        binding => format!(" with binding '{binding}'"),
    };
    let message = format!(
        "ValidatingAdmissionPolicy '{}'{binding} denied request: {}",
        decision.policy, decision.message
    );
    let reason = if decision.reason.is_empty() { Arc::from("Invalid") } else { Arc::clone(&decision.reason) };
    let code = match &*reason {
        "Unauthorized" => 401,
        "Forbidden" => 403,
        "RequestEntityTooLarge" => 413,
        _ => 422,
    };
    let resource = request.resource.group_resource();
    let name = shown_name(request);
    let message = if resource.is_empty() {
        format!("forbidden: {message}")
    } else {
        format!("{resource} {} is forbidden: {message}", quoted(name))
    };
    report.status = Some(Status { code, reason, message });
}

/// The name in an error; before the API server has made one up, what it would begin with.
fn shown_name(request: &Request) -> &str {
    let metadata = request.object.as_ref().and_then(|object| object.root().field("metadata"));
    let field = |name: &str| metadata.and_then(|metadata| metadata.field(name)).and_then(NodeRef::as_str);
    let names = [Some(request.name.as_str()), field("name"), field("generateName")];
    names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or("Unknown")
}

/// Publishes the audit annotations of a policy over all its bindings.
pub(super) fn publish(policy: &str, scratch: &mut Scratch) {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Published { key, value } in scratch.annotations.0.drain(..) {
        let value = cut(value);
        let of_key = values.entry(format!("{policy}/{key}")).or_default();
        if !of_key.contains(&value) {
            of_key.push(value);
        }
    }
    for (key, values) in values {
        scratch.report.audit_annotations.insert(key, values.join(", "));
    }
}

/// Cuts an annotation as Go does, in the middle of a character if need be: what is left of one shows as a replacement
/// character for each byte.
fn cut(mut value: String) -> String {
    if value.len() > LONGEST_ANNOTATION {
        let end = value.floor_char_boundary(LONGEST_ANNOTATION);
        value.truncate(end);
        value.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, LONGEST_ANNOTATION - end));
    }
    value
}
