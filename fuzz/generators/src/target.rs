//! What must hold for any bytes: the fuzz targets, callable from plain tests too.

use crate::expression::{self, Breadth};
use crate::{Entropy, answer, object, reference};
use kordon::Engine;
use kordon::cel::environment::Env;
use kordon::crd::{Inputs, Validator, check_rules, with_defaults};
use kordon::document::{Limits, Object, documents, yaml_documents};
use kordon::policy::ValidatingAdmissionPolicy;
use kordon::schema::Structural;
use serde_json::Value;
use std::sync::Arc;

/// A target by its name, for those that have a folder of inputs.
pub type Target = fn(&[u8]);

pub const TARGETS: &[(&str, Target)] = &[
    ("json_parse", json_parse),
    ("yaml_parse", yaml_parse),
    ("cel_parse", cel_parse),
    ("compile_and_evaluate", compile_and_evaluate),
    ("policy_load", policy_load),
    ("custom_resource", custom_resource),
];

thread_local! {
    /// Made once: a fuzzer runs thousands of inputs.
    static ENV: Env = answer::env();
}

/// Small, so that a fuzzer meets the limits.
fn limits() -> Limits {
    Limits { max_bytes: 64 * 1024, max_depth: 100, max_nodes: 20_000 }
}

/// JSON ends in a document or an error, and a document written again is the same document.
pub fn json_parse(bytes: &[u8]) {
    let Ok(read) = Object::from_json(bytes, &limits()) else { return };
    let written = serde_json::to_vec(&read.root()).unwrap();
    let again = Object::from_json(&written, &Limits::default()).unwrap();
    assert_eq!(serde_json::to_vec(&again.root()).unwrap(), written);
}

/// YAML ends in documents and errors; a document written as JSON means the same when it is read as YAML.
pub fn yaml_parse(bytes: &[u8]) {
    let _ = documents("fuzz.yaml", bytes, &limits());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (read, errors) = yaml_documents(text, &limits());
    for error in errors {
        assert!((error.span.start as usize) <= text.len() && error.span.start <= error.span.end, "{error:?}");
    }
    for document in read {
        let json = serde_json::to_string(&document.root()).unwrap();
        let Ok(again) = Object::from_yaml(&json, &Limits::default()) else { continue };
        assert_eq!(serde_json::to_string(&again.root()).unwrap(), json);
    }
}

/// CEL ends in a program or in errors that say something.
pub fn cel_parse(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = ENV.with(|env| env.compile(text)) {
        assert!(!error.to_string().is_empty());
    }
}

/// The VM and the naive evaluator agree on what the bytes make of the generators.
pub fn compile_and_evaluate(bytes: &[u8]) {
    let mut entropy = Entropy::new(bytes);
    let object = object::random(&mut entropy);
    let expression = expression::random(&mut entropy, Breadth::Core);
    if let Some(difference) = disagreement(&expression, &object).or_else(|| detour(&expression, &object)) {
        panic!("{difference}");
    }
}

/// How the VM answers with and without shortcuts, and when only what the expression reads is kept of the object, when
/// that differs.
pub fn detour(expression: &str, object: &Value) -> Option<String> {
    let document = answer::document(object);
    let (long, short, part) = ENV.with(|env| {
        let long = answer::cel(&env.clone().without_shortcuts(), expression, &document);
        (long, answer::cel(env, expression, &document), answer::cel_of_part(env, expression, object))
    });
    let differ = long != short || part.as_ref().is_some_and(|part| *part != long);
    differ.then(|| {
        format!("{expression}\n  long  {long}\n  short {short}\n  part  {part:?}\n  object {object}")
    })
}

/// How the VM and the naive evaluator answer, when they differ; `None` also when the naive one does not know.
pub fn disagreement(expression: &str, object: &Value) -> Option<String> {
    let expected = ENV.with(|env| reference::answer(env, expression, object))?;
    let got = ENV.with(|env| answer::cel(env, expression, &answer::document(object)));
    let differ = !reference::agrees(&got, &expected);
    differ.then(|| format!("{expression}\n  kordon    {got}\n  reference {expected}\n  object    {object}"))
}

/// A policy loads or is refused with diagnostics, and one that loads can be built into an engine.
pub fn policy_load(bytes: &[u8]) {
    for document in documents("fuzz.yaml", bytes, &limits()).into_iter().flatten() {
        if let Ok(policy) = ValidatingAdmissionPolicy::from_document(&document) {
            let (_, problems) = Engine::builder().policies([policy]).build();
            assert!(problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}

/// A schema's rules compile or say why not, and objects after it in the file are held against them, as creations and as
/// updates of one another; the same twice is the same.
pub fn custom_resource(bytes: &[u8]) {
    let mut read = documents("fuzz.yaml", bytes, &limits()).into_iter().flatten();
    let Some(schema) = read.next().and_then(|schema| Structural::read(schema.object.root()).ok()) else {
        return;
    };
    let schema = Arc::new(schema);
    let errors = ENV.with(|env| check_rules(&schema, "schema", env));
    assert!(errors.iter().all(|error| !error.detail.is_empty()));
    let validator = ENV.with(|env| Validator::new(Arc::clone(&schema), true, env));
    let mut old: Option<Object> = None;
    for document in read.take(3) {
        let Ok(new) = with_defaults(document.object.root(), &schema) else { continue };
        let inputs = match &old {
            Some(old) => Inputs::update(new.root(), old.root()),
            None => Inputs::create(new.root()),
        };
        let (first, again) = (validator.validate(&inputs), validator.validate(&inputs));
        assert_eq!((first.errors, first.cost), (again.errors, again.cost));
        old = Some(new);
    }
}
