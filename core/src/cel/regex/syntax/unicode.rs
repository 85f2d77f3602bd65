//! Unicode's classes as Go's regexp knows them. Their Unicode is that of the Go which kube-apiserver is built with.

use super::class::Class;

/// Written by `cargo xtask unicode` from Go's standard library.
const TABLES: &str = include_str!("unicode.txt");

/// A class by the name in `\p{name}`, with `fold` as `(?i)` has it.
///
/// Source: Go `regexp/syntax`, `unicodeTable`.
pub(super) fn class(name: &str, fold: bool) -> Option<Class> {
    let name = canonical(name);
    if name == "Folds" || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    match name.as_str() {
        "Any" => return Some(Class::any()),
        "Ascii" if fold => return Some(Class::new(vec![(0, 0x7F), (0x17F, 0x17F), (0x212A, 0x212A)])),
        "Ascii" => return Some(Class::new(vec![(0, 0x7F)])),
        "Assigned" => return class("Cn", fold).map(|unassigned| unassigned.negated()),
        _ => {}
    }
    if let Some(alias) = line(&name, ">") {
        return class(alias, fold);
    }
    let mut all: Vec<(u32, u32)> = ranges(line(&name, "=")?).collect();
    if fold {
        all.extend(line(&name, "+=").into_iter().flat_map(ranges));
    }
    Some(Class::new(all))
}

/// Ranges of code points with the distance to the next of the same letter; none where neighbours are pairs.
pub(super) fn folds() -> impl Iterator<Item = (u32, u32, Option<i32>)> {
    let entries = line("Folds", "=").unwrap_or_default().split(',');
    entries.filter_map(|entry| match entry.split_once(':') {
        Some((range, distance)) => {
            let (low, high) = ends(range)?;
            Some((low, high, Some(distance.parse().ok()?)))
        }
        None => ends(entry.trim_end_matches('~')).map(|(low, high)| (low, high, None)),
    })
}

/// The first letter upper case, the others lower case, without spaces, hyphens and underscores.
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for character in name.chars().filter(|character| !matches!(character, ' ' | '-' | '_')) {
        let first = canonical.is_empty();
        canonical.push(if first { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() });
    }
    canonical
}

/// What follows a name and a sign.
fn line(name: &str, sign: &str) -> Option<&'static str> {
    TABLES.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(sign))
}

/// `lo`, `lo-hi` or `lo-hi/stride`, separated by commas.
fn ranges(text: &str) -> impl Iterator<Item = (u32, u32)> {
    let entries = text.split(',').filter_map(|entry| {
        let (range, stride) = entry.split_once('/').unwrap_or((entry, ""));
        let (low, high) = ends(range)?;
        Some((low, high, usize::from_str_radix(stride, 16).ok()))
    });
    entries.flat_map(|(low, high, stride)| {
        let width = if stride.is_some() { 0 } else { high - low };
        (low..=high).step_by(stride.unwrap_or(usize::MAX)).map(move |code| (code, code + width))
    })
}

fn ends(range: &str) -> Option<(u32, u32)> {
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    Some((u32::from_str_radix(low, 16).ok()?, u32::from_str_radix(high, 16).ok()?))
}
