//! `contains`, `startsWith`, `endsWith` and `matches`.

use super::operators::{BY_SECOND, lacks, traversal};
use crate::cel::estimate::{Call, CallEstimate, EstimateCall, Operand, SizeEstimate};
use crate::cel::library::{CallCost, Function, Overload};
use crate::cel::regex::Regex;
use crate::cel::value::{Arena, Error, Opaque, Result, Val, characters};

pub(super) fn functions() -> Vec<Function> {
    let o = Overload::new;
    vec![
        Function::singleton(
            "contains",
            vec![
                o("contains_string", "string.(string) -> bool", |_, args| {
                    test(args, |text, part| text.contains(part))
                })
                .costs(|args, _| {
                    let size = |at: usize| traversal(args.get(at).map_or(1, Val::inner_size));
                    size(0) * size(1)
                })
                .estimates(|call| {
                    let (text, part) = (call.target?.known(), call.args.first()?.known());
                    Some(CallEstimate::costs(text.at(0.1) * part.at(0.1)))
                }),
            ],
        ),
        Function::singleton(
            "endsWith",
            vec![
                o("ends_with_string", "string.(string) -> bool", |_, args| {
                    test(args, |text, part| text.ends_with(part))
                })
                .costs(BY_SECOND)
                .estimates(BY_ARGUMENT),
            ],
        ),
        Function::singleton(
            "startsWith",
            vec![
                o("starts_with_string", "string.(string) -> bool", |_, args| {
                    test(args, |text, part| text.starts_with(part))
                })
                .costs(BY_SECOND)
                .estimates(BY_ARGUMENT),
            ],
        ),
        Function::singleton(
            "matches",
            vec![
                o("matches", "string, string -> bool", matches).costs(MATCH_COST).estimates(MATCH),
                o("matches_string", "string.(string) -> bool", matches).costs(MATCH_COST).estimates(MATCH),
            ],
        ),
    ]
}

fn test<'a>(args: &[Val<'a>], accept: impl Fn(&str, &str) -> bool) -> Result<'a> {
    match args {
        [Val::String(text), Val::String(part)] => Ok(Val::Bool(accept(text, part))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn matches<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match *args {
        // A pattern that was compiled before takes the name of a type for text.
        [Val::String(text) | Val::Type(text), Val::Opaque(Opaque::Regex(regex))] => {
            Ok(Val::Bool(regex.is_match(text)))
        }
        [Val::String(text), Val::String(pattern)] => match Regex::new(pattern) {
            Ok(regex) => Ok(Val::Bool(regex.is_match(text))),
            Err(message) => Err(Error::message(arena, format_args!("{message}"))),
        },
        [_, Val::Opaque(Opaque::Regex(_))] => Err(Error::NoSuchOverload),
        [other, _] => Err(lacks(&other, &"no such overload: matches")),
        _ => Err(Error::NoSuchOverload),
    }
}

/// Characters of the text times length of the pattern, each by cel-go's factor.
const MATCH_COST: CallCost = |args, _| {
    let size = |at: usize| match args.get(at) {
        Some(Val::Opaque(Opaque::Regex(_))) => args.get(at).map_or(1, pattern_size),
        other => other.map_or(1, Val::inner_size),
    };
    traversal(size(0) + 1) * (size(1) as u64).div_ceil(4)
};

const BY_ARGUMENT: EstimateCall = |call| Some(CallEstimate::costs(call.args.first()?.known().at(0.1)));

const MATCH: EstimateCall = |call| {
    let [text, pattern] = receiver_first(call)?;
    let search = (text.known() + SizeEstimate::fixed(1)).at(0.1) * pattern.known().at(0.25);
    Some(CallEstimate::costs(search))
};

fn receiver_first<'c>(call: &Call<'c>) -> Option<[Operand<'c>; 2]> {
    match (call.target, call.args) {
        (Some(target), &[arg]) => Some([target, arg]),
        (None, &[first, second]) => Some([first, second]),
        _ => None,
    }
}

/// The size that cost counts for an argument that may be a compiled pattern.
pub(crate) fn pattern_size(value: &Val<'_>) -> usize {
    match value {
        Val::Opaque(Opaque::Regex(regex)) => characters(&regex.pattern),
        other => other.actual_size(),
    }
}
