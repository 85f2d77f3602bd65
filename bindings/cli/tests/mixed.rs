//! A folder of some thousand files of every sort, as repositories hold them: what is good is checked, what is broken
//! is told with its place, and nothing depends on luck.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const POLICIES: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few-replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations:
  - {expression: object.spec.replicas <= 5, message: at most five replicas}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: small-widgets}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [shop.example], apiVersions: [v1], operations: [CREATE], resources: [widgetry]}
  validations:
  - {expression: object.spec.size < 10, message: widgets are small}
";

/// The kind `Widget` under a plural that cannot be guessed.
const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgetry.shop.example}
spec:
  group: shop.example
  names: {kind: Widget, plural: widgetry}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
";

/// What must come of the folder.
#[derive(Default)]
struct Expected {
    objects: usize,
    /// `file:line:column`, in the order of printing.
    findings: Vec<String>,
    broken: Vec<String>,
    notes: usize,
}

fn deployment(name: &str, replicas: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicas: {replicas}\n"
    )
}

/// Writes one file of a sort and says what must come of it.
fn write(folder: &Path, number: usize, expected: &mut Expected) {
    let replicas = number % 10;
    let over = usize::from(replicas > 5);
    let name = format!("dir{:02}/f{number:05}", number / 100);
    let mut file = |extension: &str, bytes: &[u8], objects: usize, findings: &[&str], broken: &[&str]| {
        let shown = format!("{name}.{extension}");
        let path = folder.join(&shown);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        expected.objects += objects;
        expected.findings.extend(findings.iter().map(|place| format!("{shown}:{place}")));
        expected.broken.extend(broken.iter().map(|place| format!("{shown}:{place}")));
    };
    match number % 14 {
        0 => file("yaml", deployment("one", replicas).as_bytes(), 1, &["6:3"][..over], &[]),
        1 => {
            file("yaml", b"# Helm values\nreplicaCount: 9\nimage:\n  tag: \"\"\n", 0, &[], &[]);
            expected.notes += 1;
        }
        2 => {
            let widget =
                "---\napiVersion: shop.example/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 40}\n";
            let text = if number == 2 { format!("{DEFINITION}{widget}") } else { widget.to_owned() };
            let (objects, place) = if number == 2 { (2, "13:8") } else { (1, "5:8") };
            file("yml", text.as_bytes(), objects, &[place], &[]);
        }
        3 => {
            let item = |name: &str| {
                deployment(name, replicas).lines().fold(String::new(), |text, line| {
                    let lead = if line.starts_with("apiVersion") { "- " } else { "  " };
                    format!("{text}{lead}{line}\n")
                })
            };
            let text = format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item("a"), item("b"));
            file("yaml", text.as_bytes(), 2, &["9:5", "15:5"][..2 * over], &[]);
        }
        4 => {
            let text = format!(
                "# first\n---\n{}---\nkind: [Deployment\n---\n# nothing\n---\n\n---\n{}",
                deployment("a", replicas),
                deployment("b", replicas)
            );
            file("yaml", text.as_bytes(), 2, &["8:3", "21:3"][..2 * over], &["10:17"]);
        }
        5 => file("yaml", b"apiVersion: v1\nkind: ConfigMap\n\tmetadata: {}\n", 0, &[], &["3:1"]),
        6 => file("json", b"{\"apiVersion\": \"v1\",\n \"kind\": \"ConfigMap\",,}\n", 0, &[], &["2:22"]),
        7 => file("yaml", if number % 4 == 1 { b"" } else { b"# only\n---\n# comments\n" }, 0, &[], &[]),
        8 => file("yaml", b"\x7fELF\x02\x01\xff\xfe\x80\x90\n\x00\x00\n", 0, &[], &["1:7"]),
        9 => {
            let text = format!("\u{feff}{}", deployment("bom", replicas)).replace('\n', "\r\n");
            file("yaml", text.as_bytes(), 1, &["6:3"][..over], &[]);
        }
        10 => {
            let text = format!(
                "{{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {{\"name\": \"j\"}},\n \"spec\": {{\"replicas\": {replicas}}}}}\n"
            );
            file("json", text.as_bytes(), 1, &["2:11"][..over], &[]);
        }
        11 => {
            file("yaml", b"- just\n- a list\n", 0, &[], &[]);
            expected.notes += 1;
        }
        12 => file(
            "yaml",
            b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n",
            0,
            &[],
            &["4:10"],
        ),
        _ => {
            let mut bytes = deployment("latin", replicas).into_bytes();
            bytes.extend(b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n");
            file("yaml", &bytes, 1, &["6:3"][..over], &["10:21"]);
        }
    }
}

fn check(folder: &Path, format: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kordon"))
        .args(["check", "-p", "policies.yaml", "-o", format, "files"])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn places(items: &Value, severity: &str) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    let wanted = items.filter(|item| severity.is_empty() || item["severity"] == severity);
    wanted
        .map(|item| {
            let file = item["file"].as_str().unwrap().strip_prefix("files/").unwrap();
            format!("{file}:{}:{}", item["line"], item["column"])
        })
        .collect()
}

#[test]
fn thousands_of_mixed_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policies.yaml"), POLICIES).unwrap();
    let mut expected = Expected::default();
    for number in 0..4_200 {
        write(&folder.path().join("files"), number, &mut expected);
    }
    assert!(expected.objects > 2_500 && expected.findings.len() > 1_000 && expected.broken.len() > 1_500);
    let (code, out, err) = check(folder.path(), "json");
    assert_eq!(code, 2, "{err}");
    assert_eq!(err, "");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["summary"]["files"], 4_200 + 1);
    assert_eq!(report["summary"]["objects"], expected.objects);
    assert_eq!(report["summary"]["errors"], expected.broken.len());
    assert_eq!(report["summary"]["warnings"], 0);
    assert_eq!(report["summary"]["findings"], expected.findings.len());
    assert_eq!(places(&report["findings"], ""), expected.findings);
    assert_eq!(places(&report["problems"], "error"), expected.broken);
    assert_eq!(places(&report["problems"], "note").len(), expected.notes);
    assert_eq!(check(folder.path(), "json").1, out, "the same output twice");

    let (code, out, err) = check(folder.path(), "text");
    assert_eq!(code, 2);
    let last = format!(
        "{} objects checked against 2 policies: {} findings in {} objects, {} errors\n",
        expected.objects,
        expected.findings.len(),
        expected.findings.len(),
        expected.broken.len()
    );
    assert!(out.ends_with(&last), "{}", out.lines().last().unwrap());
    assert_eq!(err.matches("error[").count(), expected.broken.len());
    assert!(!err.contains("panic"), "{err}");
}
