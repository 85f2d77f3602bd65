//! From characters to tokens. Source: go-yaml v2 `scannerc.go`, which is libyaml of before YAML 1.2.
//!
//! A plain `key: value` is seen for a key only at its colon. Where a key may begin is therefore remembered for each
//! flow level, and the tokens that go before it are inserted into the queue later.

use super::cursor::{Cursor, Mark};
use super::input::Forbidden;
use super::token::{Problem, Scan, Text, Token, TokenKind};
use std::collections::VecDeque;

/// go-yaml's limit on the nesting of blocks and of flows.
const MAX_DEPTH: usize = 10_000;

/// How many characters a key may have that is not marked by `?`.
const LONGEST_SIMPLE_KEY: u32 = 1024;

#[derive(Debug)]
pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    /// Texts that differ from the source.
    pub(super) decoded: String,
    /// Handles with suffixes or prefixes.
    pub(super) pairs: Vec<(String, String)>,
    forbidden: Option<Forbidden>,
    queue: VecDeque<Token>,
    /// Tokens that left the queue.
    taken: usize,
    started: bool,
    /// Column of the current block; -1 outside of all.
    pub(super) indent: i64,
    indents: Vec<i64>,
    pub(super) flow_level: usize,
    pub(super) simple_key_allowed: bool,
    /// One for each flow level.
    simple_keys: Vec<SimpleKey>,
    /// Numbers of tokens that may begin a key, in order, with the flow level of the key.
    candidates: VecDeque<(usize, usize)>,
}

