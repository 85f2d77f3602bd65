//! Iteration variables, accumulators and bound names, with what is known of their values.

use super::SizeEstimate;
use super::path::Path;

/// Local names, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes<'e> {
    locals: Vec<(&'e str, Local)>,
}

/// What is known of a local variable's value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    pub(super) path: Option<Path>,
    pub(super) size: Option<SizeEstimate>,
    pub(super) parts: Option<Parts>,
}

/// The sizes of a list's indices and elements, or of a map's keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) list: bool,
    pub(super) key: SizeEstimate,
    pub(super) value: SizeEstimate,
}

impl<'e> Scopes<'e> {
    pub(super) fn push(&mut self, name: &'e str, local: Local) {
        self.locals.push((name, local));
    }

    pub(super) fn pop(&mut self, count: usize) {
        self.locals.truncate(self.locals.len().saturating_sub(count));
    }

    pub(super) fn find(&self, name: &str) -> Option<&Local> {
        self.locals.iter().rev().find(|(local, _)| *local == name).map(|(_, local)| local)
    }
}

impl Parts {
    /// The ranges that hold both; the first decides what they are parts of.
    pub(super) fn union(self, other: Parts) -> Parts {
        Parts { list: self.list, key: self.key.union(other.key), value: self.value.union(other.value) }
    }
}
