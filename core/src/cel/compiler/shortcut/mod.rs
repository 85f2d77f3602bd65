//! Puts shortcuts before the conditions of a program that have one; see `program/shortcut.rs`.
//!
//! The instructions are read back into a tree of tests (`tree`), as far as they make one, and that is written as tests
//! with targets (`code`). All costs are taken from the instructions, so that they stay in one place.

mod code;
mod tree;

use crate::cel::program::Op;
use crate::source::Span;

/// A program's instructions with their places in the expression.
pub(super) type Ops = (Vec<Op>, Vec<Span>);

/// The same with shortcuts.
pub(super) fn add((ops, spans): Ops) -> Ops {
    let mut found = Vec::new();
    let mut at = 0;
    while at < ops.len() {
        match tree::longest(&ops, at).and_then(|part| Some((code::write(&part)?, part.end))) {
            Some((shortcut, end)) => {
                found.push((at, shortcut));
                at = end;
            }
            None => at += 1,
        }
    }
    if found.is_empty() { (ops, spans) } else { insert(ops, spans, found) }
}

fn insert(ops: Vec<Op>, spans: Vec<Span>, found: Vec<(usize, crate::cel::program::Shortcut)>) -> Ops {
    let places: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
    // What leads to an instruction with a shortcut leads to the shortcut.
    let moved = |target: u32| target + places.partition_point(|place| *place < target as usize) as u32;
    let mut found = found.into_iter().peekable();
    let mut all =
        (Vec::with_capacity(ops.len() + places.len()), Vec::with_capacity(ops.len() + places.len()));
    for (at, (mut op, span)) in ops.into_iter().zip(spans).enumerate() {
        if let Some((_, mut shortcut)) = found.next_if(|(place, _)| *place == at) {
            shortcut.end = moved(shortcut.end);
            all.0.push(Op::Shortcut(Box::new(shortcut)));
            all.1.push(span);
        }
        for target in op.targets_mut().into_iter().flatten() {
            *target = moved(*target);
        }
        all.0.push(op);
        all.1.push(span);
    }
    all
}

#[cfg(test)]
mod tests;
