//! The policies of this repository against cases of other projects, where those lie beside it. What comes of them is a
//! committed snapshot; `KORDON_BLESS=1` rewrites it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon_shared::{Options, Outcome, View, check, packs};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Checks of kube-linter, the policy that is about the same, and why it counts otherwise if it does.
const LINTER: &[(&str, &str, &str)] = &[
    ("access-to-secrets", "no-secret-access", ""),
    ("cluster-admin-role-binding", "no-cluster-admin", ""),
    ("docker-sock", "no-credential-paths", ""),
    ("duplicate-env-var", "no-duplicate-env", ""),
    ("env-var-secret", "no-secrets-in-env", ""),
    ("exposed-services", "no-public-service", ""),
    ("host-pid", "no-host-namespaces", ""),
    ("minimum-three-replicas", "several-replicas", ""),
    ("mismatching-selector", "matching-selector", "the selector of a DeploymentConfig is a plain map"),
    ("no-anti-affinity", "spread-replicas", ""),
    ("no-extensions-v1beta", "no-removed-apis", ""),
    ("no-read-only-root-fs", "read-only-root-filesystem", ""),
    ("pdb-unhealthy-pod-eviction-policy", "pdb-unhealthy-eviction", ""),
    ("privileged-container", "no-privileged-containers", ""),
    ("privileged-ports", "privileged-ports", ""),
    ("unsafe-proc-mount", "proc-mount", ""),
    ("unsafe-sysctls", "safe-sysctls", ""),
    ("unset-cpu-requirements", "resource-requests", ""),
];

/// Controls of Kubescape where the policy with its number decides otherwise on purpose.
const SCAPE: &[(&str, &str)] = &[
    (
        "C-0013",
        "only Kubescape asks for allowPrivilegeEscalation: false here, and it takes a user's number for runAsNonRoot",
    ),
    ("C-0020", "Kubescape looks for folders of one cloud provider, given as a param"),
    ("C-0034", "Kubescape wants the field on every ServiceAccount; here a Pod that needs a token may say so"),
    ("C-0045", "Kubescape lets folders be mounted read-only; here they are on a list too"),
    ("C-0055", "Kubescape is content with one of seccomp, AppArmor, SELinux or dropped capabilities"),
    ("C-0057", "Kubescape counts the capability SYS_ADMIN as privileged; here it is drop-capabilities'"),
    ("C-0074", "here a folder above the socket counts too"),
    (
        "C-0075",
        "Kubescape counts tags of letters only as mutable, and wants no version where images are always pulled",
    ),
    ("C-0195", "here one policy decides hostNetwork, hostPID and hostIPC"),
    ("C-0198", "Kubescape takes a user's number for runAsNonRoot"),
    ("C-0200", "here ALL must be dropped, and NET_BIND_SERVICE may be added"),
    ("C-0212", "Kubescape has more kinds, such as Lease, which Kubernetes itself writes there"),
    ("C-0225", "Kubescape lets pass what is labelled as built in, a label that anybody can set"),
    ("C-0262", "here system:authenticated counts as everybody too"),
    ("C-0280", "Kubescape counts `certificatesigningrequests/*`, which RBAC does not know"),
];

fn cases(name: &str) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("KORDON_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let text = std::fs::read_to_string(folder.join("cases").join(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What policies find in objects.
fn found(policies: &[&str], objects: &[Value], params: &str, view: View) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (file, params_file) = (folder.path().join("objects.yaml"), folder.path().join("params.yaml"));
    let texts: Vec<String> = objects.iter().map(ToString::to_string).collect();
    std::fs::write(&file, texts.join("\n---\n")).unwrap();
    std::fs::write(&params_file, params).unwrap();
    let mut paths: Vec<PathBuf> = policies.iter().map(|name| format!("pack:{name}").into()).collect();
    if !params.is_empty() {
        paths.push(params_file);
    }
    check(&Options { policies: paths, files: vec![file], view, ..Options::default() })
}

fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("KORDON_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default(), "`KORDON_BLESS=1` accepts");
}

/// How many objects a policy denies, beside how many kube-linter reports.
#[test]
fn kube_linter() {
    let cases = cases("lint-kubelinter.shown.jsonl");
    if cases.is_empty() {
        return;
    }
    let params = "{apiVersion: v1, kind: ConfigMap, metadata: {name: several-replicas, namespace: kordon}, \
                  data: {minimum: '3'}}";
    let (mut lines, mut same, mut ours) = (String::new(), 0, 0);
    for case in &cases {
        let check = case["check"].as_str().unwrap();
        let Some((_, policy, reason)) = LINTER.iter().find(|(name, ..)| *name == check) else {
            lines.push_str(&format!("{check}: no policy\n"));
            continue;
        };
        let params = if *policy == "several-replicas" { params } else { "" };
        let outcome = found(&[policy], case["objects"].as_array().unwrap(), params, View::Written);
        let places: BTreeSet<(&str, u32)> =
            outcome.findings.iter().map(|finding| (finding.object.as_str(), finding.region().0)).collect();
        let objects: BTreeSet<&str> = places.iter().map(|(object, _)| *object).collect();
        let wanted = case["expectCount"].as_u64().unwrap();
        // Objects of several kinds have one name.
        let count = objects.len() as u64;
        ours += 1;
        same += usize::from(count == wanted);
        let reason = if count == wanted { String::new() } else { format!(": {reason}") };
        lines.push_str(&format!("{check}: {policy}, {count} of {wanted}{reason}\n"));
        assert!(count == wanted || !reason.ends_with(": "), "{check} counts {count}, not {wanted}");
    }
    compare(
        "lint-kubelinter.txt",
        &format!("of {} checks {ours} have a policy, and {same} count the same\n{lines}", cases.len()),
    );
}

/// Whether policies with the number of a control deny what Kubescape's policy denies.
#[test]
fn kubescape() {
    let cases = cases("vap-kubescape.shown.jsonl");
    if cases.is_empty() {
        return;
    }
    let policies = packs::all();
    let mut controls: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        controls.entry(id.split('/').nth(1).unwrap_or_default().to_owned()).or_default().push(case);
    }
    let (mut lines, mut same, mut all) = (String::new(), 0, 0);
    let mut unexplained: Vec<String> = Vec::new();
    for (control, cases) in &controls {
        let of_control = |policy: &&packs::PackPolicy| {
            policy.metadata.controls.iter().any(|known| known.number == *control)
        };
        let names: Vec<&str> = policies.iter().filter(of_control).map(|policy| policy.name).collect();
        if names.is_empty() {
            lines.push_str(&format!("{control}: no policy\n"));
            continue;
        }
        let mut differing = Vec::new();
        for case in cases.iter().filter(|case| case["object"].is_object()) {
            all += 1;
            let outcome = found(&names, &[case["object"].clone()], "", View::Admitted);
            let decided = if outcome.findings.is_empty() { "allow" } else { "deny" };
            if json!(decided) == case["expect"] {
                same += 1;
            } else {
                let number = case["id"].as_str().unwrap().split('/').nth(2).unwrap_or_default();
                differing.push(format!("{number} {decided}"));
            }
        }
        let reason = SCAPE.iter().find(|(known, _)| known == control).map_or("", |(_, reason)| reason);
        lines.push_str(&format!("{control}: {}", names.join(", ")));
        if !differing.is_empty() {
            lines.push_str(&format!("; otherwise {}: {reason}", differing.join(", ")));
            unexplained.extend(reason.is_empty().then(|| format!("{control}: {differing:?}")));
        }
        lines.push('\n');
    }
    assert_eq!(unexplained, Vec::<String>::new(), "controls differ without a reason");
    compare("kubescape.txt", &format!("{same} of {all} cases are decided the same\n{lines}"));
}
