use super::*;
use crate::document::{Limits, documents};

fn policy(rules: &str, more: &str, expressions: &[&str]) -> ValidatingAdmissionPolicy {
    let quoted = |text: &&str| format!("  - expression: {}\n", serde_json::Value::from(*text));
    let validations: String = expressions.iter().map(quoted).collect();
    let text = format!(
        "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p}}
spec:
  matchConstraints:
    resourceRules: [{rules}]
{more}  validations:
{validations}"
    );
    let document = documents("p.yaml", text.as_bytes(), &Limits::default()).remove(0).unwrap();
    ValidatingAdmissionPolicy::from_document(&document).unwrap()
}

fn rule(group: &str, version: &str, resources: &str) -> String {
    format!(
        "{{apiGroups: ['{group}'], apiVersions: ['{version}'], operations: ['*'], resources: [{resources}]}}"
    )
}

fn pods(more: &str, expressions: &[&str]) -> ValidatingAdmissionPolicy {
    policy(&rule("", "v1", "pods"), more, expressions)
}

fn checker() -> TypeChecker {
    TypeChecker::new(Version::default())
}

/// The messages about each expression, for the first kind.
fn messages(checker: &TypeChecker, policy: &ValidatingAdmissionPolicy) -> Vec<String> {
    let warnings = checker.check(policy).into_iter();
    let all = warnings.flat_map(|mut warning| warning.results.remove(0).issues.issues);
    all.map(|issue| issue.message).collect()
}

