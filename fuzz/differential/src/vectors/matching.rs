//! Which requests a policy and a binding match.

use super::ask::Ask;
use serde_json::{Value, json};

fn object(version: &str, kind: &str, name: &str, namespace: &str) -> Value {
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": "web", "tier": "front"}}});
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    object
}

fn rule(groups: &[&str], versions: &[&str], resources: &[&str], operations: &[&str]) -> Value {
    json!({"apiGroups": groups, "apiVersions": versions, "resources": resources, "operations": operations})
}

fn pod_rule(operations: &[&str]) -> Value {
    rule(&[""], &["v1"], &["pods"], operations)
}

pub(super) fn all() -> Vec<Ask> {
    let mut asks = resources();
    asks.extend(operations());
    asks.extend(rules());
    asks.extend(selectors());
    asks.extend(equivalents());
    asks.extend(excluded());
    asks
}

fn resources() -> Vec<Ask> {
    let mut asks = Vec::new();
    let pod = object("v1", "Pod", "web", "shop");
    for resource in ["pods", "*", "*/*", "pods/*", "pods/log", "*/log", "services"] {
        for sub in ["", "log", "status"] {
            let id = format!("resource/{}/{sub}", resource.replace('/', "-"));
            asks.push(
                Ask::new(id)
                    .constraints(json!({"resourceRules": [rule(&[""], &["v1"], &[resource], &["*"])]}))
                    .field("object", pod.clone())
                    .field("request", json!({"subResource": sub})),
            );
        }
    }
    let custom = object("example.com/v2", "Gateway", "g", "shop");
    let rows: [(&str, &[&str], &[&str]); 5] = [
        ("own", &["example.com"], &["v2"]),
        ("other-version", &["example.com"], &["v1"]),
        ("other-group", &["example.org"], &["v2"]),
        ("several", &["a.com", "example.com"], &["v1", "v2"]),
        ("any", &["*"], &["*"]),
    ];
    for (id, groups, versions) in rows {
        asks.push(
            Ask::new(format!("group/{id}"))
                .constraints(json!({"resourceRules": [rule(groups, versions, &["gateways"], &["CREATE"])]}))
                .field("object", custom.clone()),
        );
    }
    asks
}

fn operations() -> Vec<Ask> {
    let pod = object("v1", "Pod", "web", "shop");
    let mut asks = Vec::new();
    for (id, wanted) in [
        ("create", &["CREATE"][..]),
        ("change", &["UPDATE", "DELETE"]),
        ("connect", &["CONNECT"]),
        ("any", &["*"]),
    ] {
        for asked in ["CREATE", "UPDATE", "DELETE", "CONNECT"] {
            let (new, old) = match asked {
                "CREATE" => (pod.clone(), Value::Null),
                "UPDATE" => (pod.clone(), pod.clone()),
                "DELETE" => (Value::Null, pod.clone()),
                _ => (json!({"apiVersion": "v1", "kind": "PodExecOptions", "command": ["sh"]}), Value::Null),
            };
            let mut ask = Ask::new(format!("operation/{id}/{asked}"))
                .constraints(json!({"resourceRules": [rule(&[""], &["v1"], &["pods", "pods/exec"], wanted)]}))
                .validation(json!({"expression": "false", "messageExpression": "request.operation + (object == null ? ' no object' : ' object') + (oldObject == null ? ' no old' : ' old') + (has(request.options) ? ' ' + request.options.kind : '')"}))
                .field("object", new)
                .field("oldObject", old);
            if asked == "CONNECT" {
                ask = ask.field("request", json!({"operation": "CONNECT", "name": "web", "namespace": "shop", "subResource": "exec", "resource": {"group": "", "version": "v1", "resource": "pods"}}));
            }
            asks.push(ask);
        }
    }
    asks
}

