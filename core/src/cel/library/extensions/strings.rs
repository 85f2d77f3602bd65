//! String functions. Source: cel-go `ext/strings.go`, versions 0 and 2 as Kubernetes uses them.

use super::string_estimates::{
    CHANGED_WHOLE, CHANGING, FORMATTING, JOINING, QUOTING, REPLACING, SEARCHED, SPLITTING, newest,
};
use super::{format, format_plain};
use crate::cel::library::kubernetes::PARSE;
use crate::cel::library::kubernetes::lists::{ONE_TRAVERSAL, TRAVERSED};
use crate::cel::library::standard::BY_FIRST;
use crate::cel::library::{CallCost, Function, Library, Overload};
use crate::cel::value::{Arena, Error, List, MAX_TEXT, Result, Val};

/// Up to 1.28.
pub fn version_0() -> Library {
    let o = Overload::new;
    Library::new(vec![
        Function::new("charAt", vec![o("string_char_at_int", "string.(int) -> string", char_at)]),
        Function::new(
            "indexOf",
            vec![
                o("string_index_of_string", "string.(string) -> int", index_of)
                    .costs(SCAN)
                    .estimates(TRAVERSED),
                o("string_index_of_string_int", "string.(string, int) -> int", index_of)
                    .costs(SCAN)
                    .estimates(TRAVERSED),
            ],
        ),
        Function::new(
            "lastIndexOf",
            vec![
                o("string_last_index_of_string", "string.(string) -> int", last_index_of)
                    .costs(SCAN)
                    .estimates(TRAVERSED),
                o("string_last_index_of_string_int", "string.(string, int) -> int", last_index_of)
                    .costs(SCAN)
                    .estimates(TRAVERSED),
            ],
        ),
        Function::new(
            "lowerAscii",
            vec![
                o("string_lower_ascii", "string.() -> string", |arena, args| {
                    change(arena, args, |text| text.to_ascii_lowercase())
                })
                .costs(PARSE)
                .estimates(CHANGING),
            ],
        ),
        Function::new(
            "upperAscii",
            vec![
                o("string_upper_ascii", "string.() -> string", |arena, args| {
                    change(arena, args, |text| text.to_ascii_uppercase())
                })
                .costs(PARSE)
                .estimates(CHANGING),
            ],
        ),
        Function::new(
            "replace",
            vec![
                o("string_replace_string_string", "string.(string, string) -> string", replace)
                    .costs(TWICE)
                    .estimates(REPLACING),
                o("string_replace_string_string_int", "string.(string, string, int) -> string", replace)
                    .costs(TWICE)
                    .estimates(REPLACING),
            ],
        ),
        Function::new(
            "split",
            vec![
                o("string_split_string", "string.(string) -> list(string)", split)
                    .costs(TWICE)
                    .estimates(SPLITTING),
                o("string_split_string_int", "string.(string, int) -> list(string)", split)
                    .costs(TWICE)
                    .estimates(SPLITTING),
            ],
        ),
        Function::new(
            "substring",
            vec![
                o("string_substring_int", "string.(int) -> string", substring)
                    .costs(PARSE)
                    .estimates(CHANGING),
                o("string_substring_int_int", "string.(int, int) -> string", substring)
                    .costs(PARSE)
                    .estimates(CHANGING),
            ],
        ),
        Function::new(
            "trim",
            vec![
                o("string_trim", "string.() -> string", |_, args| match args {
                    [Val::String(text)] => Ok(Val::String(text.trim_matches(is_go_space))),
                    _ => Err(Error::NoSuchOverload),
                })
                .costs(PARSE)
                .estimates(CHANGING),
            ],
        ),
        Function::new(
            "join",
            vec![
                o("list_join", "list(string).() -> string", join).costs(JOIN).estimates(JOINING),
                o("list_join_string", "list(string).(string) -> string", join).costs(JOIN).estimates(JOINING),
            ],
        ),
    ])
}

/// Since 1.29: with `format` and `strings.quote`.
pub fn version_2() -> Library {
    let mut library = version_0();
    library.functions.extend([
        Function::new(
            "format",
            vec![
                Overload::new("string_format", "string.(list(dyn)) -> string", |arena, args| {
                    let [Val::String(pattern), Val::List(values)] = args else {
                        return Err(Error::NoSuchOverload);
                    };
                    match format::format(pattern, *values) {
                        Ok(text) => Ok(Val::String(arena.alloc_str(&text))),
                        Err(message) => Err(Error::message(arena, format_args!("{message}"))),
                    }
                })
                .costs(BY_FIRST)
                .estimates(FORMATTING),
            ],
        ),
        Function::new(
            "strings.quote",
            vec![
                Overload::new("strings_quote", "string -> string", |arena, args| change(arena, args, quote))
                    .costs(BY_FIRST)
                    .estimates(QUOTING),
            ],
        ),
    ]);
    library
}

