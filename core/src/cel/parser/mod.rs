//! From text to syntax tree: lexer, recursive descent, macros. Source: cel-go's `parser` package and its CEL.g4.
//!
//! Recursion is bounded: each grammar rule may be open 250 times, and an expression may be 250 operators deep.

mod aggregates;
mod extension_macros;
mod follow;
mod grammar;
mod lexer;
mod literal;
mod macros;
mod nodes;
mod operands;
mod recovery;
#[cfg(test)]
mod tests;

use super::ast::Ast;
use super::issue::{Issue, Issues};

/// Which parts of the language an environment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParserOptions {
    /// `?.`, `[?]`, `{?k: v}`, `[?e]` and the macros `optMap` and `optFlatMap`.
    pub optionals: bool,
    /// Macros over two variables, `transformList` and the like.
    pub two_variables: bool,
    /// `sortBy`.
    pub sort_by: bool,
    /// `cel.bind`.
    pub bindings: bool,
    /// Fields in backticks.
    pub escaped_identifiers: bool,
    /// `math.greatest`, `proto.getExt`, `cel.block` and their like.
    pub extensions: bool,
}

impl ParserOptions {
    /// Everything that any environment has.
    pub const ALL: ParserOptions = ParserOptions {
        optionals: true,
        two_variables: true,
        sort_by: true,
        bindings: true,
        escaped_identifiers: true,
        extensions: true,
    };
}

/// Code points that an expression may have, cel-go's default.
const MAX_CODE_POINTS: usize = 100_000;

/// Parses an expression and expands its macros.
pub fn parse(source: &str, options: &ParserOptions) -> Result<Ast, Issues> {
    let size = source.chars().count();
    if size > MAX_CODE_POINTS {
        let message =
            format!("expression code point size exceeds limit: size: {size}, limit {MAX_CODE_POINTS}");
        return Err(Issues::new(source, vec![Issue::nowhere(message)]));
    }
    grammar::Parser::new(source, options).parse().map_err(|issues| Issues::new(source, issues))
}
