//! The evaluator: one loop over the instructions of a [`Program`], with explicit stacks, so that neither a deep
//! expression nor a long chain of composed variables can exhaust the thread's own stack.
//!
//! Every value and every stack lives in the arena of the activation. Once the arena has grown to what an expression
//! needs, evaluating it again allocates nothing.

mod accepts;
mod activation;
mod attribute;
mod call;
mod cost;
mod fold;
mod machine;
mod origin;
mod shortcut;

pub(crate) use accepts::accepts;
pub use activation::{Activation, LazyVariable, LazyVariables};
pub(crate) use call::{list_of, map_of};

use super::program::{Op, Program};
use super::value::Val;
pub(crate) use fold::go_type;
pub(crate) use machine::Machine;
pub(crate) use origin::Origins;

/// How much one expression may cost: `PerCallLimit` of apiserver `pkg/apis/cel/config.go`, about 0.1 seconds there.
pub const PER_CALL_LIMIT: u64 = 1_000_000;

/// What came of an evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'a> {
    /// The value; `Val::Error` when there is none.
    pub value: Val<'a>,
    /// cel-go's actual cost. Composed variables count their own, see [`LazyVariables::take_cost`].
    pub cost: u64,
}

/// Is told the value of each instruction as it is computed.
pub(crate) trait Observer<'a> {
    /// Whether it follows the machine step by step; what does not costs nothing.
    const FOLLOWS: bool = false;

    /// Whether it is told of each part; what is not leaves the machine free to take shortcuts.
    const WATCHES: bool = true;

    fn observe(&mut self, program: &Program, op: usize, value: &Val<'_>);

    /// An instruction is about to be executed.
    fn before(&mut self, _: &Machine<'a>, _: &'a Op) {}

    /// A program is at its end, with its value on top unless it did not finish.
    fn end(&mut self, _: &Machine<'a>, _finished: bool) {}
}

/// Observes nothing, at no cost.
impl Observer<'_> for () {
    const WATCHES: bool = false;

    #[inline(always)]
    fn observe(&mut self, _: &Program, _: usize, _: &Val<'_>) {}
}

/// Runs a program.
pub(crate) fn run<'a, O: Observer<'a>>(
    program: &'a Program,
    activation: &Activation<'a>,
    cost_limit: u64,
    observer: &mut O,
) -> Evaluation<'a> {
    if !O::WATCHES
        && let Some(evaluation) = shortcut::whole(program, activation, cost_limit)
    {
        return evaluation;
    }
    Machine::new(program, activation, cost_limit).run(observer)
}

/// Whether a program is one shortcut that does not give up.
#[cfg(test)]
pub(crate) fn takes_shortcut<'a>(program: &'a Program, activation: &Activation<'a>, limit: u64) -> bool {
    shortcut::whole(program, activation, limit).is_some()
}
