//! Jobs. Source: kubernetes `pkg/apis/batch/v1/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "Job" => job,
        "CronJob" => cron_job,
        "PodFailurePolicyOnPodConditionsPattern" => |pattern| pattern.default("status", Set::String("True")),
        _ => return None,
    })
}

fn job(job: &mut Value<'_, '_, '_>) {
    // The gate JobPodReplacementPolicy, on by default since 1.29.
    let mut spec = job.made("spec");
    if spec.is_nil("completions") && spec.is_nil("parallelism") {
        spec.set("completions", Set::Int(1));
    }
    spec.default_nil("parallelism", Set::Int(1));
    let per_index = !spec.is_nil("backoffLimitPerIndex");
    spec.default_nil("backoffLimit", Set::Int(if per_index { i64::from(i32::MAX) } else { 6 }));
    spec.default_nil("completionMode", Set::String("NonIndexed"));
    spec.default_nil("suspend", Set::Bool(false));
    let replacement = if spec.is_nil("podFailurePolicy") { "TerminatingOrFailed" } else { "Failed" };
    spec.default_nil("podReplacementPolicy", Set::String(replacement));
    spec.default_nil("manualSelector", Set::Bool(false));
    let Some(labels) = job.path(&["spec", "template", "metadata", "labels"]) else { return };
    let mut metadata = job.made("metadata");
    if metadata.is_empty("labels") {
        metadata.copy("labels", labels);
    }
}

fn cron_job(job: &mut Value<'_, '_, '_>) {
    let mut spec = job.made("spec");
    spec.default("concurrencyPolicy", Set::String("Allow"));
    spec.default_nil("suspend", Set::Bool(false));
    spec.default_nil("successfulJobsHistoryLimit", Set::Int(3));
    spec.default_nil("failedJobsHistoryLimit", Set::Int(1));
}
