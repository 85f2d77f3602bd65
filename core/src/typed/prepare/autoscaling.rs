//! The older version of autoscalers passes through the newer one, which annotations make up for. Source: kubernetes
//! `pkg/apis/autoscaling/v1/conversion.go`.
//!
//! Annotations that carry metrics or behavior are kept as written, not written anew.

use crate::typed::value::{Set, Value};

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";

/// Annotations that say again what the status says.
const OF_STATUS: [&str; 4] = [
    "autoscaling.alpha.kubernetes.io/current-metrics",
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
    "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
];

pub(super) fn older_version(scaler: &mut Value<'_, '_, '_>) {
    let mut other_metrics = false;
    if let Some(place) = scaler.path(&["metadata", "annotations"]) {
        let mut annotations = scaler.at(place);
        for name in OF_STATUS {
            annotations.unset(name);
        }
        let metrics = annotations.text(METRICS);
        other_metrics =
            serde_json::from_str::<Vec<serde_json::Value>>(metrics).is_ok_and(|list| !list.is_empty());
        if !other_metrics {
            annotations.unset(METRICS);
        }
        if annotations.children().is_empty() {
            scaler.made("metadata").unset("annotations");
        }
    }
    if !other_metrics {
        scaler.made("spec").default_nil("targetCPUUtilizationPercentage", Set::Int(80));
    }
}
