//! The checks, in the order of their messages, and the words that they share.
//!
//! Source: pod-security-admission `policy/check_*.go`, `policy/helpers.go`.

mod capabilities;
mod host;
mod privileges;
mod profiles;
mod selinux;
mod sysctls;
mod users;
mod volumes;

use super::level::Level;
use super::pod::{Container, Pod};
use super::registry::Violation;
use crate::document::NodeRef;
use std::collections::BTreeSet;

/// What a check says of a pod.
pub(super) type CheckPod = for<'o> fn(Pod<'o>) -> Option<Violation<'o>>;

/// A check and the versions of the standards in which it changed.
pub(super) struct Check {
    pub(super) id: &'static str,
    pub(super) level: Level,
    /// From which minor version on which form of it counts, from the oldest.
    pub(super) versions: &'static [(u16, CheckPod)],
    /// The check of baseline that this one of restricted stands in for.
    pub(super) overrides: Option<&'static str>,
}

/// Baseline first, then restricted, each by name: the API server lists what they forbid in this order.
pub(super) const CHECKS: &[Check] = &[
    baseline("appArmorProfile", &[(0, profiles::app_armor)]),
    baseline("capabilities_baseline", &[(0, capabilities::baseline)]),
    baseline("hostNamespaces", &[(0, host::namespaces)]),
    baseline("hostPathVolumes", &[(0, volumes::host_path)]),
    baseline("hostPorts", &[(0, host::ports)]),
    baseline("hostProbesAndHostLifecycle", &[(34, host::probes)]),
    baseline("privileged", &[(0, privileges::privileged)]),
    baseline(
        "procMount",
        &[(0, privileges::proc_mount), (35, |pod| own_users_or(pod, privileges::proc_mount))],
    ),
    baseline("seLinuxOptions", &[(0, selinux::options), (31, selinux::options_1_31)]),
    baseline("seccompProfile_baseline", &[(0, profiles::seccomp_annotations), (19, profiles::seccomp)]),
    baseline(
        "sysctls",
        &[
            (0, |pod| sysctls::sysctls(pod, 0)),
            (27, |pod| sysctls::sysctls(pod, 27)),
            (29, |pod| sysctls::sysctls(pod, 29)),
            (32, |pod| sysctls::sysctls(pod, 32)),
            (37, |pod| sysctls::sysctls(pod, 37)),
        ],
    ),
    baseline("windowsHostProcess", &[(0, privileges::host_process)]),
    restricted(
        "allowPrivilegeEscalation",
        &[(8, privileges::escalation), (25, |pod| windows_or(pod, privileges::escalation))],
    ),
    restricted(
        "capabilities_restricted",
        &[(22, capabilities::restricted), (25, |pod| windows_or(pod, capabilities::restricted))],
    )
    .overriding("capabilities_baseline"),
    restricted("procMount_restricted", &[(35, privileges::proc_mount)]).overriding("procMount"),
    restricted("restrictedVolumes", &[(0, volumes::restricted)]).overriding("hostPathVolumes"),
    restricted("runAsNonRoot", &[(0, users::non_root), (35, |pod| own_users_or(pod, users::non_root))]),
    restricted("runAsUser", &[(23, users::root), (35, |pod| own_users_or(pod, users::root))]),
    restricted(
        "seccompProfile_restricted",
        &[(19, profiles::seccomp_required), (25, |pod| windows_or(pod, profiles::seccomp_required))],
    )
    .overriding("seccompProfile_baseline"),
];

const fn baseline(id: &'static str, versions: &'static [(u16, CheckPod)]) -> Check {
    Check { id, level: Level::Baseline, versions, overrides: None }
}

const fn restricted(id: &'static str, versions: &'static [(u16, CheckPod)]) -> Check {
    Check { id, level: Level::Restricted, versions, overrides: None }
}

impl Check {
    const fn overriding(self, id: &'static str) -> Check {
        Check { overrides: Some(id), ..self }
    }
}

/// Since 1.25 what Windows does not have is not asked of its pods.
fn windows_or(pod: Pod<'_>, check: CheckPod) -> Option<Violation<'_>> {
    if pod.is_windows() { None } else { check(pod) }
}

/// Since 1.35 root inside of a pod with users of its own is nobody outside.
fn own_users_or(pod: Pod<'_>, check: CheckPod) -> Option<Violation<'_>> {
    if pod.has_own_users() { None } else { check(pod) }
}

/// Who breaks a rule: the pod as a whole, containers of it, or both.
#[derive(Default)]
struct Setters<'o> {
    pod: bool,
    containers: Vec<&'o str>,
    at: Vec<NodeRef<'o>>,
}

impl<'o> Setters<'o> {
    /// The pod as a whole, when there is a value at fault.
    fn pod(&mut self, fault: Option<NodeRef<'o>>) {
        self.pod |= fault.is_some();
        self.at.extend(fault);
    }

    /// A container, when there are values at fault.
    fn container(&mut self, container: Container<'o>, faults: impl IntoIterator<Item = NodeRef<'o>>) {
        let before = self.at.len();
        self.at.extend(faults);
        if self.at.len() > before {
            self.containers.push(container.name);
        }
    }

    fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// `pod`, `container "a"`, `pod and containers "a", "b"`.
    fn who(&self) -> String {
        match (self.pod, self.containers.is_empty()) {
            (true, true) => "pod".to_owned(),
            (true, false) => format!("pod and {}", containers(&self.containers)),
            (false, _) => containers(&self.containers),
        }
    }
}

/// What a check finds; the registry knows its name.
fn forbidden<'o>(reason: &'static str, detail: String, at: Vec<NodeRef<'o>>) -> Option<Violation<'o>> {
    Some(Violation { check: "", reason, detail, at })
}

/// `container "a"`, `containers "a", "b"`.
fn containers(names: &[&str]) -> String {
    format!("{} {}", plural("container", "containers", names.len()), quoted(names.iter().copied()))
}

/// Names in plain quotes, as they are.
fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { String::new() } else { format!("\"{}\"", names.join("\", \"")) }
}

fn plural(one: &'static str, many: &'static str, count: usize) -> &'static str {
    if count == 1 { one } else { many }
}

/// Values as the API server lists them: each once, in the order of their bytes.
type Values<'o> = BTreeSet<&'o str>;
