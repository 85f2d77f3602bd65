//! Who may do what: the question, the answer, and who answers it.
//!
//! The words are k8s.io/apiserver's `authorizer` package.

use std::fmt::Debug;

/// A user as authentication knows it (authentication.k8s.io/v1 UserInfo).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInfo {
    pub username: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: Vec<(String, Vec<String>)>,
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
