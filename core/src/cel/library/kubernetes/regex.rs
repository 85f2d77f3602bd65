//! `find` and `findAll`. Source: apiserver `library/regex.go`.

use crate::cel::estimate::{CallEstimate, EstimateCall, SizeEstimate};
use crate::cel::library::standard::{pattern_size, traversal};
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::regex::Regex;
use crate::cel::value::{Arena, Error, List, Opaque, Result, Val};

/// In all versions.
pub fn library() -> Library {
    Library::new(vec![
        Function::new(
            "find",
            vec![
                Overload::new("string_find_string", "string.(string) -> string", find)
                    .costs(COST)
                    .estimates(SEARCH),
            ],
        ),
        Function::new(
            "findAll",
            vec![
                Overload::new("string_find_all_string", "string.(string) -> list(string)", find_all)
                    .costs(COST)
                    .estimates(SEARCH),
                Overload::new("string_find_all_string_int", "string.(string, int) -> list(string)", find_all)
                    .costs(COST)
                    .estimates(SEARCH),
            ],
        ),
    ])
}

const COST: CallCost = |args, _| {
    let size = |at: usize| args.get(at).map_or(1, pattern_size);
    traversal(size(0) + 1) * (size(1) as u64).div_ceil(4)
};

/// The text may be found whole, or in as many parts as it has characters.
const SEARCH: EstimateCall = |call| {
    let text = call.target_size()?;
    let search = (text + SizeEstimate::fixed(1)).at(0.1) * call.arg_size(0)?.at(0.25);
    Some(CallEstimate::costs(search).giving(SizeEstimate::new(0, text.max)))
};

/// A pattern that was compiled before takes the name of a type for text; otherwise types are checked before.
fn with_regex<'a, T>(arena: &'a Arena, pattern: Val<'a>, apply: impl FnOnce(&Regex) -> T) -> Result<'a, T> {
    match pattern {
        Val::Opaque(Opaque::Regex(regex)) => Ok(apply(regex)),
        Val::String(pattern) => match Regex::new(pattern) {
            Ok(regex) => Ok(apply(&regex)),
            Err(message) => Err(Error::message(arena, format_args!("Illegal regex: {message}"))),
        },
        _ => Err(Error::NoSuchOverload),
    }
}

fn find<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text) | Val::Type(text), pattern] = *args else { return Err(Error::NoSuchOverload) };
    with_regex(arena, pattern, |regex| Val::String(regex.find(text).unwrap_or_default()))
}

fn find_all<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, pattern, limit) = match *args {
        [Val::String(text) | Val::Type(text), pattern] => (text, pattern, -1),
        [Val::String(text) | Val::Type(text), pattern, Val::Int(limit)] => (text, pattern, limit),
        _ => return Err(Error::NoSuchOverload),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    with_regex(arena, pattern, |regex| {
        let mut found = bumpalo::collections::Vec::new_in(arena);
        found.extend(regex.find_all(text).take(limit).map(Val::String));
        Val::List(List::Slice(found.into_bump_slice()))
    })
}
