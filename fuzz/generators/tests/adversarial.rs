//! Every adversarial expression ends, on a stack as small as a wasm module's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object};
use kordon_generators::adversarial::{expressions, variables};

/// What Rust gives a wasm module is 1 MiB; frames of unoptimised code are several times as large.
const STACK: usize = if cfg!(debug_assertions) { 4 << 20 } else { 1 << 20 };

#[test]
fn they_all_end_on_a_small_stack() {
    let run = || {
        let documents = variables()
            .map(|(name, json)| (name, Object::from_json(json.as_bytes(), &Limits::default()).unwrap()));
        let mut env = Env::kubernetes(Version::default());
        for (name, _) in &documents {
            env = env.with_variable(*name, Type::Dyn);
        }
        let slots: Vec<Option<Val<'_>>> =
            documents.iter().map(|(_, object)| Some(Val::from_node(object.root()))).collect();
        let verbose = std::env::var_os("KORDON_VERBOSE").is_some();
        for expression in expressions() {
            let start = std::time::Instant::now();
            let result = match env.compile(&expression) {
                Ok(program) => {
                    let arena = Arena::new();
                    let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
                    match evaluation.value {
                        Val::Error(error) => error.to_string(),
                        value => value.type_name().to_owned(),
                    }
                }
                Err(error) => error.to_string(),
            };
            if verbose {
                let short: String = expression.chars().take(40).collect();
                let end: String =
                    expression.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
                let result: String = result.chars().take(100).collect();
                eprintln!("{:?} {short} … {end} = {result}", start.elapsed());
            }
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
}
