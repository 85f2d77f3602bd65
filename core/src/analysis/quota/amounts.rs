//! What pods ask for, as the API server adds it up when it admits them.
//!
//! Source: kubernetes `plugin/pkg/admission/limitranger`, `pkg/apis/core/v1/defaults.go`, component-helpers
//! `resource/helpers.go`.

use crate::analysis::cluster::{Cluster, Member, at, entries, items, text};
use crate::analysis::workload::Workload;
use crate::document::{NodeRef, NodeValue, Origin};
use crate::quantity::{Read, read};
use std::collections::BTreeMap;

/// Amounts by the resource's name.
pub(super) type Amounts = BTreeMap<String, Read>;

/// A pod's containers, and what they come to.
#[derive(Debug)]
pub(super) struct PodAmounts<'o> {
    pub(super) containers: Vec<ContainerAmounts<'o>>,
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
    /// Whether the pod as a whole asks for something.
    pub(super) as_a_whole: bool,
    overhead: Amounts,
}

/// What one container asks for.
#[derive(Debug)]
pub(super) struct ContainerAmounts<'o> {
    pub(super) node: NodeRef<'o>,
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
    is_initial: bool,
    keeps_running: bool,
}

impl<'o> PodAmounts<'o> {
    /// The amounts of a pod that is made of a template, with the defaults of the LimitRanges of its namespace.
    pub(super) fn of(
        workload: Workload<'_, 'o>,
        ranges: &[&Member<'o>],
        cluster: &Cluster<'o>,
    ) -> PodAmounts<'o> {
        let mut containers = Vec::new();
        // In the order in which the plug-in looks at them.
        for (list, is_initial) in [("containers", false), ("initContainers", true)] {
            for node in workload.spec_items(list) {
                let mut container = ContainerAmounts {
                    node,
                    requests: amounts(node, &["resources", "requests"]),
                    limits: amounts(node, &["resources", "limits"]),
                    is_initial,
                    keeps_running: is_initial && text(node, &["restartPolicy"]) == "Always",
                };
                container.default(ranges);
                containers.push(container);
            }
        }
        // As written: what the API server sets there counts the defaults of LimitRanges already.
        let whole = |list: &str| {
            let own = workload.spec(&["resources", list]);
            let written = own.into_iter().flat_map(|own| entries(own, &[]));
            let written = written.filter(|(_, node)| node.origin() != Origin::Defaulted);
            written.filter_map(|(name, node)| Some((name.to_owned(), amount(node)?))).collect::<Amounts>()
        };
        let (requests, limits) = (whole("requests"), whole("limits"));
        let mut pod = PodAmounts {
            requests: total(&containers, |container| &container.requests),
            limits: total(&containers, |container| &container.limits),
            as_a_whole: !requests.is_empty() || !limits.is_empty(),
            overhead: overhead(workload, cluster),
            containers,
        };
        pod.set_whole(&requests, &limits);
        pod
    }

    /// What the pod as a whole asks for takes the place of what its containers do.
    ///
    /// Source: kubernetes `pkg/api/pod/util.go`, `DefaultPodLevelResources`.
    fn set_whole(&mut self, requests: &Amounts, limits: &Amounts) {
        for (name, amount) in requests.iter().filter(|(name, _)| is_of_pods(name)) {
            self.requests.insert(name.clone(), amount.clone());
        }
        for (name, amount) in limits.iter().filter(|(name, _)| is_of_pods(name)) {
            self.limits.insert(name.clone(), amount.clone());
            // Of what nothing requests, the limit is requested.
            self.requests.entry(name.clone()).or_insert_with(|| amount.clone());
        }
        if !self.as_a_whole {
            return;
        }
        // Of huge pages, which cannot be overcommitted, the limit is requested whatever containers say.
        let huge = self.limits.iter().filter(|(name, _)| name.starts_with("hugepages-"));
        for (name, limit) in huge.filter(|(name, _)| !requests.contains_key(*name)) {
            self.requests.insert(name.clone(), limit.clone());
        }
        // Where every container has a limit, their sum is the pod's, but no less than it requests.
        let all_limit =
            |name: &str| self.containers.iter().all(|container| container.limits.contains_key(name));
        let lifted: Vec<(String, Read)> = self
            .requests
            .iter()
            .filter(|(name, _)| is_of_pods(name) && !limits.contains_key(*name) && all_limit(name))
            .filter(|(name, request)| self.limits.get(*name).is_some_and(|limit| request.exceeds(limit)))
            .map(|(name, request)| (name.clone(), request.clone()))
            .collect();
        self.limits.extend(lifted);
    }

