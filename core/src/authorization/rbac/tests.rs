use super::*;
use crate::authorization::User;
use crate::document::Limits;

/// Objects from a JSON list, with the group's name left out.
fn objects(json: &str) -> Vec<Object> {
    let version = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","#;
    let list = format!(
        "[{}]",
        json.replace("{\"kind\":", &format!("{version}\"kind\":")).replace("~", "{\"kind\":")
    );
    let list = Object::from_json(list.as_bytes(), &Limits::default()).unwrap();
    list.root().as_list().unwrap().iter().map(|node| node.to_object().unwrap()).collect()
}

fn ask(
    rbac: &Rbac,
    user: &str,
    groups: &[&str],
    verb: &str,
    place: (&str, &str, &str),
    name: &str,
) -> String {
    let (namespace, resource, subresource) = place;
    let target = Target::Resource { group: "", resource, subresource, namespace, name };
    show(rbac.authorize(&Attributes { user: User { name: user, groups }, verb, target }))
}

fn show(answer: Answer) -> String {
    format!("{:?} {}{}", answer.decision, answer.reason, answer.error)
}

const ROLES: &str = r#"
    {"kind":"ClusterRole","metadata":{"name":"view","labels":{"a":"1"}},"rules":[
        {"apiGroups":[""],"resources":["pods","pods/log","*/scale"],"verbs":["get"]},
        {"nonResourceURLs":["/healthz/*"],"verbs":["get"]}]},
    {"kind":"ClusterRole","metadata":{"name":"one"},"rules":[
        {"apiGroups":["*"],"resources":["*"],"resourceNames":["it"],"verbs":["*"]}]},
    {"kind":"Role","metadata":{"name":"local","namespace":"n"},"rules":[
        {"apiGroups":[""],"resources":["secrets"],"verbs":["list"]}]}"#;

fn with(bindings: &str) -> Rbac {
    Rbac::new(&objects(&format!("{ROLES},{bindings}")))
}

#[test]
fn resources_subresources_and_names_are_told_apart() {
    let rbac = with(
        r#"{"kind":"ClusterRoleBinding","metadata":{"name":"b"},"roleRef":~"ClusterRole","name":"view"},
        "subjects":[~"User","name":"u"}]},
        {"kind":"ClusterRoleBinding","metadata":{"name":"c"},"roleRef":~"ClusterRole","name":"one"},
        "subjects":[~"Group","name":"g"}]}"#,
    );
    let view = r#"Allow RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "view" to User "u""#;
    let ask = |verb, place, name| ask(&rbac, "u", &[], verb, place, name);
    assert_eq!(ask("get", ("n", "pods", ""), ""), view);
    assert_eq!(ask("get", ("", "pods", "log"), ""), view);
    assert_eq!(ask("get", ("n", "deployments", "scale"), ""), view);
    assert_eq!(ask("get", ("n", "pods/log", ""), ""), view);
    assert_eq!(ask("get", ("n", "pods", "exec"), ""), "NoOpinion ");
    assert_eq!(ask("get", ("n", "deployments", ""), ""), "NoOpinion ");
    assert_eq!(ask("list", ("n", "pods", ""), ""), "NoOpinion ");
    let group = |name| self::ask(&rbac, "x", &["f", "g"], "delete", ("n", "anything", ""), name);
    assert_eq!(
        group("it"),
        r#"Allow RBAC: allowed by ClusterRoleBinding "c" of ClusterRole "one" to Group "g""#
    );
    assert_eq!(group("other"), "NoOpinion ");
    assert_eq!(group(""), "NoOpinion ");
    let path = |path| {
        let user = User { name: "u", groups: &[] };
        rbac.authorize(&Attributes { user, verb: "get", target: Target::Path(path) }).decision
    };
    assert_eq!(path("/healthz/etcd"), Decision::Allow);
    assert_eq!(path("/healthz"), Decision::NoOpinion);
}

#[test]
fn role_bindings_count_in_their_namespace_only() {
    let rbac = with(
        r#"{"kind":"RoleBinding","metadata":{"name":"b","namespace":"n"},"roleRef":~"Role","name":"local"},
        "subjects":[~"ServiceAccount","name":"s"},~"ServiceAccount","name":"s","namespace":"m"}]}"#,
    );
    let ask = |user, namespace| ask(&rbac, user, &[], "list", (namespace, "secrets", ""), "");
    let own = r#"Allow RBAC: allowed by RoleBinding "b/n" of Role "local" to ServiceAccount "s/n""#;
    assert_eq!(ask("system:serviceaccount:n:s", "n"), own);
    assert_eq!(ask("system:serviceaccount:m:s", "n"), own.replace("s/n", "s/m"));
    assert_eq!(ask("system:serviceaccount:n:s", "m"), "NoOpinion ");
    assert_eq!(ask("system:serviceaccount:n:s", ""), "NoOpinion ");
    assert_eq!(ask("s", "n"), "NoOpinion ");
}

