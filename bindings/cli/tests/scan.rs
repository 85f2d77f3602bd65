//! Many documents: what is found, and in which order, does not depend on how they are read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder, POD, policy};

const FORMATS: [&str; 4] = ["text", "json", "sarif", "github"];

/// A policy whose params are ConfigMaps, and its binding.
const LIMITED: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limited}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods]}
  validations:
  - expression: object.metadata.name != params.data.name
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limited}
spec:
  policyName: limited
  validationActions: [Deny]
  paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}
";

const LIMITS: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: limits}, data: {name: web}}\n";

/// Asks the authorizer, so that roles matter.
const ALLOWED: &str =
    "authorizer.serviceAccount('default', 'ann').group('').resource('nodes').check('get').allowed()";

const ROLES: &str = "\
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: nodes},
 rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: nodes}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: nodes}
subjects: [{kind: ServiceAccount, name: ann, namespace: default}]
";

const WIDGETS: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.example}
spec:
  group: acme.example
  names: {plural: widgets, kind: Widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer}}}}
        x-kubernetes-validations: [{rule: 'self.spec.size < 5', message: too large}]
";

fn pod(name: &str, more: &str) -> String {
    format!("{}{more}", POD.replace("name: web", &format!("name: {name}")))
}

fn widget(size: usize) -> String {
    format!(
        "{{apiVersion: acme.example/v1, kind: Widget, metadata: {{name: w{size}}}, spec: {{size: {size}}}}}\n"
    )
}

/// Files of every sort, of which some are about others that come later.
fn mixed() -> Folder {
    let folder = Folder::new(&[("p/host.yaml", &policy("host", "!object.spec.hostNetwork", ""))]);
    for number in 0..30 {
        let mut text = String::new();
        for document in 0..12 {
            text.push_str(&match (number * 12 + document) % 9 {
                0 => "kind: [\n".to_owned(),
                1 => format!("{}# only a comment below\n---\n# nothing\n", pod("web", "")),
                2 => widget(document),
                3 => "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: strict}, spec: {containers: [], \
                      hostPID: true}}\n"
                    .to_owned(),
                4 => "no: object\n".to_owned(),
                5 => "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [], colour: red}\n".to_owned(),
                6 => "--- not a separator\na: b\n".to_owned(),
                7 => "apiVersion: v1\nkind: Pod\nspec: 7\n".to_owned(),
                _ => pod(&format!("pod-{number}-{document}"), "  hostPID: true\n"),
            });
            text.push_str("---\n");
        }
        folder.write(&format!("files/{number:02}.yaml"), text.as_bytes());
    }
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "l"}, "spec": {"hostNetwork": true, "containers": []}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": []}}]}"#;
    folder.write("files/05-list.json", list.as_bytes());
    folder.write("files/06-latin.yaml", b"a: b\n---\nkind: caf\xe9\n---\nkind: Pod\n");
    let namespace = r#"{"apiVersion": "v1", "kind": "\u004eamespace", "metadata": {"name": "strict", "labels":
        {"pod-security.kubernetes.io/enforce": "baseline"}}}"#;
    folder.write("files/z/context.json", namespace.as_bytes());
    let policies = [LIMITED, LIMITS, ROLES, WIDGETS, &policy("roles", ALLOWED, "")].join("---\n");
    folder.write("files/z/policies.yaml", policies.as_bytes());
    folder
}

fn check(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let Ended { code, out, err } = folder.run(&[&["check", "-p", "p", "files"], arguments].concat());
    (code, out, err)
}

#[test]
fn output_does_not_depend_on_the_number_of_threads() {
    let folder = mixed();
    for format in FORMATS {
        let one = check(&folder, &["-o", format, "-j", "1"]);
        assert_eq!(one.0, 2);
        for threads in ["2", "3", "8"] {
            assert_eq!(check(&folder, &["-o", format, "--jobs", threads]), one, "{format}, {threads}");
        }
        assert_eq!(check(&folder, &["-o", format]), one, "{format}");
    }
    let Ended { code, err, .. } = folder.run(&["check", "-j", "0", "files"]);
    assert!(code == 2 && err.contains("--jobs"), "{err}");
}

