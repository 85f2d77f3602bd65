//! Recursive descent over the grammar rules of CEL.g4. What is at fault is for `recovery`.

use super::ParserOptions;
use super::follow::{BINARY, Next, OPERAND, PRIMARY, Tokens};
use super::lexer::{Kind, Token, tokens};
use super::nodes::UNREAD;
use super::recovery::{Faults, State};
use crate::cel::ast::{Ast, Expr, ExprId};
use crate::cel::issue::Issue;

/// How often one grammar rule may be open, and how deep operators may nest: cel-go's `maxRecursionDepth`.
pub(super) const MAX_DEPTH: u32 = 250;

pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    pub(super) options: &'s ParserOptions,
    /// Without those that are unknown, which are kept apart.
    pub(super) tokens: Vec<Token>,
    pub(super) unknown: Vec<Token>,
    pub(super) at: usize,
    pub(super) nodes: Vec<Expr>,
    /// How many operators deep each node is.
    pub(super) heights: Vec<u32>,
    /// What is wrong with what the tokens say; cel-go looks for it when it has read them all.
    pub(super) issues: Vec<Issue>,
    /// What is wrong with the order of the tokens.
    pub(super) faults: Faults,
    /// What may follow each rule that is open.
    pub(super) open: Vec<Next>,
    pub(super) depth: Depth,
}

/// How often rules are open.
#[derive(Clone, Copy, Default)]
pub(super) struct Depth {
    expr: u32,
    pub(super) member: u32,
    relation: u32,
    calc: u32,
}

/// Why a rule is left early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Nothing more is read.
    Stop,
    /// The tokens do not fit; the innermost open rule reports it and reading goes on behind that rule.
    Fault,
}

pub(super) type Parsed<T = ExprId> = Result<T, Halt>;