    /// What quotas count under each name.
    ///
    /// Source: kubernetes `pkg/quota/v1/evaluator/core/pods.go`, `podComputeUsageHelper`.
    pub(super) fn usage(&self) -> Amounts {
        let (mut requests, mut limits) = (self.requests.clone(), self.limits.clone());
        add(&mut requests, &self.overhead);
        for (name, amount) in &self.overhead {
            if let Some(limit) = limits.get_mut(name).filter(|limit| !limit.is_zero()) {
                limit.add(amount);
            }
        }
        let mut usage = Amounts::new();
        for (name, amount) in requests {
            // Others are counted as `requests.` alone.
            if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage")
                || name.starts_with("hugepages-")
            {
                usage.insert(name.clone(), amount.clone());
            }
            usage.insert(format!("requests.{name}"), amount);
        }
        for (name, amount) in limits {
            if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
                usage.insert(format!("limits.{name}"), amount);
            }
        }
        usage
    }

    /// Whether no container asks for CPU or memory. Source: kubernetes `pkg/apis/core/v1/helper/qos`.
    pub(super) fn is_best_effort(&self) -> bool {
        let asks = |list: &Amounts| list.iter().any(|(name, amount)| is_of_pods(name) && !amount.is_zero());
        !self.as_a_whole
            && !self.containers.iter().any(|container| asks(&container.requests) || asks(&container.limits))
    }
}

impl ContainerAmounts<'_> {
    pub(super) fn name(&self) -> &str {
        text(self.node, &["name"])
    }

    /// What is limited is also requested, and then what LimitRanges say, whose own defaults are set already.
    fn default(&mut self, ranges: &[&Member<'_>]) {
        let of_limits: Vec<(String, Read)> =
            self.limits.iter().map(|(name, amount)| (name.clone(), amount.clone())).collect();
        for (name, amount) in of_limits {
            self.requests.entry(name).or_insert(amount);
        }
        for range in ranges {
            let limits = items(range.root(), &["spec", "limits"]);
            for limit in limits.filter(|limit| text(*limit, &["type"]) == "Container") {
                for (own, field) in [(&mut self.limits, "default"), (&mut self.requests, "defaultRequest")] {
                    for (name, amount) in amounts(limit, &[field]) {
                        own.entry(name).or_insert(amount);
                    }
                }
            }
        }
    }
}

/// The amounts of a map; what is no quantity is left out.
pub(super) fn amounts(node: NodeRef<'_>, path: &[&str]) -> Amounts {
    let pairs = entries(node, path).filter_map(|(name, node)| Some((name.to_owned(), amount(node)?)));
    pairs.collect()
}

/// A quantity, written as text or as a number.
pub(super) fn amount(node: NodeRef<'_>) -> Option<Read> {
    match node.value() {
        NodeValue::String(text) => read(text).ok(),
        NodeValue::Int(number) => read(&number.to_string()).ok(),
        NodeValue::Double(number) => read(&number.to_string()).ok(),
        _ => None,
    }
}

/// Containers run at once; initial ones before them one after the other, beside those that keep running.
fn total<'a>(
    containers: &'a [ContainerAmounts<'_>],
    list: impl Fn(&'a ContainerAmounts<'_>) -> &'a Amounts,
) -> Amounts {
    let mut sum = Amounts::new();
    for container in containers.iter().filter(|container| !container.is_initial) {
        add(&mut sum, list(container));
    }
    let (mut running, mut most) = (Amounts::new(), Amounts::new());
    for container in containers.iter().filter(|container| container.is_initial) {
        if container.keeps_running {
            add(&mut sum, list(container));
            add(&mut running, list(container));
            raise(&mut most, &running);
        } else {
            let mut own = list(container).clone();
            add(&mut own, &running);
            raise(&mut most, &own);
        }
    }
    raise(&mut sum, &most);
    sum
}

pub(super) fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        match sum.get_mut(name) {
            Some(own) => own.add(amount),
            None => drop(sum.insert(name.clone(), amount.clone())),
        }
    }
}

fn raise(most: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        if most.get(name).is_none_or(|own| amount.exceeds(own)) {
            most.insert(name.clone(), amount.clone());
        }
    }
}

/// What a pod may ask for as a whole.
fn is_of_pods(name: &str) -> bool {
    name == "cpu" || name == "memory" || name.starts_with("hugepages-")
}

/// What the pod itself takes, by its own spec or by its RuntimeClass.
fn overhead(workload: Workload<'_, '_>, cluster: &Cluster<'_>) -> Amounts {
    if let Some(own) = workload.spec(&["overhead"]) {
        return amounts(own, &[]);
    }
    let class = workload.spec_text(&["runtimeClassName"]);
    let class = cluster.find("node.k8s.io", "RuntimeClass", "", class).filter(|_| !class.is_empty());
    class
        .and_then(|class| at(class.root(), &["overhead"]))
        .map(|own| amounts(own, &["podFixed"]))
        .unwrap_or_default()
}
