//! `slice`, `flatten`, `sort`, `distinct`, `reverse`, `lists.range`. Source: cel-go `ext/lists.go`, version 3.

use crate::cel::estimate::{CallEstimate, CostEstimate, EstimateCall, SizeEstimate};
use crate::cel::library::{CallCost, Function, Implementation, Library, Overload};
use crate::cel::value::{Arena, Error, List, Result, Val};
use crate::go::to_uint64;
use std::cmp::Ordering;

/// Elements that `lists.range` makes at most. Source: cel-go `ext/lists.go`, `defaultMaxRangeSize`.
const MAX_RANGE: i64 = 1_000_000;

/// Elements that a function gathers at most. What costs as much as it makes would cost more than any limit allows, and is
/// not begun; `flatten` costs less, and cel-go runs out of memory instead.
const MAX_FLAT: usize = 4 << 20;

const COMPARABLE: [(&str, &str, &str, &str); 8] = [
    (
        "list_int_sort",
        "list(int).() -> list(int)",
        "list_int_sortByAssociatedKeys",
        "list(<T>).(list(int)) -> list(<T>)",
    ),
    (
        "list_uint_sort",
        "list(uint).() -> list(uint)",
        "list_uint_sortByAssociatedKeys",
        "list(<T>).(list(uint)) -> list(<T>)",
    ),
    (
        "list_double_sort",
        "list(double).() -> list(double)",
        "list_double_sortByAssociatedKeys",
        "list(<T>).(list(double)) -> list(<T>)",
    ),
    (
        "list_bool_sort",
        "list(bool).() -> list(bool)",
        "list_bool_sortByAssociatedKeys",
        "list(<T>).(list(bool)) -> list(<T>)",
    ),
    (
        "list_google.protobuf.Duration_sort",
        "list(duration).() -> list(duration)",
        "list_google.protobuf.Duration_sortByAssociatedKeys",
        "list(<T>).(list(duration)) -> list(<T>)",
    ),
    (
        "list_google.protobuf.Timestamp_sort",
        "list(timestamp).() -> list(timestamp)",
        "list_google.protobuf.Timestamp_sortByAssociatedKeys",
        "list(<T>).(list(timestamp)) -> list(<T>)",
    ),
    (
        "list_string_sort",
        "list(string).() -> list(string)",
        "list_string_sortByAssociatedKeys",
        "list(<T>).(list(string)) -> list(<T>)",
    ),
    (
        "list_bytes_sort",
        "list(bytes).() -> list(bytes)",
        "list_bytes_sortByAssociatedKeys",
        "list(<T>).(list(bytes)) -> list(<T>)",
    ),
];

/// Since 1.34.
pub fn library() -> Library {
    let o = Overload::new;
    let sort: Implementation = |arena, args| match args {
        [list] => sort_by(arena, *list, *list).map_err(|error| named(error, list, &"no such overload: sort")),
        _ => Err(Error::NoSuchOverload),
    };
    let sort_keys: Implementation = |arena, args| match args {
        [list, keys] => sort_by(arena, *list, *keys)
            .map_err(|error| named(error, list, &"no such overload: @sortByAssociatedKeys")),
        _ => Err(Error::NoSuchOverload),
    };
    Library::new(vec![
        Function::new(
            "slice",
            vec![
                o("list_slice", "list(<T>).(int, int) -> list(<T>)", slice)
                    .costs(BY_RESULT)
                    .estimates(SLICED),
            ],
        ),
        // Its types are not checked when it is called: it deals with lists that are flat already.
        Function::singleton(
            "flatten",
            vec![
                o("list_flatten", "list(list(<T>)).() -> list(<T>)", flatten)
                    .costs(FLATTEN_COST)
                    .estimates(FLATTENED),
                o("list_flatten_int", "list(dyn).(int) -> list(dyn)", flatten)
                    .costs(FLATTEN_COST)
                    .estimates(FLATTENED),
            ],
        ),
        Function::singleton(
            "sort",
            COMPARABLE
                .map(|(id, signature, ..)| {
                    o(id, signature, sort).costs(SELF_COMPARE).estimates(if is_text(id) {
                        SORTED_TEXT
                    } else {
                        SORTED
                    })
                })
                .to_vec(),
        ),
        Function::singleton(
            "@sortByAssociatedKeys",
            COMPARABLE
                .map(|(.., id, signature)| {
                    o(id, signature, sort_keys).costs(KEYS_COMPARE).estimates(if is_text(id) {
                        SORTED_BY_TEXT
                    } else {
                        SORTED_BY
                    })
                })
                .to_vec(),
        ),
        Function::new(
            "lists.range",
            vec![o("lists_range", "int -> list(int)", range).costs(BY_RESULT).estimates(|call| {
                let count = call.args.first()?.as_count().unwrap_or(u64::MAX);
                Some(made(SizeEstimate::fixed(count), 1.0))
            })],
        ),
        Function::new(
            "reverse",
            vec![
                o("list_reverse", "list(<T>).() -> list(<T>)", reverse)
                    .costs(BY_RESULT)
                    .estimates(|call| Some(made(call.target_size()?, 1.0))),
            ],
        ),
        Function::new(
            "distinct",
            vec![
                o("list_distinct", "list(<T>).() -> list(<T>)", distinct)
                    .costs(SELF_COMPARE)
                    .estimates(|call| Some(made(squared(call.target_size()?), 2.0))),
            ],
        ),
    ])
}

