//! The loop over instructions and the stacks it works on.

use super::activation::{Activation, LazyVariables};
use super::fold::Fold;
use super::{Evaluation, Observer, cost};
use crate::cel::library::standard::{Comparison, add, arithmetic, compare, negate};
use crate::cel::message::{Schema, enumerated};
use crate::cel::program::{Constant, Op, Program};
use crate::cel::protobuf::to_enum;
use crate::cel::value::{
    Arena, Error, List, MAX_MEMORY, Map, TOO_MUCH_MEMORY, Val, double_to_int, double_to_uint,
};
use bumpalo::collections::Vec as ArenaVec;

/// Why a program ends without a value; `&&` and `||` do not absorb it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop<'a> {
    CostLimit,
    /// Go code panicked here; its text.
    Internal(&'a &'a str),
}

/// One evaluation.
#[derive(Debug)]
pub(crate) struct Machine<'a> {
    pub(super) arena: &'a Arena,
    pub(super) slots: &'a [Option<Val<'a>>],
    lazy: Option<&'a LazyVariables<'a>>,
    pub(super) stack: ArenaVec<'a, Val<'a>>,
    locals: ArenaVec<'a, Option<Val<'a>>>,
    pub(super) folds: ArenaVec<'a, Fold<'a>>,
    /// Lists and maps of programs that are made when they are first read, by where the program has them.
    made: ArenaVec<'a, (usize, Val<'a>)>,
    /// Where bound locals that are being evaluated go on, and which they are.
    returns: ArenaVec<'a, (usize, u32)>,
    /// Evaluations that wait for a composed variable.
    callers: ArenaVec<'a, Frame<'a>>,
    frame: Frame<'a>,
    limit: u64,
}

