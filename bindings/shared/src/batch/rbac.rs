//! SubjectAccessReviews over RBAC objects.

use super::object;
use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User};
use kordon::document::Object;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    #[serde(default)]
    objects: Vec<Box<RawValue>>,
    #[serde(default)]
    objects_file: String,
    spec: Spec,
}

/// The spec of a SubjectAccessReview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[derive(Default)]
struct Spec {
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
    user: String,
    groups: Vec<String>,
    uid: String,
    extra: Value,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ResourceAttributes {
    namespace: String,
    verb: String,
    group: String,
    version: String,
    resource: String,
    subresource: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NonResourceAttributes {
    path: String,
    verb: String,
}

/// Authorizers by the file that their objects came from.
#[derive(Default)]
pub(super) struct Authorizers(HashMap<String, Rbac>);

impl Authorizers {
    pub(super) fn answer(&mut self, question: &Question) -> Result<Value, String> {
        let mut objects = Vec::new();
        for raw in &question.objects {
            objects.push(object(raw)?);
        }
        let fresh;
        let rbac = if question.objects_file.is_empty() {
            fresh = Rbac::new(&objects);
            &fresh
        } else {
            let file = &question.objects_file;
            if !self.0.contains_key(file) {
                let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
                let list: Vec<Box<RawValue>> =
                    serde_json::from_slice(&bytes).map_err(|error| format!("{file}: {error}"))?;
                let read: Result<Vec<Object>, String> = list.iter().map(|raw| object(raw)).collect();
                let all: Vec<Object> = read?.into_iter().chain(objects).collect();
                self.0.insert(file.clone(), Rbac::new(&all));
            }
            self.0.get(file).ok_or("no objects")?
        };
        let spec = &question.spec;
        let groups: Vec<&str> = spec.groups.iter().map(String::as_str).collect();
        let (verb, target) = match (&spec.resource_attributes, &spec.non_resource_attributes) {
            (Some(of), _) => (
                of.verb.as_str(),
                Target::Resource {
                    group: &of.group,
                    resource: &of.resource,
                    subresource: &of.subresource,
                    namespace: &of.namespace,
                    name: &of.name,
                },
            ),
            (None, Some(of)) => (of.verb.as_str(), Target::Path(&of.path)),
            (None, None) => return Err("`spec` needs resourceAttributes or nonResourceAttributes".to_owned()),
        };
        let answer =
            rbac.authorize(&Attributes { user: User { name: &spec.user, groups: &groups }, verb, target });
        let allowed = answer.decision == Decision::Allow;
        Ok(json!({"id": question.id, "allowed": allowed, "reason": answer.reason}))
    }
}
