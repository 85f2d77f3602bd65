use super::*;
use crate::document::{Limits, Origin};
use crate::schema::Schemas;
use serde_json::{Value, json};

fn scheme(minor: u16) -> Scheme {
    Scheme::for_version(minor).unwrap()
}

fn object(text: &str) -> Object {
    Object::from_json(text.as_bytes(), &Limits::default()).unwrap()
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap()
}

fn admitted(scheme: &Scheme, value: &Value) -> Value {
    let admitted = scheme.admit(&object(&value.to_string()), &Options::default()).unwrap().unwrap();
    serde_json::to_value(admitted.object.root()).unwrap()
}

#[test]
fn what_was_written_keeps_its_place_and_defaults_have_their_parents() {
    let text =
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"paused":true}}"#;
    let written = object(text);
    let admitted = scheme(37).admit(&written, &Options::default()).unwrap().unwrap().object;
    let spec = admitted.root().field("spec").unwrap();
    let slice = |span: Span| slice(text, span);
    let paused = spec.field("paused").unwrap();
    assert_eq!((slice(paused.key_span()), paused.origin()), ("\"paused\"", Origin::Written));
    let replicas = spec.field("replicas").unwrap();
    assert_eq!((slice(replicas.span()), replicas.origin()), (r#"{"paused":true}"#, Origin::Defaulted));
    assert_eq!(admitted.path(replicas), "spec.replicas");
    let status = admitted.root().field("status").unwrap();
    assert_eq!((slice(status.span()), status.origin()), (text, Origin::Empty));
    assert!(admitted.defaulted().any(|node| node == replicas));
    assert!(!admitted.defaulted().any(|node| node == paused || node == status));
}

#[test]
fn unknown_and_repeated_fields_are_warnings_with_places() {
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","name":"b"},
        "spec":{"containers":[{"imag":"x"}],"Volumes":[],"nodeSelector":{"k":"1","k":"2"}}}"#;
    let admitted = scheme(37).admit(&object(text), &Options::default()).unwrap().unwrap();
    let shown: Vec<_> = admitted
        .warnings
        .iter()
        .map(|warning| (warning.message.as_str(), slice(text, warning.span), warning.near.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("duplicate field \"metadata.name\"", "\"name\"", None),
            ("unknown field \"spec.containers[0].imag\"", "\"imag\"", Some("image")),
            ("unknown field \"spec.Volumes\"", "\"Volumes\"", Some("volumes")),
            ("duplicate field \"spec.nodeSelector.k\"", "\"k\"", None),
        ]
    );
}

#[test]
fn a_wrong_type_is_refused_in_the_words_of_the_api_server() {
    let text = r#"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":"3"}}"#;
    let refusal = scheme(37).admit(&object(text), &Options::default()).unwrap_err();
    assert_eq!(
        refusal.message,
        "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go \
         struct field DeploymentSpec.spec.replicas of type int32"
    );
    assert_eq!(refusal.field, "spec.replicas");
    assert_eq!(slice(text, refusal.span), "\"3\"");
}

#[test]
fn kinds_that_are_not_built_in_stay_as_they_are() {
    let custom = object(r#"{"apiVersion":"example.com/v1","kind":"Deployment"}"#);
    assert!(scheme(37).admit(&custom, &Options::default()).unwrap().is_none());
}

#[test]
fn stages_can_be_told_apart() {
    let scheme = scheme(37);
    let secret = object(r#"{"apiVersion":"v1","kind":"Secret","stringData":{"a":"b"}}"#);
    let at = |stage| {
        let options = Options { stage, namespace: "here", ..Options::default() };
        serde_json::to_value(scheme.admit(&secret, &options).unwrap().unwrap().object.root()).unwrap()
    };
    let head = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}, "stringData": {"a": "b"}});
    assert_eq!(at(Stage::Decoded), head);
    assert_eq!(at(Stage::Defaulted)["type"], "Opaque");
    let prepared = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "here"}, "type": "Opaque",
        "data": {"a": "Yg=="}});
    assert_eq!(at(Stage::Prepared), prepared);
}

