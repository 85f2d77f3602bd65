//! Dynamic resource allocation. Source: kubernetes `pkg/apis/resource/*/defaults.go`.
//!
//! When a taint was added is the time of decoding there, and stays unset here.

use super::{Rule, Set, Value};

pub(super) fn rule(version: &str, name: &str) -> Option<Rule> {
    Some(match name {
        "ExactDeviceRequest" | "DeviceSubRequest" => exact_count,
        "DeviceRequest" if version == "v1alpha3" => exact_count,
        "DeviceRequest" if version == "v1beta1" => |request| {
            if !request.is_zero("deviceClassName") {
                exact_count(request);
            }
        },
        _ => return None,
    })
}

fn exact_count(request: &mut Value<'_, '_, '_>) {
    request.default("allocationMode", Set::String("ExactCount"));
    if request.text("allocationMode") == "ExactCount" {
        request.default("count", Set::Int(1));
    }
}
