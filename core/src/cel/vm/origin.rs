//! Where in a document values come from: a stack beside the machine's own that follows each value back to the node
//! which it was read from.
//!
//! What is missing comes from the value that lacks it. Of two operands, one that is an error counts, else the first
//! that comes from the document. A loop's result comes from the element that decided it, or from the list when none
//! did.

use super::Observer;
use super::fold::container;
use super::machine::Machine;
use crate::cel::program::{Attribute, Constant, Key, LoopKind, Op, Program, Root};
use crate::cel::value::Val;
use crate::document::{NodeRef, Object};
use std::cell::OnceCell;
use std::collections::HashMap;

type Origin<'a> = Option<NodeRef<'a>>;

/// Follows the values of one evaluation.
#[derive(Debug)]
pub(crate) struct Origins<'a> {
    document: &'a Object,
    /// For each value on the machine's stack.
    stack: Vec<Origin<'a>>,
    loops: Vec<Loop<'a>>,
    variables: HashMap<u32, Origin<'a>>,
    bound: HashMap<usize, Origin<'a>>,
    /// Of the last condition of `?:`, or of the last absent optional: stands in where a branch is a constant.
    condition: Origin<'a>,
    /// The document's strings by their addresses, once one is looked for.
    strings: OnceCell<HashMap<(usize, usize), NodeRef<'a>>>,
    /// The instruction that is being executed.
    pending: Option<Pending<'a>>,
}

#[derive(Debug)]
struct Pending<'a> {
    op: &'a Op,
    depth: usize,
    loops: usize,
    origin: Origin<'a>,
}

/// What became of a loop's elements so far: the one that decides, the first error, the first that a filter keeps.
#[derive(Debug)]
struct Loop<'a> {
    kind: LoopKind,
    range: Origin<'a>,
    decided: Origin<'a>,
    failed: Origin<'a>,
    kept: Origin<'a>,
    last: Origin<'a>,
}

impl<'a> Origins<'a> {
    pub(crate) fn new(document: &'a Object) -> Origins<'a> {
        Origins {
            document,
            stack: Vec::new(),
            loops: Vec::new(),
            variables: HashMap::new(),
            bound: HashMap::new(),
            condition: None,
            strings: OnceCell::new(),
            pending: None,
        }
    }

    /// Where the result comes from.
    pub(crate) fn result(&self) -> Origin<'a> {
        self.stack.first().copied().flatten().or(self.condition)
    }

    fn set(&mut self, at: usize, origin: Origin<'a>) {
        self.stack.resize(at, None);
        self.stack.push(origin);
    }

