//! Recursive descent over the grammar rules of CEL.g4.

use super::lexer::{Kind, Token, tokens};
use super::literal::unescape;
use super::{ParserOptions, macros};
use crate::cel::ast::{Ast, Expr, ExprId, ExprKind, FieldInit, Literal, MapEntry};
use crate::cel::issue::Issue;
use crate::source::Span;

/// How often one grammar rule may be open, and how deep operators may nest: cel-go's `maxRecursionDepth`.
pub(super) const MAX_DEPTH: u32 = 250;

/// Source: cel-go `parser/parser.go`, `errorReportingLimit`.
const MAX_SYNTAX_ERRORS: usize = 100;

/// Nodes that macros may expand to; cel-go has no such limit and runs out of memory instead.
const MAX_NODES: usize = 1_000_000;

const OPERAND: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/// What may stand where an operand may be marked with `?`.
const OPTIONAL_OPERAND: &str = "{'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

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

pub(super) struct Parser<'s> {
    source: &'s str,
    pub(super) options: &'s ParserOptions,
    tokens: Vec<Token>,
    at: usize,
    nodes: Vec<Expr>,
    /// How many operators deep each node is.
    heights: Vec<u32>,
    issues: Vec<Issue>,
    /// How often the rules `expr` and `member` are open.
    open_expr: u32,
    open_member: u32,
    open_relation: u32,
    open_calc: u32,
}

/// Reading stopped; the reason is among the issues.
pub(super) struct Stop;

type Parsed<T = ExprId> = Result<T, Stop>;

