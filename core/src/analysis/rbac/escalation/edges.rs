//! Which rights lead where. One function for each reach of a right: the whole cluster, one namespace, no right at all.

use super::graph::{Graph, Node};
use super::world::{World, without_rights};
use crate::analysis::cluster::Cluster;
use crate::analysis::rbac::access::{Access, GROUP, Hit, Subject};
use crate::authorization::{Attributes, Target, User};

/// Resources that make Pods, by group.
const POD_MAKERS: [(&str, &str); 8] = [
    ("", "pods"),
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "replicationcontrollers"),
];

/// Subresources of Pods that run commands in their containers. Since Kubernetes 1.35 all of them need `create`, whatever
/// the protocol. Source: kubernetes `pkg/registry/core/pod/rest/subresources.go`.
const EXEC: [(&str, &[&str]); 3] =
    [("exec", &["create"]), ("attach", &["create"]), ("ephemeralcontainers", &["update", "patch"])];

const READ: [&str; 3] = ["get", "list", "watch"];
const CHANGE: [&str; 2] = ["update", "patch"];
const MAKE: [&str; 3] = ["create", "update", "patch"];

const ADMISSION: &str = "admissionregistration.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

pub(super) fn add_all<'o>(graph: &mut Graph<'_, 'o>, cluster: &Cluster<'o>, access: &Access<'o>) {
    let world = World::of(cluster);
    for (subject, scopes) in access.subjects() {
        let own = Own { node: Node::Subject(subject.clone()), access, grants: &scopes.cluster };
        everywhere(graph, &own, &world);
        impersonation(graph, &own, access);
        // Of no namespace: no RoleBinding gives it.
        let volumes = own.can(&["create"], "", "persistentvolumes", "");
        volumes_with_host_paths(graph, &own, volumes);
        for (namespace, grants) in &scopes.namespaces {
            let all: Vec<usize> = grants.iter().chain(&scopes.cluster).copied().collect();
            let own = Own { node: own.node.clone(), access, grants: &all };
            volumes_with_host_paths(graph, &own, volumes);
            inside(graph, &own, namespace, &world);
            named_accounts(graph, &own, grants, namespace, &world);
        }
    }
    without_rights(graph, access, &world);
}

/// A subject, and grants of it that hold in the scope that is looked at.
struct Own<'a, 'o> {
    node: Node,
    access: &'a Access<'o>,
    grants: &'a [usize],
}