/// The error of a value that is no list; types with methods of their own do not say which function it was.
fn named<'a>(error: Error<'a>, value: &Val<'_>, message: &'static &'static str) -> Error<'a> {
    match (error, value) {
        (Error::NoSuchOverload, Val::String(_) | Val::Timestamp(_) | Val::Duration(_)) => error,
        (Error::NoSuchOverload, _) => Error::Static(message),
        _ => error,
    }
}

/// What making a list costs, and the call itself.
const BASE: u64 = 10 + 1;

/// A call that makes a list, at a price for each element.
fn made(size: SizeEstimate, price: f64) -> CallEstimate {
    CallEstimate::costs(size.at(price) + CostEstimate::fixed(BASE)).giving(size)
}

fn squared(size: SizeEstimate) -> SizeEstimate {
    size * size
}

fn is_text(id: &str) -> bool {
    id.starts_with("list_string_") || id.starts_with("list_bytes_")
}

/// Each element compared with each; the result is taken to be as long as that.
const SORTED: EstimateCall = |call| Some(made(squared(call.target_size()?), 2.0));
const SORTED_TEXT: EstimateCall = |call| Some(made(squared(call.target_size()?), 2.1));
const SORTED_BY: EstimateCall = |call| Some(made(squared(call.arg_size(0)?), 2.0));
const SORTED_BY_TEXT: EstimateCall = |call| Some(made(squared(call.arg_size(0)?), 2.1));

const SLICED: EstimateCall = |call| {
    let [start, end] = call.args else { return None };
    let end = end.as_count().unwrap_or(call.target_size()?.max);
    // A start beyond the end is no error yet, and wraps in Go.
    Some(made(SizeEstimate::fixed(end.wrapping_sub(start.as_count().unwrap_or(0))), 1.0))
};

const FLATTENED: EstimateCall = |call| {
    let depth = call.args.first().map_or(1, |depth| depth.as_count().unwrap_or(u64::MAX));
    Some(made(call.target_size()?, depth as f64))
};

const BY_RESULT: CallCost = |_, result| result.actual_size() as u64 + BASE;

const FLATTEN_COST: CallCost = |args, _| {
    let depth = match args.get(1) {
        Some(Val::Int(depth)) if *depth < 0 => 1.0,
        Some(Val::Int(depth)) => *depth as f64,
        _ => 1.0,
    };
    let size = args.first().map_or(1, Val::actual_size) as f64;
    to_uint64(size * depth).saturating_add(BASE)
};

const SELF_COMPARE: CallCost = |args, _| compare_cost(args.first());
const KEYS_COMPARE: CallCost = |args, _| compare_cost(args.get(1));

fn compare_cost(list: Option<&Val<'_>>) -> u64 {
    let Some(Val::List(list)) = list else { return BASE };
    let size = list.len() as u64;
    let factor = if matches!(list.at(0), Some(Val::String(_) | Val::Bytes(_))) { 2.1 } else { 2.0 };
    to_uint64(size.saturating_mul(size) as f64 * factor).saturating_add(BASE)
}

fn collect<'a>(arena: &'a Arena, values: impl Iterator<Item = Val<'a>>) -> Val<'a> {
    let mut collected = bumpalo::collections::Vec::new_in(arena);
    collected.extend(values);
    Val::List(List::Slice(collected.into_bump_slice()))
}

fn slice<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::List(list), Val::Int(start), Val::Int(end)] = args else { return Err(Error::NoSuchOverload) };
    let problem = if *start < 0 || *end < 0 {
        "negative indexes not supported".to_owned()
    } else if start > end {
        "start index must be less than or equal to end index".to_owned()
    } else if (list.len() as i64) < *end {
        format!("list is length {}", list.len())
    } else if (end - start) as usize > MAX_FLAT {
        return Err(Error::CostLimitExceeded);
    } else {
        return Ok(collect(arena, list.iter().skip(*start as usize).take((end - start) as usize)));
    };
    Err(Error::message(arena, format_args!("cannot slice({start}, {end}), {problem}")))
}