#[test]
fn findings_and_problems_are_in_the_order_of_documents() {
    let (_, out, _) = check(&mixed(), &["-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    for list in ["findings", "problems"] {
        let place = |item: &serde_json::Value| {
            (item["file"].as_str().unwrap_or_default().to_owned(), item["line"].as_u64().unwrap_or_default())
        };
        let files = report[list].as_array().unwrap().iter().filter(|item| item["file"].is_string());
        let documents: Vec<_> = files.filter(|item| item["code"] != "type-check").map(place).collect();
        let by_file: Vec<&String> = documents.iter().map(|(file, _)| file).collect();
        assert!(documents.len() > 50 && by_file.is_sorted(), "{list}: {documents:?}");
    }
    let of = |policy: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["policy"] == policy).count()
    };
    // Each is decided by what stands at the end of the files.
    assert!(of("limited") > 20 && of("widgets.acme.example") > 10 && of("pod-security/hostNamespaces") > 20);
    assert_eq!(of("roles"), 0, "the role is known");
    let summary = &report["summary"];
    assert_eq!(summary["findings"], report["findings"].as_array().unwrap().len());
    assert_eq!(summary["files"], 35);
}

#[test]
fn a_document_that_cannot_be_read_hides_no_other() {
    let text = format!("{POD}---\nkind: [\n---\n{}", pod("second", ""));
    let folder =
        Folder::new(&[("p.yaml", &policy("p", "!object.spec.hostNetwork", "")), ("all.yaml", &text)]);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "all.yaml"]);
    assert_eq!(code, 2);
    assert!(out.contains("all.yaml:7:3") && out.contains("all.yaml:23:3"), "{out}");
    assert!(out.ends_with("2 objects checked against 1 policy: 2 findings in 2 objects, 1 error\n"), "{out}");
    assert!(err.contains("--> all.yaml:15:7"), "{err}");
}

#[test]
fn a_large_document_stands_where_it_was() {
    let line = format!("    {}\n", "x".repeat(120));
    let large = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\n  annotations:\n   text: |\n{}spec: {{hostNetwork: true, containers: []}}\n",
        line.repeat(18_000)
    );
    let folder = Folder::new(&[
        ("p.yaml", &policy("p", "!object.spec.?hostNetwork.orValue(false)", "")),
        ("files/a.yaml", &format!("{large}---\n{}", format!("{POD}---\n").repeat(600))),
    ]);
    let arguments = |threads| ["check", "-p", "p.yaml", "-o", "github", "-j", threads, "files"];
    let one = folder.run(&arguments("1"));
    assert_eq!(one.out.lines().count(), 601, "{}", one.err);
    let first = one.out.lines().next().unwrap();
    assert!(first.starts_with("::error file=files/a.yaml,line=18007,"), "{first}");
    assert_eq!(folder.run(&arguments("4")).out, one.out);
}

#[test]
fn what_comes_out_of_a_pipe_is_read_once() {
    let folder = Folder::new(&[("p.yaml", &policy("p", "!object.spec.hostNetwork", ""))]);
    // The namespace that the pod is in, and a policy about it, come after the pod.
    let input = format!("{POD}---\n{}---\n{LIMITED}---\n{LIMITS}", pod("second", ""));
    let mut paths = vec!["-"];
    if cfg!(target_os = "linux") {
        paths.push("/dev/stdin");
    }
    for path in paths {
        let Ended { code, out, err } = folder.run_with(&["check", "-p", "p.yaml", path], &input);
        assert_eq!((code, err.as_str()), (1, ""));
        let last = "3 objects checked against 2 policies: 3 findings in 2 objects\n";
        assert!(out.ends_with(last), "{out}");
    }
}

/// More than is kept in memory.
#[test]
fn much_can_come_out_of_a_pipe() {
    let folder = Folder::new(&[("p.yaml", &policy("p", "!object.spec.hostNetwork", ""))]);
    let padding = format!("# {}\n", "x".repeat(2_000));
    let calm = format!("{}{padding}---\n", POD.replace("hostNetwork: true", "hostNetwork: false"));
    let input = format!("{}{POD}", calm.repeat(8_000));
    assert!(input.len() > 17 * 1024 * 1024);
    let Ended { code, out, .. } = folder.run_with(&["check", "--as", "written", "-p", "p.yaml", "-"], &input);
    assert_eq!(code, 1);
    assert!(out.contains(&format!("<stdin>:{}:3", 15 * 8_000 + 7)), "{out}");
    assert!(out.ends_with("8001 objects checked against 1 policy: 1 finding in 1 object\n"), "{out}");
}
