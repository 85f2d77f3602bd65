//! Writing a condition as tests with targets.
//!
//! While it is written it is known which values have been found wherever a test is made: after `has(a.b) && …` that is
//! `a.b`. They stay in registers, and paths start from the longest part of them that is known.

use super::tree::{Part, Path, Text, Tree, Wanted as WantedTree};
use crate::cel::program::shortcut::{
    FALSE, Instruction, Known, MOST_LOOPS, MOST_REGISTERS, Operand, Origin, Shortcut, Step, TRUE, Test,
    TextTest, Wanted,
};
use crate::cel::program::{Constant, Root};
use crate::document::FieldName;

/// The shortcut of a condition; `None` when it needs too many registers or loops.
pub(super) fn write(part: &Part<'_>) -> Option<Shortcut> {
    let mut writer = Writer::default();
    writer.gather(&part.tree)?;
    let known = (1_u64 << writer.registers.len()) - 1;
    let origins = writer.registers.iter().filter_map(|register| register.origin.clone()).collect();
    let (yes, no) = (writer.label(Some(TRUE)), writer.label(Some(FALSE)));
    writer.tree(&part.tree, known, yes, no)?;
    let code = writer.code.into_iter().map(|(test, cost, yes, no)| {
        let target = |label: usize| writer.labels.get(label).copied().flatten();
        Some(Instruction { test, cost, yes: target(yes)?, no: target(no)? })
    });
    Some(Shortcut {
        code: code.collect::<Option<_>>()?,
        origins,
        end: part.end as u32,
        takes_top: part.takes_top,
    })
}

/// Which registers hold a value, as bits.
type Set = u64;

/// What is known when a test is true, and when it is false.
type Sets = (Set, Set);

#[derive(Default)]
struct Writer {
    code: Vec<(Test, u32, usize, usize)>,
    /// Where the instructions are that labels stand for.
    labels: Vec<Option<u32>>,
    registers: Vec<Register>,
    /// The variables of the loops that are being written, and their registers.
    loops: Vec<(u32, u8)>,
    /// What the next instruction costs besides.
    owed: u32,
}

#[derive(Debug, Default)]
struct Register {
    origin: Option<Origin>,
    /// Whose field it is.
    field: Option<(u8, FieldName)>,
    /// It is the same in all rounds of all loops.
    lasts: bool,
}

impl Writer {
    /// Gives each origin a register.
    fn gather(&mut self, tree: &Tree<'_>) -> Option<()> {
        match tree {
            Tree::Constant(_) => Some(()),
            Tree::Value(of) | Tree::Size(of) | Tree::Has(of) => self.origin(of),
            Tree::Int { of, .. } | Tree::Bool { of, .. } | Tree::Text { of, .. } => self.origin(of),
            Tree::InConstants { of, .. } => self.origin(of),
            Tree::In { text, of, .. } => {
                if let WantedTree::Path(path) = text {
                    self.origin(path)?;
                }
                self.origin(of)
            }
            Tree::And(sides) | Tree::Or(sides) => sides.iter().try_for_each(|side| self.gather(side)),
            Tree::If(parts) => parts.iter().try_for_each(|part| self.gather(part)),
            Tree::Not(inner) => self.gather(inner),
            Tree::Loop { over, local, body, .. } => {
                self.origin(over)?;
                self.loops.push((*local, 0));
                let gathered = self.gather(body);
                self.loops.pop();
                gathered
            }
        }
    }

    fn origin(&mut self, path: &Path<'_>) -> Option<()> {
        let own = match &path.origin {
            Origin::Root(Root::Local(local)) => self.loops.iter().any(|(variable, _)| variable == local),
            _ => false,
        };
        if !own && self.root(&path.origin).is_none() {
            let register = Register { origin: Some(path.origin.clone()), field: None, lasts: true };
            self.registers.push(register);
        }
        (self.registers.len() <= MOST_REGISTERS / 2).then_some(())
    }

    /// The register of an origin.
    fn root(&self, origin: &Origin) -> Option<u8> {
        if let Origin::Root(Root::Local(local)) = origin
            && let Some((_, register)) = self.loops.iter().rev().find(|(variable, _)| variable == local)
        {
            return Some(*register);
        }
        let is_it = |register: &Register| match (&register.origin, origin) {
            (Some(Origin::Root(own)), Origin::Root(root)) => own == root,
            (Some(Origin::Constant(own)), Origin::Constant(object)) => std::sync::Arc::ptr_eq(own, object),
            _ => false,
        };
        self.registers.iter().position(is_it).map(|at| at as u8)
    }

