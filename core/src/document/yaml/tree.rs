//! The nodes of one document, gathered from events without recursion. Source: go-yaml v2 `decode.go`, `parser`.

use super::grammar::{EventKind, Grammar};
use super::input::forbidden;
use super::scanner::Scanner;
use super::token::{Problem, Text};
use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;
use std::collections::HashMap;

/// A document's nodes, each before those that are in it.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    nodes: Vec<Node>,
    source: &'t str,
    /// Where the source begins in the text that spans point into.
    pub(super) offset: usize,
    decoded: String,
    tags: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The number of its tag from 1; 0 when there is none.
    tag: u32,
    pub(super) span: Span,
    /// The number of the first node that is not in it.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A scalar; `implicit` when its type is told by the text itself.
    Scalar {
        text: Text,
        implicit: bool,
    },
    List,
    /// Keys and values in turn.
    Map,
    /// An alias of another node, by its anchor.
    Alias {
        anchor: Text,
        target: u32,
    },
}

impl Tree<'_> {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    pub(super) fn text(&self, text: Text) -> &str {
        let whole = if text.decoded { self.decoded.as_str() } else { self.source };
        whole.get(text.start as usize..text.end as usize).unwrap_or_default()
    }

    /// The tag of a node, empty when there is none.
    #[inline]
    pub(super) fn tag(&self, node: &Node) -> &str {
        match node.tag {
            0 => "",
            number => self.tags.get(number as usize - 1).map_or("", String::as_str),
        }
    }

    /// The number of the node after one and all that is in it.
    pub(super) fn after(&self, at: usize) -> usize {
        self.nodes.get(at).map_or(at + 1, |node| node.next as usize)
    }

    /// The numbers of the nodes right in a list or map.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes.get(at).map_or(0, |node| node.next as usize);
        let within = move |child: usize| (child < end).then_some(child);
        std::iter::successors(within(at + 1), move |&child| within(self.nodes.get(child)?.next as usize))
    }

    /// The numbers of a map's keys and values.
    pub(super) fn entries(&self, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut children = self.children(at);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }
}

/// Reads the first document of `part`, which begins at `offset` of the whole text. Its root is node 0.
pub(super) fn gather(part: &str, offset: usize) -> Result<Option<Tree<'_>>, DocumentError> {
    let text = part.strip_prefix('\u{feff}').unwrap_or(part);
    let skipped = part.len() - text.len();
    let moved = |at: u32| at as usize + offset + skipped;
    let fail = |message: String, at: Span| {
        let span = Span::new(moved(at.start), moved(at.end));
        DocumentError::new(ErrorKind::Syntax, format!("yaml: {message}"), span)
    };

    let mut grammar = Grammar::new(Scanner::new(text, forbidden(text, skipped)));
    let mut nodes: Vec<Node> = Vec::with_capacity((text.len() / 12).min(4_096));
    let mut tags = Vec::new();
    let mut anchors: HashMap<&str, u32> = HashMap::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        let event = grammar.next().map_err(|problem| {
            fail(described(&problem), Span { start: problem.offset, end: problem.offset })
        })?;
        let kind = match event.kind {
            EventKind::StreamEnd => return Ok(None),
            EventKind::DocumentStart => continue,
            EventKind::DocumentEnd => {
                let (offset, decoded) = (offset + skipped, grammar.scanner.decoded);
                return Ok(Some(Tree { nodes, source: text, offset, decoded, tags }));
            }
            EventKind::End => {
                let next = nodes.len() as u32;
                // Blocks end where what is last in them ends, not where the next line begins.
                let end = match nodes.last() {
                    Some(last) if event.span.start == event.span.end => last.span.end,
                    _ => moved(event.span.end) as u32,
                };
                if let Some(node) = open.pop().and_then(|at| nodes.get_mut(at)) {
                    node.span.end = node.span.end.max(end);
                    node.next = next;
                }
                continue;
            }
            EventKind::Alias(anchor) => {
                let name = in_text(text, anchor);
                match anchors.get(name) {
                    Some(&target) => Kind::Alias { anchor, target },
                    None => return Err(fail(format!("unknown anchor '{name}' referenced"), event.span)),
                }
            }
            EventKind::Scalar { text, implicit } => Kind::Scalar { text, implicit },
            EventKind::ListStart => Kind::List,
            EventKind::MapStart => Kind::Map,
        };
        let at = nodes.len();
        if let Some(anchor) = event.anchor {
            anchors.insert(in_text(text, anchor), at as u32);
        }
        if matches!(kind, Kind::List | Kind::Map) {
            open.push(at);
        }
        let span = Span::new(moved(event.span.start), moved(event.span.end));
        let tag = if event.tag.is_empty() { 0 } else { tags.len() as u32 + 1 };
        if !event.tag.is_empty() {
            tags.push(event.tag);
        }
        nodes.push(Node { kind, tag, span, next: at as u32 + 1 });
    }
}

/// The name of an anchor, which always stands in the text.
fn in_text(text: &str, name: Text) -> &str {
    text.get(name.start as usize..name.end as usize).unwrap_or_default()
}

fn described(problem: &Problem) -> String {
    match problem.line {
        0 => problem.message.to_string(),
        line => format!("line {line}: {}", problem.message),
    }
}
