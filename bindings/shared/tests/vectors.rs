//! The vectors that the tests of every language read, `bindings/vectors`: each line a question, and in `expected` the
//! answer to the byte. They are made here: `KORDON_BLESS=1` writes the answers anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use kordon::document::{Limits, Object};
use kordon_shared::api::{
    CheckOptions, Engine, EngineOptions, Error, Expression, ExpressionOptions, Input, RequestOptions, Text,
    admit, check_texts,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedText {
    name: String,
    text: String,
}

#[test]
fn objects_to_reports() {
    compare("evaluate", |line| {
        let policies: Vec<String> = part(line, "policies");
        let texts = Text::numbered(policies.into_iter().map(String::into_bytes));
        let engine = Engine::new(&texts, &part::<EngineOptions>(line, "options"))?;
        let request: RequestOptions = part(line, "request");
        let (bytes, object) = subject(line);
        let json = engine.evaluate_json(Input::Bytes(&bytes), &request);
        // One object among many, or already read, is decided in the same way.
        let inputs = [object.unwrap_or(Input::Bytes(&bytes)), Input::Bytes(&bytes), Input::Bytes(b"[")];
        let many = engine.evaluate_many(&inputs, &request, Some(2));
        assert_eq!(many.len(), 3);
        for report in &many[..2] {
            let report = report.clone().map(|report| serde_json::to_string(&report).unwrap());
            assert_eq!(report, json);
        }
        json
    });
}

#[test]
fn expressions_to_values() {
    compare("cel", |line| {
        let expression = line["expression"].as_str().unwrap();
        let expression = Expression::compile(expression, &part::<ExpressionOptions>(line, "options"))?;
        let values: serde_json::Map<String, Value> = part(line, "values");
        let object =
            |name: &String| Some(Object::from_serialize(values.get(name)?, &Limits::default()).unwrap());
        let values: Vec<Option<Object>> = expression.variables().iter().map(object).collect();
        Ok(expression.eval(&values)?.to_json())
    });
}

#[test]
fn objects_to_what_a_cluster_makes_of_them() {
    compare("admit", |line| {
        let options = line.get("options");
        let option = |name: &str| options.and_then(|options| options.get(name)?.as_str());
        let (bytes, _) = subject(line);
        Ok(admit(Input::Bytes(&bytes), option("kubernetesVersion"), option("namespace"))?.to_json())
    });
}

#[test]
fn texts_to_findings() {
    compare("check", |line| {
        let texts = |name| -> Vec<Text> {
            let texts: Vec<NamedText> = part(line, name);
            texts.into_iter().map(|text| Text { name: text.name, bytes: text.text.into_bytes() }).collect()
        };
        let options: CheckOptions = part(line, "options");
        check_texts(&texts("policies"), &texts("files"), &options)?.render("json")
    });
}

#[test]
fn packs_have_names() {
    let engine = |name: &str| Engine::from_files(&[name.into()], &EngineOptions::default());
    let pod = br#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [
        {"name": "c", "image": "i", "securityContext": {"privileged": true}}]}}"#;
    let report = engine("pack:workload").unwrap().evaluate(Input::Bytes(pod), &RequestOptions::default());
    assert!(report.unwrap().denials().any(|denial| denial.policy.contains("privileged")));
    assert_eq!(engine("pack:none").unwrap_err().problems[0].code, "unknown-pack");
}

/// The bytes of the object that a line asks about, and the object itself when it is given as one.
fn subject(line: &Value) -> (Vec<u8>, Option<Input<'static>>) {
    match line.get("text") {
        Some(text) => (text.as_str().unwrap().as_bytes().to_vec(), None),
        None => {
            let bytes = serde_json::to_vec(&line["object"]).unwrap();
            let object = Object::from_json(&bytes, &Limits::default()).unwrap();
            (bytes, Some(Input::Object(object)))
        }
    }
}

/// A part of a question, or the default when it has none.
fn part<T: DeserializeOwned + Default>(line: &Value, name: &str) -> T {
    let text = line.get(name).map(ToString::to_string);
    text.map(|text| serde_json::from_str(&text).unwrap()).unwrap_or_default()
}

fn compare(name: &str, answer: impl Fn(&Value) -> Result<String, Error>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(name).with_extension("jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let expected = answer(&line).unwrap_or_else(|error| error.to_json());
        let bless = std::env::var_os("KORDON_BLESS").is_some();
        if !bless {
            assert_eq!(line["expected"].as_str(), Some(expected.as_str()), "{}", line["id"]);
        }
        line["expected"] = Value::String(expected);
        written.push_str(&(line.to_string() + "\n"));
    }
    if std::env::var_os("KORDON_BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
}
