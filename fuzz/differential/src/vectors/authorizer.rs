//! `authorizer`, answered by RBAC objects.

use super::ask::Ask;
use serde_json::{Value, json};

const CHECKS: &[&str] = &[
    "authorizer.requestResource.check('create').allowed()",
    "authorizer.requestResource.check('delete').allowed()",
    "authorizer.group('').resource('configmaps').namespace('shop').check('create').allowed()",
    "authorizer.group('').resource('configmaps').check('create').allowed()",
    "authorizer.group('apps').resource('deployments').subresource('scale').namespace('shop').name('web').check('update').allowed()",
    "authorizer.group('apps').resource('deployments').subresource('scale').namespace('shop').name('db').check('update').allowed()",
    "authorizer.path('/healthz').check('get').allowed()",
    "authorizer.path('/metrics/x').check('get').allowed()",
    "authorizer.path('/other').check('get').allowed()",
    "authorizer.serviceAccount('shop', 'robot').group('').resource('secrets').namespace('shop').check('get').allowed()",
    "authorizer.serviceAccount('shop', 'other').group('').resource('secrets').namespace('shop').check('get').allowed()",
    "authorizer.serviceAccount('Bad_Name', 'x').group('').resource('secrets').check('get').allowed()",
    "authorizer.serviceAccount('shop', '').path('/healthz').check('get').allowed()",
    "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=a').check('list').allowed()",
    "authorizer.group('').resource('pods').fieldSelector('not a selector').labelSelector('app in (').check('list').allowed()",
    "authorizer.group('').resource('pods').labelSelector('app=web').check('list').errored()",
    "authorizer.requestResource.check('create').errored()",
    "authorizer.requestResource.check('create').error() == 'x'",
    "authorizer.requestResource.check('create').reason() == 'x'",
    "authorizer.requestResource.check('nothing').reason() == 'x'",
    "authorizer.path('').check('get').allowed()",
    "authorizer == authorizer",
    "authorizer.requestResource == authorizer.requestResource",
    "type(authorizer) == string",
];

fn objects() -> Value {
    let group = "rbac.authorization.k8s.io";
    let version = "rbac.authorization.k8s.io/v1";
    json!([
        {"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": "paths"}, "rules": [{"nonResourceURLs": ["/healthz", "/metrics/*"], "verbs": ["get"]}]},
        {"apiVersion": version, "kind": "ClusterRoleBinding", "metadata": {"name": "paths"}, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "paths"}, "subjects": [{"kind": "Group", "apiGroup": group, "name": "dev"}]},
        {"apiVersion": version, "kind": "Role", "metadata": {"name": "maps", "namespace": "shop"}, "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "update"]}, {"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["web"], "verbs": ["update"]}]},
        {"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "maps", "namespace": "shop"}, "roleRef": {"apiGroup": group, "kind": "Role", "name": "maps"}, "subjects": [{"kind": "User", "apiGroup": group, "name": "ann"}]},
        {"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": "secrets"}, "rules": [{"apiGroups": ["*"], "resources": ["secrets"], "verbs": ["*"]}]},
        {"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "robot", "namespace": "shop"}, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "secrets"}, "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "shop"}]},
        {"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "dangling", "namespace": "shop"}, "roleRef": {"apiGroup": group, "kind": "Role", "name": "gone"}, "subjects": [{"kind": "User", "apiGroup": group, "name": "bob"}]},
    ])
}

pub(super) fn all() -> Vec<Ask> {
    let users = [
        ("ann", json!({"username": "ann", "groups": ["system:authenticated"]})),
        ("bob", json!({"username": "bob", "groups": ["dev", "system:authenticated"]})),
        ("master", json!({"username": "root", "groups": ["system:masters"]})),
        ("nobody", json!({})),
    ];
    let mut asks = Vec::new();
    for (name, user) in users {
        for (rules, objects) in [("rbac", objects()), ("no-opinion", json!([]))] {
            asks.push(
                Ask::new(format!("{rules}/{name}"))
                    .expressions(CHECKS)
                    .field("rbac", objects)
                    .field("request", json!({"userInfo": user})),
            );
        }
    }
    let texts = [
        ("reason", "authorizer.requestResource.check('create').reason()"),
        ("error", "authorizer.requestResource.check('create').error()"),
    ];
    for (id, text) in texts {
        asks.push(
            Ask::new(format!("text/{id}"))
                .spec(json!({"variables": [{"name": "text", "expression": text}], "validations": [{"expression": "variables.text == 'x'", "messageExpression": "'it is ' + variables.text"}], "auditAnnotations": [{"key": "text", "valueExpression": text}]}))
                .field("rbac", objects())
                .field("request", json!({"userInfo": {"username": "ann"}})),
        );
    }
    let pod_exec = json!({"operation": "CONNECT", "name": "web", "namespace": "shop", "subResource": "exec", "resource": {"group": "", "version": "v1", "resource": "pods"}, "userInfo": {"username": "ann"}});
    asks.push(
        Ask::new("request-resource/subresource")
            .expressions(&[
                "authorizer.requestResource.check('create').allowed()",
                "authorizer.requestResource.check('create').reason() == 'x'",
            ])
            .field("object", json!({"apiVersion": "v1", "kind": "PodExecOptions"}))
            .field("request", pod_exec)
            .field("rbac", objects()),
    );
    asks
}
