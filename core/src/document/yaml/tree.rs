//! The nodes of one document, gathered from the parser's events without recursion.
//!
//! Source: go-yaml v2 `decode.go`, `parser`.

use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;
use libyaml_safer::{Error, ErrorKind as Stage, EventData, Parser};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A document's nodes; the children of a node are listed in `children`.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Empty when there is none.
    pub(super) tag: String,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A scalar; `implicit` when plain and without a tag.
    Scalar {
        value: String,
        implicit: bool,
    },
    List(Vec<usize>),
    /// Keys and values in turn.
    Map(Vec<usize>),
    /// An alias of another node, by its anchor.
    Alias {
        anchor: String,
        target: usize,
    },
}

/// go-yaml's own limit on nesting.
const MAX_DEPTH: usize = 10_000;

/// Reads the events of the first document of `part`, which begins at `offset` of the whole text.
pub(super) fn gather(part: &str, offset: usize) -> Result<Option<Tree>, DocumentError> {
    // kubectl's lines always end in a line break, so the last one does too.
    let ended;
    let whole = if part.ends_with('\n') {
        part
    } else {
        ended = format!("{part}\n");
        &ended
    };
    let bom = if part.starts_with('\u{feff}') { 3 } else { 0 };
    let end = offset + part.len();
    let place = |mark: libyaml_safer::Mark| (offset + bom + mark.index as usize).min(end);
    let fail =
        |message: String, span: Span| DocumentError::new(ErrorKind::Syntax, format!("yaml: {message}"), span);

    let mut input = whole.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut input);
    let mut tree = Tree::default();
    let mut anchors: HashMap<String, usize> = HashMap::new();
    let mut open: Vec<usize> = Vec::new();
    let mut started = false;
    loop {
        // The parser has panics left for input that it does not expect; they are errors of the text here.
        let next = catch_unwind(AssertUnwindSafe(|| parser.parse()));
        let Ok(next) = next else {
            return Err(fail(
                "did not find expected whitespace or line break".to_owned(),
                Span::new(end, end),
            ));
        };
        let event = next.map_err(|error| {
            let mark = error.problem_mark().map_or(offset, place);
            fail(described(&error), Span::new(mark, mark))
        })?;
        let span = Span::new(place(event.start_mark), place(event.end_mark));
        let (kind, tag, anchor) = match event.data {
            EventData::StreamStart { .. } => continue,
            EventData::StreamEnd => return Ok(None),
            EventData::DocumentStart { version_directive, .. } => {
                started = true;
                if version_directive.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
                    return Err(fail("found incompatible YAML document".to_owned(), span));
                }
                continue;
            }
            EventData::DocumentEnd { .. } if started => return Ok(Some(tree)),
            EventData::DocumentEnd { .. } => continue,
            EventData::SequenceEnd | EventData::MappingEnd => {
                if let Some(node) = open.pop().and_then(|at| tree.nodes.get_mut(at)) {
                    node.span = node.span.to(span);
                }
                continue;
            }
            EventData::Alias { anchor } => match anchors.get(&anchor) {
                Some(&target) => (Kind::Alias { anchor, target }, None, None),
                None => return Err(fail(format!("unknown anchor '{anchor}' referenced"), span)),
            },
            EventData::Scalar { anchor, tag, value, plain_implicit, .. } => {
                (Kind::Scalar { value, implicit: plain_implicit }, tag, anchor)
            }
            EventData::SequenceStart { anchor, tag, .. } => (Kind::List(Vec::new()), tag, anchor),
            EventData::MappingStart { anchor, tag, .. } => (Kind::Map(Vec::new()), tag, anchor),
        };
        let at = tree.nodes.len();
        if let Some(anchor) = anchor {
            anchors.insert(anchor, at);
        }
        match open.last().and_then(|&parent| tree.nodes.get_mut(parent)).map(|parent| &mut parent.kind) {
            Some(Kind::List(children) | Kind::Map(children)) => children.push(at),
            _ => tree.root = at,
        }
        if matches!(kind, Kind::List(_) | Kind::Map(_)) {
            open.push(at);
            if open.len() > MAX_DEPTH {
                return Err(fail(format!("exceeded max depth of {MAX_DEPTH}"), span));
            }
        }
        tree.nodes.push(Node { kind, tag: tag.unwrap_or_default(), span });
    }
}

/// An error in go-yaml's words, whose line is the one before for errors of the grammar.
fn described(error: &Error) -> String {
    let scanner = error.kind() == Stage::Scanner;
    let line = match (error.problem_mark(), error.context_mark()) {
        (Some(mark), _) if mark.line != 0 => mark.line + u64::from(scanner),
        (_, Some(mark)) => mark.line,
        _ => 0,
    };
    match line {
        0 => error.problem().to_owned(),
        line => format!("line {line}: {}", error.problem()),
    }
}