#[test]
fn versions_differ_where_kubernetes_does() {
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {}});
    let update = |minor| admitted(&scheme(minor), &set)["spec"]["updateStrategy"]["rollingUpdate"].clone();
    assert_eq!(update(36), json!({"partition": 0}));
    assert_eq!(update(37), json!({"partition": 0, "maxUnavailable": 1}));
    let dated = |minor| {
        admitted(&scheme(minor), &set)["metadata"].as_object().unwrap().contains_key("creationTimestamp")
    };
    assert!(dated(33) && !dated(34));
}

#[test]
fn every_kind_of_every_version_can_be_empty() {
    for minor in Schemas::VERSIONS {
        let scheme = scheme(minor);
        let mut kinds: Vec<_> = scheme.schemas().kinds().map(|(version, kind, _)| (version, kind)).collect();
        kinds.sort_unstable();
        for (version, kind) in kinds {
            let made = admitted(&scheme, &json!({"apiVersion": version, "kind": kind}));
            assert_eq!(made["kind"], kind);
        }
    }
}

/// A struct's fields are counted in bits while it is decoded.
#[test]
fn no_struct_has_more_fields_than_there_are_bits() {
    for minor in Schemas::VERSIONS {
        assert!(Schemas::for_version(minor).unwrap().structs().iter().all(|own| own.fields.len() <= 128));
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| {
        let (open, close) = (r#"{"not":"#.repeat(levels), "}".repeat(levels));
        let text = format!(
            r#"{{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":
               {{"versions":[{{"schema":{{"openAPIV3Schema":{open}{{}}{close}}}}}]}}}}"#
        );
        scheme(37).admit(&object(&text), &Options::default()).map(|admitted| admitted.is_some())
    };
    assert_eq!(nested(400), Ok(true));
    assert!(nested(900).unwrap_err().message.ends_with("exceeded max depth"));
}

#[test]
fn yaml_numbers_are_those_of_the_json_that_is_sent() {
    let text = "apiVersion: v1\nkind: ResourceQuota\nspec:\n  hard: {a: 0.50, b: 1e3, c: 1.5e-3}\n";
    let (documents, _) = crate::document::yaml_documents(text, &Limits::default());
    let admitted = scheme(37).admit(&documents[0], &Options::default()).unwrap().unwrap();
    let hard = serde_json::to_value(admitted.object.root()).unwrap()["spec"]["hard"].clone();
    assert_eq!(hard, json!({"a": "500m", "b": "1k", "c": "2m"}));
}

#[test]
fn an_update_keeps_what_the_server_decides() {
    let scheme = scheme(37);
    let deployment = |replicas: u32, metadata: Value| {
        object(
            &json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                "spec": {"replicas": replicas}, "status": {"replicas": replicas}})
            .to_string(),
        )
    };
    let stored = json!({"name": "a", "uid": "u", "generation": 4, "resourceVersion": "7",
        "creationTimestamp": "2024-05-01T10:00:00Z"});
    let options = Options { stage: Stage::Stored, ..Options::default() };
    let old = scheme.admit(&deployment(2, stored), &options).unwrap().unwrap().object;
    let update = |replicas| {
        let new = deployment(replicas, json!({"name": "a", "generation": 9}));
        let options = Options { old: Some(&old), ..Options::default() };
        serde_json::to_value(scheme.admit(&new, &options).unwrap().unwrap().object.root()).unwrap()
    };
    let (same, other) = (update(2), update(3));
    assert_eq!((&same["metadata"]["generation"], &other["metadata"]["generation"]), (&json!(4), &json!(5)));
    assert_eq!(other["status"]["replicas"], 2);
    assert_eq!(
        (&other["metadata"]["uid"], &other["metadata"]["resourceVersion"]),
        (&json!("u"), &json!("7"))
    );
}

#[test]
fn what_is_not_one_kind_is_not_converted() {
    let scheme = scheme(37);
    let pod = object(r#"{"apiVersion":"v1","kind":"Pod"}"#);
    let refusal = scheme.convert(&pod, "apps/v1").unwrap_err();
    assert_eq!(refusal.message, "Pod of `v1` cannot be converted to `apps/v1`");
    let scaler = object(
        r#"{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","spec":{"maxReplicas":"3"}}"#,
    );
    assert!(
        scheme.convert(&scaler, "autoscaling/v2").unwrap_err().message.contains("maxReplicas of type int32")
    );
}