/// A program under way, and where its part of the stacks begins.
#[derive(Clone, Copy, Debug)]
struct Frame<'a> {
    program: &'a Program,
    at: usize,
    cost: u64,
    /// The composed variable that is evaluated; meaningless in the outermost frame.
    variable: u32,
    stack: usize,
    locals: usize,
    folds: usize,
    returns: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(program: &'a Program, activation: &Activation<'a>, limit: u64) -> Machine<'a> {
        let arena = activation.arena;
        let mut locals = ArenaVec::with_capacity_in(program.locals, arena);
        locals.resize(program.locals, None);
        Machine {
            arena,
            slots: activation.slots,
            lazy: activation.lazy,
            stack: ArenaVec::with_capacity_in(16, arena),
            locals,
            folds: ArenaVec::new_in(arena),
            made: ArenaVec::new_in(arena),
            returns: ArenaVec::new_in(arena),
            callers: ArenaVec::new_in(arena),
            frame: Frame { program, at: 0, cost: 0, variable: 0, stack: 0, locals: 0, folds: 0, returns: 0 },
            limit,
        }
    }

    pub(super) fn run<O: Observer<'a>>(mut self, observer: &mut O) -> Evaluation<'a> {
        loop {
            let ran = self.run_frame(observer);
            if O::FOLLOWS && !matches!(ran, Ok(true)) {
                observer.end(&self, ran.is_ok());
            }
            let value = match ran {
                Ok(true) => continue,
                Ok(false) => self.pop(),
                Err(Stop::CostLimit) => Val::Error(Error::CostLimitExceeded),
                Err(Stop::Internal(text)) => Val::Error(Error::Message(text)),
            };
            let Some(caller) = self.callers.pop() else { return Evaluation { value, cost: self.frame.cost } };
            let value = self.end_variable(value);
            self.frame = caller;
            self.stack.push(value);
        }
    }

    /// Runs until the frame's program ends (`false`) or a composed variable has to be evaluated first (`true`).
    fn run_frame<O: Observer<'a>>(&mut self, observer: &mut O) -> Result<bool, Stop<'a>> {
        let program = self.frame.program;
        let mut at = self.frame.at;
        while let Some(op) = program.ops.get(at) {
            if let Op::Shortcut(shortcut) = op {
                at = if !O::WATCHES && self.shortcut(shortcut) { shortcut.end as usize } else { at + 1 };
                continue;
            }
            if O::FOLLOWS {
                observer.before(self, op);
            }
            let here = at;
            at += 1;
            match op {
                Op::Shortcut(_) => {}
                Op::Constant(constant) => {
                    let value = self.constant(constant);
                    self.stack.push(value);
                }
                Op::Fail(error) => {
                    let error = Error::Message(self.arena.alloc(&**error));
                    self.stack.push(Val::Error(error));
                }
                Op::Enum { kind, number } => {
                    let value = enumerated(self.schema(), *kind, *number, self.arena);
                    self.stack.push(value);
                }
                Op::ToEnum(kind) => {
                    self.charge(1)?;
                    let value = self.pop();
                    self.stack.push(to_enum(self.schema(), *kind, value, self.arena).into());
                }
                Op::Attribute(attribute) => {
                    let value = self.attribute(attribute)?;
                    self.stack.push(value);
                }
                Op::Lazy(number) => {
                    if let Some(known) = self.begin_variable(*number, at) {
                        self.stack.push(known);
                    } else {
                        return Ok(true);
                    }
                }
                Op::Index { optional, strict, cost, continues } => {
                    let (container, key) = self.pop_two();
                    let value = self.index(container, key, *optional, *strict, *continues)?;
                    self.charge_signed(*cost)?;
                    self.stack.push(value);
                }
                Op::JumpIfStuck { target, cost } => {
                    if matches!(self.stack.last(), Some(Val::Error(_) | Val::Optional(None))) {
                        self.charge_signed(*cost)?;
                        at = *target as usize;
                    }
                    continue;
                }
                Op::AbandonCall { below, target, cost } => {
                    if matches!(self.stack.last(), Some(Val::Error(_))) {
                        self.charge(u64::from(*cost))?;
                        self.abandon(*below);
                        at = *target as usize;
                    }
                    continue;
                }
                Op::Jump(target) => {
                    at = *target as usize;
                    continue;
                }
                Op::Branch { otherwise, end } => {
                    match self.pop() {
                        Val::Bool(true) => {}
                        Val::Bool(false) => at = *otherwise as usize,
                        other => {
                            self.stack.push(logical(other));
                            at = *end as usize;
                        }
                    }
                    continue;
                }
                Op::AndShort(target) => {
                    if let Some(Val::Bool(false)) = self.stack.last() {
                        at = *target as usize;
                    }
                    continue;
                }
                Op::OrShort(target) => {
                    if let Some(Val::Bool(true)) = self.stack.last() {
                        at = *target as usize;
                    }
                    continue;
                }
                Op::And => self.logic(false),
                Op::Or => self.logic(true),
                Op::Not => {
                    self.charge(1)?;
                    let value = match logical(self.pop()) {
                        Val::Bool(value) => Val::Bool(!value),
                        other => other,
                    };
                    self.stack.push(value);
                }
                Op::Equal => self.equality(true)?,
                Op::NotEqual => self.equality(false)?,
                Op::Compare { comparison, text } => self.compare(*comparison, *text)?,
                Op::Add { text } => {
                    let (a, b) = self.pop_two();
                    self.charge(if *text { cost::joined(&a, &b) } else { 1 })?;
                    self.check_memory()?;
                    let value = strict(a, b, |a, b| add(self.arena, a, b));
                    self.stack.push(value);
                }
                Op::Arithmetic(operator) => {
                    self.charge(1)?;
                    let (a, b) = self.pop_two();
                    self.stack.push(strict(a, b, |a, b| arithmetic(*operator, a, b)));
                }
                Op::Negate => {
                    self.charge(1)?;
                    let value = match self.pop() {
                        Val::Error(error) => Val::Error(error),
                        value => negate(value).into(),
                    };
                    self.stack.push(value);
                }
                Op::In { list, literal } => self.membership(*list, *literal)?,
                Op::InConstants(constants) => {
                    let value = match self.pop() {
                        Val::Error(error) => Val::Error(error),
                        value if value.unhashable().is_some() => return self.hash(&value).map(|()| false),
                        value => Val::Bool(constants.iter().any(|constant| is_member(&value, constant))),
                    };
                    self.stack.push(value);
                }
                Op::Call(call) => self.call(call)?,
                Op::CheckOptional { entry } => {
                    self.check_optional(*entry);
                    continue;
                }
                Op::CheckKey { first } => {
                    match self.stack.as_slice() {
                        [.., _, Val::Error(_)] => {}
                        [.., key, Val::Optional(None)] if *first => self.hash_for_delete(key)?,
                        [.., key, _] => self.hash(key)?,
                        _ => {}
                    }
                    continue;
                }
                Op::MakeList(list) => self.make_list(list)?,
                Op::MakeMap(map) => self.make_map(map)?,
                Op::MakeMessage(message) => self.make_message(message)?,
                Op::OptionalOr { value, target } => match self.pop() {
                    Val::Optional(None) => continue,
                    other => {
                        self.stack.push(match other {
                            Val::Optional(Some(inner)) if *value => *inner,
                            Val::Optional(_) | Val::Error(_) => other,
                            _ => Val::Error(Error::NoSuchOverload),
                        });
                        at = *target as usize;
                    }
                },
                Op::LoopBegin { kind, variables, exit, cost } => {
                    match Fold::over(self.pop(), *kind, *variables, self.arena) {
                        Ok(fold) => {
                            self.folds.push(fold);
                            self.charge(u64::from(*cost))?;
                        }
                        Err(error) => {
                            self.stack.push(Val::Error(error));
                            at = *exit as usize;
                        }
                    }
                    continue;
                }
                Op::LoopNext { exit, read } => {
                    if self.advance(*read)? {
                        continue;
                    }
                    at = *exit as usize;
                }
                Op::LoopFilter { next, read } => {
                    if self.passes() {
                        self.charge_each(u64::from(*read))?;
                    } else {
                        at = *next as usize;
                    }
                    continue;
                }
                Op::LoopGuard { next } => {
                    if self.is_stuck()? {
                        at = *next as usize;
                    }
                    continue;
                }
                Op::LoopStep { next } => {
                    self.step()?;
                    at = *next as usize;
                    continue;
                }
                Op::Bound { local, code } => match self.local(*local) {
                    Some(value) => self.stack.push(value),
                    None => {
                        self.returns.push((at, *local));
                        at = *code as usize;
                        continue;
                    }
                },
                Op::Return => {
                    let Some((back, local)) = self.returns.pop() else { continue };
                    let value = self.stack.last().copied().unwrap_or(Val::Null);
                    self.set_local(local, value);
                    at = back;
                }
                Op::Unbind(local) => {
                    self.forget_local(*local);
                    continue;
                }
            }
            if let Some(value) = self.stack.last() {
                observer.observe(program, here, value);
            }
        }
        Ok(false)
    }

    /// A constant, the same one each time: as a key of a map, Go knows a list by where it lies.
    #[inline]
    fn constant(&mut self, constant: &'a Constant) -> Val<'a> {
        if !matches!(constant, Constant::List(_) | Constant::Map(_)) {
            return constant.value(self.arena);
        }
        let place = std::ptr::from_ref(constant).addr();
        match self.made.binary_search_by_key(&place, |made| made.0) {
            Ok(at) => self.made.get(at).map_or(Val::Null, |made| made.1),
            Err(at) => {
                let value = constant.value(self.arena);
                self.made.insert(at, (place, value));
                value
            }
        }
    }

    /// The value of a composed variable if it is known; else makes its program the one that runs next.
    fn begin_variable(&mut self, number: u32, back: usize) -> Option<Val<'a>> {
        let known = self.lazy.and_then(|lazy| lazy.values.get(number as usize));
        if let Some(value) = known.and_then(|value| value.get()) {
            return Some(value);
        }
        let Some(variable) = self.lazy.and_then(|lazy| lazy.variables.get(number as usize)) else {
            return Some(Val::Error(Error::NoSuchOverload));
        };
        let program = match &variable.program {
            Ok(program) => program,
            Err(error) => {
                let text = format_args!("composited variable {:?} fails to compile: {error}", variable.name);
                return Some(Val::Error(Error::message(self.arena, text)));
            }
        };
        self.frame.at = back;
        self.callers.push(self.frame);
        self.frame = Frame {
            program,
            at: 0,
            cost: 0,
            variable: number,
            stack: self.stack.len(),
            locals: self.locals.len(),
            folds: self.folds.len(),
            returns: self.returns.len(),
        };
        self.locals.resize(self.locals.len() + program.locals, None);
        None
    }

    /// Keeps a composed variable's value and cost, and clears away what its program left.
    fn end_variable(&mut self, value: Val<'a>) -> Val<'a> {
        let Frame { variable: number, cost, stack, locals, folds, returns, .. } = self.frame;
        self.stack.truncate(stack);
        self.locals.truncate(locals);
        self.folds.truncate(folds);
        self.returns.truncate(returns);
        let Some(lazy) = self.lazy else { return value };
        lazy.cost.set(lazy.cost.get().saturating_add(cost));
        let value = match (value, lazy.variables.get(number as usize)) {
            (Val::Error(error), Some(variable)) => Val::Error(Error::message(
                self.arena,
                format_args!("composited variable {:?} fails to evaluate: {error}", variable.name),
            )),
            (value, _) => value,
        };
        if let Some(slot) = lazy.values.get(number as usize) {
            slot.set(Some(value));
        }
        value
    }

    fn logic(&mut self, deciding: bool) {
        let (left, right) = self.pop_two();
        let (left, right) = (logical(left), logical(right));
        self.stack.push(match (left, right) {
            (_, Val::Bool(value)) if value == deciding => right,
            (Val::Error(_), _) => left,
            _ => right,
        });
    }

    fn equality(&mut self, wanted: bool) -> Result<(), Stop<'a>> {
        let (a, b) = self.pop_two();
        // Kubernetes counts `==` of its own types as one.
        let nominal = wanted && matches!(a, Val::Opaque(opaque) if opaque.is_kubernetes());
        let cost = if nominal { 1 } else { cost::compared(&a, &b) };
        // What takes longer than it may cost is not begun.
        if self.exceeds(cost) {
            return self.charge(cost);
        }
        let result = strict(a, b, |a, b| match a.equals(&b) {
            // What refuses to be compared is not equal.
            Err(error) if !wanted && !is_internal(&error) => Ok(Val::Bool(true)),
            equal => equal.map(|equal| Val::Bool(equal == wanted)),
        });
        // Where Go panics nothing is charged any more.
        if let Val::Error(Error::Static(text)) = result
            && is_internal(&Error::Static(text))
        {
            return Err(Stop::Internal(text));
        }
        self.charge(cost)?;
        self.stack.push(result);
        Ok(())
    }

    fn compare(&mut self, comparison: Comparison, text: bool) -> Result<(), Stop<'a>> {
        let (a, b) = self.pop_two();
        self.charge(if text { cost::compared(&a, &b) } else { 1 })?;
        self.stack.push(strict(a, b, |a, b| {
            let order = compare(comparison, &a, &b)?;
            Ok(Val::Bool(match comparison {
                Comparison::Less => order.is_lt(),
                Comparison::LessEqual => order.is_le(),
                Comparison::Greater => order.is_gt(),
                Comparison::GreaterEqual => order.is_ge(),
            }))
        }));
        Ok(())
    }

    fn membership(&mut self, list: bool, literal: bool) -> Result<(), Stop<'a>> {
        let (value, container) = self.pop_two();
        if let Val::Map(map) = container
            && (literal || matches!(map, Map::Entries(_)))
            && !map.is_empty()
        {
            self.hash(&value)?;
        }
        self.charge(if list { container.inner_size() as u64 } else { 1 })?;
        self.stack.push(strict(value, container, |value, container| match container {
            Val::List(List::Typed(list)) => list.contains(&value).map(Val::Bool),
            Val::List(list) => Ok(Val::Bool(list.iter().any(|element| value.equal(&element)))),
            Val::Map(map) => match map.find(&value) {
                Some(Val::Error(error)) => Err(error),
                found => Ok(Val::Bool(found.is_some())),
            },
            _ => Err(Error::NoSuchOverload),
        }));
        Ok(())
    }

    #[inline]
    pub(super) fn charge(&mut self, cost: u64) -> Result<(), Stop<'a>> {
        self.frame.cost = self.frame.cost.saturating_add(cost);
        if self.frame.cost > self.limit { Err(Stop::CostLimit) } else { Ok(()) }
    }

    /// Whether a cost is more than what is left.
    pub(super) fn exceeds(&self, cost: u64) -> bool {
        self.frame.cost.saturating_add(cost) > self.limit
    }

    /// What the program that runs may still cost.
    pub(super) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.frame.cost)
    }

    /// Ends an evaluation whose values take too much memory.
    pub(super) fn check_memory(&self) -> Result<(), Stop<'a>> {
        if self.arena.allocated_bytes() > MAX_MEMORY { Err(Stop::Internal(&TOO_MUCH_MEMORY)) } else { Ok(()) }
    }

    /// A cost that cel-go counts one by one: the limit is then passed by one at most.
    #[inline]
    pub(super) fn charge_each(&mut self, ones: u64) -> Result<(), Stop<'a>> {
        self.frame.cost += ones;
        if self.frame.cost > self.limit {
            self.frame.cost = self.limit + 1;
            return Err(Stop::CostLimit);
        }
        Ok(())
    }

    /// A cost that may be -1. As in cel-go, nothing less one is more than any limit.
    #[inline]
    pub(super) fn charge_signed(&mut self, cost: i8) -> Result<(), Stop<'a>> {
        match u64::try_from(cost) {
            Ok(cost) => self.charge_each(cost),
            Err(_) => match self.frame.cost.checked_sub(u64::from(cost.unsigned_abs())) {
                Some(cost) => {
                    self.frame.cost = cost;
                    Ok(())
                }
                None => {
                    self.frame.cost = u64::MAX;
                    Err(Stop::CostLimit)
                }
            },
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Val<'a> {
        self.stack.pop().unwrap_or(Val::Null)
    }

    fn pop_two(&mut self) -> (Val<'a>, Val<'a>) {
        let second = self.pop();
        (self.pop(), second)
    }

    #[inline]
    pub(super) fn local(&self, local: u32) -> Option<Val<'a>> {
        self.locals.get(self.frame.locals + local as usize).copied().flatten()
    }

    #[inline]
    pub(super) fn set_local(&mut self, local: u32, value: Val<'a>) {
        if let Some(slot) = self.locals.get_mut(self.frame.locals + local as usize) {
            *slot = Some(value);
        }
    }

    /// The messages that the program that runs may make.
    pub(super) fn schema(&self) -> &'a Schema {
        &self.frame.program.schema
    }

    /// The loops of the program that runs.
    pub(super) fn folds_of_frame(&self) -> &[Fold<'a>] {
        self.folds.get(self.frame.folds..).unwrap_or_default()
    }

    /// Which local variable of all programs under way.
    pub(super) fn place_of(&self, local: u32) -> usize {
        self.frame.locals + local as usize
    }

    /// The bound local whose code runs.
    pub(super) fn returns_to(&self) -> Option<usize> {
        self.returns.last().map(|(_, local)| self.place_of(*local))
    }

    /// The composed variable whose program runs.
    pub(super) fn variable(&self) -> Option<u32> {
        (!self.callers.is_empty()).then_some(self.frame.variable)
    }

    /// Where the stack of the program that runs begins.
    pub(super) fn base(&self) -> usize {
        self.frame.stack
    }

    fn forget_local(&mut self, local: u32) {
        if let Some(slot) = self.locals.get_mut(self.frame.locals + local as usize) {
            *slot = None;
        }
    }
}

