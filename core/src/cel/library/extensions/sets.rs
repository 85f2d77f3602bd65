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
                    test(args, |a, b| Ok(holds_all(a, b)? && holds_all(b, a)?))
                })
                .costs(twice)
                .estimates(|call| products(call, 2.0)),
            ],
        ),
        Function::new(
            "sets.intersects",
            vec![
                Overload::new("list_sets_intersects_list", "list(<T>), list(<T>) -> bool", |_, args| {
                    test(args, |a, b| Ok(a.iter().any(|value| matches!(holds(b, &value), Ok(true)))))
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
    args.iter().map(|list| list.actual_size() as u64).fold(1, u64::saturating_mul)
}

fn test<'a>(args: &[Val<'a>], accept: impl Fn(List<'a>, List<'a>) -> Result<'a, bool>) -> Result<'a> {
    match args {
        [Val::List(a), Val::List(b)] => accept(*a, *b).map(Val::Bool),
        _ => Err(Error::NoSuchOverload),
    }
}

fn holds_all<'a>(list: List<'a>, part: List<'a>) -> Result<'a, bool> {
    for value in part.iter() {
        if !holds(list, &value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds<'a>(list: List<'a>, value: &Val<'a>) -> Result<'a, bool> {
    match list {
        List::Typed(list) => list.contains(value),
        list => Ok(list.iter().any(|element| value.equal(&element))),
    }
}
