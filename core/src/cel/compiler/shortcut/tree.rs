//! Reading a condition back from its instructions.

use crate::cel::library::standard::{Comparison, traversal};
use crate::cel::program::shortcut::{IntComparison, Origin};
use crate::cel::program::{Attribute, Call, Constant, Key, LoopKind, Op, Root};
use crate::cel::regex::Regex;
use crate::cel::value::{Opaque, Val};
use crate::document::FieldName;
use std::sync::Arc;

/// Instructions that a shortcut stands for at most, which also bounds how deep its tree is.
const LONGEST: usize = 256;

/// A condition that begins at the instruction that was asked for.
#[derive(Debug)]
pub(super) struct Part<'p> {
    pub(super) tree: Tree<'p>,
    pub(super) end: usize,
    pub(super) takes_top: bool,
}

/// A part of a condition, with what it costs beside its parts.
#[derive(Debug)]
pub(super) enum Tree<'p> {
    Constant(&'p Constant),
    Value(Path<'p>),
    /// How long something is.
    Size(Path<'p>),
    Has(Path<'p>),
    And(Box<[Tree<'p>; 2]>),
    Or(Box<[Tree<'p>; 2]>),
    Not(Box<Tree<'p>>),
    If(Box<[Tree<'p>; 3]>),
    Int {
        of: Path<'p>,
        sized: bool,
        comparison: IntComparison,
        with: i64,
    },
    Bool {
        of: Path<'p>,
        with: bool,
    },
    Text {
        of: Path<'p>,
        test: Text<'p>,
        not: bool,
    },
    InConstants {
        of: Path<'p>,
        constants: Vec<&'p str>,
    },
    In {
        text: Wanted<'p>,
        of: Path<'p>,
        sized: bool,
    },
    Loop {
        over: Path<'p>,
        local: u32,
        exists: bool,
        body: Box<Tree<'p>>,
        cost: u32,
        read: u32,
    },
}

#[derive(Debug)]
pub(super) enum Wanted<'p> {
    Constant(&'p str),
    Path(Path<'p>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'p> {
    Equals(&'p str),
    StartsWith(&'p str),
    EndsWith(&'p str),
    Contains(&'p str),
    Matches(&'p Arc<Regex>),
}

/// A value of a document, and all that reading it and asking about it always costs.
#[derive(Clone, Debug)]
pub(super) struct Path<'p> {
    pub(super) origin: Origin,
    pub(super) fields: Vec<&'p FieldName>,
    pub(super) cost: u32,
}

/// The longest condition that begins at an instruction, unless it is so short that nothing is gained.
pub(super) fn longest(ops: &[Op], at: usize) -> Option<Part<'_>> {
    let mut reader = Reader::new(ops, at, LONGEST);
    let mut best = None;
    while reader.step(ops.len()).is_some() {
        if let [tree] = reader.stack.as_slice()
            && tree.is_test()
            && (tree.is_worth_it() || at == 0 && reader.at == ops.len())
        {
            best = Some(reader.at);
        }
    }
    let end = best?;
    let mut reader = Reader::new(ops, at, LONGEST);
    while reader.at < end {
        reader.step(end)?;
    }
    Some(Part { tree: reader.stack.pop()?, end, takes_top: reader.takes_top })
}

/// A stack of trees in place of the machine's stack of values.
struct Reader<'p> {
    ops: &'p [Op],
    at: usize,
    stack: Vec<Tree<'p>>,
    takes_top: bool,
    /// How many more instructions may be read.
    left: usize,
}

impl<'p> Reader<'p> {
    fn new(ops: &'p [Op], at: usize, left: usize) -> Reader<'p> {
        Reader { ops, at, stack: Vec::new(), takes_top: false, left }
    }

    /// Reads what ends at an instruction and leaves one condition.
    fn condition(&mut self, from: usize, to: usize) -> Option<Tree<'p>> {
        let mut reader = Reader::new(self.ops, from, self.left);
        // An instruction that has no place here must not be passed over.
        while reader.at < to {
            reader.step(to)?;
        }
        self.left = reader.left;
        let tree = reader.stack.pop().filter(Tree::is_condition)?;
        (reader.at == to && reader.stack.is_empty() && !reader.takes_top).then_some(tree)
    }

    /// Reads one instruction, or all of a loop and of the right side of `&&` and `||`; `None` when it has no place in a
    /// condition.
    fn step(&mut self, end: usize) -> Option<()> {
        let op = self.ops.get(self.at).filter(|_| self.at < end)?;
        self.left = self.left.checked_sub(1)?;
        let here = self.at;
        self.at += 1;
        let tree = match op {
            Op::Constant(constant) => Tree::Constant(constant),
            Op::Attribute(attribute) => self.attribute(attribute)?,
            Op::AndShort(target) | Op::OrShort(target) => {
                let target = *target as usize;
                let and = matches!(op, Op::AndShort(_));
                let left = self.stack.pop().filter(Tree::is_condition)?;
                let last = target.checked_sub(1)?;
                let right = self.condition(self.at, last)?;
                self.at = target;
                match (and, self.ops.get(last)?) {
                    (true, Op::And) => Tree::And(Box::new([left, right])),
                    (false, Op::Or) => Tree::Or(Box::new([left, right])),
                    _ => return None,
                }
            }
            Op::Branch { otherwise, end } => {
                let (otherwise, end) = (*otherwise as usize, *end as usize);
                let condition = self.stack.pop().filter(Tree::is_condition)?;
                let last = otherwise.checked_sub(1)?;
                if !matches!(self.ops.get(last)?, Op::Jump(target) if *target as usize == end) {
                    return None;
                }
                let yes = self.condition(self.at, last)?;
                let no = self.condition(otherwise, end)?;
                self.at = end;
                Tree::If(Box::new([condition, yes, no]))
            }
            Op::Not => Tree::Not(Box::new(self.stack.pop().filter(Tree::is_condition)?)),
            Op::Equal | Op::NotEqual => self.equal(matches!(op, Op::NotEqual))?,
            Op::Compare { comparison, text: false } => self.compare(*comparison)?,
            Op::InConstants(constants) => {
                let Tree::Value(of) = self.stack.pop()? else { return None };
                let text = |constant: &'p Constant| match constant {
                    Constant::String(text) => Some(&**text),
                    _ => None,
                };
                Tree::InConstants { of, constants: constants.iter().map(text).collect::<Option<_>>()? }
            }
            Op::In { list, .. } => {
                let Tree::Value(of) = self.stack.pop()? else { return None };
                let text = match self.stack.pop()? {
                    Tree::Value(path) => Wanted::Path(path),
                    Tree::Constant(Constant::String(text)) => Wanted::Constant(text),
                    _ => return None,
                };
                Tree::In { text, of: of.costing(u32::from(!list)), sized: *list }
            }
            // Nothing that was read is an error.
            Op::AbandonCall { .. } if !self.stack.is_empty() => return Some(()),
            Op::Call(call) => self.call(call)?,
            Op::LoopBegin { kind, variables: (local, None), exit, cost } => {
                let exists = match kind {
                    LoopKind::All => false,
                    LoopKind::Exists => true,
                    _ => return None,
                };
                let over = match self.stack.pop()? {
                    Tree::Value(path) => path,
                    Tree::Constant(Constant::Node(list)) => {
                        Path { origin: Origin::Constant(Arc::clone(list)), fields: Vec::new(), cost: 0 }
                    }
                    _ => return None,
                };
                let exit = *exit as usize;
                let last = exit.checked_sub(1)?;
                let (Op::LoopNext { read, .. }, Op::LoopStep { .. }) =
                    (self.ops.get(here + 1)?, self.ops.get(last)?)
                else {
                    return None;
                };
                let body = self.condition(here + 2, last)?;
                self.at = exit;
                let (cost, read) = (u32::from(*cost), u32::from(*read));
                Tree::Loop { over, local: *local, exists, body: Box::new(body), cost, read }
            }
            _ => return None,
        };
        self.stack.push(tree);
        Some(())
    }

    fn attribute(&mut self, attribute: &'p Attribute) -> Option<Tree<'p>> {
        if attribute.continues {
            return None;
        }
        let field = |step: &'p crate::cel::program::Step| match &step.key {
            Key::Field(name) if !step.optional => Some(name),
            _ => None,
        };
        let mut fields = attribute.steps.iter().map(field).collect::<Option<Vec<_>>>()?;
        let cost = i64::from(attribute.cost) + fields.len() as i64;
        let cost = u32::try_from(cost).ok()?;
        let mut path = match (attribute.root, self.stack.pop()) {
            (Root::Top, Some(Tree::Value(path))) => path,
            (Root::Top, None) if !self.takes_top => {
                self.takes_top = true;
                Path { origin: Origin::Root(Root::Top), fields: Vec::new(), cost: 0 }
            }
            (Root::Top, _) => return None,
            (root, below) => {
                self.stack.extend(below);
                Path { origin: Origin::Root(root), fields: Vec::new(), cost: 0 }
            }
        };
        path.fields.append(&mut fields);
        path.cost += cost;
        match (attribute.test_only, attribute.steps.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Tree::Has(path)),
            (false, _) => Some(Tree::Value(path)),
        }
    }

    fn equal(&mut self, not: bool) -> Option<Tree<'p>> {
        let (of, with) = match (self.stack.pop()?, self.stack.pop()?) {
            (Tree::Constant(with), of @ (Tree::Value(_) | Tree::Size(_)))
            | (of @ (Tree::Value(_) | Tree::Size(_)), Tree::Constant(with)) => (of, with),
            _ => return None,
        };
        let comparison = if not { IntComparison::NotEqual } else { IntComparison::Equal };
        Some(match (of, with) {
            (Tree::Value(of), Constant::Int(with)) => {
                Tree::Int { of: of.costing(1), sized: false, comparison, with: *with }
            }
            (Tree::Size(of), Constant::Int(with)) => {
                Tree::Int { of: of.costing(1), sized: true, comparison, with: *with }
            }
            (Tree::Value(of), Constant::Bool(with)) => Tree::Bool { of: of.costing(1), with: *with != not },
            (Tree::Value(of), Constant::String(with)) => Tree::Text { of, test: Text::Equals(with), not },
            _ => return None,
        })
    }

    fn compare(&mut self, comparison: Comparison) -> Option<Tree<'p>> {
        let (of, comparison, with) = match (self.stack.pop()?, self.stack.pop()?) {
            (Tree::Constant(Constant::Int(with)), of) => (of, comparison, with),
            (of, Tree::Constant(Constant::Int(with))) => {
                let turned = match comparison {
                    Comparison::Less => Comparison::Greater,
                    Comparison::LessEqual => Comparison::GreaterEqual,
                    Comparison::Greater => Comparison::Less,
                    Comparison::GreaterEqual => Comparison::LessEqual,
                };
                (of, turned, with)
            }
            _ => return None,
        };
        let comparison = IntComparison::Ordered(comparison);
        match of {
            Tree::Value(of) => Some(Tree::Int { of: of.costing(1), sized: false, comparison, with: *with }),
            Tree::Size(of) => Some(Tree::Int { of: of.costing(1), sized: true, comparison, with: *with }),
            _ => None,
        }
    }

    /// Functions of texts; each only when the call costs what a shortcut counts for it.
    fn call(&mut self, call: &'p Call) -> Option<Tree<'p>> {
        if call.cost_needs.is_some() {
            return None;
        }
        if (call.name, call.args) == ("size", 1) {
            let Tree::Value(of) = self.stack.pop()? else { return None };
            let cost = |value: Val<'_>| call.cost.map_or(1, |cost| cost(&[value], &Val::Int(40)));
            let flat =
                [Val::String("twelve chars"), Val::String("")].into_iter().all(|value| cost(value) == 1);
            return flat.then(|| Tree::Size(of.costing(1)));
        }
        if call.args != 2 {
            return None;
        }
        let (argument, of) = (self.stack.pop()?, self.stack.pop()?);
        let (Tree::Constant(argument), Tree::Value(of)) = (argument, of) else { return None };
        let (test, value) = match (call.name, argument) {
            ("startsWith", Constant::String(part)) => (Text::StartsWith(part), Val::String(part)),
            ("endsWith", Constant::String(part)) => (Text::EndsWith(part), Val::String(part)),
            ("contains", Constant::String(part)) => (Text::Contains(part), Val::String(part)),
            ("matches", Constant::Regex(regex)) => (Text::Matches(regex), Val::Opaque(Opaque::Regex(regex))),
            _ => return None,
        };
        let part = match value {
            Val::String(part) => part.chars().count(),
            _ => 0,
        };
        // What the text's length adds is counted when it is known.
        let counted = |length: usize| match test {
            Text::StartsWith(_) | Text::EndsWith(_) => traversal(part),
            Text::Contains(_) => traversal(length) * traversal(part),
            Text::Matches(regex) => traversal(length + 1) * regex.length.div_ceil(4),
            Text::Equals(_) => 0,
        };
        let known = ["", "a", "éééééééééé", "aaaaaaaaaaa"].into_iter().all(|text| {
            let cost = call.cost.map_or(1, |cost| cost(&[Val::String(text), value], &Val::Bool(true)));
            cost == counted(text.chars().count())
        });
        let always = match test {
            Text::StartsWith(_) | Text::EndsWith(_) => u32::try_from(traversal(part)).ok()?,
            _ => 0,
        };
        known.then(|| Tree::Text { of: of.costing(always), test, not: false })
    }
}

impl Tree<'_> {
    /// Whether it is a bool however its parts turn out.
    fn is_test(&self) -> bool {
        !matches!(self, Tree::Constant(_) | Tree::Size(_) | Tree::Value(_))
    }

    /// A single test is made as fast without a shortcut.
    fn is_worth_it(&self) -> bool {
        match self {
            Tree::And(_) | Tree::Or(_) | Tree::If(_) | Tree::Loop { .. } => true,
            Tree::Not(inner) => inner.is_worth_it(),
            _ => false,
        }
    }

    /// Whether it is a bool, or what must be one in its place.
    fn is_condition(&self) -> bool {
        !matches!(self, Tree::Constant(_) | Tree::Size(_))
            || matches!(self, Tree::Constant(Constant::Bool(_)))
    }
}

impl Path<'_> {
    fn costing(mut self, more: u32) -> Self {
        self.cost += more;
        self
    }
}
