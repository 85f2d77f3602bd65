//! Privileges of processes: privileged, privilege escalation, host processes of Windows, and what of /proc is masked.

use super::super::pod::Pod;
use super::super::registry::Violation;
use super::{Setters, Values, containers, forbidden, quoted};
use crate::document::NodeRef;

/// Source: `check_privileged.go`.
pub(super) fn privileged(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut setters = Setters::default();
    for container in pod.containers() {
        setters.container(container, container.security(&["privileged"]).filter(is_true));
    }
    if setters.is_empty() {
        return None;
    }
    let detail = format!("{} must not set securityContext.privileged=true", containers(&setters.containers));
    forbidden("privileged", detail, setters.at)
}

/// Source: `check_allowPrivilegeEscalation.go`.
pub(super) fn escalation(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut setters = Setters::default();
    for container in pod.containers() {
        let path = ["allowPrivilegeEscalation"];
        let is_false = container.security(&path).and_then(NodeRef::as_bool) == Some(false);
        setters.container(container, (!is_false).then(|| container.nearest(&path)));
    }
    if setters.is_empty() {
        return None;
    }
    let who = containers(&setters.containers);
    let detail = format!("{who} must set securityContext.allowPrivilegeEscalation=false");
    forbidden("allowPrivilegeEscalation != false", detail, setters.at)
}

/// Source: `check_windowsHostProcess.go`.
pub(super) fn host_process(pod: Pod<'_>) -> Option<Violation<'_>> {
    let path = ["windowsOptions", "hostProcess"];
    let mut setters = Setters::default();
    setters.pod(pod.security(&path).filter(is_true));
    for container in pod.containers() {
        setters.container(container, container.security(&path).filter(is_true));
    }
    if setters.is_empty() {
        return None;
    }
    let detail = format!("{} must not set securityContext.windowsOptions.hostProcess=true", setters.who());
    forbidden("hostProcess", detail, setters.at)
}

/// Source: `check_procMount_baseline.go`.
pub(super) fn proc_mount(pod: Pod<'_>) -> Option<Violation<'_>> {
    let (mut setters, mut values) = (Setters::default(), Values::new());
    for container in pod.containers() {
        let Some(node) = container.security(&["procMount"]) else { continue };
        let value = node.as_str().unwrap_or_default();
        if value != "Default" {
            values.insert(value);
            setters.container(container, [node]);
        }
    }
    if setters.is_empty() {
        return None;
    }
    let detail = format!(
        "{} must not set securityContext.procMount to {}",
        containers(&setters.containers),
        quoted(values)
    );
    forbidden("procMount", detail, setters.at)
}

fn is_true(node: &NodeRef<'_>) -> bool {
    node.as_bool() == Some(true)
}
