//! Profiles of seccomp and AppArmor, in fields and in the annotations that were before them.

use super::super::pod::{Pod, text};
use super::super::registry::Violation;
use super::{Setters, Values, containers, forbidden, plural, quoted};
use crate::document::NodeRef;
use std::collections::BTreeSet;

const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// Source: `check_appArmorProfile.go`.
pub(super) fn app_armor(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut profiles = Profiles::of(pod, "appArmorProfile");
    let mut annotations: Vec<(String, NodeRef<'_>)> = Vec::new();
    for (name, node) in pod.annotations() {
        let value = node.as_str().unwrap_or_default();
        let is_allowed = matches!(value, "" | "runtime/default") || value.starts_with("localhost/");
        if name.starts_with(APP_ARMOR_ANNOTATION) && !is_allowed {
            annotations.push((annotation(name, value), node));
        }
    }
    annotations.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut setters = Vec::new();
    if !profiles.setters.is_empty() {
        setters.push(profiles.setters.who());
    }
    if !annotations.is_empty() {
        setters.push(plural("annotation", "annotations", annotations.len()).to_owned());
    }
    if setters.is_empty() {
        return None;
    }
    let texts = annotations.iter().map(|(text, _)| text.as_str());
    let values: Vec<&str> = profiles.values.iter().copied().chain(texts).collect();
    let reason = plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.len());
    let detail =
        format!("{} must not set AppArmor profile type to {}", setters.join(" and "), quoted(values));
    profiles.setters.at.extend(annotations.iter().map(|(_, node)| *node));
    forbidden(reason, detail, profiles.setters.at)
}

/// Before 1.19 profiles of seccomp were annotations.
///
/// Source: `check_seccompProfile_baseline.go`.
pub(super) fn seccomp_annotations(pod: Pod<'_>) -> Option<Violation<'_>> {
    let (mut texts, mut at) = (BTreeSet::new(), Vec::new());
    let of_containers =
        pod.containers().map(|container| format!("{SECCOMP_CONTAINER_ANNOTATION}{}", container.name));
    for name in [SECCOMP_POD_ANNOTATION.to_owned()].into_iter().chain(of_containers) {
        let Some(node) = pod.annotation(&name) else { continue };
        let value = node.as_str().unwrap_or_default();
        let is_allowed = matches!(value, "runtime/default" | "docker/default");
        if !is_allowed && !value.starts_with("localhost/") {
            texts.insert(annotation(&name, value));
            at.push(node);
        }
    }
    if texts.is_empty() {
        return None;
    }
    let annotations = plural("annotation", "annotations", texts.len());
    let texts = texts.into_iter().collect::<Vec<String>>().join(", ");
    forbidden("seccompProfile", format!("forbidden {annotations} {texts}"), at)
}

/// Source: `check_seccompProfile_baseline.go`.
pub(super) fn seccomp(pod: Pod<'_>) -> Option<Violation<'_>> {
    Profiles::of(pod, "seccompProfile").bad_seccomp()
}

/// Source: `check_seccompProfile_restricted.go`.
pub(super) fn seccomp_required(pod: Pod<'_>) -> Option<Violation<'_>> {
    let profiles = Profiles::of(pod, "seccompProfile");
    let pod_is_set = pod.security(&["seccompProfile"]).is_some() && !profiles.setters.pod;
    if !profiles.setters.is_empty() {
        return profiles.bad_seccomp();
    }
    let mut missing = Setters::default();
    for container in pod.containers().filter(|_| !pod_is_set) {
        let is_set = container.security(&["seccompProfile"]).is_some();
        missing.container(container, (!is_set).then(|| container.nearest(&[])));
    }
    if missing.is_empty() {
        return None;
    }
    let detail = format!(
        "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
        containers(&missing.containers)
    );
    forbidden("seccompProfile", detail, missing.at)
}

/// Profiles that are neither the runtime's nor the host's own, and who sets them.
struct Profiles<'o> {
    setters: Setters<'o>,
    values: Values<'o>,
}

impl<'o> Profiles<'o> {
    fn of(pod: Pod<'o>, field: &str) -> Profiles<'o> {
        let (mut setters, mut values) = (Setters::default(), Values::new());
        let mut bad = |profile: Option<NodeRef<'o>>| {
            let profile = profile?;
            let kind = text(Some(profile), "type");
            if matches!(kind, "RuntimeDefault" | "Localhost") {
                return None;
            }
            values.insert(kind);
            Some(profile.field("type").unwrap_or(profile))
        };
        setters.pod(bad(pod.security(&[field])));
        for container in pod.containers() {
            setters.container(container, bad(container.security(&[field])));
        }
        Profiles { setters, values }
    }

    fn bad_seccomp(self) -> Option<Violation<'o>> {
        if self.setters.is_empty() {
            return None;
        }
        let (who, values) = (self.setters.who(), quoted(self.values));
        let detail = format!("{who} must not set securityContext.seccompProfile.type to {values}");
        forbidden("seccompProfile", detail, self.setters.at)
    }
}

/// An annotation as the API server shows it: `name="value"`.
fn annotation(name: &str, value: &str) -> String {
    format!("{name}={}", crate::go::quoted(value))
}
