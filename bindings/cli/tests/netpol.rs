//! `kordon netpol` and the rules of the pack cluster-network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::{Ended, Folder};

const OBJECTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
";

const POLICY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
";

fn folder() -> Folder {
    Folder::new(&[("objects.yaml", OBJECTS), ("policy.yaml", POLICY)])
}

#[test]
fn connections_are_listed_with_what_policies_cover() {
    let Ended { code, out, err } = folder().run(&["netpol", "objects.yaml", "policy.yaml"]);
    assert_eq!(
        (code, out.as_str()),
        (
            0,
            "\
external             ->  shop/Deployment/web  all
shop/Deployment/web  ->  external             all
shop/Deployment/web  ->  shop/db              TCP 5432
shop/db              ->  external             all
shop/db              ->  shop/Deployment/web  all
namespace shop: ingress 1 of 2 isolated; egress 0 of 2 isolated
"
        )
    );
    assert!(err.contains("warning[not-isolated]: objects.yaml:1:1: Deployment shop/web: no policy selects it for ingress or egress"), "{err}");
    let Ended { out, .. } = folder().run(&["netpol", "-o", "json", "objects.yaml", "policy.yaml"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        report["connections"][2],
        json!({"from": "shop/Deployment/web", "to": "shop/db", "connections": "TCP 5432"})
    );
    assert_eq!(report["connections"][0]["from"], json!({"external": ["0.0.0.0/0", "::/0"]}));
    let isolated = &report["coverage"]["namespaces"][0]["ingress"];
    assert_eq!(*isolated, json!({"isolated": 1}));
    let remark = &report["coverage"]["remarks"][1];
    assert_eq!((&remark["check"], &remark["file"]), (&json!("not-isolated"), &json!("objects.yaml")));
}

#[test]
fn a_question_names_who_decides() {
    let ask = |from: &str, port: &str| {
        let to = "shop/db";
        folder().run(&["netpol", "--from", from, "--to", to, "--port", port, "objects.yaml", "policy.yaml"])
    };
    let Ended { code, out, .. } = ask("shop/deploy/web", "5432");
    let wanted = "allowed
  egress: no policy selects shop/Deployment/web for egress
  ingress: NetworkPolicy shop/db allows it: spec.ingress[0]
";
    assert_eq!((code, out.as_str()), (0, wanted));
    let Ended { code, out, .. } = ask("10.0.0.1", "5432");
    let wanted = "denied
  egress: no policy applies outside of the cluster
  ingress: isolated by NetworkPolicy shop/db, and no rule allows it
";
    assert_eq!((code, out.as_str()), (1, wanted));
    let Ended { code, out, err } = ask("shop/web", "pg");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("shop/db has no TCP port named `pg`"), "{err}");
}

#[test]
fn what_would_change_is_told() {
    let folder = folder();
    let Ended { code, out, .. } = folder.run(&["netpol", "--apply", "policy.yaml", "objects.yaml"]);
    let wanted = "\
- external  ->  shop/db  all
- shop/Deployment/web  ->  shop/db  SCTP 1-65535, TCP 1-5431,5433-65535, UDP 1-65535
";
    assert_eq!((code, out.as_str()), (1, wanted));
    folder.write("after/objects.yaml", OBJECTS.replace("db", "cache").as_bytes());
    let Ended { code, out, .. } = folder.run(&["netpol", "--diff", "objects.yaml", "after"]);
    assert_eq!((code, out.as_str()), (1, "  shop/cache is new\n  shop/db is gone\n"));
    let Ended { code, out, .. } = folder.run(&["netpol", "--diff", "objects.yaml", "objects.yaml"]);
    assert_eq!((code, out.as_str()), (0, "nothing changes\n"));
}

#[test]
fn rules_of_the_pack_join_a_check() {
    let folder = folder();
    folder.write("policy.yaml", POLICY.replace("{app: db}", "{app: bd}").as_bytes());
    let report = folder.json(&["--pack", "cluster-network", "objects.yaml", "policy.yaml"]);
    let findings: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}", finding["policy"], finding["object"]).replace('"', ""))
        .collect();
    assert_eq!(
        findings,
        [
            "namespace-default-deny Deployment shop/web",
            "pod-isolated Deployment shop/web",
            "pod-isolated Pod shop/db",
            "network-policy-selects-pods NetworkPolicy shop/db",
        ]
    );
}

#[test]
fn batches_answer_line_by_line() {
    let objects = json!([
        {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "deny"}, "spec": {"podSelector": {}}},
    ]);
    let ask = |id: u32, query: Value| json!({"id": id, "objects": objects, "queries": [query]}).to_string();
    let mut lines = vec![
        ask(1, json!({"from": "default/a", "to": "default/b", "port": 80})),
        ask(2, json!({"from": "default/a", "to": "default/c", "port": 80})),
        ask(3, json!({"from": "default/a", "to": "default/b", "port": 0})),
        ask(4, json!({"from": "default/a", "to": "default/b", "port": 80, "protocol": "ICMP"})),
        ask(5, json!({"from": "default/a", "to": "8.8.8.8"})),
    ];
    lines.push(json!({"id": 6, "objects": [{"metadata": {"name": "a"}}]}).to_string());
    lines.push(
        json!({"id": 7, "objects": objects, "before": [], "connections": true, "coverage": true}).to_string(),
    );
    let Ended { code, out, .. } = folder().run_with(&["batch", "netpol"], &lines.join("\n"));
    assert_eq!(code, 0);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = &answers[0]["answers"][0];
    assert_eq!(first["allowed"], false);
    assert_eq!(first["ingress"]["policies"], json!(["NetworkPolicy default/deny"]));
    assert_eq!(first["ingress"]["reason"], "isolated by NetworkPolicy default/deny, and no rule allows it");
    assert_eq!(
        first["egress"],
        json!({"allowed": true, "reason": "no policy selects default/a for egress", "policies": [], "rules": []})
    );
    let errors = [
        "queries[0]: to: no Pod or workload `c` in namespace `default` among the objects",
        "queries[0]: port: must be between 1 and 65535, inclusive",
        "queries[0]: unknown protocol `ICMP`: TCP, UDP or SCTP",
    ];
    for (answer, error) in answers[1..4].iter().zip(errors) {
        assert_eq!(answer["inputError"], error);
    }
    assert_eq!(answers[4]["answers"][0]["connections"], "all");
    assert_eq!(answers[5]["inputError"], "objects[0]: no `apiVersion`");
    assert_eq!(answers[6]["connections"].as_array().unwrap().len(), 2);
    assert_eq!(answers[6]["difference"]["added"], json!(["default/a", "default/b"]));
    assert_eq!(answers[6]["coverage"]["policies"], 1);
}
