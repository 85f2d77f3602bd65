//! Services as destinations: the Pods behind them and the port there.

use super::Network;
use super::connections::Protocol;
use super::endpoint::{ObjectName, elements, text};
use super::question::{PortChoice, Question};
use crate::document::NodeRef;
use crate::labels::LabelSelector;

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
        let is_it = |root: &NodeRef<'_>| {
            text(*root, "apiVersion") == "v1"
                && text(*root, "kind") == "Service"
                && ObjectName::of(*root, "Service", &network.namespace) == own
        };
        let mut services = network.objects.iter().map(|object| object.root()).filter(is_it);
        let service = services
            .next_back()
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
        let is_it = |port: &&ServicePort| {
            port.protocol == protocol
                && match choice {
                    PortChoice::Number(number) => port.port == number,
                    PortChoice::Name(name) => port.name == name,
                }
        };
        let port = self.ports.iter().find(is_it);
        if let (true, PortChoice::Number(number)) = (self.headless, choice) {
            notes.push(format!("{} is headless: the port is asked for on its Pods", self.name));
            return Ok(self.endpoints.iter().map(|endpoint| (*endpoint, Some(number))).collect());
        }
        let port = port.ok_or_else(|| {
            let shown = match choice {
                PortChoice::Number(number) => number.to_string(),
                PortChoice::Name(name) => format!("named `{name}`"),
            };
            format!("port: {} has no {protocol} port {shown}", self.name)
        })?;
        let mut found = Vec::new();
        for endpoint in &self.endpoints {
            let number = match &port.target {
                TargetPort::Number(number) => Some(*number),
                TargetPort::Name(name) => {
                    network.endpoints.get(*endpoint).and_then(|own| own.first_named(name, protocol))
                }
            };
            // Pods without a port of the name are not behind the Service for that port.
            found.extend(number.map(|number| (*endpoint, Some(number))));
        }
        let mut numbers: Vec<u16> = found.iter().filter_map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        match numbers.as_slice() {
            [] => return Err(format!("port: no Pod behind {} has its target port", self.name)),
            numbers => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                let target = numbers.join(", ");
                notes.push(format!("{} leads to {protocol} {target} of its Pods", self.name));
            }
        }
        Ok(found)
    }
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
