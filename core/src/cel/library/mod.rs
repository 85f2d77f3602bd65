//! The function libraries: one file each, holding declarations, functions, cost and tests.
//!
//! A library never sees the VM: a function takes values and an arena and returns a value.

pub mod extensions;
pub mod kubernetes;
mod signature;
pub mod standard;

use crate::cel::estimate::EstimateCall;
use crate::cel::types::Type;
use crate::cel::value::{Arena, Result, Val};

/// The body of an overload. `args` includes the receiver first; none of them is an error.
pub type Implementation = for<'a> fn(&'a Arena, &[Val<'a>]) -> Result<'a>;

/// Runtime cost of a call, given its arguments and its result.
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
    /// `None` means 1, cel-go's default.
    pub cost: Option<CallCost>,
    /// `None` means 1.
    pub estimate: Option<EstimateCall>,
}

/// All signatures of one function name that a library brings.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: &'static str,
    pub overloads: Vec<Overload>,
    /// Whether one body serves all overloads and picks by the arguments itself (cel-go's singleton bindings):
    /// then types are not checked again when the function is called.
    pub singleton: bool,
}

/// A set of functions that enters the language together.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub functions: Vec<Function>,
}

impl Overload {
    /// An overload by its signature: `string, int -> string` for `f(s, 1)`, `string.(int) -> string` for `s.f(1)`.
    /// `<A>` is a type parameter.
    pub fn new(id: &'static str, signature: &'static str, implementation: Implementation) -> Overload {
        let (receiver, args, result) = signature::parse(signature);
        Overload {
            id,
            receiver,
            args,
            result,
            implementation: Some(implementation),
            cost: None,
            estimate: None,
        }
    }

    /// An operator that the VM evaluates itself.
    pub fn operator(id: &'static str, signature: &'static str) -> Overload {
        let (receiver, args, result) = signature::parse(signature);
        Overload { id, receiver, args, result, implementation: None, cost: None, estimate: None }
    }

    /// Charges `cost` for each call instead of 1.
    #[must_use]
    pub fn costs(mut self, cost: CallCost) -> Overload {
        self.cost = Some(cost);
        self
    }

    /// Estimates each call by this instead of at 1.
    #[must_use]
    pub fn estimates(mut self, estimate: EstimateCall) -> Overload {
        self.estimate = Some(estimate);
        self
    }
}

impl Function {
    pub fn new(name: &'static str, overloads: Vec<Overload>) -> Function {
        Function { name, overloads, singleton: false }
    }

    pub fn singleton(name: &'static str, overloads: Vec<Overload>) -> Function {
        Function { name, overloads, singleton: true }
    }
}

impl Library {
    pub fn new(functions: Vec<Function>) -> Library {
        Library { functions }
    }
}
