//! `Engine::fault`: the value that a validation was denied for, by its line and column.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::admission::{Operation, Request};
use kordon::document::{Document, Limits, Object, documents};
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::{Engine, Span};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, tier: front}
  annotations:
    note: \"two\\nlines\"
spec:
  hostNetwork: true
  replicas: 9
  limit: 3
  nodeSelector: {disk: ssd}
  containers:
  - name: one
    image: registry.corp/one:1
    args: [a, -v]
    ports:
    - {name: http, containerPort: 80}
    - name: admin
      hostPort: 9000
    resources: {limits: {cpu: '1'}}
    securityContext:
      runAsNonRoot: true
  - name: two
    image: docker.io/two
    args: [b, --privileged]
    ports: []
    securityContext:
      capabilities:
        drop: [NET_RAW]
  initContainers:
  - name: setup
    image: evil.io/setup
  tolerations: []
";

const OLD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: old}}
spec: {replicas: 5, containers: []}
";

const PARAMS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: limits, namespace: default}
data: {tier: back, registry: registry.corp/, most: '5'}
";

fn one(text: &str) -> Document {
    documents("file.yaml", text.as_bytes(), &Limits::default()).remove(0).unwrap()
}

fn request(object: Object) -> Request {
    let mut request = Request::derive(Some(object), Some(one(OLD).object));
    request.operation = Operation::Update;
    request
}

/// What the expression is denied for: `path line:column`, or `-` for the object as a whole.
fn fault(variables: &[(&str, &str)], expression: &str) -> String {
    let document = one(POD);
    let composed: Vec<serde_json::Value> = variables
        .iter()
        .map(|(name, expression)| serde_json::json!({"name": name, "expression": expression}))
        .collect();
    let rule = serde_json::json!({
        "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"],
    });
    let policy = serde_json::json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "matchConstraints": {"resourceRules": [rule]},
            "variables": composed,
            "validations": [{"expression": expression}],
        },
    });
    let policy = ValidatingAdmissionPolicy::from_document(&one(&policy.to_string())).unwrap();
    let (engine, problems) = Engine::builder().policies([policy]).params([one(PARAMS).object]).build();
    assert_eq!(problems, [], "{expression}");
    let request = request(document.object.clone());
    let report = engine.evaluate(&request);
    let denied = report.denials().next().unwrap_or_else(|| panic!("{expression} is met"));
    let Some(fault) = engine.fault(&request, denied) else { return "-".to_owned() };
    let span = if fault.key == Span::default() { fault.value } else { fault.key };
    let (line, column) = document.source.line_column(span.start);
    format!("{} {line}:{column}", fault.path)
}

#[test]
fn paths() {
    assert_eq!(fault(&[], "object.spec.replicas <= 5"), "spec.replicas 10:3");
    assert_eq!(fault(&[], "5 >= object.spec.replicas"), "spec.replicas 10:3");
    assert_eq!(fault(&[], "object.spec.replicas <= object.spec.limit"), "spec.replicas 10:3");
    assert_eq!(fault(&[], "!object.spec.hostNetwork"), "spec.hostNetwork 9:3");
    assert_eq!(fault(&[], "object.metadata.labels['tier'] == 'back'"), "metadata.labels.tier 5:22");
    assert_eq!(fault(&[], "object.spec.containers[1].image.contains(':')"), "spec.containers[1].image 25:5");
    assert_eq!(fault(&[], "object.spec.containers[int('1')].name == 'x'"), "spec.containers[1].name 24:5");
    assert_eq!(fault(&[], "size(object.spec.containers) < 2"), "spec.containers 13:3");
    assert_eq!(fault(&[], "object.metadata.name in ['a', 'b']"), "metadata.name 4:3");
    assert_eq!(fault(&[], "'x' in object.metadata.labels"), "metadata.labels 5:3");
    assert_eq!(fault(&[], "object.metadata.annotations.note == ''"), "metadata.annotations.note 7:5");
    assert_eq!(fault(&[], "object == oldObject"), "-");
    assert_eq!(fault(&[], "1 == 2"), "-");
    assert_eq!(fault(&[], "request.operation == 'CREATE'"), "-");
}

