//! Questions: may this reach that, and who says so.

use super::address::{Block, overlap, parts};
use super::connections::{Connections, Protocol};
use super::decision::{End, Side};
use super::endpoint::Endpoint;
use super::policy::Direction;
use super::service::Target;
use super::{Network, ObjectName};
use serde::{Serialize, Serializer};

/// Pairs of Pods that one question may come to.
const MOST_PAIRS: usize = 10_000;

/// A question. Ends are `namespace/pod`, `namespace/kind/name` of a workload, an address or a CIDR, or, as the
/// destination, `namespace/service/name`.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    pub from: &'q str,
    pub to: &'q str,
    /// None for all ports.
    pub port: Option<PortChoice<'q>>,
    pub protocol: Protocol,
}

/// A port of the destination by its number, or by its name there.
#[derive(Clone, Copy, Debug)]
pub enum PortChoice<'q> {
    Number(u16),
    Name(&'q str),
}

/// The answer. Of ends that are several Pods or addresses all must be allowed; the sides are then those of the first
/// that are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub allowed: bool,
    /// What is allowed; asked for without a port.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub connections: Option<Connections>,
    /// What the policies of the destination say.
    pub ingress: Side,
    /// What the policies of the source say.
    pub egress: Side,
    /// What the answer rests on besides policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One end of a question.
#[derive(Debug)]
enum Asked {
    Endpoints(Vec<usize>),
    Outside(Block),
    Service(Target),
}

