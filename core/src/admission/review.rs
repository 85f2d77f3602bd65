//! AdmissionReview v1, in and out: what an admission webhook reads and writes.
//!
//! Source: api `admission/v1`; the field order of the answer is Go's.

use super::{GroupVersionKind, GroupVersionResource, Request};
use crate::authorization::UserInfo;
use crate::document::{DocumentError, Limits, NodeRef, Object};
use crate::report::Report;
use serde_json::json;
use std::fmt;

/// Why bytes are no AdmissionReview request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewError {
    /// No JSON.
    Document(DocumentError),
    /// JSON that is something else; the text says what is missing.
    Content(String),
}

impl fmt::Display for ReviewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReviewError::Document(error) => error.fmt(f),
            ReviewError::Content(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ReviewError {}

/// Reads an `admission.k8s.io/v1` AdmissionReview.
///
/// ```
/// use kordon::admission::{Operation, read_review};
/// use kordon::document::Limits;
/// let review = br#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
///     "uid": "1", "operation": "DELETE", "name": "web", "namespace": "shop",
///     "kind": {"group": "", "version": "v1", "kind": "Pod"},
///     "resource": {"group": "", "version": "v1", "resource": "pods"}, "userInfo": {"username": "ann"}}}"#;
/// let request = read_review(review, &Limits::default()).unwrap();
/// assert_eq!((request.operation, request.name.as_str()), (Operation::Delete, "web"));
/// ```
pub fn read_review(bytes: &[u8], limits: &Limits) -> Result<Request, ReviewError> {
    let review = Object::from_json(bytes, limits).map_err(ReviewError::Document)?;
    let root = review.root();
    let content = |message: &str| ReviewError::Content(message.to_owned());
    let expected = [("apiVersion", "admission.k8s.io/v1"), ("kind", "AdmissionReview")];
    for (field, wanted) in expected {
        let found = text(root.field(field));
        if found != wanted {
            return Err(ReviewError::Content(format!("`{field}` is `{found}`, not `{wanted}`")));
        }
    }
    let request =
        root.field("request").filter(|request| !request.is_null()).ok_or_else(|| content("no `request`"))?;
    let object = |field: &str| match request.field(field) {
        Some(node) if !node.is_null() => node.to_object().map(Some).map_err(ReviewError::Document),
        _ => Ok(None),
    };
    let kind = request.field("kind").ok_or_else(|| content("no `request.kind`"))?;
    let resource = request.field("resource").ok_or_else(|| content("no `request.resource`"))?;
    let part = |node: NodeRef<'_>, field: &str| text(node.field(field));
    Ok(Request {
        uid: text(request.field("uid")),
        kind: GroupVersionKind {
            group: part(kind, "group"),
            version: part(kind, "version"),
            kind: part(kind, "kind"),
        },
        resource: GroupVersionResource {
            group: part(resource, "group"),
            version: part(resource, "version"),
            resource: part(resource, "resource"),
        },
        sub_resource: text(request.field("subResource")),
        name: text(request.field("name")),
        namespace: text(request.field("namespace")),
        operation: text(request.field("operation")).parse().map_err(ReviewError::Content)?,
        user_info: request.field("userInfo").map(UserInfo::from_node).unwrap_or_default(),
        dry_run: request.field("dryRun").and_then(NodeRef::as_bool).unwrap_or_default(),
        options: object("options")?,
        object: object("object")?,
        old_object: object("oldObject")?,
    })
}

/// The answer to a review, as JSON.
pub fn write_review(uid: &str, report: &Report) -> String {
    let status = report.status.as_ref().map(|status| {
        json!({"status": "Failure", "message": status.message, "reason": status.reason, "code": status.code})
    });
    let annotations = Some(&report.audit_annotations).filter(|annotations| !annotations.is_empty());
    let warnings = Some(&report.warnings).filter(|warnings| !warnings.is_empty());
    let fields = [
        ("uid", Some(json!(uid))),
        ("allowed", Some(json!(report.allowed))),
        ("status", status),
        ("auditAnnotations", annotations.map(|annotations| json!(annotations))),
        ("warnings", warnings.map(|warnings| json!(warnings))),
    ];
    let present = fields.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?)));
    let response: serde_json::Map<String, serde_json::Value> = present.collect();
    json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response}).to_string()
}

fn text(node: Option<NodeRef<'_>>) -> String {
    node.and_then(NodeRef::as_str).unwrap_or_default().to_owned()
}
