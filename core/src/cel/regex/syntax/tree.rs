//! What a pattern means, as Go's parser arranges it.

use super::class::Class;
use std::rc::Rc;

/// A part of a pattern with the measures that Go limits.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    /// Levels, this one among them.
    pub(crate) height: u16,
    /// Instructions of Go's program for it.
    pub(crate) size: u32,
    /// The greatest product of counts inside each other.
    pub(crate) copies: u32,
    /// Whether it may match nothing.
    pub(crate) nullable: bool,
}

#[derive(Debug)]
pub(crate) enum Op {
    Empty,
    /// Characters one after the other, in any case with `fold`.
    Literal {
        codes: Vec<u32>,
        fold: bool,
    },
    Class(Rc<Class>),
    Look(Look),
    Capture(u32, Box<Node>),
    Repeat {
        least: u32,
        most: Option<u32>,
        greedy: bool,
        body: Box<Node>,
    },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

/// What must hold between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

impl Node {
    pub(super) fn new(op: Op) -> Node {
        let (height, size, copies, nullable) = match &op {
            Op::Empty | Op::Look(_) => (0, 1, 1, true),
            Op::Class(_) => (0, 1, 1, false),
            Op::Literal { codes, .. } => (0, codes.len() as u32, 1, codes.is_empty()),
            Op::Capture(_, body) => (body.height, body.size.saturating_add(2), body.copies, body.nullable),
            Op::Repeat { least, most, body, .. } => {
                let size = repeated(*least, *most, body.size);
                (body.height, size, body.copies, *least == 0 || body.nullable)
            }
            Op::Concat(parts) => {
                let (height, size, copies) = greatest(parts);
                (height, size, copies, parts.iter().all(|part| part.nullable))
            }
            Op::Alternate(parts) => {
                let (height, size, copies) = greatest(parts);
                let size = size.saturating_add(parts.len() as u32);
                (height, size, copies, parts.iter().any(|part| part.nullable))
            }
        };
        Node { op, height: height.saturating_add(1), size: size.max(1), copies, nullable }
    }

    pub(super) fn literal(code: u32, fold: bool) -> Node {
        Node::new(Op::Literal { codes: vec![code], fold })
    }

    /// `x*`, `x+` and `x?`, which Go does not count among the repetitions that it limits.
    pub(super) fn plain_repetition(least: u32, most: Option<u32>, greedy: bool, body: Node) -> Node {
        Node::new(Op::Repeat { least, most, greedy, body: Box::new(body) })
    }

    /// `x{n,m}`.
    pub(super) fn counted_repetition(least: u32, most: Option<u32>, greedy: bool, body: Node) -> Node {
        let copies = match most.unwrap_or(least) {
            0 if most.is_some() => 1,
            times => body.copies.saturating_mul(times.max(1)),
        };
        Node { copies, ..Node::plain_repetition(least, most, greedy, body) }
    }

    /// Whether it takes exactly one character and nothing else.
    pub(super) fn is_class(&self) -> bool {
        matches!(&self.op, Op::Class(_)) || matches!(&self.op, Op::Literal { codes, .. } if codes.len() == 1)
    }
}

/// Source: Go `regexp/syntax`, `calcSize`.
fn repeated(least: u32, most: Option<u32>, size: u32) -> u32 {
    match most {
        None if least == 0 => size.saturating_add(2),
        None => size.saturating_mul(least).saturating_add(1),
        Some(most) => size.saturating_mul(most).saturating_add(most - least.min(most)),
    }
}

/// Of the parts: the greatest height, all sizes, and the most copies.
fn greatest(parts: &[Node]) -> (u16, u32, u32) {
    let start = (0, 0_u32, 1);
    parts.iter().fold(start, |(height, size, copies), part| {
        (height.max(part.height), size.saturating_add(part.size), copies.max(part.copies))
    })
}
