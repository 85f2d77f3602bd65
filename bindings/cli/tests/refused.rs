//! Objects that the API server refuses before it asks any policy, and what policies see of all that is in a request.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder, POD, policy};

const AUTOSCALER: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: -1
";

const REFUSED: &str = "\
error[refused-object]: HorizontalPodAutoscaler default/web is invalid: spec.minReplicas: Invalid value: -1: must be greater than or equal to 0
 --> object.yaml:5:3
  |
5 |   minReplicas: -1
  |   ^^^^^^^^^^^^^^^
  = help: the API server refuses the object before any policy sees it

error[refused-object]: HorizontalPodAutoscaler default/web is invalid: spec.maxReplicas: Required value
 --> object.yaml:4:1
  |
4 | spec:
  | ^^^^
  = help: the API server refuses the object before any policy sees it

";

/// A policy for all kinds.
fn for_all(expression: &str, more: &str) -> String {
    policy("p", expression, more)
        .replace("apiGroups: ['']", "apiGroups: ['*']")
        .replace("apiVersions: [v1]", "apiVersions: ['*']")
        .replace("[pods]", "['*']")
}

#[test]
fn a_refused_object_never_comes_before_a_policy() {
    let text = format!("{AUTOSCALER}---\n{POD}");
    let folder = Folder::new(&[("p.yaml", &for_all("object.kind != 'Pod'", "")), ("object.yaml", &text)]);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "object.yaml"]);
    assert_eq!((code, err.as_str()), (2, REFUSED));
    assert!(out.ends_with("2 objects checked against 1 policy: 1 finding in 1 object, 2 errors\n"), "{out}");
    // As they are written they are not looked at, nor as an older version.
    let run = |more: &[&str]| folder.run(&[&["check", "-p", "p.yaml", "object.yaml"], more].concat());
    for more in [["--as", "written"], ["--kubernetes-version", "1.36"]] {
        let Ended { code, err, .. } = run(&more);
        assert_eq!((code, err.as_str()), (1, ""), "{more:?}");
    }
}

#[test]
fn a_refused_object_is_printed_with_what_is_wrong() {
    let text = format!("{AUTOSCALER}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n");
    let folder = Folder::new(&[("object.yaml", &text)]);
    let Ended { code, out, err } = folder.run(&["default", "object.yaml"]);
    assert_eq!((code, err.as_str()), (2, REFUSED));
    assert!(out.contains("minReplicas: -1\n") && out.contains("\n---\n"), "{out}");
}

#[test]
fn an_update_is_refused_for_what_it_changes() {
    let class = |handler: &str, label: &str| {
        format!(
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {{name: c, labels: {{a: {label}}}}}\nhandler: {handler}\n"
        )
    };
    let folder = Folder::new(&[("p.yaml", &for_all("oldObject.metadata.labels.a == 'b'", ""))]);
    let check = |old: &str, new: &str| {
        folder.write("old.yaml", old.as_bytes());
        folder.write("new.yaml", new.as_bytes());
        folder.run(&["check", "-p", "p.yaml", "--old-object", "old.yaml", "new.yaml"])
    };
    let Ended { code, err, .. } = check(&class("one", "b"), &class("two", "c"));
    let expected = "\
error[refused-object]: RuntimeClass c is invalid: handler: Invalid value: null: field is immutable
 --> new.yaml:4:1
  |
4 | handler: two
  | ^^^^^^^^^^^^
";
    assert_eq!(code, 2);
    assert!(err.starts_with(expected), "{err}");
    // What was wrong before stays as it is, and the policy is asked about the old object.
    assert_eq!(check(&class("A_", "b"), &class("A_", "c")).code, 0);
    let Ended { code, out, .. } = check(&class("one", "x"), &class("one", "b"));
    assert_eq!(code, 1);
    assert!(out.starts_with("deny[p]: p says no\n"), "{out}");
    assert_eq!(
        folder.run(&["check", "-p", "p.yaml", "new.yaml"]).code,
        1,
        "without an old object it is none"
    );
}

#[test]
fn params_are_seen_as_the_server_has_them() {
    let more = "  paramKind: {apiVersion: apps/v1, kind: Deployment}\n";
    let binding = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec:
  policyName: p
  paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}
  validationActions: [Deny]
";
    let param = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: limits}\nspec: {template: {}}\n";
    let expression = "params.spec.replicas == 1 && params.metadata.namespace == 'default'";
    let folder = Folder::new(&[
        ("p.yaml", &format!("{}---\n{binding}---\n{param}", policy("p", expression, more))),
        ("object.yaml", POD),
    ]);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "object.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(folder.run(&["check", "--as", "written", "-p", "p.yaml", "object.yaml"]).code, 1);
}

#[test]
fn namespaces_are_seen_as_the_server_has_them() {
    let expression = "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default' \
                      && namespaceObject.spec.finalizers == ['kubernetes']";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n";
    let folder = Folder::new(&[
        ("p.yaml", &format!("{}---\n{namespace}", policy("p", expression, ""))),
        ("object.yaml", POD),
    ]);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "object.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(folder.run(&["check", "--as", "written", "-p", "p.yaml", "object.yaml"]).code, 1);
}

/// The webhook that converts a custom kind is not there to be called.
#[test]
fn a_failed_conversion_is_an_error_of_the_policy() {
    let version = |name: &str, storage: bool| {
        format!(
            "  - {{name: {name}, served: true, storage: {storage}, \
             schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}\n"
        )
    };
    let definition = |conversion: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: widgets.shop.example}}\nspec:\n  group: shop.example\n  scope: Namespaced\n  \
             names: {{plural: widgets, kind: Widget}}\n  conversion: {conversion}\n  versions:\n{}{}",
            version("v1", true),
            version("v1beta1", false)
        )
    };
    let webhook =
        "{strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: 'https://a'}}}";
    let policy = policy("p", "object.apiVersion == 'shop.example/v1'", "")
        .replace("apiGroups: ['']", "apiGroups: [shop.example]")
        .replace("[pods]", "[widgets]");
    let widget = "apiVersion: shop.example/v1beta1\nkind: Widget\nmetadata: {name: w}\n";
    let folder = Folder::new(&[("p.yaml", &policy), ("crd.yaml", ""), ("object.yaml", widget)]);
    let check = |conversion: &str| {
        folder.write("crd.yaml", definition(conversion).as_bytes());
        let report = folder.json(&["-p", "p.yaml", "-p", "crd.yaml", "object.yaml"]);
        assert_eq!(report["problems"], serde_json::json!([]), "{report}");
        report["findings"].as_array().unwrap().clone()
    };
    assert!(check("{strategy: None}").is_empty());
    let findings = check(webhook);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        findings[0]["message"],
        "failed to configure binding: failed to convert object version: the webhook that converts Widget is not called"
    );
}