#[test]
fn logic() {
    assert_eq!(
        fault(&[], "object.metadata.name == 'web' && object.spec.replicas <= 5 && object.spec.limit > 1"),
        "spec.replicas 10:3"
    );
    assert_eq!(fault(&[], "object.metadata.name == 'db' || object.spec.replicas <= 5"), "spec.replicas 10:3");
    assert_eq!(
        fault(&[], "object.spec.replicas <= 5 || object.metadata.labels.tier == 'back'"),
        "spec.replicas 10:3"
    );
    assert_eq!(
        fault(&[], "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false"),
        "spec.hostNetwork 9:3"
    );
    assert_eq!(
        fault(&[], "object.metadata.labels.app == 'web' ? object.spec.replicas < 5 : true"),
        "spec.replicas 10:3"
    );
    assert_eq!(fault(&[], "has(object.spec.nodeSelector.zone) ? true : false"), "spec.nodeSelector 12:3");
    assert_eq!(
        fault(&[], "object.spec.replicas <= (object.metadata.labels.tier == 'front' ? 5 : 99)"),
        "spec.replicas 10:3"
    );
}

#[test]
fn variables() {
    let containers = ("containers", "object.spec.containers");
    assert_eq!(
        fault(&[containers], "variables.containers.all(c, c.image.startsWith('registry.corp/'))"),
        "spec.containers[1].image 25:5"
    );
    let chain = [
        ("spec", "object.spec"),
        ("replicas", "variables.spec.replicas"),
        ("few", "variables.replicas <= 5"),
    ];
    assert_eq!(fault(&chain, "variables.few"), "spec.replicas 10:3");
    assert_eq!(fault(&chain, "variables.spec.hostNetwork == false"), "spec.hostNetwork 9:3");
    // The second reading of a variable counts as the first.
    assert_eq!(
        fault(&chain, "variables.replicas > 1 && object.spec.limit > 1 && variables.replicas < 5"),
        "spec.replicas 10:3"
    );
    let all = ("all", "object.spec.containers + object.spec.initContainers");
    assert_eq!(
        fault(&[all], "variables.all.all(c, !c.image.startsWith('evil.io/'))"),
        "spec.initContainers[0].image 33:5"
    );
    let limit = ("limit", "object.metadata.labels.tier == 'front' ? 5 : 10");
    assert_eq!(fault(&[limit], "object.spec.replicas <= variables.limit"), "spec.replicas 10:3");
    assert_eq!(fault(&[limit], "variables.limit >= object.spec.replicas"), "spec.replicas 10:3");
    let images = ("images", "object.spec.containers.map(c, c.image)");
    assert_eq!(
        fault(&[images], "variables.images.all(i, i.startsWith('registry.corp/'))"),
        "spec.containers[1].image 25:5"
    );
}

#[test]
fn loops() {
    let all = |body: &str| fault(&[], &format!("object.spec.containers.all(c, {body})"));
    assert_eq!(all("c.image.startsWith('registry.corp/')"), "spec.containers[1].image 25:5");
    assert_eq!(all("c.ports.all(p, !has(p.hostPort))"), "spec.containers[0].ports[1].hostPort 20:7");
    assert_eq!(all("c.args.all(a, a != '--privileged')"), "spec.containers[1].args[1] 26:15");
    assert_eq!(all("c.args.all(i, a, i < 1 || a != '-v')"), "spec.containers[0].args[1] 16:15");
    assert_eq!(
        all("has(c.securityContext.runAsNonRoot) && c.securityContext.runAsNonRoot"),
        "spec.containers[1].securityContext 28:5"
    );
    assert_eq!(all("has(c.resources)"), "spec.containers[1] 24:5");
    assert_eq!(
        all(
            "!has(c.securityContext.capabilities) || c.securityContext.capabilities.drop.exists(d, d == 'ALL')"
        ),
        "spec.containers[1].securityContext.capabilities.drop 30:9"
    );
    assert_eq!(
        all("['registry.corp/', 'quay.io/'].exists(r, c.image.startsWith(r))"),
        "spec.containers[1].image 25:5"
    );
    assert_eq!(fault(&[], "object.metadata.labels.all(k, k != 'tier')"), "metadata.labels.tier 5:22");
    assert_eq!(fault(&[], "object.metadata.labels.all(k, v, v != 'front')"), "metadata.labels.tier 5:22");
    assert_eq!(
        fault(&[], "!object.spec.containers.exists(c, c.name == 'two')"),
        "spec.containers[1].name 24:5"
    );
    assert_eq!(
        fault(&[], "object.spec.containers.filter(c, !has(c.resources)).size() == 0"),
        "spec.containers[1] 24:5"
    );
}

