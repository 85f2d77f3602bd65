//! `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`, `includes`. Source: apiserver `library/lists.go`.

use crate::cel::estimate::{Call, CallEstimate, CostEstimate, EstimateCall};
use crate::cel::library::standard::add;
use crate::cel::library::{CallCost, Function, Implementation, Library, Overload};
use crate::cel::types::Type;
use crate::cel::value::{Arena, Duration, Error, List, Map, Result, Val};
use std::cmp::Ordering;

/// In all versions.
pub fn library() -> Library {
    let o = Overload::new;
    let sorted: Implementation = is_sorted;
    let least: Implementation = |arena, args| extreme(arena, args, "min", Ordering::Greater);
    let most: Implementation = |arena, args| extreme(arena, args, "max", Ordering::Less);
    let each = |body: Implementation, signatures: [(&'static str, &'static str); 8]| {
        signatures
            .map(|(id, signature)| o(id, signature, body).costs(ONE_TRAVERSAL).estimates(TRAVERSED))
            .to_vec()
    };
    Library::new(vec![
        Function::new(
            "isSorted",
            each(
                sorted,
                [
                    ("list_int_is_sorted_bool", "list(int).() -> bool"),
                    ("list_uint_is_sorted_bool", "list(uint).() -> bool"),
                    ("list_double_is_sorted_bool", "list(double).() -> bool"),
                    ("list_bool_is_sorted_bool", "list(bool).() -> bool"),
                    ("list_duration_is_sorted_bool", "list(duration).() -> bool"),
                    ("list_timestamp_is_sorted_bool", "list(timestamp).() -> bool"),
                    ("list_string_is_sorted_bool", "list(string).() -> bool"),
                    ("list_bytes_is_sorted_bool", "list(bytes).() -> bool"),
                ],
            ),
        ),
        Function::new(
            "sum",
            vec![
                o("list_int_sum_int", "list(int).() -> int", |a, v| sum(a, v, Val::Int(0)))
                    .costs(ONE_TRAVERSAL)
                    .estimates(TRAVERSED),
                o("list_uint_sum_uint", "list(uint).() -> uint", |a, v| sum(a, v, Val::Uint(0)))
                    .costs(ONE_TRAVERSAL)
                    .estimates(TRAVERSED),
                o("list_double_sum_double", "list(double).() -> double", |a, v| sum(a, v, Val::Double(0.0)))
                    .costs(ONE_TRAVERSAL)
                    .estimates(TRAVERSED),
                o("list_duration_sum_duration", "list(duration).() -> duration", |a, v| {
                    sum(a, v, Val::Duration(Duration(0)))
                })
                .costs(ONE_TRAVERSAL)
                .estimates(TRAVERSED),
            ],
        ),
        Function::new("max", each(most, EXTREMES_MAX)),
        Function::new("min", each(least, EXTREMES_MIN)),
        Function::new(
            "indexOf",
            vec![
                o("list_a_index_of_int", "list(<A>).(<A>) -> int", |_, args| position(args, false))
                    .costs(ONE_TRAVERSAL)
                    .estimates(TRAVERSED),
            ],
        ),
        Function::new(
            "lastIndexOf",
            vec![
                o("list_a_last_index_of_int", "list(<A>).(<A>) -> int", |_, args| position(args, true))
                    .costs(ONE_TRAVERSAL)
                    .estimates(TRAVERSED),
            ],
        ),
    ])
}

const EXTREMES_MAX: [(&str, &str); 8] = [
    ("list_int_max_int", "list(int).() -> int"),
    ("list_uint_max_uint", "list(uint).() -> uint"),
    ("list_double_max_double", "list(double).() -> double"),
    ("list_bool_max_bool", "list(bool).() -> bool"),
    ("list_duration_max_duration", "list(duration).() -> duration"),
    ("list_timestamp_max_timestamp", "list(timestamp).() -> timestamp"),
    ("list_string_max_string", "list(string).() -> string"),
    ("list_bytes_max_bytes", "list(bytes).() -> bytes"),
];

const EXTREMES_MIN: [(&str, &str); 8] = [
    ("list_int_min_int", "list(int).() -> int"),
    ("list_uint_min_uint", "list(uint).() -> uint"),
    ("list_double_min_double", "list(double).() -> double"),
    ("list_bool_min_bool", "list(bool).() -> bool"),
    ("list_duration_min_duration", "list(duration).() -> duration"),
    ("list_timestamp_min_timestamp", "list(timestamp).() -> timestamp"),
    ("list_string_min_string", "list(string).() -> string"),
    ("list_bytes_min_bytes", "list(bytes).() -> bytes"),
];

