//! AppArmor annotations of old become fields. Source: kubernetes `pkg/registry/core/pod/strategy.go`
//! `applyAppArmorVersionSkew`.

use crate::typed::value::{Set, Value};

const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) fn fields_from_annotations(pod: &mut Value<'_, '_, '_>) {
    let Some(annotations) = pod.path(&["metadata", "annotations"]) else { return };
    if !pod.draft.children(annotations).any(|entry| pod.draft.key(entry).starts_with(PREFIX)) {
        return;
    }
    let on_windows =
        pod.path(&["spec", "os", "name"]).is_some_and(|name| pod.draft.value(name) == Set::String("windows"));
    if on_windows {
        return;
    }
    let of_pod =
        pod.path(&["spec", "securityContext", "appArmorProfile"]).map(|profile| profile_of(&pod.at(profile)));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let Some(spec) = pod.find("spec") else { return };
        for container in pod.at(spec).items(list) {
            let key = format!("{PREFIX}{}", pod.at(container).text("name"));
            let text = pod.at(annotations).text(&key).to_owned();
            let Some((kind, local)) = field_for(&text) else { continue };
            let mut container = pod.at(container);
            if container.path(&["securityContext", "appArmorProfile"]).is_some()
                || of_pod.as_ref().is_some_and(|(own, name)| own == kind && name.as_deref() == local)
            {
                continue;
            }
            let mut context = container.made("securityContext");
            let mut profile = context.made("appArmorProfile");
            profile.set("type", Set::String(kind));
            if let Some(local) = local {
                profile.set("localhostProfile", Set::String(local));
            }
        }
    }
}

fn profile_of(profile: &Value<'_, '_, '_>) -> (String, Option<String>) {
    let local = (!profile.is_nil("localhostProfile")).then(|| profile.text("localhostProfile").to_owned());
    (profile.text("type").to_owned(), local)
}

/// The type and the profile that an annotation means.
fn field_for(annotation: &str) -> Option<(&'static str, Option<&str>)> {
    match annotation {
        "unconfined" => Some(("Unconfined", None)),
        "runtime/default" => Some(("RuntimeDefault", None)),
        _ => {
            let local = annotation.strip_prefix("localhost/")?;
            let valid = !local.is_empty() && local.trim() == local && local.len() <= 4_095;
            valid.then_some(("Localhost", Some(local)))
        }
    }
}
