//! Policies see objects as the API server has them, and what it says of them on the way is told.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Ended, Folder, POD, policy};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
      volumes:
      - name: tmp
";

/// A policy for all kinds.
fn for_all(name: &str, expression: &str) -> String {
    policy(name, expression, "")
        .replace("apiGroups: ['']", "apiGroups: ['*']")
        .replace("apiVersions: [v1]", "apiVersions: ['*']")
        .replace("[pods]", "['*']")
}

fn folder(expression: &str, object: &str) -> Folder {
    Folder::new(&[("p.yaml", &for_all("p", expression)), ("object.yaml", object)])
}

#[test]
fn a_default_at_fault_is_shown_at_its_parent() {
    let folder = folder("object.spec.replicas > 1", DEPLOYMENT);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "object.yaml"]);
    let expected = "\
deny[p]: p says no
 --> object.yaml:4:1
  |
4 | spec:
  | ^^^^
  = Deployment default/web: spec.replicas
  = note: `spec.replicas` was defaulted to 1

1 object checked against 1 policy: 1 finding in 1 object
";
    assert_eq!((code, out.as_str(), err.as_str()), (1, expected, ""));
    let report = folder.json(&["-p", "p.yaml", "object.yaml"]);
    let finding = &report["findings"][0];
    assert_eq!((&finding["view"], &finding["defaulted"]), (&"admitted".into(), &1.into()));
    let Ended { out, .. } = folder.run(&["check", "-o", "sarif", "-p", "p.yaml", "object.yaml"]);
    let log: serde_json::Value = serde_json::from_str(&out).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["properties"], serde_json::json!({"view": "admitted", "defaulted": 1}));
    let Ended { out, .. } = folder.run(&["check", "-o", "github", "-p", "p.yaml", "object.yaml"]);
    assert!(out.ends_with("p says no%0A`spec.replicas` was defaulted to 1\n"), "{out}");
}

#[test]
fn as_written_nothing_is_added() {
    let folder = folder(
        "object.spec.replicas > 1",
        &DEPLOYMENT.replace("spec:\n  sel", "spec:\n  nonsense: 1\n  sel"),
    );
    let arguments = ["check", "--as", "written", "-o", "json", "-p", "p.yaml", "object.yaml"];
    let Ended { out, .. } = folder.run(&arguments);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(
        finding["message"],
        "expression 'object.spec.replicas > 1' resulted in error: no such key: replicas"
    );
    assert_eq!((&finding["view"], finding.get("defaulted")), (&"written".into(), None));
    assert_eq!(report["problems"], serde_json::json!([]));
}

/// As Pod Security policies list the kinds of volumes that are allowed.
#[test]
fn a_volume_without_a_source_is_an_empty_dir() {
    let expression = "object.spec.template.spec.volumes.all(v, has(v.emptyDir) || has(v.configMap))";
    let folder = folder(expression, DEPLOYMENT);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "object.yaml"]).code, 0);
    assert_eq!(folder.run(&["check", "-p", "p.yaml", "--as", "written", "object.yaml"]).code, 1);
}

#[test]
fn what_is_empty_is_left_out_as_in_a_cluster() {
    let calm = POD.replace("hostNetwork: true", "hostNetwork: false");
    let report = folder("!object.spec.hostNetwork", &calm).json(&["-p", "p.yaml", "object.yaml"]);
    assert_eq!(
        report["findings"][0]["message"],
        "expression '!object.spec.hostNetwork' resulted in error: no such key: hostNetwork"
    );
}

#[test]
fn unknown_and_repeated_fields_are_warnings() {
    let object =
        DEPLOYMENT.replace("spec:\n  sel", "spec:\n  replica: 3\n  paused: false\n  paused: true\n  sel");
    let Ended { code, out, err } =
        folder("object.spec.replicas == 1", &object).run(&["check", "-p", "p.yaml", "object.yaml"]);
    let expected = "\
warning[unknown-field]: object.yaml:5:3: unknown field \"spec.replica\"
  = help: did you mean `replicas`?
warning[duplicate-field]: object.yaml:7:3: duplicate field \"spec.paused\"
";
    assert_eq!((code, err.as_str()), (0, expected));
    assert!(out.ends_with("no findings, 2 warnings\n"), "{out}");
}

#[test]
fn items_of_lists_are_warned_of_at_their_place() {
    let list = "\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {typ: a}}
- {apiVersion: v1, kind: Service, metadata: {name: b, name: c}}
";
    let Ended { err, .. } = folder("true", list).run(&["check", "-p", "p.yaml", "object.yaml"]);
    let expected = "\
warning[unknown-field]: object.yaml:4:63: unknown field \"spec.typ\"
  = help: did you mean `type`?
warning[duplicate-field]: object.yaml:5:55: duplicate field \"metadata.name\"
";
    assert_eq!(err, expected);
}

#[test]
fn an_object_that_cannot_be_read_is_an_error_and_the_others_are_checked() {
    let object = format!("{}---\n{POD}", DEPLOYMENT.replace("spec:\n  sel", "spec:\n  replicas: '3'\n  sel"));
    let folder = folder("object.kind == 'Service'", &object);
    let Ended { code, out, err } = folder.run(&["check", "-p", "p.yaml", "object.yaml"]);
    let expected = "\
error[refused-object]: Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string \
into Go struct field DeploymentSpec.spec.replicas of type int32
 --> object.yaml:5:13
  |
5 |   replicas: '3'
  |             ^^^
  = help: the API server refuses the object before any policy sees it

";
    assert_eq!((code, err.as_str()), (2, expected));
    assert!(out.contains("= Pod default/web"), "{out}");
    assert!(out.ends_with("2 objects checked against 1 policy: 1 finding in 1 object, 1 error\n"), "{out}");
}