/// Where a key may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, forbidden: Option<Forbidden>) -> Scanner<'t> {
        Scanner {
            cursor: Cursor::new(text),
            decoded: String::new(),
            pairs: Vec::new(),
            forbidden,
            queue: VecDeque::new(),
            taken: 0,
            started: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            candidates: VecDeque::new(),
        }
    }

    /// The next token, which stays in the queue.
    pub(super) fn peek(&mut self) -> Scan<Token> {
        loop {
            if let Some(&token) = self.queue.front()
                && !self.may_begin_key()?
            {
                return Ok(token);
            }
            self.fetch()?;
        }
    }

    /// Takes the token out of the queue that was looked at.
    pub(super) fn take(&mut self) {
        self.queue.pop_front();
        self.taken += 1;
    }

    pub(super) fn resolve(&self, text: Text) -> &str {
        let whole = if text.decoded { self.decoded.as_str() } else { self.cursor.text() };
        whole.get(text.start as usize..text.end as usize).unwrap_or_default()
    }

    pub(super) fn problem<T>(&self, message: impl Into<std::borrow::Cow<'static, str>>) -> Scan<T> {
        self.readable()?;
        let line = if self.cursor.line() == 0 { 0 } else { self.cursor.line() + 1 };
        Err(Problem { message: message.into(), offset: self.cursor.mark().offset, line })
    }

    /// go-yaml reads ahead, so that a forbidden character is found before an error that stands earlier.
    fn readable(&self) -> Scan {
        match &self.forbidden {
            Some(forbidden) if self.cursor.at() + 4 > forbidden.seen_from => {
                Err(Problem { message: forbidden.message.into(), offset: forbidden.offset, line: 0 })
            }
            _ => Ok(()),
        }
    }

    /// Whether the token at the front of the queue may still turn out to begin a key.
    fn may_begin_key(&mut self) -> Scan<bool> {
        while self.candidates.front().is_some_and(|(token, _)| *token < self.taken) {
            self.candidates.pop_front();
        }
        match self.candidates.front() {
            Some(&(token, level)) if token == self.taken => self.still_possible(level),
            _ => Ok(false),
        }
    }

    fn still_possible(&mut self, level: usize) -> Scan<bool> {
        let now = self.cursor.mark();
        let Some(key) = self.simple_keys.get_mut(level).filter(|key| key.possible) else { return Ok(false) };
        if key.mark.line == now.line && key.mark.index + LONGEST_SIMPLE_KEY >= now.index {
            return Ok(true);
        }
        if key.required {
            return self.problem("could not find expected ':'");
        }
        key.possible = false;
        Ok(false)
    }

    pub(super) fn save_simple_key(&mut self) -> Scan {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_simple_key()?;
        let mark = self.cursor.mark();
        let required = self.flow_level == 0 && self.indent == i64::from(mark.column);
        let token = self.taken + self.queue.len();
        let level = self.simple_keys.len() - 1;
        if let Some(key) = self.simple_keys.last_mut() {
            *key = SimpleKey { possible: true, required, token, mark };
        }
        self.forget(token);
        self.candidates.push_back((token, level));
        Ok(())
    }

    pub(super) fn remove_simple_key(&mut self) -> Scan {
        let Some(key) = self.simple_keys.last_mut().filter(|key| key.possible) else { return Ok(()) };
        if key.required {
            return self.problem("could not find expected ':'");
        }
        key.possible = false;
        let token = key.token;
        self.forget(token);
        Ok(())
    }

    fn forget(&mut self, token: usize) {
        // Mostly it is there no more.
        if self.candidates.back().is_none_or(|(last, _)| *last < token) {
            return;
        }
        if let Ok(at) = self.candidates.binary_search_by_key(&token, |(token, _)| *token) {
            self.candidates.remove(at);
        }
    }

    pub(super) fn push(&mut self, token: Token) {
        self.queue.push_back(token);
    }

    /// Begins a block, before the token with a number when there is one.
    fn roll_indent(&mut self, column: usize, before: Option<usize>, kind: TokenKind, mark: Mark) -> Scan {
        let column = column as i64;
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return self.problem(format!("exceeded max depth of {MAX_DEPTH}"));
        }
        self.insert(before, Token::new(kind, mark, mark));
        Ok(())
    }

    /// Inserts a token before the one with a number; one that was taken already cannot be preceded any more.
    fn insert(&mut self, before: Option<usize>, token: Token) {
        match before.and_then(|number| number.checked_sub(self.taken)) {
            Some(position) if position <= self.queue.len() => self.queue.insert(position, token),
            _ => self.queue.push_back(token),
        }
    }

    fn unroll_indent(&mut self, column: i64) {
        if self.flow_level > 0 {
            return;
        }
        let mark = self.cursor.mark();
        while self.indent > column {
            self.queue.push_back(Token::new(TokenKind::BlockEnd, mark, mark));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Appends at least one token to the queue.
    fn fetch(&mut self) -> Scan {
        if !self.started {
            self.started = true;
            let mark = self.cursor.mark();
            self.push(Token::new(TokenKind::StreamStart, mark, mark));
            return Ok(());
        }
        self.skip_to_token();
        self.readable()?;
        let column = self.cursor.column();
        self.unroll_indent(column as i64);
        let flow = self.flow_level > 0;
        let indicates = |cursor: &Cursor<'_>| cursor.is_blank_or_end(1);
        match self.cursor.peek(0) {
            0 => self.stream_end(),
            b'%' if column == 0 => self.directive(),
            b'-' if self.cursor.is_document_indicator() => self.document_indicator(TokenKind::DocumentStart),
            b'.' if self.cursor.is_document_indicator() => self.document_indicator(TokenKind::DocumentEnd),
            b'[' => self.flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.flow_start(TokenKind::FlowMappingStart),
            b']' => self.flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.flow_end(TokenKind::FlowMappingEnd),
            b',' => self.flow_entry(),
            b'-' if indicates(&self.cursor) => self.block_entry(),
            b'?' if flow || indicates(&self.cursor) => self.key(),
            b':' if flow || indicates(&self.cursor) => self.value(),
            b'*' => self.anchor(true),
            b'&' => self.anchor(false),
            b'!' => self.tag(),
            b'|' if !flow => self.block_scalar(true),
            b'>' if !flow => self.block_scalar(false),
            b'\'' => self.quoted_scalar(true),
            b'"' => self.quoted_scalar(false),
            b'-' if !self.cursor.is_blank(1) => self.plain_scalar(),
            b'-' | b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => {
                self.problem("found character that cannot start any token")
            }
            _ => self.plain_scalar(),
        }?;
        self.readable()
    }

    /// Steps over blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            if tabs {
                self.cursor.skip_blanks();
            } else {
                self.cursor.skip_ascii(|byte| byte == b' ');
            }
            self.cursor.skip_comment();
            if self.cursor.line_break().is_empty() {
                return;
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn stream_end(&mut self) -> Scan {
        self.cursor.force_line();
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let mark = self.cursor.mark();
        self.push(Token::new(TokenKind::StreamEnd, mark, mark));
        Ok(())
    }

    fn directive(&mut self) -> Scan {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.push(token);
        Ok(())
    }

    fn document_indicator(&mut self, kind: TokenKind) -> Scan {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.indicator(kind, 3);
        Ok(())
    }

    /// The token of an indicator of some characters.
    fn indicator(&mut self, kind: TokenKind, width: usize) {
        let start = self.cursor.mark();
        self.cursor.skip_times(width);
        let end = self.cursor.mark();
        self.push(Token::new(kind, start, end));
    }

    fn flow_start(&mut self, kind: TokenKind) -> Scan {
        self.save_simple_key()?;
        let token = self.taken + self.queue.len();
        let mark = self.cursor.mark();
        self.simple_keys.push(SimpleKey { possible: false, required: false, token, mark });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return self.problem(format!("exceeded max depth of {MAX_DEPTH}"));
        }
        self.simple_key_allowed = true;
        self.indicator(kind, 1);
        Ok(())
    }

    fn flow_end(&mut self, kind: TokenKind) -> Scan {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                self.forget(key.token);
            }
        }
        self.simple_key_allowed = false;
        self.indicator(kind, 1);
        Ok(())
    }

    fn flow_entry(&mut self) -> Scan {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn block_entry(&mut self) -> Scan {
        if self.flow_level == 0 {
            self.begin_block(
                TokenKind::BlockSequenceStart,
                "block sequence entries are not allowed in this context",
            )?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    /// Begins a block at this column, where one may begin.
    fn begin_block(&mut self, kind: TokenKind, refusal: &'static str) -> Scan {
        if !self.simple_key_allowed {
            return self.problem(refusal);
        }
        let mark = self.cursor.mark();
        self.roll_indent(mark.column as usize, None, kind, mark)
    }

    fn key(&mut self) -> Scan {
        if self.flow_level == 0 {
            self.begin_block(TokenKind::BlockMappingStart, "mapping keys are not allowed in this context")?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn value(&mut self) -> Scan {
        let level = self.simple_keys.len() - 1;
        if self.still_possible(level)? {
            let key = self.simple_keys.last().copied().unwrap_or_default();
            self.insert(Some(key.token), Token::new(TokenKind::Key, key.mark, key.mark));
            let column = key.mark.column as usize;
            self.roll_indent(column, Some(key.token), TokenKind::BlockMappingStart, key.mark)?;
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = false;
            }
            self.forget(key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.begin_block(
                    TokenKind::BlockMappingStart,
                    "mapping values are not allowed in this context",
                )?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(TokenKind::Value, 1);
        Ok(())
    }
}
