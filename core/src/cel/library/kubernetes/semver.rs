//! Semantic versions. Source: apiserver `library/semverlib.go` over github.com/blang/semver.

use super::{PARSE, PARSING};
use crate::cel::library::{Function, Library, Overload};
use crate::cel::value::{Arena, Error, Opaque, Result, Semver, Val};
use crate::go::quoted;
use std::cmp::Ordering;

/// Since 1.33, with the argument that normalises.
pub fn library() -> Library {
    let o = Overload::new;
    let part = |name, id, body| Function::new(name, vec![o(id, "kubernetes.Semver.() -> int", body)]);
    Library::new(vec![
        Function::new(
            "semver",
            vec![
                o("string_to_semver", "string -> kubernetes.Semver", to_semver)
                    .costs(PARSE)
                    .estimates(PARSING),
                o("string_bool_to_semver", "string, bool -> kubernetes.Semver", to_semver)
                    .costs(PARSE)
                    .estimates(PARSING),
            ],
        ),
        Function::new(
            "isSemver",
            vec![
                o("is_semver_string", "string -> bool", |_, args| Ok(Val::Bool(parse_args(args)?.is_ok())))
                    .costs(PARSE)
                    .estimates(PARSING),
                o("is_semver_string_bool", "string, bool -> bool", |_, args| {
                    Ok(Val::Bool(parse_args(args)?.is_ok()))
                })
                .costs(PARSE)
                .estimates(PARSING),
            ],
        ),
        Function::new(
            "isGreaterThan",
            vec![o("semver_is_greater_than", "kubernetes.Semver.(kubernetes.Semver) -> bool", |_, args| {
                Ok(Val::Bool(order(args)?.is_gt()))
            })],
        ),
        Function::new(
            "isLessThan",
            vec![o("semver_is_less_than", "kubernetes.Semver.(kubernetes.Semver) -> bool", |_, args| {
                Ok(Val::Bool(order(args)?.is_lt()))
            })],
        ),
        Function::new(
            "compareTo",
            vec![o("semver_compare_to", "kubernetes.Semver.(kubernetes.Semver) -> int", |_, args| {
                Ok(Val::Int(order(args)? as i64))
            })],
        ),
        part("major", "semver_major", |_, args| Ok(Val::Int(version(args)?.major as i64))),
        part("minor", "semver_minor", |_, args| Ok(Val::Int(version(args)?.minor as i64))),
        part("patch", "semver_patch", |_, args| Ok(Val::Int(version(args)?.patch as i64))),
    ])
}

fn version<'a>(args: &[Val<'a>]) -> Result<'a, &'a Semver<'a>> {
    match args.first() {
        Some(Val::Opaque(Opaque::Semver(version))) => Ok(version),
        _ => Err(Error::NoSuchOverload),
    }
}

/// The parsed version's text, or why it is none.
fn parse_args<'a>(args: &[Val<'a>]) -> Result<'a, std::result::Result<(String, [u64; 3]), String>> {
    let (text, normalize) = match args {
        [Val::String(text)] => (*text, false),
        [Val::String(text), Val::Bool(normalize)] => (*text, *normalize),
        _ => return Err(Error::NoSuchOverload),
    };
    let text = if normalize { normalized(text) } else { Ok(text.to_owned()) };
    Ok(text.and_then(|text| parse(&text).map(|numbers| (text, numbers))))
}

fn to_semver<'a>(arena: &'a Arena, args: &[Val<'a>]) -> Result<'a> {
    match parse_args(args)? {
        Ok((text, [major, minor, patch])) => {
            let text: &'a str = arena.alloc_str(&text);
            let (rest, build) = text.split_once('+').unwrap_or((text, ""));
            let pre_release = rest.split_once('-').map_or("", |(_, pre_release)| pre_release);
            Ok(Val::Opaque(Opaque::Semver(arena.alloc(Semver { major, minor, patch, pre_release, build }))))
        }
        Err(message) => Err(Error::message(arena, format_args!("{message}"))),
    }
}

/// Drops a `v`, adds missing parts, drops leading zeros.
fn normalized(text: &str) -> std::result::Result<String, String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(str::to_owned).collect();
    for part in parts.iter_mut().filter(|part| part.len() > 1) {
        let stripped = part.trim_start_matches('0');
        let digit = stripped.starts_with(|c: char| c.is_ascii_digit());
        *part = if digit { stripped.to_owned() } else { format!("0{stripped}") };
    }
    if parts.len() < 3 {
        if parts.last().is_some_and(|part| part.contains(['+', '-'])) {
            return Err("short version cannot contain PreRelease/Build meta data".to_owned());
        }
        parts.resize(3, "0".to_owned());
    }
    Ok(parts.join("."))
}

