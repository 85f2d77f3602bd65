//! ResourceQuotas and LimitRanges, and what asks for more than they allow.

mod amounts;
mod limit_range;
mod totals;

use super::backup::SYSTEM;
use super::cluster::{Cluster, Member};
use super::{Analysis, Observation};
use std::collections::{HashMap, HashSet};

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
