//! Sets of tokens, and what may follow a place in the grammar.

use super::lexer::Kind;
use std::fmt;

/// Kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tokens(u64);

impl Tokens {
    pub(super) const NONE: Tokens = Tokens(0);

    pub(super) const fn of(kinds: &[Kind]) -> Tokens {
        let mut bits = 0;
        let mut rest = kinds;
        while let [first, others @ ..] = rest {
            bits |= 1 << *first as u8;
            rest = others;
        }
        Tokens(bits)
    }

    pub(super) const fn or(self, other: Tokens) -> Tokens {
        Tokens(self.0 | other.0)
    }

    pub(super) const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// What comes next where one of these does, and nothing else.
    pub(super) const fn only(self) -> Next {
        Next { tokens: self, ends: false }
    }

    /// What comes next where one of these may, or the rule ends.
    pub(super) const fn or_end(self) -> Next {
        Next { tokens: self, ends: true }
    }
}

/// As ANTLR lists what it expects: in the order of the kinds, in braces when there are several.
impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            Kind::ALL.iter().filter(|(kind, _)| self.contains(*kind)).map(|(_, name)| *name).collect();
        match names.as_slice() {
            [name] => f.write_str(name),
            names => write!(f, "{{{}}}", names.join(", ")),
        }
    }
}

/// What may come next within a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) tokens: Tokens,
    /// The rule may also end here.
    pub(super) ends: bool,
}

impl Next {
    pub(super) const END: Next = Tokens::NONE.or_end();
}

const NUMBERS: Tokens = Tokens::of(&[Kind::Float, Kind::Int, Kind::Uint]);

/// What a literal begins with.
pub(super) const LITERAL: Tokens = NUMBERS
    .or(Tokens::of(&[Kind::Minus, Kind::True, Kind::False, Kind::Null]))
    .or(Tokens::of(&[Kind::String, Kind::Bytes]));

/// What the rules `primary` and `member` begin with.
pub(super) const PRIMARY: Tokens =
    LITERAL.or(Tokens::of(&[Kind::LeftBracket, Kind::LeftBrace, Kind::LeftParen, Kind::Dot, Kind::Ident]));

/// What the rules `expr` to `unary` begin with.
pub(super) const OPERAND: Tokens = PRIMARY.or(Tokens::of(&[Kind::Not]));

/// What an operand begins with that may be marked as optional.
pub(super) const OPTIONAL_OPERAND: Tokens = OPERAND.or(Tokens::of(&[Kind::Question]));

/// Names of fields.
pub(super) const NAME: Tokens = Tokens::of(&[Kind::Ident, Kind::EscapedIdent]);

/// Names of fields that may be marked as optional.
pub(super) const OPTIONAL_NAME: Tokens = NAME.or(Tokens::of(&[Kind::Question]));

/// What continues a `member`.
pub(super) const SUFFIX: Tokens = Tokens::of(&[Kind::Dot, Kind::LeftBracket]);

/// What continues the rules `conditionalOr` to `calc` after an operand, taken together: each may end there, and none
/// of them is ever at fault itself.
pub(super) const BINARY: Tokens = Tokens::of(&[
    Kind::Or,
    Kind::And,
    Kind::Equals,
    Kind::NotEquals,
    Kind::In,
    Kind::Less,
    Kind::LessEquals,
    Kind::GreaterEquals,
    Kind::Greater,
    Kind::Plus,
    Kind::Minus,
    Kind::Star,
    Kind::Slash,
    Kind::Percent,
]);
