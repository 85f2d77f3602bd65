//! What follows a backslash.

use super::{Class, Look, MAX, Node, Op, Parser, Step, fail};
use std::rc::Rc;

impl<'p> Parser<'p> {
    /// An escape outside of brackets.
    pub(super) fn escaped(&mut self) -> Step {
        let rest = self.rest();
        match rest.chars().nth(1) {
            Some('A') => return self.look(Look::TextStart, 2),
            Some('b') => return self.look(Look::WordBoundary, 2),
            Some('B') => return self.look(Look::NotWordBoundary, 2),
            Some('z') => return self.look(Look::TextEnd, 2),
            Some('C') => return Err(fail("invalid escape sequence", "\\C")),
            Some('Q') => return self.quoted(),
            _ => {}
        }
        if let Some(class) = self.named_class()? {
            return self.push(Node::new(Op::Class(class)));
        }
        let code = self.character_escape()?;
        self.code(code)
    }

    /// `\Q` to `\E`, or to the end.
    fn quoted(&mut self) -> Step {
        self.advance(2);
        let rest = self.rest();
        let (quoted, end) = rest.split_once("\\E").map_or((rest, 0), |(quoted, _)| (quoted, 2));
        for character in quoted.chars() {
            self.literal(character)?;
        }
        self.advance(quoted.len() + end);
        Ok(())
    }

    /// `\d`, `\p{Greek}` and the like; nothing is read if it is none of these.
    pub(super) fn named_class(&mut self) -> Step<Option<Rc<Class>>> {
        let mut characters = self.rest().chars();
        let (Some('\\'), Some(letter)) = (characters.next(), characters.next()) else { return Ok(None) };
        let ranges: &[(u8, u8)] = match letter.to_ascii_lowercase() {
            'p' => return self.unicode_class(letter == 'P').map(Some),
            'd' => &[(b'0', b'9')],
            's' => &[(b'\t', b'\n'), (0x0C, b'\r'), (b' ', b' ')],
            'w' => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
            _ => return Ok(None),
        };
        self.advance(2);
        Ok(Some(Rc::new(self.group(ranges, letter.is_ascii_uppercase()))))
    }

    /// A class of ASCII, with what folds into it under `(?i)`, or all but that.
    pub(super) fn group(&mut self, ranges: &[(u8, u8)], negated: bool) -> Class {
        let ranges: Vec<(u32, u32)> = ranges.iter().map(|&(low, high)| (low.into(), high.into())).collect();
        let class = Class::new(if self.flags.fold { self.folds.closed(&ranges) } else { ranges });
        if negated { class.negated() } else { class }
    }

    fn unicode_class(&mut self, capital: bool) -> Step<Rc<Class>> {
        let start = self.at;
        self.advance(2);
        let name = match self.next() {
            None => "",
            Some('{') => {
                let Some((name, _)) = self.rest().split_once('}') else {
                    return Err(fail("invalid character class range", self.from(start)));
                };
                self.advance(name.len() + 1);
                name
            }
            Some(_) => self.since(start + 2),
        };
        let (name, negated) = match name.strip_prefix('^') {
            Some(name) => (name, !capital),
            None => (name, capital),
        };
        let key = (name, negated, self.flags.fold);
        if let Some(known) = self.classes.get(&key) {
            return Ok(Rc::clone(known));
        }
        let Some(class) = super::unicode::class(name, self.flags.fold) else {
            return Err(fail("invalid character class range", self.since(start)));
        };
        let class = Rc::new(if negated { class.negated() } else { class });
        self.classes.insert(key, Rc::clone(&class));
        Ok(class)
    }

    /// An escape that stands for one character.
    ///
    /// Source: Go `regexp/syntax`, `parseEscape`.
    pub(super) fn character_escape(&mut self) -> Step<u32> {
        let start = self.at;
        self.advance(1);
        let Some(character) = self.next() else {
            return Err(fail("trailing backslash at end of expression", ""));
        };
        let code = match character {
            '1'..='7' if !self.peek().is_some_and(is_octal) => None,
            '0'..='7' => Some(self.octal(character)),
            'x' => self.hexadecimal()?,
            'a' => Some(0x07),
            'f' => Some(0x0C),
            'n' => Some(0x0A),
            'r' => Some(0x0D),
            't' => Some(0x09),
            'v' => Some(0x0B),
            _ if character.is_ascii() && !character.is_ascii_alphanumeric() => Some(character as u32),
            _ => None,
        };
        code.ok_or_else(|| fail("invalid escape sequence", self.since(start)))
    }

    /// Up to three octal digits, of which the first was read.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(8)) else { break };
            self.advance(1);
            code = code * 8 + digit;
        }
        code
    }

    /// `\xFF` or `\x{10FFFF}` after the `x`; `None` where what was read so far is wrong.
    fn hexadecimal(&mut self) -> Step<Option<u32>> {
        let Some(first) = self.next() else { return Ok(None) };
        if first != '{' {
            // Go reads a second character here even at the end, where it finds that none is there.
            let second = self.next();
            let digits = (first.to_digit(16), second.and_then(|second| second.to_digit(16)));
            return Ok(match digits {
                (Some(high), Some(low)) => Some(high * 16 + low),
                _ => None,
            });
        }
        let (mut code, mut any) = (0, false);
        while let Some(character) = self.next() {
            if character == '}' {
                return Ok(any.then_some(code));
            }
            let Some(digit) = character.to_digit(16) else { return Ok(None) };
            code = code * 16 + digit;
            if code > MAX {
                return Ok(None);
            }
            any = true;
        }
        Ok(None)
    }
}

fn is_octal(character: char) -> bool {
    character.is_digit(8)
}
