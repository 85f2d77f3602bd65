//! What evaluating an expression may cost, told from its text, types and the sizes that values may have.
//!
//! Source: cel-go `checker/cost.go`; the estimates of functions stand in their libraries.

mod call;
mod path;
mod range;
mod scope;
#[cfg(test)]
mod tests;
mod walk;

pub use call::{Call, CallEstimate, EstimateCall, Operand};
pub use range::{CostEstimate, SizeEstimate};

use super::checker::CheckedAst;
use super::environment::Env;
use super::types::Type;

/// Sizes that only the embedder knows: how long a list, map, string or byte sequence can be.
///
/// Source: cel-go `checker.CostEstimator`, `EstimateSize`.
pub trait Sizes {
    /// The size of the value at a path, if known: a variable, then fields and `@items` for the elements of a list,
    /// `@keys` and `@values` for those of a map, `@indices` for the places of a list. It is empty for a value that
    /// comes from no variable, and starts with an `@` for the parts of such a one.
    fn size(&self, path: &[&str], kind: &Type) -> Option<SizeEstimate>;
}

/// Nothing is known of any value's size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbounded;

impl Sizes for Unbounded {
    fn size(&self, _: &[&str], _: &Type) -> Option<SizeEstimate> {
        None
    }
}

/// The least and the most that an evaluation of a checked expression may cost.
pub fn estimate(checked: &CheckedAst, env: &Env, sizes: &dyn Sizes) -> CostEstimate {
    walk::Estimator::new(checked, env, sizes).cost(checked.ast.root)
}
