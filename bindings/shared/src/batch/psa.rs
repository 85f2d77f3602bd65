//! Pods by the Pod Security Standards: by one level, or as the plug-in PodSecurity decides requests.

use super::admit::Schemes;
use super::{object, optional};
use kordon::admission::{Operation, Request};
use kordon::authorization::UserInfo;
use kordon::document::Object;
use kordon::pod_security::{
    Evaluator, Exemptions, LevelVersion, PodKind, PodSecurity, PolicyVersion, forbidden_detail,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    object: Box<RawValue>,
    /// With a level, the object's pod is held against it and nothing else is asked.
    #[serde(default)]
    level: String,
    #[serde(default)]
    version: String,
    old_object: Option<Box<RawValue>>,
    /// The namespace of the object.
    namespace: Option<Box<RawValue>>,
    /// The pods that there are in it.
    #[serde(default)]
    pods: Vec<Box<RawValue>>,
    #[serde(default)]
    sub_resource: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    exemptions: Exempt,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Exempt {
    usernames: Vec<String>,
    runtime_classes: Vec<String>,
    namespaces: Vec<String>,
}

/// What the plug-in alone says, where it says anything.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<&'static str, String>,
}

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let mut admitted = |raw: &RawValue| schemes.admitted(object(raw)?, "default", None);
    let old = question.old_object.as_deref().map(&mut admitted).transpose()?;
    let pods = question.pods.iter().map(|raw| admitted(raw)).collect::<Result<Vec<Object>, _>>()?;
    let object = admitted(&question.object)?;
    if !question.level.is_empty() {
        return by_level(question, &object);
    }
    let namespace = optional(question.namespace.as_deref())?;
    let exemptions = Exemptions {
        usernames: question.exemptions.usernames.clone(),
        runtime_classes: question.exemptions.runtime_classes.clone(),
        namespaces: question.exemptions.namespaces.clone(),
    };
    let plugin = PodSecurity { exemptions, ..PodSecurity::default() };
    let operation = if old.is_some() { Operation::Update } else { Operation::Create };
    let mut request = Request::derive(Some(object), old);
    request.operation = operation;
    request.sub_resource = question.sub_resource.clone();
    request.user_info = UserInfo { username: question.user.clone(), ..UserInfo::default() };
    let response = plugin.validate(&request, namespace.as_ref(), &pods.iter().collect::<Vec<_>>());
    let told = Told { warnings: response.warnings, audit_annotations: response.audit_annotations };
    let answer = json!({"id": question.id, "allowed": response.allowed, "message": response.message});
    Ok(match (answer, json!(told)) {
        (Value::Object(mut answer), Value::Object(told)) => {
            answer.extend(told);
            Value::Object(answer)
        }
        (answer, _) => answer,
    })
}

fn by_level(question: &Question, object: &Object) -> Result<Value, String> {
    let level = question.level.parse().map_err(|error| format!("level: {error}"))?;
    let version = match question.version.as_str() {
        "" => PolicyVersion::Latest,
        text => text.parse().map_err(|error| format!("version: {error}"))?,
    };
    let asked = LevelVersion { level, version };
    let pod = PodKind::of(object).ok_or("object: its kind has no pod")?.pod();
    let violations = pod.map(|pod| Evaluator::default().evaluate(asked, pod)).unwrap_or_default();
    let message = match violations.as_slice() {
        [] => String::new(),
        all => format!("violates PodSecurity \"{asked}\": {}", forbidden_detail(all)),
    };
    Ok(json!({"id": question.id, "allowed": violations.is_empty(), "message": message}))
}