impl<'a, 'o> Own<'a, 'o> {
    /// The first of some verbs that is allowed on any object of a resource.
    fn can(
        &self,
        verbs: &[&'static str],
        group: &str,
        resource: &str,
        subresource: &str,
    ) -> Option<Hit<'a, 'o>> {
        self.can_named(verbs, group, resource, subresource, "")
    }

    /// The same on an object of a name.
    fn can_named(
        &self,
        verbs: &[&'static str],
        group: &str,
        resource: &str,
        subresource: &str,
        name: &str,
    ) -> Option<Hit<'a, 'o>> {
        let target = Target::Resource { group, resource, subresource, namespace: "", name };
        verbs.iter().find_map(|verb| self.access.allows(self.grants, verb, target))
    }

    /// The same on some object at least, whatever its name.
    fn can_some(&self, verb: &'static str, group: &str, resource: &str) -> Option<Hit<'a, 'o>> {
        self.access.find(self.grants, verb, |rule| {
            let name = rule.resource_names.first().map(String::as_str).unwrap_or_default();
            let target = Target::Resource { group, resource, subresource: "", namespace: "", name };
            rule.allows(&Attributes { user: User { name: "", groups: &[] }, verb, target })
        })
    }

    fn makes_pods(&self) -> Option<(Hit<'a, 'o>, &'static str)> {
        POD_MAKERS.iter().find_map(|(group, resource)| {
            // Of Pods that are there, nothing that matters can be changed.
            let verbs: &[&'static str] = if *resource == "pods" { &["create"] } else { &MAKE };
            Some((self.can(verbs, group, resource, "")?, *resource))
        })
    }

    fn runs_commands(&self) -> Option<(Hit<'a, 'o>, &'static str)> {
        EXEC.iter()
            .find_map(|(subresource, verbs)| Some((self.can(verbs, "", "pods", subresource)?, *subresource)))
    }

    fn makes_tokens(&self) -> Option<Hit<'a, 'o>> {
        self.can(&["create"], "", "serviceaccounts", "token")
    }

    /// Who may create a Secret can ask for a token in it; who may also read it has the token.
    fn asks_for_tokens(&self) -> Option<Hit<'a, 'o>> {
        let hit = self.can(&["create"], "", "secrets", "")?;
        self.can(&READ, "", "secrets", "").map(|_| hit)
    }

    fn does_everything(&self) -> Option<Hit<'a, 'o>> {
        self.can(&["*"], "*", "*", "")
    }
}

/// Rights in the whole cluster.
fn everywhere<'o>(graph: &mut Graph<'_, 'o>, own: &Own<'_, 'o>, world: &World<'_, 'o>) {
    let admin = |graph: &mut Graph<'_, 'o>, hit: Option<Hit<'_, 'o>>, text: &str| {
        if let Some(hit) = hit {
            graph.by_right(&own.node, Node::Admin, hit, text);
        }
    };
    admin(graph, own.does_everything(), "may do everything in the cluster");
    let escalates = own.can(&["escalate"], GROUP, "clusterroles", "");
    let escalates = escalates.filter(|_| own.can(&CHANGE, GROUP, "clusterroles", "").is_some());
    admin(
        graph,
        escalates,
        "gives every right to a ClusterRole that it has (escalate and update clusterroles)",
    );
    let binds = own.can_named(&["bind"], GROUP, "clusterroles", "", "cluster-admin");
    let binds = binds.filter(|_| own.can(&MAKE, GROUP, "clusterrolebindings", "").is_some());
    admin(graph, binds, "binds itself to cluster-admin (bind clusterroles and create clusterrolebindings)");
    admin(
        graph,
        own.makes_tokens(),
        "makes a token of any ServiceAccount, those of kube-system included (create serviceaccounts/token)",
    );
    admin(
        graph,
        own.asks_for_tokens(),
        "makes a Secret with a token of any ServiceAccount, those of kube-system included, and reads it (create and read secrets)",
    );
    if let Some((hit, resource)) = own.makes_pods() {
        let text = format!(
            "runs Pods as any ServiceAccount, those of kube-system included ({} {resource})",
            hit.verb
        );
        admin(graph, Some(hit), &text);
    }
    if let Some((hit, subresource)) = own.runs_commands() {
        let text = format!("runs commands in any Pod, those of kube-system included (pods/{subresource})");
        admin(graph, Some(hit), &text);
    }
    let kubelet = own.can(&["create", "get"], "", "nodes", "proxy");
    admin(
        graph,
        kubelet,
        "runs commands in any Pod through the kubelet, unseen by audit and admission (nodes/proxy)",
    );
    let signs =
        own.can_named(&["approve"], CERTIFICATES, "signers", "", "kubernetes.io/kube-apiserver-client");
    let approves = own.can(&CHANGE, CERTIFICATES, "certificatesigningrequests", "approval");
    let requests = own.can(&["create"], CERTIFICATES, "certificatesigningrequests", "");
    admin(
        graph,
        approves.filter(|_| signs.is_some() && requests.is_some()),
        "approves its own certificate for any user, as for system:kube-controller-manager (certificatesigningrequests/approval)",
    );
    for resource in ["mutatingwebhookconfigurations", "mutatingadmissionpolicies"] {
        let hit = own.can(&MAKE, ADMISSION, resource, "");
        admin(graph, hit, "changes what others create on its way into the cluster (webhooks that mutate)");
    }
    if let Some(hit) = own.can(&READ, "", "secrets", "") {
        graph.by_right(&own.node, Node::Secrets(String::new()), hit, "reads the Secrets of all namespaces");
    }
    named_accounts(graph, own, own.grants, "", world);
}

/// Users, groups and ServiceAccounts that a subject may pass itself off as. A group goes only with a user.
/// Source: apiserver `pkg/endpoints/filters/impersonation`.
fn impersonation<'o>(graph: &mut Graph<'_, 'o>, own: &Own<'_, 'o>, access: &Access<'o>) {
    let users = own.can(&["impersonate"], "", "users", "");
    if let Some(hit) = users {
        let text = "passes itself off as any user, as system:kube-controller-manager (impersonate users)";
        graph.by_right(&own.node, Node::Admin, hit, text);
    }
    let somebody = own
        .can_some("impersonate", "", "users")
        .or_else(|| own.can_some("impersonate", "", "serviceaccounts"));
    if somebody.is_some() {
        let masters = own.can_named(&["impersonate"], "", "groups", "", "system:masters");
        if let Some(hit) = masters {
            let text = "passes itself off as a member of system:masters (impersonate groups)";
            graph.by_right(&own.node, Node::Admin, hit, text);
        }
    }
    if let Some(hit) = own.can(&["impersonate"], "", "serviceaccounts", "") {
        let text = "passes itself off as any ServiceAccount (impersonate serviceaccounts)";
        graph.by_right(&own.node, Node::Admin, hit, text);
    }
    for (resource, subject) in [("users", Subject::User as fn(String) -> Subject), ("groups", Subject::Group)]
    {
        for (name, hit) in access.named(own.grants, "impersonate", resource, "") {
            let other = subject(name.to_owned());
            if access.has_subject(&other) && somebody.is_some() {
                let text = format!("passes itself off as {other} (impersonate {resource})");
                graph.by_right(&own.node, Node::Subject(other), hit, text);
            }
        }
    }
}

/// Whoever makes a volume, a claim of it and a Pod that mounts it has the folder of the node.
fn volumes_with_host_paths<'o>(graph: &mut Graph<'_, 'o>, own: &Own<'_, 'o>, volumes: Option<Hit<'_, 'o>>) {
    let claims = || own.can(&["create"], "", "persistentvolumeclaims", "");
    if let Some(hit) = volumes.filter(|_| claims().is_some() && own.makes_pods().is_some()) {
        let text =
            "mounts any folder of a node by a PersistentVolume with hostPath (create persistentvolumes)";
        graph.by_right(&own.node, Node::Admin, hit, text);
    }
}

