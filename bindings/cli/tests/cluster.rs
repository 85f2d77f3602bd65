//! Rules about several objects: chosen and told like policies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: app
    image: app
    envFrom: [{configMapRef: {name: settings}}]
";
const SETTINGS: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}";
const RULE: &str = "\
apiVersion: kordon.dev/v1alpha1
kind: ClusterRule
metadata: {name: config-map-exists}
spec: {validationActions: [Deny]}
";
const BINDINGS: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: ops}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployers, namespace: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: keeper}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: keeper, namespace: ops}]
";

fn policies(report: &serde_json::Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["policy"].as_str().unwrap()).collect()
}

#[test]
fn findings_have_their_place_and_their_explanation() {
    let folder = Folder::new(&[("pod.yaml", POD)]);
    let Ended { code, out, err } = folder.run(&["check", "--pack", "cluster-references", "pod.yaml"]);
    let expected = "\
warn[config-map-exists]: there is no ConfigMap settings in namespace shop among the inputs: add it, or correct the name
 --> pod.yaml:8:31
  |
8 |     envFrom: [{configMapRef: {name: settings}}]
  |                               ^^^^^^^^^^^^^^
  = Pod shop/web: spec.containers[0].envFrom[0].configMapRef.name

1 object checked against 13 policies: 1 finding in 1 object
`kordon explain config-map-exists` tells why, and how to fix it
";
    assert_eq!((code, out.as_str(), err.as_str()), (0, expected, ""));
    assert_eq!(
        folder.run(&["check", "--pack", "cluster-references", "--fail-on", "warn", "pod.yaml"]).code,
        1
    );
}

#[test]
fn what_is_there_is_found_in_other_files_and_in_context() {
    let folder = Folder::new(&[("pod.yaml", POD), ("settings.yaml", SETTINGS)]);
    let pack = ["--pack", "config-map-exists"];
    assert!(policies(&folder.json(&[&pack[..], &["pod.yaml"]].concat())).len() == 1);
    assert!(policies(&folder.json(&[&pack[..], &["settings.yaml", "pod.yaml"]].concat())).is_empty());
    assert!(policies(&folder.json(&[&pack[..], &["-p", "settings.yaml", "pod.yaml"]].concat())).is_empty());
    // What is only context is not checked itself, and what is deleted is not there.
    assert!(policies(&folder.json(&[&pack[..], &["-p", "pod.yaml", "settings.yaml"]].concat())).is_empty());
    assert!(policies(&folder.json(&[&pack[..], &["--operation", "DELETE", "pod.yaml"]].concat())).is_empty());
}

#[test]
fn severities_and_controls_choose_among_rules_too() {
    let folder = Folder::new(&[("all.yaml", BINDINGS)]);
    let pack = ["--pack", "cluster-rbac"];
    let found = |more: &[&str]| {
        let report = folder.json(&[&pack[..], more, &["all.yaml"]].concat());
        policies(&report).into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    let path = "no-path-to-cluster-admin";
    assert_eq!(found(&[]), [path, "binding-account-exists", path]);
    assert_eq!(found(&["--severity", "critical"]), [path, path]);
    assert_eq!(found(&["--control", "cis-5.1.1"]), [path, path]);
    assert_eq!(found(&["--control", "cis-5.2.2"]), Vec::<String>::new());
}

#[test]
fn a_rule_of_ones_own_takes_the_place_of_a_packs() {
    let folder = Folder::new(&[("pod.yaml", POD), ("rule.yaml", RULE)]);
    for arguments in [&["-p", "rule.yaml", "pod.yaml"][..], &["--pack", "all", "-p", "rule.yaml", "pod.yaml"]]
    {
        let report = folder.json(arguments);
        let findings = report["findings"].as_array().unwrap();
        let own = findings.iter().find(|finding| finding["policy"] == "config-map-exists").unwrap();
        assert_eq!(own["action"], "deny");
    }
}

#[test]
fn rules_are_found_among_the_files_to_check() {
    let folder = Folder::new(&[("all/pod.yaml", POD), ("all/rule.yaml", RULE)]);
    let report = folder.json(&["all"]);
    assert_eq!(policies(&report), ["config-map-exists"]);
    assert_eq!(
        (&report["summary"]["objects"], &report["summary"]["objectsWithFindings"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn rules_are_not_exported() {
    let folder = Folder::new(&[]);
    let Ended { code, out, err } = folder.run(&["export", "cluster-backup"]);
    assert!(code == 2 && out.is_empty() && err.contains("only rules about several objects"), "{err}");
    let all = folder.run(&["export", "all"]);
    assert!(all.code == 0 && !all.out.contains("ClusterRule"));
}

#[test]
fn misspelt_rules_are_errors() {
    let wrong = [
        (RULE.replace("config-map-exists", "config-map-exist"), "no rule is named `config-map-exist`"),
        (RULE.replace("validationActions", "validationAction"), "unknown field `validationAction`"),
        (RULE.replace("[Deny]", "[Refuse]"), "`validationActions` are some of Deny, Warn and Audit"),
    ];
    for (rule, expected) in wrong {
        let folder = Folder::new(&[("pod.yaml", POD), ("rule.yaml", &rule)]);
        let Ended { code, err, .. } = folder.run(&["check", "-p", "rule.yaml", "pod.yaml"]);
        assert!(code == 2 && err.contains(expected), "{err}");
    }
}

#[test]
fn steps_are_told_in_every_format() {
    let folder = Folder::new(&[("all.yaml", BINDINGS)]);
    let arguments = ["check", "--pack", "no-path-to-cluster-admin", "all.yaml"];
    let out = folder.run(&arguments).out;
    let steps = "\
  = 1: User ann runs Pods as any ServiceAccount of namespace ops (create deployments), by RoleBinding ops/deployers of Role ops/deployer (all.yaml:5:3)
  = 2: the ServiceAccounts of namespace ops, such as ServiceAccount ops/keeper
  = 3: ServiceAccount ops/keeper may do everything in the cluster, by ClusterRoleBinding keeper of ClusterRole cluster-admin (all.yaml:17:12)
";
    assert!(out.contains(steps), "{out}");
    let report = folder.json(&arguments[1..]);
    let related = report["findings"][0]["related"].as_array().unwrap();
    assert_eq!(
        (related.len(), &related[0]["line"], &related[1]["line"]),
        (3, &5.into(), &serde_json::Value::Null)
    );
    let sarif = folder.run(&[&arguments[..], &["-o", "sarif"]].concat()).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 2);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"], "9.5");
}
