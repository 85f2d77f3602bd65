//! What becomes of an object on its way through the form between versions, whether it is created, updated or read from
//! storage. Source: kubernetes `pkg/apis/*/*/conversion.go`.

use super::{core, pod, workloads};
use crate::typed::convert::without_carriers;
use crate::typed::value::Value;

/// The version whose form is that between versions: another one than the object's own only where that has annotations
/// in place of fields.
pub(in crate::typed) fn form_between<'v>(api_version: &'v str, kind: &str) -> &'v str {
    match (api_version, kind) {
        ("autoscaling/v1", "HorizontalPodAutoscaler") => "autoscaling/v2",
        _ => api_version,
    }
}

pub(super) fn pass(object: &mut Value<'_, '_, '_>, api_version: &str, kind: &str) {
    match kind {
        "HorizontalPodAutoscaler" if api_version != "autoscaling/v1" => without_carriers(object),
        "Pod" => pod::without_old_annotations(object),
        "Node" => core::node(object),
        "Secret" => core::secret(object),
        "CustomResourceDefinition" => core::conversion_webhook(object),
        "ResourceSlice" if api_version.ends_with("/v1beta1") => core::basic_devices(object),
        _ => workloads::pass_between(object, kind),
    }
}