impl Network<'_> {
    /// Answers a question; an error says what is wrong with it.
    pub fn answer(&self, question: &Question<'_>) -> Result<Answer, String> {
        let from = self.end(question.from).map_err(|error| format!("from: {error}"))?;
        let to = self.end(question.to).map_err(|error| format!("to: {error}"))?;
        let mut notes = Vec::new();
        let targets = self.targets(&to, question, &mut notes)?;
        let sources = match from {
            Asked::Service(_) => return Err("from: traffic does not come from a Service".to_owned()),
            from => self.ends(&from, Direction::Ingress),
        };
        if let (Some(End::Outside(_)), Some((End::Outside(_), _))) = (sources.first(), targets.first()) {
            return Err("both ends are outside of the cluster, where no policy applies".to_owned());
        }
        if sources.len().saturating_mul(targets.len()) > MOST_PAIRS {
            return Err(format!("the question comes to more than {MOST_PAIRS} pairs of Pods"));
        }
        let (mut first, mut refused, mut count) = (None, None, 0_usize);
        let mut common: Option<Connections> = None;
        for source in &sources {
            for (target, port) in &targets {
                let answer = self.one(*source, *target, *port, question.protocol);
                count += 1;
                if let Some(own) = &answer.connections {
                    common = Some(common.map_or_else(|| own.clone(), |common| common.intersection(own)));
                }
                if answer.allowed {
                    first.get_or_insert(answer);
                } else {
                    refused.get_or_insert((answer, count));
                }
            }
        }
        let is_mixed = first.is_some() && refused.is_some();
        let answer = refused.map(|(answer, _)| answer).or(first);
        let mut answer = answer.ok_or("nothing stands for one of the ends")?;
        if is_mixed {
            notes.push("not so for all: some of the Pods or addresses asked for are allowed".to_owned());
        }
        answer.connections = common;
        self.note_ends(&sources, &targets, &mut notes);
        notes.append(&mut answer.notes);
        notes.dedup();
        answer.notes = notes;
        Ok(answer)
    }

    /// The answer for one pair.
    fn one(&self, source: End, target: End, port: Option<u16>, protocol: Protocol) -> Answer {
        let itself = |source: usize, target: usize| {
            source == target && self.endpoints.get(source).is_some_and(Endpoint::is_pod)
        };
        if let (End::Endpoint(one), End::Endpoint(other)) = (source, target)
            && itself(one, other)
        {
            let free = || Side::free("a Pod always reaches itself");
            let connections = port.is_none().then(Connections::all);
            return Answer { allowed: true, connections, ingress: free(), egress: free(), notes: Vec::new() };
        }
        let outside = || Side::free("no policy applies outside of the cluster");
        let side = |direction: Direction, own: End, other: End| match (own, port) {
            (End::Outside(_) | End::Anybody, _) => (outside(), Connections::all()),
            (End::Endpoint(own), Some(port)) => {
                (self.side(direction, own, other, (protocol, port)), Connections::NONE)
            }
            (End::Endpoint(own), None) => {
                let allowed = self.allowed(direction, own, other);
                (self.side_of_all(direction, own, &allowed), allowed)
            }
        };
        let (ingress, ingress_ports) = side(Direction::Ingress, target, source);
        let (egress, egress_ports) = side(Direction::Egress, source, target);
        let connections = port.is_none().then(|| ingress_ports.intersection(&egress_ports));
        let allowed = match &connections {
            Some(connections) => !connections.is_none(),
            None => ingress.allowed && egress.allowed,
        };
        let mut notes = Vec::new();
        if let (End::Endpoint(one), End::Endpoint(other)) = (source, target)
            && one == other
        {
            notes.push("asked of two Pods of one workload: a Pod always reaches itself".to_owned());
        }
        Answer { allowed, connections, ingress, egress, notes }
    }

    /// The side of a question about all ports.
    fn side_of_all(&self, direction: Direction, own: usize, allowed: &Connections) -> Side {
        let policies: Vec<String> = self.policies_of(own, direction).map(|policy| policy.title()).collect();
        let name = self.endpoints.get(own).map(|own| own.name.to_string()).unwrap_or_default();
        let reason = match policies.as_slice() {
            [] => format!("no policy selects {name} for {}", direction.field()),
            policies => format!("{} let {allowed} pass", super::decision::listed(policies)),
        };
        Side { allowed: !allowed.is_none(), reason, policies, rules: Vec::new() }
    }

    /// The destinations with the port on each.
    fn targets(
        &self,
        to: &Asked,
        question: &Question<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<(End, Option<u16>)>, String> {
        if let Asked::Service(target) = to {
            let targets = target.endpoints(self, question, notes)?;
            return Ok(targets.into_iter().map(|(number, port)| (End::Endpoint(number), port)).collect());
        }
        let ends = self.ends(to, Direction::Egress);
        let name = match question.port {
            None => return Ok(ends.into_iter().map(|end| (end, None)).collect()),
            Some(PortChoice::Number(port)) => {
                return Ok(ends.into_iter().map(|end| (end, Some(port))).collect());
            }
            Some(PortChoice::Name(name)) => name,
        };
        let mut targets = Vec::new();
        for end in ends {
            let End::Endpoint(number) = end else {
                return Err(format!("port: nothing outside of the cluster has a port named `{name}`"));
            };
            let own = self.endpoints.get(number).map(|own| own.named(name, Some(question.protocol)));
            let own = own.unwrap_or_default();
            let ranges = own.ranges(question.protocol);
            if ranges.is_empty() {
                let protocol = question.protocol;
                return Err(format!("port: {} has no {protocol} port named `{name}`", question.to));
            }
            targets
                .extend(ranges.iter().flat_map(|(first, last)| *first..=*last).map(|port| (end, Some(port))));
        }
        Ok(targets)
    }

    /// Endpoints, or an address of each part of a block that policies tell apart from the others.
    fn ends(&self, asked: &Asked, rules: Direction) -> Vec<End> {
        match asked {
            Asked::Endpoints(numbers) => numbers.iter().copied().map(End::Endpoint).collect(),
            Asked::Outside(block) => {
                let blocks = self.policies.iter().flat_map(|policy| policy.blocks(rules));
                let near = blocks.filter(|own| !overlap(&[own.block], &[*block]).is_empty());
                parts(&[*block], near).into_iter().map(|part| End::Outside(part.first())).collect()
            }
            Asked::Service(_) => Vec::new(),
        }
    }

    /// Finds what an end of a question names.
    fn end(&self, text: &str) -> Result<Asked, String> {
        if let Some(block) = Block::parse(text) {
            let is_it = |endpoint: &Endpoint<'_>| {
                block.first() == block.last() && endpoint.addresses.contains(&block.first())
            };
            let own = self.endpoints.iter().position(is_it);
            return Ok(own.map_or(Asked::Outside(block), |number| Asked::Endpoints(vec![number])));
        }
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [namespace, name] => self.pod_or_workload(namespace, name),
            [namespace, kind, name] if is_kind(kind, "Service") => {
                Target::find(self, namespace, name).map(Asked::Service)
            }
            [namespace, kind, name] => {
                let is_it = |own: &ObjectName| {
                    own.namespace == *namespace && own.name == *name && is_kind(kind, &own.kind)
                };
                let found = self.numbers(|own| own.names().any(is_it));
                if found.is_empty() {
                    return Err(format!("no {kind} `{name}` in namespace `{namespace}` among the objects"));
                }
                Ok(Asked::Endpoints(found))
            }
            _ => {
                Err(format!("`{text}` is neither namespace/pod, namespace/kind/name, an address nor a CIDR"))
            }
        }
    }

    /// A Pod comes before workloads of its name.
    fn pod_or_workload(&self, namespace: &str, name: &str) -> Result<Asked, String> {
        let is_it = |own: &ObjectName| own.namespace == namespace && own.name == name;
        let pods = self.numbers(|own| own.is_pod() && is_it(&own.name));
        if !pods.is_empty() {
            return Ok(Asked::Endpoints(pods));
        }
        let found = self.numbers(|own| own.names().any(is_it));
        let mut kinds: Vec<&str> = found
            .iter()
            .filter_map(|number| self.endpoints.get(*number))
            .filter_map(|own| own.names().find(|own| is_it(own)))
            .map(|own| own.kind.as_str())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        match kinds.as_slice() {
            [] => Err(format!("no Pod or workload `{name}` in namespace `{namespace}` among the objects")),
            [_] => Ok(Asked::Endpoints(found)),
            kinds => Err(format!("`{namespace}/{name}` is a {}: say which", kinds.join(", a "))),
        }
    }

    pub(super) fn numbers(&self, is: impl Fn(&Endpoint<'_>) -> bool) -> Vec<usize> {
        self.endpoints.iter().enumerate().filter(|(_, own)| is(own)).map(|(number, _)| number).collect()
    }

    /// What has to be known about the ends.
    fn note_ends(&self, sources: &[End], targets: &[(End, Option<u16>)], notes: &mut Vec<String>) {
        let ends = sources.iter().chain(targets.iter().map(|(end, _)| end));
        let endpoints = ends.filter_map(|end| match end {
            End::Endpoint(number) => self.endpoints.get(*number),
            End::Outside(_) | End::Anybody => None,
        });
        for own in endpoints {
            if own.host_network {
                notes.push(format!(
                    "{} is on the network of its node: most network plug-ins apply no policy to it",
                    own.name
                ));
            }
            let namespace = &own.name.namespace;
            if !self.namespaces.is_known(namespace) && self.selects_namespaces {
                notes.push(format!(
                    "namespace `{namespace}` is not among the objects: only its name is known"
                ));
            }
        }
        notes.sort();
        notes.dedup();
    }
}

/// Whether a kind is meant, as kubectl takes it: in any case, in the plural or by its short name.
fn is_kind(written: &str, kind: &str) -> bool {
    let short = match kind {
        "Pod" => "po",
        "Service" => "svc",
        "Deployment" => "deploy",
        "ReplicaSet" => "rs",
        "ReplicationController" => "rc",
        "StatefulSet" => "sts",
        "DaemonSet" => "ds",
        "CronJob" => "cj",
        _ => kind,
    };
    let singular = written.strip_suffix(['s', 'S']).unwrap_or(written);
    [written, singular].into_iter().any(|word| word.eq_ignore_ascii_case(kind) || word == short)
}

fn shown<S: Serializer>(connections: &Option<Connections>, serializer: S) -> Result<S::Ok, S::Error> {
    match connections {
        Some(connections) => serializer.collect_str(connections),
        None => serializer.serialize_none(),
    }
}
