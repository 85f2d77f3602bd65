//! ValidatingAdmissionPolicies with their bindings and params against one request.

use super::admit::Schemes;
use super::{document, joined, object, optional};
use kordon::Engine;
use kordon::admission::{GroupVersionKind, GroupVersionResource, Namespaces, Request};
use kordon::authorization::{Rbac, UserInfo};
use kordon::document::Object;
use kordon::matching::MatchResources;
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    policy: Option<Box<RawValue>>,
    #[serde(default)]
    policies: Vec<Box<RawValue>>,
    binding: Option<Box<RawValue>>,
    bindings: Option<Vec<Box<RawValue>>>,
    params: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    request: RequestHead,
    object: Option<Box<RawValue>>,
    old_object: Option<Box<RawValue>>,
    namespace_object: Option<Box<RawValue>>,
    rbac: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    ignore_match_constraints: bool,
    /// Which form of the objects policies see.
    #[serde(default, rename = "as")]
    view: View,
}

#[derive(Clone, Copy, Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum View {
    #[default]
    Written,
    Admitted,
}

/// The request without its objects; what is missing is derived from them.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct RequestHead {
    operation: String,
    user_info: Option<Box<RawValue>>,
    kind: Option<Kinded>,
    resource: Option<Kinded>,
    sub_resource: String,
    namespace: Option<String>,
    name: Option<String>,
    dry_run: bool,
    options: Option<Box<RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Kinded {
    group: String,
    version: String,
    kind: String,
    resource: String,
}

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let mut policies = Vec::new();
    for raw in question.policy.iter().chain(&question.policies) {
        let read = ValidatingAdmissionPolicy::from_document(&document("policy", raw)?);
        let mut policy = read.map_err(|problems| joined(&problems))?;
        if question.ignore_match_constraints {
            policy.match_constraints = MatchResources::default();
        }
        policies.push(policy);
    }
    let given = question.binding.iter().filter(|raw| raw.get() != "null");
    let mut bindings = Vec::new();
    for raw in given.chain(question.bindings.iter().flatten()) {
        let read = ValidatingAdmissionPolicyBinding::from_document(&document("binding", raw)?);
        bindings.push(read.map_err(|problems| joined(&problems))?);
    }
    let all = |raws: &Option<Vec<Box<RawValue>>>| -> Result<Vec<Object>, String> {
        raws.iter().flatten().map(|raw| object(raw)).collect()
    };
    let request = request(question, schemes)?;
    let mut existing = |object: Object| match question.view {
        View::Written => Ok(object),
        View::Admitted => schemes.existing(object, &request.namespace),
    };
    let mut namespaces = Namespaces::default();
    if let Some(namespace) = optional(question.namespace_object.as_deref())? {
        namespaces.insert(request.namespace.clone(), existing(namespace)?);
    }
    let params: Vec<Object> = all(&question.params)?.into_iter().map(existing).collect::<Result<_, _>>()?;
    let bound = question.bindings.is_some() || !bindings.is_empty();
    let mut builder = Engine::builder()
        .policies(policies)
        .bindings(bindings)
        .require_bindings(bound)
        .params(params)
        .namespaces(namespaces);
    let roles = all(&question.rbac)?;
    if !roles.is_empty() {
        builder = builder.authorizer(Arc::new(Rbac::new(&roles)));
    }
    let (engine, _) = builder.build();
    let mut answer = json!(engine.evaluate(&request));
    if let Value::Object(fields) = &mut answer {
        fields.insert("id".to_owned(), question.id.clone());
    }
    Ok(answer)
}

fn request(question: &Question, schemes: &mut Schemes) -> Result<Request, String> {
    let head = &question.request;
    let namespace = head.namespace.as_deref().unwrap_or("default");
    let (mut object, mut old) =
        (optional(question.object.as_deref())?, optional(question.old_object.as_deref())?);
    if question.view == View::Admitted {
        old = old.map(|old| schemes.existing(old, namespace)).transpose()?;
        object = object.map(|object| schemes.admitted(object, namespace, old.as_ref())).transpose()?;
    }
    let mut request = Request::derive(object, old);
    if let Some(kind) = &head.kind {
        request.kind = GroupVersionKind::new(&kind.group, &kind.version, &kind.kind);
        request.resource = kordon::admission::resource_of(&request.kind);
    }
    if let Some(resource) = &head.resource {
        request.resource = GroupVersionResource::new(&resource.group, &resource.version, &resource.resource);
    }
    if !head.operation.is_empty() {
        request.operation = head.operation.parse()?;
    }
    if let Some(namespace) = &head.namespace {
        request.namespace.clone_from(namespace);
    }
    if let Some(name) = &head.name {
        request.name.clone_from(name);
    }
    if let Some(user) = optional(head.user_info.as_deref())? {
        request.user_info = UserInfo::from_node(user.root());
    }
    request.sub_resource.clone_from(&head.sub_resource);
    request.dry_run = head.dry_run;
    request.options = optional(head.options.as_deref())?;
    Ok(request)
}
