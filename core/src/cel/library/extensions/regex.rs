//! `regex.extract`, `regex.extractAll` and `regex.replace` of `ext/regex.go`; not in Kubernetes.

use crate::cel::estimate::{Call, CallEstimate, CostEstimate, EstimateCall, SizeEstimate};
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::regex::{Places, Regex};
use crate::cel::value::{Arena, Error, List, Result, Val};

pub fn library() -> Library {
    let o = Overload::new;
    Library::new(vec![
        Function::new(
            "regex.extract",
            vec![
                o("regex_extract_string_string", "string, string -> optional_type(string)", extract)
                    .costs(|args, result| cost(args, result, 0.0).ceil() as u64)
                    .estimates(|call| extraction(call, 0)),
            ],
        ),
        Function::new(
            "regex.extractAll",
            vec![
                o("regex_extractAll_string_string", "string, string -> list(string)", extract_all)
                    .costs(|args, result| cost(args, result, 10.0).ceil() as u64)
                    .estimates(|call| extraction(call, 10)),
            ],
        ),
        Function::new(
            "regex.replace",
            vec![
                o("regex_replace_string_string_string", "string, string, string -> string", replace)
                    .costs(REPLACE)
                    .estimates(REPLACED),
                o("regex_replace_string_string_string_int", "string, string, string, int -> string", replace)
                    .costs(REPLACE)
                    .estimates(REPLACED),
            ],
        ),
    ])
}

const REPLACE: CallCost = |args, result| cost(args, result, 0.0) as u64;

/// The call, the search, and what it makes.
fn cost(args: &[Val<'_>], result: &Val<'_>, list: f64) -> f64 {
    let size = |value: Option<&Val<'_>>| value.map_or(1, Val::inner_size) as f64;
    let search = (size(args.first()) + 1.0) * 0.1 * (size(args.get(1)) + 1.0) * 0.25;
    // An optional has no size of its own.
    let made = if matches!(result, Val::Optional(_)) { 1.0 } else { size(Some(result)) };
    1.0 + search + made + list
}

/// The search for a pattern in a text, both taken to have one more character.
fn search(call: &Call<'_>) -> Option<CostEstimate> {
    let one = SizeEstimate::fixed(1);
    Some((call.arg_size(0)? + one).at(0.1) * (call.arg_size(1)? + one).at(0.25))
}

/// The search, and making a result that may be the whole text.
fn extraction(call: &Call<'_>, base: u64) -> Option<CallEstimate> {
    let size = SizeEstimate::new(0, call.arg_size(0)?.max);
    let made = CostEstimate::new(size.min, size.max) + CostEstimate::fixed(base);
    Some(CallEstimate::costs(search(call)? + made).giving(size))
}

const REPLACED: EstimateCall = |call| {
    let (text, replacement) = (call.arg_size(0)?.max, call.arg_size(2)?.max);
    // The product wraps in Go, and the smaller number may be the larger bound.
    let all = text.wrapping_mul(replacement);
    let size = if replacement == 0 { SizeEstimate::new(all, text) } else { SizeEstimate::new(text, all) };
    Some(CallEstimate::costs(search(call)? + size.as_cost()).giving(size))
};

fn compiled<'a>(arena: &'a Arena, pattern: &str) -> Result<'a, Regex> {
    Regex::with_groups(pattern).map_err(|message| Error::message(arena, format_args!("{message}")))
}

/// A pattern with at most one group, which is then what is extracted.
fn one_group<'a>(arena: &'a Arena, pattern: &str) -> Result<'a, Regex> {
    let regex = compiled(arena, pattern)?;
    if regex.groups() > 1 {
        let quoted = crate::go::quoted(pattern);
        let text = format_args!("regular expression has more than one capturing group: {quoted}");
        return Err(Error::message(arena, text));
    }
    Ok(regex)
}

fn extract<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text), Val::String(pattern)] = *args else { return Err(Error::NoSuchOverload) };
    let regex = one_group(arena, pattern)?;
    let found = regex.matches(text).next().and_then(|places| extracted(text, &places));
    Ok(Val::Optional(found.map(|found| &*arena.alloc(Val::String(found)))))
}

fn extract_all<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text), Val::String(pattern)] = *args else { return Err(Error::NoSuchOverload) };
    let regex = one_group(arena, pattern)?;
    let mut found = bumpalo::collections::Vec::new_in(arena);
    found.extend(regex.matches(text).filter_map(|places| extracted(text, &places)).map(Val::String));
    Ok(Val::List(List::Slice(found.into_bump_slice())))
}

/// The group, unless it is empty, or without a group the whole match.
fn extracted<'t>(text: &'t str, places: &Places) -> Option<&'t str> {
    match places.as_slice() {
        [_, group] => part(text, *group).filter(|group| !group.is_empty()),
        [whole] => part(text, *whole),
        _ => None,
    }
}

fn part(text: &str, place: Option<(usize, usize)>) -> Option<&str> {
    place.and_then(|(start, end)| text.get(start..end))
}

fn replace<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, pattern, by, limit) = match *args {
        [Val::String(text), Val::String(pattern), Val::String(by)] => (text, pattern, by, -1),
        [Val::String(text), Val::String(pattern), Val::String(by), Val::Int(limit)] => {
            (text, pattern, by, limit)
        }
        _ => return Err(Error::NoSuchOverload),
    };
    if limit == 0 {
        return Ok(Val::String(text));
    }
    let regex = compiled(arena, pattern)?;
    let mut out = bumpalo::collections::String::new_in(arena);
    let mut rest = 0;
    for places in regex.matches(text).take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        let Some((start, end)) = places.first().copied().flatten() else { continue };
        out.push_str(text.get(rest..start).unwrap_or_default());
        let groups: Vec<Option<&str>> = places.iter().map(|&place| part(text, place)).collect();
        fill(by, &groups, &mut out).map_err(|message| Error::message(arena, format_args!("{message}")))?;
        rest = end;
    }
    out.push_str(text.get(rest..).unwrap_or_default());
    Ok(Val::String(out.into_bump_str()))
}

/// Writes a replacement, in which `\1` is the first group and `\\` a backslash.
fn fill(
    by: &str,
    groups: &[Option<&str>],
    out: &mut bumpalo::collections::String<'_>,
) -> std::result::Result<(), String> {
    let mut characters = by.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('\\') => out.push('\\'),
            Some(digit) if digit.is_ascii_digit() => {
                let number = digit as usize - '0' as usize;
                let Some(group) = groups.get(number) else {
                    let count = groups.len() - 1;
                    return Err(format!(
                        "replacement string references group {number} but regex has only {count} group(s)"
                    ));
                };
                out.push_str(group.unwrap_or_default());
            }
            Some(_) => {
                return Err(format!(
                    "invalid replacement string: '{by}' \\ must be followed by a digit or \\"
                ));
            }
            None => {
                return Err(format!("invalid replacement string: '{by}' \\ not allowed at end"));
            }
        }
    }
    Ok(())
}
