//! [`Evaluator`]: which checks a level has as of a version, and what they say of a pod.
//!
//! Source: pod-security-admission `policy/registry.go`, `policy/checks.go`.

use super::checks::{CHECKS, Check, CheckPod};
use super::level::{Level, LevelVersion, PolicyVersion};
use super::pod::Pod;
use crate::document::NodeRef;

/// The newest version of the standards that is known.
pub const NEWEST: u16 = 37;

/// What one check forbids of a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation<'o> {
    /// The check's name: `hostPorts`.
    pub check: &'static str,
    pub reason: &'static str,
    pub detail: String,
    /// The values at fault, or what they are missing from.
    pub at: Vec<NodeRef<'o>>,
}

/// Checks pods by any level and version.
#[derive(Clone, Copy, Debug)]
pub struct Evaluator {
    newest: u16,
}

impl Default for Evaluator {
    fn default() -> Self {
        Evaluator { newest: NEWEST }
    }
}

impl Evaluator {
    /// The evaluator of an API server that emulates a minor version of Kubernetes: newer versions are that one.
    pub fn emulating(minor: u16) -> Evaluator {
        Evaluator { newest: minor.min(NEWEST) }
    }

    /// What the checks of a level forbid, in the order in which the API server names it: those of baseline first.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// use kordon::pod_security::{Evaluator, PodKind, forbidden_detail};
    ///
    /// let pod = br#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostNetwork": true,
    ///     "containers": [{"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}]}]}}"#;
    /// let object = Object::from_json(pod, &Limits::default())?;
    /// let pod = PodKind::of(&object).and_then(PodKind::pod).unwrap();
    /// let violations = Evaluator::default().evaluate("baseline:v1.30".parse()?, pod);
    /// assert_eq!(
    ///     forbidden_detail(&violations),
    ///     "host namespaces (hostNetwork=true), hostPort (container \"web\" uses hostPort 80)"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate<'o>(&self, asked: LevelVersion, pod: Pod<'o>) -> Vec<Violation<'o>> {
        let minor = match asked.version {
            PolicyVersion::Latest => self.newest,
            PolicyVersion::Minor(minor) => u16::try_from(minor).unwrap_or(u16::MAX).min(self.newest),
        };
        let checks = checks_of(asked.level, minor);
        let found = checks.filter_map(|(check, form)| {
            form(pod).map(|violation| Violation { check: check.id, ..violation })
        });
        found.collect()
    }
}

/// The checks of a level as of a version, each with its newest form.
fn checks_of(level: Level, minor: u16) -> impl Iterator<Item = (&'static Check, CheckPod)> {
    let current = move |check: &'static Check| {
        check.versions.iter().rfind(|(since, _)| *since <= minor).map(|(_, form)| *form)
    };
    let is_overridden = move |id: &str| {
        level == Level::Restricted
            && CHECKS.iter().any(|check| check.overrides == Some(id) && current(check).is_some())
    };
    CHECKS
        .iter()
        .filter(move |check| check.level <= level && !is_overridden(check.id))
        .filter_map(move |check| Some((check, current(check)?)))
}

impl Violation<'_> {
    /// The reason, and in parentheses the detail.
    pub fn text(&self) -> String {
        match self.detail.as_str() {
            "" => self.reason.to_owned(),
            detail => format!("{} ({detail})", self.reason),
        }
    }
}

/// All violations in one text, with details.
pub fn forbidden_detail(violations: &[Violation<'_>]) -> String {
    violations.iter().map(Violation::text).collect::<Vec<String>>().join(", ")
}

/// All violations in one text, without details.
pub fn forbidden_reason(violations: &[Violation<'_>]) -> String {
    violations.iter().map(|violation| violation.reason).collect::<Vec<&str>>().join(", ")
}
