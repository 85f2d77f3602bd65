//! Nodes of the syntax tree, made as the grammar's rules are read; macros are expanded as they are met.

use super::grammar::{Halt, Parsed, Parser};
use super::lexer::{Kind, Token};
use super::literal::unescape;
use super::macros;
use crate::cel::ast::{Expr, ExprId, ExprKind, Literal};
use crate::cel::issue::Issue;
use crate::source::Span;

/// Nodes that macros may expand to; cel-go has no such limit and runs out of memory instead.
const MAX_NODES: usize = 1_000_000;

/// The place of what could not be read at all.
pub(super) const UNREAD: u32 = u32::MAX;

impl Parser<'_> {
    /// A chain of `||` or `&&` as a balanced tree, as cel-go makes it.
    pub(super) fn balance(
        &mut self,
        function: &str,
        terms: &[ExprId],
        places: &[u32],
        low: usize,
        high: usize,
    ) -> Parsed {
        let middle = (low + high).div_ceil(2);
        let term = |at: usize| terms.get(at).copied().ok_or(Halt::Stop);
        let left = if middle == low {
            term(middle)?
        } else {
            self.balance(function, terms, places, low, middle - 1)?
        };
        let right = if middle == high {
            term(middle + 1)?
        } else {
            self.balance(function, terms, places, middle + 1, high)?
        };
        let place = places.get(middle).copied().ok_or(Halt::Stop)?;
        self.push_call(place, function, None, vec![left, right], false)
    }

    /// A node in the place of one that cannot be made.
    pub(super) fn placeholder(&mut self, place: u32) -> Parsed {
        let start = if place == UNREAD { 0 } else { place };
        self.push(ExprKind::Literal(Literal::Null), Span { start, end: start }, place, 0)
    }

    pub(super) fn literal_of(&self, token: Token, negative: bool) -> Result<Literal, &'static str> {
        let text = self.text_of(token);
        let sign = if negative { "-" } else { "" };
        Ok(match token.kind {
            Kind::True => Literal::Bool(true),
            Kind::False => Literal::Bool(false),
            Kind::Int => {
                let (digits, radix) = digits(text);
                let value = i64::from_str_radix(&format!("{sign}{digits}"), radix);
                Literal::Int(value.map_err(|_| "invalid int literal")?)
            }
            Kind::Uint => {
                let (digits, radix) = digits(text.trim_end_matches(['u', 'U']));
                Literal::Uint(u64::from_str_radix(digits, radix).map_err(|_| "invalid uint literal")?)
            }
            Kind::Float => {
                let value: f64 = format!("{sign}{text}").parse().map_err(|_| "invalid double literal")?;
                if value.is_infinite() {
                    return Err("invalid double literal");
                }
                Literal::Double(value)
            }
            Kind::String => {
                let bytes = unescape(text, false)?;
                Literal::String(String::from_utf8_lossy(&bytes).into())
            }
            Kind::Bytes => Literal::Bytes(unescape(text, true)?.into()),
            _ => Literal::Null,
        })
    }

    /// A call that a macro may replace.
    pub(super) fn call(
        &mut self,
        place: u32,
        function: &str,
        target: Option<ExprId>,
        args: Vec<ExprId>,
    ) -> Parsed {
        if let Some(expanded) = macros::expand(self, place, function, target, &args) {
            return match expanded {
                Ok(id) => {
                    let end = self.previous_end();
                    if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                        node.span = Span { start: node.span.start, end };
                    }
                    Ok(id)
                }
                Err(Some(issue)) => {
                    let place = if issue.unread { UNREAD } else { issue.offset.unwrap_or(place) };
                    self.issues.push(issue);
                    self.placeholder(place)
                }
                Err(None) => Err(Halt::Stop),
            };
        }
        self.push_call(place, function, target, args, true)
    }

    pub(super) fn push_call(
        &mut self,
        place: u32,
        function: &str,
        target: Option<ExprId>,
        args: Vec<ExprId>,
        counts: bool,
    ) -> Parsed {
        let operands = target.iter().chain(&args);
        let height = operands.clone().map(|&id| self.height(id)).max().unwrap_or(0);
        let infix = function.starts_with('_') || function == "@in";
        let first = operands.clone().next().map(|&id| self.span_of(id));
        let mut whole = Span { start: place, end: self.previous_end() };
        if let (Some(first), true) = (first, infix || target.is_some()) {
            whole = whole.to(first);
        } else if target.is_none() && !infix && !function.starts_with(['!', '-']) {
            whole.start = place.saturating_sub(function.len() as u32);
        }
        let counted = counts && (infix || target.is_some());
        let kind = ExprKind::Call { target, function: function.into(), args };
        self.push(kind, whole, place, height + u32::from(counted))
    }

    /// Adds a node. Macros build theirs with it too.
    pub(super) fn push(&mut self, kind: ExprKind, span: Span, location: u32, height: u32) -> Parsed {
        if self.nodes.len() >= MAX_NODES {
            let message = format!("macros expand to more than {MAX_NODES} nodes");
            self.faults.issues.push(Issue::at(location, message));
            return Err(Halt::Stop);
        }
        let id = ExprId(self.nodes.len() as u32);
        self.nodes.push(Expr { kind, span, location });
        self.heights.push(height);
        Ok(id)
    }

    pub(super) fn node(&self, id: ExprId) -> Option<&Expr> {
        self.nodes.get(id.0 as usize)
    }

    pub(super) fn height(&self, id: ExprId) -> u32 {
        self.heights.get(id.0 as usize).copied().unwrap_or(0)
    }

    pub(super) fn span_of(&self, id: ExprId) -> Span {
        self.node(id).map(|node| node.span).unwrap_or_default()
    }
}

fn digits(text: &str) -> (&str, u32) {
    match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    }
}
