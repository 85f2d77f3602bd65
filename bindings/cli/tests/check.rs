//! The command as users and CI run it: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

fn kordon(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_kordon")).args(arguments).current_dir(root).output().unwrap()
}

fn ending(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

const PUBLIC: &str = "policies/network/no-public-service";

#[test]
fn the_example_shop_is_denied_with_places() {
    let (code, out, _) = ending(&kordon(&["check", "-p", "policies", "examples/"]));
    assert_eq!(code, 1);
    assert!(out.contains("--> examples/shop/payments.yaml:"), "{out}");
    assert!(out.contains("8 objects checked against "), "{out}");
    // What is as it should be.
    assert!(!out.contains("shop/web"), "{out}");
    let (_, carried, _) = ending(&kordon(&["check", "--pack", "all", "examples/"]));
    // Of policies that are named it is told which matched nothing.
    let out = out.replace(", 4 warnings", "");
    assert!(out == carried, "the policies in the binary are those of the folder");
}

#[test]
fn json_and_sarif_are_for_machines() {
    let (_, out, _) = ending(&kordon(&["check", "-o", "json", "-p", "policies", "examples/"]));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["summary"]["objects"], 8);
    let (_, out, _) = ending(&kordon(&["check", "-o", "sarif", "-p", "policies", "examples/"]));
    let log: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        log["runs"][0]["results"].as_array().unwrap().len(),
        report["findings"].as_array().unwrap().len()
    );
}

#[test]
fn missing_paths_and_missing_policies_are_broken_not_clean() {
    let (code, _, problems) = ending(&kordon(&["check", "-p", "nowhere", "examples/"]));
    assert_eq!(code, 2);
    assert!(problems.contains("no such file or folder: nowhere"), "{problems}");
}

#[test]
fn broken_documents_hide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifests = String::new();
    for number in 0..2_000 {
        manifests.push_str(&format!(
            "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: s{number}\nspec:\n  type: LoadBalancer\n"
        ));
    }
    manifests.push_str("---\nkind: [\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: last}\n");
    let file = folder.path().join("all.yaml");
    std::fs::write(&file, manifests).unwrap();
    let (code, out, _) = ending(&kordon(&["check", "-o", "json", "-p", PUBLIC, file.to_str().unwrap()]));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 2);
    assert_eq!(report["summary"]["objects"], 2_001);
    assert_eq!(report["findings"].as_array().unwrap().len(), 2_000);
    let broken: Vec<&serde_json::Value> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["severity"] == "error")
        .collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0]["line"].as_u64() >= Some(14_000), "{broken:?}");
}

#[test]
fn misspelt_policy_fields_are_errors_with_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    let policy = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/network/no-public-service/policy.yaml"),
    );
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, policy.unwrap().replacen("validations:", "validation:", 1)).unwrap();
    let (code, _, problems) = ending(&kordon(&["check", "-p", file.to_str().unwrap(), "examples/"]));
    assert_eq!(code, 2);
    assert!(problems.contains("did you mean `validations`?"), "{problems}");
}
