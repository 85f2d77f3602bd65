//! Kernel parameters that pods may set.

use super::super::pod::{Pod, text};
use super::super::registry::Violation;
use super::forbidden;
use crate::document::NodeRef;

/// Parameters that reach no further than their pod, and since which minor version they are taken for safe.
const SAFE: &[(u16, &str)] = &[
    (0, "kernel.shm_rmid_forced"),
    (0, "net.ipv4.ip_local_port_range"),
    (0, "net.ipv4.tcp_syncookies"),
    (0, "net.ipv4.ping_group_range"),
    (0, "net.ipv4.ip_unprivileged_port_start"),
    (27, "net.ipv4.ip_local_reserved_ports"),
    (29, "net.ipv4.tcp_keepalive_time"),
    (29, "net.ipv4.tcp_fin_timeout"),
    (29, "net.ipv4.tcp_keepalive_intvl"),
    (29, "net.ipv4.tcp_keepalive_probes"),
    (32, "net.ipv4.tcp_rmem"),
    (32, "net.ipv4.tcp_wmem"),
    (37, "net.ipv4.tcp_slow_start_after_idle"),
    (37, "net.ipv4.tcp_notsent_lowat"),
];

/// Source: `check_sysctls.go`.
pub(super) fn sysctls(pod: Pod<'_>, minor: u16) -> Option<Violation<'_>> {
    let is_safe = |name: &str| SAFE.iter().any(|&(since, safe)| since <= minor && safe == name);
    let all = pod.items(&["securityContext", "sysctls"]).map(|node| (text(Some(node), "name"), node));
    let (names, at): (Vec<&str>, Vec<NodeRef<'_>>) = all
        .filter(|(name, _)| !is_safe(name))
        .map(|(name, node)| (name, node.field("name").unwrap_or(node)))
        .unzip();
    if at.is_empty() {
        return None;
    }
    forbidden("forbidden sysctls", names.join(", "), at)
}