/// The latest: numbers and nested values are written without a locale, an offset must lie within the text, and costs
/// count what is made. Not in Kubernetes. The specification demands the second; cel-go finds nothing instead.
pub fn version_5() -> Library {
    let o = Overload::new;
    let mut functions = version_0().functions;
    for overload in functions.iter_mut().flat_map(|function| &mut function.overloads) {
        overload.cost = Some(match overload.id {
            "string_char_at_int" => CHARACTER,
            "string_replace_string_string" | "string_replace_string_string_int" => REPLACED,
            "string_split_string" | "string_split_string_int" => PARTS,
            "list_join" | "list_join_string" => JOINED,
            id if id.contains("index_of") => SEARCH,
            _ => CHANGED,
        });
        overload.estimate = Some(newest(overload.id));
    }
    functions.extend([
        Function::new(
            "format",
            vec![
                o("string_format", "string.(list(dyn)) -> string", |arena, args| {
                    let [Val::String(pattern), Val::List(values)] = args else {
                        return Err(Error::NoSuchOverload);
                    };
                    match format_plain::format(pattern, *values) {
                        Ok(text) => Ok(Val::String(arena.alloc_str(&text))),
                        Err(message) => Err(Error::message(arena, format_args!("{message}"))),
                    }
                })
                .costs(BY_FIRST)
                .estimates(FORMATTING),
            ],
        ),
        Function::new(
            "indexOf",
            vec![
                o("string_index_of_string_int", "string.(string, int) -> int", |arena, args| {
                    within(arena, args)?;
                    index_of(arena, args)
                })
                .costs(SEARCH)
                .estimates(SEARCHED),
            ],
        ),
        Function::new(
            "lastIndexOf",
            vec![
                o("string_last_index_of_string_int", "string.(string, int) -> int", |arena, args| {
                    within(arena, args)?;
                    last_index_of(arena, args)
                })
                .costs(SEARCH)
                .estimates(SEARCHED),
            ],
        ),
        Function::new(
            "reverse",
            vec![
                o("string_reverse", "string.() -> string", |arena, args| {
                    change(arena, args, |text| text.chars().rev().collect())
                })
                .costs(CHANGED)
                .estimates(CHANGED_WHOLE),
            ],
        ),
    ]);
    Library::new(functions)
}

fn size(value: Option<&Val<'_>>) -> u64 {
    value.map_or(1, Val::actual_size) as u64
}

const CHARACTER: CallCost = |args, _| 2 + size(args.first()).div_ceil(10);

const CHANGED: CallCost = |args, result| 1 + size(args.first()).div_ceil(10) + size(Some(result));

const SEARCH: CallCost = |args, _| 1 + (size(args.first()) * size(args.get(1))).div_ceil(10);

const REPLACED: CallCost = |args, result| {
    let search = size(args.first()).max(1) * size(args.get(1)).max(1);
    1 + search.div_ceil(10) + size(Some(result))
};

const PARTS: CallCost = |args, result| 11 + (size(args.first()) + 1).div_ceil(10) + size(Some(result));

const JOINED: CallCost = |args, result| 1 + (size(args.first()) + 1).div_ceil(10) + size(Some(result));

fn within<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a, ()> {
    match args {
        [Val::String(text), _, Val::Int(at)] if *at > text.chars().count() as i64 => {
            Err(out_of_range(arena, *at))
        }
        _ => Ok(()),
    }
}

/// One traversal, counted in bytes and cut (apiserver `traversalCost`).
/// Kubernetes counts these by their names, which lists have functions of too.
const SCAN: CallCost = ONE_TRAVERSAL;

const TWICE: CallCost = |args, _| (args.first().map_or(1, Val::actual_size) as u64 * 2).div_ceil(10);

const JOIN: CallCost = |_, result| (result.actual_size() as u64 * 2).div_ceil(10);

/// Go's `unicode.IsSpace`.
fn is_go_space(c: char) -> bool {
    c.is_whitespace()
}

fn change<'a>(arena: &'a Arena, args: &[Val<'a>], apply: impl Fn(&str) -> String) -> Result<'a> {
    match args {
        [Val::String(text)] => Ok(Val::String(arena.alloc_str(&apply(text)))),
        _ => Err(Error::NoSuchOverload),
    }
}

fn out_of_range(arena: &Arena, index: i64) -> Error<'_> {
    Error::message(arena, format_args!("index out of range: {index}"))
}

/// Byte offset of a character, which may be one past the last.
fn offset(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

fn char_at<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let [Val::String(text), Val::Int(index)] = args else { return Err(Error::NoSuchOverload) };
    let rest =
        offset(text, *index).and_then(|at| text.get(at..)).ok_or_else(|| out_of_range(arena, *index))?;
    let length = rest.chars().next().map_or(0, char::len_utf8);
    Ok(Val::String(rest.get(..length).unwrap_or_default()))
}

fn index_of<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, part, from) = match args {
        [Val::String(text), Val::String(part)] => (*text, *part, 0),
        [Val::String(text), Val::String(part), Val::Int(from)] => (*text, *part, *from),
        _ => return Err(Error::NoSuchOverload),
    };
    if from < 0 {
        return Err(out_of_range(arena, from));
    }
    let length = text.chars().count() as i64;
    if part.is_empty() {
        return Ok(Val::Int(from.min(length)));
    }
    let start = if from < length { offset(text, from) } else { None };
    let found = start.and_then(|start| text.get(start..)?.find(part).map(|at| start + at));
    Ok(Val::Int(found.map_or(-1, |at| text.get(..at).unwrap_or_default().chars().count() as i64)))
}

