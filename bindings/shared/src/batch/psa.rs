//! Pods by the Pod Security Standards: by one level, or as the plug-in PodSecurity decides requests.

use super::admit::Schemes;
use super::{object, optional};
use kordon::admission::{Operation, Request};
use kordon::authorization::UserInfo;
use kordon::document::Object;
use kordon::pod_security::{
    Evaluator, Exemptions, LevelVersion, PodKind, PodSecurity, PolicyVersion, forbidden_detail,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

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

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let mut existing = |raw: &RawValue| schemes.existing(object(raw)?, "default");
    let old = question.old_object.as_deref().map(&mut existing).transpose()?;
    let pods = question.pods.iter().map(|raw| existing(raw)).collect::<Result<Vec<Object>, _>>()?;
    let object = schemes.admitted(object(&question.object)?, "default", old.as_ref())?;
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
    let mut answer = json!({"id": question.id, "allowed": response.allowed, "message": response.message});
    if !response.warnings.is_empty() {
        answer["warnings"] = json!(response.warnings);
    }
    if !response.audit_annotations.is_empty() {
        answer["auditAnnotations"] = json!(response.audit_annotations);
    }
    Ok(answer)
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
