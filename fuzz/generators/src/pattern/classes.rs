//! Every class of Unicode and every letter in `(?i)`, code point by code point.

use super::{Difference, Outcome, answer};
use crate::differential::Oracle;
use serde_json::{Value, json};
use std::path::Path;

/// Names as the core's tables have them; what Go refuses is asked too.
const TABLES: &str = include_str!("../../../../core/src/cel/regex/syntax/unicode.txt");

/// Scripts that are in Unicode but that Go's parser does not find.
const NOT_FOUND: &[&str] =
    &["Old_Italic", "Olditalic", "SignWriting", "Linear_B", "Tai_Le", "Folds", "L+", "Latin+", "#", ""];

/// Past the last code point that has another case.
const LETTERS_END: u32 = 0x1_E944;

/// Compares all of them.
pub fn compare_classes(program: &Path) -> std::io::Result<Outcome> {
    let mut oracle = Oracle::of_kind(program, "regex")?;
    let mut outcome = Outcome::default();
    let names =
        TABLES.lines().filter_map(|line| line.split(['=', '>', '+']).next()).chain(NOT_FOUND.iter().copied());
    let mut names: Vec<&str> =
        names.chain(["Any", "ASCII", "Assigned", "any", "lower_case-letter", "la tin"]).collect();
    names.dedup();
    let classes = names.iter().flat_map(|name| {
        [format!("\\p{{{name}}}+"), format!("(?i)\\p{{{name}}}+"), format!("(?i)[^\\P{{{name}}}]+")]
    });
    let mut patterns: Vec<(String, u32)> = classes.map(|pattern| (pattern, 0x11_0000)).collect();
    for posix in [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "word", "xdigit",
    ] {
        for (pattern, before) in [("[[:^", ""), ("[[:", ""), ("[[:^", "(?i)"), ("[[:", "(?i)")] {
            patterns.push((format!("{before}{pattern}{posix}:]]+"), 0x11_0000));
        }
    }
    patterns.extend(
        ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W"]
            .iter()
            .flat_map(|perl| [(format!("{perl}+"), 0x11_0000), (format!("(?i){perl}+"), 0x11_0000)]),
    );
    let letters = TABLES.lines().find_map(|line| line.strip_prefix("Folds=")).unwrap_or_default();
    for run in letters.split(',') {
        let range = run.split([':', '~']).next().unwrap_or_default();
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let (low, high) = (u32::from_str_radix(low, 16).unwrap(), u32::from_str_radix(high, 16).unwrap());
        for code in low..=high {
            patterns.push((format!("(?i)\\x{{{code:x}}}"), LETTERS_END));
        }
        patterns.push((format!("(?i)[\\x{{{low:x}}}-\\x{{{high:x}}}]"), LETTERS_END));
    }
    // What the tables do not have must have no other case.
    patterns.extend(
        (0..LETTERS_END)
            .step_by(16)
            .map(|low| (format!("(?i)[\\x{{{low:x}}}-\\x{{{:x}}}]", low + 15), 0x2000)),
    );
    let every = |end: u32| (0..end).filter_map(char::from_u32).collect::<String>();
    let texts = [every(0x11_0000), every(LETTERS_END), every(0x2000)];
    for chunk in patterns.chunks(200) {
        let lines = chunk.iter().map(|(pattern, end)| json!({"id": 0, "pattern": pattern, "everyTo": end}));
        let mine = |(pattern, end): &(String, u32)| {
            let text = match *end {
                0x11_0000 => &texts[0],
                LETTERS_END => &texts[1],
                _ => &texts[2],
            };
            answer(pattern, std::slice::from_ref(text))
        };
        let (theirs, ours) = oracle.ask_lines(lines, || chunk.iter().map(mine).collect::<Vec<Value>>())?;
        for (((pattern, _), kordon), oracle) in chunk.iter().zip(ours).zip(theirs) {
            outcome.patterns += 1;
            outcome.pairs += 1;
            outcome.refused += u64::from(oracle.get("error").is_some());
            outcome.matching += u64::from(oracle["texts"][0]["matches"] == json!(true));
            if kordon["error"] != oracle["error"]
                || kordon["texts"] != oracle["texts"] && oracle.get("texts").is_some()
            {
                let short = |value: Value| json!(value.to_string().chars().take(300).collect::<String>());
                let (kordon, oracle) = (short(kordon), short(oracle));
                outcome.differ(Difference { pattern: pattern.clone(), text: None, kordon, oracle });
            }
        }
    }
    Ok(outcome)
}
