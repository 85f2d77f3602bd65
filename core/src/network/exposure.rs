//! What Ingresses and OpenShift's Routes lead to. Who carries their traffic, a controller or a load balancer, is not
//! known: a policy must let in Pods of any namespace, whatever their labels.

use super::connections::{Connections, Protocol};
use super::decision::End;
use super::endpoint::{ObjectName, elements, text};
use super::policy::Direction;
use super::question::PortChoice;
use super::service::Target;
use super::{Network, TooLarge};
use crate::document::NodeRef;

/// Backends and endpoints that may be held against each other.
const MOST_STEPS: usize = 1 << 26;

/// An endpoint that is reached through something.
#[derive(Debug)]
pub(super) struct Exposure {
    /// `Ingress shop/front`
    pub(super) through: String,
    pub(super) endpoint: usize,
    pub(super) connections: Connections,
}

/// A Service that something leads to.
struct Backend<'o> {
    service: &'o str,
    /// None for all ports of the Service.
    port: Option<BackendPort<'o>>,
}

enum BackendPort<'o> {
    Service(PortChoice<'o>),
    /// A port of the Pods.
    Target(u16),
}

impl Network<'_> {
    /// What policies let through of what Ingresses and Routes lead to. Backends that are not there are passed over.
    pub(super) fn exposures(&self) -> Result<Vec<Exposure>, TooLarge> {
        let mut found = Vec::new();
        let mut steps = 0_usize;
        for root in self.objects.iter().map(|object| object.root()) {
            let kind = text(root, "kind");
            let backends = match (text(root, "apiVersion"), kind) {
                ("networking.k8s.io/v1", "Ingress") => of_ingress(root),
                ("route.openshift.io/v1", "Route") => of_route(root),
                _ => continue,
            };
            let name = ObjectName::of(root, kind, &self.namespace);
            for backend in backends {
                steps = steps.saturating_add(1 + self.endpoints.len());
                if steps > MOST_STEPS {
                    return Err(TooLarge("backends and Pods"));
                }
                let Ok(target) = Target::find(self, &name.namespace, backend.service) else { continue };
                let ports: Vec<(usize, u16)> = match backend.port {
                    None => target.all(self, Protocol::Tcp),
                    Some(BackendPort::Service(choice)) => {
                        target.pods(self, choice, Protocol::Tcp).unwrap_or_default()
                    }
                    Some(BackendPort::Target(number)) => target.at(number),
                };
                for (endpoint, port) in ports {
                    let led = Connections::range(Protocol::Tcp, port, port);
                    let allowed = self.allowed(Direction::Ingress, endpoint, End::Anybody);
                    let connections = led.intersection(&allowed);
                    let through = format!("{kind} {}/{}", name.namespace, name.name);
                    found.push(Exposure { through, endpoint, connections });
                }
            }
        }
        Ok(found)
    }
}

fn of_ingress(root: NodeRef<'_>) -> Vec<Backend<'_>> {
    let Some(spec) = root.field("spec") else { return Vec::new() };
    let rules = elements(spec.field("rules"));
    let paths = rules.flat_map(|rule| elements(rule.field("http").and_then(|http| http.field("paths"))));
    let backends = paths.filter_map(|path| path.field("backend")).chain(spec.field("defaultBackend"));
    fn read(backend: NodeRef<'_>) -> Option<Backend<'_>> {
        let service = backend.field("service")?;
        let port = service.field("port")?;
        let choice = match port.field("name").and_then(NodeRef::as_str).filter(|name| !name.is_empty()) {
            Some(name) => PortChoice::Name(name),
            None => PortChoice::Number(u16::try_from(port.field("number")?.as_int()?).ok()?),
        };
        Some(Backend { service: text(service, "name"), port: Some(BackendPort::Service(choice)) })
    }
    backends.filter_map(read).collect()
}

/// Source: openshift/api `route/v1`: a port is that of the Pods, or the name of the Service's.
fn of_route(root: NodeRef<'_>) -> Vec<Backend<'_>> {
    let Some(spec) = root.field("spec") else { return Vec::new() };
    let port = spec.field("port").and_then(|port| port.field("targetPort"));
    let services = spec.field("to").into_iter().chain(elements(spec.field("alternateBackends")));
    let is_service = |service: &NodeRef<'_>| matches!(text(*service, "kind"), "" | "Service");
    let mut found = Vec::new();
    for service in services.filter(is_service) {
        let port = match port.map(|port| (port.as_str(), port.as_int())) {
            Some((Some(name), _)) => Some(BackendPort::Service(PortChoice::Name(name))),
            Some((None, number)) => match number.and_then(|number| u16::try_from(number).ok()) {
                Some(number) => Some(BackendPort::Target(number)),
                None => continue,
            },
            None => None,
        };
        found.push(Backend { service: text(service, "name"), port });
    }
    found
}
