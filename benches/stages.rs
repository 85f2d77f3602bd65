//! Time by stage, in one run for kordon and its peers: `cargo bench --package kordon-benches`, and
//! `cargo xtask bench-peers` for a table of ratios.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench stops when it goes wrong"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use k8s_openapi::api::apps::v1::Deployment;
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object, ObjectBuilder};
use kordon::typed::{Options, Scheme};
use kordon_benches::corpus::{self, DEPLOYMENT};
use kordon_benches::peers;
use std::hint::black_box;
use std::time::Duration;

/// Bytes to what the checks read.
fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(DEPLOYMENT.len() as u64));
    let limits = Limits::default();
    group.bench_function(BenchmarkId::new("kordon", "deployment"), |bencher| {
        bencher.iter(|| Object::from_json(black_box(DEPLOYMENT), &limits).unwrap());
    });
    let fields = corpus::projection(&corpus::programs());
    let mut builder = ObjectBuilder::new(limits);
    let mut recycled = Object::default();
    group.bench_function(BenchmarkId::new("kordon", "deployment, what is read"), |bencher| {
        bencher.iter(|| {
            let buffers = std::mem::take(&mut recycled);
            recycled = builder.read_json_projected(black_box(DEPLOYMENT), buffers, &limits, &fields).unwrap();
        });
    });
    let scheme = Scheme::for_version(37).unwrap();
    group.bench_function(BenchmarkId::new("kordon", "deployment, as admitted"), |bencher| {
        bencher.iter(|| {
            let object = Object::from_json(black_box(DEPLOYMENT), &limits).unwrap();
            scheme.admit(&object, &Options::default()).unwrap()
        });
    });
    for case in ["deployment", "deployment, what is read", "deployment, as admitted"] {
        group.bench_function(BenchmarkId::new("sonic-rs", case), |bencher| {
            bencher.iter(|| sonic_rs::from_slice::<sonic_rs::Value>(black_box(DEPLOYMENT)).unwrap());
        });
    }
    group.bench_function(BenchmarkId::new("serde_json", "deployment"), |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(DEPLOYMENT)).unwrap());
    });
    group.bench_function(BenchmarkId::new("k8s-openapi", "deployment"), |bencher| {
        bencher.iter(|| serde_json::from_slice::<Deployment>(black_box(DEPLOYMENT)).unwrap());
    });
    group.bench_function(BenchmarkId::new("cel", "deployment"), |bencher| {
        bencher.iter(|| {
            let value: serde_json::Value = serde_json::from_slice(black_box(DEPLOYMENT)).unwrap();
            cel::to_value(&value).unwrap()
        });
    });
    group.finish();
}

/// Bytes to the answers of all eight checks; of sonic-rs the parsing alone.
fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    let mut decider = corpus::Decider::default();
    group.bench_function(BenchmarkId::new("kordon", "deployment"), |bencher| {
        bencher.iter(|| decider.decide(black_box(DEPLOYMENT)));
    });
    group.bench_function(BenchmarkId::new("sonic-rs", "deployment"), |bencher| {
        bencher.iter(|| sonic_rs::from_slice::<sonic_rs::Value>(black_box(DEPLOYMENT)).unwrap());
    });
    group.bench_function(BenchmarkId::new("serde_json", "deployment"), |bencher| {
        bencher.iter(|| {
            let value: serde_json::Value = serde_json::from_slice(black_box(DEPLOYMENT)).unwrap();
            peers::untyped::CHECKS.iter().filter(|check| check(&value)).count()
        });
    });
    group.bench_function(BenchmarkId::new("k8s-openapi", "deployment"), |bencher| {
        bencher.iter(|| {
            let value: Deployment = serde_json::from_slice(black_box(DEPLOYMENT)).unwrap();
            peers::typed::CHECKS.iter().filter(|check| check(&value)).count()
        });
    });
    group.finish();
}

/// Text to program. The `cel` crate has no type checker, so it does less.
fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    let env = corpus::env();
    for check in corpus::checks() {
        group.bench_with_input(
            BenchmarkId::new("kordon", &check.name),
            &check.expression,
            |bencher, text| {
                bencher.iter(|| env.compile(black_box(text)).unwrap());
            },
        );
        group.bench_with_input(BenchmarkId::new("cel", &check.name), &check.expression, |bencher, text| {
            bencher.iter(|| cel::Program::compile(black_box(text)).unwrap());
        });
    }
    group.finish();
}

/// Program and object to answer.
fn evaluate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate");
    let checks = corpus::checks();
    let programs = corpus::programs();
    let object = corpus::object(DEPLOYMENT);
    let slots = [Some(Val::from_node(object.root()))];
    let mut arena = Arena::new();
    let untyped: serde_json::Value = serde_json::from_slice(DEPLOYMENT).unwrap();
    let deployment: Deployment = serde_json::from_slice(DEPLOYMENT).unwrap();
    let cel = peers::cel::Checks::compile(checks.iter().map(|check| &check.expression));
    let context = peers::cel::context(&untyped);
    for (at, check) in checks.iter().enumerate() {
        group.bench_function(BenchmarkId::new("kordon", &check.name), |bencher| {
            bencher.iter(|| {
                let evaluation =
                    programs[at].eval(&Activation::new(black_box(&slots), &arena), PER_CALL_LIMIT);
                let answer = matches!(evaluation.value, Val::Bool(true));
                arena.reset();
                answer
            });
        });
        group.bench_function(BenchmarkId::new("k8s-openapi", &check.name), |bencher| {
            bencher.iter(|| peers::typed::CHECKS[at](black_box(&deployment)));
        });
        group.bench_function(BenchmarkId::new("serde_json", &check.name), |bencher| {
            bencher.iter(|| peers::untyped::CHECKS[at](black_box(&untyped)));
        });
        group.bench_function(BenchmarkId::new("cel", &check.name), |bencher| {
            bencher.iter(|| cel.answer(at, black_box(&context)));
        });
    }
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = stages; config = short(); targets = parse, compile, evaluate, decide }
criterion_main!(stages);
