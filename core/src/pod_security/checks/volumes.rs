//! Sources of volumes.

use super::super::pod::{Pod, at, text};
use super::super::registry::Violation;
use super::{Values, forbidden, plural, quoted};

const ALLOWED: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// In the order in which the API server looks for them.
const RESTRICTED: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

/// Source: `check_hostPathVolumes.go`.
pub(super) fn host_path(pod: Pod<'_>) -> Option<Violation<'_>> {
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    for volume in pod.items(&["volumes"]) {
        if let Some(node) = at(volume, &["hostPath"]) {
            names.push(text(Some(volume), "name"));
            faults.push(node);
        }
    }
    if faults.is_empty() {
        return None;
    }
    let detail = format!("{} {}", plural("volume", "volumes", names.len()), quoted(names));
    forbidden("hostPath volumes", detail, faults)
}

/// Source: `check_restrictedVolumes.go`.
pub(super) fn restricted(pod: Pod<'_>) -> Option<Violation<'_>> {
    let (mut names, mut sources, mut faults) = (Vec::new(), Values::new(), Vec::new());
    for volume in pod.items(&["volumes"]) {
        if ALLOWED.iter().any(|source| at(volume, &[source]).is_some()) {
            continue;
        }
        let known = RESTRICTED.iter().find_map(|&source| Some((source, at(volume, &[source])?)));
        let (source, node) = known.unwrap_or(("unknown", volume));
        names.push(text(Some(volume), "name"));
        sources.insert(source);
        faults.push(node);
    }
    if faults.is_empty() {
        return None;
    }
    let detail = format!(
        "{} {} {} {} {}",
        plural("volume", "volumes", names.len()),
        quoted(names.iter().copied()),
        plural("uses", "use", names.len()),
        plural("restricted volume type", "restricted volume types", sources.len()),
        quoted(sources)
    );
    forbidden("restricted volume types", detail, faults)
}