fn last_index_of<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, part, from) = match args {
        [Val::String(text), Val::String(part)] => (*text, *part, None),
        [Val::String(text), Val::String(part), Val::Int(from)] => (*text, *part, Some(*from)),
        _ => return Err(Error::NoSuchOverload),
    };
    let length = text.chars().count() as i64;
    if from.is_none() && (part.is_empty() || text.len() < part.len()) {
        return Ok(Val::Int(if part.is_empty() { length } else { -1 }));
    }
    let from = from.unwrap_or(length - 1);
    if from < 0 {
        return Err(out_of_range(arena, from));
    }
    if part.is_empty() {
        return Ok(Val::Int(from.min(length)));
    }
    if from >= length {
        return Ok(Val::Int(-1));
    }
    let last = from.min(length - part.chars().count() as i64);
    let end = offset(text, last).and_then(|at| text.get(..at + part.len()).map(str::len));
    let found = end.and_then(|end| text.get(..end)?.rfind(part)).or_else(|| {
        // The part may begin at `last` with characters of other widths than its own.
        offset(text, last).and_then(|at| {
            (0..=at).rev().find(|&at| text.get(at..).is_some_and(|rest| rest.starts_with(part)))
        })
    });
    Ok(Val::Int(found.map_or(-1, |at| text.get(..at).unwrap_or_default().chars().count() as i64)))
}

fn replace<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, from, to, limit) = match args {
        [Val::String(text), Val::String(from), Val::String(to)] => (*text, *from, *to, -1),
        [Val::String(text), Val::String(from), Val::String(to), Val::Int(limit)] => {
            (*text, *from, *to, *limit)
        }
        _ => return Err(Error::NoSuchOverload),
    };
    if to.len() > from.len() {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let longer = text.matches(from).take(most).count().saturating_mul(to.len() - from.len());
        if text.len().saturating_add(longer) > MAX_TEXT {
            return Err(Error::TOO_LONG);
        }
    }
    let replaced = match usize::try_from(limit) {
        Ok(limit) => text.replacen(from, to, limit),
        Err(_) => text.replace(from, to),
    };
    Ok(Val::String(arena.alloc_str(&replaced)))
}

fn split<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, by, limit) = match args {
        [Val::String(text), Val::String(by)] => (*text, *by, -1),
        [Val::String(text), Val::String(by), Val::Int(limit)] => (*text, *by, *limit),
        _ => return Err(Error::NoSuchOverload),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut parts = bumpalo::collections::Vec::new_in(arena);
    if limit == 0 {
        return Ok(Val::List(List::Slice(&[])));
    }
    if by.is_empty() {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = if parts.len() + 1 == limit { rest.len() } else { first.len_utf8() };
            let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            parts.push(Val::String(part));
            rest = after;
        }
    } else {
        parts.extend(text.splitn(limit, by).map(Val::String));
    }
    Ok(Val::List(List::Slice(parts.into_bump_slice())))
}

fn substring<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (text, start, end) = match args {
        [Val::String(text), Val::Int(start)] => (*text, *start, None),
        [Val::String(text), Val::Int(start), Val::Int(end)] => (*text, *start, Some(*end)),
        _ => return Err(Error::NoSuchOverload),
    };
    if let Some(end) = end.filter(|end| start > *end) {
        let text = format_args!("invalid substring range. start: {start}, end: {end}");
        return Err(Error::message(arena, text));
    }
    let from = offset(text, start).ok_or_else(|| out_of_range(arena, start))?;
    let to = match end {
        Some(end) => offset(text, end).ok_or_else(|| out_of_range(arena, end))?,
        None => text.len(),
    };
    Ok(Val::String(text.get(from..to).unwrap_or_default()))
}

fn join<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    let (list, separator) = match args {
        [Val::List(list)] => (*list, ""),
        [Val::List(list), Val::String(separator)] => (*list, *separator),
        _ => return Err(Error::NoSuchOverload),
    };
    // It costs as much as it makes, which no limit allows.
    if list.len() > MAX_TEXT {
        return Err(Error::CostLimitExceeded);
    }
    let mut joined = bumpalo::collections::String::new_in(arena);
    for (at, element) in list.iter().enumerate() {
        if at > 0 {
            if joined.len() + separator.len() > MAX_TEXT {
                return Err(Error::CostLimitExceeded);
            }
            joined.push_str(separator);
        }
        match element {
            Val::String(text) if joined.len() + text.len() > MAX_TEXT => {
                return Err(Error::CostLimitExceeded);
            }
            Val::String(text) => joined.push_str(text),
            other => {
                let text = crate::cel::value::plain(&other);
                return Err(Error::message(arena, format_args!("join: invalid input: {text}")));
            }
        }
    }
    Ok(Val::String(joined.into_bump_str()))
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
