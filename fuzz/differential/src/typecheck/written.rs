//! Policies written for what the type checker may get wrong.

use super::{crds, policy, rule};
use serde_json::{Value, json};

/// What a question is called, and the expression of its validation, about pods, config maps and deployments.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("fine", "object.metadata.name.startsWith('a')"),
    ("undefined", "object.spec.nothing"),
    ("undefined-deep", "object.spec.containers[0].nothing.more == 1"),
    ("several", "object.a == 1 && object.b == 2 ||\n\tobject.metadata.name == 3"),
    ("whole", "object == 1"),
    ("old", "object == oldObject && oldObject.metadata.generation == 'x'"),
    ("syntax", "object.spec ==="),
    ("undeclared", "nothing(object)"),
    ("time", "object.metadata.creationTimestamp > timestamp('2024-02-29T00:00:00Z')"),
    ("time-text", "object.metadata.creationTimestamp.startsWith('2')"),
    ("keyword", "object.metadata.namespace == 1 && object.metadata.__namespace__ == 1"),
    ("map", "object.metadata.labels['a'] == 1 || object.metadata.labels.b == 1"),
    ("map-key", "object.metadata.labels[1] == 'a'"),
    ("map-macro", "object.metadata.labels.all(k, k == 1)"),
    ("dash", "object.metadata.labels.app__dash__name == 1"),
    ("optional", "object.?metadata.?labels[?'a'].orValue(1) == 'x'"),
    ("optional-undefined", "object.?nothing.hasValue()"),
    ("has", "has(object.spec.nothing) && has(object.metadata.labels.x) && has(object.metadata)"),
    ("fields-v1", "object.metadata.managedFields[0].fieldsV1.x == 1"),
    ("owner", "object.metadata.ownerReferences.exists(o, o.controller == 'true' && o.kid == '')"),
    ("bytes", "object.binaryData['a'] == 'x'"),
    ("list-map", "object.spec.containers.map(c, c.image).filter(i, i == 1)"),
    ("range", "object.metadata.name.all(c, true)"),
    ("condition", "object.spec.replicas ? 1 : 'a'"),
    ("not-bool", "object.metadata.name"),
    ("type", "type(object.spec) == type(object.metadata) || type(object.spec) == 1"),
    ("type-names", "duration == timestamp && type(object.metadata.creationTimestamp) == timestamp"),
    ("type-instance", "timestamp{} == duration{} || object{} == 1"),
    ("literal", "timestamp('x') == object.metadata.creationTimestamp"),
    ("mixed-list", "[object.metadata.name, object.spec] == []"),
    ("unicode", "'größe' == object.spec.größe || object.metadata.name == 1"),
    ("format", "'%d'.format([object.metadata.name])"),
    ("quantity", "quantity(object.spec.nothing) == object.metadata.name"),
    ("namespace", "namespaceObject.metadata.uid == '' || namespaceObject.metadata.labels == 1"),
    ("request", "request.nothing == 1 || request.userInfo.groups == 'a' || request.options.x == 1"),
    ("authorizer", "authorizer.requestResource.check('get').allowed()"),
    ("authorizer-path", "authorizer.path('/a').check('get').allowed() == 1"),
    ("params", "params.x == 1"),
    ("variables", "variables.x == 1 || variables == 1"),
    ("kind-name", "Pod == 1 || Deployment{} == 1"),
    ("shadow", "object.metadata.labels.all(object, object == 1)"),
];

/// A group, version and resources.
type Rule = (&'static str, &'static str, &'static [&'static str]);

