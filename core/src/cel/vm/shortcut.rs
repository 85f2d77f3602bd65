//! Taking a [`Shortcut`].

use super::Evaluation;
use super::activation::Activation;
use super::machine::Machine;
use crate::cel::library::standard::{Comparison, traversal};
use crate::cel::program::shortcut::{
    Each, Instruction, IntComparison, MOST_LOOPS, MOST_REGISTERS, Origin, Shortcut, TRUE, Test, TextTest,
    Wanted,
};
use crate::cel::program::{Op, Program, Root};
use crate::cel::value::{List, Map, Val};
use crate::document::{Cursor, Elements};

/// Evaluates a program that is one shortcut; `None` when it gives up.
#[inline]
pub(super) fn whole<'a>(
    program: &'a Program,
    activation: &Activation<'a>,
    limit: u64,
) -> Option<Evaluation<'a>> {
    let Some(Op::Shortcut(shortcut)) = program.ops.first() else { return None };
    if shortcut.end as usize != program.ops.len() {
        return None;
    }
    let origin = |root| match root {
        Root::Slot(slot) => *activation.slots.get(slot as usize)?,
        _ => None,
    };
    let (answer, cost) = shortcut.take(origin, limit)?;
    Some(Evaluation { value: Val::Bool(answer), cost })
}

impl<'a> Machine<'a> {
    /// Leaves the value of the condition that begins here, or nothing when the shortcut gives up.
    pub(super) fn shortcut(&mut self, shortcut: &'a Shortcut) -> bool {
        let origin = |root| match root {
            Root::Slot(slot) => *self.slots.get(slot as usize)?,
            Root::Local(local) => self.local(local),
            Root::Top => self.stack.last().copied(),
        };
        let Some((answer, cost)) = shortcut.take(origin, self.left()) else { return false };
        if shortcut.takes_top {
            self.pop();
        }
        self.stack.push(Val::Bool(answer));
        // It costs less than what is left.
        self.charge(cost).is_ok()
    }
}

impl Shortcut {
    /// The answer and its cost, which is less than what is left.
    fn take<'a>(&'a self, origin: impl Fn(Root) -> Option<Val<'a>>, left: u64) -> Option<(bool, u64)> {
        let mut walk = Walk {
            registers: [None; MOST_REGISTERS],
            hints: [0; MOST_REGISTERS],
            loops: [const { None }; MOST_LOOPS],
            cost: 0,
        };
        for (register, from) in walk.registers.iter_mut().zip(&self.origins) {
            *register = Some(match from {
                Origin::Root(root) => node(origin(*root)?)?,
                Origin::Constant(object) => Cursor::at(object.root())?,
            });
        }
        let mut at = 0;
        while let Some(instruction) = self.code.get(at as usize) {
            let answer = walk.steps(instruction)?
                && match &instruction.test {
                    Test::Each(each) => walk.each(each, instruction.cost, left)?,
                    _ => walk.test(instruction, left)?,
                };
            at = if answer { instruction.yes } else { instruction.no };
        }
        // A presence test costs one more for a moment.
        (walk.cost < left).then_some((at == TRUE, walk.cost))
    }
}

