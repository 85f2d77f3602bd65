//! [`Request`]: one admission request.

use super::identity::{GroupVersionKind, GroupVersionResource, Operation};
use crate::authorization::UserInfo;
use crate::document::Object;

/// One admission request (admission.k8s.io/v1 AdmissionRequest).
///
/// `kind`, `resource` and `sub_resource` are what the policy sees after conversion; the `request_*` fields are what
/// the client asked for. Both are the same unless a webhook or policy with `matchPolicy: Equivalent` converted.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub uid: String,
    pub kind: GroupVersionKind,
    pub resource: GroupVersionResource,
    pub sub_resource: String,
    pub request_kind: GroupVersionKind,
    pub request_resource: GroupVersionResource,
    pub request_sub_resource: String,
    /// Empty when the server is to generate it.
    pub name: String,
    /// Empty for cluster-scoped resources; for a Namespace its own name.
    pub namespace: String,
    pub operation: Operation,
    pub user_info: UserInfo,
    pub dry_run: bool,
    /// CreateOptions, UpdateOptions or DeleteOptions, as given.
    pub options: Option<Object>,
    pub object: Option<Object>,
    pub old_object: Option<Object>,
}

impl Request {
    /// The object, or the old object when there is none (DELETE).
    pub fn shown(&self) -> Option<&Object> {
        self.object.as_ref().or(self.old_object.as_ref())
    }
}
