//! Source: kubernetes `pkg/apis/storage/v1/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "StorageClass" => |class| {
            class.default_nil("reclaimPolicy", Set::String("Delete"));
            class.default_nil("volumeBindingMode", Set::String("Immediate"));
        },
        "CSIDriverSpec" => driver,
        _ => return None,
    })
}

fn driver(spec: &mut Value<'_, '_, '_>) {
    spec.default_nil("attachRequired", Set::Bool(true));
    spec.default_nil("podInfoOnMount", Set::Bool(false));
    spec.default_nil("storageCapacity", Set::Bool(false));
    spec.default_nil("fsGroupPolicy", Set::String("ReadWriteOnceWithFSType"));
    if spec.is_empty("volumeLifecycleModes") {
        spec.set_texts("volumeLifecycleModes", &["Persistent"]);
    }
    spec.default_nil("requiresRepublish", Set::Bool(false));
    // The gate SELinuxMountReadWriteOncePod, on by default since 1.28.
    spec.default_nil("seLinuxMount", Set::Bool(false));
    // The gate VolumeLimitScaling, on by default since 1.37.
    if spec.minor() >= 37 {
        spec.default_nil("preventPodSchedulingIfMissing", Set::Bool(false));
    }
}