impl<'s> Parser<'s> {
    pub(super) fn new(source: &'s str, options: &'s ParserOptions) -> Parser<'s> {
        let mut tokens = tokens(source);
        let unknown = tokens.iter().copied().filter(|token| token.kind == Kind::Unknown).collect();
        tokens.retain(|token| token.kind != Kind::Unknown);
        Parser {
            source,
            options,
            tokens,
            unknown,
            at: 0,
            nodes: Vec::new(),
            heights: Vec::new(),
            issues: Vec::new(),
            faults: Faults::default(),
            open: Vec::new(),
            depth: Depth::default(),
        }
    }

    pub(super) fn parse(mut self) -> Result<Ast, Vec<Issue>> {
        let root = self.report_unknown_tokens().and_then(|()| self.start());
        let mut issues = self.faults.issues;
        // What is said is only looked at when all has been read.
        if root.is_ok() {
            issues.append(&mut self.issues);
        }
        match root {
            Ok(root) if issues.is_empty() => {
                if self.heights.get(root.0 as usize).is_some_and(|&height| height > MAX_DEPTH) {
                    return Err(vec![Issue::nowhere("max recursion depth exceeded")]);
                }
                Ok(Ast { source: self.source.into(), nodes: self.nodes, root })
            }
            _ => Err(issues),
        }
    }

    fn start(&mut self) -> Parsed {
        let root = self.expr(Tokens::of(&[Kind::End]).only())?;
        match self.expect(Kind::End, State::End, Next::END) {
            Err(Halt::Fault) => self.recover()?,
            end => drop(end?),
        }
        Ok(root)
    }

    /// A rule that begins here and that `after` may follow. When its tokens do not fit, `otherwise` stands for it.
    pub(super) fn rule<T>(
        &mut self,
        after: Next,
        rule: impl FnOnce(&mut Self) -> Parsed<T>,
        otherwise: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        self.open.push(after);
        let result = match rule(self) {
            Err(Halt::Fault) => self.recover().and_then(|()| otherwise(self)),
            result => result,
        };
        self.open.pop();
        result
    }

    /// The same for a rule that stands for a value.
    pub(super) fn value(&mut self, after: Next, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        let place = self.token().start;
        self.rule(after, rule, |parser| match parser.faults.built.take() {
            Some(built) => Ok(built),
            None if parser.faults.unread => parser.placeholder(UNREAD),
            None => parser.placeholder(place),
        })
    }

    /// `a || b ? c : d`
    pub(super) fn expr(&mut self, after: Next) -> Parsed {
        self.depth.expr += 1;
        self.check_depth(self.depth.expr)?;
        let result = self.value(after, |parser| {
            let condition = parser.or(Tokens::of(&[Kind::Question]).or_end())?;
            if parser.peek() != Kind::Question {
                return Ok(condition);
            }
            let operator = parser.take();
            let then = parser.or(Tokens::of(&[Kind::Colon]).only())?;
            let colon = parser.expect(Kind::Colon, State::Otherwise, OPERAND.only());
            parser.or_incomplete(colon, operator.start, "_?_:_", &[condition, then])?;
            let otherwise = parser.expr(Next::END)?;
            parser.call(operator.start, "_?_:_", None, vec![condition, then, otherwise])
        });
        self.depth.expr -= 1;
        result
    }

    fn or(&mut self, after: Next) -> Parsed {
        self.open.push(after);
        let result = self.chain(Kind::Or, "_||_");
        self.open.pop();
        result
    }

    /// A chain of `||` or `&&`.
    fn chain(&mut self, symbol: Kind, function: &'static str) -> Parsed {
        let first = self.term(symbol)?;
        if self.peek() != symbol {
            return Ok(first);
        }
        let (mut terms, mut operators) = (vec![first], Vec::new());
        while self.peek() == symbol {
            operators.push(self.take().start);
            terms.push(self.term(symbol)?);
        }
        self.balance(function, &terms, &operators, 0, operators.len() - 1)
    }

    fn term(&mut self, symbol: Kind) -> Parsed {
        if symbol == Kind::Or { self.chain(Kind::And, "_&&_") } else { self.relation() }
    }

    /// A rule that begins with itself is left before it is entered again: only its right operands are rules within.
    fn relation(&mut self) -> Parsed {
        self.depth.relation += 1;
        self.check_depth(self.depth.relation)?;
        let mut left = self.sum()?;
        loop {
            let function = match self.peek() {
                Kind::Less => "_<_",
                Kind::LessEquals => "_<=_",
                Kind::GreaterEquals => "_>=_",
                Kind::Greater => "_>_",
                Kind::Equals => "_==_",
                Kind::NotEquals => "_!=_",
                Kind::In => "@in",
                _ => break,
            };
            self.depth.relation += 1;
            self.check_depth(self.depth.relation)?;
            let operator = self.take();
            let right = self.sum()?;
            self.depth.relation -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        self.depth.relation -= 1;
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        self.depth.calc += 1;
        self.check_depth(self.depth.calc)?;
        let mut left = self.product()?;
        loop {
            let function = match self.peek() {
                Kind::Plus => "_+_",
                Kind::Minus => "_-_",
                _ => break,
            };
            self.depth.calc += 1;
            self.check_depth(self.depth.calc)?;
            let operator = self.take();
            let right = self.product()?;
            self.depth.calc -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        self.depth.calc -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let function = match self.peek() {
                Kind::Star => "_*_",
                Kind::Slash => "_/_",
                Kind::Percent => "_%_",
                _ => break,
            };
            self.depth.calc += 1;
            self.check_depth(self.depth.calc)?;
            let operator = self.take();
            let right = self.unary()?;
            self.depth.calc -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        self.value(BINARY.or_end(), |parser| {
            parser.before(State::Unary, OPERAND)?;
            match parser.peek() {
                Kind::Not => parser.signed(Kind::Not, "!_", State::AfterNot, OPERAND),
                // It would be an operator as well, but the first alternative that fits is taken.
                Kind::Minus if matches!(parser.peek_after(1), Kind::Int | Kind::Float) => parser.member(),
                Kind::Minus if PRIMARY.contains(parser.peek_after(1)) => {
                    parser.signed(Kind::Minus, "-_", State::AfterMinus, PRIMARY)
                }
                Kind::Minus => parser.no_choice(State::Unary, 1),
                _ => parser.member(),
            }
        })
    }

    /// An operand with operators before it, which undo each other in pairs.
    fn signed(&mut self, symbol: Kind, function: &str, state: State, next: Tokens) -> Parsed {
        let first = self.take();
        let mut count = 1;
        loop {
            self.between(next)?;
            let kind = self.peek();
            if symbol == Kind::Minus && !PRIMARY.contains(kind) {
                return self.no_choice(state, 0);
            }
            if kind == Kind::Minus && symbol == kind && !PRIMARY.contains(self.peek_after(1)) {
                return self.no_choice(state, 1);
            }
            if kind != symbol {
                break;
            }
            self.take();
            count += 1;
        }
        let operand = self.member()?;
        if count % 2 == 0 { Ok(operand) } else { self.call(first.start, function, None, vec![operand]) }
    }

    pub(super) fn check_depth(&mut self, depth: u32) -> Parsed<()> {
        if depth > MAX_DEPTH {
            return self.stop(format!("expression recursion limit exceeded: {MAX_DEPTH}"));
        }
        Ok(())
    }

    pub(super) fn token(&self) -> Token {
        self.token_after(0)
    }

    pub(super) fn token_after(&self, ahead: usize) -> Token {
        let end = self.source.len() as u32;
        self.tokens.get(self.at + ahead).copied().unwrap_or(Token { kind: Kind::End, start: end, end })
    }

    pub(super) fn peek(&self) -> Kind {
        self.peek_after(0)
    }

    pub(super) fn peek_after(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::End, |token| token.kind)
    }

    /// Takes a token that fits.
    pub(super) fn take(&mut self) -> Token {
        self.faults.end();
        let token = self.token();
        self.at += 1;
        token
    }

    pub(super) fn previous_end(&self) -> u32 {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.end)
    }

    pub(super) fn text_of(&self, token: Token) -> &'s str {
        self.source.get(token.start as usize..token.end as usize).unwrap_or_default()
    }
}