    /// The register of a field; `NONE` when there is none for it.
    fn field(&mut self, of: u8, name: &FieldName) -> u8 {
        let is_it = |register: &Register| matches!(&register.field, Some((parent, own)) if *parent == of && own == name);
        if let Some(at) = self.registers.iter().position(is_it) {
            return at as u8;
        }
        let Some(Register { lasts, .. }) = self.registers.get(usize::from(of)) else { return NONE };
        let register = Register { origin: None, field: Some((of, name.clone())), lasts: *lasts };
        self.register(register).unwrap_or(NONE)
    }

    fn register(&mut self, register: Register) -> Option<u8> {
        let at = self.registers.len();
        if at >= MOST_REGISTERS {
            return None;
        }
        self.registers.push(register);
        Some(at as u8)
    }

    fn label(&mut self, at: Option<u32>) -> usize {
        self.labels.push(at);
        self.labels.len() - 1
    }

    fn here(&mut self, label: usize) {
        if let Some(place) = self.labels.get_mut(label) {
            *place = Some(self.code.len() as u32);
        }
    }

    fn emit(&mut self, test: Test, cost: u32, yes: usize, no: usize) {
        let cost = cost + std::mem::take(&mut self.owed);
        self.code.push((test, cost, yes, no));
    }

    /// The way to a value from what is known, which is more afterwards.
    fn operand(&mut self, origin: &Origin, fields: &[&FieldName], known: &mut Set) -> Option<(Operand, u8)> {
        let mut from = self.root(origin)?;
        let mut at = from;
        let mut steps = Vec::new();
        for name in fields {
            at = self.field(at, name);
            if holds(*known, at) {
                from = at;
                steps.clear();
            } else {
                steps.push(Step { name: (*name).clone(), to: at });
            }
            *known |= bit(at);
        }
        let lasts = self.registers.get(usize::from(at)).is_some_and(|register| register.lasts);
        let known = (!self.loops.is_empty() && lasts && !steps.is_empty()).then_some(at);
        Some((Operand { from, steps: steps.into(), known }, at))
    }

    fn path(&mut self, path: &Path<'_>, known: &mut Set) -> Option<Operand> {
        self.operand(&path.origin, &path.fields, known).map(|(operand, _)| operand)
    }

    /// Writes a condition that goes on at one of two labels.
    fn tree(&mut self, tree: &Tree<'_>, mut known: Set, yes: usize, no: usize) -> Option<Sets> {
        match tree {
            Tree::Constant(constant) => {
                let Constant::Bool(value) = constant else { return None };
                self.emit(Test::Always, 0, if *value { yes } else { no }, no);
            }
            Tree::Size(_) => return None,
            Tree::Value(of) => {
                let operand = self.path(of, &mut known)?;
                self.emit(Test::Holds(operand), of.cost, yes, no);
            }
            Tree::Has(of) => return self.has(of, known, yes, no),
            Tree::Bool { of, with } => {
                let operand = self.path(of, &mut known)?;
                self.emit(Test::Bool { of: operand, with: *with }, of.cost, yes, no);
            }
            Tree::Int { of, sized, comparison, with } => {
                let operand = self.path(of, &mut known)?;
                let test = Test::Int { of: operand, sized: *sized, comparison: *comparison, with: *with };
                self.emit(test, of.cost, yes, no);
            }
            Tree::Text { of, test, not } => {
                let operand = self.path(of, &mut known)?;
                let (yes, no) = if *not { (no, yes) } else { (yes, no) };
                self.emit(Test::Text { of: operand, test: text_test(*test) }, of.cost, yes, no);
            }
            Tree::InConstants { of, constants } => {
                let operand = self.path(of, &mut known)?;
                let test = TextTest::OneOf(constants.iter().map(|text| Box::from(*text)).collect());
                self.emit(Test::Text { of: operand, test }, of.cost, yes, no);
            }
            Tree::In { text, of, sized } => {
                let (text, cost) = match text {
                    WantedTree::Constant(text) => (Wanted::Constant(FieldName::new(*text)), 0),
                    WantedTree::Path(path) => (Wanted::Path(self.path(path, &mut known)?), path.cost),
                };
                let operand = self.path(of, &mut known)?;
                self.emit(Test::In { text, of: operand, sized: *sized }, of.cost + cost, yes, no);
            }
            Tree::Not(inner) => {
                self.owed += 1;
                return self.tree(inner, known, no, yes).map(|(no, yes)| (yes, no));
            }
            Tree::And(sides) => {
                let [left, right] = &**sides;
                let then = self.label(None);
                let (left_yes, left_no) = self.tree(left, known, then, no)?;
                self.here(then);
                let (right_yes, right_no) = self.tree(right, left_yes, yes, no)?;
                return Some((right_yes, left_no & right_no));
            }
            Tree::Or(sides) => {
                let [left, right] = &**sides;
                let then = self.label(None);
                let (left_yes, left_no) = self.tree(left, known, yes, then)?;
                self.here(then);
                let (right_yes, right_no) = self.tree(right, left_no, yes, no)?;
                return Some((left_yes & right_yes, right_no));
            }
            Tree::If(parts) => {
                let [condition, first, second] = &**parts;
                let (then, otherwise) = (self.label(None), self.label(None));
                let (known_then, known_otherwise) = self.tree(condition, known, then, otherwise)?;
                self.here(then);
                let (first_yes, first_no) = self.tree(first, known_then, yes, no)?;
                self.here(otherwise);
                let (second_yes, second_no) = self.tree(second, known_otherwise, yes, no)?;
                return Some((first_yes & second_yes, first_no & second_no));
            }
            Tree::Loop { .. } => return self.walk(tree, known, yes, no),
        }
        Some((known, known))
    }