/// Rules by what they are about.
#[rustfmt::skip]
const RULES: &[(&str, &[Rule])] = &[
    ("wildcard-group", &[("*", "v1", &["pods"])]),
    ("wildcard-version", &[("apps", "*", &["deployments"])]),
    ("wildcard-resource", &[("", "v1", &["*", "*/*", "pods/*", "secrets"])]),
    ("part-of-wildcard", &[("apps*", "v1", &["deployments"]), ("", "v1", &["pods"])]),
    ("subresource", &[("", "v1", &["pods/status", "pods/exec"]), ("apps", "v1", &["deployments/scale"])]),
    ("any-group", &[("", "v1", &["events", "jobs", "deployments"])]),
    ("unknown", &[("apps", "v1", &["pods", "nothings"]), ("nothing.example.com", "v1", &["things"])]),
    ("unknown-version", &[("apps", "v1beta1", &["deployments"]), ("", "v2", &["pods"])]),
    ("case-and-number", &[("", "v1", &["PODS", "Secret"])]),
    ("lists", &[("", "v1", &["podlists", "secretlist"])]),
    ("twice", &[("", "v1", &["pods", "pods", "pod"]), ("", "v1", &["pods"])]),
    ("sorted", &[("rbac.authorization.k8s.io", "v1", &["roles", "clusterroles"]), ("apps", "v1", &["statefulsets"]), ("", "v1", &["services"])]),
    ("ten", &[("", "v1", &["configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "pods", "podtemplates", "secrets", "services", "serviceaccounts"]), ("apps", "v1", &["deployments"])]),
    ("ten-twice", &[("apps", "v1", &["deployments"]), ("", "v1", &["pods", "pod", "pods", "pod", "pods", "pod", "pods", "pod", "pods", "pod", "secrets"]), ("batch", "v1", &["jobs"])]),
    ("beta", &[("resource.k8s.io", "v1beta1", &["resourceclaims"]), ("admissionregistration.k8s.io", "v1alpha1", &["mutatingadmissionpolicies"])]),
    ("none", &[("", "v1", &["pods/log"])]),
];

/// Questions, with ids by what they are about.
pub fn written() -> Vec<Value> {
    let usual = json!([rule("", "v1", &["pods", "configmaps"]), rule("apps", "v1", &["deployments"])]);
    let mut questions = Vec::new();
    let mut ask = |id: String, rules: &Value, mut spec: Value, more: Value| {
        spec["matchConstraints"] = json!({"resourceRules": rules});
        let mut question = json!({"id": id, "policy": policy(spec)});
        question.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        questions.push(question);
    };
    for (id, expression) in EXPRESSIONS {
        ask(
            format!("expression/{id}"),
            &usual,
            json!({"validations": [{"expression": expression}]}),
            json!({}),
        );
    }
    for (id, rules) in RULES {
        let rules = rules.iter().map(|(group, version, resources)| rule(group, version, resources)).collect();
        let spec = json!({"validations": [{"expression": "nothing"}]});
        ask(format!("rules/{id}"), &rules, spec.clone(), json!({}));
        if *id == "beta" || *id == "ten" {
            ask(format!("rules/{id}/all"), &rules, spec, json!({"allAPIs": true}));
        }
    }
    for (version, kind) in [
        ("v1", "ConfigMap"),
        ("v1", "Pod"),
        ("v1", "Nothing"),
        ("example.com/v1", "Widget"),
        ("a/b/c", "ConfigMap"),
        ("autoscaling/v1", "Scale"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ] {
        let expressions =
            ["params.data == 1", "params.spec == 1", "object == params", "params.metadata.name == 1"];
        let validations: Vec<Value> =
            expressions.iter().map(|expression| json!({"expression": expression})).collect();
        let spec = json!({"paramKind": {"apiVersion": version, "kind": kind}, "validations": validations});
        ask(format!("params/{version}/{kind}"), &json!([rule("", "v1", &["pods"])]), spec, json!({}));
    }
    let names =
        ["number", "sum", "spec", "list", "texts", "labels", "optional", "later", "broken", "last", "none"];
    let reads: Vec<Value> = names
        .iter()
        .map(|name| {
            let message = format!("variables.{name} + 1u");
            json!({"expression": format!("variables.{name} == 'x'"), "messageExpression": message})
        })
        .collect();
    let spec = json!({
        "variables": [
            {"name": "number", "expression": "object.spec.replicas"},
            {"name": "sum", "expression": "variables.number + 1"},
            {"name": "spec", "expression": "object.spec"},
            {"name": "list", "expression": "object.spec.template.spec.containers"},
            {"name": "texts", "expression": "object.spec.template.spec.containers.map(c, c.image)"},
            {"name": "labels", "expression": "object.metadata.labels"},
            {"name": "optional", "expression": "object.?spec"},
            {"name": "later", "expression": "variables.last"},
            {"name": "broken", "expression": "object.nothing + 1"},
            {"name": "last", "expression": "1"},
        ],
        "matchConditions": [{"name": "c", "expression": "object.nothing == 1"}],
        "auditAnnotations": [{"key": "k", "valueExpression": "object.nothing"}],
        "validations": reads,
    });
    ask("variables".to_owned(), &json!([rule("apps", "v1", &["deployments"])]), spec, json!({}));
    for (kind, group, resource) in [
        ("Widget", "example.com", "widgets"),
        ("Gadget", "example.com", "gadgets"),
        ("Thing", "things.example.com", "things"),
    ] {
        let paths = crds::PATHS.iter().filter(|(of, _)| *of == kind);
        let validations: Vec<Value> =
            paths.map(|(_, path)| json!({"expression": format!("size(object.{path}, 1)")})).collect();
        let rules = json!([
            rule(group, "v1", &[resource]),
            rule(group, "v1beta1", &[resource]),
            rule(group, "v1alpha1", &[resource])
        ]);
        ask(
            format!("custom/{kind}"),
            &rules,
            json!({"validations": validations}),
            json!({"crds": crds::all()}),
        );
    }
    questions
}
