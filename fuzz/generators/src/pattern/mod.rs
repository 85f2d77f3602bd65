//! Random regular expressions in Go's syntax and around it, texts for them, and what kordon finds.

mod classes;
mod differential;

pub use classes::compare_classes;
pub use differential::{Difference, Outcome, run};

use crate::Entropy;
use kordon::cel::regex::Regex;
use serde_json::{Value, json};

/// Letters that patterns and texts share; some have several cases, of several lengths in UTF-8.
const LETTERS: &[&str] = &[
    "a",
    "b",
    "c",
    "A",
    "k",
    "K",
    "\u{212A}",
    "s",
    "S",
    "ſ",
    "é",
    "É",
    "ß",
    "ẞ",
    "σ",
    "ς",
    "Σ",
    "ǆ",
    "ǅ",
    "Ǆ",
    "0",
    "7",
    "_",
    "-",
    "]",
    "^",
    " ",
    "\n",
    "\t",
    "\r",
    "\u{b}",
    "ı",
    "İ",
    "中",
    "😀",
    "𐐀",
    "𐐨",
    "&",
    "~",
    "٣",
    "\u{0}",
    "\u{10FFFF}",
    "\u{FFFD}",
    ":",
    "µ",
    "μ",
    ",",
    "}",
    "{",
    "\u{345}",
    "ι",
    "\u{85}",
];

const ATOMS: &[&str] = &[
    ".",
    "^",
    "$",
    "\\A",
    "\\z",
    "\\b",
    "\\B",
    "\\d",
    "\\D",
    "\\s",
    "\\S",
    "\\w",
    "\\W",
    "\\pL",
    "\\PL",
    "\\p{Lu}",
    "\\P{^Greek}",
    "\\p{greek}",
    "\\p{Any}",
    "\\p{ASCII}",
    "\\pN",
    "\\p{L_u}",
    "\\p{Letter}",
    "\\p{Old_Italic}",
    "\\p{Cn}",
    "\\p{LC}",
    "\\p{Assigned}",
    "\\x41",
    "\\x{1F600}",
    "\\x{212a}",
    "\\101",
    "\\07",
    "\\n",
    "\\t",
    "\\v",
    "\\f",
    "\\a",
    "\\r",
    "\\.",
    "\\-",
    "\\_",
    "\\Qa.b*\\E",
    "\\Qab",
    "\\Q\\E",
    "(?:)",
    "()",
    "(|a)",
    "[^\\x00-\\x{10FFFF}]",
    "[a]",
    "[kK]",
    "[σς]",
    "#",
    "/",
    "\\pZ",
    "\\p{Nd}",
    "\\x{D800}",
];

/// What is close to the syntax and mostly wrong.
const BROKEN: &[&str] = &[
    "\\1",
    "\\8",
    "\\C",
    "\\Z",
    "\\G",
    "\\u0041",
    "\\x{110000}",
    "\\x{}",
    "\\xg",
    "\\x4",
    "\\p",
    "\\p{",
    "\\p{X}",
    "\\pX",
    "\\p{^}",
    "\\h",
    "\\K",
    "\\e",
    "\\E",
    "(?",
    "(?P",
    "(?P<",
    "(?P<n",
    "(?P<n>",
    "(?<n>",
    "(?<>a)",
    "(?P=n)",
    "(?'n'a)",
    "(?#c)",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?>a)",
    "(?x)",
    "(?-)",
    "(?i-)",
    "(?--i)",
    "(?i-s:",
    "(?U)",
    "(?^i)",
    "[",
    "[]",
    "[^",
    "[^]",
    "[]]",
    "[^]]",
    "[a-",
    "[b-a]",
    "[a-\\d]",
    "[\\d-a]",
    "[[:foo:]]",
    "[[:alpha:",
    "[[:^word:]]",
    "[:alpha:]",
    "[a&&b]",
    "[a--b]",
    "[a~~b]",
    "[[a]]",
    "[\\b]",
    "[\\pX]",
    "[z-\\x{41}]",
    "{",
    "}",
    "{1}",
    "{,2}",
    "{2,1}",
    "{1001}",
    "{01}",
    "{1,",
    "a{1000}{2}",
    "**",
    "a*+",
    "a??",
    "a???",
    "(*",
    "|*",
    "^*",
    "$+",
    "\\b+",
    "\\",
    "(",
    ")",
    "|",
    "||",
    "\\QA",
    "\\E",
    "[\\Qa\\E]",
    "(?i)",
    "(?m)",
    "(?s)",
    "(?-s)",
    "(?i:",
    "(?-i:",
    "\\x{41",
    "[[:alpha:]-z]",
    "[-a]",
    "[a-]",
    "[a-b-c]",
    "(?P<n>a)(?P<n>b)",
    "(?P<é>a)",
    "{1,1000}",
    "{0}",
    "{0,0}",
    "{0,}",
    "{1,}",
    "x{2}{3}",
    "\\p{Greek",
    "\\P{Lu}",
    "\\p{L&}",
];