fn rules() -> Vec<Ask> {
    let pod = object("v1", "Pod", "web", "shop");
    let node = object("v1", "Node", "web", "");
    let namespace = object("v1", "Namespace", "web", "");
    let with = |id: String, object: &Value, constraints: Value| {
        Ask::new(id).constraints(constraints).field("object", object.clone())
    };
    let mut asks = Vec::new();
    for scope in ["*", "Namespaced", "Cluster"] {
        let mut scoped = rule(&[""], &["v1"], &["*"], &["*"]);
        scoped["scope"] = json!(scope);
        for (kind, object) in [("pod", &pod), ("node", &node), ("namespace", &namespace)] {
            let id = format!("scope/{}/{kind}", if scope == "*" { "any" } else { scope });
            asks.push(with(id, object, json!({"resourceRules": [scoped]})));
        }
    }
    for (id, names) in [("own", &["web"][..]), ("other", &["db"]), ("several", &["db", "web"])] {
        let mut named = pod_rule(&["*"]);
        named["resourceNames"] = json!(names);
        asks.push(with(format!("names/{id}"), &pod, json!({"resourceRules": [named.clone()]})));
        asks.push(with(
            format!("names/{id}/second-rule"),
            &pod,
            json!({"resourceRules": [named.clone(), rule(&[""], &["v1"], &["secrets"], &["*"])]}),
        ));
        let excluding = json!({"excludeResourceRules": [named.clone()]});
        asks.push(with(format!("exclude/names/{id}"), &pod, excluding));
        let mut generated = pod.clone();
        generated["metadata"] = json!({"generateName": "web", "namespace": "shop"});
        asks.push(with(format!("names/{id}/generated"), &generated, json!({"resourceRules": [named]})));
    }
    let excludes = [
        ("same", pod_rule(&["*"])),
        ("other-operation", pod_rule(&["DELETE"])),
        ("other-resource", rule(&[""], &["v1"], &["secrets"], &["*"])),
        ("everything", rule(&["*"], &["*"], &["*/*"], &["*"])),
    ];
    for (id, excluded) in excludes {
        asks.push(with(format!("exclude/{id}"), &pod, json!({"excludeResourceRules": [excluded.clone()]})));
        let bound = json!({"matchResources": {"excludeResourceRules": [excluded]}});
        asks.push(Ask::new(format!("exclude/{id}/in-binding")).field("object", pod.clone()).bound(bound));
    }
    asks.push(with(
        "rules/second-matches".to_owned(),
        &pod,
        json!({"resourceRules": [rule(&["apps"], &["v1"], &["*"], &["*"]), pod_rule(&["CREATE"])]}),
    ));
    asks.push(
        Ask::new("binding/matches")
            .field("object", pod.clone())
            .bound(json!({"matchResources": {"resourceRules": [pod_rule(&["CREATE"])]}})),
    );
    asks.push(
        Ask::new("binding/other")
            .field("object", pod.clone())
            .bound(json!({"matchResources": {"resourceRules": [pod_rule(&["UPDATE"])]}})),
    );
    asks.push(Ask::new("binding/empty").field("object", pod).bound(json!({"matchResources": {}})));
    asks
}

/// Selectors that a namespace or object is tried with.
fn selector_rows() -> Vec<(&'static str, Value)> {
    let expression = |key: &str, operator: &str, values: &[&str]| {
        let mut expression = json!({"key": key, "operator": operator});
        if !values.is_empty() {
            expression["values"] = json!(values);
        }
        json!({"matchExpressions": [expression]})
    };
    vec![
        ("empty", json!({})),
        ("label", json!({"matchLabels": {"app": "web"}})),
        ("other-label", json!({"matchLabels": {"app": "db"}})),
        ("two-labels", json!({"matchLabels": {"app": "web", "tier": "front"}})),
        ("in", expression("app", "In", &["web", "x"])),
        ("not-in", expression("app", "NotIn", &["web"])),
        ("not-in-absent", expression("none", "NotIn", &["web"])),
        ("exists", expression("app", "Exists", &[])),
        ("absent", expression("app", "DoesNotExist", &[])),
        ("name-label", expression("kubernetes.io/metadata.name", "In", &["shop"])),
    ]
}

fn selectors() -> Vec<Ask> {
    let mut asks = Vec::new();
    let pod = object("v1", "Pod", "web", "shop");
    let mut plain = pod.clone();
    plain["metadata"] = json!({"name": "web", "namespace": "shop"});
    let mut odd = plain.clone();
    odd["metadata"]["labels"] = json!({"app": "web", "tier": 1});
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"app": "web", "tier": "front", "kubernetes.io/metadata.name": "shop"}}});
    let node = object("v1", "Node", "n", "");
    for (id, selector) in selector_rows() {
        let objects = json!({"objectSelector": selector});
        let with = |name: &str| Ask::new(format!("{name}/{id}"));
        asks.push(with("object-selector/create").constraints(objects.clone()).field("object", pod.clone()));
        asks.push(
            with("object-selector/unlabelled").constraints(objects.clone()).field("object", plain.clone()),
        );
        asks.push(
            with("object-selector/odd-label").constraints(objects.clone()).field("object", odd.clone()),
        );
        let update = with("object-selector/old-only").constraints(objects.clone());
        asks.push(update.field("object", plain.clone()).field("oldObject", pod.clone()));
        let delete = with("object-selector/delete").constraints(objects.clone());
        asks.push(delete.field("object", Value::Null).field("oldObject", pod.clone()));
        asks.push(
            with("object-selector/binding")
                .field("object", pod.clone())
                .bound(json!({"matchResources": objects})),
        );
        let spaces = json!({"namespaceSelector": selector});
        asks.push(
            with("namespace-selector/given")
                .constraints(spaces.clone())
                .field("object", plain.clone())
                .field("namespaceObject", namespace.clone()),
        );
        asks.push(
            with("namespace-selector/unknown").constraints(spaces.clone()).field("object", plain.clone()),
        );
        asks.push(
            with("namespace-selector/cluster-scoped")
                .constraints(spaces.clone())
                .field("object", node.clone()),
        );
        asks.push(
            with("namespace-selector/namespace-created")
                .constraints(spaces.clone())
                .field("object", namespace.clone()),
        );
        let changed = with("namespace-selector/namespace-changed").constraints(spaces.clone());
        asks.push(
            changed
                .field("object", object("v1", "Namespace", "shop", ""))
                .field("oldObject", namespace.clone()),
        );
        let deleted = with("namespace-selector/namespace-deleted").constraints(spaces.clone());
        asks.push(deleted.field("object", Value::Null).field("oldObject", namespace.clone()));
        let status = with("namespace-selector/namespace-status").constraints(spaces.clone());
        asks.push(
            status
                .field("object", namespace.clone())
                .field("oldObject", namespace.clone())
                .field("request", json!({"subResource": "status"})),
        );
        let bound = with("namespace-selector/binding")
            .field("object", plain.clone())
            .field("namespaceObject", namespace.clone());
        asks.push(bound.bound(json!({"matchResources": spaces})));
    }
    asks
}

