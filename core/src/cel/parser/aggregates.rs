//! Lists, maps and messages.

use super::follow::{Next, OPERAND, OPTIONAL_NAME, OPTIONAL_OPERAND, Tokens};
use super::grammar::{Parsed, Parser};
use super::lexer::{Kind, Token};
use super::operands::UNNAMED;
use super::recovery::State;
use crate::cel::ast::{ExprId, ExprKind, FieldInit, MapEntry};
use crate::cel::issue::Issue;
use crate::source::Span;

const COMMA_OR_BRACE: Tokens = Tokens::of(&[Kind::Comma, Kind::RightBrace]);

const COMMA_OR_BRACKET: Tokens = Tokens::of(&[Kind::Comma, Kind::RightBracket]);

impl Parser<'_> {
    pub(super) fn message(&mut self, leading_dot: Option<Token>) -> Parsed {
        let first = self.take();
        let mut type_name = if leading_dot.is_some() { ".".to_owned() } else { String::new() };
        type_name.push_str(self.text_of(first));
        while self.peek() == Kind::Dot {
            self.take();
            let part = self.take();
            type_name.push('.');
            type_name.push_str(self.text_of(part));
        }
        let open = self.take();
        let (mut fields, mut height) = (Vec::new(), 0);
        let closed = self.fields_in_braces(&mut fields, &mut height);
        let whole = Span { start: leading_dot.unwrap_or(first).start, end: self.previous_end() };
        let kind = ExprKind::Struct { type_name: type_name.into(), fields };
        let message = self.push(kind, whole, open.start, height)?;
        self.or_built(closed, message)
    }

    fn fields_in_braces(&mut self, fields: &mut Vec<FieldInit>, height: &mut u32) -> Parsed<()> {
        self.before(State::Fields, OPTIONAL_NAME.or(COMMA_OR_BRACE))?;
        if OPTIONAL_NAME.contains(self.peek()) {
            self.rule(COMMA_OR_BRACE.only(), |parser| parser.fields(fields, height), |_| Ok(()))?;
        }
        self.close(State::FieldsComma, Kind::RightBrace, State::FieldsClose)
    }

    fn fields(&mut self, fields: &mut Vec<FieldInit>, height: &mut u32) -> Parsed<()> {
        let start = self.token().start;
        let mut state = State::FieldColon;
        loop {
            let known = self.issues.len();
            let rule = |parser: &mut Self| {
                parser.before(State::Field, OPTIONAL_NAME)?;
                let optional = parser.optional_mark(parser.token().start, "unsupported syntax '?'");
                Ok((optional, parser.field_name(Next::END)?))
            };
            let after = Tokens::of(&[Kind::Colon]).only();
            let (optional, name) = self.rule(after, rule, |_| Ok((false, None)))?;
            let colon = self.colon(state, known)?;
            let before_value = self.issues.len();
            let value = self.expr(Tokens::of(&[Kind::Comma]).or_end())?;
            *height = (*height).max(self.height(value));
            if let Some((name, _)) = name {
                fields.push(FieldInit { name, value, optional, location: colon.start });
            } else {
                self.issues.truncate(before_value);
                self.issues.push(Issue::at(start, UNNAMED));
            }
            if self.peek() != Kind::Comma || !OPTIONAL_NAME.contains(self.peek_after(1)) {
                return Ok(());
            }
            self.take();
            state = State::NextFieldColon;
        }
    }

    pub(super) fn list(&mut self) -> Parsed {
        let open = self.take();
        let (mut elements, mut optional) = (Vec::new(), Vec::new());
        let closed = self.elements_in_brackets(&mut elements, &mut optional);
        let whole = Span { start: open.start, end: self.previous_end() };
        let height = elements.iter().map(|&id| self.height(id)).max().unwrap_or(0);
        let list = self.push(ExprKind::List { elements, optional }, whole, open.start, height)?;
        self.or_built(closed, list)
    }

    fn elements_in_brackets(&mut self, elements: &mut Vec<ExprId>, optional: &mut Vec<u32>) -> Parsed<()> {
        self.before(State::Elements, OPTIONAL_OPERAND.or(COMMA_OR_BRACKET))?;
        if OPTIONAL_OPERAND.contains(self.peek()) {
            self.open.push(COMMA_OR_BRACKET.only());
            loop {
                let (element, marked) = self.optional_value(Tokens::of(&[Kind::Comma]).or_end())?;
                if marked {
                    optional.push(elements.len() as u32);
                }
                elements.push(element);
                if !self.another_value() {
                    break;
                }
            }
            self.open.pop();
        }
        self.close(State::ElementsComma, Kind::RightBracket, State::ElementsClose)
    }

    pub(super) fn map(&mut self) -> Parsed {
        let open = self.take();
        let mut entries = Vec::new();
        let closed = self.entries_in_braces(&mut entries);
        let whole = Span { start: open.start, end: self.previous_end() };
        let parts = entries.iter().flat_map(|entry| [entry.key, entry.value]);
        let height = parts.map(|id| self.height(id)).max().unwrap_or(0);
        let map = self.push(ExprKind::Map { entries }, whole, open.start, height)?;
        self.or_built(closed, map)
    }

    fn entries_in_braces(&mut self, entries: &mut Vec<MapEntry>) -> Parsed<()> {
        self.before(State::Entries, OPTIONAL_OPERAND.or(COMMA_OR_BRACE))?;
        if OPTIONAL_OPERAND.contains(self.peek()) {
            self.rule(COMMA_OR_BRACE.only(), |parser| parser.entries(entries), |_| Ok(()))?;
        }
        self.close(State::EntriesComma, Kind::RightBrace, State::EntriesClose)
    }

    fn entries(&mut self, entries: &mut Vec<MapEntry>) -> Parsed<()> {
        let mut state = State::EntryColon;
        loop {
            let known = self.issues.len();
            let (key, optional) = self.optional_value(Tokens::of(&[Kind::Colon]).only())?;
            let colon = self.colon(state, known)?;
            let value = self.expr(Tokens::of(&[Kind::Comma]).or_end())?;
            entries.push(MapEntry { key, value, optional, location: colon.start });
            if !self.another_value() {
                return Ok(());
            }
            state = State::NextEntryColon;
        }
    }

    /// The colon after a key or field. cel-go does not look at what has none: the issues since `known` are dropped.
    fn colon(&mut self, state: State, known: usize) -> Parsed<Token> {
        self.expect(Kind::Colon, state, OPERAND.only()).inspect_err(|_| self.issues.truncate(known))
    }

    /// The rule `optExpr`.
    fn optional_value(&mut self, after: Next) -> Parsed<(ExprId, bool)> {
        let mut marked = false;
        let value = self.value(after, |parser| {
            parser.before(State::Value, OPTIONAL_OPERAND)?;
            marked = parser.optional_mark(parser.token().start, "unsupported syntax '?'");
            parser.expr(Next::END)
        })?;
        Ok((value, marked))
    }

    /// Takes a comma that another value follows.
    fn another_value(&mut self) -> bool {
        let more = self.peek() == Kind::Comma && OPTIONAL_OPERAND.contains(self.peek_after(1));
        if more {
            self.take();
        }
        more
    }

    /// The end of a literal with parts, which a comma may precede.
    fn close(&mut self, comma: State, bracket: Kind, state: State) -> Parsed<()> {
        self.before(comma, Tokens::of(&[Kind::Comma, bracket]))?;
        if self.peek() == Kind::Comma {
            self.take();
        }
        self.expect(bracket, state, Next::END).map(drop)
    }
}