fn kinds(checker: &TypeChecker, rules: &[String]) -> String {
    let policy = policy(&rules.join(", "), "", &["nothing"]);
    let warnings = checker.check(&policy);
    let kinds = warnings.iter().flat_map(|warning| &warning.results);
    kinds
        .map(|result| format!("{} {}", result.kind.api_version(), result.kind.kind))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn only_kinds_that_rules_name_outright_are_checked() {
    let of = |rules: &[String]| kinds(&checker(), rules);
    assert_eq!(
        of(&[rule("apps", "v1", "statefulsets, deployments")]),
        "apps/v1 Deployment, apps/v1 StatefulSet"
    );
    assert_eq!(of(&[rule("*", "v1", "pods")]), "");
    assert_eq!(of(&[rule("apps", "*", "deployments")]), "");
    assert_eq!(of(&[rule("", "v1", "'*', 'pods/*', pods/status, secrets")]), "v1 Secret");
    assert_eq!(of(&[rule("", "v1", "Pod, podlists")]), "v1 Pod, v1 PodList");
    // A group without a name is any group.
    assert_eq!(of(&[rule("", "v1", "events, jobs")]), "v1 Event, batch/v1 Job, events.k8s.io/v1 Event");
    assert_eq!(of(&[rule("apps", "v1", "pods"), rule("", "v1", "pods")]), "v1 Pod");
    assert_eq!(of(&[rule("apps", "v2", "deployments")]), "");
}

#[test]
fn a_rule_with_ten_kinds_ends_the_search() {
    let many = "configmaps, endpoints, limitranges, namespaces, nodes, persistentvolumeclaims, persistentvolumes, pods, \
                podtemplates, replicationcontrollers, secrets, services";
    let found = kinds(&checker(), &[rule("", "v1", many), rule("apps", "v1", "deployments")]);
    assert_eq!(found.split(", ").count(), 10);
    assert!(found.ends_with("v1 ReplicationController"), "{found}");
    let found = kinds(&checker(), &[rule("apps", "v1", "deployments"), rule("", "v1", "pods")]);
    assert_eq!(found, "v1 Pod, apps/v1 Deployment");
}

#[test]
fn versions_that_are_off_by_default_are_checked_when_asked_for() {
    let rules = [rule("resource.k8s.io", "v1beta1", "resourceclaims")];
    assert_eq!(kinds(&checker(), &rules), "");
    assert_eq!(kinds(&checker().all_apis(true), &rules), "resource.k8s.io/v1beta1 ResourceClaim");
}

#[test]
fn fields_have_the_types_that_are_published() {
    let policy = pods(
        "",
        &[
            "object.spec.containers[0].ports[0].hostPort == 'a'",
            "object.spec == 1",
            "object.spec.containers[0].securityContext == oldObject.spec.nothing",
            "object.metadata.creationTimestamp == 'x'",
            "object.metadata.namespace == 1",
            "object.spec.containers[0].livenessProbe.httpGet.port == 'http'",
            "has(object.spec.containers[0].resources.limits)",
            "object.metadata.managedFields[0].fieldsV1.x",
            "object == namespaceObject",
        ],
    );
    assert_eq!(
        messages(&checker(), &policy),
        [
            "found no matching overload for '_==_' applied to '(int, string)'",
            "found no matching overload for '_==_' applied to '(Pod.spec, int)'",
            "undefined field 'nothing'",
            "found no matching overload for '_==_' applied to '(timestamp, string)'",
            "found no matching overload for '_==_' applied to '(string, int)'",
            "undefined field 'limits'",
            "undefined field 'x'",
            "found no matching overload for '_==_' applied to '(Pod, kubernetes.Namespace)'",
        ]
    );
}

#[test]
fn fields_are_those_of_the_version() {
    let policy = pods("", &["has(object.spec.resources)", "object.metadata.namespace == ''"]);
    assert_eq!(
        messages(&TypeChecker::new("1.31".parse().unwrap()), &policy),
        ["undefined field 'resources'"]
    );
    assert_eq!(
        messages(&TypeChecker::new("1.30".parse().unwrap()), &policy),
        ["undefined field 'resources'", "undefined field 'namespace'"]
    );
    assert!(checker().check(&policy).is_empty());
    // Of this version no schemas are known.
    assert!(TypeChecker::new("1.29".parse().unwrap()).check(&policy).is_empty());
}

#[test]
fn variables_are_typed_and_their_errors_are_not_told() {
    let variables = "  variables: [{name: p, expression: object.spec.priority}, {name: s, expression: object.spec}, \
                     {name: c, expression: object.spec.containers}, {name: bad, expression: object.nothing}]\n";
    let policy = pods(
        variables,
        &["variables.p == ''", "variables.s == 1", "variables.c == 1", "variables.bad == 1", "variables.x"],
    );
    assert_eq!(
        messages(&checker(), &policy),
        [
            "found no matching overload for '_==_' applied to '(int, string)'",
            "found no matching overload for '_==_' applied to '(list(dyn), int)'",
            "undefined field 'x'",
        ]
    );
}

#[test]
fn params_are_typed_where_their_kind_is_known() {
    let params =
        |version: &str, kind: &str| format!("  paramKind: {{apiVersion: {version}, kind: {kind}}}\n");
    let of = |version, kind| messages(&checker(), &pods(&params(version, kind), &["params.data == 1"]));
    let no_overload = "found no matching overload for '_==_' applied to '(map(string, string), int)'";
    assert_eq!(of("v1", "ConfigMap"), [no_overload]);
    assert_eq!(of("v1", "Service"), ["undefined field 'data'"]);
    assert!(of("example.com/v1", "Limits").is_empty());
    let undeclared = "undeclared reference to 'params' (in container '')";
    assert_eq!(of("a/b/c", "ConfigMap"), [undeclared]);
    assert_eq!(messages(&checker(), &pods("", &["params.data == 1"])), [undeclared]);
    // Of one kind, but never of one type.
    assert_eq!(
        messages(&checker(), &pods(&params("v1", "Pod"), &["object == params", "Pod == 1"])),
        [
            "found no matching overload for '_==_' applied to '(Pod, Pod)'",
            "undeclared reference to 'Pod' (in container '')"
        ]
    );
}

#[test]
fn messages_have_an_authorizer_but_nobody_its_request_resource() {
    let mut policy = pods("", &["authorizer.requestResource.check('get').allowed()"]);
    let text = "authorizer.path('/').check('get').reason() + 1".to_owned();
    policy.validations[0].message_expression = Some(Expression { text, ..Expression::default() });
    let warnings = checker().check(&policy);
    assert_eq!(
        warnings.iter().map(ExpressionWarning::warning).collect::<Vec<_>>(),
        [
            "/v1, Kind=Pod: ERROR: <input>:1:11: unexpected failed resolution of 'kubernetes.authorization.Authorizer'\n \
             | authorizer.requestResource.check('get').allowed()\n | ..........^\n",
            "/v1, Kind=Pod: ERROR: <input>:1:44: found no matching overload for '_+_' applied to '(string, int)'\n \
             | authorizer.path('/').check('get').reason() + 1\n | ...........................................^\n",
        ]
    );
    assert_eq!(warnings[1].field_ref, "spec.validations[0].messageExpression");
}

fn definition(schema: &str) -> Object {
    let text = format!(
        r#"{{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {{
            "group": "example.com", "names": {{"kind": "Widget", "plural": "widgets"}}, "versions": [
            {{"name": "v1", "served": true, "schema": {{"openAPIV3Schema": {schema}}}}},
            {{"name": "v2", "served": false, "schema": {{"openAPIV3Schema": {schema}}}}}]}}}}"#
    );
    Object::from_json(text.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn custom_kinds_have_the_types_of_their_schemas() {
    let schema = r#"{"type": "object", "properties": {"metadata": {"type": "object"}, "spec": {"type": "object", "properties": {
        "size": {"type": "integer"}, "either": {"type": "string", "format": "int-or-string"}, "if": {"type": "boolean"},
        "part": {"type": "object", "x-kubernetes-embedded-resource": true}}}}}"#;
    let checker = checker().custom_kinds([&definition(schema)]);
    let expressions = [
        "object.spec.size == ''",
        "object.spec.either == 1",
        "object.spec.if == 1",
        "object.metadata.labels == 1",
        "object.spec.part.metadata.uid == 1",
        "object.nothing",
    ];
    let found = messages(&checker, &policy(&rule("example.com", "v1", "widget"), "", &expressions));
    let no_overload = |types: &str| format!("found no matching overload for '_==_' applied to '({types})'");
    assert_eq!(
        found,
        [
            no_overload("int, string"),
            no_overload("bool, int"),
            no_overload("map(string, string), int"),
            no_overload("string, int"),
            "undefined field 'nothing'".to_owned(),
        ]
    );
    assert!(checker.check(&policy(&rule("example.com", "v2", "widgets"), "", &["nothing"])).is_empty());
}