fn equivalents() -> Vec<Ask> {
    let mut asks = Vec::new();
    let scaler =
        |version: &str| object(&format!("autoscaling/{version}"), "HorizontalPodAutoscaler", "h", "shop");
    let message = "object.apiVersion + ' ' + request.kind.version + ' ' + request.resource.version + ' ' + request.requestKind.version + ' ' + request.requestResource.version";
    for policy in ["Exact", "Equivalent"] {
        for named in ["v1", "v2"] {
            for asked in ["v1", "v2"] {
                let rules = json!({"matchPolicy": policy, "resourceRules": [rule(&["autoscaling"], &[named], &["horizontalpodautoscalers", "horizontalpodautoscalers/status"], &["*"])]});
                let denied = json!({"expression": "false", "messageExpression": message});
                let ask = Ask::new(format!("{policy}/rule-{named}/request-{asked}"))
                    .constraints(rules)
                    .validation(denied);
                asks.push(ask.field("object", scaler(asked)).field("oldObject", scaler(asked)));
            }
        }
        let exclude = json!({"matchPolicy": policy, "excludeResourceRules": [rule(&["autoscaling"], &["v1"], &["*"], &["*"])]});
        asks.push(
            Ask::new(format!("{policy}/excluded")).constraints(exclude.clone()).field("object", scaler("v2")),
        );
        let bound = json!({"matchResources": {"matchPolicy": policy, "resourceRules": [rule(&["autoscaling"], &["v1"], &["*"], &["*"])]}});
        asks.push(
            Ask::new(format!("{policy}/binding"))
                .validation(json!({"expression": "false", "messageExpression": message}))
                .field("object", scaler("v2"))
                .bound(bound),
        );
        let mut named = rule(&["autoscaling"], &["v1"], &["*"], &["*"]);
        named["resourceNames"] = json!(["other"]);
        asks.push(
            Ask::new(format!("{policy}/other-name"))
                .constraints(json!({"matchPolicy": policy, "resourceRules": [named]}))
                .field("object", scaler("v2")),
        );
        let event =
            json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"}});
        let ask = Ask::new(format!("{policy}/events")).constraints(json!({"matchPolicy": policy, "resourceRules": [rule(&["events.k8s.io"], &["v1"], &["events"], &["*"])]}));
        asks.push(
            ask.validation(json!({"expression": "false", "messageExpression": message}))
                .field("object", event),
        );
        let deployment = object("apps/v1", "Deployment", "d", "shop");
        let ask = Ask::new(format!("{policy}/version-no-longer-served")).constraints(json!({"matchPolicy": policy, "resourceRules": [rule(&["apps", "extensions"], &["v1beta1"], &["deployments"], &["*"])]}));
        asks.push(ask.field("object", deployment));
    }
    asks
}

/// Kinds that policies never see, and some that they do.
fn excluded() -> Vec<Ask> {
    let kinds = [
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("authorization.k8s.io/v1", "SubjectAccessReview"),
        ("authorization.k8s.io/v1", "SelfSubjectRulesReview"),
        ("authentication.k8s.io/v1", "TokenReview"),
        ("authentication.k8s.io/v1", "TokenRequest"),
        ("v1", "Secret"),
        ("v1", "Endpoints"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("example.com/v1", "Proxy"),
    ];
    kinds
        .into_iter()
        .map(|(version, kind)| {
            Ask::new(format!("kind/{kind}")).field("object", object(version, kind, "x", ""))
        })
        .collect()
}
