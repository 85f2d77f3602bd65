//! Expressions with something wrong in their text: what a parser must say no to, or read otherwise than was meant.

use crate::Entropy;

/// What is put in or in the place of something: pieces of the syntax, and what it does not know.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "==",
    "<",
    "in",
    " ",
    "'",
    "\"",
    "`",
    "\\",
    "&",
    "=",
    "#",
    "@",
    "$",
    "~",
    "1",
    "0x",
    "1e",
    "1.",
    "07",
    "2u",
    "a",
    "as",
    "null",
    "ä",
    "\n",
    "\t",
    "//",
    "r'",
    "b\"",
    "'''",
    "a.b",
    "a.b()",
    ".?",
    "[?",
    "{?",
    "\u{0}",
    "\u{1F600}",
];

/// The text with one or two things changed: a piece left out, put in, doubled or replaced, the end cut off, or only
/// the spaces changed.
pub fn mutated(text: &str, entropy: &mut Entropy<'_>) -> String {
    let mut text = text.to_owned();
    for _ in 0..=entropy.below(4) / 3 {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (a, b) =
            (boundaries[entropy.below(boundaries.len())], boundaries[entropy.below(boundaries.len())]);
        let piece = entropy.pick(PIECES);
        // Mostly short parts.
        let end = boundaries.iter().copied().find(|end| *end > a).unwrap_or(text.len());
        let (from, to) = if entropy.once_in(4) { (a.min(b), a.max(b)) } else { (a, end) };
        text = match entropy.below(7) {
            0 => format!("{}{}", &text[..from], &text[to..]),
            1 | 2 => format!("{}{piece}{}", &text[..a], &text[a..]),
            3 => format!("{}{piece}{}", &text[..from], &text[to..]),
            4 => format!("{}{}", &text[..to], &text[from..]),
            5 => text.replacen(' ', entropy.pick(&["\n", "\t", "  ", " // c\n", ""]), 1 + entropy.below(3)),
            _ => text[..a].to_owned(),
        };
    }
    text
}
