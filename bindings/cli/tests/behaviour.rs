//! What the command does where other tools stay silent or mislead.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder, POD, policy};

const BINDING: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: p
  validationActions: [Deny]
";

const CUSTOM: &str = "\
apiVersion: shop.example/v1
kind: Widget
metadata: {name: w}
spec: {size: 40}
";

fn denying() -> String {
    policy("p", "!object.spec.hostNetwork", "")
}

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&[("p.yaml", &denying()), ("pod.yaml", POD), ("good/ok.yaml", CUSTOM)]);
    for (name, text) in files {
        folder.write(name, text.as_bytes());
    }
    folder
}

#[test]
fn exit_codes() {
    let folder = folder(&[("calm.yaml", &POD.replace("hostNetwork: true", "hostNetwork: false"))]);
    // The API server leaves out what is false and may be left out, and the policy asks for it without has().
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "calm.yaml"]).code, 1);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "--as", "written", "calm.yaml"]).code, 0);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "pod.yaml"]).code, 1);
    // Broken inputs win over findings, which are told all the same.
    let Ended { code, out, .. } = folder.run(&["check", "-p", "p.yaml", "pod.yaml", "nowhere"]);
    assert_eq!(code, 2);
    assert!(out.contains("1 finding in 1 object, 1 error"), "{out}");
    assert_eq!(folder.run(&["check", "--operation", "LOOK", "-p", "p.yaml", "pod.yaml"]).code, 2);
}