/// The type of a value as it is declared.
fn declared<'a>(value: &Val<'a>) -> &'a str {
    match value {
        Val::List(_) => "list(dyn)",
        Val::Map(_) => "map(dyn, dyn)",
        Val::Optional(_) => "optional_type(dyn)",
        other => other.type_name(),
    }
}

fn flatten<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (list, depth) = match args {
        [Val::List(list)] => (*list, 1),
        [Val::List(list), Val::Int(depth)] => (*list, *depth),
        [value] => {
            let text = format_args!("no such overload: {}.flatten()", declared(value));
            return Err(Error::message(arena, text));
        }
        [value, depth] => {
            let text = format_args!("no such overload: {}.flatten({})", declared(value), declared(depth));
            return Err(Error::message(arena, text));
        }
        _ => return Err(Error::NoSuchOverload),
    };
    if depth < 0 {
        return Err(Error::Static(&"level must be non-negative"));
    }
    let mut flat = bumpalo::collections::Vec::new_in(arena);
    let mut open = vec![list.iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(Val::List(inner)) if open.len() as i64 <= depth => open.push(inner.iter()),
            Some(_) if flat.len() >= MAX_FLAT => {
                return Err(Error::Static(&"a list of more than 4194304 elements cannot be made"));
            }
            Some(value) => flat.push(value),
            None => drop(open.pop()),
        }
    }
    Ok(Val::List(List::Slice(flat.into_bump_slice())))
}

fn sort_by<'a>(arena: &'a Arena, list: Val<'a>, keys: Val<'a>) -> Result<'a> {
    let (Val::List(list), Val::List(keys)) = (list, keys) else { return Err(Error::NoSuchOverload) };
    if list.len() != keys.len() {
        return Err(Error::message(
            arena,
            format_args!(
                "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {} and {} elements respectively",
                list.len(),
                keys.len()
            ),
        ));
    }
    let mut pairs: Vec<(Val<'a>, Val<'a>)> = keys.iter().zip(list.iter()).collect();
    let Some((first, _)) = pairs.first().copied() else { return Ok(Val::List(list)) };
    if !first.is_ordered() {
        return Err(Error::Static(&"list elements must be comparable"));
    }
    if pairs.iter().any(|(key, _)| key.type_name() != first.type_name()) {
        return Err(Error::Static(&"list elements must have the same type"));
    }
    // As Go sorts up to twelve elements; of more, equal ones may come in another order there.
    if pairs.len() <= 12 {
        insertion_sort(&mut pairs);
    } else {
        pairs.sort_by(|a, b| nan_first(&a.0, &b.0));
    }
    Ok(collect(arena, pairs.into_iter().map(|(_, value)| value)))
}

fn insertion_sort(pairs: &mut [(Val<'_>, Val<'_>)]) {
    for end in 1..pairs.len() {
        for at in (1..=end).rev() {
            let less = match (pairs.get(at), pairs.get(at - 1)) {
                (Some(later), Some(earlier)) => later.0.compare(&earlier.0).is_ok_and(Ordering::is_lt),
                _ => false,
            };
            if !less {
                break;
            }
            pairs.swap(at, at - 1);
        }
    }
}

/// An order of all values, NaN included.
fn nan_first(a: &Val<'_>, b: &Val<'_>) -> Ordering {
    let is_nan = |value: &Val<'_>| matches!(value, Val::Double(value) if value.is_nan());
    a.compare(b).unwrap_or_else(|_| is_nan(b).cmp(&is_nan(a)))
}

fn range<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::Int(size)] = args else { return Err(Error::NoSuchOverload) };
    if *size < 0 {
        return Err(Error::message(
            arena,
            format_args!("lists.range: size must be non-negative, got {size}"),
        ));
    }
    if *size > MAX_RANGE {
        let text = format_args!("lists.range: size {size} exceeds maximum allowed ({MAX_RANGE})");
        return Err(Error::message(arena, text));
    }
    Ok(collect(arena, (0..*size).map(Val::Int)))
}

fn reverse<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::List(list)] = args else { return Err(Error::NoSuchOverload) };
    if list.len() > MAX_FLAT {
        return Err(Error::CostLimitExceeded);
    }
    let mut values: Vec<Val<'a>> = list.iter().collect();
    values.reverse();
    Ok(collect(arena, values.into_iter()))
}

fn distinct<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::List(list)] = args else { return Err(Error::NoSuchOverload) };
    let mut unique: Vec<Val<'a>> = Vec::new();
    for value in list.iter() {
        if !unique.iter().any(|other| value.equal(other)) {
            unique.push(value);
        }
    }
    Ok(collect(arena, unique.into_iter()))
}
