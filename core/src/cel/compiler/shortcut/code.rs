//! Writing a condition as tests with targets.
//!
//! While it is written it is known which values have been found wherever a test is made: after `has(a.b) && …` that is
//! `a.b`. They stay in registers, and paths start from the longest part of them that is known.

use super::tree::{Part, Path, Text, Tree, Wanted as WantedTree};
use crate::cel::program::shortcut::{
    Each, FALSE, Instruction, Known, MOST_LOOPS, MOST_REGISTERS, Origin, Shortcut, Step, TRUE, Test,
    TextTest, Wanted,
};
use crate::cel::program::{Constant, Root};
use crate::document::{FieldName, Key};

/// The shortcut of a condition; `None` when it needs too many registers or loops.
pub(super) fn write(part: &Part<'_>) -> Option<Shortcut> {
    let mut writer = Writer::default();
    writer.gather(&part.tree)?;
    let known = (1_u64 << writer.registers.len()) - 1;
    let origins = writer.registers.iter().filter_map(|register| register.origin.clone()).collect();
    let (yes, no) = (writer.label(Some(TRUE)), writer.label(Some(FALSE)));
    writer.tree(&part.tree, known, yes, no)?;
    let Writer { mut code, labels, .. } = writer;
    for instruction in &mut code {
        for target in [&mut instruction.yes, &mut instruction.no] {
            *target = labels.get(*target as usize).copied().flatten()?;
        }
    }
    Some(Shortcut { code: code.into(), origins, end: part.end as u32, takes_top: part.takes_top })
}

/// Which registers hold a value, as bits.
type Set = u64;

/// What is known when a test is true, and when it is false.
type Sets = (Set, Set);

/// A place in the code that may not be known yet.
type Label = u32;

#[derive(Default)]
struct Writer {
    /// Their targets are labels.
    code: Vec<Instruction>,
    /// Where the instructions are that labels stand for.
    labels: Vec<Option<u32>>,
    registers: Vec<Register>,
    /// The variables of the loops that are being written, and their registers.
    loops: Vec<(u32, u8)>,
    /// The variables of loops that are unrolled, and their values.
    constants: Vec<(u32, Box<str>)>,
    /// Steps that come before those of the next instruction.
    pending: Vec<Step>,
    /// What the next step or instruction costs besides.
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

    /// The register of a field.
    fn field(&mut self, of: u8, name: &FieldName) -> Option<u8> {
        let is_it = |register: &Register| matches!(&register.field, Some((parent, own)) if *parent == of && own == name);
        if let Some(at) = self.registers.iter().position(is_it) {
            return Some(at as u8);
        }
        let lasts = self.registers.get(usize::from(of))?.lasts;
        self.register(Register { origin: None, field: Some((of, name.clone())), lasts })
    }

    fn register(&mut self, register: Register) -> Option<u8> {
        let at = self.registers.len();
        if at >= MOST_REGISTERS {
            return None;
        }
        self.registers.push(register);
        Some(at as u8)
    }

    fn label(&mut self, at: Option<u32>) -> Label {
        self.labels.push(at);
        self.labels.len() as Label - 1
    }

    fn here(&mut self, label: Label) {
        if let Some(place) = self.labels.get_mut(label as usize) {
            *place = Some(self.code.len() as u32);
        }
    }

    fn emit(&mut self, test: Test, cost: u32, yes: Label, no: Label) {
        let cost = cost + std::mem::take(&mut self.owed);
        let steps = std::mem::take(&mut self.pending).into();
        self.code.push(Instruction { steps, test, cost, yes, no });
    }

    /// Steps to a value from what is known, which is more afterwards; gives its register.
    fn path(&mut self, origin: &Origin, fields: &[&FieldName], known: &mut Set) -> Option<u8> {
        let mut at = self.root(origin)?;
        for name in fields {
            let to = self.field(at, name)?;
            if *known & bit(to) == 0 {
                let lasts = self.registers.get(usize::from(to))?.lasts && !self.loops.is_empty();
                let (name, cost) = (Key::new(name.as_str()), std::mem::take(&mut self.owed));
                self.pending.push(Step { name, from: at, to, optional: false, lasts, cost });
            }
            *known |= bit(to);
            at = to;
        }
        Some(at)
    }

    fn value(&mut self, path: &Path<'_>, known: &mut Set) -> Option<u8> {
        self.path(&path.origin, &path.fields, known)
    }

