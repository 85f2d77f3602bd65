//! One case of the corpus, a number of times: what `cargo xtask bench-instructions` counts the instructions of.
//!
//! `instructions` lists the cases; `instructions CASE TIMES` runs one.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops when it goes wrong")]

use kordon::cel::program::{Activation, PER_CALL_LIMIT, Program};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object, ObjectBuilder};
use kordon::typed::{Options, Scheme};
use kordon_benches::corpus::{self, DEPLOYMENT};
use std::hint::black_box;

/// Reading the Deployment's JSON into buffers that are used again.
const READ: &str = "read-json";

/// Making of it what the API server has.
const ADMIT: &str = "admit";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(case) = arguments.next() else {
        corpus::checks().iter().for_each(|check| println!("{}", check.name));
        println!("{READ}\n{ADMIT}");
        return;
    };
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).expect("how many times");
    match case.as_str() {
        READ => read(times),
        ADMIT => admit(times),
        name => {
            let at = corpus::checks().iter().position(|check| check.name == name).expect("a case");
            evaluate(&corpus::programs().swap_remove(at), times);
        }
    }
}

fn evaluate(program: &Program, times: u32) {
    let object = corpus::object(DEPLOYMENT);
    let slots = [Some(Val::from_node(object.root()))];
    let mut arena = Arena::new();
    for _ in 0..times {
        let evaluation = program.eval(&Activation::new(black_box(&slots), &arena), PER_CALL_LIMIT);
        assert!(matches!(evaluation.value, Val::Bool(true)));
        arena.reset();
    }
}

fn read(times: u32) {
    let limits = Limits::default();
    let mut builder = ObjectBuilder::new(limits);
    let mut object = Object::default();
    for _ in 0..times {
        object = builder.read_json(black_box(DEPLOYMENT), object, &limits).unwrap();
    }
}

fn admit(times: u32) {
    let object = corpus::object(DEPLOYMENT);
    let scheme = Scheme::for_version(37).unwrap();
    for _ in 0..times {
        black_box(scheme.admit(black_box(&object), &Options::default()).unwrap());
    }
}
