//! Macros of cel-go's extension libraries that Kubernetes lacks: `math.greatest`, `proto.getExt`, and the ones of
//! `cel.block` with which optimised expressions are written.

use super::grammar::MAX_DEPTH;
use super::macros::{Expansion, Maker};
use crate::cel::ast::{ExprId, ExprKind, Literal};
use crate::cel::issue::Issue;

/// Expands a call of one of these macros; `None` when it is none.
pub(super) fn expand(
    maker: &mut Maker<'_, '_>,
    function: &str,
    namespace: ExprId,
    args: &[ExprId],
) -> Option<Expansion> {
    let name = match maker.kind(namespace) {
        Some(ExprKind::Ident(name)) => name.clone(),
        _ => return None,
    };
    Some(match (&*name, function, args) {
        ("math", "greatest", _) => maker.extreme("math.greatest()", "math.@max", namespace, args),
        ("math", "least", _) => maker.extreme("math.least()", "math.@min", namespace, args),
        ("proto", "getExt", &[message, name]) => maker.extension(message, name, false),
        ("proto", "hasExt", &[message, name]) => maker.extension(message, name, true),
        ("cel", "block", &[parts, body]) => maker.block(parts, body),
        ("cel", "index", &[number]) => maker.numbered("@index", &[number]),
        ("cel", "iterVar", &[depth, number]) => maker.numbered("@it", &[depth, number]),
        ("cel", "accuVar", &[depth, number]) => maker.numbered("@ac", &[depth, number]),
        _ => return None,
    })
}

impl Maker<'_, '_> {
    /// Source: cel-go `ext/math.go`.
    fn extreme(&mut self, macro_name: &str, function: &str, namespace: ExprId, args: &[ExprId]) -> Expansion {
        match *args {
            [] => Err(Some(self.error(namespace, &format!("{macro_name} requires at least one argument")))),
            [only] => {
                let numbers = match self.kind(only) {
                    Some(ExprKind::List { elements, .. }) => {
                        !elements.is_empty() && elements.iter().all(|&element| self.may_be_number(element))
                    }
                    _ => self.may_be_number(only),
                };
                if !numbers {
                    let message = format!("{macro_name} invalid single argument value");
                    return Err(Some(self.error(only, &message)));
                }
                self.call(function, vec![only])
            }
            _ => {
                if let Some(&arg) = args.iter().find(|&&arg| !self.may_be_number(arg)) {
                    let message = format!("{macro_name} simple literal arguments must be numeric");
                    return Err(Some(self.error(arg, &message)));
                }
                let args = if args.len() > 2 { vec![self.list(args.to_vec())?] } else { args.to_vec() };
                self.call(function, args)
            }
        }
    }

    fn may_be_number(&self, id: ExprId) -> bool {
        match self.kind(id) {
            Some(ExprKind::Literal(literal)) => {
                matches!(literal, Literal::Int(_) | Literal::Uint(_) | Literal::Double(_))
            }
            Some(ExprKind::List { .. } | ExprKind::Map { .. } | ExprKind::Struct { .. }) => false,
            _ => true,
        }
    }

    /// An extension of a message is a field whose name is the extension's full name. Source: cel-go `ext/protos.go`.
    fn extension(&mut self, message: ExprId, name: ExprId, test_only: bool) -> Expansion {
        let mut parts = Vec::new();
        let mut at = name;
        loop {
            match self.kind(at) {
                Some(ExprKind::Select { operand, field, test_only: false }) => {
                    parts.push(field.clone());
                    at = *operand;
                }
                Some(ExprKind::Ident(first)) if !parts.is_empty() => {
                    parts.push(first.clone());
                    break;
                }
                _ => return Err(Some(self.error(name, "invalid extension field"))),
            }
        }
        parts.reverse();
        let kind = ExprKind::Select { operand: message, field: parts.join(".").into(), test_only };
        let height = self.height(message) + 1;
        self.push(kind, height)
    }

    /// `cel.block([a, b], c)`: `cel.index(0)` is `a` inside of `b` and `c`, evaluated once and when first read.
    fn block(&mut self, parts: ExprId, body: ExprId) -> Expansion {
        let Some(ExprKind::List { elements, .. }) = self.kind(parts) else {
            return Err(Some(self.error(parts, "cel.block requires the first arg to be a list literal")));
        };
        let elements = elements.clone();
        let mut bound = body;
        for (number, value) in elements.into_iter().enumerate().rev() {
            bound = self.bind_to(&format!("@index{number}"), value, bound)?;
            // Each part is a level, and levels are walked by recursion from here on.
            if self.height(bound) > MAX_DEPTH {
                return Err(Some(Issue::nowhere("max recursion depth exceeded")));
            }
        }
        Ok(bound)
    }

    /// A name made of numbers, which no expression can write itself.
    fn numbered(&mut self, prefix: &str, numbers: &[ExprId]) -> Expansion {
        let mut name = prefix.to_owned();
        for &number in numbers {
            match self.kind(number) {
                Some(ExprKind::Literal(Literal::Int(value))) if *value >= 0 => {
                    if numbers.len() > 1 {
                        name.push(':');
                    }
                    name.push_str(&value.to_string());
                }
                _ => return Err(Some(self.error(number, "must be a constant number that is not negative"))),
            }
        }
        self.ident(&name)
    }
}
