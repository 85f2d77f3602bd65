use super::*;
use crate::authorization::UserInfo;
use crate::document::{Limits, NodeRef, NodeValue, Object, ObjectBuilder};
use crate::report::Report;

fn object(json: &str) -> Object {
    Object::from_json(json.as_bytes(), &Limits::default()).unwrap()
}

/// A compact text of a value, keys sorted.
fn show(node: NodeRef<'_>) -> String {
    match node.value() {
        NodeValue::Null => "null".to_owned(),
        NodeValue::Bool(value) => value.to_string(),
        NodeValue::Int(value) => value.to_string(),
        NodeValue::Double(value) => value.to_string(),
        NodeValue::String(text) => format!("{text:?}"),
        NodeValue::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
        NodeValue::Map(map) => {
            let mut entries: Vec<_> = map.iter().map(|(k, v)| format!("{k:?}:{}", show(v))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// The `request` variable.
fn variable(request: &Request, builder: &mut ObjectBuilder) -> Object {
    builder.start("", Object::default());
    request.write(&request.kind, &request.resource, builder).unwrap();
    builder.finish().unwrap()
}

#[test]
fn the_table_is_sorted_and_agrees_with_the_guess() {
    assert!(built_in::KINDS.windows(2).all(|w| (w[0].group, w[0].kind) < (w[1].group, w[1].kind)));
    for entry in built_in::KINDS {
        let strange = GroupVersionKind::new("strange.example", "v1", entry.kind);
        assert_eq!(Kinds::default().resource_of(&strange).resource, entry.resource);
        assert!(!entry.versions.is_empty());
    }
}

#[test]
fn plurals_are_guessed_as_apimachinery_does() {
    let guess = |kind| Kinds::default().resource_of(&GroupVersionKind::new("x", "v1", kind)).resource;
    assert_eq!(guess("Gateway"), "gatewaies");
    assert_eq!(guess("Address"), "addresses");
    assert_eq!(guess("MyEndpoints"), "myendpoints");
    assert_eq!(guess("Foo"), "foos");
    assert_eq!(guess(""), "");
}

#[test]
fn namespaces_are_derived_by_scope() {
    let request = |json| Request::create(object(json));
    let pod = request(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#);
    assert_eq!((pod.namespace.as_str(), pod.name.as_str()), ("default", "a"));
    let role =
        r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"namespace":"x"}}"#;
    assert_eq!(request(role).namespace, "");
    let namespace = request(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}"#);
    assert_eq!(namespace.namespace, "n");
    let custom = r#"{"apiVersion":"e.com/v1","kind":"Foo","metadata":{"name":"a"}}"#;
    assert_eq!(request(custom).namespace, "");
    assert_eq!(request(r#"{"apiVersion":"a/b/c","kind":"Pod"}"#).resource, GroupVersionResource::default());
}

#[test]
fn definitions_teach_plural_scope_and_equivalents() {
    let definition = object(
        r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{
        "group":"e.com","names":{"kind":"Gateway","plural":"gateways"},"scope":"Namespaced",
        "versions":[{"name":"v1","served":true},{"name":"v0","served":false},{"name":"v2","served":true}]}}"#,
    );
    let mut kinds = Kinds::default();
    assert!(kinds.define(&definition));
    assert!(!kinds.define(&object(r#"{"apiVersion":"v1","kind":"Pod"}"#)));
    let kind = GroupVersionKind::new("e.com", "v1", "Gateway");
    let resource = kinds.resource_of(&kind);
    assert_eq!(resource.resource, "gateways");
    assert_eq!(kinds.namespaced("e.com", "Gateway"), Some(true));
    let others: Vec<_> = kinds.equivalents(&resource, "").collect();
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].group_version_kind(), GroupVersionKind::new("e.com", "v2", "Gateway"));
    assert_eq!(kinds.equivalents(&resource, "scale").next().unwrap().kind, ["autoscaling", "v1", "Scale"]);
    assert_eq!(kinds.equivalents(&resource, "exec").count(), 0);
    assert_eq!(kinds.versions("e.com", "Gateway").collect::<Vec<_>>(), ["v1", "v2"]);
}

#[test]
fn events_are_one_resource_in_two_groups() {
    let kinds = Kinds::default();
    let core = GroupVersionResource::new("", "v1", "events");
    let others: Vec<_> = kinds.equivalents(&core, "").collect();
    assert_eq!(others.len(), 1);
    assert_eq!(
        others[0].group_version_resource(),
        GroupVersionResource::new("events.k8s.io", "v1", "events")
    );
    assert_eq!(kinds.equivalents(&GroupVersionResource::new("apps", "v1", "deployments"), "").count(), 0);
}

#[test]
fn the_request_variable_omits_what_go_omits() {
    let pod = object(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"}}"#);
    let mut request = Request::create(pod);
    request.uid = "never shown".to_owned();
    request.dry_run = true;
    let mut builder = ObjectBuilder::new(Limits::default());
    let shown = variable(&request, &mut builder);
    assert_eq!(
        show(shown.root()),
        r#"{"dryRun":true,"kind":{"group":"","kind":"Pod","version":"v1"},"name":"a","namespace":"n","object":null,"oldObject":null,"operation":"CREATE","options":{"apiVersion":"meta.k8s.io/v1","dryRun":["All"],"kind":"CreateOptions"},"requestKind":{"group":"","kind":"Pod","version":"v1"},"requestResource":{"group":"","resource":"pods","version":"v1"},"resource":{"group":"","resource":"pods","version":"v1"},"uid":"","userInfo":{}}"#
    );
    request.operation = Operation::Connect;
    request.sub_resource = "exec".to_owned();
    request.name = String::new();
    request.user_info = UserInfo {
        username: "u".to_owned(),
        groups: vec!["g".to_owned()],
        extra: vec![("k".to_owned(), vec!["v".to_owned()])],
        ..UserInfo::default()
    };
    let shown = variable(&request, &mut builder);
    let root = shown.root();
    assert!(root.field("options").unwrap().is_null());
    assert!(root.field("name").is_none());
    assert_eq!(root.field("subResource").unwrap().as_str(), Some("exec"));
    assert_eq!(
        show(root.field("userInfo").unwrap()),
        r#"{"extra":{"k":["v"]},"groups":["g"],"username":"u"}"#
    );
}

#[test]
fn options_are_copied_whole() {
    let mut request = Request::create(object("{}"));
    let options = r#"{"a":[1,{"b":null},[]],"c":{},"d":1.5,"e":true}"#;
    request.options = Some(object(options));
    let mut builder = ObjectBuilder::new(Limits::default());
    let shown = variable(&request, &mut builder);
    assert_eq!(show(shown.root().field("options").unwrap()), options);
}

#[test]
fn a_deep_value_is_copied_within_the_limit_on_depth() {
    let depth = 900;
    let mut request = Request::create(object("{}"));
    request.options = Some(object(&("[".repeat(depth) + &"]".repeat(depth))));
    let mut builder = ObjectBuilder::new(Limits::default());
    assert_eq!(variable(&request, &mut builder).root().field("options").unwrap().as_list().unwrap().len(), 1);
    let mut shallow = ObjectBuilder::new(Limits { max_depth: 100, ..Limits::default() });
    shallow.start("", Object::default());
    assert!(request.write(&request.kind, &request.resource, &mut shallow).is_err());
}

#[test]
fn namespaces_hold_back_what_the_api_server_holds_back() {
    let mut namespaces = Namespaces::new([object(
        r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","labels":{"a":"b"},"managedFields":[],
        "ownerReferences":[{}],"selfLink":"x","generation":0,"deletionGracePeriodSeconds":0,"annotations":{}},
        "status":{"phase":"Active","conditions":[{"type":"T"}]},"other":1}"#,
    )]);
    assert_eq!(
        show(namespaces.find("n").unwrap().root()),
        r#"{"metadata":{"deletionGracePeriodSeconds":0,"labels":{"a":"b"},"name":"n"},"spec":{},"status":{"conditions":[{"lastTransitionTime":null,"status":"","type":"T"}],"phase":"Active"}}"#
    );
    assert!(namespaces.find("m").is_none());
    assert!(
        !namespaces.insert_defaulted(&object(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"m"}}"#))
    );
    let plain = object(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"m"}}"#);
    assert!(namespaces.insert_defaulted(&plain));
    assert_eq!(
        show(namespaces.find("m").unwrap().root()),
        r#"{"metadata":{"labels":{"kubernetes.io/metadata.name":"m"},"name":"m"},"spec":{},"status":{}}"#
    );
}

const REVIEW: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"7",
    "kind":{"group":"apps","version":"v1","kind":"Deployment"},
    "resource":{"group":"apps","version":"v1","resource":"deployments"},
    "operation":"UPDATE","userInfo":{"username":"u","groups":["g"],"extra":{"k":["v"]}},
    "object":{"metadata":{"name":"shown"}},"oldObject":{"spec":1},"options":null,"dryRun":false}}"#;

#[test]
fn a_review_is_read() {
    let request = read_review(REVIEW.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(request.uid, "7");
    assert_eq!(request.operation, Operation::Update);
    assert_eq!((request.name.as_str(), request.namespace.as_str()), ("", ""));
    assert_eq!(request.user_info.extra, [("k".to_owned(), vec!["v".to_owned()])]);
    assert_eq!(show(request.object.unwrap().root()), r#"{"metadata":{"name":"shown"}}"#);
    assert_eq!(show(request.old_object.unwrap().root()), r#"{"spec":1}"#);
    assert!(request.options.is_none());
}

#[test]
fn what_is_no_review_is_refused() {
    let read = |text: &str| read_review(text.as_bytes(), &Limits::default()).unwrap_err().to_string();
    assert_eq!(
        read(&REVIEW.replace("io/v1", "io/v1beta1")),
        "expected an AdmissionReview of admission.k8s.io/v1, found kind `AdmissionReview` of `admission.k8s.io/v1beta1`"
    );
    assert_eq!(read(&REVIEW.replace("\"uid\"", "\"x\"")), "`request.uid` is missing");
    assert_eq!(read(&REVIEW.replace("\"g\"", "1")), "`request.userInfo.groups[0]` must be a string");
    assert_eq!(
        read(&REVIEW.replace("UPDATE", "update")),
        "`update` is no operation; expected CREATE, UPDATE, DELETE or CONNECT"
    );
    assert_eq!(
        read(r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#),
        "`request` is missing"
    );
    assert!(read_review(b"{", &Limits::default()).is_err());
}

#[test]
fn a_report_is_answered_as_a_review() {
    let mut report = Report { allowed: true, ..Report::default() };
    assert_eq!(
        write_review("7", &report),
        r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"7","allowed":true}}"#
    );
    report.allowed = false;
    report.warnings.push("w".to_owned());
    let answer = write_review("7", &report);
    assert!(answer.contains(r#""allowed":false"#) && answer.contains(r#""warnings":["w"]"#), "{answer}");
}

/// The table of resources with several versions is that of all kinds.
#[cfg(feature = "schemas")]
#[test]
fn equivalents_are_those_of_the_schemas() {
    use crate::schema::Schemas;
    const EXCLUDED: [&str; 2] = ["admissionregistration.k8s.io", "authentication.k8s.io"];
    for minor in Schemas::VERSIONS {
        let (schemas, kinds) = (Schemas::for_version(minor).unwrap(), Kinds::default().of_kubernetes(minor));
        let resources = schemas.resources().iter();
        for resource in resources.filter(|resource| !EXCLUDED.contains(&resource.group())) {
            let wanted: Vec<String> =
                schemas.equivalents(resource).map(|other| other.group_version.to_owned()).collect();
            let own = GroupVersionResource::new(resource.group(), resource.version(), resource.name);
            let found: Vec<String> =
                kinds.equivalents(&own, "").map(|other| other.group_version_kind().api_version()).collect();
            assert_eq!(found, wanted, "{} in 1.{minor}", own.resource);
        }
    }
}
