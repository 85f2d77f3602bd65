//! Capabilities that containers add, and that they do not drop.

use super::super::pod::Pod;
use super::super::registry::Violation;
use super::{Setters, Values, containers, forbidden, quoted};
use crate::document::NodeRef;

/// What container runtimes give to containers that ask for nothing, and NET_BIND_SERVICE.
const DEFAULT: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Source: `check_capabilities_baseline.go`.
pub(super) fn baseline(pod: Pod<'_>) -> Option<Violation<'_>> {
    let Added { setters, values } = added(pod, DEFAULT);
    if setters.is_empty() {
        return None;
    }
    forbidden("non-default capabilities", must_not_include(&setters, &values), setters.at)
}

/// Source: `check_capabilities_restricted.go`.
pub(super) fn restricted(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut keeping = Setters::default();
    for container in pod.containers() {
        let dropped = container.security(&["capabilities", "drop"]).and_then(NodeRef::as_list);
        let drops_all = dropped.is_some_and(|list| list.iter().any(|one| one.as_str() == Some("ALL")));
        let fault = (!drops_all).then(|| container.nearest(&["capabilities", "drop"]));
        keeping.container(container, fault);
    }
    let Added { setters, values } = added(pod, &["NET_BIND_SERVICE"]);
    let mut details = Vec::new();
    if !keeping.is_empty() {
        let who = containers(&keeping.containers);
        details.push(format!("{who} must set securityContext.capabilities.drop=[\"ALL\"]"));
    }
    if !setters.is_empty() {
        details.push(must_not_include(&setters, &values));
    }
    if details.is_empty() {
        return None;
    }
    // What was added is wrong in itself, and what was not dropped only missing.
    let at = setters.at.into_iter().chain(keeping.at).collect();
    forbidden("unrestricted capabilities", details.join("; "), at)
}

/// Capabilities that containers add beyond those that they may.
struct Added<'o> {
    setters: Setters<'o>,
    values: Values<'o>,
}

fn added<'o>(pod: Pod<'o>, allowed: &[&str]) -> Added<'o> {
    let mut added = Added { setters: Setters::default(), values: Values::new() };
    for container in pod.containers() {
        let list = container.security(&["capabilities", "add"]).and_then(NodeRef::as_list);
        let all = list.into_iter().flat_map(|list| list.iter());
        let beyond = all.map(|node| (node, node.as_str().unwrap_or_default()));
        let beyond: Vec<_> = beyond.filter(|(_, name)| !allowed.contains(name)).collect();
        added.values.extend(beyond.iter().map(|(_, name)| *name));
        added.setters.container(container, beyond.into_iter().map(|(node, _)| node));
    }
    added
}

fn must_not_include(setters: &Setters<'_>, values: &Values<'_>) -> String {
    let values = quoted(values.iter().copied());
    format!(
        "{} must not include {values} in securityContext.capabilities.add",
        containers(&setters.containers)
    )
}
