//! From tokens to events. Source: go-yaml v2 `parserc.go`; the productions stand there.

use super::scanner::Scanner;
use super::token::{Problem, Scan, Text, Token, TokenKind};
use crate::source::Span;

#[derive(Debug)]
pub(super) struct Grammar<'t> {
    pub(super) scanner: Scanner<'t>,
    state: State,
    /// Where to go on when the node under way has ended.
    returns: Vec<State>,
    /// What `%TAG` makes of handles.
    handles: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) span: Span,
    pub(super) anchor: Option<Text>,
    /// Empty when there is none.
    pub(super) tag: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum EventKind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    Alias(Text),
    /// `implicit` when its type is told by the text itself.
    Scalar {
        text: Text,
        implicit: bool,
    },
    ListStart,
    MapStart,
    /// The end of a list or map.
    End,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Document,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirst,
    BlockSequence,
    IndentlessSequence,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequence,
    /// A `key: value` in a flow sequence, which is a mapping of its own.
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
    End,
}

/// Which nodes may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Flow,
    Block,
    /// A value of a block mapping, whose sequences need no indentation.
    BlockValue,
}

const EMPTY: Text = Text { start: 0, end: 0, decoded: false };

impl<'t> Grammar<'t> {
    pub(super) fn new(scanner: Scanner<'t>) -> Grammar<'t> {
        Grammar { scanner, state: State::Document, returns: Vec::new(), handles: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Scan<Event> {
        match self.state {
            State::Document => self.document(),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Place::Block),
            State::BlockSequenceFirst => self.after_first(State::BlockSequence),
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingFirst => self.after_first(State::BlockMappingKey),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => self.flow_sequence(true),
            State::FlowSequence => self.flow_sequence(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => self.pair_end(),
            State::FlowMappingFirst => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingNoValue => {
                let token = self.scanner.peek()?;
                self.empty(State::FlowMappingKey, token.start)
            }
            State::End => Ok(event(EventKind::StreamEnd, 0, 0)),
        }
    }

    /// Takes the token that begins a collection.
    fn after_first(&mut self, state: State) -> Scan<Event> {
        self.scanner.take();
        self.state = state;
        self.next()
    }

    /// Takes the token that was looked at, and gives the one after it.
    fn following(&mut self) -> Scan<Token> {
        self.scanner.take();
        self.scanner.peek()
    }

    fn leave(&mut self) {
        self.state = self.returns.pop().unwrap_or(State::End);
    }

    /// A value that is not written.
    fn empty(&mut self, state: State, at: u32) -> Scan<Event> {
        self.state = state;
        Ok(event(EventKind::Scalar { text: EMPTY, implicit: true }, at, at))
    }

    /// The end of a collection, whose token is taken.
    fn close(&mut self, token: Token) -> Scan<Event> {
        self.leave();
        self.scanner.take();
        Ok(event(EventKind::End, token.start, token.end))
    }

    fn document(&mut self) -> Scan<Event> {
        let token = match self.scanner.peek()? {
            Token { kind: TokenKind::StreamStart, .. } => self.following()?,
            token => token,
        };
        self.returns.push(State::DocumentEnd);
        match token.kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                Ok(event(EventKind::StreamEnd, token.start, token.end))
            }
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective(_) | TokenKind::DocumentStart => {
                self.directives()?;
                let last = self.scanner.peek()?;
                if !matches!(last.kind, TokenKind::DocumentStart) {
                    return problem("did not find expected <document start>", last);
                }
                self.scanner.take();
                self.state = State::DocumentContent;
                Ok(event(EventKind::DocumentStart, token.start, last.end))
            }
            _ => {
                self.directives()?;
                self.state = State::BlockNode;
                Ok(event(EventKind::DocumentStart, token.start, token.end))
            }
        }
    }

    fn directives(&mut self) -> Scan {
        let mut version = false;
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                TokenKind::VersionDirective { .. } if version => {
                    return problem("found duplicate %YAML directive", token);
                }
                TokenKind::VersionDirective { major: 1, minor: 1 } => version = true,
                TokenKind::VersionDirective { .. } => {
                    return problem("found incompatible YAML document", token);
                }
                TokenKind::TagDirective(pair) => {
                    let (handle, prefix) = self.scanner.pairs.get(pair).cloned().unwrap_or_default();
                    if self.handles.iter().any(|(other, _)| *other == handle) {
                        return problem("found duplicate %TAG directive", token);
                    }
                    self.handles.push((handle, prefix));
                }
                _ => break,
            }
            self.scanner.take();
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.handles.iter().any(|(other, _)| other == handle) {
                self.handles.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective(_)
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.leave();
                let state = self.state;
                self.empty(state, token.start)
            }
            _ => self.node(Place::Block),
        }
    }

    /// The token after the document has to be a token, even if nothing is made of it.
    fn document_end(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        self.state = State::End;
        Ok(event(EventKind::DocumentEnd, token.start, token.start))
    }

    /// A node of which `returns` says where to go on afterwards.
    fn node(&mut self, place: Place) -> Scan<Event> {
        let mut token = self.scanner.peek()?;
        if let TokenKind::Alias(name) = token.kind {
            self.leave();
            self.scanner.take();
            return Ok(event(EventKind::Alias(name), token.start, token.end));
        }
        let start = token.start;
        let mut end = token.start;
        let mut anchor = None;
        let mut tag = None;
        // At most one of each, in any order.
        loop {
            match token.kind {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(name),
                TokenKind::Tag(pair) if tag.is_none() => tag = Some((pair, token)),
                _ => break,
            }
            end = token.end;
            token = self.following()?;
        }
        let tag = match tag {
            Some((pair, token)) => self.tag(pair, token)?,
            None => String::new(),
        };
        let kind = match token.kind {
            TokenKind::BlockEntry if place == Place::BlockValue => {
                self.state = State::IndentlessSequence;
                EventKind::ListStart
            }
            TokenKind::Scalar { text, plain } => {
                self.leave();
                self.scanner.take();
                EventKind::Scalar { text, implicit: (tag.is_empty() && plain) || tag == "!" }
            }
            TokenKind::FlowSequenceStart => {
                self.state = State::FlowSequenceFirst;
                EventKind::ListStart
            }
            TokenKind::FlowMappingStart => {
                self.state = State::FlowMappingFirst;
                EventKind::MapStart
            }
            TokenKind::BlockSequenceStart if place != Place::Flow => {
                self.state = State::BlockSequenceFirst;
                EventKind::ListStart
            }
            TokenKind::BlockMappingStart if place != Place::Flow => {
                self.state = State::BlockMappingFirst;
                EventKind::MapStart
            }
            _ if anchor.is_some() || !tag.is_empty() => {
                self.leave();
                let kind = EventKind::Scalar { text: EMPTY, implicit: tag.is_empty() };
                return Ok(Event { kind, span: Span::new(start as usize, end as usize), anchor, tag });
            }
            _ => return problem("did not find expected node content", token),
        };
        Ok(Event { kind, span: Span::new(start as usize, token.end as usize), anchor, tag })
    }

    fn tag(&self, pair: usize, token: Token) -> Scan<String> {
        let Some((handle, suffix)) = self.scanner.pairs.get(pair) else { return Ok(String::new()) };
        if handle.is_empty() {
            return Ok(suffix.clone());
        }
        match self.handles.iter().find(|(other, _)| other == handle) {
            Some((_, prefix)) if prefix.len() + suffix.len() > 0 => Ok(format!("{prefix}{suffix}")),
            _ => problem("found undefined tag handle", token),
        }
    }

    fn block_sequence(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::BlockEntry => {
                let next = self.following()?;
                if matches!(next.kind, TokenKind::BlockEntry | TokenKind::BlockEnd) {
                    return self.empty(State::BlockSequence, token.end);
                }
                self.returns.push(State::BlockSequence);
                self.node(Place::Block)
            }
            TokenKind::BlockEnd => self.close(token),
            _ => problem("did not find expected '-' indicator", token),
        }
    }

    fn indentless_sequence(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::BlockEntry) {
            self.leave();
            return Ok(event(EventKind::End, token.start, token.start));
        }
        let next = self.following()?;
        match next.kind {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                self.empty(State::IndentlessSequence, token.end)
            }
            _ => {
                self.returns.push(State::IndentlessSequence);
                self.node(Place::Block)
            }
        }
    }

    fn block_mapping_key(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Key => self.block_mapping_part(token, State::BlockMappingValue),
            TokenKind::BlockEnd => self.close(token),
            _ => problem("did not find expected key", token),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Value => self.block_mapping_part(token, State::BlockMappingKey),
            _ => self.empty(State::BlockMappingKey, token.start),
        }
    }

    /// The key or value after its indicator.
    fn block_mapping_part(&mut self, indicator: Token, then: State) -> Scan<Event> {
        let next = self.following()?;
        if matches!(next.kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd) {
            return self.empty(then, indicator.end);
        }
        self.returns.push(then);
        self.node(Place::BlockValue)
    }

    fn flow_sequence(&mut self, first: bool) -> Scan<Event> {
        let mut token = if first { self.following()? } else { self.scanner.peek()? };
        if !first && !matches!(token.kind, TokenKind::FlowSequenceEnd) {
            if !matches!(token.kind, TokenKind::FlowEntry) {
                return problem("did not find expected ',' or ']'", token);
            }
            token = self.following()?;
        }
        match token.kind {
            TokenKind::FlowSequenceEnd => self.close(token),
            TokenKind::Key => {
                self.state = State::PairKey;
                self.scanner.take();
                Ok(event(EventKind::MapStart, token.start, token.end))
            }
            _ => {
                self.returns.push(State::FlowSequence);
                self.node(Place::Flow)
            }
        }
    }

    fn pair_key(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            // The token is lost, as it is in go-yaml.
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.scanner.take();
                self.empty(State::PairValue, token.end)
            }
            _ => {
                self.returns.push(State::PairValue);
                self.node(Place::Flow)
            }
        }
    }

    fn pair_value(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        if matches!(token.kind, TokenKind::Value) {
            let next = self.following()?;
            if !matches!(next.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                self.returns.push(State::PairEnd);
                return self.node(Place::Flow);
            }
        }
        self.empty(State::PairEnd, token.start)
    }

    fn pair_end(&mut self) -> Scan<Event> {
        let token = self.scanner.peek()?;
        self.state = State::FlowSequence;
        Ok(event(EventKind::End, token.start, token.start))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Scan<Event> {
        let mut token = if first { self.following()? } else { self.scanner.peek()? };
        if !first && !matches!(token.kind, TokenKind::FlowMappingEnd) {
            if !matches!(token.kind, TokenKind::FlowEntry) {
                return problem("did not find expected ',' or '}'", token);
            }
            token = self.following()?;
        }
        match token.kind {
            TokenKind::FlowMappingEnd => self.close(token),
            TokenKind::Key => {
                let next = self.following()?;
                match next.kind {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        self.empty(State::FlowMappingValue, next.start)
                    }
                    _ => {
                        self.returns.push(State::FlowMappingValue);
                        self.node(Place::Flow)
                    }
                }
            }
            _ => {
                self.returns.push(State::FlowMappingNoValue);
                self.node(Place::Flow)
            }
        }
    }

    fn flow_mapping_value(&mut self) -> Scan<Event> {
        let mut token = self.scanner.peek()?;
        if matches!(token.kind, TokenKind::Value) {
            token = self.following()?;
            if !matches!(token.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                self.returns.push(State::FlowMappingKey);
                return self.node(Place::Flow);
            }
        }
        self.empty(State::FlowMappingKey, token.start)
    }
}

fn event(kind: EventKind, start: u32, end: u32) -> Event {
    Event { kind, span: Span::new(start as usize, end as usize), anchor: None, tag: String::new() }
}

/// Errors of the grammar name the line before the one where they stand.
fn problem<T>(message: &'static str, token: Token) -> Scan<T> {
    Err(Problem { message: message.into(), offset: token.start, line: token.line })
}