impl<'s> Parser<'s> {
    pub(super) fn new(source: &'s str, options: &'s ParserOptions) -> Parser<'s> {
        Parser {
            source,
            options,
            tokens: tokens(source),
            at: 0,
            nodes: Vec::new(),
            heights: Vec::new(),
            issues: Vec::new(),
            open_expr: 0,
            open_member: 0,
            open_relation: 0,
            open_calc: 0,
        }
    }

    pub(super) fn parse(mut self) -> Result<Ast, Vec<Issue>> {
        self.reject_unknown_tokens()?;
        let root = self.expr().and_then(|root| self.end().map(|()| root));
        match root {
            Ok(root) if self.issues.is_empty() => {
                if self.height(root) > MAX_DEPTH {
                    return Err(vec![Issue::nowhere("max recursion depth exceeded")]);
                }
                Ok(Ast { source: self.source.into(), nodes: self.nodes, root })
            }
            _ => Err(self.issues),
        }
    }

    /// Past the hundredth, cel-go stops.
    fn reject_unknown_tokens(&mut self) -> Result<(), Vec<Issue>> {
        let source = self.source;
        for token in self.tokens.iter().filter(|token| token.kind == Kind::Unknown) {
            let text = source.get(token.start as usize..token.end as usize).unwrap_or_default();
            let message = format!("Syntax error: token recognition error at: '{text}'");
            self.issues.push(Issue::at(token.start, message));
            if self.issues.len() > MAX_SYNTAX_ERRORS {
                return Err(std::mem::take(&mut self.issues));
            }
        }
        self.tokens.retain(|token| token.kind != Kind::Unknown);
        Ok(())
    }

    fn end(&mut self) -> Parsed<()> {
        if self.peek() == Kind::End {
            return Ok(());
        }
        let word = if self.peek_after(1) == Kind::End { "extraneous" } else { "mismatched" };
        self.syntax_error(format!("{word} input '{}' expecting <EOF>", self.text()))
    }

    /// `a || b ? c : d`
    pub(super) fn expr(&mut self) -> Parsed {
        self.open_expr += 1;
        self.check_depth(self.open_expr)?;
        let condition = self.balanced("||", "_||_")?;
        let result = if self.peek() == Kind::Symbol("?") {
            let operator = self.advance();
            let then = self.balanced("||", "_||_")?;
            self.expect(":")?;
            let otherwise = self.expr()?;
            self.call(operator.start, "_?_:_", None, vec![condition, then, otherwise])
        } else {
            Ok(condition)
        };
        self.open_expr -= 1;
        result
    }

    /// A chain of `||` or `&&`, which cel-go turns into a balanced tree.
    fn balanced(&mut self, symbol: &'static str, function: &'static str) -> Parsed {
        let mut terms = vec![self.term(symbol)?];
        let mut operators = Vec::new();
        while self.peek() == Kind::Symbol(symbol) {
            operators.push(self.advance().start);
            terms.push(self.term(symbol)?);
        }
        if operators.is_empty() {
            return terms.pop().ok_or(Stop);
        }
        self.balance(function, &terms, &operators, 0, operators.len() - 1)
    }

    fn term(&mut self, symbol: &str) -> Parsed {
        if symbol == "||" { self.balanced("&&", "_&&_") } else { self.relation() }
    }

    fn balance(
        &mut self,
        function: &str,
        terms: &[ExprId],
        places: &[u32],
        low: usize,
        high: usize,
    ) -> Parsed {
        let middle = (low + high).div_ceil(2);
        let term = |at: usize| terms.get(at).copied().ok_or(Stop);
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
        let place = places.get(middle).copied().ok_or(Stop)?;
        self.push_call(place, function, None, vec![left, right], false)
    }

    /// A rule that begins with itself is left before it is entered again: only its right operands are rules within.
    fn relation(&mut self) -> Parsed {
        self.open_relation += 1;
        self.check_depth(self.open_relation)?;
        let mut left = self.sum()?;
        loop {
            let function = match self.peek() {
                Kind::Symbol("<") => "_<_",
                Kind::Symbol("<=") => "_<=_",
                Kind::Symbol(">=") => "_>=_",
                Kind::Symbol(">") => "_>_",
                Kind::Symbol("==") => "_==_",
                Kind::Symbol("!=") => "_!=_",
                Kind::In => "@in",
                _ => break,
            };
            self.open_relation += 1;
            self.check_depth(self.open_relation)?;
            let operator = self.advance();
            let right = self.sum()?;
            self.open_relation -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        self.open_relation -= 1;
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        self.open_calc += 1;
        self.check_depth(self.open_calc)?;
        let mut left = self.product()?;
        loop {
            let function = match self.peek() {
                Kind::Symbol("+") => "_+_",
                Kind::Symbol("-") => "_-_",
                _ => break,
            };
            self.open_calc += 1;
            self.check_depth(self.open_calc)?;
            let operator = self.advance();
            let right = self.product()?;
            self.open_calc -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        self.open_calc -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let function = match self.peek() {
                Kind::Symbol("*") => "_*_",
                Kind::Symbol("/") => "_/_",
                Kind::Symbol("%") => "_%_",
                _ => break,
            };
            self.open_calc += 1;
            self.check_depth(self.open_calc)?;
            let operator = self.advance();
            let right = self.unary()?;
            self.open_calc -= 1;
            left = self.call(operator.start, function, None, vec![left, right])?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let symbol = self.peek();
        let function = match symbol {
            Kind::Symbol("!") => "!_",
            Kind::Symbol("-") if !matches!(self.peek_after(1), Kind::Int | Kind::Float) => "-_",
            _ => return self.member(),
        };
        let first = self.advance();
        let mut count = 1;
        while self.peek() == symbol {
            self.advance();
            count += 1;
        }
        let operand = self.member()?;
        if count % 2 == 0 { Ok(operand) } else { self.call(first.start, function, None, vec![operand]) }
    }

    fn member(&mut self) -> Parsed {
        self.open_member += 1;
        self.check_depth(self.open_member)?;
        let mut operand = self.primary()?;
        while let Kind::Symbol(symbol @ ("." | "[")) = self.peek() {
            operand = if symbol == "." { self.select(operand)? } else { self.index(operand)? };
        }
        self.open_member -= 1;
        Ok(operand)
    }

    fn select(&mut self, operand: ExprId) -> Parsed {
        let dot = self.advance();
        let optional = self.optional_mark(dot.start, "unsupported syntax '.?'")?;
        let (name, token) = self.field_name()?;
        if optional {
            let literal = Literal::String(name);
            let field = self.push(ExprKind::Literal(literal), span(token), token.start, 0)?;
            return self.push_call(dot.start, "_?._", None, vec![operand, field], true);
        }
        if self.peek() == Kind::Symbol("(") && token.kind == Kind::Ident {
            let open = self.advance();
            let args = self.arguments()?;
            return self.call(open.start, &name, Some(operand), args);
        }
        let whole = self.span_of(operand).to(span(token));
        let height = self.height(operand) + 1;
        self.push(ExprKind::Select { operand, field: name, test_only: false }, whole, dot.start, height)
    }

    fn index(&mut self, operand: ExprId) -> Parsed {
        let open = self.advance();
        let optional = self.optional_mark(open.start, "unsupported syntax '[?'")?;
        if !optional && !self.begins_operand() {
            let found = self.text();
            return self.syntax_error(format!("mismatched input '{found}' expecting {OPTIONAL_OPERAND}"));
        }
        let index = self.expr()?;
        self.expect("]")?;
        let function = if optional { "_[?_]" } else { "_[_]" };
        self.push_call(open.start, function, None, vec![operand, index], true)
    }

    /// Whether the next token may be the first of an operand.
    fn begins_operand(&self) -> bool {
        match self.peek() {
            Kind::Symbol(symbol) => matches!(symbol, "[" | "{" | "(" | "." | "-" | "!"),
            Kind::True | Kind::False | Kind::Null | Kind::Float | Kind::Int | Kind::Uint => true,
            Kind::String | Kind::Bytes | Kind::Ident => true,
            _ => false,
        }
    }

    fn optional_mark(&mut self, place: u32, unsupported: &str) -> Parsed<bool> {
        if self.peek() != Kind::Symbol("?") {
            return Ok(false);
        }
        self.advance();
        if !self.options.optionals {
            self.issues.push(Issue::at(place, unsupported));
        }
        Ok(true)
    }

    fn field_name(&mut self) -> Parsed<(Box<str>, Token)> {
        match self.peek() {
            Kind::Ident => {
                let token = self.advance();
                Ok((self.text_of(token).into(), token))
            }
            Kind::EscapedIdent => {
                let token = self.advance();
                if !self.options.escaped_identifiers {
                    self.issues.push(Issue::at(token.start, "unsupported syntax: '`'"));
                }
                Ok((self.text_of(token).trim_matches('`').into(), token))
            }
            Kind::End => self.syntax_error("no viable alternative at input '.'".to_owned()),
            Kind::True | Kind::False | Kind::Null => {
                let found = self.text();
                self.syntax_error(format!("mismatched input '{found}' expecting IDENTIFIER"))
            }
            _ => {
                let found = self.text();
                self.syntax_error(format!("no viable alternative at input '.{found}'"))
            }
        }
    }

    /// Arguments up to and with the closing parenthesis.
    fn arguments(&mut self) -> Parsed<Vec<ExprId>> {
        let mut args = Vec::new();
        if self.peek() != Kind::Symbol(")") {
            args.push(self.expr()?);
            while self.peek() == Kind::Symbol(",") {
                self.advance();
                args.push(self.expr()?);
            }
        }
        self.expect(")")?;
        Ok(args)
    }

    fn primary(&mut self) -> Parsed {
        match self.peek() {
            Kind::Symbol("(") => {
                self.advance();
                let inner = self.expr()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Symbol("[") => self.list(),
            Kind::Symbol("{") => self.map(),
            Kind::Symbol(".") if self.peek_after(1) == Kind::Ident => {
                let dot = self.advance();
                self.ident(Some(dot))
            }
            Kind::Ident => self.ident(None),
            _ => self.literal(),
        }
    }

    fn ident(&mut self, leading_dot: Option<Token>) -> Parsed {
        if self.names_a_message() {
            return self.message(leading_dot);
        }
        let token = self.advance();
        let mut name = self.text_of(token).to_owned();
        let start = leading_dot.unwrap_or(token).start;
        if RESERVED.contains(&name.as_str()) {
            self.issues.push(Issue::at(start, format!("reserved identifier: {name}")));
        }
        if leading_dot.is_some() {
            name.insert(0, '.');
        }
        if self.peek() == Kind::Symbol("(") {
            let open = self.advance();
            let args = self.arguments()?;
            return self.call(open.start, &name, None, args);
        }
        let whole = Span { start, end: token.end };
        self.push(ExprKind::Ident(name.into()), whole, token.start, 0)
    }

    /// Whether `a.b.C{` comes next.
    fn names_a_message(&self) -> bool {
        let mut ahead = 1;
        while self.peek_after(ahead) == Kind::Symbol(".") && self.peek_after(ahead + 1) == Kind::Ident {
            ahead += 2;
        }
        self.peek_after(ahead) == Kind::Symbol("{")
    }

    fn message(&mut self, leading_dot: Option<Token>) -> Parsed {
        let first = self.advance();
        let mut type_name = if leading_dot.is_some() { ".".to_owned() } else { String::new() };
        type_name.push_str(self.text_of(first));
        while self.peek() == Kind::Symbol(".") {
            self.advance();
            let part = self.advance();
            type_name.push('.');
            type_name.push_str(self.text_of(part));
        }
        let open = self.advance();
        let mut fields = Vec::new();
        let mut height = 0;
        while self.peek() != Kind::Symbol("}") {
            let optional = self.optional_mark(self.token().start, "unsupported syntax '?'")?;
            let (name, _) = self.field_name()?;
            let colon = self.expect(":")?;
            let value = self.expr()?;
            height = height.max(self.height(value));
            fields.push(FieldInit { name, value, optional, location: colon.start });
            if self.peek() != Kind::Symbol(",") {
                break;
            }
            self.advance();
        }
        let close = self.expect("}")?;
        let whole = Span { start: leading_dot.unwrap_or(first).start, end: close.end };
        self.push(ExprKind::Struct { type_name: type_name.into(), fields }, whole, open.start, height)
    }

    fn list(&mut self) -> Parsed {
        let open = self.advance();
        let (mut elements, mut optional) = (Vec::new(), Vec::new());
        let mut height = 0;
        while self.peek() != Kind::Symbol("]") {
            if elements.is_empty() && self.peek() == Kind::Symbol(",") {
                self.advance();
                break;
            }
            if self.optional_mark(self.token().start, "unsupported syntax '?'")? {
                optional.push(elements.len() as u32);
            }
            self.expect_more(elements.is_empty() && optional.is_empty(), "'[', ']', '{'")?;
            let element = self.expr()?;
            height = height.max(self.height(element));
            elements.push(element);
            if self.peek() != Kind::Symbol(",") {
                break;
            }
            self.advance();
        }
        let close = self.expect("]")?;
        let whole = Span { start: open.start, end: close.end };
        self.push(ExprKind::List { elements, optional }, whole, open.start, height)
    }

    fn map(&mut self) -> Parsed {
        let open = self.advance();
        let mut entries = Vec::new();
        let mut height = 0;
        while self.peek() != Kind::Symbol("}") {
            if entries.is_empty() && self.peek() == Kind::Symbol(",") {
                self.advance();
                break;
            }
            let optional = self.optional_mark(self.token().start, "unsupported syntax '?'")?;
            self.expect_more(entries.is_empty() && !optional, "'[', '{', '}'")?;
            let key = self.expr()?;
            let colon = self.expect(":")?;
            let value = self.expr()?;
            height = height.max(self.height(key)).max(self.height(value));
            entries.push(MapEntry { key, value, optional, location: colon.start });
            if self.peek() != Kind::Symbol(",") {
                break;
            }
            self.advance();
        }
        let close = self.expect("}")?;
        let whole = Span { start: open.start, end: close.end };
        self.push(ExprKind::Map { entries }, whole, open.start, height)
    }

    /// An open bracket at the end of the text is an error before it is one level too many.
    fn expect_more(&mut self, open: bool, brackets: &str) -> Parsed<()> {
        if !open || self.peek() != Kind::End {
            return Ok(());
        }
        let rest = OPERAND.split_once("'!', ").map_or("", |(_, rest)| rest);
        let message =
            format!("mismatched input '<EOF>' expecting {{{brackets}, '(', '.', ',', '-', '!', '?', {rest}");
        self.syntax_error(message)
    }

    fn literal(&mut self) -> Parsed {
        let start = self.token().start;
        let negative = self.peek() == Kind::Symbol("-");
        if negative {
            self.advance();
        }
        let kind = self.peek();
        if !matches!(
            kind,
            Kind::Int
                | Kind::Uint
                | Kind::Float
                | Kind::String
                | Kind::Bytes
                | Kind::True
                | Kind::False
                | Kind::Null
        ) {
            let found = self.text();
            return self.syntax_error(format!("mismatched input '{found}' expecting {OPERAND}"));
        }
        let token = self.advance();
        let literal = match self.literal_of(token, negative) {
            Ok(literal) => literal,
            Err(message) => {
                self.issues.push(Issue::at(start, message));
                Literal::Null
            }
        };
        self.push(ExprKind::Literal(literal), Span { start, end: token.end }, start, 0)
    }

    fn literal_of(&self, token: Token, negative: bool) -> Result<Literal, &'static str> {
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
    fn call(&mut self, place: u32, function: &str, target: Option<ExprId>, args: Vec<ExprId>) -> Parsed {
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
                    let place = issue.offset.unwrap_or(place);
                    self.issues.push(issue);
                    self.push(ExprKind::Literal(Literal::Null), Span { start: place, end: place }, place, 0)
                }
                Err(None) => Err(Stop),
            };
        }
        self.push_call(place, function, target, args, true)
    }

    fn push_call(
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
            self.issues.push(Issue::at(location, format!("macros expand to more than {MAX_NODES} nodes")));
            return Err(Stop);
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

    fn check_depth(&mut self, depth: u32) -> Parsed<()> {
        if depth > MAX_DEPTH {
            self.issues.push(Issue::nowhere(format!("expression recursion limit exceeded: {MAX_DEPTH}")));
            return Err(Stop);
        }
        Ok(())
    }

    fn expect(&mut self, symbol: &'static str) -> Parsed<Token> {
        if self.peek() == Kind::Symbol(symbol) {
            return Ok(self.advance());
        }
        let found = self.text();
        if self.peek() == Kind::End && matches!(symbol, ")" | "]" | "}") && self.open_expr == 1 {
            return self.syntax_error(format!("missing '{symbol}' at '{found}'"));
        }
        self.syntax_error(format!("mismatched input '{found}' expecting '{symbol}'"))
    }

    fn syntax_error<T>(&mut self, message: String) -> Parsed<T> {
        self.issues.push(Issue::at(self.token().start, format!("Syntax error: {message}")));
        Err(Stop)
    }

    fn token(&self) -> Token {
        let end = self.source.len() as u32;
        self.tokens.get(self.at).copied().unwrap_or(Token { kind: Kind::End, start: end, end })
    }

    fn peek(&self) -> Kind {
        self.token().kind
    }

    fn peek_after(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::End, |token| token.kind)
    }

    fn advance(&mut self) -> Token {
        let token = self.token();
        self.at += 1;
        token
    }

    fn previous_end(&self) -> u32 {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.end)
    }

    fn text(&self) -> &'s str {
        if self.peek() == Kind::End { "<EOF>" } else { self.text_of(self.token()) }
    }

    fn text_of(&self, token: Token) -> &'s str {
        self.source.get(token.start as usize..token.end as usize).unwrap_or_default()
    }
}

fn span(token: Token) -> Span {
    Span { start: token.start, end: token.end }
}

fn digits(text: &str) -> (&str, u32) {
    match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    }
}
