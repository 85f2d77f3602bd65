//! `count()` expressions, of which `run(n)` compiles and evaluates one. A trap of the module is a failure; `run.mjs`
//! calls it.

#[path = "../../generators/src/adversarial.rs"]
mod adversarial;

use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object};

#[unsafe(no_mangle)]
pub extern "C" fn count() -> usize {
    adversarial::expressions().len()
}

/// 0 for a value, 1 for an error of the evaluation, 2 for one of compiling.
#[unsafe(no_mangle)]
pub extern "C" fn run(number: usize) -> u32 {
    let Some(expression) = adversarial::expressions().into_iter().nth(number) else { return 3 };
    let documents: Vec<(&str, Object)> = adversarial::variables()
        .into_iter()
        .filter_map(|(name, json)| Some((name, Object::from_json(json.as_bytes(), &Limits::default()).ok()?)))
        .collect();
    let mut env = Env::kubernetes(Version::default());
    for (name, _) in &documents {
        env = env.with_variable(*name, Type::Dyn);
    }
    let slots: Vec<Option<Val<'_>>> =
        documents.iter().map(|(_, object)| Some(Val::from_node(object.root()))).collect();
    match env.compile(&expression) {
        Ok(program) => {
            let arena = Arena::new();
            let evaluation = program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
            u32::from(matches!(evaluation.value, Val::Error(_)))
        }
        Err(error) => 2 + u32::from(error.to_string().is_empty()),
    }
}
