//! Random YAML: texts that are mostly well-formed, made of the constructs in which YAML's readers differ.

use crate::Entropy;

const SCALARS: &[&str] = &[
    "a",
    "1",
    "0644",
    "0o17",
    "0x1F",
    "1_000",
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "~",
    "null",
    "true",
    "TRUE",
    "1.5",
    ".5",
    "1e3",
    "1e400",
    ".inf",
    "-.INF",
    ".nan",
    "12:30:45",
    "2024-02-29",
    "2024-02-29T23:59:59Z",
    "''",
    "'it''s'",
    "\"a\\tb\\u00e4\"",
    "\"\\x41\"",
    "\"unclosed",
    "'",
    "- a",
    "a: b",
    "#c",
    "a #c",
    "a#c",
    "!!str 1",
    "!!int '7'",
    "!!float 1",
    "!!binary aGk=",
    "!!binary '?'",
    "!custom x",
    "&x 1",
    "*x",
    "*y",
    "@a",
    "`a",
    "%a",
    "[1, 2",
    "{a: 1",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775809",
    "0b101",
    "+1",
    "-0",
    "1.0",
    "0.1",
    "100000000000000000000000",
    "é",
    "\u{feff}x",
    "a\tb",
    "<<",
    "=",
    "?",
    "-",
    "...",
];

const KEYS: &[&str] = &[
    "a", "b", "c", "1", "true", "null", "\"a\"", "'b'", "1.5", "<<", "? a", "[x]", "é", "a b", "yes", "0x10",
    "~",
];

/// A text with one document or more.
pub fn random(entropy: &mut Entropy<'_>) -> String {
    let mut text = String::new();
    let newline = if entropy.once_in(12) { "\r\n" } else { "\n" };
    if entropy.once_in(30) {
        text.push('\u{feff}');
    }
    for at in 0..=entropy.below(3) {
        if at > 0 || entropy.once_in(4) {
            text.push_str(entropy.pick(&["---", "---", "--- # c", "--- ", "---\t", "--- a", "...", "----"]));
            text.push_str(newline);
        }
        block(entropy, &mut text, 0, 4, newline);
    }
    text
}

fn block(entropy: &mut Entropy<'_>, text: &mut String, indent: usize, depth: usize, newline: &str) {
    let nested = depth > 0 && !entropy.is_empty();
    match if nested { entropy.below(8) } else { 0 } {
        1..=3 => mapping(entropy, text, indent, depth, newline),
        4 | 5 => sequence(entropy, text, indent, depth, newline),
        6 => literal(entropy, text, indent, newline),
        _ => line(text, indent, &inline(entropy, 2), newline),
    }
}

fn line(text: &mut String, indent: usize, content: &str, newline: &str) {
    text.push_str(&" ".repeat(indent));
    text.push_str(content);
    text.push_str(newline);
}

fn mapping(entropy: &mut Entropy<'_>, text: &mut String, indent: usize, depth: usize, newline: &str) {
    for _ in 0..=entropy.below(3) {
        let key = entropy.pick(KEYS);
        if entropy.once_in(3) && depth > 1 {
            let anchor = if entropy.once_in(4) { " &x" } else { "" };
            line(text, indent, &format!("{key}:{anchor}"), newline);
            let step = entropy.below(3);
            block(entropy, text, indent + step, depth - 1, newline);
        } else {
            let value = inline(entropy, 2);
            line(text, indent, &format!("{key}: {value}"), newline);
        }
    }
}

fn sequence(entropy: &mut Entropy<'_>, text: &mut String, indent: usize, depth: usize, newline: &str) {
    for _ in 0..=entropy.below(3) {
        if entropy.once_in(4) && depth > 1 {
            line(text, indent, "-", newline);
            block(entropy, text, indent + 2, depth - 1, newline);
        } else {
            let value = inline(entropy, 2);
            line(text, indent, &format!("- {value}"), newline);
        }
    }
}

fn literal(entropy: &mut Entropy<'_>, text: &mut String, indent: usize, newline: &str) {
    let header = entropy.pick(&["|", ">", "|-", ">+", "|2", "|+", ">1-"]);
    line(text, indent, &format!("k: {header}"), newline);
    for _ in 0..=entropy.below(3) {
        let deeper = indent + entropy.below(4);
        line(text, deeper, entropy.pick(&["text", "", " more", "# no comment", "a: b", "\tx"]), newline);
    }
}

/// A scalar, or a flow collection.
fn inline(entropy: &mut Entropy<'_>, depth: usize) -> String {
    match if depth > 0 { entropy.below(10) } else { 0 } {
        8 => {
            let items: Vec<String> = (0..entropy.below(4)).map(|_| inline(entropy, depth - 1)).collect();
            format!("[{}]", items.join(", "))
        }
        9 => {
            let entry = |entropy: &mut Entropy<'_>| {
                let key = entropy.pick(KEYS);
                format!("{key}: {}", inline(entropy, depth - 1))
            };
            let items: Vec<String> = (0..entropy.below(4)).map(|_| entry(entropy)).collect();
            format!("{{{}}}", items.join(", "))
        }
        _ => entropy.pick(SCALARS).to_owned(),
    }
}
