//! AdmissionReview v1, in and out: what an admission webhook reads and writes.
//!
//! Source: api `admission/v1`; the field order of the answer is Go's.

use super::{GroupVersionKind, GroupVersionResource, Request};
use crate::authorization::UserInfo;
use crate::document::{DocumentError, Limits, NodeRef, Object};
use crate::report::Report;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Why bytes are no AdmissionReview request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewError {
    /// The bytes are no JSON document.
    Document(DocumentError),
    /// Another kind of object.
    Kind { api_version: String, kind: String },
    /// A field that has to be there is not.
    Missing { path: String },
    /// A field holds something else than the API says.
    Type { path: String, expected: &'static str },
    /// A word that is no operation.
    Operation { found: String },
}

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
///
/// # Errors
/// When the bytes are no such review, or when a field that the API knows has the wrong type. Other fields are ignored.
pub fn read_review(bytes: &[u8], limits: &Limits) -> Result<Request, ReviewError> {
    let review = Object::from_json(bytes, limits).map_err(ReviewError::Document)?;
    let root = review.root();
    let head = |key| root.field(key).and_then(NodeRef::as_str).unwrap_or_default();
    if (head("apiVersion"), head("kind")) != ("admission.k8s.io/v1", "AdmissionReview") {
        let (api_version, kind) = (head("apiVersion").to_owned(), head("kind").to_owned());
        return Err(ReviewError::Kind { api_version, kind });
    }
    let missing = |path: &str| ReviewError::Missing { path: path.to_owned() };
    let request = present(root, "request").ok_or_else(|| missing("request"))?;
    let uid = text(request, "uid")?.ok_or_else(|| missing("request.uid"))?;
    let operation = text(request, "operation")?.ok_or_else(|| missing("request.operation"))?;
    Ok(Request {
        uid,
        kind: kind(present(request, "kind").ok_or_else(|| missing("request.kind"))?)?,
        resource: resource(present(request, "resource").ok_or_else(|| missing("request.resource"))?)?,
        sub_resource: text(request, "subResource")?.unwrap_or_default(),
        name: text(request, "name")?.unwrap_or_default(),
        namespace: text(request, "namespace")?.unwrap_or_default(),
        operation: operation.parse().map_err(|_| ReviewError::Operation { found: operation })?,
        user_info: present(request, "userInfo").map(user).transpose()?.unwrap_or_default(),
        dry_run: match present(request, "dryRun") {
            None => false,
            Some(node) => node.as_bool().ok_or_else(|| mistyped(node, "a boolean"))?,
        },
        options: object(request, "options")?,
        object: object(request, "object")?,
        old_object: object(request, "oldObject")?,
    })
}

/// The answer to a review, as JSON.
pub fn write_review(uid: &str, report: &Report) -> String {
    let status = report.status.as_ref().map(|status| Status {
        status: "Failure",
        message: &status.message,
        reason: &status.reason,
        code: status.code,
    });
    let response = Response {
        uid,
        allowed: report.allowed,
        status,
        audit_annotations: Some(&report.audit_annotations).filter(|annotations| !annotations.is_empty()),
        warnings: Some(&report.warnings).filter(|warnings| !warnings.is_empty()),
    };
    let review = Review { kind: "AdmissionReview", api_version: "admission.k8s.io/v1", response };
    // Strings, numbers and maps of strings always serialise.
    serde_json::to_string(&review).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'r> {
    kind: &'static str,
    api_version: &'static str,
    response: Response<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'r> {
    uid: &'r str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_annotations: Option<&'r BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<&'r Vec<String>>,
}

/// The part of meta/v1 Status that says why.
#[derive(Serialize)]
struct Status<'r> {
    status: &'static str,
    message: &'r str,
    reason: &'r str,
    code: u16,
}

fn kind(node: NodeRef<'_>) -> Result<GroupVersionKind, ReviewError> {
    Ok(GroupVersionKind {
        group: text(node, "group")?.unwrap_or_default(),
        version: text(node, "version")?.unwrap_or_default(),
        kind: text(node, "kind")?.unwrap_or_default(),
    })
}

fn resource(node: NodeRef<'_>) -> Result<GroupVersionResource, ReviewError> {
    Ok(GroupVersionResource {
        group: text(node, "group")?.unwrap_or_default(),
        version: text(node, "version")?.unwrap_or_default(),
        resource: text(node, "resource")?.unwrap_or_default(),
    })
}

fn user(node: NodeRef<'_>) -> Result<UserInfo, ReviewError> {
    let extra = match present(node, "extra") {
        None => Vec::new(),
        Some(extra) => {
            let map = extra.as_map().ok_or_else(|| mistyped(extra, "an object"))?;
            let entry = |(name, values): (&str, NodeRef<'_>)| Ok((name.to_owned(), texts(values)?));
            map.iter().map(entry).collect::<Result<_, ReviewError>>()?
        }
    };
    Ok(UserInfo {
        username: text(node, "username")?.unwrap_or_default(),
        uid: text(node, "uid")?.unwrap_or_default(),
        groups: present(node, "groups").map(texts).transpose()?.unwrap_or_default(),
        extra,
    })
}

fn texts(node: NodeRef<'_>) -> Result<Vec<String>, ReviewError> {
    if node.is_null() {
        return Ok(Vec::new());
    }
    let list = node.as_list().ok_or_else(|| mistyped(node, "a list of strings"))?;
    let text = |item: NodeRef<'_>| item.as_str().map(str::to_owned).ok_or_else(|| mistyped(item, "a string"));
    list.iter().map(text).collect()
}

fn text(node: NodeRef<'_>, field: &str) -> Result<Option<String>, ReviewError> {
    if node.as_map().is_none() {
        return Err(mistyped(node, "an object"));
    }
    let Some(value) = present(node, field) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| mistyped(value, "a string"))?;
    Ok(Some(text.to_owned()))
}

fn object(request: NodeRef<'_>, field: &str) -> Result<Option<Object>, ReviewError> {
    let Some(node) = present(request, field) else { return Ok(None) };
    if node.as_map().is_none() {
        return Err(mistyped(node, "an object"));
    }
    node.to_object().map(Some).map_err(ReviewError::Document)
}

/// A field that is there and not null.
fn present<'n>(node: NodeRef<'n>, field: &str) -> Option<NodeRef<'n>> {
    node.field(field).filter(|value| !value.is_null())
}

fn mistyped(node: NodeRef<'_>, expected: &'static str) -> ReviewError {
    ReviewError::Type { path: node.object().path(node), expected }
}

impl fmt::Display for ReviewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReviewError::Document(error) => error.fmt(f),
            ReviewError::Kind { api_version, kind } => write!(
                f,
                "expected an AdmissionReview of admission.k8s.io/v1, found kind `{kind}` of `{api_version}`"
            ),
            ReviewError::Missing { path } => write!(f, "`{path}` is missing"),
            ReviewError::Type { path, expected } => write!(f, "`{path}` must be {expected}"),
            ReviewError::Operation { found } => {
                write!(f, "`{found}` is no operation; expected CREATE, UPDATE, DELETE or CONNECT")
            }
        }
    }
}

impl std::error::Error for ReviewError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let ReviewError::Document(error) = self { Some(error) } else { None }
    }
}
