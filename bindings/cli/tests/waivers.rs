//! What is found and does not count: waived, or known before.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Folder, POD, policy};

const WAIVERS: &str = "\
apiVersion: kordon.dev/v1alpha1
kind: Waivers
waivers:
- policy: p
  selector: {namespace: default, kind: Pod, name: web}
  reason: \"moves in <spring>\"
  owner: team@example.com
  expires: 2027-03-31
";

fn folder() -> Folder {
    Folder::new(&[
        ("p.yaml", &policy("p", "!object.spec.?hostNetwork.orValue(false)", "")),
        ("pod.yaml", POD),
        ("waivers.yaml", WAIVERS),
    ])
}

#[test]
fn what_is_waived_does_not_fail_and_is_shown_to_machines() {
    let folder = folder();
    let check = |more: &[&str]| {
        folder.run(
            &[&["check", "-p", "p.yaml", "--waivers", "waivers.yaml", "--now", "2026-11-25"], more].concat(),
        )
    };
    let ended = check(&["pod.yaml"]);
    let expected = "1 object checked against 1 policy: no findings, 1 waived\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, expected, ""));
    let json: serde_json::Value = serde_json::from_str(&check(&["-o", "json", "pod.yaml"]).out).unwrap();
    assert_eq!((&json["summary"]["findings"], &json["summary"]["waived"]), (&0.into(), &1.into()));
    let suppressed = serde_json::json!({
        "by": "waiver", "reason": "moves in <spring>", "owner": "team@example.com", "expires": "2027-03-31",
    });
    assert_eq!(json["findings"][0]["suppressed"], suppressed);
    let sarif: serde_json::Value = serde_json::from_str(&check(&["-o", "sarif", "pod.yaml"]).out).unwrap();
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["status"]), (&"external".into(), &"accepted".into()));
    assert!(suppression["justification"].as_str().unwrap().contains("moves in <spring>"));
    assert_eq!(check(&["-o", "github", "pod.yaml"]).out, "");
    assert!(check(&["-o", "junit", "pod.yaml"]).out.contains("skipped=\"1\""));
    assert!(check(&["-o", "html", "pod.yaml"]).out.contains("moves in &lt;spring&gt;"));
    assert!(check(&["-o", "markdown", "pod.yaml"]).out.starts_with("## kordon: no findings, 1 waived\n"));
    assert!(check(&["-o", "openreports", "pod.yaml"]).out.contains("result: skip"));
}

#[test]
fn an_expired_waiver_lets_the_finding_stand() {
    let folder = folder();
    let ended = folder.run(&[
        "check",
        "-p",
        "p.yaml",
        "--waivers",
        "waivers.yaml",
        "--now",
        "2027-04-01",
        "pod.yaml",
    ]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.starts_with("deny[p]: "), "{}", ended.out);
    assert!(
        ended
            .err
            .contains("waivers.yaml:4:3: the waiver of policy `p` expired on 2027-03-31: 1 finding stands"),
        "{}",
        ended.err
    );
}

#[test]
fn annotations_waive_unless_they_may_not() {
    let annotated = POD.replace(
        "  name: web\n",
        "  name: web\n  annotations: {kordon.dev/waive: p, kordon.dev/waive-reason: node agent}\n",
    );
    let folder = folder();
    folder.write("pod.yaml", annotated.as_bytes());
    let ended = folder.run(&["check", "-p", "p.yaml", "pod.yaml"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let ended = folder.run(&["check", "-p", "p.yaml", "--no-waive-annotations", "pod.yaml"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
}

#[test]
fn a_broken_waiver_is_an_error() {
    let folder = folder();
    folder.write("waivers.yaml", WAIVERS.replace("reason", "reasons").as_bytes());
    let ended = folder.run(&["check", "-p", "p.yaml", "--waivers", "waivers.yaml", "pod.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains(" --> waivers.yaml:6:3\n"), "{}", ended.err);
    let ended = folder.run(&["check", "-p", "p.yaml", "--waivers", "nowhere.yaml", "pod.yaml"]);
    assert!(ended.code == 2 && ended.err.contains("nowhere.yaml: "), "{}", ended.err);
}

#[test]
fn only_what_is_new_fails_beside_a_baseline() {
    let folder = folder();
    let write = folder.run(&["check", "-p", "p.yaml", "--write-baseline", "known.yaml", "pod.yaml"]);
    assert_eq!(write.code, 0);
    assert!(write.out.starts_with("deny[p]: "), "{}", write.out);
    let check =
        |more: &[&str]| folder.run(&[&["check", "-p", "p.yaml", "--baseline", "known.yaml"], more].concat());
    let ended = check(&["pod.yaml"]);
    let expected = "1 object checked against 1 policy: no findings, 1 in the baseline\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, expected, ""));
    // Lines may move, and other objects are new.
    let moved = POD.replace("metadata:\n", "# moved\n\nmetadata:\n  annotations: {a: b}\n");
    folder.write("pod.yaml", format!("{}\n---\n{moved}", POD.replace("name: web", "name: other")).as_bytes());
    let ended = check(&["pod.yaml"]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("Pod default/other: spec.hostNetwork"), "{}", ended.out);
    assert!(ended.out.ends_with("1 finding in 1 object, 1 in the baseline\n"), "{}", ended.out);
    // What is mended is told.
    folder.write("pod.yaml", POD.replace("hostNetwork: true", "hostNetwork: false").as_bytes());
    let ended = check(&["pod.yaml"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, "note: 1 findings of the baseline are gone\n"));
}

#[test]
fn a_broken_baseline_is_an_error() {
    let folder = folder();
    folder.write("known.yaml", b"apiVersion: kordon.dev/v1alpha1\nkind: Baseline\nfindings:\n- {print: a}\n");
    let ended = folder.run(&["check", "-p", "p.yaml", "--baseline", "known.yaml", "pod.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("unknown field `findings[0].print`\n --> known.yaml:4:4\n"), "{}", ended.err);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "--baseline", "none.yaml", "pod.yaml"]).code, 2);
}
