use super::{FieldError, Validator};
use crate::document::{Document, Limits, Object, documents};
use crate::typed::{Options, Scheme, Stage};
use serde_json::{Value, json};

fn read(written: &Value) -> Object {
    Object::from_serialize(written, &Limits::default()).unwrap()
}

/// What is wrong with an object that is created, or that replaces another.
fn errors(new: &Value, old: Option<&Value>) -> Vec<String> {
    let scheme = Scheme::for_version(37).unwrap();
    let stored = Options { stage: Stage::Stored, ..Options::default() };
    let old = old.map(|old| scheme.admit(&read(old), &stored).unwrap().unwrap().object);
    let options = Options { old: old.as_ref(), ..Options::default() };
    let new = scheme.admit(&read(new), &options).unwrap().unwrap();
    let validator = Validator::for_version(37).unwrap();
    validator.validate(&scheme, &new.object, old.as_ref()).iter().map(FieldError::to_string).collect()
}

fn role(rules: &Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "a", "uid": "1"}, "rules": rules})
}

#[test]
fn what_is_missing_is_required() {
    let binding =
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding"});
    let wanted = ["spec.policyName: Required value", "spec.validationActions: Required value"];
    assert_eq!(errors(&binding, None), wanted);
}

#[test]
fn an_update_is_refused_for_what_it_changes_alone() {
    let (none, get) = (json!({"verbs": []}), json!({"verbs": ["get"]}));
    let old = role(&json!([none]));
    let mut labelled = old.clone();
    labelled["metadata"]["labels"] = json!({"a": "b"});
    assert!(errors(&labelled, Some(&old)).is_empty());
    let longer = role(&json!([none, get]));
    assert_eq!(errors(&longer, Some(&old)), ["rules[0].verbs: Required value"]);
    assert_eq!(errors(&labelled, None), ["rules[0].verbs: Required value"]);
}

#[test]
fn what_is_immutable_stays() {
    let class = |handler: &str| {
        json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
            "metadata": {"name": "a", "uid": "1"}, "handler": handler})
    };
    assert_eq!(errors(&class("b"), Some(&class("a"))), ["handler: Invalid value: null: field is immutable"]);
    assert!(errors(&class("A"), Some(&class("A"))).is_empty());
}

#[test]
fn an_old_object_of_another_version_is_converted() {
    let class = |version: &str, name: &str| {
        json!({"apiVersion": format!("resource.k8s.io/{version}"), "kind": "ResourceClaim",
            "metadata": {"name": "a", "uid": "1"}, "spec": {"devices": {"requests": [
                {"name": name, "exactly": {"deviceClassName": "a"}}]}}})
    };
    assert!(errors(&class("v1", "a"), Some(&class("v1beta2", "a"))).is_empty());
    assert_eq!(
        errors(&class("v1", "b"), Some(&class("v1beta2", "a"))),
        ["spec: Invalid value: null: field is immutable"]
    );
}

#[test]
fn an_error_has_the_place_of_the_value_or_of_what_it_is_missing_from() {
    let text = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  minReplicas: -1\n";
    let Document { object, .. } = documents("a.yaml", text.as_bytes(), &Limits::default()).remove(0).unwrap();
    let scheme = Scheme::for_version(37).unwrap();
    let admitted = scheme.admit(&object, &Options::default()).unwrap().unwrap();
    let found = Validator::for_version(37).unwrap().validate(&scheme, &admitted.object, None);
    let places: Vec<_> = found
        .iter()
        .map(|error| {
            let span = error.place(text);
            (error.field.as_str(), text.get(span.start as usize..span.end as usize).unwrap())
        })
        .collect();
    assert_eq!(places, [("spec.minReplicas", "minReplicas: -1"), ("spec.maxReplicas", "spec")]);
}

#[test]
fn there_are_rules_of_the_newest_version_alone() {
    assert!(Validator::for_version(36).is_none());
    let custom = json!({"apiVersion": "example.com/v1", "kind": "Widget"});
    let scheme = Scheme::for_version(37).unwrap();
    assert!(Validator::for_version(37).unwrap().validate(&scheme, &read(&custom), None).is_empty());
}

/// Templates of groups of Pods contain themselves.
#[test]
fn deep_objects_do_not_exhaust_the_stack() {
    let mut template = json!({"name": ""});
    for _ in 0..200 {
        template = json!({"name": "", "compositePodGroupTemplates": [template]});
    }
    let deep = json!({"apiVersion": "scheduling.k8s.io/v1alpha3", "kind": "Workload", "metadata": {"name": "a"},
        "spec": {"compositePodGroupTemplates": [template]}});
    // As it is never admitted.
    let scheme = Scheme::for_version(37).unwrap();
    let found = Validator::for_version(37).unwrap().validate(&scheme, &read(&deep), None);
    assert_eq!(found[0].to_string(), "spec.compositePodGroupTemplates: Forbidden");
}

#[test]
fn repeated_elements_of_long_lists_are_found_in_one_pass() {
    let many: Vec<Value> = (0..20_000)
        .map(|number| json!({"uid": number.to_string(), "name": "a", "resource": "pods"}))
        .collect();
    let mut claim = json!({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": {"name": "a"},
        "spec": {"devices": {"requests": []}}, "status": {"devices": many}});
    claim["status"]["devices"][7] = claim["status"]["devices"][0].clone();
    let scheme = Scheme::for_version(37).unwrap();
    let found = Validator::for_version(37).unwrap().validate(&scheme, &read(&claim), None);
    assert_eq!(found.len(), 19_999, "all have the same driver, device and pool");
}