/// Rights in one namespace.
fn inside<'o>(graph: &mut Graph<'_, 'o>, own: &Own<'_, 'o>, namespace: &str, world: &World<'_, 'o>) {
    let lead = |graph: &mut Graph<'_, 'o>, to: fn(String) -> Node, hit: Option<Hit<'_, 'o>>, text: &str| {
        if let Some(hit) = hit {
            graph.by_right(&own.node, to(namespace.to_owned()), hit, text);
        }
    };
    let may = format!("may do everything in namespace {namespace}");
    lead(graph, Node::Namespace, own.does_everything(), &may);
    let escalates = own.can(&["escalate"], GROUP, "roles", "");
    let escalates = escalates.filter(|_| own.can(&CHANGE, GROUP, "roles", "").is_some());
    let text = format!("gives every right in namespace {namespace} to a Role (escalate and update roles)");
    lead(graph, Node::Namespace, escalates, &text);
    let binds = ["", "cluster-admin", "admin", "edit"];
    let binds = binds.iter().find_map(|role| own.can_named(&["bind"], GROUP, "clusterroles", "", role));
    let binds = binds.filter(|_| own.can(&MAKE, GROUP, "rolebindings", "").is_some());
    let text = format!(
        "binds itself to a ClusterRole in namespace {namespace} (bind clusterroles, create rolebindings)"
    );
    lead(graph, Node::Namespace, binds, &text);
    let text = format!(
        "makes a token of any ServiceAccount of namespace {namespace} (create serviceaccounts/token)"
    );
    lead(graph, Node::Accounts, own.makes_tokens(), &text);
    if let Some((hit, resource)) = own.makes_pods() {
        let text =
            format!("runs Pods as any ServiceAccount of namespace {namespace} ({} {resource})", hit.verb);
        lead(graph, Node::Accounts, Some(hit), &text);
    }
    let text = format!(
        "makes a Secret with a token of any ServiceAccount of namespace {namespace} (create and read secrets)"
    );
    lead(graph, Node::Accounts, own.asks_for_tokens(), &text);
    let impersonates = own.can(&["impersonate"], "", "serviceaccounts", "");
    let text = format!(
        "passes itself off as any ServiceAccount of namespace {namespace} (impersonate serviceaccounts)"
    );
    lead(graph, Node::Accounts, impersonates, &text);
    if let Some((hit, subresource)) = own.runs_commands() {
        let text = format!("runs commands in any Pod of namespace {namespace} (pods/{subresource})");
        lead(graph, Node::Pods, Some(hit), &text);
    }
    let text = format!("reads the Secrets of namespace {namespace} (get secrets)");
    lead(graph, Node::Secrets, own.can(&READ, "", "secrets", ""), &text);
    node_access(graph, own, namespace, world);
}