#[test]
fn bindings_without_a_role_are_named_when_nothing_allows() {
    let bindings = r#"{"kind":"ClusterRoleBinding","metadata":{"name":"b"},"roleRef":~"ClusterRole","name":"gone"},
        "subjects":[~"User","name":"u"}]},
        {"kind":"ClusterRoleBinding","metadata":{"name":"c"},"roleRef":~"Role","name":"local"},
        "subjects":[~"User","name":"u"}]},
        {"kind":"ClusterRoleBinding","metadata":{"name":"c2"},"roleRef":~"Role","name":"local"},
        "subjects":[~"User","name":"u"}]},
        {"kind":"RoleBinding","metadata":{"name":"d","namespace":"n"},"roleRef":~"Rule","name":"x"},
        "subjects":[~"User","name":"u"},~"Alien","name":"u"}]}"#;
    let rbac = with(bindings);
    assert_eq!(
        ask(&rbac, "u", &[], "get", ("n", "pods", ""), ""),
        r#"NoOpinion rbac: RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "local" not found, unsupported role reference kind: "Rule"]"#
    );
    assert_eq!(ask(&rbac, "u", &["system:masters"], "get", ("n", "pods", ""), ""), "Allow ");
    assert_eq!(ask(&rbac, "v", &[], "get", ("n", "pods", ""), ""), "NoOpinion ");
}

#[test]
fn the_first_binding_and_its_first_subject_give_the_reason() {
    let rbac = with(
        r#"{"kind":"ClusterRoleBinding","metadata":{"name":"z"},"roleRef":~"ClusterRole","name":"one"},
        "subjects":[~"Group","name":"g"}]},
        {"kind":"ClusterRoleBinding","metadata":{"name":"a\"é\u0001"},"roleRef":~"ClusterRole","name":"view"},
        "subjects":[~"Group","name":"h"},~"Group","name":"g"},~"User","name":"u"}]}"#,
    );
    assert_eq!(
        ask(&rbac, "u", &["g"], "get", ("n", "pods", ""), ""),
        r#"Allow RBAC: allowed by ClusterRoleBinding "a\"é\x01" of ClusterRole "view" to Group "g""#
    );
    assert_eq!(
        ask(&rbac, "u", &["g", "h"], "get", ("n", "pods", ""), "it"),
        r#"Allow RBAC: allowed by ClusterRoleBinding "z" of ClusterRole "one" to Group "g""#
    );
}

#[test]
fn aggregated_roles_take_what_they_select_also_through_others() {
    let list = objects(&format!(
        r#"{ROLES},
        {{"kind":"ClusterRole","metadata":{{"name":"outer"}},
            "aggregationRule":{{"clusterRoleSelectors":[{{"matchLabels":{{"b":"2"}}}}]}}}},
        {{"kind":"ClusterRole","metadata":{{"name":"inner","labels":{{"b":"2","a":"1"}}}},
            "aggregationRule":{{"clusterRoleSelectors":[{{"matchLabels":{{"a":"1"}}}}]}},
            "rules":[{{"apiGroups":[""],"resources":["nodes"],"verbs":["get"]}}]}},
        {{"kind":"ClusterRole","metadata":{{"name":"broken"}},
            "aggregationRule":{{"clusterRoleSelectors":[{{"matchExpressions":[{{"key":"a","operator":"Near"}}]}}]}},
            "rules":[{{"apiGroups":[""],"resources":["nodes"],"verbs":["get"]}}]}},
        {{"kind":"ClusterRoleBinding","metadata":{{"name":"o"}},"roleRef":~"ClusterRole","name":"outer"}},
            "subjects":[~"User","name":"o"}}]}},
        {{"kind":"ClusterRoleBinding","metadata":{{"name":"i"}},"roleRef":~"ClusterRole","name":"inner"}},
            "subjects":[~"User","name":"i"}}]}},
        {{"kind":"ClusterRoleBinding","metadata":{{"name":"x"}},"roleRef":~"ClusterRole","name":"broken"}},
            "subjects":[~"User","name":"x"}}]}}"#
    ));
    let decision = |rbac: &Rbac, user, resource| {
        ask(rbac, user, &[], "get", ("n", resource, ""), "").starts_with("Allow")
    };
    let (plain, aggregated) = (Rbac::new(&list), Rbac::aggregated(&list));
    assert!(!decision(&plain, "o", "pods") && decision(&aggregated, "o", "pods"));
    assert!(!decision(&plain, "i", "pods") && decision(&aggregated, "i", "pods"));
    assert!(decision(&plain, "i", "nodes") && !decision(&aggregated, "i", "nodes"));
    assert!(decision(&aggregated, "x", "nodes") && !decision(&aggregated, "x", "pods"));
}
