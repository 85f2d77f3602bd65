//! [`RequestOptions`]: what a request is beside its object.

use super::{Error, Input};
use kordon::admission::{Operation, Request};
use kordon::authorization::UserInfo;
use kordon::document::{Limits, Object};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Everything about a request but its object; what is not said is derived from the object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct RequestOptions {
    /// CREATE, UPDATE, DELETE or CONNECT.
    pub operation: Option<String>,
    #[serde(deserialize_with = "object")]
    pub old_object: Option<Object>,
    /// Who asks, if not the engine's user.
    pub user: Option<User>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub sub_resource: Option<String>,
    pub dry_run: bool,
    /// The options of the operation, such as CreateOptions.
    #[serde(deserialize_with = "object")]
    pub options: Option<Object>,
}

/// A user in the words of authentication.k8s.io/v1 UserInfo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct User {
    pub username: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// The user with the group that everyone is in, as authentication adds it.
    pub fn authenticated(self) -> UserInfo {
        let User { username, uid, mut groups, extra } = self;
        let everyone =
            if username == "system:anonymous" { "system:unauthenticated" } else { "system:authenticated" };
        if !groups.iter().any(|group| group == everyone) {
            groups.push(everyone.to_owned());
        }
        UserInfo { username, uid, groups, extra: extra.into_iter().collect() }
    }
}

impl RequestOptions {
    pub(super) fn operation(&self) -> Result<Option<Operation>, Error> {
        self.operation.as_deref().map(str::parse).transpose().map_err(|error: String| Error::argument(error))
    }
}

/// Makes of a request for an object that for an operation: an update without an old object changes nothing, a deletion
/// is of the old object.
pub(crate) fn operate(request: &mut Request, operation: Option<Operation>, old: Option<Object>) {
    request.operation = match operation {
        Some(operation) => operation,
        None if old.is_some() => Operation::Update,
        None => Operation::Create,
    };
    match request.operation {
        Operation::Create => {}
        Operation::Update => request.old_object = old.or_else(|| request.object.clone()),
        Operation::Delete => request.old_object = old.or_else(|| request.object.take()),
        Operation::Connect => {}
    }
    if request.operation == Operation::Delete {
        request.object = None;
    }
}

/// An object as it is, or a text that holds one.
fn object<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<Object>, D::Error> {
    let raw: Option<Box<RawValue>> = Option::deserialize(deserializer)?;
    let read = raw.as_ref().map(|raw| raw.get()).filter(|raw| *raw != "null").map(|raw| {
        if !raw.starts_with('"') {
            return Object::from_json(raw.as_bytes(), &Limits::default()).map_err(|error| error.to_string());
        }
        let text: String = serde_json::from_str(raw).map_err(|error| error.to_string())?;
        Input::Bytes(text.as_bytes()).read().map_err(|error| error.to_string())
    });
    read.transpose().map_err(serde::de::Error::custom)
}
