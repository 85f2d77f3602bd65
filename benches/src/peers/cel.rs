//! The `cel` crate, an interpreter of CEL's syntax tree over its own values.

use cel::{Context, Program, Value};

/// The checks, parsed.
#[derive(Debug)]
pub struct Checks(Vec<Program>);

impl Checks {
    pub fn compile(expressions: impl IntoIterator<Item = impl AsRef<str>>) -> Checks {
        let program = |text: &str| Program::compile(text).expect("the corpus parses");
        Checks(expressions.into_iter().map(|text| program(text.as_ref())).collect())
    }

    pub fn answer(&self, check: usize, context: &Context<'_, '_>) -> bool {
        matches!(self.0[check].execute(context), Ok(Value::Bool(true)))
    }
}

/// The object as the crate's value, bound to its name.
pub fn context(object: &serde_json::Value) -> Context<'static, 'static> {
    let mut context = Context::default();
    context.add_variable("object", object).expect("JSON is a value");
    context
}
