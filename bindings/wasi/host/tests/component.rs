//! The component that `KORDON_COMPONENT` names, as any host runs it: the vectors of all languages with the same answers to
//! the byte, and what happens at its limits. Without the component there is nothing to try.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon_wasi_host::{Host, Instance, Limits, OutOfMemory, is_out_of_fuel, policies::Text};
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;
use wasmtime::component::ResourceAny;

const POLICY: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few-replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}
  validations:
  - {expression: object.spec.replicas <= 5, message: at most five replicas}
";

/// The component, compiled once for all tests.
fn host() -> Option<&'static Host> {
    static HOST: OnceLock<Option<Host>> = OnceLock::new();
    let compile = || {
        let bytes = std::fs::read(std::env::var_os("KORDON_COMPONENT")?).unwrap();
        Some(Host::new(&bytes).unwrap())
    };
    HOST.get_or_init(compile).as_ref()
}

fn started(host: &Host) -> Instance {
    host.start(&Limits::default()).unwrap()
}

/// An engine with texts of policies, or its error.
fn engine(
    instance: &mut Instance,
    policies: &[String],
    options: Option<&String>,
) -> Result<ResourceAny, String> {
    let policies: Vec<Vec<u8>> = policies.iter().map(|text| text.as_bytes().to_vec()).collect();
    let Instance { kordon, store } = instance;
    kordon.kordon_kordon_policies().engine().call_make(store, &policies, options).unwrap()
}

/// A report, or its error; a failure of the call itself apart.
fn evaluate(
    instance: &mut Instance,
    engine: ResourceAny,
    object: &[u8],
    request: Option<&String>,
) -> wasmtime::Result<Result<String, String>> {
    let Instance { kordon, store } = instance;
    kordon.kordon_kordon_policies().engine().call_evaluate(store, engine, object, request)
}

#[test]
fn objects_to_reports() {
    compare("evaluate", |instance, line| {
        let policies: Vec<String> = line["policies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect();
        let engine = engine(instance, &policies, json(line, "options").as_ref())?;
        let answer = evaluate(instance, engine, &subject(line), json(line, "request").as_ref()).unwrap();
        engine.resource_drop(&mut instance.store).unwrap();
        answer
    });
}

#[test]
fn expressions_to_values() {
    compare("cel", |Instance { kordon, store }, line| {
        let expressions = kordon.kordon_kordon_expressions();
        let text = line["expression"].as_str().unwrap();
        let program = expressions.call_compile(&mut *store, text, json(line, "options").as_ref()).unwrap()?;
        let values = line.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
        let values: Vec<(String, String)> =
            values.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        let answer = expressions.program().call_eval(&mut *store, program, &values).unwrap();
        program.resource_drop(&mut *store).unwrap();
        answer
    });
}

#[test]
fn objects_to_what_a_cluster_makes_of_them() {
    compare("admit", |Instance { kordon, store }, line| {
        let options = json(line, "options");
        kordon.kordon_kordon_policies().call_admit(store, &subject(line), options.as_ref()).unwrap()
    });
}

#[test]
fn texts_to_findings() {
    compare("check", |Instance { kordon, store }, line| {
        let texts = |name: &str| -> Vec<Text> {
            let texts = line[name].as_array().unwrap().iter();
            let text = |text: &Value| Text {
                name: text["name"].as_str().unwrap().to_owned(),
                bytes: text["text"].as_str().unwrap().as_bytes().to_vec(),
            };
            texts.map(text).collect()
        };
        let options = json(line, "options");
        let (policies, files) = (texts("policies"), texts("files"));
        kordon.kordon_kordon_policies().call_check(store, &policies, &files, options.as_ref()).unwrap()
    });
}

#[test]
fn it_has_the_version_of_the_others_and_asks_for_nothing_but_wasi() {
    let Some(host) = host() else { return };
    let Instance { kordon, mut store } = started(host);
    assert_eq!(kordon.call_version(&mut store).unwrap(), env!("CARGO_PKG_VERSION"));
    let imports = host.imports();
    // Of itself it names its own types.
    let own = |name: &str| name.starts_with("wasi:") || name.starts_with("kordon:kordon/types@");
    let others: Vec<&String> = imports.iter().filter(|name| !own(name)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(!imports.iter().any(|name| name.contains("sockets") || name.contains("http")), "{imports:?}");
}

#[test]
fn packs_have_names_and_reviews_are_answered() {
    let Some(host) = host() else { return };
    let Instance { kordon, mut store } = started(host);
    let policies = kordon.kordon_kordon_policies();
    let packs = ["pack:workload".to_owned()];
    let engine = policies.engine().call_from_files(&mut store, &packs, None).unwrap().unwrap();
    assert_eq!(policies.engine().call_problems(&mut store, engine).unwrap(), "[]");
    let review = br#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "7",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"}, "name": "p", "namespace": "n",
        "operation": "CREATE", "userInfo": {}, "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": true}}]}}}}"#;
    let answer = policies.engine().call_review(&mut store, engine, review).unwrap().unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&answer["response"]["uid"], &answer["response"]["allowed"]), (&"7".into(), &false.into()));
    let unknown = policies.engine().call_from_files(&mut store, &["/etc/passwd".to_owned()], None).unwrap();
    assert!(unknown.unwrap_err().contains("\"problems\""));
}

