//! What pods, ServiceAccounts and claims name.

use super::{
    ACCOUNT, CLAIM, CONFIG_MAP, Found, PRIORITY_CLASS, PULL_SECRET, RUNTIME_CLASS, SECRET, STORAGE_CLASS,
};
use crate::analysis::cluster::{Cluster, Member, at, items};
use crate::analysis::workload::Workload;
use crate::document::NodeRef;

/// Volumes that need a Secret: their source and where it names one.
/// Source: kubernetes `pkg/api/v1/pod/util.go`, `VisitPodSecretNames`.
const VOLUME_SECRETS: [(&str, &[&str]); 9] = [
    ("azureFile", &["secretName"]),
    ("cephfs", &["secretRef", "name"]),
    ("cinder", &["secretRef", "name"]),
    ("csi", &["nodePublishSecretRef", "name"]),
    ("flexVolume", &["secretRef", "name"]),
    ("iscsi", &["secretRef", "name"]),
    ("rbd", &["secretRef", "name"]),
    ("scaleIO", &["secretRef", "name"]),
    ("storageos", &["secretRef", "name"]),
];

/// A ConfigMap or a Secret.
#[derive(Clone, Copy)]
struct Store {
    rule: &'static str,
    kind: &'static str,
    /// Where an object of the kind has its keys.
    data: &'static [&'static str],
}

const CONFIG_MAPS: Store = Store { rule: CONFIG_MAP, kind: "ConfigMap", data: &["data", "binaryData"] };
const SECRETS: Store = Store { rule: SECRET, kind: "Secret", data: &["data", "stringData"] };

pub(super) fn references<'o>(found: &mut Found<'_, 'o>, workload: Workload<'_, 'o>) {
    let member = workload.member;
    for container in workload.containers() {
        for source in items(container, &["envFrom"]) {
            for (store, field) in [(CONFIG_MAPS, "configMapRef"), (SECRETS, "secretRef")] {
                store.wanted(found, member, at(source, &[field]), "name");
            }
        }
        for variable in items(container, &["env"]) {
            for (store, field) in [(CONFIG_MAPS, "configMapKeyRef"), (SECRETS, "secretKeyRef")] {
                let reference = at(variable, &["valueFrom", field]);
                if store.wanted(found, member, reference, "name") {
                    let key = reference.and_then(|reference| at(reference, &["key"]));
                    store.key_wanted(found, member, reference, "name", key);
                }
            }
        }
    }
    for volume in workload.spec_items("volumes") {
        volume_references(found, member, volume);
    }
    for secret in workload.spec_items("imagePullSecrets") {
        found.want(PULL_SECRET, "Secret", member, at(secret, &["name"]));
    }
    found.want(ACCOUNT, "ServiceAccount", member, workload.spec(&["serviceAccountName"]));
    found.want(RUNTIME_CLASS, "RuntimeClass", member, workload.spec(&["runtimeClassName"]));
    found.want(PRIORITY_CLASS, "PriorityClass", member, workload.spec(&["priorityClassName"]));
}

fn volume_references<'o>(found: &mut Found<'_, 'o>, member: &Member<'o>, volume: NodeRef<'o>) {
    let files = |found: &mut Found<'_, 'o>, store: Store, source: Option<NodeRef<'o>>, field: &str| {
        if store.wanted(found, member, source, field) {
            let listed = source.into_iter().flat_map(|source| items(source, &["items"]));
            for key in listed.filter_map(|item| at(item, &["key"])) {
                store.key_wanted(found, member, source, field, Some(key));
            }
        }
    };
    files(found, CONFIG_MAPS, at(volume, &["configMap"]), "name");
    files(found, SECRETS, at(volume, &["secret"]), "secretName");
    for source in items(volume, &["projected", "sources"]) {
        files(found, CONFIG_MAPS, at(source, &["configMap"]), "name");
        files(found, SECRETS, at(source, &["secret"]), "name");
    }
    for (source, path) in VOLUME_SECRETS {
        let name = at(volume, &[source]).and_then(|source| at(source, path));
        found.want(SECRET, "Secret", member, name);
    }
    found.want(CLAIM, "PersistentVolumeClaim", member, at(volume, &["persistentVolumeClaim", "claimName"]));
}

impl Store {
    /// Asks for what a reference names, unless it is optional; whether it is there.
    fn wanted<'o>(
        self,
        found: &mut Found<'_, 'o>,
        member: &Member<'o>,
        reference: Option<NodeRef<'o>>,
        field: &str,
    ) -> bool {
        let Some(reference) = reference.filter(|reference| !is_optional(*reference)) else { return false };
        found.want(self.rule, self.kind, member, at(reference, &[field]));
        true
    }

    /// Says so when an object that is there lacks a key.
    fn key_wanted<'o>(
        self,
        found: &mut Found<'_, 'o>,
        member: &Member<'o>,
        reference: Option<NodeRef<'o>>,
        field: &str,
        key: Option<NodeRef<'o>>,
    ) {
        let Some(name) = reference.and_then(|reference| at(reference, &[field])).and_then(NodeRef::as_str)
        else {
            return;
        };
        let Some((at_key, key)) = key.and_then(|node| Some((node, node.as_str()?))) else { return };
        let Some(store) = found.names.find("", self.kind, member.namespace, name) else { return };
        if self.data.iter().any(|field| store.at(&[field]).is_some_and(|data| data.field(key).is_some())) {
            return;
        }
        let message = format!("{} has no key {key}: add it, or correct the key", store.title());
        let index = store.index;
        let place = self.data.iter().find_map(|field| store.at(&[field])).unwrap_or_else(|| store.root());
        found.add(self.rule, member, at_key, message);
        if let Some(observation) = found.observations.pop() {
            let observation = observation.because("what it has", Some((index, place)));
            found.observations.push(observation);
        }
    }
}

fn is_optional(reference: NodeRef<'_>) -> bool {
    at(reference, &["optional"]).and_then(NodeRef::as_bool).unwrap_or_default()
}

pub(super) fn accounts<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>) {
    for account in cluster.of("", "ServiceAccount") {
        for secret in items(account.root(), &["imagePullSecrets"]) {
            found.want(PULL_SECRET, "Secret", account, at(secret, &["name"]));
        }
    }
}

/// Claims by themselves and in StatefulSets. An empty name stands for no class.
pub(super) fn storage<'o>(found: &mut Found<'_, 'o>, cluster: &Cluster<'o>) {
    for claim in cluster.of("", "PersistentVolumeClaim") {
        found.want(STORAGE_CLASS, "StorageClass", claim, claim.at(&["spec", "storageClassName"]));
    }
    for set in cluster.of("apps", "StatefulSet") {
        for claim in items(set.root(), &["spec", "volumeClaimTemplates"]) {
            found.want(STORAGE_CLASS, "StorageClass", set, at(claim, &["spec", "storageClassName"]));
        }
    }
}
