//! Questions about the roles and bindings among files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder};

const ROLES: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: debugger, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods/exec], verbs: [create]}
- {apiGroups: [''], resources: [configmaps], resourceNames: [flags], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: debuggers, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: debugger}
subjects:
- {kind: ServiceAccount, name: web}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: viewers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: dev}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: metrics, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
";

fn asked(arguments: &[&str]) -> Ended {
    let folder = Folder::new(&[("roles.yaml", ROLES)]);
    folder.run(&[arguments, &["roles.yaml"]].concat())
}

#[test]
fn subjects_are_told_with_binding_role_and_place() {
    let Ended { code, out, err } = asked(&["who-can", "create", "po", "--subresource", "exec", "-n", "shop"]);
    let expected = "\
SUBJECT                  BINDING                     ROLE                PLACE
ServiceAccount shop/web  RoleBinding shop/debuggers  Role shop/debugger  roles.yaml:5:3
User ann                 RoleBinding shop/debuggers  Role shop/debugger  roles.yaml:5:3
";
    assert_eq!((code, out.as_str(), err.as_str()), (0, expected, ""));
    let nobody = asked(&["who-can", "create", "pods", "--subresource", "exec"]).out;
    assert_eq!(nobody, "nobody can create pods/exec in namespace default\n");
    let all = asked(&["who-can", "create", "pods", "--subresource", "exec", "-A"]).out;
    assert_eq!(all, expected);
}

#[test]
fn roles_that_are_built_in_count_with_their_aggregation() {
    let out = asked(&["who-can", "list", "deployments.v1.apps"]).out;
    assert!(
        out.ends_with("Group dev  ClusterRoleBinding viewers  ClusterRole view  roles.yaml:20:12\n"),
        "{out}"
    );
    let out = asked(&["who-can", "get", "/metrics"]).out;
    assert!(out.ends_with("ClusterRole view  roles.yaml:25:9\n"), "{out}");
    assert_eq!(asked(&["who-can", "get", "secrets"]).out, "nobody can get secrets in namespace default\n");
}

#[test]
fn names_of_objects_count() {
    let out = asked(&["who-can", "get", "cm/flags", "-n", "shop"]).out;
    assert!(out.contains("User ann") && out.contains("Group dev"), "{out}");
    let out = asked(&["who-can", "get", "cm/other", "-n", "shop", "-o", "json"]).out;
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["allowed"].as_array().unwrap().len(), 1);
    assert_eq!(answer["allowed"][0]["subject"]["name"], "dev");
    assert_eq!(answer["asked"]["resource"], "configmaps");
}

#[test]
fn unknown_types_are_warned_of_and_missing_files_are_errors() {
    let Ended { code, err, .. } = asked(&["who-can", "get", "wodgets"]);
    assert!(code == 0 && err.contains("no resource is named `wodgets`"), "{err}");
    assert_eq!(Folder::new(&[]).run(&["who-can", "get", "pods", "nowhere"]).code, 2);
}

#[test]
fn one_user_is_answered_as_kubectl_auth_does() {
    let web = "system:serviceaccount:shop:web";
    let Ended { code, out, .. } =
        asked(&["can-i", "create", "pods", "--subresource", "exec", "-n", "shop", "--as", web]);
    let expected = "yes - RBAC: allowed by RoleBinding \"debuggers/shop\" of Role \"debugger\" to ServiceAccount \"web/shop\"\n";
    assert_eq!((code, out.as_str()), (0, expected));
    let Ended { code, out, .. } = asked(&["can-i", "create", "pods", "--as", web, "-n", "shop"]);
    assert_eq!((code, out.as_str()), (1, "no\n"));
    assert_eq!(asked(&["can-i", "get", "pods", "-A", "--as", "ann", "--as-group", "dev"]).code, 0);
}
