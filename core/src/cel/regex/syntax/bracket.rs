//! Classes in brackets.

use super::{Class, MAX_RANGES, Node, Op, Parser, Step, fail};
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn bracket(&mut self) -> Step {
        let start = self.at;
        self.advance(1);
        let negated = self.peek() == Some('^');
        if negated {
            self.advance(1);
        }
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut first = true;
        // A bracket or a hyphen at the beginning stands for itself.
        while first || self.peek() != Some(']') {
            first = false;
            if let Some(class) = self.posix_class()? {
                ranges.extend(class.ranges());
            } else if let Some(class) = self.named_class()? {
                ranges.extend(class.ranges());
            } else {
                let (low, high) = self.range(start)?;
                ranges.push((low, high));
                if self.flags.fold {
                    let folded = self.folds.closed(&[(low, high)]);
                    ranges.extend(folded);
                }
            }
            if ranges.len() > MAX_RANGES {
                // Many parts of a class may overlap.
                ranges = Class::new(ranges).ranges().to_vec();
            }
        }
        self.advance(1);
        let class = Class::new(ranges);
        let class = if negated { class.negated() } else { class };
        self.ranges += class.ranges().len();
        if self.ranges > MAX_RANGES {
            return Err(self.too_large());
        }
        self.push(Node::new(Op::Class(Rc::new(class))))
    }

    /// A character, or two with a hyphen between them.
    fn range(&mut self, bracket: usize) -> Step<(u32, u32)> {
        let start = self.at;
        let low = self.class_character(bracket)?;
        let rest = self.rest();
        if rest.len() < 2 || !rest.starts_with('-') || rest.starts_with("-]") {
            return Ok((low, low));
        }
        self.advance(1);
        let high = self.class_character(bracket)?;
        if high < low {
            return Err(fail("invalid character class range", self.since(start)));
        }
        Ok((low, high))
    }

    fn class_character(&mut self, bracket: usize) -> Step<u32> {
        match self.peek() {
            None => Err(fail("missing closing ]", self.from(bracket))),
            Some('\\') => self.character_escape(),
            Some(character) => {
                self.advance(character.len_utf8());
                Ok(character as u32)
            }
        }
    }

    /// `[:alpha:]` or `[:^alpha:]`, if there is an end of such a name anywhere.
    fn posix_class(&mut self) -> Step<Option<Class>> {
        let start = self.at;
        let rest = self.rest();
        let Some((name, _)) = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        self.advance(name.len() + 4);
        let (plain, negated) = name.strip_prefix('^').map_or((name, false), |plain| (plain, true));
        let ranges: &[(u8, u8)] = match plain {
            "alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
            "alpha" => &[(b'A', b'Z'), (b'a', b'z')],
            "ascii" => &[(0, 0x7F)],
            "blank" => &[(b'\t', b'\t'), (b' ', b' ')],
            "cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
            "digit" => &[(b'0', b'9')],
            "graph" => &[(b'!', b'~')],
            "lower" => &[(b'a', b'z')],
            "print" => &[(b' ', b'~')],
            "punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
            "space" => &[(b'\t', b'\r'), (b' ', b' ')],
            "upper" => &[(b'A', b'Z')],
            "word" => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
            "xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
            _ => return Err(fail("invalid character class range", self.since(start))),
        };
        Ok(Some(self.group(ranges, negated)))
    }
}
