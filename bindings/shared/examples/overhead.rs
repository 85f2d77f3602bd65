//! What decisions cost without any language in between: `case nanoseconds`, a line each, for the benches of the
//! bindings. Started by `cargo xtask bench-python` and `bench-node`.

use kordon::document::{Limits, Object};
use kordon_shared::api::{
    Engine, EngineOptions, Error, Expression, ExpressionOptions, Input, RequestOptions, Text,
};
use std::hint::black_box;
use std::time::Instant;

const DEPLOYMENT: &[u8] = include_bytes!("../../../benches/corpus/deployment.json");
const POLICY: &[u8] = include_bytes!("../../../policies/workload/run-as-non-root/policy.yaml");
const EXPRESSION: &str = "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.corp/'))";

fn main() -> Result<(), Error> {
    let texts = Text::numbered([POLICY.to_vec()]);
    for view in ["admitted", "written"] {
        let options = EngineOptions { view: Some(view.to_owned()), ..EngineOptions::default() };
        let engine = Engine::new(&texts, &options)?;
        let request = RequestOptions::default();
        time(&format!("evaluate-{view}"), || {
            drop(black_box(engine.evaluate(Input::Bytes(DEPLOYMENT), &request)))
        });
    }
    let variables = [("object".to_owned(), "dyn".to_owned())].into();
    let options = ExpressionOptions { variables, ..ExpressionOptions::default() };
    let expression = Expression::compile(EXPRESSION, &options)?;
    let object = || Object::from_json(DEPLOYMENT, &Limits::default()).ok();
    let values = [object()];
    time("cel", || drop(black_box(expression.eval(&values))));
    time("cel-bytes", || drop(black_box(expression.eval(&[object()]))));
    Ok(())
}

/// Nanoseconds per run in the fastest of 50 batches of at least 2 ms: what the machine does beside is left out.
fn time(name: &str, run: impl Fn()) {
    let batch = |size: u32| {
        let start = Instant::now();
        (0..size).for_each(|_| run());
        start.elapsed()
    };
    let mut size = 1;
    while batch(size).as_millis() < 2 {
        size *= 2;
    }
    let fastest = (0..50).map(|_| batch(size)).min().unwrap_or_default();
    println!("{name} {}", fastest.as_nanos() / u128::from(size));
}