    fn has(&mut self, of: &Path<'_>, mut known: Set, yes: usize, no: usize) -> Option<Sets> {
        let (name, fields) = of.fields.split_last()?;
        let (mut operand, at) = self.operand(&of.origin, fields, &mut known)?;
        let to = self.field(at, name);
        if holds(known, to) {
            self.emit(Test::Always, of.cost, yes, no);
            return Some((known, known));
        }
        let lasts = self.registers.get(usize::from(to)).is_some_and(|register| register.lasts);
        // Whatever way leads to it, a field that was found in an earlier round is there.
        operand.known = (!self.loops.is_empty() && lasts).then_some(at);
        self.emit(Test::Has { of: operand, field: Step { name: (*name).clone(), to } }, of.cost, yes, no);
        Some((known | bit(to), known))
    }

    /// The costs are those of `vm/fold.rs`, `advance`.
    fn walk(&mut self, tree: &Tree<'_>, mut known: Set, yes: usize, no: usize) -> Option<Sets> {
        let Tree::Loop { over, local, exists, body, cost, read } = tree else { return None };
        let depth = self.loops.len();
        if depth >= MOST_LOOPS {
            return None;
        }
        let depth = depth as u8;
        let condition = if *exists { 3 } else { 2 };
        let (next, each, decided) = (self.label(None), self.label(None), self.label(None));
        let operand = self.path(over, &mut known)?;
        self.emit(Test::Begin { over: operand, depth }, over.cost + cost, next, next);
        let element = self.register(Register::default())?;
        self.here(next);
        let (end, found) = if *exists { (no, yes) } else { (yes, no) };
        self.emit(Test::Next { depth, element }, u32::from(condition) + read, each, end);
        self.here(each);
        self.loops.push((*local, element));
        let (body_yes, body_no) = if *exists { (decided, next) } else { (next, decided) };
        let written = self.tree(body, known | bit(element), body_yes, body_no);
        self.loops.pop();
        written?;
        self.here(decided);
        // The result is read.
        self.emit(Test::Decided { depth, condition }, 1, found, found);
        Some((known, known))
    }
}

fn text_test(test: Text<'_>) -> TextTest {
    let known = |text: &str| Known { text: text.into(), characters: text.chars().count() };
    match test {
        Text::Equals(text) => TextTest::Equals(known(text)),
        Text::StartsWith(text) => TextTest::StartsWith(text.into()),
        Text::EndsWith(text) => TextTest::EndsWith(text.into()),
        Text::Contains(text) => TextTest::Contains(known(text)),
        Text::Matches(pattern) => TextTest::Matches(std::sync::Arc::clone(pattern)),
    }
}

/// The number of no register.
const NONE: u8 = u8::MAX;

fn bit(register: u8) -> Set {
    if register == NONE { 0 } else { 1 << register }
}

fn holds(set: Set, register: u8) -> bool {
    set & bit(register) != 0
}
