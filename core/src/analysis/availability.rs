//! PodDisruptionBudgets and the workloads that they are for.
//!
//! Source: kubernetes `pkg/controller/disruption/disruption.go`, `pkg/registry/core/pod/storage/eviction.go`.

use super::cluster::{Cluster, Member, at, text};
use super::selected::Pods;
use super::workload::Workload;
use super::{Analysis, Observation};
use crate::document::NodeRef;
use crate::labels::LabelSelector;
use std::collections::HashMap;

pub(super) const AVAILABILITY: Analysis =
    Analysis { rules: &[HAS_BUDGET, SELECTS_PODS, ALLOWS_EVICTION, ONE_BUDGET], run };

const HAS_BUDGET: &str = "workload-has-budget";
const SELECTS_PODS: &str = "budget-selects-pods";
const ALLOWS_EVICTION: &str = "budget-allows-eviction";
const ONE_BUDGET: &str = "one-budget-per-pod";

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let pods = Pods::of(cluster);
    let scales = Scales::of(cluster);
    let mut found = Vec::new();
    // By the workload's position.
    let mut budgets: HashMap<usize, Vec<&Member<'o>>> = HashMap::new();
    for budget in cluster.of("policy", "PodDisruptionBudget") {
        // Without a selector it selects nothing.
        let selector = budget.at(&["spec", "selector"]);
        let selected = selector.map(|selector| LabelSelector::from_node(selector));
        let selected =
            selected.map(|selector| pods.selected(budget.namespace, &selector)).unwrap_or_default();
        // Where there are no pods at all, they are elsewhere.
        if selected.is_empty() && pods.inside(budget.namespace).next().is_some() {
            let message =
                format!("{} selects no Pod: make its selector equal labels of the Pods", budget.title());
            let place = budget.nearest(&["spec", "selector"]);
            found.push(Observation::new(SELECTS_PODS, budget, place, message));
        }
        found.extend(blocked(budget, &selected, &scales));
        for workload in selected {
            budgets.entry(workload.member.index).or_default().push(budget);
        }
    }
    for workload in &pods.all {
        let of_workload = budgets.get(&workload.member.index).map(Vec::as_slice).unwrap_or_default();
        found.extend(match of_workload {
            [] => unprotected(*workload, &scales),
            [_] => None,
            [first, second, ..] => Some(disputed(*workload, first, second)),
        });
    }
    found
}

/// Several pods of which nothing says how many may go at a time. A single one cannot stay when its node goes.
fn unprotected<'o>(workload: Workload<'_, 'o>, scales: &Scales<'o>) -> Option<Observation<'o>> {
    let member = workload.member;
    let replicas = scales.replicas(workload).filter(|replicas| *replicas > 1)?;
    let message = format!(
        "no PodDisruptionBudget selects the {replicas} Pods of {}: a drain may evict all of them at once; add one with \
         maxUnavailable: 1",
        member.title()
    );
    Some(Observation::new(HAS_BUDGET, member, member.nearest(&["spec", "replicas"]), message))
}

fn disputed<'o>(workload: Workload<'_, 'o>, first: &Member<'o>, second: &Member<'o>) -> Observation<'o> {
    let message = format!(
        "{} and {} both select the Pods of {}, which then cannot be evicted: keep one of them",
        first.title(),
        second.title(),
        workload.member.title()
    );
    let place = at(workload.pod, &["metadata", "labels"]).unwrap_or(workload.pod);
    let observation = Observation::new(ONE_BUDGET, workload.member, place, message);
    let selector = |budget: &Member<'o>| Some((budget.index, budget.nearest(&["spec", "selector"])));
    observation.because(first.title(), selector(first)).because(second.title(), selector(second))
}

/// A budget that lets no pod go though all are healthy.
fn blocked<'o>(
    budget: &Member<'o>,
    selected: &[Workload<'_, 'o>],
    scales: &Scales<'o>,
) -> Option<Observation<'o>> {
    let expected =
        selected.iter().try_fold(0_i64, |sum, workload| sum.checked_add(scales.replicas(*workload)?))?;
    if expected == 0 {
        return None;
    }
    let (field, healthy) =
        match (budget.at(&["spec", "maxUnavailable"]), budget.at(&["spec", "minAvailable"])) {
            (Some(most), _) => ("maxUnavailable", expected.saturating_sub(scaled(most, expected)?).max(0)),
            (None, Some(least)) => ("minAvailable", scaled(least, expected)?),
            (None, None) => return None,
        };
    if expected > healthy {
        return None;
    }
    let value = budget.at(&["spec", field])?;
    let shown =
        value.as_str().map(str::to_owned).or_else(|| value.as_int().map(|value| value.to_string()))?;
    let pods = if expected == 1 { "the only Pod".to_owned() } else { format!("any of the {expected} Pods") };
    let message = format!(
        "{field}: {shown} never lets {pods} go that {} selects, so no node with one can be drained: let at least one go, \
         or run more",
        budget.title()
    );
    let mut observation = Observation::new(ALLOWS_EVICTION, budget, value, message);
    for workload in selected.iter().take(MOST_REASONS) {
        let replicas = scales.replicas(*workload).unwrap_or_default();
        let text = format!("{} has {replicas}", workload.member.title());
        let place = workload.member.nearest(&["spec", "replicas"]);
        observation = observation.because(text, Some((workload.member.index, place)));
    }
    Some(observation)
}

/// How many workloads are told of a budget.
const MOST_REASONS: usize = 3;

/// A number, or a percentage of the pods rounded up.
/// Source: apimachinery `pkg/util/intstr`, `GetScaledValueFromIntOrPercent`.
fn scaled(value: NodeRef<'_>, total: i64) -> Option<i64> {
    if let Some(number) = value.as_int() {
        return Some(number);
    }
    let percent: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    let product = i128::from(percent) * i128::from(total);
    i64::try_from((product + 99).div_euclid(100)).ok()
}

/// How many pods HorizontalPodAutoscalers keep at least.
struct Scales<'o>(HashMap<(&'o str, &'o str, &'o str), i64>);

impl<'o> Scales<'o> {
    fn of(cluster: &Cluster<'o>) -> Scales<'o> {
        let scalers = cluster.of("autoscaling", "HorizontalPodAutoscaler").filter_map(|scaler| {
            let target = scaler.at(&["spec", "scaleTargetRef"])?;
            let least = scaler.at(&["spec", "minReplicas"]).and_then(NodeRef::as_int).unwrap_or(1);
            Some(((scaler.namespace, text(target, &["kind"]), text(target, &["name"])), least))
        });
        Scales(scalers.collect())
    }

    /// How many pods there are at least, once they are scaled.
    fn replicas(&self, workload: Workload<'_, '_>) -> Option<i64> {
        let member = workload.member;
        let written = workload.replicas()?;
        let least = self.0.get(&(member.namespace, member.kind, member.name)).copied().unwrap_or_default();
        Some(written.max(least))
    }
}
