//! `sets.contains`, `sets.equivalent`, `sets.intersects`. Source: cel-go `ext/sets.go`.

use crate::cel::estimate::{Call, CallEstimate, CostEstimate};
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::value::{Error, List, Result, Val};

/// Since 1.29.
pub fn library() -> Library {
    let once: CallCost = |args, _| 1 + product(args);
    let twice: CallCost = |args, _| 1 + 2 * product(args);
    Library::new(vec![
        Function::new(
            "sets.contains",
            vec![
                Overload::new("list_sets_contains_list", "list(<T>), list(<T>) -> bool", |_, args| {
                    test(args, |list, part| holds_all(list, part))
                })
                .costs(once)
                .estimates(|call| products(call, 1.0)),
            ],
        ),
        Function::new(
            "sets.equivalent",
            vec![
                Overload::new("list_sets_equivalent_list", "list(<T>), list(<T>) -> bool", |_, args| {
                    test(args, |a, b| holds_all(a, b) && holds_all(b, a))
                })
                .costs(twice)
                .estimates(|call| products(call, 2.0)),
            ],
        ),
        Function::new(
            "sets.intersects",
            vec![
                Overload::new("list_sets_intersects_list", "list(<T>), list(<T>) -> bool", |_, args| {
                    test(args, |a, b| a.iter().any(|value| holds(b, &value)))
                })
                .costs(once)
                .estimates(|call| products(call, 1.0)),
            ],
        ),
    ])
}

fn products(call: &Call<'_>, times: f64) -> Option<CallEstimate> {
    let product = call.arg_size(0)? * call.arg_size(1)?;
    Some(CallEstimate::costs(product.at(times) + CostEstimate::fixed(1)))
}

fn product(args: &[Val<'_>]) -> u64 {
    args.iter().map(|list| list.size().unwrap_or(1) as u64).fold(1, u64::saturating_mul)
}

fn test<'a>(args: &[Val<'a>], accept: impl Fn(List<'a>, List<'a>) -> bool) -> Result<'a> {
    match args {
        [Val::List(a), Val::List(b)] => Ok(Val::Bool(accept(*a, *b))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn holds_all(list: List<'_>, part: List<'_>) -> bool {
    part.iter().all(|value| holds(list, &value))
}

fn holds(list: List<'_>, value: &Val<'_>) -> bool {
    list.iter().any(|element| element.equal(value))
}
