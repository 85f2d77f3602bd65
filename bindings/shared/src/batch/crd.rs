//! `kordon batch crd`: objects against the rules of a schema, and what a CustomResourceDefinition may not say.

use super::admit::Schemes;
use super::{object, optional};
use kordon::admission::GroupVersionKind;
use kordon::cel::environment::{Env, Version};
use kordon::crd::{
    CustomResourceStrategy, CustomResourceVersion, FieldError, Inputs, Scale, Validator, check_rules,
};
use kordon::document::Object;
use kordon::schema::Structural;
use kordon::typed::{Options, Scheme};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    schema: Box<RawValue>,
    /// Without one only the schema is looked at.
    object: Option<Box<RawValue>>,
    old_object: Option<Box<RawValue>>,
    /// Whether `oldObject` counts; it does when it is not null.
    has_old_object: Option<bool>,
    #[serde(default)]
    resource_root: bool,
    path_root: Option<String>,
    cost_budget: Option<i64>,
    #[serde(default)]
    ratcheting: bool,
    /// The version whose expressions a new definition may use. Those of a stored one may use what the newest has.
    #[serde(default)]
    version: String,
    /// Whether `schemaErrors` are asked for: what the API server refuses in the schema's rules.
    #[serde(default)]
    check: bool,
    /// How objects are served. With it they go all the way of a custom resource up to its validation.
    resource: Option<Resource>,
    // What the recorded cases carry beside.
    #[serde(default, rename = "source")]
    _source: Value,
    #[serde(default, rename = "kind")]
    _kind: Value,
    #[serde(default, rename = "cost")]
    _cost: Value,
    #[serde(default, rename = "expectErrors")]
    _expect_errors: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Resource {
    group: String,
    version: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    status: bool,
    scale: Option<ScaleQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ScaleQuestion {
    #[serde(default)]
    spec_replicas_path: String,
    #[serde(default)]
    status_replicas_path: String,
    label_selector_path: Option<String>,
}

/// Where a definition with one schema has it.
const SCHEMA_PATH: &str = "spec.validation.openAPIV3Schema";

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let schema = object(&question.schema)?;
    let schema = Structural::read(schema.root()).map_err(|problems| {
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
    })?;
    let schema = Arc::new(schema);
    let version = super::version(&question.version)?;
    let mut answer = Map::from_iter([("id".to_owned(), question.id.clone())]);
    if question.check {
        let errors = check_rules(&schema, SCHEMA_PATH, &Env::kubernetes(version));
        answer.insert("schemaErrors".to_owned(), shown(&errors));
    }
    let Some(raw) = &question.object else { return Ok(answer.into()) };
    let new = object(raw)?;
    if let Some(resource) = &question.resource {
        let kind = strategy(resource, schema, version);
        let old = optional(question.old_object.as_deref())?;
        admit(&kind, &new, old.as_ref(), schemes.of(&question.version)?, &mut answer)?;
        return Ok(answer.into());
    }
    let has_old = question.has_old_object.unwrap_or(true);
    let old: Option<Object> = optional(question.old_object.as_deref().filter(|_| has_old))?;
    let mut inputs = Inputs::create(new.root());
    inputs.old_object = old.as_ref().map(Object::root);
    inputs.path = question.path_root.as_deref();
    inputs.ratcheting = question.ratcheting;
    inputs.cost_budget = question.cost_budget.unwrap_or(inputs.cost_budget);
    let validator = Validator::new(schema, question.resource_root, &Env::kubernetes(Version::NEWEST));
    let outcome = validator.validate(&inputs);
    answer.insert("errors".to_owned(), shown(&outcome.errors));
    if !outcome.warnings.is_empty() {
        let warnings = outcome.warnings.iter().map(ToString::to_string).collect();
        answer.insert("warnings".to_owned(), warnings);
    }
    answer.extend(outcome.cost.map(|cost| ("cost".to_owned(), json!(cost))));
    Ok(answer.into())
}

/// The kind that a question is about.
fn strategy(resource: &Resource, schema: Arc<Structural>, version: Version) -> CustomResourceStrategy {
    let scale = resource.scale.as_ref().map(|scale| Scale {
        spec_replicas: scale.spec_replicas_path.clone(),
        status_replicas: scale.status_replicas_path.clone(),
        label_selector: scale.label_selector_path.clone(),
    });
    let (name, path) = (resource.version.clone(), SCHEMA_PATH.to_owned());
    let own = CustomResourceVersion { name, schema, path, status: resource.status, scale };
    let kind = GroupVersionKind::new(&resource.group, &resource.version, &resource.kind);
    CustomResourceStrategy::new(kind, resource.namespaced, own, version)
}

/// What becomes of an object, and what is wrong with it.
fn admit(
    kind: &CustomResourceStrategy,
    new: &Object,
    old: Option<&Object>,
    scheme: &Scheme,
    answer: &mut Map<String, Value>,
) -> Result<(), String> {
    let options = Options::default();
    let admitted = match kind.admit(new.root(), Some(scheme), &options) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            answer.insert("refusal".to_owned(), refusal.message.into());
            return Ok(());
        }
    };
    let old = old.map(|old| kind.admit(old.root(), Some(scheme), &options)).transpose();
    let old = old.map_err(|refusal| format!("oldObject: {refusal}"))?;
    if !admitted.warnings.is_empty() {
        let unknown = admitted.warnings.iter().map(|warning| warning.field.as_str()).collect();
        answer.insert("unknown".to_owned(), unknown);
    }
    let validated = kind.validate(admitted.object.root(), old.as_ref().map(|old| old.object.root()));
    answer.insert("object".to_owned(), json!(admitted.object.root()));
    let warnings: Vec<String> =
        validated.rules.iter().flat_map(|rules| &rules.warnings).map(ToString::to_string).collect();
    if !warnings.is_empty() {
        answer.insert("warnings".to_owned(), json!(warnings));
    }
    answer.insert("errors".to_owned(), shown(&validated.into_errors()));
    Ok(())
}

fn shown(errors: &[FieldError]) -> Value {
    errors
        .iter()
        .map(|error| json!({"type": error.kind.name(), "field": error.field, "detail": error.detail}))
        .collect()
}
