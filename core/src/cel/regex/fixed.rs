//! Patterns of a fixed length of ASCII characters at the beginning or the end of a text, as `@sha256:[a-f0-9]{64}$`:
//! whether they match needs no search. Together with plain texts, which are looked for as such, most patterns of
//! policies that ask for a prefix, a suffix or a digest are of this kind.
//!
//! Asking one image of the benches' Deployment for a digest takes 80 instructions.

use super::syntax::{Look, Node, Op};

/// Where the characters stand, and which they are.
#[derive(Debug)]
pub(super) struct Fixed {
    at_start: bool,
    at_end: bool,
    parts: Vec<Part>,
    length: usize,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// So many characters, each of one of two ranges, which may be the same.
    Class {
        ranges: [(u8, u8); 2],
        count: usize,
    },
}

/// Longer patterns are left to the automata.
const LONGEST: usize = 256;

impl Fixed {
    /// The pattern when it is of this kind.
    pub(super) fn new(root: &Node) -> Option<Fixed> {
        let mut fixed = Fixed { at_start: false, at_end: false, parts: Vec::new(), length: 0 };
        fixed.add(root)?;
        // Without an anchor only a plain text is looked for.
        let plain = matches!(fixed.parts.as_slice(), [] | [Part::Text(_)]);
        (fixed.at_start || fixed.at_end || plain).then_some(fixed)
    }

    /// Adds what comes next.
    fn add(&mut self, node: &Node) -> Option<()> {
        if self.at_end {
            return None;
        }
        match &node.op {
            Op::Empty => Some(()),
            Op::Look(Look::TextStart) if self.length == 0 => {
                self.at_start = true;
                Some(())
            }
            Op::Look(Look::TextEnd) => {
                self.at_end = true;
                Some(())
            }
            Op::Literal { codes, fold: false } => {
                codes.iter().try_for_each(|&code| self.character(u8::try_from(code).ok()?))
            }
            Op::Class(class) => self.class(class.ranges(), 1),
            Op::Repeat { least, most, body, .. } if *most == Some(*least) => match &body.op {
                Op::Class(class) => self.class(class.ranges(), *least as usize),
                _ => (0..*least).try_for_each(|_| self.add(body)),
            },
            Op::Capture(_, body) => self.add(body),
            Op::Concat(parts) => parts.iter().try_for_each(|part| self.add(part)),
            Op::Literal { .. } | Op::Look(_) | Op::Repeat { .. } | Op::Alternate(_) => None,
        }
    }

    fn character(&mut self, byte: u8) -> Option<()> {
        if !byte.is_ascii() {
            return None;
        }
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(byte.into()),
            _ => self.parts.push(Part::Text(char::from(byte).into())),
        }
        self.grow(1)
    }

    fn class(&mut self, ranges: &[(u32, u32)], count: usize) -> Option<()> {
        let range = |&(low, high): &(u32, u32)| Some((u8::try_from(low).ok()?, u8::try_from(high).ok()?));
        let ranges = match ranges {
            [one] => [range(one)?; 2],
            [one, other] => [range(one)?, range(other)?],
            _ => return None,
        };
        if count == 0 || !ranges.iter().all(|(_, high)| high.is_ascii()) {
            return None;
        }
        self.parts.push(Part::Class { ranges, count });
        self.grow(count)
    }

    fn grow(&mut self, count: usize) -> Option<()> {
        self.length += count;
        (self.length <= LONGEST).then_some(())
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let from = match (self.at_start, self.at_end) {
            (true, true) if bytes.len() != self.length => return false,
            (true, _) => Some(0),
            (false, true) => bytes.len().checked_sub(self.length),
            (false, false) => {
                return match self.parts.as_slice() {
                    [Part::Text(part)] => text.contains(part.as_str()),
                    _ => true,
                };
            }
        };
        // A text that begins in the middle of a character has no ASCII character there.
        let Some(mut rest) = from.and_then(|from| bytes.get(from..)) else { return false };
        for part in &self.parts {
            let (found, length) = match part {
                Part::Text(text) => (rest.starts_with(text.as_bytes()), text.len()),
                Part::Class { ranges, count } => {
                    (rest.get(..*count).is_some_and(|bytes| all_within(bytes, *ranges)), *count)
                }
            };
            if !found {
                return false;
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        true
    }
}

/// Whether all bytes are in one of the ranges; many at a time, as nothing depends on the one before.
fn all_within(bytes: &[u8], [(low, high), (other_low, other_high)]: [(u8, u8); 2]) -> bool {
    let (width, other_width) = (high.wrapping_sub(low), other_high.wrapping_sub(other_low));
    let within = |byte: u8| (byte.wrapping_sub(low) <= width) | (byte.wrapping_sub(other_low) <= other_width);
    bytes.iter().fold(true, |all, &byte| all & within(byte))
}

#[cfg(test)]
mod tests {
    use super::super::{Program, syntax};
    use super::Fixed;

    #[test]
    fn fixed_patterns_match_what_the_automata_match() {
        let texts = [
            "",
            "a",
            "b",
            "ab",
            "ba",
            "a\n",
            "xab",
            "abx",
            "é",
            "éab",
            "ab9",
            "a9-",
            "0",
            "00ff",
            "00fg",
            "x00ff",
            "aab",
            "\u{7f}",
            "@ab",
            "a.b",
            "img@sha256:00ff",
            "img@sha256:00f",
            "img@sha256:00fF",
            "éé00ff",
            "aé",
        ];
        let fixed = [
            "ab",
            "",
            "^ab",
            "ab$",
            "^ab$",
            "^$",
            "$",
            "^",
            "[a-f0-9]{4}$",
            "^[a-f0-9]{2}",
            "^[^\\x00-a]?$|^b$",
            "(ab)$",
            "@sha256:[a-f0-9]{4}$",
            "a[b-b]$",
            "^(?:a){2}b$",
            "a\\.b$",
            "^[ab][0-9]",
            "[\\x00-\\x7f]$",
            "^.",
            "(?i)ab$",
            "a{0}b$",
            "a|b",
            "^a^",
            "a$b",
            "[a-z]",
            "é$",
            "^(a)(b)$",
        ];
        let mut are = 0;
        for pattern in fixed {
            let parsed = syntax::parse(pattern).unwrap();
            let Some(fixed) = Fixed::new(&parsed.root) else { continue };
            are += 1;
            let machine = Program::machine(&parsed, false);
            let Program::Machine(machine) = machine else { continue };
            for text in texts {
                assert_eq!(fixed.is_match(text), machine.is_match(text), "{pattern} of {text:?}");
            }
        }
        assert_eq!(are, 19);
    }
}