const GROUPS: &[&str] =
    &["(", "(?:", "(?i:", "(?i)(?:", "(?s:", "(?m:", "(?U:", "(?-i:", "(?P<n>", "(?<m>", "(?im-sU:", "(?i)("];

const REPETITIONS: &[&str] = &[
    "*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1}", "{0,1}", "{1,3}", "{2,}", "{0,}", "{1,}", "{1,2}?",
    "{3}?", "{2,}?", "{5,9}", "{0,2}",
];

const CLASS_ITEMS: &[&str] = &[
    "a-c",
    "A-Z",
    "0-9",
    "a-z",
    "k",
    "s",
    "[:alpha:]",
    "[:^digit:]",
    "[:word:]",
    "[:space:]",
    "[:upper:]",
    "[:lower:]",
    "\\d",
    "\\W",
    "\\S",
    "\\pL",
    "\\P{Lu}",
    "\\p{^Ll}",
    "-",
    "^",
    "[",
    "&&",
    "--",
    "~~",
    "\\]",
    "\\-",
    "\\n",
    "\\x{400}-\\x{4ff}",
    "é",
    "\\x00-\\x1f",
    "α-ω",
    "\\123",
    "ſ",
    "\\x{2126}",
    "_",
    "\\p{Greek}",
    " ",
    ".",
    "$",
    "|",
    "(",
    "😀",
    "𐐀-𐐧",
    "I",
    "ı",
];

/// A pattern, now and then with something wrong in it.
pub fn random(entropy: &mut Entropy<'_>) -> String {
    let mut pattern = String::new();
    if entropy.once_in(5) {
        pattern.push_str(entropy.pick(&["(?i)", "(?s)", "(?m)", "(?U)", "(?is)", "(?ims)", "^", "\\A"]));
    }
    let mut depth = 0;
    alternatives(entropy, &mut pattern, &mut depth);
    if entropy.once_in(8) {
        pattern.push_str(entropy.pick(&["$", "\\z"]));
    }
    if entropy.once_in(4) { mutated(entropy, &pattern) } else { pattern }
}

fn alternatives(entropy: &mut Entropy<'_>, out: &mut String, depth: &mut usize) {
    loop {
        let parts = entropy.below(5);
        for _ in 0..parts {
            part(entropy, out, depth);
        }
        if entropy.is_empty() || !entropy.once_in(3) {
            return;
        }
        out.push('|');
    }
}

fn part(entropy: &mut Entropy<'_>, out: &mut String, depth: &mut usize) {
    match entropy.below(12) {
        0..=4 => {
            let letter = entropy.pick(LETTERS);
            if "]^{}-&".contains(letter) {
                out.push('\\');
            }
            out.push_str(letter);
        }
        5 | 6 => out.push_str(entropy.pick(ATOMS)),
        7 => class(entropy, out),
        8..=10 if *depth < 4 => {
            *depth += 1;
            out.push_str(entropy.pick(GROUPS));
            alternatives(entropy, out, depth);
            out.push(')');
            *depth -= 1;
        }
        11 if entropy.once_in(6) => out.push_str(entropy.pick(BROKEN)),
        _ => out.push_str(entropy.pick(&LETTERS[..12])),
    }
    if entropy.once_in(3) {
        out.push_str(entropy.pick(REPETITIONS));
    }
}

