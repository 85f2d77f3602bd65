//! The instructions of the stack machine.

use super::{Constant, Shortcut};
use crate::cel::library::standard::{Arithmetic, Comparison};
use crate::cel::library::{CallCost, Implementation, Overload};
use crate::cel::types::Type;
use crate::document::FieldName;

/// What building a list, map or message costs. Source: cel-go `common/cost.go`.
pub(crate) const LIST_COST: u64 = 10;
pub(crate) const MAP_COST: u64 = 30;
pub(crate) const MESSAGE_COST: u64 = 40;

/// One instruction. Targets are positions in the program.
#[derive(Debug)]
pub(crate) enum Op {
    /// A way through the instructions that follow when nothing is unusual.
    Shortcut(Box<Shortcut>),
    Constant(Constant),
    /// An error, in an expression that was not checked.
    Fail(Box<str>),
    /// A value of the enum at a position of the program's schema.
    Enum {
        kind: usize,
        number: i32,
    },
    /// Makes one of a number or name.
    ToEnum(usize),
    /// A variable or value and the path read from it, in one go.
    Attribute(Box<Attribute>),
    /// The composed variable with this number; evaluated once, when first read.
    Lazy(u32),
    /// `object[key]` with a computed key.
    Index {
        optional: bool,
        strict: bool,
        /// What the path's root costs, which cel-go counts at the end.
        cost: i8,
        /// More steps of the path follow.
        continues: bool,
    },
    /// Skips to the target when the top is an error or an absent optional: no further step of the path is taken.
    /// That costs what the path's root costs.
    JumpIfStuck {
        target: u32,
        cost: i8,
    },
    /// Skips to `target` when the top is an error, after dropping `below` values under it; that costs `cost`.
    AbandonCall {
        below: u32,
        target: u32,
        cost: u8,
    },
    Jump(u32),
    /// Takes a condition: goes on, or to `otherwise`, or leaves its error at `end`.
    Branch {
        otherwise: u32,
        end: u32,
    },
    /// Leaves `false` at the target, else goes on to the right side.
    AndShort(u32),
    And,
    /// Leaves `true` at the target, else goes on to the right side.
    OrShort(u32),
    Or,
    Not,
    Equal,
    NotEqual,
    /// `text`: both are known to be strings or bytes, whose cost grows with their length.
    Compare {
        comparison: Comparison,
        text: bool,
    },
    Add {
        text: bool,
    },
    Arithmetic(Arithmetic),
    Negate,
    /// `list`: known to look into a list, whose cost grows with its length.
    In {
        list: bool,
        /// The container is a constant.
        literal: bool,
    },
    /// Makes the top an error when it is to be an optional value and is none; of an `entry` the key is below it.
    CheckOptional {
        entry: bool,
    },
    /// Stops when the key below the top cannot be a key. `first`: the entry is optional and the first.
    CheckKey {
        first: bool,
    },
    /// `x in [constants]`; free of cost.
    InConstants(Box<[Constant]>),
    Call(Box<Call>),
    MakeList(Box<MakeList>),
    MakeMap(Box<MakeMap>),
    MakeMessage(Box<MakeMessage>),
    /// `optional.or(…)` and `.orValue(…)`: leaves its result at the target, else goes on to the argument.
    OptionalOr {
        value: bool,
        target: u32,
    },
    /// Begins a loop over the top; `cost` is what its first accumulator costs.
    LoopBegin {
        kind: LoopKind,
        variables: (u32, Option<u32>),
        exit: u32,
        cost: u8,
    },
    /// Goes on with the next element; `read`: what the body reads first costs that.
    LoopNext {
        exit: u32,
        read: u8,
    },
    /// Takes a filter's answer: goes on, or to the next element.
    LoopFilter {
        next: u32,
        read: u8,
    },
    /// Goes to the next element when the result is an error already, without evaluating the body.
    LoopGuard {
        next: u32,
    },
    /// Takes the body's value, then to the next element.
    LoopStep {
        next: u32,
    },
    /// Reads a local variable that is evaluated once, by the code at `code`.
    Bound {
        local: u32,
        code: u32,
    },
    /// Ends the code of a bound local.
    Return,
    /// Forgets the value of a bound local.
    Unbind(u32),
}

