//! The checks written by hand on `serde_json::Value`: what a program that knows no types would do.

use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// The checks in the order of the corpus.
pub const CHECKS: [fn(&Value) -> bool; 8] = [
    replica_limit,
    registry_allow_list,
    run_as_non_root,
    no_mutable_tag,
    limits_present,
    required_labels,
    no_host_path,
    capabilities,
];

static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("@sha256:[a-f0-9]{64}$").expect("it is a pattern"));

fn pod(object: &Value) -> &Value {
    &object["spec"]["template"]["spec"]
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn image(container: &Value) -> &str {
    container["image"].as_str().unwrap_or_default()
}

fn replica_limit(object: &Value) -> bool {
    object["spec"]["replicas"].as_i64().is_some_and(|replicas| replicas <= 5)
}

fn registry_allow_list(object: &Value) -> bool {
    elements(&pod(object)["containers"]).all(|container| image(container).starts_with("registry.corp/"))
}

fn run_as_non_root(object: &Value) -> bool {
    let set = |value: &Value| value["securityContext"]["runAsNonRoot"] == Value::Bool(true);
    let pod = pod(object);
    set(pod) || (elements(&pod["containers"]).all(set) && elements(&pod["initContainers"]).all(set))
}

fn no_mutable_tag(object: &Value) -> bool {
    elements(&pod(object)["containers"]).all(|container| {
        let image = image(container);
        DIGEST.is_match(image) || (image.contains(':') && !image.ends_with(":latest"))
    })
}

fn limits_present(object: &Value) -> bool {
    elements(&pod(object)["containers"]).all(|container| {
        let limits = &container["resources"]["limits"];
        limits.get("cpu").is_some() && limits.get("memory").is_some()
    })
}

fn required_labels(object: &Value) -> bool {
    let labels = &object["metadata"]["labels"];
    ["app", "owner", "env"].iter().all(|key| labels.get(key).is_some())
}

fn no_host_path(object: &Value) -> bool {
    !elements(&pod(object)["volumes"]).any(|volume| volume.get("hostPath").is_some())
}

fn capabilities(object: &Value) -> bool {
    elements(&pod(object)["containers"]).all(|container| {
        let capabilities = &container["securityContext"]["capabilities"];
        let allowed = |name: &Value| matches!(name.as_str(), Some("NET_BIND_SERVICE" | "CHOWN" | "SETUID"));
        elements(&capabilities["drop"]).any(|name| name == "ALL")
            && elements(&capabilities["add"]).all(allowed)
    })
}