/// Whether an error stands for a panic of Go's.
fn is_internal(error: &Error<'_>) -> bool {
    matches!(error, Error::Static(text) if text.starts_with("internal error: "))
}

/// A bool, an error, or the error of having neither.
#[inline]
fn logical(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Bool(_) | Val::Error(_) => value,
        _ => Val::Error(Error::NoSuchOverload),
    }
}

/// Whether a value is in a set of constants. Numbers are put into the set in all types that hold them exactly, an
/// integer also as the nearest double. Source: cel-go `interpreter/decorators.go`, `maybeOptimizeSetMembership`.
fn is_member(value: &Val<'_>, constant: &Constant) -> bool {
    match (value, constant) {
        (Val::Int(value), Constant::Double(constant)) => double_to_int(*constant) == Some(*value),
        (Val::Uint(value), Constant::Double(constant)) => double_to_uint(*constant) == Some(*value),
        (value, Constant::Bool(constant)) => matches!(value, Val::Bool(value) if value == constant),
        (value, Constant::Int(constant)) => value.equal(&Val::Int(*constant)),
        (value, Constant::Uint(constant)) => value.equal(&Val::Uint(*constant)),
        (value, Constant::Double(constant)) => value.equal(&Val::Double(*constant)),
        (value, Constant::String(constant)) => matches!(value, Val::String(value) if *value == &**constant),
        _ => false,
    }
}

/// Applies an operator to two values unless one of them is an error.
#[inline]
fn strict<'a>(
    a: Val<'a>,
    b: Val<'a>,
    operator: impl FnOnce(Val<'a>, Val<'a>) -> crate::cel::value::Result<'a>,
) -> Val<'a> {
    match (a, b) {
        (Val::Error(_), _) => a,
        (_, Val::Error(_)) => b,
        (a, b) => operator(a, b).into(),
    }
}
