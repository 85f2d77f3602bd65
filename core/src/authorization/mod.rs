//! Who may do what: the question, the answer, and who answers it.
//!
//! The words are k8s.io/apiserver's `authorizer` package.

mod rbac;

pub use rbac::Rbac;
pub(crate) use rbac::{Rule, aggregate, aggregated_parts};

use crate::document::NodeRef;
use std::fmt::Debug;

/// A user as authentication knows it (authentication.k8s.io/v1 UserInfo).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInfo {
    pub username: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: Vec<(String, Vec<String>)>,
}

impl UserInfo {
    /// Reads a user as it stands in an AdmissionReview; what has the wrong type is left out.
    pub fn from_node(node: NodeRef<'_>) -> UserInfo {
        let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::as_str).unwrap_or_default().to_owned();
        let texts = |node: Option<NodeRef<'_>>| -> Vec<String> {
            let list = node.and_then(NodeRef::as_list);
            list.map(|list| list.iter().map(|item| text(Some(item))).collect()).unwrap_or_default()
        };
        let extra = node.field("extra").and_then(NodeRef::as_map);
        let extra = extra
            .map(|extra| extra.iter().map(|(key, values)| (key.to_owned(), texts(Some(values)))).collect());
        UserInfo {
            username: text(node.field("username")),
            uid: text(node.field("uid")),
            groups: texts(node.field("groups")),
            extra: extra.unwrap_or_default(),
        }
    }
}

/// The part of a user that decides: the name and the groups.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    pub name: &'a str,
    pub groups: &'a [&'a str],
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    pub user: User<'a>,
    pub verb: &'a str,
    pub target: Target<'a>,
}

/// What it is done to.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    Resource {
        group: &'a str,
        resource: &'a str,
        subresource: &'a str,
        namespace: &'a str,
        name: &'a str,
    },
    /// A path such as `/healthz`.
    Path(&'a str),
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub decision: Decision,
    pub reason: String,
    /// Problems met on the way, empty when there were none.
    pub error: String,
}

/// Whether it is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Deny,
    /// Neither allowed nor denied; with nobody else to ask, not allowed.
    NoOpinion,
}

/// Answers whether a user may do something.
pub trait Authorizer: Debug + Send + Sync {
    fn authorize(&self, attributes: &Attributes<'_>) -> Answer;
}

/// The authorizer of an engine without RBAC objects: it knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOpinion;

impl Authorizer for NoOpinion {
    fn authorize(&self, _: &Attributes<'_>) -> Answer {
        Answer { decision: Decision::NoOpinion, reason: String::new(), error: String::new() }
    }
}
