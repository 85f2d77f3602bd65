//! Pods are held against the Pod Security Standards, when asked or when their namespaces ask.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder};

const OBJECTS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers: [{name: web, image: web, ports: [{containerPort: 80}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
        securityContext:
          privileged: true
";

fn namespace(labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n{labels}")
}

/// Action, check, path and line of all findings.
fn findings(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let report = folder.json(arguments);
    let text = |finding: &serde_json::Value| {
        let part = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {} {}", part("action"), part("policy"), part("path"), finding["line"])
    };
    report["findings"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn all_pods_are_held_against_the_level_that_is_asked_for() {
    let folder = Folder::new(&[("objects.yaml", OBJECTS)]);
    let Ended { code, out, err } = folder.run(&["check", "--pod-security", "baseline:v1.30", "objects.yaml"]);
    // The port of a pod on the host's network is a port of the host: a default is at fault.
    let expected = "\
deny[pod-security/hostNamespaces]: violates PodSecurity \"baseline:v1.30\": host namespaces (hostNetwork=true)
 --> objects.yaml:5:3
  |
5 |   hostNetwork: true
  |   ^^^^^^^^^^^^^^^^^
  = Pod shop/web: spec.hostNetwork
";
    assert!(out.starts_with(expected), "{out}");
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("note: `spec.containers[0].ports[0].hostPort` was defaulted to 80"), "{out}");
    assert_eq!(
        findings(&folder, &["--pod-security", "baseline", "--as", "written", "objects.yaml"]),
        [
            "deny pod-security/hostNamespaces spec.hostNetwork 5",
            "deny pod-security/privileged spec.template.spec.containers[0].securityContext.privileged 20",
        ]
    );
}

#[test]
fn labels_of_namespaces_count_as_in_a_cluster() {
    let labels = namespace("    pod-security.kubernetes.io/enforce: baseline\n");
    let folder = Folder::new(&[("objects.yaml", OBJECTS), ("shop.yaml", &labels)]);
    let expected = [
        "deny pod-security/hostNamespaces spec.hostNetwork 5",
        "deny pod-security/hostPorts spec.containers[0].ports[0].hostPort 6",
        "warn pod-security/privileged spec.template.spec.containers[0].securityContext.privileged 20",
    ];
    assert_eq!(findings(&folder, &["objects.yaml", "shop.yaml"]), expected);
    assert_eq!(findings(&folder, &["-p", "shop.yaml", "objects.yaml"]), expected);
    let found = findings(&folder, &["--pod-security", "privileged", "objects.yaml", "shop.yaml"]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn audit_adds_what_is_not_denied_yet() {
    let labels = "    pod-security.kubernetes.io/audit: restricted\n    pod-security.kubernetes.io/enforce: baseline\n";
    let folder = Folder::new(&[("objects.yaml", OBJECTS), ("shop.yaml", &namespace(labels))]);
    let found = findings(&folder, &["objects.yaml", "shop.yaml"]);
    let count = |action: &str| found.iter().filter(|line| line.starts_with(action)).count();
    assert_eq!((count("deny"), count("warn"), count("audit")), (2, 1, 8), "{found:#?}");
}

#[test]
fn an_invalid_label_is_refused_at_its_place() {
    let labels = namespace("    pod-security.kubernetes.io/warn: strict\n");
    let folder = Folder::new(&[("shop.yaml", &labels)]);
    let Ended { out, .. } = folder.run(&["check", "--pod-security", "baseline", "shop.yaml"]);
    let expected = "\
deny[pod-security/namespaceLabels]: Namespace \"shop\" is invalid: metadata.labels[pod-security.kubernetes.io/warn]: \
Invalid value: \"strict\": must be one of privileged, baseline, restricted
 --> shop.yaml:6:5
";
    assert!(out.starts_with(expected), "{out}");
}

#[test]
fn an_update_that_changes_no_image_is_let_through() {
    let folder = Folder::new(&[("objects.yaml", OBJECTS)]);
    folder.write(
        "new.yaml",
        OBJECTS.replace("name: web, image: web, ports", "name: web, image: next, ports").as_bytes(),
    );
    let run = |new: &str| {
        let arguments = ["--pod-security", "baseline", "--old-object", "objects.yaml", new];
        findings(&folder, &arguments).iter().filter(|line| line.contains("hostNamespaces")).count()
    };
    assert_eq!((run("objects.yaml"), run("new.yaml")), (0, 1));
}
