//! Evaluation errors, rendered only when somebody reads them.

use super::Val;
use std::fmt;

/// Why an evaluation has no value. The texts are cel-go's.
#[derive(Clone, Copy, Debug)]
pub enum Error<'a> {
    NoSuchKey(&'a Val<'a>),
    NoSuchField(&'a str),
    NoSuchAttribute(&'a str),
    NoSuchOverload,
    /// A complete text, made in the arena.
    Message(&'a str),
    /// A complete text known in advance.
    Static(&'static str),
    /// Kubernetes' per-call cost limit was reached; never absorbed.
    CostLimitExceeded,
}
