//! ResourceQuotas and LimitRanges, and what asks for more than they allow.

mod amounts;
mod limit_range;
mod totals;

use super::backup::SYSTEM;
use super::cluster::{Cluster, Member};
use super::workload::workloads;
use super::{Analysis, Observation};
use amounts::PodAmounts;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) const QUOTA: Analysis = Analysis { rules: &[FITS, ADMITS, HAS_QUOTA, HAS_LIMITS], run };

const FITS: &str = "quota-fits";
const ADMITS: &str = "limit-range-admits";
const HAS_QUOTA: &str = "namespace-quota";
const HAS_LIMITS: &str = "namespace-limit-range";

/// The LimitRanges of each namespace.
struct Ranges<'c, 'o>(HashMap<&'o str, Vec<&'c Member<'o>>>);

impl<'c, 'o> Ranges<'c, 'o> {
    fn of(&self, namespace: &str) -> &[&'c Member<'o>] {
        self.0.get(namespace).map(Vec::as_slice).unwrap_or_default()
    }
}

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let mut ranges = Ranges(HashMap::new());
    for range in cluster.of("", "LimitRange") {
        ranges.0.entry(range.namespace).or_default().push(range);
    }
    let mut found = totals::exceeded(cluster, &ranges);
    found.extend(limit_range::refused(cluster, &ranges));
    found.extend(unlimited(cluster, &ranges));
    found
}

/// What the API server's plug-ins make of a pod by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodUsage {
    /// What quotas count, by the names that they have for it; what is nothing is left out.
    pub usage: BTreeMap<String, String>,
    /// Why a LimitRange of its namespace refuses it.
    pub refused: Vec<String>,
    /// Why a quota refuses it that counts what the pod does not say.
    pub unspecified: Option<String>,
}

/// What comes of a pod, or of the template of a workload, by the LimitRanges of its namespace and a quota that counts
/// some resources. `None` for an object without pods.
pub fn pod_usage(cluster: &Cluster<'_>, member: &Member<'_>, hard: &[&str]) -> Option<PodUsage> {
    let workload = workloads(cluster).into_iter().find(|workload| workload.member.index == member.index)?;
    let ranges: Vec<&Member<'_>> =
        cluster.of("", "LimitRange").filter(|range| range.namespace == member.namespace).collect();
    let pod = PodAmounts::of(workload, &ranges, cluster);
    let usage = pod.usage().into_iter().filter(|(_, amount)| !amount.is_zero());
    Some(PodUsage {
        usage: usage.map(|(name, amount)| (name, amount.text())).collect(),
        refused: limit_range::errors(&pod, &ranges),
        unspecified: totals::unspecified(hard, &pod),
    })
}

/// Namespaces, by their own objects, that nothing limits.
fn unlimited<'o>(cluster: &Cluster<'o>, ranges: &Ranges<'_, 'o>) -> Vec<Observation<'o>> {
    let mut found = Vec::new();
    let quotas: HashSet<&str> = cluster.of("", "ResourceQuota").map(|quota| quota.namespace).collect();
    for namespace in cluster.of("", "Namespace").filter(|namespace| !SYSTEM.contains(&namespace.name)) {
        let place = namespace.nearest(&["metadata", "name"]);
        let name = namespace.name;
        if !quotas.contains(name) {
            let message = format!(
                "namespace {name} has no ResourceQuota: add one that limits requests, limits and the number of Pods"
            );
            found.push(Observation::new(HAS_QUOTA, namespace, place, message));
        }
        let of_containers = ranges.of(name).iter().any(|range| limit_range::is_of(range, "Container"));
        if !of_containers {
            let message = format!(
                "namespace {name} has no LimitRange for containers: add one with default and defaultRequest"
            );
            found.push(Observation::new(HAS_LIMITS, namespace, place, message));
        }
    }
    found
}
