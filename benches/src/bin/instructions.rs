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

/// A name, and what is done a number of times.
type Stage = (&'static str, fn(u32));

/// What is counted beside the evaluation of each check.
const STAGES: [Stage; 4] = [
    ("read-json", read),
    ("read-projected", read_projected),
    ("bytes-to-decisions", decide),
    ("admit", admit),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let checks = corpus::checks();
    let Some(case) = arguments.next() else {
        checks.iter().for_each(|check| println!("{}", check.name));
        STAGES.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).expect("how many times");
    match STAGES.iter().find(|(name, _)| *name == case) {
        Some((_, stage)) => stage(times),
        None => {
            let at = checks.iter().position(|check| check.name == case).expect("a case");
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

/// Reading the Deployment's JSON into buffers that are used again.
fn read(times: u32) {
    let limits = Limits::default();
    let mut builder = ObjectBuilder::new(limits);
    let mut object = Object::default();
    for _ in 0..times {
        object = builder.read_json(black_box(DEPLOYMENT), object, &limits).unwrap();
    }
}

/// The same of what the checks read.
fn read_projected(times: u32) {
    let fields = corpus::projection(&corpus::programs());
    let limits = Limits::default();
    let mut builder = ObjectBuilder::new(limits);
    let mut object = Object::default();
    for _ in 0..times {
        object = builder.read_json_projected(black_box(DEPLOYMENT), object, &limits, &fields).unwrap();
    }
}

/// From bytes to the answers of all checks.
fn decide(times: u32) {
    let mut decider = corpus::Decider::default();
    for _ in 0..times {
        assert_eq!(decider.decide(black_box(DEPLOYMENT)), 8);
    }
}

/// Making of the Deployment what the API server has.
fn admit(times: u32) {
    let object = corpus::object(DEPLOYMENT);
    let scheme = Scheme::for_version(37).unwrap();
    for _ in 0..times {
        black_box(scheme.admit(black_box(&object), &Options::default()).unwrap());
    }
}