fn parse(text: &str) -> std::result::Result<[u64; 3], String> {
    if text.is_empty() {
        return Err("Version string empty".to_owned());
    }
    let mut parts = text.splitn(3, '.');
    let (Some(major), Some(minor), Some(patch)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("No Major.Minor.Patch elements found".to_owned());
    };
    let major = number(major, "major")?;
    let minor = number(minor, "minor")?;
    let (patch, build) = patch.split_once('+').map_or((patch, None), |(patch, build)| (patch, Some(build)));
    let (patch, pre_release) = patch.split_once('-').map_or((patch, None), |(patch, pre)| (patch, Some(pre)));
    if !patch.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in patch number {}", quoted(patch)));
    }
    if leading_zero(patch) {
        return Err(format!("Patch number must not contain leading zeroes {}", quoted(patch)));
    }
    let patch = go_uint(patch)?;
    for part in pre_release.into_iter().flat_map(|pre_release| pre_release.split('.')) {
        identifier(part, "Prerelease is empty", "prerelease")?;
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if leading_zero(part) {
                return Err(format!(
                    "Numeric PreRelease version must not contain leading zeroes {}",
                    quoted(part)
                ));
            }
            go_uint(part)?;
        }
    }
    for part in build.into_iter().flat_map(|build| build.split('.')) {
        identifier(part, "Build meta data is empty", "build meta data")?;
    }
    Ok([major, minor, patch])
}

fn identifier(part: &str, empty: &str, what: &str) -> std::result::Result<(), String> {
    if part.is_empty() {
        return Err(empty.to_owned());
    }
    let valid = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid { Ok(()) } else { Err(format!("Invalid character(s) found in {what} {}", quoted(part))) }
}

fn number(text: &str, what: &str) -> std::result::Result<u64, String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in {what} number {}", quoted(text)));
    }
    if leading_zero(text) {
        let name = if what == "major" { "Major" } else { "Minor" };
        return Err(format!("{name} number must not contain leading zeroes {}", quoted(text)));
    }
    go_uint(text)
}

fn leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

fn go_uint(text: &str) -> std::result::Result<u64, String> {
    let why = if text.is_empty() { "invalid syntax" } else { "value out of range" };
    text.parse().map_err(|_| format!("strconv.ParseUint: parsing {}: {why}", quoted(text)))
}

fn order<'a>(args: &[Val<'a>]) -> Result<'a, Ordering> {
    match args {
        [Val::Opaque(Opaque::Semver(a)), Val::Opaque(Opaque::Semver(b))] => Ok(compare(a, b)),
        _ => Err(Error::NoSuchOverload),
    }
}

/// Precedence by semver.org, section 11.
fn compare(a: &Semver<'_>, b: &Semver<'_>) -> Ordering {
    let numbers = (a.major, a.minor, a.patch).cmp(&(b.major, b.minor, b.patch));
    numbers.then_with(|| match (a.pre_release.is_empty(), b.pre_release.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let (mut left, mut right) = (a.pre_release.split('.'), b.pre_release.split('.'));
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return Ordering::Equal,
                    (None, Some(_)) => return Ordering::Less,
                    (Some(_), None) => return Ordering::Greater,
                    (Some(a), Some(b)) => match compare_identifiers(a, b) {
                        Ordering::Equal => {}
                        order => return order,
                    },
                }
            }
        }
    })
}

fn compare_identifiers(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
