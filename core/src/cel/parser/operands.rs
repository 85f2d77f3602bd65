//! Operands: values, names and calls, with what is selected from them.

use super::follow::{LITERAL, NAME, Next, OPERAND, OPTIONAL_NAME, OPTIONAL_OPERAND, PRIMARY, SUFFIX, Tokens};
use super::grammar::{Halt, Parsed, Parser};
use super::lexer::{Kind, Token};
use super::recovery::State;
use crate::cel::ast::{ExprId, ExprKind, Literal};
use crate::cel::issue::Issue;
use crate::source::Span;

const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// What cel-go says of a field whose name could not be read.
pub(super) const UNNAMED: &str = "unsupported ident kind";

/// A field or variable, and where its name is.
type Name = (Box<str>, Token);

impl Parser<'_> {
    pub(super) fn member(&mut self) -> Parsed {
        self.depth.member += 1;
        self.check_depth(self.depth.member)?;
        let result = self.value(Next::END, |parser| {
            let operand = parser.value(SUFFIX.or_end(), Self::primary)?;
            parser.suffixes(operand)
        });
        self.depth.member -= 1;
        result
    }

    fn suffixes(&mut self, mut operand: ExprId) -> Parsed {
        loop {
            operand = match self.peek() {
                Kind::Dot => self.select(operand)?,
                Kind::LeftBracket => self.index(operand)?,
                _ => return Ok(operand),
            }
        }
    }

    fn select(&mut self, operand: ExprId) -> Parsed {
        if !OPTIONAL_NAME.contains(self.peek_after(1)) {
            self.faults.built = Some(operand);
            return self.no_choice(State::Member, 1);
        }
        let dot = self.take();
        if self.peek() == Kind::Ident && self.peek_after(1) == Kind::LeftParen {
            let token = self.take();
            let name = self.text_of(token);
            return self.called(name, Some(operand), [State::MethodArguments, State::MethodClose], SUFFIX);
        }
        let optional = self.optional_mark(dot.start, "unsupported syntax '.?'");
        let start = self.token().start;
        let (name, token) = match self.field_name(SUFFIX.or_end())? {
            Some(found) => found,
            None => {
                self.issues.push(Issue::at(start, UNNAMED));
                ("".into(), Token { kind: Kind::Ident, start, end: start })
            }
        };
        if optional {
            let literal = Literal::String(name);
            let field = self.push(ExprKind::Literal(literal), span(token), token.start, 0)?;
            return self.push_call(dot.start, "_?._", None, vec![operand, field], true);
        }
        let whole = self.span_of(operand).to(span(token));
        let height = self.height(operand) + 1;
        self.push(ExprKind::Select { operand, field: name, test_only: false }, whole, dot.start, height)
    }

    fn index(&mut self, operand: ExprId) -> Parsed {
        let open = self.take();
        let begun = self.before(State::Index, OPTIONAL_OPERAND);
        self.or_incomplete(begun, open.start, "_[_]", &[operand])?;
        let optional = self.optional_mark(open.start, "unsupported syntax '[?'");
        let index = self.expr(Tokens::of(&[Kind::RightBracket]).only())?;
        let closed = self.expect(Kind::RightBracket, State::IndexClose, SUFFIX.or_end());
        self.or_incomplete(closed, open.start, "_[_]", &[operand, index])?;
        let function = if optional { "_[?_]" } else { "_[_]" };
        self.push_call(open.start, function, None, vec![operand, index], true)
    }

    pub(super) fn optional_mark(&mut self, place: u32, unsupported: &str) -> bool {
        let marked = self.peek() == Kind::Question;
        if marked {
            self.take();
            if !self.options.optionals {
                self.issues.push(Issue::at(place, unsupported));
            }
        }
        marked
    }

    /// The rule `escapeIdent`.
    pub(super) fn field_name(&mut self, after: Next) -> Parsed<Option<Name>> {
        let rule = |parser: &mut Self| {
            parser.before(State::Name, NAME)?;
            let text = match parser.peek() {
                Kind::Ident => parser.text_of(parser.token()),
                Kind::EscapedIdent => {
                    if !parser.options.escaped_identifiers {
                        parser.issues.push(Issue::at(parser.token().start, "unsupported syntax: '`'"));
                    }
                    parser.text_of(parser.token()).trim_matches('`')
                }
                _ => return parser.no_choice(State::Name, 0),
            };
            Ok(Some((text.into(), parser.take())))
        };
        self.rule(after, rule, |_| Ok(None))
    }

    /// A call, from its opening parenthesis.
    fn called(&mut self, name: &str, target: Option<ExprId>, states: [State; 2], next: Tokens) -> Parsed {
        let open = self.take();
        let mut args = Vec::new();
        let closed = self.arguments(&mut args, states, next);
        if closed == Err(Halt::Stop) {
            return Err(Halt::Stop);
        }
        // A macro may find more that is wrong.
        let call = self.call(open.start, name, target, args)?;
        self.or_built(closed, call)
    }

    /// A node whose last token did not fit stands for its rule all the same.
    pub(super) fn or_built(&mut self, closed: Parsed<()>, node: ExprId) -> Parsed {
        closed.map(|()| node).inspect_err(|_| self.faults.built = Some(node))
    }

    /// A rule at fault that would have become this call, with more arguments.
    pub(super) fn or_incomplete<T>(
        &mut self,
        read: Parsed<T>,
        place: u32,
        function: &str,
        args: &[ExprId],
    ) -> Parsed<T> {
        if matches!(read, Err(Halt::Fault)) {
            self.faults.built = Some(self.push_call(place, function, None, args.to_vec(), true)?);
        }
        read
    }

    /// Arguments up to and with the closing parenthesis.
    fn arguments(&mut self, args: &mut Vec<ExprId>, states: [State; 2], next: Tokens) -> Parsed<()> {
        let [first, close] = states;
        self.before(first, OPERAND.or(Tokens::of(&[Kind::RightParen])))?;
        if OPERAND.contains(self.peek()) {
            self.open.push(Tokens::of(&[Kind::RightParen]).only());
            let after = Tokens::of(&[Kind::Comma]).or_end();
            args.push(self.expr(after)?);
            while self.peek() == Kind::Comma {
                self.take();
                args.push(self.expr(after)?);
            }
            self.open.pop();
        }
        self.expect(Kind::RightParen, close, next.or_end())?;
        Ok(())
    }

    fn primary(&mut self) -> Parsed {
        self.before(State::Primary, PRIMARY)?;
        match self.peek() {
            Kind::LeftParen => {
                self.take();
                let inner = self.expr(Tokens::of(&[Kind::RightParen]).only())?;
                let closed = self.expect(Kind::RightParen, State::Close, Next::END);
                self.or_built(closed.map(drop), inner)
            }
            Kind::LeftBracket => self.list(),
            Kind::LeftBrace => self.map(),
            Kind::Dot if self.peek_after(1) == Kind::Ident => {
                let dot = self.take();
                self.ident(Some(dot))
            }
            Kind::Dot => self.no_choice(State::Primary, 1),
            Kind::Ident => self.ident(None),
            kind if LITERAL.contains(kind) => self.value(Next::END, Self::literal),
            _ => self.no_choice(State::Primary, 0),
        }
    }

    fn ident(&mut self, leading_dot: Option<Token>) -> Parsed {
        if self.names_a_message() {
            return self.message(leading_dot);
        }
        let token = self.take();
        let mut name = self.text_of(token).to_owned();
        let start = leading_dot.unwrap_or(token).start;
        let reserved = RESERVED.contains(&name.as_str());
        if reserved {
            self.issues.push(Issue::at(start, format!("reserved identifier: {name}")));
        }
        if leading_dot.is_some() {
            name.insert(0, '.');
        }
        if self.peek() == Kind::LeftParen {
            let known = self.issues.len();
            let states = [State::FunctionArguments, State::FunctionClose];
            let call = self.called(&name, None, states, Tokens::NONE);
            if !reserved {
                return call;
            }
            // cel-go does not look at its arguments.
            self.issues.truncate(known);
            let nothing = self.placeholder(start)?;
            self.faults.built = self.faults.built.map(|_| nothing);
            return call.map(|_| nothing);
        }
        if reserved {
            return self.placeholder(start);
        }
        let whole = Span { start, end: token.end };
        self.push(ExprKind::Ident(name.into()), whole, token.start, 0)
    }

    /// Whether `a.b.C{` comes next.
    fn names_a_message(&self) -> bool {
        let mut ahead = 1;
        while self.peek_after(ahead) == Kind::Dot && self.peek_after(ahead + 1) == Kind::Ident {
            ahead += 2;
        }
        self.peek_after(ahead) == Kind::LeftBrace
    }

    fn literal(&mut self) -> Parsed {
        self.before(State::Literal, LITERAL)?;
        let start = self.token().start;
        let negative = self.peek() == Kind::Minus;
        if negative {
            if !matches!(self.peek_after(1), Kind::Int | Kind::Float) {
                return self.no_choice(State::Literal, 1);
            }
            self.take();
        } else if !LITERAL.contains(self.peek()) {
            return self.no_choice(State::Literal, 0);
        }
        let token = self.take();
        let literal = match self.literal_of(token, negative) {
            Ok(literal) => literal,
            Err(message) => {
                self.issues.push(Issue::at(start, message));
                Literal::Null
            }
        };
        self.push(ExprKind::Literal(literal), Span { start, end: token.end }, start, 0)
    }
}

fn span(token: Token) -> Span {
    Span { start: token.start, end: token.end }
}