    /// The steps of presence tests, one or several joined by `&&`; `known` is what is found when all are true.
    fn presence(&mut self, tree: &Tree<'_>, known: &mut Set) -> Option<()> {
        match tree {
            Tree::Has(of) => {
                let (name, fields) = of.fields.split_last()?;
                let from = self.path(&of.origin, fields, known)?;
                let to = self.field(from, name)?;
                if *known & bit(to) != 0 {
                    // It costs all the same.
                    self.owed += of.cost;
                    return Some(());
                }
                let lasts = self.registers.get(usize::from(to))?.lasts && !self.loops.is_empty();
                let (name, cost) = (Key::new(name.as_str()), of.cost + std::mem::take(&mut self.owed));
                self.pending.push(Step { name, from, to, optional: true, lasts, cost });
                *known |= bit(to);
                Some(())
            }
            Tree::And(sides) => sides.iter().try_for_each(|side| self.presence(side, known)),
            _ => None,
        }
    }

    /// Writes a condition that goes on at one of two labels.
    fn tree(&mut self, tree: &Tree<'_>, mut known: Set, yes: Label, no: Label) -> Option<Sets> {
        match tree {
            Tree::Constant(constant) => {
                let Constant::Bool(value) = constant else { return None };
                self.emit(Test::Always, 0, if *value { yes } else { no }, no);
            }
            Tree::Size(_) => return None,
            Tree::Value(of) => {
                let test = Test::Holds { of: self.value(of, &mut known)? };
                self.emit(test, of.cost, yes, no);
            }
            Tree::Has(of) => {
                let mut found = known;
                if let Some((_, fields)) = of.fields.split_last() {
                    self.path(&of.origin, fields, &mut known)?;
                    found |= known;
                }
                self.presence(tree, &mut found)?;
                self.emit(Test::Always, 0, yes, no);
                return Some((found, known));
            }
            Tree::Bool { of, with } => {
                let test = Test::Bool { of: self.value(of, &mut known)?, with: *with };
                self.emit(test, of.cost, yes, no);
            }
            Tree::Int { of, sized, comparison, with } => {
                let at = self.value(of, &mut known)?;
                let test = Test::Int { of: at, sized: *sized, comparison: *comparison, with: *with };
                self.emit(test, of.cost, yes, no);
            }
            Tree::Text { of, test, not } => {
                let at = self.value(of, &mut known)?;
                let (yes, no) = if *not { (no, yes) } else { (yes, no) };
                self.emit(Test::Text { of: at, test: text_test(*test) }, of.cost, yes, no);
            }
            Tree::InConstants { of, constants } => {
                let at = self.value(of, &mut known)?;
                let test = TextTest::OneOf(constants.iter().map(|text| Box::from(*text)).collect());
                self.emit(Test::Text { of: at, test }, of.cost, yes, no);
            }
            Tree::In { text, of, sized } => {
                let (text, cost) = match text {
                    WantedTree::Constant(text) => (Wanted::Constant(Key::new(*text)), 0),
                    WantedTree::Path(path) => (self.wanted(path, &mut known)?, path.cost),
                };
                let test = Test::In { text, of: self.value(of, &mut known)?, sized: *sized };
                self.emit(test, of.cost + cost, yes, no);
            }
            Tree::Not(inner) => {
                self.owed += 1;
                return self.tree(inner, known, no, yes).map(|(no, yes)| (yes, no));
            }
            Tree::And(sides) => {
                let [left, right] = &**sides;
                let then = self.label(None);
                let (left_yes, left_no) = if left.is_presence() {
                    let mut found = known;
                    self.presence(left, &mut found)?;
                    if !right.begins_with_its_answer() {
                        self.emit(Test::Always, 0, then, no);
                    }
                    (found, known)
                } else {
                    self.tree(left, known, then, no)?
                };
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

    fn wanted(&mut self, path: &Path<'_>, known: &mut Set) -> Option<Wanted> {
        if let Origin::Root(Root::Local(local)) = &path.origin
            && let Some((_, text)) = self.constants.iter().rev().find(|(own, _)| own == local)
        {
            return Some(Wanted::Constant(Key::new(text.clone())));
        }
        self.value(path, known).map(Wanted::Value)
    }

    /// The costs are those of `vm/fold.rs`, `advance`.
    fn walk(&mut self, tree: &Tree<'_>, mut known: Set, yes: Label, no: Label) -> Option<Sets> {
        let Tree::Loop { over, local, exists, body, cost, read } = tree else { return None };
        if let Some(texts) = constants(over)
            && body.looks_for(*local)
        {
            return self.unroll(&texts, tree, known, yes, no);
        }
        let depth = self.loops.len();
        if depth >= MOST_LOOPS {
            return None;
        }
        let depth = depth as u8;
        let condition = if *exists { 3 } else { 2 };
        let round = u32::from(condition) + read;
        let (next, each, decided) = (self.label(None), self.label(None), self.label(None));
        let of = self.value(over, &mut known)?;
        let begin = self.code.len();
        self.emit(Test::Begin { over: of, depth }, over.cost + cost, next, no);
        let element = self.register(Register::default())?;
        self.here(next);
        let (end, found) = if *exists { (no, yes) } else { (yes, no) };
        self.emit(Test::Next { depth, element }, round, each, end);
        self.here(each);
        self.loops.push((*local, element));
        let (body_yes, body_no) = if *exists { (decided, next) } else { (next, decided) };
        let written = self.tree(body, known | bit(element), body_yes, body_no);
        self.loops.pop();
        written?;
        if self.code.len() == begin + 3 && self.code.last().is_some_and(|last| last.is_simple(body_yes)) {
            let body = self.code.pop()?;
            self.code.truncate(begin + 1);
            let begin = self.code.last_mut()?;
            (begin.yes, begin.no) = (yes, no);
            begin.test = Test::Each(Box::new(Each {
                over: of,
                element,
                exists: *exists,
                round,
                condition: u32::from(condition),
                body,
            }));
        } else {
            self.here(decided);
            // The result is read.
            self.emit(Test::Decided { depth, condition }, 1, found, found);
        }
        Some((known, known))
    }

    /// A loop over a few constant texts, body after body; their hashes are then known.
    fn unroll(&mut self, texts: &[&str], tree: &Tree<'_>, known: Set, yes: Label, no: Label) -> Option<Sets> {
        let Tree::Loop { over, local, exists, body, cost, read } = tree else { return None };
        let condition = if *exists { 3 } else { 2 };
        let (end, found) = if *exists { (no, yes) } else { (yes, no) };
        self.owed += over.cost + cost;
        let mut now = known;
        for (at, text) in texts.iter().enumerate() {
            self.owed += condition + read;
            let (next, decided) = (self.label(None), self.label(None));
            let (body_yes, body_no) = if *exists { (decided, next) } else { (next, decided) };
            self.constants.push((*local, Box::from(*text)));
            let written = self.tree(body, now, body_yes, body_no);
            self.constants.pop();
            let (known_yes, known_no) = written?;
            now = if *exists { known_no } else { known_yes };
            self.here(decided);
            let rest = if at + 1 < texts.len() { condition } else { 0 };
            self.emit(Test::Always, rest + 1, found, found);
            self.here(next);
        }
        self.emit(Test::Always, 1, end, end);
        Some((known, known))
    }
}

/// The elements of a short list of constant texts.
fn constants<'t>(over: &'t Path<'_>) -> Option<Vec<&'t str>> {
    let Origin::Constant(list) = &over.origin else { return None };
    let list = list.root().as_list().filter(|list| list.len() <= MOST_UNROLLED)?;
    list.iter().map(|element| element.as_str()).collect()
}

/// Rounds of a loop that are written one after the other.
const MOST_UNROLLED: usize = 6;

impl Instruction {
    /// Whether it can be the body of a loop of one instruction, and says yes at a label.
    fn is_simple(&self, yes: Label) -> bool {
        let loops = matches!(
            self.test,
            Test::Begin { .. } | Test::Next { .. } | Test::Decided { .. } | Test::Each(_)
        );
        !loops && self.yes == yes
    }
}

impl Tree<'_> {
    fn is_presence(&self) -> bool {
        match self {
            Tree::Has(_) => true,
            Tree::And(sides) => sides.iter().all(Tree::is_presence),
            _ => false,
        }
    }

    /// Whether a variable is used for nothing but to be looked for.
    fn looks_for(&self, local: u32) -> bool {
        let other = |path: &Path<'_>| !matches!(path.origin, Origin::Root(Root::Local(own)) if own == local);
        match self {
            Tree::Constant(_) => true,
            Tree::In { text, of, .. } => {
                let plain = |path: &Path<'_>| other(path) || path.fields.is_empty();
                other(of) && if let WantedTree::Path(path) = text { plain(path) } else { true }
            }
            Tree::Value(of) | Tree::Size(of) | Tree::Has(of) => other(of),
            Tree::Int { of, .. } | Tree::Bool { of, .. } | Tree::Text { of, .. } => other(of),
            Tree::InConstants { of, .. } => other(of),
            Tree::And(sides) | Tree::Or(sides) => sides.iter().all(|side| side.looks_for(local)),
            Tree::If(parts) => parts.iter().all(|part| part.looks_for(local)),
            Tree::Not(inner) => inner.looks_for(local),
            Tree::Loop { .. } => false,
        }
    }

    /// Whether it is false as soon as the steps of its first instruction find nothing.
    fn begins_with_its_answer(&self) -> bool {
        match self {
            Tree::Text { not, .. } => !not,
            Tree::And(sides) => sides.first().is_some_and(Tree::begins_with_its_answer),
            Tree::Value(_)
            | Tree::Has(_)
            | Tree::Int { .. }
            | Tree::Bool { .. }
            | Tree::InConstants { .. }
            | Tree::In { .. }
            | Tree::Loop { .. } => true,
            Tree::Constant(_) | Tree::Size(_) | Tree::Not(_) | Tree::Or(_) | Tree::If(_) => false,
        }
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

fn bit(register: u8) -> Set {
    1 << register
}