/// A container of a document.
#[inline]
fn node(value: Val<'_>) -> Option<Cursor<'_>> {
    match value {
        Val::Map(Map::Node(map)) => Cursor::at(map.node()),
        Val::List(List::Node(list)) => Cursor::at(list.node()),
        _ => None,
    }
}

struct Walk<'a> {
    registers: [Option<Cursor<'a>>; MOST_REGISTERS],
    /// Where the last map had the field that goes to a register: elements of a list tend to have the same fields.
    hints: [u32; MOST_REGISTERS],
    loops: [Option<Elements<'a>>; MOST_LOOPS],
    cost: u64,
}

impl<'a> Walk<'a> {
    /// Reads what an instruction needs; `false` when something is not there that need not be.
    #[inline(always)]
    fn steps(&mut self, instruction: &'a Instruction) -> Option<bool> {
        for step in &instruction.steps {
            self.cost += u64::from(step.cost);
            if step.lasts && self.register(step.to).is_some() {
                continue;
            }
            let hint = self.hints.get_mut(usize::from(step.to))?;
            let from = self.registers.get(usize::from(step.from)).copied().flatten()?;
            match from.field_near(&step.name, hint)? {
                Some(found) => self.set(step.to, found),
                None if step.optional => return Some(false),
                None => return None,
            }
        }
        Some(true)
    }

    /// The answer of a test whose steps have been taken; `None` gives up.
    #[inline(always)]
    fn test(&mut self, instruction: &'a Instruction, left: u64) -> Option<bool> {
        self.cost += u64::from(instruction.cost);
        Some(match &instruction.test {
            Test::Always => true,
            Test::Holds { of } => self.register(*of)?.bool()?,
            Test::Bool { of, with } => self.register(*of)?.bool()? == *with,
            Test::Int { of, sized, comparison, with } => {
                let of = self.register(*of)?;
                let value = match (*sized, of.bytes()) {
                    (false, _) => of.int()?,
                    (true, Some(text)) => characters(text) as i64,
                    (true, None) => of.count()? as i64,
                };
                match comparison {
                    IntComparison::Equal => value == *with,
                    IntComparison::NotEqual => value != *with,
                    IntComparison::Ordered(Comparison::Less) => value < *with,
                    IntComparison::Ordered(Comparison::LessEqual) => value <= *with,
                    IntComparison::Ordered(Comparison::Greater) => value > *with,
                    IntComparison::Ordered(Comparison::GreaterEqual) => value >= *with,
                }
            }
            Test::Text { of, test } => {
                let of = self.register(*of)?;
                self.text(of, test)?
            }
            Test::In { text, of, sized } => {
                let of = self.register(*of)?;
                if *sized {
                    self.cost += of.count()? as u64;
                }
                match text {
                    Wanted::Constant(key) => of.holds_key(key)?,
                    Wanted::Value(text) => of.holds(self.register(*text)?.bytes()?)?,
                }
            }
            Test::Begin { over, depth } => {
                let elements = self.register(*over)?.elements()?;
                *self.loops.get_mut(usize::from(*depth))? = Some(elements);
                true
            }
            Test::Next { depth, element } => {
                match self.loops.get_mut(usize::from(*depth))?.as_mut()?.next() {
                    Some(next) => {
                        self.set(*element, next);
                        if self.cost >= left {
                            return None;
                        }
                        true
                    }
                    None => {
                        // The result is read.
                        self.cost = self.cost + 1 - u64::from(instruction.cost);
                        false
                    }
                }
            }
            Test::Decided { depth, condition } => {
                let rest = self.loops.get(usize::from(*depth))?.as_ref()?.len();
                self.cost += if rest > 0 { u64::from(*condition) } else { 0 };
                true
            }
            // It has no place in another loop of its kind.
            Test::Each(_) => return None,
        })
    }

    /// A loop, as the instructions `Begin`, `Next` and `Decided` make it.
    #[inline]
    fn each(&mut self, each: &'a Each, cost: u32, left: u64) -> Option<bool> {
        let mut elements = self.register(each.over)?.elements()?;
        self.cost += u64::from(cost) + 1;
        while let Some(element) = elements.next() {
            self.set(each.element, element);
            self.cost += u64::from(each.round);
            if self.cost >= left {
                return None;
            }
            let answer = self.steps(&each.body)? && self.test(&each.body, left)?;
            if answer == each.exists {
                self.cost += if elements.len() > 0 { u64::from(each.condition) } else { 0 };
                return Some(each.exists);
            }
        }
        Some(!each.exists)
    }

    /// The costs are those of the functions in `library/standard`.
    #[inline]
    fn text(&mut self, of: Cursor<'a>, test: &TextTest) -> Option<bool> {
        let text = of.bytes()?;
        Some(match test {
            TextTest::Equals(other) => {
                // Of a short one only whether there is any character matters.
                self.cost += match other.characters {
                    few @ 0..=10 => u64::from(!text.is_empty() && few > 0),
                    many => traversal(characters(text).min(many)),
                };
                text == other.text.as_bytes()
            }
            TextTest::StartsWith(part) => text.starts_with(part.as_bytes()),
            TextTest::EndsWith(part) => text.ends_with(part.as_bytes()),
            TextTest::Contains(part) => {
                self.cost += traversal(characters(text)) * traversal(part.characters);
                match part.text.as_bytes() {
                    [byte] => text.contains(byte),
                    _ => of.text()?.contains(&*part.text),
                }
            }
            TextTest::Matches(pattern) => {
                self.cost += traversal(characters(text) + 1) * pattern.length.div_ceil(4);
                pattern.is_match(of.text()?)
            }
            TextTest::OneOf(texts) => texts.iter().any(|other| other.as_bytes() == text),
        })
    }

    #[inline]
    fn register(&self, register: u8) -> Option<Cursor<'a>> {
        self.registers.get(usize::from(register)).copied().flatten()
    }

    #[inline]
    fn set(&mut self, register: u8, value: Cursor<'a>) {
        if let Some(place) = self.registers.get_mut(usize::from(register)) {
            *place = Some(value);
        }
    }
}

/// Characters of a text by its bytes.
#[inline]
fn characters(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { text.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() }
}
