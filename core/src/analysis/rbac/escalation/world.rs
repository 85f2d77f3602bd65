//! What of the input matters besides roles and bindings, and what follows from it without any right.

use super::graph::{Graph, Node};
use crate::analysis::cluster::{Cluster, Member};
use crate::analysis::rbac::access::{Access, Subject};
use crate::analysis::workload::workloads;
use crate::document::NodeRef;
use std::collections::{HashMap, HashSet};

/// The namespace of the controllers, one of which gives rights to roles, and of the control plane's Pods.
const SYSTEM: &str = "kube-system";

/// What of the input matters besides roles and bindings.
pub(super) struct World<'c, 'o> {
    pub(super) cluster: &'c Cluster<'o>,
    /// ServiceAccounts that Pods run as, with a workload of each.
    of_pods: Vec<(Subject, &'c Member<'o>, NodeRef<'o>)>,
    /// ServiceAccounts by their names.
    pub(super) accounts: HashMap<&'o str, Vec<&'c Member<'o>>>,
    /// ServiceAccounts with a token in a Secret, by the Secret's name, with the Secret.
    pub(super) of_secrets: HashMap<&'o str, Vec<(Subject, &'c Member<'o>)>>,
    namespaces: Vec<&'o str>,
}

impl<'c, 'o> World<'c, 'o> {
    pub(super) fn of(cluster: &'c Cluster<'o>) -> World<'c, 'o> {
        let mut seen = HashSet::new();
        let mut of_pods = Vec::new();
        for workload in workloads(cluster) {
            let subject = Subject::account(workload.member.namespace, workload.service_account());
            if seen.insert(subject.clone()) {
                let at = workload.spec(&["serviceAccountName"]).unwrap_or(workload.pod);
                of_pods.push((subject, workload.member, at));
            }
        }
        let tokens = cluster
            .of("", "Secret")
            .filter(|secret| secret.text(&["type"]) == "kubernetes.io/service-account-token");
        let mut of_secrets: HashMap<&str, Vec<(Subject, &Member<'o>)>> = HashMap::new();
        for secret in tokens {
            let name = secret.text(&["metadata", "annotations", "kubernetes.io/service-account.name"]);
            let subject = Subject::account(secret.namespace, name);
            of_secrets.entry(secret.name).or_default().push((subject, secret));
        }
        let mut accounts: HashMap<&str, Vec<&Member<'o>>> = HashMap::new();
        for account in cluster.of("", "ServiceAccount") {
            accounts.entry(account.name).or_default().push(account);
        }
        World { cluster, of_pods, accounts, of_secrets, namespaces: cluster.namespaces() }
    }

    /// Whether nothing keeps Pods of a namespace from taking over their node: its object is there and enforces no Pod
    /// Security Standard. A namespace of which there is no object may well enforce one.
    pub(super) fn is_unrestricted(&self, namespace: &str) -> Option<&'c Member<'o>> {
        let own = self.cluster.find("", "Namespace", "", namespace)?;
        let level = own.text(&["metadata", "labels", "pod-security.kubernetes.io/enforce"]);
        (!matches!(level, "baseline" | "restricted")).then_some(own)
    }
}

/// What follows from what somebody is or has.
pub(super) fn without_rights<'o>(graph: &mut Graph<'_, 'o>, access: &Access<'o>, world: &World<'_, 'o>) {
    let mut accounts: HashSet<(String, String)> = HashSet::new();
    let of_objects = world.cluster.of("", "ServiceAccount").map(|account| (account.namespace, account.name));
    let of_pods = world.of_pods.iter().map(|(subject, ..)| (subject.namespace(), subject.name()));
    let of_bindings = access
        .subjects()
        .filter(|(subject, _)| matches!(subject, Subject::ServiceAccount { .. }))
        .map(|(subject, _)| (subject.namespace(), subject.name()));
    for (namespace, name) in of_objects.chain(of_bindings).chain(of_pods) {
        accounts.insert((namespace.to_owned(), name.to_owned()));
    }
    let mut accounts: Vec<(String, String)> = accounts.into_iter().collect();
    accounts.sort_unstable();
    for (namespace, name) in accounts {
        let subject = Subject::account(&namespace, &name);
        let node = Node::Subject(subject.clone());
        let groups = [
            format!("system:serviceaccounts:{namespace}"),
            "system:serviceaccounts".to_owned(),
            "system:authenticated".to_owned(),
        ];
        groups.into_iter().for_each(|group| member(graph, &node, group, access));
        let text = format!("such as {subject}");
        graph.as_is(Node::Accounts(namespace), node, text, None);
    }
    for (subject, _) in access.subjects() {
        if let Subject::User(name) = subject {
            let anonymous = name == "system:anonymous";
            let group = if anonymous { "system:unauthenticated" } else { "system:authenticated" };
            member(graph, &Node::Subject(subject.clone()), group.to_owned(), access);
        }
    }
    for (subject, workload, at) in &world.of_pods {
        let text = format!("such as those of {}, as {subject}", workload.title());
        let from = Node::Pods(subject.namespace().to_owned());
        graph.as_is(from, Node::Subject(subject.clone()), text, Some((workload.index, *at)));
    }
    let mut tokens: Vec<&(Subject, &Member<'o>)> = world.of_secrets.values().flatten().collect();
    tokens.sort_by_key(|(_, secret)| secret.index);
    for (subject, secret) in tokens {
        for namespace in [secret.namespace, ""] {
            let text = format!("such as {}, with the token of {subject}", secret.title());
            let place = secret.nearest(&["type"]);
            let from = Node::Secrets(namespace.to_owned());
            graph.as_is(from, Node::Subject(subject.clone()), text, Some((secret.index, place)));
        }
    }
    for namespace in &world.namespaces {
        let from = Node::Namespace((*namespace).to_owned());
        if let Some(object) = world.is_unrestricted(namespace) {
            let text = "where no Pod Security Standard keeps privileged Pods off the nodes";
            let place = object.nearest(&["metadata", "labels"]);
            graph.as_is(from.clone(), Node::Admin, text, Some((object.index, place)));
        }
        let text = "where Pods run as any ServiceAccount";
        graph.as_is(from, Node::Accounts((*namespace).to_owned()), text, None);
    }
    let text = "such as clusterrole-aggregation-controller, which gives rights to roles";
    graph.as_is(Node::Accounts(SYSTEM.to_owned()), Node::Admin, text, None);
    let text = "such as those of the control plane, with its credentials";
    graph.as_is(Node::Pods(SYSTEM.to_owned()), Node::Admin, text, None);
}

fn member<'o>(graph: &mut Graph<'_, 'o>, node: &Node, group: String, access: &Access<'o>) {
    let group = Subject::Group(group);
    if access.has_subject(&group) && *node != Node::Subject(group.clone()) {
        let text = format!("which is a member of {group}");
        graph.as_is(node.clone(), Node::Subject(group), text, None);
    }
}