#[test]
fn custom_kinds_without_a_schema_are_not_checked() {
    let of = |schema| {
        let checker = checker().custom_kinds([&definition(schema)]);
        let expressions = ["object.metadata.labels == 1", "object.spec"];
        messages(&checker, &policy(&rule("example.com", "v1", "widgets"), "", &expressions))
    };
    assert!(of("null").is_empty() && of(r#"{"type": 1}"#).is_empty());
    let no_overload = "found no matching overload for '_==_' applied to '(map(string, string), int)'";
    assert_eq!(of(r#"{"type": "object"}"#), [no_overload, "undefined field 'spec'"]);
}

#[test]
fn diagnostics_name_each_issue_once_and_leave_errors_to_the_compiler() {
    let policy = policy(
        &[rule("apps", "v1", "deployments, replicasets, statefulsets, daemonsets"), rule("", "v1", "pods")]
            .join(", "),
        "",
        &["object.spec.replicas == '' || nothing || size(object.spec.overhead) == 1"],
    );
    let found: Vec<String> =
        checker().diagnose(&policy).iter().map(|problem| problem.render(false)).collect();
    let lines: Vec<&str> = found
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.starts_with("warning") || line.contains("-->") || line.contains("help"))
        .collect();
    assert_eq!(
        lines,
        [
            "warning[type-check]: undefined field 'replicas' in v1 Pod, apps/v1 DaemonSet",
            " --> p.yaml:8:29",
            "warning[type-check]: found no matching overload for '_==_' applied to '(int, string)' in \
             apps/v1 Deployment, apps/v1 ReplicaSet, apps/v1 StatefulSet",
            " --> p.yaml:8:39",
            "warning[type-check]: undefined field 'overhead' in v1 Pod, apps/v1 DaemonSet, apps/v1 Deployment and 2 more",
            " --> p.yaml:8:75",
            "  = help: `overhead` may well be there: quantities and other fields of several types have no type that the \
             API server's type checker sees",
        ]
    );
}

#[test]
fn rules_that_name_very_much_take_no_time() {
    let rule = |names: &[&str]| {
        let texts = |prefix: &str| (0..20_000).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>();
        let mut rule = pods("", &["true"]).match_constraints.resource_rules.remove(0);
        rule.api_groups.extend(texts("g"));
        rule.api_versions.extend(texts("v"));
        rule.resources = texts("r").into_iter().chain(names.iter().map(|&name| name.to_owned())).collect();
        rule
    };
    let of = |names| kinds_to_check(&checker(), &[rule(names), rule(&["secrets"])]).into_iter();
    let names = |names| of(names).map(|kind| kind.kind).collect::<Vec<_>>();
    assert_eq!(names(&["pods"]), ["Pod", "Secret"]);
    // Ten of one end the search all the same.
    assert_eq!(names(&["pods"; 10]), ["Pod"]);
}
