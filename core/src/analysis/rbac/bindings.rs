//! Bindings of roles and ServiceAccounts that are not there, and ServiceAccounts that nobody needs.

use super::access::{Access, GROUP, Subject};
use crate::analysis::cluster::{Cluster, items, text};
use crate::analysis::workload::workloads;
use crate::analysis::{Analysis, Observation};
use std::collections::HashSet;

pub(in crate::analysis) const BINDINGS: Analysis = Analysis { rules: &[ROLE, ACCOUNT, UNUSED], run };

const ROLE: &str = "binding-role-exists";
const ACCOUNT: &str = "binding-account-exists";
const UNUSED: &str = "no-unused-account";

/// The namespace whose ServiceAccounts the cluster makes itself.
const SYSTEM: &str = "kube-system";

fn run<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let mut found = roles(cluster);
    found.extend(accounts(cluster));
    found.extend(unused(cluster));
    found
}

fn roles<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let access = Access::new(cluster);
    let dangling = access.dangling().iter().filter_map(|&index| cluster.members().get(index));
    dangling
        .map(|binding| {
            let (kind, name) = (binding.text(&["roleRef", "kind"]), binding.text(&["roleRef", "name"]));
            let inside = match kind {
                "Role" if binding.kind == "RoleBinding" => format!(" in namespace {}", binding.namespace),
                _ => String::new(),
            };
            let message = format!(
                "there is no {kind} {name}{inside}: whoever creates one decides what these subjects may do; add the role \
                 or delete the binding"
            );
            Observation::new(ROLE, binding, binding.nearest(&["roleRef", "name"]), message)
        })
        .collect()
}

/// A namespace's `default` is made with the namespace. Source: kubernetes `pkg/controller/serviceaccount`.
fn accounts<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let mut found = Vec::new();
    for binding in cluster.of(GROUP, "RoleBinding").chain(cluster.of(GROUP, "ClusterRoleBinding")) {
        for at in items(binding.root(), &["subjects"]) {
            let Some(Subject::ServiceAccount { namespace, name }) = Subject::read(at, binding.namespace)
            else {
                continue;
            };
            let is_known = name == "default"
                || namespace == SYSTEM
                || cluster.find("", "ServiceAccount", &namespace, &name).is_some();
            if !is_known {
                let message = format!(
                    "there is no ServiceAccount {namespace}/{name}: whoever creates one has its rights; add it or take it \
                     out of the subjects"
                );
                found.push(Observation::new(ACCOUNT, binding, at, message));
            }
        }
    }
    found
}

fn unused<'o>(cluster: &Cluster<'o>) -> Vec<Observation<'o>> {
    let mut used: HashSet<(&str, &str)> = HashSet::new();
    for workload in workloads(cluster) {
        used.insert((workload.member.namespace, workload.service_account()));
    }
    let bindings: Vec<_> =
        cluster.of(GROUP, "RoleBinding").chain(cluster.of(GROUP, "ClusterRoleBinding")).collect();
    for binding in bindings {
        for at in items(binding.root(), &["subjects"]) {
            let namespace = match text(at, &["namespace"]) {
                "" => binding.namespace,
                own => own,
            };
            match text(at, &["kind"]) {
                "ServiceAccount" => drop(used.insert((namespace, text(at, &["name"])))),
                "User" => {
                    let account = text(at, &["name"]).strip_prefix("system:serviceaccount:");
                    used.extend(account.and_then(|account| account.split_once(':')));
                }
                _ => {}
            }
        }
    }
    let accounts = cluster.of("", "ServiceAccount").filter(|account| {
        account.name != "default"
            && account.namespace != SYSTEM
            && !used.contains(&(account.namespace, account.name))
    });
    accounts
        .map(|account| {
            let message = format!(
                "no Pod runs as {}, and no binding speaks of it: delete it, or name it as serviceAccountName",
                account.title()
            );
            Observation::new(UNUSED, account, account.nearest(&["metadata", "name"]), message)
        })
        .collect()
}