#[test]
fn missing_paths_and_empty_folders_are_errors() {
    let folder = folder(&[("empty/notes.md", "nothing")]);
    let Ended { code, err, .. } = folder.run(&["check", "-p", "nowhere", "pod.yaml"]);
    assert_eq!(code, 2);
    assert!(err.starts_with("error[missing-path]: no such file or folder: nowhere\n"), "{err}");
    let Ended { code, err, .. } = folder.run(&["check", "-p", "empty", "pod.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("no .yaml, .yml or .json file in empty"), "{err}");
    let Ended { code, err, .. } = folder.run(&["check", "pod.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("error[no-policies]: no ValidatingAdmissionPolicy among the inputs"), "{err}");
}

#[test]
fn a_misspelt_field_is_an_error_with_place_and_suggestion() {
    let folder = folder(&[("bad.yaml", &denying().replace("matchConstraints", "matchConstraint"))]);
    let Ended { code, err, .. } = folder.run(&["check", "-p", "bad.yaml", "pod.yaml"]);
    assert_eq!(code, 2);
    let expected = "\
error[unknown-field]: unknown field `spec.matchConstraint`
 --> bad.yaml:5:3
  |
5 |   matchConstraint:
  |   ^^^^^^^^^^^^^^^
  = help: did you mean `matchConstraints`?
";
    assert!(err.starts_with(expected), "{err}");
}

#[test]
fn errors_of_expressions_are_told_once_with_their_place() {
    let more = "  variables:\n  - {name: x, expression: \"1 + 'a'\"}\n";
    let folder = folder(&[
        ("bad.yaml", &policy("bad", "object.metadata.name.size() > 'a'\n&& foo(3)", more)),
        ("other.yaml", &POD.replace("name: web", "name: other")),
    ]);
    let Ended { code, out, err } =
        folder.run(&["check", "-p", "bad.yaml", "-p", "p.yaml", "pod.yaml", "other.yaml"]);
    assert_eq!(code, 2);
    assert_eq!(err.matches("error[cel-compile]").count(), 3, "{err}");
    let expected = "\
error[cel-compile]: found no matching overload for '_+_' applied to '(int, string)'
 --> bad.yaml:9:30
  |
9 |   - {name: x, expression: \"1 + 'a'\"}
  |                              ^
";
    assert!(err.starts_with(expected), "{err}");
    assert!(err.contains("undeclared reference to 'foo'"), "{err}");
    // The other policy is used on every object; the broken one is no finding on any.
    assert!(out.contains("2 findings in 2 objects, 3 errors"), "{out}");
}

#[test]
fn custom_resources_need_no_definition() {
    let custom =
        policy("w", "object.spec.size < 10", "").replace("['']", "[shop.example]").replace("pods", "widgets");
    let folder = folder(&[("w.yaml", &custom)]);
    let Ended { code, out, err } = folder.run(&["check", "-p", "w.yaml", "good/ok.yaml"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains(" --> good/ok.yaml:4:8\n"), "{out}");
    assert!(out.contains("= Widget w: spec.size"), "{out}");
    // With a definition, its plural counts, and its scope.
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgetry.shop.example}
spec: {group: shop.example, scope: Namespaced, names: {kind: Widget, plural: widgetry}}
";
    folder.write("crd.yaml", definition.as_bytes());
    let Ended { code, err, .. } = folder.run(&["check", "-p", "w.yaml", "good/ok.yaml", "crd.yaml"]);
    assert_eq!(code, 0);
    assert!(err.contains("policy `w` matched no object"), "{err}");
    folder.write("w.yaml", custom.replace("[widgets]", "[widgetry]").as_bytes());
    let Ended { code, out, .. } = folder.run(&["check", "-p", "w.yaml", "good/ok.yaml", "crd.yaml"]);
    assert_eq!(code, 1);
    assert!(out.contains("= Widget default/w: spec.size"), "{out}");
}

#[test]
fn a_binding_does_not_switch_off_match_constraints() {
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nspec: {hostNetwork: true}\n";
    let folder = folder(&[("b.yaml", BINDING), ("config.yaml", config)]);
    let report = folder.json(&["-p", "p.yaml", "-p", "b.yaml", "pod.yaml", "config.yaml"]);
    assert_eq!(report["summary"]["objects"], 2);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["findings"][0]["object"], "Pod default/web");
    assert_eq!(report["findings"][0]["binding"], "b");
}

#[test]
fn bindings_decide_what_follows() {
    let folder = folder(&[("b.yaml", &BINDING.replace("[Deny]", "[Warn]"))]);
    let arguments = ["check", "-p", "p.yaml", "-p", "b.yaml", "pod.yaml"];
    let Ended { code, out, .. } = folder.run(&arguments);
    assert_eq!(code, 0);
    assert!(out.starts_with("warn[p]: p says no\n"), "{out}");
    assert_eq!(folder.run(&[&arguments[..], &["--fail-on", "warn"]].concat()).code, 1);
    let Ended { code, err, .. } = folder.run(&["check", "--require-bindings", "-p", "p.yaml", "pod.yaml"]);
    assert_eq!(code, 0);
    assert!(err.contains("policy `p` has no binding and does nothing"), "{err}");
    folder.write("b.yaml", BINDING.replace("policyName: p", "policyName: q").as_bytes());
    let Ended { code, err, .. } = folder.run(&arguments);
    assert_eq!(code, 2);
    assert!(err.contains("binding `b` is of policy `q`, which is not among the inputs"), "{err}");
}

#[test]
fn a_policy_that_matched_nothing_is_a_warning() {
    let Ended { code, err, .. } = folder(&[]).run(&["check", "-p", "p.yaml", "good"]);
    assert_eq!(code, 0);
    let expected = "\
warning[unused-policy]: p.yaml:1:1: policy `p` matched no object
  = help: see its matchConstraints, matchConditions and bindings
";
    assert_eq!(err, expected);
}

#[test]
fn policies_of_others_and_policies_given_twice_are_errors() {
    let foreign = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: k}\n";
    let folder = folder(&[("k.yaml", foreign), ("again.yaml", &denying())]);
    let Ended { code, err, .. } = folder.run(&["check", "-p", "k.yaml", "-p", "p.yaml", "pod.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("ClusterPolicy of kyverno.io/v1 is no ValidatingAdmissionPolicy"), "{err}");
    let Ended { code, err, .. } = folder.run(&["check", "-p", "p.yaml", "-p", "again.yaml", "pod.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("policy `p` was given twice") && err.contains(" --> p.yaml:1:1\n"), "{err}");
}

#[test]
fn every_denied_validation_is_told() {
    let two = format!("{}  - expression: has(object.spec.nodeName)\n    message: no node\n", denying());
    let folder = folder(&[("p.yaml", &two)]);
    let report = folder.json(&["-p", "p.yaml", "pod.yaml"]);
    let messages: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["p says no", "no node"]);
}

#[test]
fn the_user_decides_what_request_and_authorizer_say() {
    let role = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [''], resources: [nodes], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: admins}]
";
    let expression =
        "request.userInfo.username == 'ann' && authorizer.group('').resource('nodes').check('get').allowed()";
    let folder = folder(&[("p.yaml", &policy("p", expression, "")), ("rbac.yaml", role)]);
    let run = |more: &[&str]| {
        folder.run(&[&["check", "-p", "p.yaml", "-p", "rbac.yaml", "pod.yaml"], more].concat()).code
    };
    assert_eq!(run(&["--user", "ann", "--group", "admins"]), 0);
    assert_eq!(run(&["--user", "ann"]), 1);
    assert_eq!(run(&["--as-user", "bob", "--as-group", "admins"]), 1);
}

#[test]
fn the_version_decides_what_there_is() {
    let folder = folder(&[("p.yaml", &policy("p", "isSemver('1.0.0')", ""))]);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "pod.yaml"]).code, 0);
    let Ended { code, err, .. } =
        folder.run(&["check", "-p", "p.yaml", "pod.yaml", "--kubernetes-version", "1.30"]);
    assert_eq!(code, 2);
    assert!(err.contains("undeclared reference to 'isSemver'"), "{err}");
}

#[test]
fn standard_input() {
    let folder = folder(&[]);
    let Ended { code, out, .. } = folder.run_with(&["check", "-p", "p.yaml", "-"], POD);
    assert_eq!(code, 1);
    assert!(out.contains(" --> <stdin>:7:3\n"), "{out}");
    let Ended { code, err, .. } = folder.run_with(&["check", "-p", "p.yaml", "-"], "");
    assert_eq!(code, 2);
    assert!(err.contains("no Kubernetes object to check among the files"), "{err}");
    let Ended { code, out, .. } = folder.run_with(&["check", "-p", "-", "pod.yaml"], &denying());
    assert_eq!(code, 1);
    assert!(out.starts_with("deny[p]"), "{out}");
}

#[test]
fn explanations_show_the_parts() {
    let variables =
        "  variables:\n  - {name: images, expression: 'object.spec.containers.map(c, c.image)'}\n";
    let expression = "variables.images.all(i, i.startsWith('registry.corp/'))\n&& size(variables.images) < 9";
    let folder = folder(&[("p.yaml", &policy("p", expression, variables))]);
    let Ended { out, .. } = folder.run(&["check", "--explain", "-p", "p.yaml", "pod.yaml"]);
    let expected = "
  = validation at p.yaml:11, part by part:
      variables.images                                         →  [\"registry.corp/one:1\", \"docker.io/two\"]
      i                                                        →  \"docker.io/two\"
      i.startsWith('registry.corp/')                           →  false
      variables.images.all(i, i.startsWith('registry.corp/'))  →  false
";
    assert!(out.contains(expected), "{out}");
    let report = folder.json(&["--explain", "-p", "p.yaml", "pod.yaml"]);
    assert_eq!(report["findings"][0]["explanation"][0]["expression"], "variables.images");
}

#[test]
fn broken_files_show_text_place_and_way_out() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n";
    let folder = folder(&[
        ("chart/pod.yaml", template),
        ("chart/values.yaml", "replicas: 1\n"),
        ("half.yaml", "kind: Pod\n"),
    ]);
    let Ended { code, err, .. } = folder.run(&["check", "-p", "p.yaml", "chart", "half.yaml"]);
    assert_eq!(code, 2);
    let expected = "\
 --> chart/pod.yaml:4:10
  |
4 |   name: {{ .Release.Name }}
  |          ^^^^^^^^^^^^^^^^^
  = help: this looks like a Helm template: check what `helm template` prints instead
";
    assert!(err.contains(expected), "{err}");
    assert!(
        err.contains("error[no-object]: not a Kubernetes object: no `apiVersion`\n --> half.yaml:1:1\n"),
        "{err}"
    );
    assert!(err.contains("note: chart/values.yaml:1:1: not a Kubernetes object"), "{err}");
}

#[test]
fn completion_and_help() {
    let folder = folder(&[]);
    for (shell, sign) in
        [("bash", "complete -F _kordon"), ("zsh", "#compdef kordon"), ("fish", "complete -c kordon")]
    {
        let Ended { code, out, .. } = folder.run(&["completion", shell]);
        assert_eq!(code, 0);
        assert!(
            out.contains(sign) && out.contains("--explain") || out.contains("-l explain"),
            "{shell}: {out}"
        );
    }
    assert_eq!(folder.run(&["completion", "nosh"]).code, 2);
    let Ended { code, out, .. } = folder.run(&["check", "--help"]);
    assert_eq!(code, 0);
    for part in ["Exit codes:", "Examples:", "--old-object", "--kubernetes-version", "--require-bindings"] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    assert_eq!(folder.run(&["--version"]).out, format!("kordon {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn fields_that_a_kind_does_not_have_are_warnings_at_their_place() {
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.shop.example}
spec:
  group: shop.example
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
";
    let pods = policy("pods", "!has(object.spec.hostNetworks)", "");
    let widgets = policy("widgets", "object.spec.size != ''", "")
        .replace("['']", "[shop.example]")
        .replace("[pods]", "[widgets]");
    let folder =
        Folder::new(&[("a.yaml", &pods), ("b.yaml", &widgets), ("crd.yaml", definition), ("pod.yaml", POD)]);
    let Ended { code, err, .. } =
        folder.run(&["check", "-p", "a.yaml", "-p", "b.yaml", "-p", "crd.yaml", "pod.yaml"]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = err.lines().filter(|line| line.contains("type-check")).collect();
    assert_eq!(
        lines,
        [
            "warning[type-check]: a.yaml:9:22: undefined field 'hostNetworks' in v1 Pod",
            "warning[type-check]: b.yaml:9:35: found no matching overload for '_!=_' applied to '(int, string)' in \
             shop.example/v1 Widget",
        ]
    );
}