#[test]
fn loops_that_find_nothing_are_at_the_list() {
    assert_eq!(fault(&[], "object.spec.containers.exists(c, c.name == 'proxy')"), "spec.containers 13:3");
    assert_eq!(fault(&[], "object.spec.tolerations.exists(t, t.key == 'x')"), "spec.tolerations 34:3");
    assert_eq!(
        fault(&[], "object.spec.containers.filter(c, c.name == 'proxy').size() == 1"),
        "spec.containers 13:3"
    );
    assert_eq!(fault(&[], "object.spec.containers.exists_one(c, has(c.image))"), "spec.containers 13:3");
    assert_eq!(fault(&[], "!object.spec.containers.all(c, c.name != '')"), "spec.containers 13:3");
    assert_eq!(
        fault(&[], "object.spec.containers.map(c, c.name).exists(n, n == 'x')"),
        "spec.containers 13:3"
    );
}

#[test]
fn what_is_missing_is_at_its_parent() {
    assert_eq!(fault(&[], "has(object.spec.securityContext)"), "spec 8:1");
    assert_eq!(fault(&[], "has(object.metadata.labels.owner)"), "metadata.labels 5:3");
    assert_eq!(fault(&[], "has(object.status)"), "-");
    assert_eq!(fault(&[], "'owner' in object.metadata.labels"), "metadata.labels 5:3");
    assert_eq!(fault(&[], "object.spec.?priority.orValue(0) > 5"), "spec 8:1");
    assert_eq!(
        fault(&[], "object.spec.containers.all(c, c.?resources.limits.memory.hasValue())"),
        "spec.containers[0].resources.limits 21:17"
    );
}

#[test]
fn errors() {
    assert_eq!(fault(&[], "object.spec.priority > 5"), "spec 8:1");
    assert_eq!(fault(&[], "object.metadata.labels.owner == 'me'"), "metadata.labels 5:3");
    assert_eq!(
        fault(&[], "object.spec.containers.all(c, c.resources.limits.cpu == '1')"),
        "spec.containers[1] 24:5"
    );
    assert_eq!(fault(&[], "object.spec.containers[7].name == ''"), "spec.containers 13:3");
    assert_eq!(fault(&[], "object.spec.limit / (object.spec.replicas - 9) == 1"), "spec.limit 11:3");
    let broken = ("broken", "object.spec.nodeSelector.zone");
    assert_eq!(fault(&[broken], "variables.broken == 'a'"), "spec.nodeSelector 12:3");
    assert_eq!(
        fault(&[], "object.spec.containers.exists(c, c.resources.limits.memory == '1')"),
        "spec.containers[0].resources.limits 21:17"
    );
}

#[test]
fn only_the_object_has_places() {
    assert_eq!(fault(&[], "object.spec.replicas == oldObject.spec.replicas"), "spec.replicas 10:3");
    assert_eq!(fault(&[], "oldObject.spec.replicas == object.spec.replicas"), "spec.replicas 10:3");
    assert_eq!(fault(&[], "oldObject.spec.replicas > 7"), "-");
    assert_eq!(fault(&[], "params.data.tier == object.metadata.labels.tier"), "metadata.labels.tier 5:22");
    assert_eq!(
        fault(&[], "object.spec.containers.all(c, c.image.startsWith(params.data.registry))"),
        "spec.containers[1].image 25:5"
    );
    assert_eq!(
        fault(&[], "params.data.all(k, object.metadata.labels.app == params.data[k])"),
        "metadata.labels.app 5:12"
    );
    assert_eq!(fault(&[], "oldObject.spec.containers.exists(c, c.name == 'x')"), "-");
    assert_eq!(fault(&[], "object.spec.replicas <= int(params.data.most)"), "spec.replicas 10:3");
}
