//! Policies that the command carries, and tests of policies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Folder, POD, policy};

const PRIVILEGED: &str = "object.spec.containers.all(c, !c.?securityContext.privileged.orValue(false))";
const CLEAN: &str =
    "{apiVersion: v1, kind: Pod, metadata: {name: clean}, spec: {containers: [{name: a, image: a}]}}";

fn expected(cases: &str) -> String {
    format!("apiVersion: kordon.dev/v1alpha1\nkind: PolicyTests\ncases:\n{cases}")
}

#[test]
fn packs_need_no_files_and_give_way_to_what_a_user_has() {
    let folder = Folder::new(&[("pod.yaml", POD)]);
    let report = folder.json(&["--pack", "no-privileged-containers", "pod.yaml"]);
    assert_eq!(report["findings"][0]["policy"], "no-privileged-containers");
    assert_eq!(report["summary"]["warnings"], 0);
    let report = folder.json(&["-p", "pack:workload", "--severity", "critical", "pod.yaml"]);
    let names: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["policy"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["no-privileged-containers"]);
    // The same policy, edited: it counts once.
    let exported = folder.run(&["export", "no-privileged-containers", "--action", "warn"]).out;
    folder.write("mine.yaml", exported.as_bytes());
    let report = folder.json(&["--pack", "no-privileged-containers", "-p", "mine.yaml", "pod.yaml"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["findings"][0]["action"], "warn");
}

#[test]
fn params_of_packs_give_way_too() {
    let params = "{apiVersion: v1, kind: ConfigMap, metadata: {name: allowed-registries, namespace: kordon}, data: {registries: registry.corp/}}";
    let folder = Folder::new(&[("params.yaml", params), ("pod.yaml", POD)]);
    let report = folder.json(&["--pack", "allowed-registries", "-p", "params.yaml", "pod.yaml"]);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("docker.io/two") && !message.contains("registry.corp/one"), "{message}");
}

#[test]
fn unknown_packs_are_errors() {
    let folder = Folder::new(&[("pod.yaml", POD)]);
    let ended = folder.run(&["check", "--pack", "nothing", "pod.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("no pack and no policy is named `nothing`"), "{}", ended.err);
    assert_eq!(folder.run(&["explain", "nothing"]).code, 2);
}

#[test]
fn policies_are_listed_and_explained() {
    let folder = Folder::new(&[]);
    let list = folder.run(&["list", "--control", "cis-5.2.2"]).out;
    assert!(list.starts_with("workload/no-privileged-containers"), "{list}");
    let list: serde_json::Value =
        serde_json::from_str(&folder.run(&["list", "-o", "json", "workload"]).out).unwrap();
    assert!(list["policies"].as_array().unwrap().iter().all(|policy| policy["pack"] == "workload"));
    let text = folder.run(&["explain", "no-privileged-containers"]).out;
    assert!(text.contains("## Why it matters") && text.contains("CIS 5.2.2"), "{text}");
}

#[test]
fn findings_lead_to_their_explanation() {
    let folder = Folder::new(&[("pod.yaml", POD)]);
    let arguments = ["check", "--pack", "no-privileged-containers", "pod.yaml"];
    let out = folder.run(&arguments).out;
    assert!(
        out.ends_with("\n`kordon explain no-privileged-containers` tells why, and how to fix it\n"),
        "{out}"
    );
    let sarif = folder.run(&[&arguments[..], &["-o", "sarif"]].concat()).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["shortDescription"]["text"], "Containers must not be privileged.");
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Fix"));
    assert!(rule["properties"]["tags"].as_array().unwrap().contains(&"CIS 5.2.2".into()));
}

#[test]
fn tests_pass_fail_and_are_never_empty() {
    let folder = Folder::new(&[
        ("p/policy.yaml", &policy("privileged", PRIVILEGED, "")),
        ("p/testdata/pass/clean.yaml", CLEAN),
        ("p/testdata/fail/pod.yaml", POD),
    ]);
    let ended = folder.run(&["test"]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (0, "1 policies, 2 tests: 2 passed, 0 failed; 1 of 1 validations seen true and false\n")
    );
    // Denials without expected messages are not enough for strict.
    let ended = folder.run(&["test", "--strict"]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("no messages in tests.yaml"), "{}", ended.out);
    let messages = "- {file: fail/pod.yaml, messages: [privileged says no], paths: ['spec.containers[1].securityContext.privileged']}\n";
    folder.write("p/testdata/tests.yaml", expected(messages).as_bytes());
    assert_eq!(folder.run(&["test", "--strict"]).code, 0);
    folder
        .write("p/testdata/tests.yaml", expected("- {file: fail/pod.yaml, messages: [other]}\n").as_bytes());
    let ended = folder.run(&["test"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.out.contains("    other\n") && ended.out.contains("    privileged says no\n"),
        "{}",
        ended.out
    );
    assert_eq!(folder.run(&["test", "p/testdata/pass"]).code, 2);
}

#[test]
fn a_test_that_the_policy_never_sees_fails() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}";
    let folder = Folder::new(&[
        ("p/policy.yaml", &policy("privileged", PRIVILEGED, "")),
        ("p/testdata/pass/service.yaml", service),
        ("p/testdata/fail/clean.yaml", CLEAN),
        ("p/testdata/skip/service.yaml", service),
    ]);
    let ended = folder.run(&["test", "p"]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("testdata/pass/service.yaml\n  the policy never sees it"), "{}", ended.out);
    assert!(ended.out.contains("testdata/fail/clean.yaml\n  not denied"), "{}", ended.out);
    assert!(!ended.out.contains("skip/"), "{}", ended.out);
    assert!(ended.out.contains("was never false"), "{}", ended.out);
}

#[test]
fn misspelt_fields_errors_and_missing_files_fail_tests() {
    let misspelt = CLEAN.replace("name: a,", "name: a, imagePullPolice: Never,");
    let folder = Folder::new(&[
        ("p/policy.yaml", &policy("replicas", "object.spec.replicas > 1", "")),
        ("p/testdata/pass/misspelt.yaml", &misspelt),
        ("p/testdata/fail/error.yaml", CLEAN),
        ("p/testdata/tests.yaml", &expected("- {file: fail/nowhere.yaml}\n")),
    ]);
    let report: serde_json::Value = serde_json::from_str(&folder.run(&["test", "-o", "json"]).out).unwrap();
    let suite = &report["suites"][0];
    let all = suite.to_string();
    assert_eq!(report["summary"]["failed"], 2);
    assert!(all.contains("unknown field"), "{all}");
    assert!(all.contains("denied by an error"), "{all}");
    assert!(all.contains("names `fail/nowhere.yaml`, which is not there"), "{all}");
}

#[test]
fn testdata_is_no_part_of_the_policies() {
    let folder = Folder::new(&[
        ("p/policy.yaml", &policy("privileged", PRIVILEGED, "")),
        ("p/testdata/fail/broken.yaml", "kind: ["),
        ("pod.yaml", POD),
    ]);
    let report = folder.json(&["-p", "p", "pod.yaml"]);
    assert_eq!((&report["summary"]["files"], &report["summary"]["errors"]), (&2.into(), &0.into()));
}
