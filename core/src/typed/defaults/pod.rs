//! Pods and what is in them. Source: kubernetes `pkg/apis/core/v1/defaults.go`.

use super::image::is_latest;
use super::{Rule, Set, Value};

pub(super) fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "Pod" => pod,
        "PodSpec" => spec,
        "PodStatus" => status,
        "Container" | "EphemeralContainer" => container,
        "Probe" => probe,
        "HTTPGetAction" => http_get,
        "GRPCAction" => |grpc| grpc.default_nil("service", Set::String("")),
        "FileKeySelector" => |selector| selector.default_nil("optional", Set::Bool(false)),
        "ObjectFieldSelector" => |selector| selector.default("apiVersion", Set::String("v1")),
        "Volume" => volume,
        "SecretVolumeSource"
        | "ConfigMapVolumeSource"
        | "DownwardAPIVolumeSource"
        | "ProjectedVolumeSource" => |source| source.default_nil("defaultMode", Set::Int(0o644)),
        "HostPathVolumeSource" => |source| source.default_nil("type", Set::String("")),
        "ServiceAccountTokenProjection" => {
            |projection| projection.default_nil("expirationSeconds", Set::Int(3_600))
        }
        _ => return None,
    })
}

fn pod(pod: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = pod.within("spec") else { return };
    if spec.int("terminationGracePeriodSeconds") < 0 {
        spec.set("terminationGracePeriodSeconds", Set::Int(1));
    }
    let host_network = spec.is_true("hostNetwork");
    for list in ["containers", "initContainers"] {
        spec.each(list, |container| {
            requests_from_limits(container);
            if host_network {
                container.each("ports", |port| {
                    if let Set::Int(number) =
                        port.find("containerPort").map_or(Set::Null, |at| port.draft.value(at))
                        && number != 0
                    {
                        port.default("hostPort", Set::Int(number));
                    }
                });
            }
        });
    }
    spec.default_nil("enableServiceLinks", Set::Bool(true));
}

/// What a container may use at most is what it asks for, unless it says so itself.
fn requests_from_limits(container: &mut Value<'_, '_, '_>) {
    let Some(mut resources) = container.within("resources") else { return };
    let limits = resources.items("limits");
    if limits.is_empty() {
        return;
    }
    let mut requests = resources.made("requests");
    for limit in limits {
        let name = requests.draft.key(limit).to_owned();
        if requests.draft.field(requests.place, &name).is_none() {
            requests.copy(&name, limit);
        }
    }
}

fn spec(spec: &mut Value<'_, '_, '_>) {
    // The two names of the service account are one; the newer one wins.
    for (from, to) in [("serviceAccount", "serviceAccountName"), ("serviceAccountName", "serviceAccount")] {
        let differs = spec.text(from) != spec.text(to);
        if differs && (to == "serviceAccount" || spec.is_zero(to)) {
            match spec.find(from) {
                Some(place) => {
                    spec.copy(to, place);
                }
                None => spec.unset(to),
            }
        }
    }
    spec.default("dnsPolicy", Set::String("ClusterFirst"));
    spec.default("restartPolicy", Set::String("Always"));
    spec.default_nil("securityContext", Set::Map);
    spec.default_nil("terminationGracePeriodSeconds", Set::Int(30));
    spec.default("schedulerName", Set::String("default-scheduler"));
}

fn status(status: &mut Value<'_, '_, '_>) {
    let first = status.items("podIPs").first().copied();
    let first_ip = first.map(|place| status.at(place).text("ip").to_owned()).unwrap_or_default();
    let ip = status.text("podIP").to_owned();
    if ip.is_empty() && first.is_some() {
        if !first_ip.is_empty() {
            status.set("podIP", Set::String(&first_ip));
        }
    } else if !ip.is_empty() && ip != first_ip {
        let list = status.set("podIPs", Set::List);
        status.item(list).set("ip", Set::String(&ip));
    }
}

fn container(container: &mut Value<'_, '_, '_>) {
    if container.is_zero("imagePullPolicy") {
        let policy = pull_policy(container.text("image"));
        container.set("imagePullPolicy", policy);
    }
    container.default("terminationMessagePath", Set::String("/dev/termination-log"));
    container.default("terminationMessagePolicy", Set::String("File"));
}

fn pull_policy(image: &str) -> Set<'static> {
    Set::String(if is_latest(image) { "Always" } else { "IfNotPresent" })
}

fn probe(probe: &mut Value<'_, '_, '_>) {
    probe.default("timeoutSeconds", Set::Int(1));
    probe.default("periodSeconds", Set::Int(10));
    probe.default("successThreshold", Set::Int(1));
    probe.default("failureThreshold", Set::Int(3));
}

fn http_get(action: &mut Value<'_, '_, '_>) {
    action.default("path", Set::String("/"));
    action.default("scheme", Set::String("HTTP"));
}

fn volume(volume: &mut Value<'_, '_, '_>) {
    let sources = volume.draft.children(volume.place).any(|field| volume.draft.key(field) != "name");
    if !sources {
        volume.set("emptyDir", Set::Map);
    }
    // The gate ImageVolume, on by default since 1.35.
    if volume.minor() >= 35
        && let Some(mut image) = volume.within("image")
        && image.is_zero("pullPolicy")
    {
        let policy = pull_policy(image.text("reference"));
        image.set("pullPolicy", policy);
    }
}
