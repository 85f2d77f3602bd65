//! Findings point at the value at fault: file, line, column, path.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Folder, POD, policy};

/// `line:column-end path` of the one finding.
fn place(folder: &Folder, arguments: &[&str]) -> String {
    let report = folder.json(arguments);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report:#}");
    let (of, path) = (&findings[0], findings[0]["path"].as_str().unwrap_or("-"));
    format!("{}:{}:{}-{} {path}", of["file"].as_str().unwrap(), of["line"], of["column"], of["endColumn"])
}

fn pod(expression: &str, variables: &str) -> String {
    let folder = Folder::new(&[("p.yaml", &policy("p", expression, variables)), ("pod.yaml", POD)]);
    place(&folder, &["-p", "p.yaml", "pod.yaml"])
}

#[test]
fn through_paths_variables_loops_and_errors() {
    let variables = "  variables:
  - {name: containers, expression: object.spec.containers}
  - {name: images, expression: 'variables.containers.map(c, c.image)'}
";
    assert_eq!(pod("!object.spec.hostNetwork", ""), "pod.yaml:7:3-20 spec.hostNetwork");
    assert_eq!(
        pod("variables.containers.all(c, c.image.startsWith('registry.corp/'))", variables),
        "pod.yaml:12:5-25 spec.containers[1].image"
    );
    assert_eq!(
        pod("variables.images.all(i, i.startsWith('registry.corp/'))", variables),
        "pod.yaml:12:5-25 spec.containers[1].image"
    );
    assert_eq!(
        pod("object.spec.containers.all(c, !c.?securityContext.privileged.orValue(false))", ""),
        "pod.yaml:13:23-39 spec.containers[1].securityContext.privileged"
    );
    // What is missing is at its parent: an element of a list has no key, and its first line is shown.
    assert_eq!(
        pod("object.spec.containers.all(c, has(c.securityContext))", ""),
        "pod.yaml:9:5-14 spec.containers[0]"
    );
    assert_eq!(pod("has(object.metadata.labels.owner)", ""), "pod.yaml:5:3-21 metadata.labels");
    assert_eq!(
        pod("object.spec.containers.exists(c, c.name == 'proxy')", ""),
        "pod.yaml:8:3-13 spec.containers"
    );
    assert_eq!(pod("object.spec.nodeName == 'a'", ""), "pod.yaml:6:1-5 spec");
    // Nothing of the object decides: the object is shown.
    assert_eq!(pod("request.operation == 'DELETE'", ""), "pod.yaml:1:1-15 -");
}

#[test]
fn old_objects_and_params_have_no_place() {
    let config =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default}\ndata: {app: db}\n";
    let more = "  paramKind: {apiVersion: v1, kind: ConfigMap}\n";
    let folder = Folder::new(&[
        ("p.yaml", &policy("p", "object.metadata.labels.app == params.data.app", more)),
        ("params.yaml", config),
        ("u.yaml", &policy("u", "oldObject.spec.?hostNetwork.orValue(false) == object.spec.hostNetwork", "")),
        ("pod.yaml", POD),
        ("before/pod.yaml", &POD.replace("hostNetwork: true", "hostNetwork: false")),
    ]);
    assert_eq!(
        place(&folder, &["-p", "p.yaml", "-p", "params.yaml", "pod.yaml"]),
        "pod.yaml:5:12-20 metadata.labels.app"
    );
    assert_eq!(
        place(&folder, &["-p", "u.yaml", "--old-object", "before", "pod.yaml"]),
        "pod.yaml:7:3-20 spec.hostNetwork"
    );
}

#[test]
fn a_deletion_is_shown_at_the_old_object() {
    let folder = Folder::new(&[
        ("p.yaml", &policy("p", "!oldObject.spec.hostNetwork", "")),
        ("pod.yaml", POD),
        ("before/pod.yaml", &format!("# as it is\n{POD}")),
    ]);
    assert_eq!(
        place(&folder, &["-p", "p.yaml", "--operation", "DELETE", "pod.yaml"]),
        "pod.yaml:7:3-20 spec.hostNetwork"
    );
    assert_eq!(
        place(&folder, &["-p", "p.yaml", "--operation", "DELETE", "--old-object", "before", "pod.yaml"]),
        "before/pod.yaml:8:3-20 spec.hostNetwork"
    );
}

#[test]
fn json_and_items_of_lists_have_places_too() {
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"metadata\": {\"name\": \"web\"}, \"spec\": {\"hostNetwork\": true}}]}\n";
    let folder =
        Folder::new(&[("p.yaml", &policy("p", "!object.spec.hostNetwork", "")), ("list.json", json)]);
    assert_eq!(place(&folder, &["-p", "p.yaml", "list.json"]), "list.json:3:40-59 spec.hostNetwork");
}

#[test]
fn the_excerpt_underlines_the_value() {
    let expression = "object.spec.containers.all(c, c.image.startsWith('registry.corp/'))";
    let folder = Folder::new(&[("p.yaml", &policy("p", expression, "")), ("pod.yaml", POD)]);
    let ended = folder.run(&["check", "-p", "p.yaml", "pod.yaml"]);
    let expected = "\
deny[p]: p says no
 --> pod.yaml:12:5
   |
12 |     image: docker.io/two
   |     ^^^^^^^^^^^^^^^^^^^^
  = Pod default/web: spec.containers[1].image

1 object checked against 1 policy: 1 finding in 1 object
";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (1, expected, ""));
}