impl Op {
    /// The positions that it names.
    pub(crate) fn targets_mut(&mut self) -> [Option<&mut u32>; 2] {
        match self {
            Op::JumpIfStuck { target, .. }
            | Op::AbandonCall { target, .. }
            | Op::OptionalOr { target, .. }
            | Op::Jump(target)
            | Op::AndShort(target)
            | Op::OrShort(target)
            | Op::LoopBegin { exit: target, .. }
            | Op::LoopNext { exit: target, .. }
            | Op::LoopFilter { next: target, .. }
            | Op::LoopGuard { next: target }
            | Op::LoopStep { next: target }
            | Op::Bound { code: target, .. } => [Some(target), None],
            Op::Branch { otherwise, end } => [Some(otherwise), Some(end)],
            Op::Shortcut(_)
            | Op::Constant(_)
            | Op::Fail(_)
            | Op::Enum { .. }
            | Op::ToEnum(_)
            | Op::Attribute(_)
            | Op::Lazy(_)
            | Op::Index { .. }
            | Op::And
            | Op::Or
            | Op::Not
            | Op::Equal
            | Op::NotEqual
            | Op::Compare { .. }
            | Op::Add { .. }
            | Op::Arithmetic(_)
            | Op::Negate
            | Op::In { .. }
            | Op::CheckKey { .. }
            | Op::CheckOptional { .. }
            | Op::InConstants(_)
            | Op::Call(_)
            | Op::MakeList(_)
            | Op::MakeMap(_)
            | Op::MakeMessage(_)
            | Op::Return
            | Op::Unbind(_) => [None, None],
        }
    }
}

/// A path from a root, cel-go's attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) root: Root,
    pub(crate) steps: Box<[Step]>,
    /// What reading the root costs; each step costs 1 more. May be -1, as cel-go takes back the cost of `has()`.
    pub(crate) cost: i8,
    /// The last step only asks whether its key is there.
    pub(crate) test_only: bool,
    /// The test stands in a branch of `?:`, where of an optional path cel-go gives what it found instead of a bool.
    pub(crate) bare: bool,
    /// More steps of the path follow.
    pub(crate) continues: bool,
    /// The root is itself a step of the path.
    pub(crate) on_way: bool,
    /// Asking for a part of what has no parts is an error rather than an absence.
    pub(crate) strict: bool,
    /// The variable's name, for the error when it is not set.
    pub(crate) name: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// A variable of the activation.
    Slot(u32),
    /// A variable of a macro.
    Local(u32),
    /// The value on top of the stack.
    Top,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) key: Key,
    pub(crate) optional: bool,
}

#[derive(Debug)]
pub(crate) enum Key {
    Field(FieldName),
    Other(Constant),
}

/// A function call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) args: u32,
    pub(crate) dispatch: Dispatch,
    pub(crate) cost: Option<CallCost>,
    /// What cel-go's cost function takes for granted; otherwise it panics, which ends the evaluation.
    pub(crate) cost_needs: Option<CostNeeds>,
}

/// What the cost function of a call needs an argument to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CostNeeds {
    /// The argument at a position is a list.
    List(usize),
    /// The argument at a position is an int.
    Int(usize),
}

#[derive(Debug)]
pub(crate) enum Dispatch {
    /// The checker found one overload; its argument types are checked again because `dyn` fits everything.
    Single { types: Box<[Type]>, implementation: Implementation },
    /// The body checks its arguments itself.
    Unchecked(Implementation),
    /// Picks the first overload whose types fit.
    Many(Box<[Overload]>),
}

#[derive(Debug)]
pub(crate) struct MakeList {
    pub(crate) count: u32,
    /// Positions written as `?element`.
    pub(crate) optional: Box<[u32]>,
}

#[derive(Debug)]
pub(crate) struct MakeMap {
    pub(crate) count: u32,
    /// Keys must be bools, integers or strings, and none may come twice.
    pub(crate) strict: bool,
    pub(crate) optional: Box<[u32]>,
}

/// A message of the type at a position of the program's schema.
#[derive(Debug)]
pub(crate) struct MakeMessage {
    pub(crate) kind: usize,
    pub(crate) fields: Box<[MakeField]>,
}

#[derive(Debug)]
pub(crate) struct MakeField {
    pub(crate) name: Box<str>,
    /// Its position in the type; `None` when the type has no such field, in an expression that was not checked.
    pub(crate) position: Option<usize>,
    /// Written as `?name`.
    pub(crate) optional: bool,
}

/// What a loop makes of its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    /// `map` and `transformList`; `literal`: the value is a constant, whose list costs nothing.
    List {
        literal: bool,
    },
    /// `filter`
    Filter,
    /// `transformMap`, by key and value.
    Map,
    /// `transformMapEntry`, by maps of one entry.
    Entries,
}
