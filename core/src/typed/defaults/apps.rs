//! Workloads. Source: kubernetes `pkg/apis/apps/v1/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "Deployment" => deployment,
        "DaemonSet" => daemon_set,
        "StatefulSet" => stateful_set,
        "ReplicaSet" => |set| set.made("spec").default_nil("replicas", Set::Int(1)),
        _ => return None,
    })
}

fn deployment(deployment: &mut Value<'_, '_, '_>) {
    let mut spec = deployment.made("spec");
    spec.default_nil("replicas", Set::Int(1));
    let mut strategy = spec.made("strategy");
    strategy.default("type", Set::String("RollingUpdate"));
    if strategy.text("type") == "RollingUpdate" {
        let mut update = strategy.made("rollingUpdate");
        update.default_nil("maxUnavailable", Set::String("25%"));
        update.default_nil("maxSurge", Set::String("25%"));
    }
    spec.default_nil("revisionHistoryLimit", Set::Int(10));
    spec.default_nil("progressDeadlineSeconds", Set::Int(600));
}

fn daemon_set(set: &mut Value<'_, '_, '_>) {
    let mut spec = set.made("spec");
    let mut strategy = spec.made("updateStrategy");
    strategy.default("type", Set::String("RollingUpdate"));
    if strategy.text("type") == "RollingUpdate" {
        let mut update = strategy.made("rollingUpdate");
        update.default_nil("maxUnavailable", Set::Int(1));
        update.default_nil("maxSurge", Set::Int(0));
    }
    spec.default_nil("revisionHistoryLimit", Set::Int(10));
}

fn stateful_set(set: &mut Value<'_, '_, '_>) {
    // The gate MaxUnavailableStatefulSet, on by default since 1.37.
    let max_unavailable = set.minor() >= 37;
    let mut spec = set.made("spec");
    spec.default("podManagementPolicy", Set::String("OrderedReady"));
    let mut strategy = spec.made("updateStrategy");
    if strategy.is_zero("type") {
        strategy.set("type", Set::String("RollingUpdate"));
        strategy.made("rollingUpdate");
    }
    if strategy.text("type") == "RollingUpdate"
        && let Some(mut update) = strategy.within("rollingUpdate")
    {
        update.default_nil("partition", Set::Int(0));
        if max_unavailable {
            update.default_nil("maxUnavailable", Set::Int(1));
        }
    }
    // The gate StatefulSetAutoDeletePVC, on by default since 1.27.
    let mut retention = spec.made("persistentVolumeClaimRetentionPolicy");
    retention.default("whenDeleted", Set::String("Retain"));
    retention.default("whenScaled", Set::String("Retain"));
    spec.default_nil("replicas", Set::Int(1));
    spec.default_nil("revisionHistoryLimit", Set::Int(10));
}
