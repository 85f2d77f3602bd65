//! Pods and claims that a LimitRange refuses, in the words of the plug-in.
//!
//! Source: kubernetes `plugin/pkg/admission/limitranger/admission.go`.

use super::amounts::{Amounts, ContainerAmounts, PodAmounts, amounts};
use super::{ADMITS, Ranges};
use crate::analysis::Observation;
use crate::analysis::cluster::{Cluster, Member, at, items, nearest, text};
use crate::analysis::workload::workloads;
use crate::document::NodeRef;
use crate::quantity::Read;

/// What is held against a limit.
struct Asked<'a> {
    /// The limit's type.
    of: &'a str,
    requests: &'a Amounts,
    limits: &'a Amounts,
}

pub(super) fn refused<'o>(cluster: &Cluster<'o>, ranges: &Ranges<'_, 'o>) -> Vec<Observation<'o>> {
    let mut found = Vec::new();
    for workload in workloads(cluster) {
        let of_namespace = ranges.of(workload.member.namespace);
        if of_namespace.is_empty() {
            continue;
        }
        let pod = PodAmounts::of(workload, of_namespace, cluster);
        for (range, limit) in limits(of_namespace) {
            match text(limit, &["type"]) {
                "Container" => {
                    for container in &pod.containers {
                        let asked = Asked {
                            of: "Container",
                            requests: &container.requests,
                            limits: &container.limits,
                        };
                        let place = nearest(container.node, &["resources"]);
                        let lead = format!("container {}: ", container.name());
                        found.extend(asked.errors(limit).into_iter().map(|error| {
                            told(workload.member, place, format!("{lead}{error}"), (range, limit))
                        }));
                    }
                }
                "Pod" => {
                    let asked = Asked { of: "Pod", requests: &pod.requests, limits: &pod.limits };
                    let place = workload.spec(&["containers"]).unwrap_or(workload.pod);
                    let errors = asked.errors(limit).into_iter();
                    found.extend(errors.map(|error| told(workload.member, place, error, (range, limit))));
                }
                _ => {}
            }
        }
    }
    for claim in cluster.of("", "PersistentVolumeClaim") {
        let requests = amounts(claim.root(), &["spec", "resources", "requests"]);
        for (range, limit) in limits(ranges.of(claim.namespace)) {
            if text(limit, &["type"]) == "PersistentVolumeClaim" {
                let place = claim.nearest(&["spec", "resources", "requests"]);
                let errors = claim_errors(limit, &requests);
                found.extend(errors.into_iter().map(|error| told(claim, place, error, (range, limit))));
            }
        }
    }
    found
}

/// The same of one pod, without places.
pub(super) fn errors(pod: &PodAmounts<'_>, ranges: &[&Member<'_>]) -> Vec<String> {
    let mut errors = Vec::new();
    for (_, limit) in limits(ranges) {
        match text(limit, &["type"]) {
            "Container" => {
                for ContainerAmounts { requests, limits, .. } in &pod.containers {
                    errors.extend(Asked { of: "Container", requests, limits }.errors(limit));
                }
            }
            "Pod" => {
                let PodAmounts { requests, limits, .. } = pod;
                errors.extend(Asked { of: "Pod", requests, limits }.errors(limit));
            }
            _ => {}
        }
    }
    errors
}

fn limits<'c, 'o>(
    ranges: &'c [&'c Member<'o>],
) -> impl Iterator<Item = (&'c Member<'o>, NodeRef<'o>)> + use<'c, 'o> {
    ranges.iter().flat_map(|range| items(range.root(), &["spec", "limits"]).map(move |limit| (*range, limit)))
}

fn told<'o>(
    member: &Member<'o>,
    place: NodeRef<'o>,
    error: String,
    (range, limit): (&Member<'o>, NodeRef<'o>),
) -> Observation<'o> {
    let message = format!("{} refuses this: {error}", range.title());
    Observation::new(ADMITS, member, place, message).because(range.title(), Some((range.index, limit)))
}

impl Asked<'_> {
    fn errors(&self, limit: NodeRef<'_>) -> Vec<String> {
        let least = amounts(limit, &["min"]);
        let most = amounts(limit, &["max"]);
        let ratios = amounts(limit, &["maxLimitRequestRatio"]);
        let errors = least.iter().filter_map(|(name, least)| self.too_little(name, least));
        let errors = errors.chain(most.iter().filter_map(|(name, most)| self.too_much(name, most)));
        errors.chain(ratios.iter().filter_map(|(name, ratio)| self.too_far(name, ratio))).collect()
    }

    fn too_little(&self, name: &str, least: &Read) -> Option<String> {
        let lead = format!("minimum {name} usage per {} is {}", self.of, least.text());
        match (self.requests.get(name), self.limits.get(name)) {
            (None, _) => Some(format!("{lead}.  No request is specified")),
            (Some(request), _) if least.exceeds(request) => {
                Some(format!("{lead}, but request is {}", request.text()))
            }
            (_, Some(limit)) if least.exceeds(limit) => {
                Some(format!("{lead}, but limit is {}", limit.text()))
            }
            _ => None,
        }
    }

    fn too_much(&self, name: &str, most: &Read) -> Option<String> {
        let lead = format!("maximum {name} usage per {} is {}", self.of, most.text());
        match (self.requests.get(name), self.limits.get(name)) {
            (_, None) => Some(format!("{lead}.  No limit is specified")),
            (_, Some(limit)) if limit.exceeds(most) => Some(format!("{lead}, but limit is {}", limit.text())),
            (Some(request), _) if request.exceeds(most) => {
                Some(format!("{lead}, but request is {}", request.text()))
            }
            _ => None,
        }
    }

    fn too_far(&self, name: &str, most: &Read) -> Option<String> {
        let lead = format!("{name} max limit to request ratio per {} is {}", self.of, most.text());
        let amount = |list: &Amounts| list.get(name).filter(|amount| !amount.is_zero()).map(Read::to_double);
        let Some(request) = amount(self.requests) else {
            return Some(format!("{lead}, but no request is specified or request is 0"));
        };
        let Some(limit) = amount(self.limits) else {
            return Some(format!("{lead}, but no limit is specified or limit is 0"));
        };
        let ratio = limit / request;
        (ratio * 1000.0 > (most.to_double() * 1000.0).ceil())
            .then(|| format!("{lead}, but provided ratio is {ratio:.6}"))
    }
}

/// Of claims only requests count.
fn claim_errors(limit: NodeRef<'_>, requests: &Amounts) -> Vec<String> {
    let of = "PersistentVolumeClaim";
    let asked = Asked { of, requests, limits: &Amounts::new() };
    let mut errors: Vec<String> =
        amounts(limit, &["min"]).iter().filter_map(|(name, least)| asked.too_little(name, least)).collect();
    for (name, most) in amounts(limit, &["max"]) {
        let lead = format!("maximum {name} usage per {of} is {}", most.text());
        errors.extend(match requests.get(&name) {
            None => Some(format!("{lead}.  No request is specified")),
            Some(request) if request.exceeds(&most) => {
                Some(format!("{lead}, but request is {}", request.text()))
            }
            _ => None,
        });
    }
    errors
}

/// Whether a LimitRange says something of containers, pods or claims.
pub(super) fn is_of(range: &Member<'_>, of: &str) -> bool {
    items(range.root(), &["spec", "limits"])
        .any(|limit| text(limit, &["type"]) == of && at(limit, &["type"]).is_some())
}
