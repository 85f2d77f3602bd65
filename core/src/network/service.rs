//! Services as destinations: the Pods behind them and the port there.

use super::Network;
use super::connections::Protocol;
use super::endpoint::{ObjectName, elements, text};
use super::question::{PortChoice, Question};
use crate::document::{NodeRef, Object};
use crate::labels::LabelSelector;
use std::collections::HashMap;

/// A Service that a question names.
#[derive(Debug)]
pub(super) struct Target {
    name: ObjectName,
    endpoints: Vec<usize>,
    ports: Vec<ServicePort>,
    /// Clients reach its Pods themselves, at the Pods' ports.
    headless: bool,
}

#[derive(Debug)]
struct ServicePort {
    name: String,
    protocol: Protocol,
    port: u16,
    target: TargetPort,
}

#[derive(Debug)]
enum TargetPort {
    Number(u16),
    Name(String),
}

impl Target {
    pub(super) fn find(network: &Network<'_>, namespace: &str, name: &str) -> Result<Target, String> {
        let own =
            ObjectName { namespace: namespace.to_owned(), kind: "Service".to_owned(), name: name.to_owned() };
        let service = network.services.get(&own).copied();
        let service = service
            .ok_or_else(|| format!("no Service `{name}` in namespace `{namespace}` among the objects"))?;
        let spec = service.field("spec").unwrap_or(service);
        if text(spec, "type") == "ExternalName" {
            return Err(format!("Service `{namespace}/{name}` is a name outside of the cluster"));
        }
        let selector = spec.field("selector").and_then(NodeRef::as_map).filter(|map| !map.is_empty());
        let selector = selector
            .ok_or_else(|| format!("Service `{namespace}/{name}` has no selector: its Pods are not known"))?;
        let labels = selector
            .iter()
            .map(|(key, value)| (key.to_owned(), value.as_str().unwrap_or_default().to_owned()));
        let selector = LabelSelector { match_labels: labels.collect(), match_expressions: Vec::new() };
        let endpoints =
            network.numbers(|own| own.name.namespace == namespace && selector.matches(own.labels));
        if endpoints.is_empty() {
            return Err(format!("Service `{namespace}/{name}` selects no Pod among the objects"));
        }
        let ports = elements(spec.field("ports")).filter_map(ServicePort::read).collect();
        Ok(Target { name: own, endpoints, ports, headless: text(spec, "clusterIP") == "None" })
    }

    /// The Pods with the port that a question is about.
    pub(super) fn endpoints(
        &self,
        network: &Network<'_>,
        question: &Question<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<(usize, Option<u16>)>, String> {
        let protocol = question.protocol;
        let Some(choice) = question.port else {
            return Err("a question about a Service needs a port".to_owned());
        };
        if let (true, PortChoice::Number(number)) = (self.headless, choice) {
            notes.push(format!("{} is headless: the port is asked for on its Pods", self.name));
            return Ok(self.at(number).into_iter().map(|(own, number)| (own, Some(number))).collect());
        }
        let found = self.pods(network, choice, protocol)?;
        let mut numbers: Vec<u16> = found.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        notes.push(format!("{} leads to {protocol} {} of its Pods", self.name, numbers.join(", ")));
        Ok(found.into_iter().map(|(own, number)| (own, Some(number))).collect())
    }

    /// The Pods behind a port of the Service, with their own.
    pub(super) fn pods(
        &self,
        network: &Network<'_>,
        choice: PortChoice<'_>,
        protocol: Protocol,
    ) -> Result<Vec<(usize, u16)>, String> {
        let is_it = |port: &&ServicePort| {
            port.protocol == protocol
                && match choice {
                    PortChoice::Number(number) => port.port == number,
                    PortChoice::Name(name) => port.name == name,
                }
        };
        let port = self.ports.iter().find(is_it).ok_or_else(|| {
            let shown = match choice {
                PortChoice::Number(number) => number.to_string(),
                PortChoice::Name(name) => format!("named `{name}`"),
            };
            format!("port: {} has no {protocol} port {shown}", self.name)
        })?;
        let found = self.behind(network, port);
        if found.is_empty() {
            return Err(format!("port: no Pod behind {} has its target port", self.name));
        }
        Ok(found)
    }

    /// The Pods behind all ports of a protocol.
    pub(super) fn all(&self, network: &Network<'_>, protocol: Protocol) -> Vec<(usize, u16)> {
        let ports = self.ports.iter().filter(|port| port.protocol == protocol);
        ports.flat_map(|port| self.behind(network, port)).collect()
    }

    /// All Pods, with one port of theirs.
    pub(super) fn at(&self, number: u16) -> Vec<(usize, u16)> {
        self.endpoints.iter().map(|endpoint| (*endpoint, number)).collect()
    }

    /// Pods without a port of the target's name are not behind the Service for that port.
    fn behind(&self, network: &Network<'_>, port: &ServicePort) -> Vec<(usize, u16)> {
        let number = |endpoint: usize| match &port.target {
            TargetPort::Number(number) => Some(*number),
            TargetPort::Name(name) => {
                network.endpoints.get(endpoint).and_then(|own| own.first_named(name, port.protocol))
            }
        };
        self.endpoints.iter().filter_map(|endpoint| Some((*endpoint, number(*endpoint)?))).collect()
    }
}

/// Services by name; of several with one name the last counts.
pub(super) fn services<'o>(objects: &[&'o Object], namespace: &str) -> HashMap<ObjectName, NodeRef<'o>> {
    let roots = objects.iter().map(|object| object.root());
    let services = roots.filter(|root| text(*root, "apiVersion") == "v1" && text(*root, "kind") == "Service");
    services.map(|root| (ObjectName::of(root, "Service", namespace), root)).collect()
}

impl ServicePort {
    fn read(node: NodeRef<'_>) -> Option<ServicePort> {
        let number = |node: NodeRef<'_>| node.as_int().and_then(|number| u16::try_from(number).ok());
        let protocol = match text(node, "protocol") {
            "" => Protocol::Tcp,
            protocol => protocol.parse().ok()?,
        };
        let port = number(node.field("port")?)?;
        let target = match node.field("targetPort") {
            Some(target) => match target.as_str() {
                Some(name) => TargetPort::Name(name.to_owned()),
                // Zero is as good as none. Source: kubernetes `pkg/apis/core/v1/defaults.go`, SetDefaults_Service.
                None => TargetPort::Number(number(target).filter(|number| *number > 0).unwrap_or(port)),
            },
            None => TargetPort::Number(port),
        };
        Some(ServicePort { name: text(node, "name").to_owned(), protocol, port, target })
    }
}