/// ServiceAccounts of which a subject may make a token, or be, by name; and tokens in Secrets that it may read by name.
/// Without a namespace, those of all.
fn named_accounts<'o>(
    graph: &mut Graph<'_, 'o>,
    own: &Own<'_, 'o>,
    grants: &[usize],
    namespace: &str,
    world: &World<'_, 'o>,
) {
    let is_here = |other: &str| namespace.is_empty() || namespace == other;
    for (verb, subresource) in [("create", "token"), ("impersonate", "")] {
        for (name, hit) in own.access.named(grants, verb, "serviceaccounts", subresource) {
            let accounts = world.accounts.get(name).into_iter().flatten();
            for account in accounts.filter(|account| is_here(account.namespace)) {
                let text = match subresource {
                    "" => format!("passes itself off as {} (impersonate serviceaccounts)", account.title()),
                    _ => format!("makes a token of {} (create serviceaccounts/token)", account.title()),
                };
                let to = Node::Subject(Subject::account(account.namespace, account.name));
                graph.by_right(&own.node, to, hit, text);
            }
        }
    }
    for (name, hit) in READ.iter().flat_map(|verb| own.access.named(grants, verb, "secrets", "")) {
        let tokens = world.of_secrets.get(name).into_iter().flatten();
        for (subject, secret) in tokens.filter(|(_, secret)| is_here(secret.namespace)) {
            let text = format!("reads the token of {subject} in {} ({} secrets)", secret.title(), hit.verb);
            graph.by_right(&own.node, Node::Subject(subject.clone()), hit, text);
        }
    }
}

/// Pods that take over their node, where no Pod Security Standard is enforced or where that can be changed.
fn node_access<'o>(graph: &mut Graph<'_, 'o>, own: &Own<'_, 'o>, namespace: &str, world: &World<'_, 'o>) {
    let Some((hit, resource)) = own.makes_pods() else { return };
    let text = |why: &str| {
        format!(
            "runs privileged Pods on any node from namespace {namespace}, {why} ({} {resource})",
            hit.verb
        )
    };
    if world.is_unrestricted(namespace).is_some() {
        graph.by_right(&own.node, Node::Admin, hit, text("which enforces no Pod Security Standard"));
    } else if own.can_named(&CHANGE, "", "namespaces", "", namespace).is_some() {
        graph.by_right(&own.node, Node::Admin, hit, text("whose labels it may change"));
    }
}
