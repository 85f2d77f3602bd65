//! google/cel-spec's conformance suite of simple tests, in the general environment.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod cel_spec_values;
mod support;

use cel_spec_values::{declared_type, decode, differs, type_json};
use kordon::cel::compiler::{CompileError, compile};
use kordon::cel::environment::Env;
use kordon::cel::library::{Function, Overload};
use kordon::cel::message::Schema;
use kordon::cel::program::Activation;
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Val};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use support::{cases, shared, snapshot_text};

/// Messages that the suite's own .proto files define; the rest of protobuf is part of the language.
fn needs_test_messages(case: &Value) -> bool {
    let text = case.to_string();
    text.contains("TestAllTypes") || text.contains("cel.expr.conformance")
}

/// The messages of the suite, compiled from their .proto files.
#[cfg(feature = "protobuf")]
fn schema() -> Arc<Schema> {
    use protox::prost_reflect::prost::Message;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proto");
    let files = ["proto2/test_all_types", "proto2/test_all_types_extensions", "proto3/test_all_types"];
    let files = files.map(|file| format!("cel/expr/conformance/{file}.proto"));
    let set = protox::compile(files, [folder]).unwrap();
    Arc::new(Schema::from_descriptor_set(&set.encode_to_vec()).unwrap())
}

#[cfg(not(feature = "protobuf"))]
fn schema() -> Arc<Schema> {
    Env::general().schema().clone()
}

/// The general environment with what a case declares. Its bindings are declared too when it is not checked.
fn environment(case: &Value, schema: &Arc<Schema>) -> Env {
    let container = case["container"].as_str().unwrap_or_default();
    let mut env = Env::general().with_container(container).with_schema(schema.clone());
    for declaration in case["type_env"].as_array().unwrap() {
        let name = declaration["name"].as_str().unwrap();
        match &declaration["function"]["overloads"] {
            Value::Array(overloads) => {
                let overloads = overloads.iter().map(|declaration| overload(declaration, schema)).collect();
                env = env.with_function(Function::new(name.to_owned().leak(), overloads));
            }
            _ => env = env.with_variable(name, declared_type(&declaration["ident"]["type"], schema)),
        }
    }
    for name in case["bindings"].as_object().unwrap().keys() {
        if env.slot(name).is_none() {
            env = env.with_variable(name.as_str(), Type::Dyn);
        }
    }
    env
}

/// A declaration without a body. The library wants texts that live as long as the program.
fn overload(declaration: &Value, schema: &Schema) -> Overload {
    let params = declaration["params"].as_array().unwrap().iter();
    Overload {
        id: declaration["id"].as_str().unwrap().to_owned().leak(),
        receiver: declaration["instance"] == json!(true),
        args: params.map(|kind| declared_type(kind, schema)).collect(),
        result: declared_type(&declaration["result"], schema),
        implementation: None,
        cost: None,
        estimate: None,
    }
}

/// Why a case does not come out as the suite demands.
fn run(case: &Value, schema: &Arc<Schema>) -> Result<(), String> {
    let env = environment(case, schema);
    let source = case["expr"].as_str().unwrap();
    let checked = match case["disable_check"] == json!(true) {
        true => env.resolve(source),
        false => env.check(source),
    };
    let failed = |error: String| Err(error.split('\n').next().unwrap_or_default().to_owned());
    let wanted_error = case["eval_error"][0]["message"].as_str();
    let checked = match checked {
        Ok(checked) => checked,
        Err(issues) if wanted_error.is_some_and(|error| issues.to_string().contains(error)) => return Ok(()),
        Err(issues) => return failed(issues.to_string()),
    };
    let typed = &case["typed_result"];
    if let Some(deduced) = typed.get("deduced_type") {
        let got = type_json(checked.result_type());
        if got != *deduced {
            return Err(format!("has type {got}, not {deduced}"));
        }
    }
    if case["check_only"] == json!(true) {
        return Ok(());
    }
    let program = match compile(&checked, &env) {
        Ok(program) => program,
        Err(CompileError::Program(_)) if wanted_error.is_some() => return Ok(()),
        Err(error) => return failed(error.to_string()),
    };
    let arena = Arena::new();
    let mut slots = vec![None; env.variables().len()];
    for (name, binding) in case["bindings"].as_object().unwrap() {
        slots[env.slot(name).unwrap()] = Some(decode(&binding["value"], &env, &arena)?);
    }
    let evaluation = program.eval(&Activation::new(&slots, &arena), u64::MAX);
    let wanted = typed.get("result").unwrap_or(&case["value"]);
    match (&evaluation.value, wanted_error) {
        (Val::Error(_), Some(_)) => Ok(()),
        (Val::Error(error), None) => Err(format!("fails: {error}")),
        (value, Some(error)) => Err(format!("is {value:?}, not the error {error:?}")),
        (value, None) => match differs(value, wanted, &env, &arena)? {
            Some(difference) => Err(difference),
            None => Ok(()),
        },
    }
}

/// The score of each file, and each case that does not pass with its reason.
#[test]
fn simple() {
    let Some(path) = shared("cel-spec-simple.jsonl") else { return };
    let schema = schema();
    let typed_enums = Arc::new(Schema::clone(&schema).with_typed_enums());
    let with_messages = cfg!(feature = "protobuf");
    let mut files: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let mut total = (0, 0);
    for case in cases(&path) {
        if !with_messages && needs_test_messages(&case) {
            continue;
        }
        let part = |field: &str| case[field].as_str().unwrap_or_default().to_owned();
        let (count, failing) = files.entry(part("file")).or_default();
        *count += 1;
        total.0 += 1;
        // The suite has enums both ways, as ints and as types of their own.
        let schema = if part("section").starts_with("strong_") { &typed_enums } else { &schema };
        match run(&case, schema) {
            Ok(()) => total.1 += 1,
            Err(reason) => {
                failing.push(format!("{}/{}: `{}` {reason}", part("section"), part("name"), part("expr")))
            }
        }
    }
    let mut text = format!("{} of {} cases pass\n", total.1, total.0);
    for (file, (count, failing)) in &mut files {
        writeln!(text, "{file}: {} of {count}", *count - failing.len()).unwrap();
        failing.sort();
        for line in failing {
            writeln!(text, "  {}", line.replace('\n', "\\n")).unwrap();
        }
    }
    snapshot_text(if with_messages { "cel-spec-protobuf" } else { "cel-spec" }, &text);
}
