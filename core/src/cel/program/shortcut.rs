//! Shortcuts: what a condition comes to when nothing unusual is in its way.
//!
//! A [`Shortcut`] stands before the instructions of a condition. It walks from test to test through plain nodes of
//! documents, without a stack and without values. Whatever is not as it expects (an error, a value of another type, a
//! cost near the limit) makes it give up, and the instructions behind it run as if it were not there: only they know
//! errors. What it finds is what they would have found, at the same cost.
//!
//! A value that a test before has found is not looked up again: of `has(c.a) && has(c.a.b) && c.a.b` each field once.
//! `compiler/shortcut` makes shortcuts, `vm/shortcut.rs` takes them. Together they make the benches' eight expressions
//! take a fifth of the instructions (`benches/instructions.txt`).

use super::Root;
use crate::cel::library::standard::Comparison;
use crate::cel::regex::Regex;
use crate::document::{Key, Object, Projection};
use std::sync::Arc;

/// A way through the conditions that begin here. A value of the register machine is a node of a document.
#[derive(Debug)]
pub(crate) struct Shortcut {
    pub(crate) code: Box<[Instruction]>,
    /// What is in the first registers before the first test.
    pub(crate) origins: Box<[Origin]>,
    /// Where the instructions that it stands for end.
    pub(crate) end: u32,
    /// The value on top of the stack is one of the origins, and goes.
    pub(crate) takes_top: bool,
}

/// Registers, and loops inside each other, that a shortcut may have.
pub(crate) const MOST_REGISTERS: usize = 16;
pub(crate) const MOST_LOOPS: usize = 3;

/// The targets behind all instructions: the conditions are true, or false.
pub(crate) const TRUE: u32 = u32::MAX;
pub(crate) const FALSE: u32 = u32::MAX - 1;

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Root(Root),
    Constant(Arc<Object>),
}

/// A few steps, a test of what they led to, and where to go on.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) steps: Box<[Step]>,
    pub(crate) test: Test,
    /// What the test costs in any case.
    pub(crate) cost: u32,
    pub(crate) yes: u32,
    pub(crate) no: u32,
}

/// Reads a field of what is in one register into another.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: Key,
    pub(crate) from: u8,
    pub(crate) to: u8,
    /// `has(…)`: the answer is no when there is no such field. Else the shortcut gives up.
    pub(crate) optional: bool,
    /// It is the same in every round of a loop, and may have been read in an earlier one.
    pub(crate) lasts: bool,
    /// What asking costs, whatever the answer.
    pub(crate) cost: u32,
}

/// A test of what is in registers.
#[derive(Debug)]
pub(crate) enum Test {
    /// True: all has been asked by the steps.
    Always,
    /// A bool.
    Holds { of: u8 },
    /// An int, or how long something is, against a constant.
    Int { of: u8, sized: bool, comparison: IntComparison, with: i64 },
    /// A bool against a constant.
    Bool { of: u8, with: bool },
    /// A text against constants.
    Text { of: u8, test: TextTest },
    /// `text in list` or map; `sized`: costs as much as the list is long.
    In { text: Wanted, of: u8, sized: bool },
    /// Begins a loop over a list.
    Begin { over: u8, depth: u8 },
    /// Goes on with the next element at `yes`, or ends at `no`.
    Next { depth: u8, element: u8 },
    /// Ends a loop that is decided; costs more when elements are left.
    Decided { depth: u8, condition: u8 },
    /// A loop whose body is one instruction.
    Each(Box<Each>),
}

/// A whole loop over a list: `all`, or `exists`.
#[derive(Debug)]
pub(crate) struct Each {
    pub(crate) over: u8,
    pub(crate) element: u8,
    pub(crate) exists: bool,
    /// What each round costs beside its body, and the condition alone.
    pub(crate) round: u32,
    pub(crate) condition: u32,
    pub(crate) body: Instruction,
}

/// What a text is asked.
#[derive(Debug)]
pub(crate) enum TextTest {
    Equals(Known),
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Contains(Known),
    Matches(Arc<Regex>),
    /// In a set of constants.
    OneOf(Box<[Box<str>]>),
}

/// A constant text and its length in characters.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) text: Box<str>,
    pub(crate) characters: usize,
}

/// A text that is looked for.
#[derive(Debug)]
pub(crate) enum Wanted {
    Constant(Key),
    Value(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntComparison {
    Equal,
    NotEqual,
    Ordered(Comparison),
}

impl Shortcut {
    /// Adds to a projection what is read of the variable in a slot.
    pub(super) fn reads(&self, slot: u32, projection: &mut Projection) {
        let mut reads = Reads { projection, places: [None; MOST_REGISTERS], loops: [None; MOST_LOOPS] };
        for (register, origin) in self.origins.iter().enumerate() {
            if matches!(origin, Origin::Root(Root::Slot(own)) if *own == slot) {
                reads.set(register as u8, Some(reads.projection.root_place()));
            }
        }
        for instruction in &self.code {
            reads.instruction(instruction);
        }
    }
}

/// Which parts of a document are in registers.
struct Reads<'p> {
    projection: &'p mut Projection,
    places: [Option<u32>; MOST_REGISTERS],
    loops: [Option<u32>; MOST_LOOPS],
}

impl Reads<'_> {
    fn place(&self, register: u8) -> Option<u32> {
        self.places.get(usize::from(register)).copied().flatten()
    }

    fn set(&mut self, register: u8, place: Option<u32>) {
        if let Some(own) = self.places.get_mut(usize::from(register)) {
            *own = place;
        }
    }

    fn whole(&mut self, register: u8) {
        if let Some(place) = self.place(register) {
            self.projection.keep_whole(place);
        }
    }

    fn elements(&mut self, of: u8) -> Option<u32> {
        let place = self.place(of)?;
        Some(self.projection.elements_place(place))
    }

    fn instruction(&mut self, instruction: &Instruction) {
        for step in &instruction.steps {
            let place = self.place(step.from);
            let place = place.map(|place| self.projection.field_place(place, step.name.as_str()));
            self.set(step.to, place);
        }
        match &instruction.test {
            Test::Always | Test::Decided { .. } => {}
            Test::Holds { of } | Test::Int { of, .. } | Test::Bool { of, .. } | Test::Text { of, .. } => {
                self.whole(*of);
            }
            Test::In { text, of, .. } => {
                if let Wanted::Value(text) = text {
                    self.whole(*text);
                }
                self.whole(*of);
            }
            Test::Begin { over, depth } => {
                let elements = self.elements(*over);
                if let Some(place) = self.loops.get_mut(usize::from(*depth)) {
                    *place = elements;
                }
            }
            Test::Next { depth, element } => {
                let place = self.loops.get(usize::from(*depth)).copied().flatten();
                self.set(*element, place);
            }
            Test::Each(each) => {
                let elements = self.elements(each.over);
                self.set(each.element, elements);
                self.instruction(&each.body);
            }
        }
    }
}
