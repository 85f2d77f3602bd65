//! The function libraries: one file each, holding declarations, functions, cost and tests.
//!
//! A library never sees the VM: a function takes values and an arena and returns a value.

use crate::cel::types::Type;
use crate::cel::value::{Arena, Result, Val};

/// The body of an overload. `args` includes the receiver first; none of them is an error.
pub type Implementation = for<'a> fn(&'a Arena, &[Val<'a>]) -> Result<'a>;

/// Runtime cost of a call, given its arguments and its result; `None` means cel-go's default of 1.
pub type CallCost = for<'a> fn(&[Val<'a>], &Val<'a>) -> u64;

/// One signature of a function.
#[derive(Clone, Debug)]
pub struct Overload {
    /// cel-go's overload id; cost tables and tests name it.
    pub id: &'static str,
    /// `x.f(y)` rather than `f(x, y)`; the receiver is then the first of `args`.
    pub receiver: bool,
    pub args: Vec<Type>,
    pub result: Type,
    /// `None` for operators that the VM evaluates itself.
    pub implementation: Option<Implementation>,
    pub cost: Option<CallCost>,
}

/// All signatures of one function name that a library brings.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: &'static str,
    pub overloads: Vec<Overload>,
}

/// A named set of functions, with the Kubernetes minor version (1.x) that introduced it held by the version table.
#[derive(Clone, Debug)]
pub struct Library {
    pub name: &'static str,
    pub functions: Vec<Function>,
}

impl Overload {
    /// A global overload, `f(x, …)`.
    pub fn global(id: &'static str, args: &[Type], result: Type, implementation: Implementation) -> Overload {
        Overload { id, receiver: false, args: args.to_vec(), result, implementation: Some(implementation), cost: None }
    }

    /// An operator that the VM evaluates itself.
    pub fn operator(id: &'static str, args: &[Type], result: Type) -> Overload {
        Overload { id, receiver: false, args: args.to_vec(), result, implementation: None, cost: None }
    }

    /// A receiver-style overload, `x.f(…)`.
    pub fn receiver(id: &'static str, args: &[Type], result: Type, implementation: Implementation) -> Overload {
        Overload { id, receiver: true, args: args.to_vec(), result, implementation: Some(implementation), cost: None }
    }

    /// Charges `cost` for each call instead of 1.
    #[must_use]
    pub fn costs(mut self, cost: CallCost) -> Overload {
        self.cost = Some(cost);
        self
    }
}
