//! The checks written by hand on the types of k8s-openapi: what a webhook in Rust would be.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec};
use regex::Regex;
use std::sync::LazyLock;

/// The checks in the order of the corpus.
pub const CHECKS: [fn(&Deployment) -> bool; 8] = [
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

fn pod(deployment: &Deployment) -> Option<&PodSpec> {
    deployment.spec.template.spec.as_ref()
}

fn every_container(deployment: &Deployment, test: impl Fn(&Container) -> bool) -> bool {
    pod(deployment).is_some_and(|pod| pod.containers.iter().all(test))
}

fn image(container: &Container) -> &str {
    container.image.as_deref().unwrap_or_default()
}

fn replica_limit(deployment: &Deployment) -> bool {
    deployment.spec.replicas.is_some_and(|replicas| replicas <= 5)
}

fn registry_allow_list(deployment: &Deployment) -> bool {
    every_container(deployment, |container| image(container).starts_with("registry.corp/"))
}

fn run_as_non_root(deployment: &Deployment) -> bool {
    let Some(pod) = pod(deployment) else { return false };
    let container = |container: &Container| {
        container.security_context.as_ref().and_then(|context| context.run_as_non_root) == Some(true)
    };
    pod.security_context.as_ref().and_then(|context| context.run_as_non_root) == Some(true)
        || (pod.containers.iter().all(container) && pod.init_containers.iter().flatten().all(container))
}

fn no_mutable_tag(deployment: &Deployment) -> bool {
    every_container(deployment, |container| {
        let image = image(container);
        DIGEST.is_match(image) || (image.contains(':') && !image.ends_with(":latest"))
    })
}

fn limits_present(deployment: &Deployment) -> bool {
    every_container(deployment, |container| {
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        limits.is_some_and(|limits| limits.contains_key("cpu") && limits.contains_key("memory"))
    })
}

fn required_labels(deployment: &Deployment) -> bool {
    let labels = deployment.metadata.labels.as_ref();
    ["app", "owner", "env"].iter().all(|key| labels.is_some_and(|labels| labels.contains_key(*key)))
}

fn no_host_path(deployment: &Deployment) -> bool {
    !pod(deployment).is_some_and(|pod| pod.volumes.iter().flatten().any(|volume| volume.host_path.is_some()))
}

fn capabilities(deployment: &Deployment) -> bool {
    every_container(deployment, |container| {
        let context = container.security_context.as_ref();
        let Some(capabilities) = context.and_then(|context| context.capabilities.as_ref()) else {
            return false;
        };
        let allowed = |name: &String| ["NET_BIND_SERVICE", "CHOWN", "SETUID"].contains(&name.as_str());
        capabilities.drop.iter().flatten().any(|name| name == "ALL")
            && capabilities.add.iter().flatten().all(allowed)
    })
}
