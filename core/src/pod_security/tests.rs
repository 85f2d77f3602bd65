use super::checks::CHECKS;
use super::*;
use crate::document::{Limits, Object};

fn object(json: &str) -> Object {
    Object::from_json(json.as_bytes(), &Limits::default()).unwrap()
}

fn violations<'o>(object: &'o Object, asked: &str) -> Vec<Violation<'o>> {
    let pod = PodKind::of(object).unwrap().pod().unwrap();
    Evaluator::default().evaluate(asked.parse().unwrap(), pod)
}

#[test]
fn checks_stand_in_the_order_of_messages() {
    let keys: Vec<_> = CHECKS.iter().map(|check| (check.level, check.id)).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    for check in CHECKS {
        assert!(check.versions.is_sorted_by(|one, other| one.0 < other.0), "{}", check.id);
        let overridden = |id| CHECKS.iter().any(|other| other.id == id && other.level == Level::Baseline);
        assert!(check.overrides.is_none_or(overridden), "{}", check.id);
    }
}

#[test]
fn an_overridden_check_speaks_again_in_older_versions() {
    let pod = object(
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "securityContext":
            {"procMount": "Unmasked"}}], "hostUsers": false}}"#,
    );
    let ids =
        |asked: &str| violations(&pod, asked).iter().map(|violation| violation.check).collect::<Vec<_>>();
    assert!(ids("restricted:v1.34").contains(&"procMount"));
    assert!(ids("restricted:latest").contains(&"procMount_restricted"));
    assert_eq!(ids("baseline:v1.34"), ["procMount"]);
    assert!(ids("baseline:latest").is_empty());
    assert!(ids("privileged:latest").is_empty());
}

#[test]
fn versions_beyond_the_newest_are_it() {
    let pod = object(
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"securityContext": {"sysctls": [
            {"name": "net.ipv4.tcp_notsent_lowat", "value": "1"}]}}}"#,
    );
    assert!(violations(&pod, "baseline:v1.99").is_empty());
    assert_eq!(violations(&pod, "baseline:v1.36").len(), 1);
    let old = Evaluator::emulating(36)
        .evaluate("baseline".parse().unwrap(), PodKind::of(&pod).unwrap().pod().unwrap());
    assert_eq!(forbidden_detail(&old), "forbidden sysctls (net.ipv4.tcp_notsent_lowat)");
}

#[test]
fn faults_are_the_values_themselves_or_what_they_miss_from() {
    let pod = object(
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"},
            {"name": "b", "securityContext": {"allowPrivilegeEscalation": true}}]}}"#,
    );
    let found = violations(&pod, "restricted");
    let found = found.iter().find(|violation| violation.check == "allowPrivilegeEscalation").unwrap();
    let paths: Vec<String> = found.at.iter().map(|node| pod.path(*node)).collect();
    assert_eq!(paths, ["spec.containers[0]", "spec.containers[1].securityContext.allowPrivilegeEscalation"]);
}

#[test]
fn levels_and_versions_are_read_strictly() {
    for text in ["v1.0", "v1.37", "v1.9223372036854775807", "latest"] {
        assert_eq!(text.parse::<PolicyVersion>().unwrap().to_string(), text);
    }
    for text in ["", "1.2", "v1.", "v1.01", "v1.+1", "v2.0", "v1.9223372036854775808", "Latest"] {
        assert_eq!(text.parse::<PolicyVersion>(), Err(ParseError::Version), "{text}");
    }
    assert_eq!("Baseline".parse::<Level>(), Err(ParseError::Level));
    assert_eq!("baseline:v1.3".parse::<LevelVersion>().unwrap().to_string(), "baseline:v1.3");
}

#[test]
fn a_namespace_warns_of_what_it_enforces() {
    let policy = |labels: &str| {
        let namespace = object(&format!(r#"{{"metadata": {{"labels": {{{labels}}}}}}}"#));
        let (policy, invalid) = Policy::of_namespace(namespace.root(), Policy::default());
        let levels = Mode::ALL.map(|mode| policy.of(mode).to_string()).join(" ");
        (levels, invalid.len())
    };
    let label = |name: &str, value: &str| format!(r#""pod-security.kubernetes.io/{name}": "{value}""#);
    let (enforce, version) = (label("enforce", "baseline"), label("enforce-version", "v1.2"));
    let want = |levels: &str, invalid| (levels.to_owned(), invalid);
    assert_eq!(policy(&enforce), want("baseline:latest privileged:latest baseline:latest", 0));
    assert_eq!(
        policy(&format!("{enforce}, {version}")),
        want("baseline:v1.2 privileged:latest baseline:v1.2", 0)
    );
    assert_eq!(
        policy(&format!("{enforce}, {}", label("warn", "privileged"))),
        want("baseline:latest privileged:latest privileged:latest", 0)
    );
    assert_eq!(
        policy(&[label("enforce", "x"), label("audit", "y"), label("warn-version", "1")].join(", ")),
        want("restricted:latest privileged:latest privileged:latest", 3)
    );
}
