//! What is to be reached: pods behind Services, Services behind Ingresses, what is to be scaled.

use super::{BACKEND, Found, INGRESS_CLASS, PORT_OPEN, SCALE_TARGET, SECRET, SELECTS_PODS};
use crate::analysis::cluster::{Cluster, Member, at, items, text};
use crate::analysis::selected::Pods;
use crate::analysis::workload::Workload;
use crate::document::NodeRef;

pub(super) fn services<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>, pods: &Pods<'_, 'o>) {
    for service in cluster.of("", "Service") {
        let selector = service
            .at(&["spec", "selector"])
            .filter(|selector| selector.as_map().is_some_and(|labels| !labels.is_empty()));
        let Some(selector) = selector.filter(|_| service.text(&["spec", "type"]) != "ExternalName") else {
            continue;
        };
        let selected = pods.with_labels(service.namespace, selector);
        // Where there are no pods at all, they are elsewhere.
        if selected.is_empty() && pods.inside(service.namespace).next().is_some() {
            let message = format!(
                "the selector of {} matches no Pod: make it equal labels of the Pods that it is for",
                service.title()
            );
            found.add(SELECTS_PODS, service, selector, message);
        }
        for port in items(service.root(), &["spec", "ports"]) {
            if let Some(message) = closed(port, &selected) {
                let place = at(port, &["targetPort"]).or_else(|| at(port, &["port"])).unwrap_or(port);
                found.add(PORT_OPEN, service, place, message);
            }
        }
    }
}

/// What is wrong with the target of a port. A container need not list its ports, so of numbers only pods that list some
/// are held to their list.
fn closed(port: NodeRef<'_>, selected: &[Workload<'_, '_>]) -> Option<String> {
    let target = at(port, &["targetPort"]).or_else(|| at(port, &["port"]))?;
    let protocol = protocol(port);
    let shown =
        target.as_str().map(str::to_owned).or_else(|| target.as_int().map(|number| number.to_string()))?;
    let workload = selected.iter().find(|workload| !is_open(target, protocol, **workload))?;
    Some(format!(
        "no container of {} opens port {shown} ({protocol}): correct targetPort, or add the port to the container",
        workload.member.title()
    ))
}

fn is_open(target: NodeRef<'_>, protocol: &str, workload: Workload<'_, '_>) -> bool {
    let mut listed = ports(workload).peekable();
    match target.as_str() {
        Some(name) => listed.any(|port| text(port, &["name"]) == name),
        None => {
            let number = |port| at(port, &["containerPort"]).and_then(NodeRef::as_int);
            listed.peek().is_none()
                || listed.any(|port| number(port) == target.as_int() && self::protocol(port) == protocol)
        }
    }
}

fn ports<'o>(workload: Workload<'_, 'o>) -> impl Iterator<Item = NodeRef<'o>> {
    let containers: Vec<NodeRef<'o>> = workload.containers().collect();
    containers.into_iter().flat_map(|container| items(container, &["ports"]))
}

fn protocol(port: NodeRef<'_>) -> &str {
    match text(port, &["protocol"]) {
        "" => "TCP",
        protocol => protocol,
    }
}

pub(super) fn ingresses<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>) {
    for ingress in cluster.of("networking.k8s.io", "Ingress") {
        found.want(INGRESS_CLASS, "IngressClass", ingress, ingress.at(&["spec", "ingressClassName"]));
        for tls in items(ingress.root(), &["spec", "tls"]) {
            found.want(SECRET, "Secret", ingress, at(tls, &["secretName"]));
        }
        let paths = items(ingress.root(), &["spec", "rules"])
            .flat_map(|rule| items(rule, &["http", "paths"]))
            .filter_map(|path| at(path, &["backend"]));
        let backends = ingress.at(&["spec", "defaultBackend"]).into_iter().chain(paths);
        for backend in backends.collect::<Vec<NodeRef<'o>>>() {
            if let Some(service) = at(backend, &["service"]) {
                reached(found, cluster, ingress, service);
            }
        }
    }
}

fn reached<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>, ingress: &Member<'o>, backend: NodeRef<'o>) {
    let name = text(backend, &["name"]);
    let at_name = at(backend, &["name"]).unwrap_or(backend);
    let Some(service) = cluster.find("", "Service", ingress.namespace, name) else {
        let message = format!(
            "there is no Service {name} in namespace {} among the inputs: add it, or correct the name",
            ingress.namespace
        );
        return found.add(BACKEND, ingress, at_name, message);
    };
    let number = at(backend, &["port", "number"]);
    let port = number.or_else(|| at(backend, &["port", "name"]));
    let Some(port) = port else { return };
    let has = |own: NodeRef<'_>| match port.as_str() {
        Some(name) => text(own, &["name"]) == name,
        None => at(own, &["port"]).and_then(NodeRef::as_int) == port.as_int(),
    };
    if !items(service.root(), &["spec", "ports"]).any(has) {
        let shown = port.as_str().map(str::to_owned).or_else(|| port.as_int().map(|port| port.to_string()));
        let message = format!(
            "{} has no port {}: name one of its ports, not of its Pods",
            service.title(),
            shown.unwrap_or_default()
        );
        found.add(BACKEND, ingress, port, message);
    }
}

pub(super) fn scaled<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>) {
    for scaler in cluster.of("autoscaling", "HorizontalPodAutoscaler") {
        let Some(target) = scaler.at(&["spec", "scaleTargetRef"]) else { continue };
        let (version, kind, name) =
            (text(target, &["apiVersion"]), text(target, &["kind"]), text(target, &["name"]));
        let group = version.split_once('/').map_or("", |(group, _)| group);
        if cluster.find(group, kind, scaler.namespace, name).is_none() {
            let of = if version.is_empty() { String::new() } else { format!(" of {version}") };
            let message = format!(
                "there is no {kind} {name}{of} in namespace {} among the inputs: add it, or correct scaleTargetRef",
                scaler.namespace
            );
            let place = at(target, &["name"]).unwrap_or(target);
            found.add(SCALE_TARGET, scaler, place, message);
        }
    }
}
