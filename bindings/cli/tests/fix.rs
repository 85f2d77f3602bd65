//! `kordon fix`: what is mended, what is not, and how that ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::Folder;

const DEPLOYMENT: &str = "\
# The shop.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true # for now
      containers:
      - name: web # the server
        image: web:1
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
";

const DIFF: &str = "\
--- a/web.yaml
+++ b/web.yaml
@@ -7,10 +7,11 @@
   template:
     metadata: {labels: {app: web}}
     spec:
-      hostNetwork: true # for now
       containers:
       - name: web # the server
         image: web:1
+        securityContext:
+          allowPrivilegeEscalation: false
 ---
 apiVersion: v1
 kind: ConfigMap
";

const PACKS: [&str; 4] = ["--pack", "no-host-namespaces", "--pack", "no-privilege-escalation"];

fn fix<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["fix"], &PACKS[..], more].concat()
}

#[test]
fn a_diff_first_and_then_the_files() {
    let folder = Folder::new(&[("web.yaml", DEPLOYMENT)]);
    let ended = folder.run(&fix(&["web.yaml"]));
    assert_eq!((ended.code, ended.out.as_str()), (1, DIFF), "{}", ended.err);
    assert_eq!(ended.err, "2 findings in 1 files can be mended, 0 are left to you\n");
    let read = || std::fs::read_to_string(folder.path().join("web.yaml")).unwrap();
    assert_eq!(read(), DEPLOYMENT, "nothing is written unless that is asked for");
    let ended = folder.run(&fix(&["--write", "web.yaml"]));
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert_eq!(ended.err, "2 findings in 1 files mended, 0 are left to you\n");
    let mended = DEPLOYMENT.replace("      hostNetwork: true # for now\n", "").replace(
        "image: web:1\n",
        "image: web:1\n        securityContext:\n          allowPrivilegeEscalation: false\n",
    );
    assert_eq!(read(), mended);
    let ended = folder.run(&fix(&["web.yaml"]));
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert_eq!(ended.err, "0 findings in 0 files can be mended, 0 are left to you\n");
    assert_eq!(folder.run(&["check", "--pack", "no-privilege-escalation", "web.yaml"]).code, 0);
}

#[test]
fn what_cannot_be_mended_is_told_with_its_reason() {
    let anchored =
        DEPLOYMENT.replace("      - name: web # the server\n", "      - &web\n        name: web\n");
    let folder = Folder::new(&[("web.yaml", &anchored), ("broken.yaml", "kind: [\n")]);
    let ended = folder.run(&fix(&["web.yaml"]));
    assert_eq!(ended.code, 1);
    let expected = "\
not mended: web.yaml:12: no-privilege-escalation: Deployment shop/web: the value has an anchor, others may refer to it
1 findings in 1 files can be mended, 1 are left to you
";
    assert_eq!(ended.err, expected);
    // What is broken does not keep the rest from being mended.
    let ended = folder.run(&fix(&["--write", "."]));
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("invalid-syntax") && ended.err.contains("1 findings in 1 files mended"),
        "{}",
        ended.err
    );
    assert_eq!(folder.run(&fix(&["-"])).code, 2);
}

#[test]
fn formats_for_programs_carry_fixes() {
    let folder = Folder::new(&[("web.yaml", DEPLOYMENT)]);
    let report = folder.json(&["--pack", "no-privilege-escalation", "web.yaml"]);
    let fix = serde_json::json!({
        "patch": [{
            "op": "add",
            "path": "/spec/template/spec/containers/0/securityContext",
            "value": {"allowPrivilegeEscalation": false},
        }],
        "edits": [{
            "startLine": 14,
            "endLine": 14,
            "text": "        securityContext:\n          allowPrivilegeEscalation: false\n",
        }],
    });
    assert_eq!(report["findings"][0]["fix"], fix);
    let ended = folder.run(&["check", "-o", "sarif", "--pack", "no-privilege-escalation", "web.yaml"]);
    let sarif: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let change = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "web.yaml");
    let region = serde_json::json!({"startLine": 14, "startColumn": 1, "endLine": 14, "endColumn": 1});
    assert_eq!(change["replacements"][0]["deletedRegion"], region);
}
