//! What `status.typeChecking` of a policy would say.

use super::{document, joined, object, version};
use kordon::cel::environment::Version;
use kordon::document::Object;
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::type_checking::TypeChecker;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    id: Value,
    policy: Box<RawValue>,
    #[serde(default)]
    crds: Vec<Box<RawValue>>,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "allAPIs")]
    all_apis: bool,
}

/// What checks the types of policies, by version.
#[derive(Default)]
pub(super) struct TypeCheckers(HashMap<Version, TypeChecker>);

impl TypeCheckers {
    pub(super) fn answer(&mut self, question: &Question) -> Result<Value, String> {
        let read = ValidatingAdmissionPolicy::from_document(&document("policy", &question.policy)?);
        let policy = read.map_err(|problems| joined(&problems))?;
        let crds: Result<Vec<Object>, String> = question.crds.iter().map(|raw| object(raw)).collect();
        let version = version(&question.version)?;
        let checker = self.0.entry(version).or_insert_with(|| TypeChecker::new(version));
        let checker = checker.clone().custom_kinds(&crds?).all_apis(question.all_apis);
        let warnings: Vec<Value> = checker
            .check(&policy)
            .iter()
            .map(|warning| json!({"fieldRef": warning.field_ref, "warning": warning.warning()}))
            .collect();
        Ok(json!({"id": question.id, "expressionWarnings": warnings}))
    }
}