#[test]
fn versions_that_came_and_went() {
    let budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: b}\n";
    let Ended { code, err, .. } = folder("true", budget).run(&["check", "-p", "p.yaml", "object.yaml"]);
    let expected = "\
error[absent-version]: `policy/v1beta1` PodDisruptionBudget was removed in 1.25; use policy/v1
 --> object.yaml:1:13
  |
1 | apiVersion: policy/v1beta1
  |             ^^^^^^^^^^^^^^
";
    assert_eq!(code, 2);
    assert!(err.starts_with(expected), "{err}");
    let folder = folder("true", "apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\n");
    let run =
        |version| folder.run(&["check", "--kubernetes-version", version, "-p", "p.yaml", "object.yaml"]);
    let Ended { code, err, .. } = run("1.33");
    let expected = "warning[deprecated-version]: object.yaml:1:13: v1 Endpoints is deprecated in v1.33+; \
                    use discovery.k8s.io/v1 EndpointSlice\n";
    assert_eq!((code, err.as_str()), (0, expected));
    assert_eq!(run("1.32").err, "");
    let Ended { code, err, .. } = run("1.29");
    assert_eq!(code, 0);
    assert!(err.starts_with("warning[unknown-version]: the kinds of Kubernetes 1.29 are not known"), "{err}");
}

#[test]
fn old_objects_are_admitted_too() {
    let folder = folder("object.spec.replicas == oldObject.spec.replicas", DEPLOYMENT);
    folder.write("old.yaml", DEPLOYMENT.replace("spec:\n  sel", "spec:\n  replicas: 1\n  sel").as_bytes());
    let run = |more: &[&str]| {
        let arguments = ["check", "-p", "p.yaml", "--old-object", "old.yaml", "object.yaml"];
        folder.run(&[&arguments[..], more].concat()).code
    };
    assert_eq!(run(&[]), 0);
    assert_eq!(run(&["--as", "written"]), 1);
    folder.write("old.yaml", DEPLOYMENT.replace("spec:\n  sel", "spec:\n  replicas: x\n  sel").as_bytes());
    assert_eq!(run(&[]), 2);
}

#[test]
fn the_object_itself_is_printed() {
    let text = format!(
        "{}---\napiVersion: shop.example/v1\nkind: Widget\nmetadata: {{name: w}}\n---\napiVersion: v1\nkind: ConfigMap\n\
         metadata: {{name: c}}\ndata: {{a: 1}}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}], typ: a}\n"
    );
    let folder = Folder::new(&[("all.yaml", &text)]);
    let Ended { code, out, err } = folder.run(&["default", "-n", "shop", "all.yaml"]);
    let expected = "\
apiVersion: v1
kind: Service
metadata:
  name: s
  namespace: shop
spec:
  ports:
  - port: 80
    protocol: TCP
    targetPort: 80
  sessionAffinity: None
  type: ClusterIP
  internalTrafficPolicy: Cluster
  ipFamilyPolicy: SingleStack
  ipFamilies:
  - IPv4
status:
  loadBalancer: {}
---
apiVersion: shop.example/v1
kind: Widget
metadata:
  name: w
";
    assert_eq!(out, expected);
    assert_eq!(code, 2);
    assert!(err.starts_with("warning[unknown-field]: all.yaml:4:29: unknown field \"spec.typ\"\n"), "{err}");
    assert!(err.contains("error[refused-object]: ConfigMap in version"), "{err}");
    let Ended { code, out, .. } = folder.run_with(&["default", "-o", "json", "-"], DEPLOYMENT);
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &object["spec"]["replicas"]), (0, &1.into()));
    let Ended { out, .. } = folder.run(&["default", "-o", "json", "all.yaml"]);
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&list["kind"], &list["items"][1]["kind"]), (&"List".into(), &"Widget".into()));
    let Ended { code, err, .. } = folder.run(&["default", "--kubernetes-version", "1.29", "all.yaml"]);
    assert_eq!(code, 2);
    assert!(err.starts_with("error[unknown-version]"), "{err}");
}

#[test]
fn batches_of_requests_may_ask_for_the_admitted_object() {
    let rules = serde_json::json!({
        "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]
    });
    let policy = serde_json::json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": [rules]},
            "validations": [{"expression": "object.spec.replicas == 1"}],
        },
    });
    let object =
        serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}});
    let ask = |view: &str, object: &serde_json::Value| {
        let question = serde_json::json!({"id": 1, "policy": policy, "object": object, "as": view});
        let Ended { out, .. } = Folder::new(&[]).run_with(&["batch", "vap"], &format!("{question}\n"));
        serde_json::from_str::<serde_json::Value>(&out).unwrap()
    };
    assert_eq!(ask("admitted", &object)["decisions"][0]["action"], "admit");
    assert_eq!(ask("written", &object)["decisions"][0]["action"], "deny");
    let refused = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "spec": 1});
    let error = ask("admitted", &refused)["inputError"].to_string();
    assert!(error.contains("cannot be handled as a Pod"), "{error}");
}
