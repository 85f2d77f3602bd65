//! Users that processes run as.

use super::super::pod::Pod;
use super::super::registry::Violation;
use super::{Setters, containers, forbidden};
use crate::document::NodeRef;

/// Source: `check_runAsNonRoot.go`.
pub(super) fn non_root(pod: Pod<'_>) -> Option<Violation<'_>> {
    let path = ["runAsNonRoot"];
    let (mut explicit, mut implicit) = (Setters::default(), Setters::default());
    let of_pod = pod.security(&path);
    explicit.pod(of_pod.filter(is_false));
    let pod_is_set = of_pod.and_then(NodeRef::as_bool) == Some(true);
    for container in pod.containers() {
        let own = container.security(&path);
        explicit.container(container, own.filter(is_false));
        let is_missing = own.is_none() && !pod_is_set;
        implicit.container(container, is_missing.then(|| container.nearest(&path)));
    }
    let reason = "runAsNonRoot != true";
    if !explicit.is_empty() {
        let detail = format!("{} must not set securityContext.runAsNonRoot=false", explicit.who());
        return forbidden(reason, detail, explicit.at);
    }
    if implicit.is_empty() {
        return None;
    }
    let who = containers(&implicit.containers);
    forbidden(reason, format!("pod or {who} must set securityContext.runAsNonRoot=true"), implicit.at)
}

/// Source: `check_runAsUser.go`.
pub(super) fn root(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut setters = Setters::default();
    setters.pod(pod.security(&["runAsUser"]).filter(is_zero));
    for container in pod.containers() {
        setters.container(container, container.security(&["runAsUser"]).filter(is_zero));
    }
    if setters.is_empty() {
        return None;
    }
    forbidden("runAsUser=0", format!("{} must not set runAsUser=0", setters.who()), setters.at)
}

fn is_false(node: &NodeRef<'_>) -> bool {
    node.as_bool() == Some(false)
}

fn is_zero(node: &NodeRef<'_>) -> bool {
    node.as_int() == Some(0)
}