    fn top(&self, machine: &Machine<'a>) -> Origin<'a> {
        self.below(machine, 1)
    }

    /// Of the value that lies so deep on the machine's stack, the top being 1.
    fn below(&self, machine: &Machine<'a>, deep: usize) -> Origin<'a> {
        let at = machine.stack.len().checked_sub(deep)?;
        self.stack.get(at).copied().flatten()
    }

    fn of_document(&self, node: NodeRef<'a>) -> bool {
        std::ptr::eq(node.object(), self.document)
    }

    /// The node that a value is; of scalars only strings can be recognised, by their place in memory.
    fn node_of(&self, value: Val<'a>) -> Origin<'a> {
        match value {
            Val::String(text) => self.strings().get(&address(text)).copied(),
            value => container(value).filter(|node| self.of_document(*node)),
        }
    }

    fn strings(&self) -> &HashMap<(usize, usize), NodeRef<'a>> {
        self.strings.get_or_init(|| {
            let strings = self.document.strings().filter(|(text, _)| !text.is_empty());
            strings.map(|(text, node)| (address(text), node)).collect()
        })
    }

    /// Where the result of an instruction will come from, as far as that shows before.
    fn expect(&self, machine: &Machine<'a>, op: &'a Op) -> Origin<'a> {
        match op {
            Op::Attribute(attribute) => self.reading(machine, attribute),
            Op::Lazy(number) => self.variables.get(number).copied().flatten(),
            Op::Bound { local, .. } => self.bound.get(&machine.place_of(*local)).copied().flatten(),
            Op::Index { .. } => {
                let container = self.below(machine, 2);
                let step = machine.stack.iter().rev().nth(1).and_then(|value| self.node_of(*value));
                step.and_then(|node| child(node, machine.stack.last()?)).or(container)
            }
            Op::And => self.logic(machine, false),
            Op::Or => self.logic(machine, true),
            Op::Equal
            | Op::NotEqual
            | Op::Compare { .. }
            | Op::Add { .. }
            | Op::Arithmetic(_)
            | Op::In { .. } => self.operands(machine, 2),
            Op::Call(call) => self.operands(machine, call.args as usize),
            Op::MakeList(list) => self.operands(machine, list.count as usize),
            Op::MakeMap(map) => self.operands(machine, 2 * map.count as usize),
            Op::MakeMessage(message) => self.operands(machine, message.fields.len()),
            Op::LoopBegin { .. } => {
                let range = machine.stack.last().and_then(|range| self.node_of(*range));
                range.or(self.top(machine))
            }
            Op::Constant(_) | Op::Enum { .. } | Op::Fail(_) => None,
            _ => self.top(machine),
        }
    }

    /// Of the side that decides, or is the error that remains. Where both are false, one is an exemption and the other
    /// the demand: exemptions are by metadata, and tend to stand first.
    fn logic(&self, machine: &Machine<'a>, deciding: bool) -> Origin<'a> {
        let (left, right) = (self.below(machine, 2), self.below(machine, 1));
        let metadata = self.document.root().field("metadata");
        let exempts = |node: NodeRef<'a>| metadata.is_some_and(|metadata| lies_in(node, metadata));
        let mut values = machine.stack.iter().rev();
        match (values.next(), values.next(), left, right) {
            (Some(Val::Bool(value)), ..) if *value == deciding => right.or(left),
            (_, Some(Val::Error(_)), ..) => left.or(right),
            (_, _, Some(demand), Some(other)) if !exempts(demand) && exempts(other) => left,
            _ => inner(right, left),
        }
    }

    fn operands(&self, machine: &Machine<'a>, count: usize) -> Origin<'a> {
        let errors = machine.stack.iter().rev().take(count).enumerate().rev();
        let mut errors = errors.filter(|(_, value)| matches!(value, Val::Error(_)));
        if let Some((above, _)) = errors.next() {
            return self.below(machine, above + 1);
        }
        (1..=count).rev().fold(None, |found, deep| inner(found, self.below(machine, deep)))
    }

    /// Where a path leads, or the last value on its way that is there.
    fn reading(&self, machine: &Machine<'a>, attribute: &'a Attribute) -> Origin<'a> {
        let root = match attribute.root {
            Root::Slot(slot) => {
                machine.slots.get(slot as usize).copied().flatten().and_then(|value| self.node_of(value))
            }
            Root::Local(local) => {
                let own = machine.folds_of_frame().iter().rev().find(|fold| fold.declares(local));
                let element = own.and_then(|fold| fold.element()).filter(|node| self.of_document(*node));
                element.or_else(|| self.node_of(machine.local(local)?))
            }
            Root::Top => {
                let node = machine.stack.last().and_then(|value| self.node_of(*value));
                node.or(self.top(machine))
            }
        };
        let mut node = root?;
        for step in &attribute.steps {
            let next = match &step.key {
                Key::Field(name) => node.as_map().and_then(|map| map.field(name)),
                Key::Other(Constant::String(name)) => node.field(name),
                Key::Other(Constant::Int(at)) => {
                    usize::try_from(*at).ok().and_then(|at| node.as_list()?.at(at))
                }
                Key::Other(_) => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        Some(node)
    }

    /// Takes what a loop's body or filter left for the current element.
    fn judge(&mut self, machine: &Machine<'a>) {
        let (Some(fold), Some(value)) = (machine.folds.last(), machine.stack.last()) else { return };
        let element = fold.element().filter(|node| self.of_document(*node));
        let element = element.or_else(|| self.node_of(fold.current()?));
        let within = |node: &NodeRef<'a>| element.is_some_and(|element| lies_in(*node, element));
        let place = self.top(machine).or(self.condition.filter(within)).or(element);
        let Some(own) = self.loops.last_mut() else { return };
        own.last = place;
        let to = match (own.kind, value) {
            (LoopKind::All, Val::Bool(false)) | (LoopKind::Exists, Val::Bool(true)) => &mut own.decided,
            (LoopKind::Filter, Val::Bool(true)) => {
                own.kept = own.kept.or(element);
                return;
            }
            (LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne | LoopKind::Filter, Val::Bool(_)) => {
                return;
            }
            (LoopKind::List { .. } | LoopKind::Map | LoopKind::Entries, value)
                if !matches!(value, Val::Error(_)) =>
            {
                return;
            }
            _ => &mut own.failed,
        };
        *to = to.or(place);
    }

    /// Notes what the last instruction left.
    fn settle(&mut self, machine: &Machine<'a>) {
        let depth = machine.stack.len();
        let Some(last) = self.pending.take() else { return };
        let top = depth.checked_sub(1);
        match last.op {
            Op::LoopBegin { kind, .. } if machine.folds.len() > last.loops => {
                self.loops.truncate(last.loops);
                self.loops.push(Loop::new(*kind, last.origin));
            }
            Op::LoopNext { .. } if machine.folds.len() == last.loops => self.condition = None,
            Op::LoopNext { .. } => {
                self.loops.truncate(last.loops);
                let origin = self.loops.pop().and_then(|own| own.conclude(machine.stack.last()?));
                self.set(top.unwrap_or_default(), origin);
            }
            Op::Branch { .. } => self.condition = last.origin,
            Op::OptionalOr { .. } if depth < last.depth => self.condition = last.origin,
            Op::Lazy(_) | Op::Bound { .. } if depth == last.depth => {}
            Op::LoopStep { .. } | Op::LoopFilter { .. } => {}
            _ if top.is_some() => self.set(top.unwrap_or_default(), last.origin),
            _ => {}
        }
        self.stack.truncate(depth);
    }
}

impl<'a> Loop<'a> {
    fn new(kind: LoopKind, range: Origin<'a>) -> Loop<'a> {
        Loop { kind, range, decided: None, failed: None, kept: None, last: None }
    }

    /// Where the result comes from once the loop has ended.
    fn conclude(&self, result: &Val<'a>) -> Origin<'a> {
        match (self.kind, result) {
            (_, Val::Error(_)) => self.failed.or(self.range),
            (LoopKind::All, Val::Bool(false)) | (LoopKind::Exists, Val::Bool(true)) => {
                self.decided.or(self.range)
            }
            (LoopKind::Filter, _) => self.kept.or(self.range),
            (LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne, _) => self.range.or(self.last),
            _ => self.range,
        }
    }
}

impl<'a> Observer<'a> for Origins<'a> {
    const FOLLOWS: bool = true;

    fn observe(&mut self, _: &Program, _: usize, _: &Val<'_>) {}

    fn before(&mut self, machine: &Machine<'a>, op: &'a Op) {
        self.settle(machine);
        if matches!(op, Op::LoopStep { .. } | Op::LoopFilter { .. }) {
            self.judge(machine);
        }
        if matches!(op, Op::Return)
            && let Some(place) = machine.returns_to()
        {
            self.bound.insert(place, self.top(machine));
        }
        let origin = self.expect(machine, op);
        self.pending = Some(Pending { op, depth: machine.stack.len(), loops: machine.folds.len(), origin });
    }

    fn end(&mut self, machine: &Machine<'a>, finished: bool) {
        if finished {
            self.settle(machine);
        } else {
            self.pending = None;
            self.stack.truncate(machine.base());
        }
        if let Some(number) = machine.variable() {
            let origin = self.stack.get(machine.base()).copied().flatten();
            self.variables.insert(number, origin);
        }
    }
}

fn address(text: &str) -> (usize, usize) {
    (text.as_ptr().addr(), text.len())
}

/// One step with a computed key.
fn child<'a>(node: NodeRef<'a>, key: &Val<'_>) -> Origin<'a> {
    match key {
        Val::String(name) => node.field(name),
        Val::Int(at) => node.as_list()?.at(usize::try_from(*at).ok()?),
        _ => None,
    }
}

/// The first, unless the second lies inside of it and so says more.
fn inner<'a>(first: Origin<'a>, second: Origin<'a>) -> Origin<'a> {
    match (first, second) {
        (Some(outer), Some(node)) if node.span() != outer.span() && lies_in(node, outer) => second,
        _ => first.or(second),
    }
}

fn lies_in(inner: NodeRef<'_>, outer: NodeRef<'_>) -> bool {
    let (inner, outer) = (inner.span(), outer.span());
    outer.start <= inner.start && inner.end <= outer.end
}
