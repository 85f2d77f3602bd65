//! What an evaluation reads: the variables' values, and variables that are expressions themselves.

use crate::cel::program::Program;
use crate::cel::value::{Arena, Val};
use std::cell::Cell;

/// The values of an environment's variables, by slot, and the arena for everything made on the way.
#[derive(Clone, Copy, Debug)]
pub struct Activation<'a> {
    /// By slot; `None` or beyond the end is a variable without a value.
    pub(crate) slots: &'a [Option<Val<'a>>],
    pub(crate) arena: &'a Arena,
    pub(crate) lazy: Option<&'a LazyVariables<'a>>,
}

impl<'a> Activation<'a> {
    /// `slots` are in the order in which the variables were declared.
    pub fn new(slots: &'a [Option<Val<'a>>], arena: &'a Arena) -> Activation<'a> {
        Activation { slots, arena, lazy: None }
    }

    /// The same with composed variables.
    #[must_use]
    pub fn with_lazy(self, lazy: &'a LazyVariables<'a>) -> Activation<'a> {
        Activation { lazy: Some(lazy), ..self }
    }
}

/// A variable that is an expression: one of a policy's `variables`.
#[derive(Debug)]
pub struct LazyVariable {
    pub name: Box<str>,
    /// Or why it does not compile, which is an error of whoever reads it.
    pub program: Result<Program, Box<str>>,
}

/// Composed variables with the values found so far. Each is evaluated at most once, when it is first read, under a
/// cost limit of its own.
///
/// Source: apiserver `pkg/admission/plugin/cel/composition.go`.
#[derive(Debug)]
pub struct LazyVariables<'a> {
    pub(crate) variables: &'a [LazyVariable],
    pub(crate) values: &'a [Cell<Option<Val<'a>>>],
    pub(crate) cost: Cell<u64>,
}

impl<'a> LazyVariables<'a> {
    pub fn new(variables: &'a [LazyVariable], arena: &'a Arena) -> LazyVariables<'a> {
        let values = arena.alloc_slice_fill_with(variables.len(), |_| Cell::new(None));
        LazyVariables { variables, values, cost: Cell::new(0) }
    }

    /// What the variables cost that were evaluated since this was last asked.
    pub fn take_cost(&self) -> u64 {
        self.cost.take()
    }
}