/// Since 1.37.
pub fn includes() -> Library {
    let body: Implementation = |_, args| match args {
        [Val::List(list), value] => Ok(Val::Bool(list.iter().any(|element| element.equal(value)))),
        [target, value] => Ok(Val::Bool(target.equal(value))),
        _ => Err(Error::NoSuchOverload),
    };
    let overload = Overload::new("list_includes_dyn_dyn", "dyn.(dyn) -> bool", body)
        .costs(ONE_TRAVERSAL)
        .estimates(INCLUDED);
    Library::new(vec![Function::new("includes", vec![overload])])
}

/// Values that are counted one by one; no limit allows a cost of more.
const MOST_COUNTED: usize = 16 << 20;

/// One walk over everything inside of the first argument (apiserver `traversalCost`).
pub(crate) const ONE_TRAVERSAL: CallCost = |args, _| {
    let (mut cost, mut counted) = (0, 0_usize);
    let mut pending: Vec<Val<'_>> = args.first().copied().into_iter().collect();
    while let Some(value) = pending.pop() {
        cost += match value {
            Val::String(text) => (text.len() as f64 * 0.1) as u64,
            Val::Bytes(bytes) => (bytes.len() as f64 * 0.1) as u64,
            Val::List(list) => {
                counted = counted.saturating_add(list.len());
                if counted > MOST_COUNTED {
                    return u64::MAX / 2;
                }
                pending.extend(list.iter());
                0
            }
            Val::Map(map) => {
                pending.extend(map_values(map));
                0
            }
            _ => 1,
        };
    }
    cost
};

/// One step for each element, and a walk over those that are text; or a walk over the text that the target is.
pub(crate) const TRAVERSED: EstimateCall = |call| {
    let size = call.target_size()?;
    Some(CallEstimate::costs(each_element(call).map_or_else(|| size.at(0.1), |each| size * each)))
};

const INCLUDED: EstimateCall = |call| {
    let each = each_element(call).unwrap_or(CostEstimate::fixed(1));
    Some(CallEstimate::costs(call.target_size()? * each))
};

/// What an element of the target costs, if it has elements.
fn each_element(call: &Call<'_>) -> Option<CostEstimate> {
    let element = call.elements(&call.target?)?;
    let is_text = match element.kind {
        Type::Wrapper(inner) => matches!(**inner, Type::String | Type::Bytes),
        kind => matches!(kind, Type::String | Type::Bytes),
    };
    let walk = if is_text { call.size(&element).at(0.1) } else { CostEstimate::default() };
    Some(CostEstimate::fixed(1) + walk)
}

fn map_values(map: Map<'_>) -> impl Iterator<Item = Val<'_>> {
    map.iter().flat_map(|(key, value)| [key, value])
}

fn list<'a>(args: &[Val<'a>]) -> Result<'a, List<'a>> {
    match args.first() {
        Some(Val::List(list)) => Ok(*list),
        _ => Err(Error::NoSuchOverload),
    }
}

fn is_sorted<'a>(_: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let mut previous: Option<Val<'a>> = None;
    for value in list(args)?.iter() {
        value.compare(&value).or_else(nan_is_fine)?;
        if previous.is_some_and(|previous| previous.compare(&value).is_ok_and(Ordering::is_gt)) {
            return Ok(Val::Bool(false));
        }
        previous = Some(value);
    }
    Ok(Val::Bool(true))
}

/// NaN is comparable in type, though not in value.
fn nan_is_fine(error: Error<'_>) -> Result<'_, Ordering> {
    match error {
        Error::Static(_) => Ok(Ordering::Equal),
        other => Err(other),
    }
}

fn sum<'a>(arena: &'a Arena, args: &[Val<'a>], zero: Val<'a>) -> Result<'a> {
    list(args)?.iter().try_fold(zero, |sum, value| add(arena, sum, value))
}

fn extreme<'a>(arena: &'a Arena, args: &[Val<'a>], name: &str, replace_when: Ordering) -> Result<'a> {
    let mut found: Option<Val<'a>> = None;
    for value in list(args)?.iter() {
        if let Val::Error(error) = value {
            return Err(error);
        }
        if !value.is_ordered() {
            return Err(Error::NoSuchOverload);
        }
        match found {
            None => found = Some(value),
            Some(best) if best.compare(&value).is_ok_and(|order| order == replace_when) => {
                found = Some(value)
            }
            Some(_) => {}
        }
    }
    found.ok_or_else(|| Error::message(arena, format_args!("{name} called on empty list")))
}

fn position<'a>(args: &[Val<'a>], last: bool) -> Result<'a> {
    let list = list(args)?;
    let value = args.get(1).ok_or(Error::NoSuchOverload)?;
    let mut found = -1;
    for (element, at) in list.iter().zip(0..) {
        if element.equal(value) {
            found = at;
            if !last {
                break;
            }
        }
    }
    Ok(Val::Int(found))
}