#[test]
fn options_that_are_not_known_are_errors() {
    let Some(host) = host() else { return };
    let mut instance = started(host);
    for options in ["{\"versoin\": 1}", "[", "null"] {
        let error = engine(&mut instance, &[POLICY.to_owned()], Some(&options.to_owned())).unwrap_err();
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(error["problems"][0]["code"], "invalid-argument");
    }
}

#[test]
fn a_call_without_fuel_ends_and_others_go_on() {
    let Some(host) = host() else { return };
    let mut instance = started(host);
    let engine = engine(&mut instance, &[POLICY.to_owned()], None).unwrap();
    let deployment = b"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 9}}";
    instance.refuel(1_000).unwrap();
    let error = evaluate(&mut instance, engine, deployment, None).unwrap_err();
    assert!(is_out_of_fuel(&error), "{error:?}");

    let mut instance = started(host);
    let engine = self::engine(&mut instance, &[POLICY.to_owned()], None).unwrap();
    let report = evaluate(&mut instance, engine, deployment, None).unwrap();
    assert!(report.unwrap_or_else(|error| error).contains("\"allowed\":"));
}

#[test]
fn an_expression_that_takes_long_ends_with_its_fuel() {
    let Some(host) = host() else { return };
    let Instance { kordon, mut store } = started(host);
    let expressions = kordon.kordon_kordon_expressions();
    let text = "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))";
    let program = expressions.call_compile(&mut store, text, None).unwrap().unwrap();
    store.set_fuel(1_000_000).unwrap();
    let error = expressions.program().call_eval(&mut store, program, &[]).unwrap_err();
    assert!(is_out_of_fuel(&error), "{error:?}");
}

#[test]
fn a_call_that_asks_for_too_much_memory_ends_and_says_so() {
    let Some(host) = host() else { return };
    let limits = Limits { memory: 48 << 20, ..Limits::default() };
    let mut instance = host.start(&limits).unwrap();
    let engine =
        engine(&mut instance, &[POLICY.to_owned()], Some(&"{\"view\": \"written\"}".to_owned())).unwrap();
    let small = b"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 9}}";
    assert!(evaluate(&mut instance, engine, small, None).unwrap().unwrap().contains("at most five replicas"));
    let large = format!("{{\"apiVersion\": \"v1\", \"data\": \"{}\"}}", "x".repeat(64 << 20));
    let error = evaluate(&mut instance, engine, large.as_bytes(), None).unwrap_err();
    let cause = error.downcast_ref::<OutOfMemory>().copied().unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!(cause.limit, limits.memory);
    assert!(cause.desired > limits.memory);
}

/// A part of a question as JSON.
fn json(line: &Value, name: &str) -> Option<String> {
    line.get(name).map(ToString::to_string)
}

/// The bytes of the object that a line asks about.
fn subject(line: &Value) -> Vec<u8> {
    let text = line.get("text").map(|text| text.as_str().unwrap().to_owned());
    text.unwrap_or_else(|| line["object"].to_string()).into_bytes()
}

fn compare(name: &str, answer: impl Fn(&mut Instance, &Value) -> Result<String, String>) {
    let Some(host) = host() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name).with_extension("jsonl");
    let mut instance = started(host);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        instance.refuel(Limits::default().fuel).unwrap();
        let given = answer(&mut instance, &line).unwrap_or_else(|error| error);
        assert_eq!(line["expected"].as_str(), Some(given.as_str()), "{}", line["id"]);
    }
}