fn class(entropy: &mut Entropy<'_>, out: &mut String) {
    out.push('[');
    if entropy.once_in(3) {
        out.push('^');
    }
    for _ in 0..=entropy.below(4) {
        out.push_str(entropy.pick(CLASS_ITEMS));
    }
    out.push(']');
}

/// A pattern with something left out, put in or doubled.
fn mutated(entropy: &mut Entropy<'_>, pattern: &str) -> String {
    let mut characters: Vec<char> = pattern.chars().collect();
    for _ in 0..=entropy.below(2) {
        let at = entropy.below(characters.len() + 1);
        match entropy.below(4) {
            0 if at < characters.len() => {
                characters.remove(at);
            }
            1 => {
                let end = (at + entropy.below(6)).min(characters.len());
                let copy: Vec<char> = characters[at..end].to_vec();
                let to = entropy.below(characters.len() + 1);
                characters.splice(to..to, copy);
            }
            2 => {
                let piece = entropy.pick(BROKEN);
                characters.splice(at..at, piece.chars());
            }
            _ => {
                let sign = entropy.pick(&[
                    "\\", "[", "]", "(", ")", "{", "}", "*", "?", "|", "-", "^", ":", "<", ">", ",", "1", "P",
                ]);
                characters.splice(at..at, sign.chars());
            }
        }
    }
    characters.into_iter().collect()
}

/// Texts out of the same letters, and of parts of the pattern.
pub fn texts(entropy: &mut Entropy<'_>, pattern: &str, count: usize) -> Vec<String> {
    let characters: Vec<char> =
        pattern.chars().filter(|character| !"()[]*?+|\\".contains(*character)).collect();
    let mut texts = vec![String::new()];
    while texts.len() < count {
        let mut text = String::new();
        for _ in 0..1 + entropy.below(12) {
            match entropy.below(4) {
                0 if !characters.is_empty() => text.push(characters[entropy.below(characters.len())]),
                1 => text.push_str(entropy.pick(&["a", "b", "c", "A"])),
                _ => text.push_str(entropy.pick(LETTERS)),
            }
        }
        texts.push(text);
    }
    texts
}

/// What kordon finds, in the form of `oracle batch regex`.
pub fn answer(pattern: &str, texts: &[String]) -> Value {
    let (plain, grouped) = match (Regex::new(pattern), Regex::with_groups(pattern)) {
        (Ok(plain), Ok(grouped)) => (plain, grouped),
        (Err(error), Err(same)) if error == same => return json!({"error": error}),
        other => return json!({"error": format!("without and with groups: {other:?}")}),
    };
    let found = |text: &String| {
        let place = |found: &str| {
            let start = found.as_ptr() as usize - text.as_ptr() as usize;
            json!([start, start + found.len()])
        };
        let places: Vec<Value> = plain.find_all(text).map(place).collect();
        let all: Vec<Vec<i64>> = grouped
            .matches(text)
            .map(|groups| {
                let ends = groups.into_iter().flat_map(|group| match group {
                    Some((start, end)) => [start as i64, end as i64],
                    None => [-1, -1],
                });
                ends.collect()
            })
            .collect();
        let whole: Vec<Value> = all.iter().map(|places| json!(places[..2])).collect();
        let mut answer = json!({
            "matches": plain.is_match(text),
            "find": plain.find(text).map(place),
            "findAll": if all.is_empty() { Value::Null } else { json!(all) },
        });
        if places != whole {
            answer["findAll"] = json!({"without groups": places, "with": whole});
        }
        answer
    };
    json!({"groups": grouped.groups(), "texts": texts.iter().map(found).collect::<Vec<_>>()})
}
