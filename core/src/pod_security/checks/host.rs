//! Namespaces and ports of the host, and probes that it sends elsewhere.

use super::super::pod::{Container, Pod, at, text};
use super::super::registry::Violation;
use super::{Setters, Values, containers, forbidden, plural, quoted};
use crate::document::NodeRef;
use std::collections::BTreeSet;

/// Source: `check_hostNamespaces.go`.
pub(super) fn namespaces(pod: Pod<'_>) -> Option<Violation<'_>> {
    let fields = ["hostNetwork", "hostPID", "hostIPC"];
    let set = fields.into_iter().filter_map(|field| {
        let node = pod.spec(&[field]).filter(|node| node.as_bool() == Some(true))?;
        Some((format!("{field}=true"), node))
    });
    let (texts, at): (Vec<String>, Vec<NodeRef<'_>>) = set.unzip();
    if at.is_empty() {
        return None;
    }
    forbidden("host namespaces", texts.join(", "), at)
}

/// Source: `check_hostPorts.go`.
pub(super) fn ports(pod: Pod<'_>) -> Option<Violation<'_>> {
    let mut setters = Setters::default();
    // In the order of their texts, as the API server has them.
    let mut ports = BTreeSet::new();
    for container in pod.containers() {
        let list = container.at(&["ports"]).and_then(NodeRef::as_list);
        let set = list.into_iter().flat_map(|list| list.iter()).filter_map(|port| {
            let node = at(port, &["hostPort"])?;
            let number = node.as_int().filter(|&number| number != 0)?;
            ports.insert(number.to_string());
            Some(node)
        });
        setters.container(container, set.collect::<Vec<_>>());
    }
    if setters.is_empty() {
        return None;
    }
    let detail = format!(
        "{} {} {} {}",
        containers(&setters.containers),
        plural("uses", "use", setters.containers.len()),
        plural("hostPort", "hostPorts", ports.len()),
        ports.into_iter().collect::<Vec<String>>().join(", ")
    );
    forbidden("hostPort", detail, setters.at)
}

/// Source: `check_hostProbesAndhostLifecycle.go`.
pub(super) fn probes(pod: Pod<'_>) -> Option<Violation<'_>> {
    // This check alone names containers in the order of their names, each once.
    let (mut names, mut hosts, mut faults) = (Values::new(), Values::new(), Vec::new());
    for container in pod.containers() {
        for (host, node) in hosts_of(container) {
            names.insert(container.name);
            hosts.insert(host);
            faults.push(node);
        }
    }
    if faults.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.into_iter().collect();
    let detail = format!(
        "{} {} {} {}",
        containers(&names),
        plural("uses", "use", names.len()),
        plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.len()),
        quoted(hosts.iter().copied())
    );
    forbidden("probe or lifecycle host", detail, faults)
}

/// The hosts that probes and hooks of a container are sent to.
fn hosts_of(container: Container<'_>) -> impl Iterator<Item = (&str, NodeRef<'_>)> {
    let handlers: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "postStart"],
        &["lifecycle", "preStop"],
    ];
    let handlers = handlers.into_iter().filter_map(move |path| container.at(path));
    let actions = handlers.flat_map(|handler| [at(handler, &["httpGet"]), at(handler, &["tcpSocket"])]);
    actions.flatten().filter_map(|action| {
        let node = at(action, &["host"])?;
        Some((text(Some(action), "host"), node)).filter(|(host, _)| !host.is_empty())
    })
}
