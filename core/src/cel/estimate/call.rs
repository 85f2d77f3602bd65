//! What the libraries are asked: a call, the sizes of its operands, and the answer.

use super::path::{Path, Paths};
use super::{CostEstimate, SizeEstimate, Sizes};
use crate::cel::ast::Literal;
use crate::cel::types::Type;
use std::fmt;

/// What a call of an overload may cost beyond its operands, and how long its result may be. `None` means a cost of 1.
pub type EstimateCall = for<'c> fn(&Call<'c>) -> Option<CallEstimate>;

/// An answer to [`EstimateCall`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEstimate {
    pub cost: CostEstimate,
    /// Of a string, list, map or byte sequence, if known.
    pub result: Option<SizeEstimate>,
}

/// A call whose cost is to be estimated.
pub struct Call<'c> {
    /// The `x` of `x.f(y)`.
    pub target: Option<Operand<'c>>,
    pub args: &'c [Operand<'c>],
    pub(super) paths: &'c Paths<'c>,
    pub(super) sizes: &'c dyn Sizes,
}

/// An operand of a call.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'c> {
    pub kind: &'c Type,
    /// The size that follows from the expression itself, or that was known when the operand was walked.
    pub computed: Option<SizeEstimate>,
    pub literal: Option<&'c Literal>,
    pub(super) path: Option<Path>,
    /// Whether the elements of what is at `path` are meant.
    pub(super) elements: bool,
}

impl CallEstimate {
    /// A cost; nothing is known of the result.
    pub fn costs(cost: CostEstimate) -> CallEstimate {
        CallEstimate { cost, result: None }
    }

    pub fn fixed(cost: u64) -> CallEstimate {
        CallEstimate::costs(CostEstimate::fixed(cost))
    }

    /// The same cost for a result of this size.
    #[must_use]
    pub fn giving(self, size: SizeEstimate) -> CallEstimate {
        CallEstimate { result: Some(size), ..self }
    }
}

impl<'c> Call<'c> {
    /// The size of an operand: the one computed, or else what the embedder knows.
    pub fn size(&self, operand: &Operand<'_>) -> SizeEstimate {
        operand.computed.or_else(|| self.asked(operand)).unwrap_or(SizeEstimate::UNKNOWN)
    }

    /// The size of the target; `None` without one.
    pub fn target_size(&self) -> Option<SizeEstimate> {
        self.target.as_ref().map(|target| self.size(target))
    }

    /// The size of an argument; `None` without it.
    pub fn arg_size(&self, at: usize) -> Option<SizeEstimate> {
        self.args.get(at).map(|arg| self.size(arg))
    }

    /// The elements of a list as an operand; `None` for a type without parameters.
    pub fn elements(&self, list: &Operand<'c>) -> Option<Operand<'c>> {
        let kind = match list.kind {
            Type::List(first) | Type::Map(first, _) | Type::Type(Some(first)) => first,
            Type::Opaque(_, parameters) => parameters.first()?,
            _ => return None,
        };
        Some(Operand { kind, computed: None, literal: None, path: list.path, elements: list.path.is_some() })
    }

    fn asked(&self, operand: &Operand<'_>) -> Option<SizeEstimate> {
        let path = self.paths.read(operand.path);
        if operand.elements && !path.is_empty() {
            return self.sizes.size(&[path, &["@items"]].concat(), operand.kind);
        }
        self.sizes.size(path, operand.kind)
    }
}

impl Operand<'_> {
    /// The size computed, without asking anyone else.
    pub fn known(&self) -> SizeEstimate {
        self.computed.unwrap_or(SizeEstimate::UNKNOWN)
    }

    /// The number that a literal is, 0 for a negative one.
    pub fn as_count(&self) -> Option<u64> {
        match self.literal {
            Some(Literal::Int(number)) => Some(u64::try_from(*number).unwrap_or(0)),
            _ => None,
        }
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("target", &self.target).field("args", &self.args).finish_non_exhaustive()
    }
}
