//! What is said of tokens that do not fit, and where reading goes on after them, so that all faults are told at once.
//!
//! Step by step as ANTLR does it for cel-go: a token too many is passed over, one that is missing is taken as read, and
//! otherwise the rule is left and tokens are passed over up to one that may follow an open rule. Until a token fits again
//! nothing more is said. Source: antlr4-go `error_strategy.go`, cel-go `parser/parser.go`.

use super::follow::{Next, Tokens};
use super::grammar::{Halt, Parsed, Parser};
use super::lexer::{Kind, Token};
use crate::cel::ast::ExprId;
use crate::cel::issue::Issue;

/// Source: cel-go `parser/parser.go`, `errorReportingLimit`.
const MAX_SYNTAX_ERRORS: usize = 100;

/// How often reading may go on after a fault. Source: there, `errorRecoveryLimit`.
const MAX_RECOVERIES: u32 = 30;

/// How many tokens one fault may pass over. Source: there, `errorRecoveryTokenLookaheadLimit`.
const MAX_PASSED_OVER: u32 = 256;

/// Places in the grammar where tokens may not fit. A fault that comes back to where it was takes a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    End,
    Otherwise,
    Unary,
    AfterNot,
    AfterMinus,
    Member,
    Index,
    IndexClose,
    Name,
    MethodArguments,
    MethodClose,
    FunctionArguments,
    FunctionClose,
    Primary,
    Close,
    Fields,
    Field,
    FieldColon,
    NextFieldColon,
    FieldsComma,
    FieldsClose,
    Elements,
    ElementsComma,
    ElementsClose,
    Entries,
    EntryColon,
    NextEntryColon,
    EntriesComma,
    EntriesClose,
    Value,
    Literal,
}

/// What has been at fault.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) issues: Vec<Issue>,
    /// What the rule at fault stands for, as far as it was read.
    pub(super) built: Option<ExprId>,
    /// No alternative of the rule at fault was begun.
    pub(super) unread: bool,
    /// No token has fitted since the last fault.
    recovering: bool,
    /// Where the last fault was, and its states as bits.
    last: Option<(usize, u64)>,
    recoveries: u32,
    /// The fault on its way to the rule that reports it.
    current: Option<(State, Fault)>,
}

#[derive(Clone, Copy)]
enum Fault {
    /// Another token is expected.
    Mismatch(Tokens),
    /// No alternative fits the tokens from the first position to the second.
    NoChoice(usize, usize),
}

impl Faults {
    /// A token fits.
    pub(super) fn end(&mut self) {
        self.recovering = false;
        self.last = None;
    }
}

impl Parser<'_> {
    /// Past the hundredth error, cel-go stops.
    pub(super) fn report_unknown_tokens(&mut self) -> Parsed<()> {
        let unknown = std::mem::take(&mut self.unknown);
        let reported = unknown.iter().try_for_each(|&token| {
            let text = self.text_of(token);
            self.report(token, format!("token recognition error at: '{text}'"))
        });
        self.unknown = unknown;
        reported
    }

    /// Before a choice that begins with one of `next`.
    pub(super) fn before(&mut self, state: State, next: Tokens) -> Parsed<()> {
        if next.contains(self.peek()) || self.faults.recovering {
            return Ok(());
        }
        self.unexpected(state, next)
    }

    #[cold]
    fn unexpected(&mut self, state: State, next: Tokens) -> Parsed<()> {
        if self.pass_over_one(next)? {
            return Ok(());
        }
        self.fault(state, Fault::Mismatch(next))
    }

    /// Between the turns of a loop that goes on, or ends, with one of `next`.
    pub(super) fn between(&mut self, next: Tokens) -> Parsed<()> {
        if next.contains(self.peek()) || self.faults.recovering {
            return Ok(());
        }
        self.report_unwanted(next)?;
        let stop = next.or(self.follow());
        while self.peek() != Kind::End && !stop.contains(self.peek()) {
            self.at += 1;
        }
        Ok(())
    }

    /// Takes a token of this kind; `after` may follow it within the rule.
    pub(super) fn expect(&mut self, kind: Kind, state: State, after: Next) -> Parsed<Token> {
        if self.peek() == kind { Ok(self.take()) } else { self.expect_otherwise(kind, state, after) }
    }

    #[cold]
    fn expect_otherwise(&mut self, kind: Kind, state: State, after: Next) -> Parsed<Token> {
        self.count_recovery()?;
        let wanted = Tokens::of(&[kind]);
        if self.pass_over_one(wanted)? {
            return Ok(self.take());
        }
        let place = self.token();
        if !self.expected(after).contains(place.kind) {
            return self.fault(state, Fault::Mismatch(wanted));
        }
        if !self.faults.recovering {
            self.faults.recovering = true;
            self.report(place, format!("missing {wanted} at {}", self.shown(place)))?;
        }
        Ok(Token { kind, start: place.start, end: place.start })
    }

    /// No alternative fits this token and `ahead` more.
    pub(super) fn no_choice<T>(&mut self, state: State, ahead: usize) -> Parsed<T> {
        self.fault(state, Fault::NoChoice(self.at, self.at + ahead))
    }

    fn fault<T>(&mut self, state: State, fault: Fault) -> Parsed<T> {
        self.faults.unread = matches!(fault, Fault::NoChoice(..));
        self.faults.current = Some((state, fault));
        Err(Halt::Fault)
    }

    /// At the end of the rule at fault: says what is wrong and passes over what cannot follow.
    #[cold]
    pub(super) fn recover(&mut self) -> Parsed<()> {
        let Some((state, fault)) = self.faults.current.take() else { return Err(Halt::Stop) };
        if !self.faults.recovering {
            self.faults.recovering = true;
            self.report_fault(fault)?;
        }
        self.count_recovery()?;
        let (bit, mut passed) = (1 << state as u64, 0);
        let mut states = 0;
        if let Some((at, known)) = self.faults.last {
            states = known;
            if at == self.at && known & bit != 0 {
                self.pass_over(&mut passed)?;
            }
        }
        self.faults.last = Some((self.at, states | bit));
        let follow = self.follow();
        while self.peek() != Kind::End && !follow.contains(self.peek()) {
            self.pass_over(&mut passed)?;
        }
        Ok(())
    }

    fn pass_over(&mut self, passed: &mut u32) -> Parsed<()> {
        if *passed >= MAX_PASSED_OVER {
            return self.stop(format!("error recovery token lookahead limit exceeded: {MAX_PASSED_OVER}"));
        }
        *passed += 1;
        if self.peek() != Kind::End {
            self.at += 1;
        }
        Ok(())
    }

    fn count_recovery(&mut self) -> Parsed<()> {
        self.faults.recoveries += 1;
        if self.faults.recoveries > MAX_RECOVERIES {
            let message = format!("error recovery attempt limit exceeded: {MAX_RECOVERIES}");
            self.report(self.token(), message)?;
            return Err(Halt::Stop);
        }
        Ok(())
    }

    /// Passes over one token too many, when the one after it is among those expected.
    fn pass_over_one(&mut self, expected: Tokens) -> Parsed<bool> {
        if !expected.contains(self.peek_after(1)) {
            return Ok(false);
        }
        self.report_unwanted(expected)?;
        self.at = (self.at + 1).min(self.tokens.len().saturating_sub(1));
        self.faults.end();
        Ok(true)
    }

    fn report_unwanted(&mut self, expected: Tokens) -> Parsed<()> {
        if self.faults.recovering {
            return Ok(());
        }
        self.faults.recovering = true;
        let token = self.token();
        self.report(token, format!("extraneous input {} expecting {expected}", self.shown(token)))
    }

    fn report_fault(&mut self, fault: Fault) -> Parsed<()> {
        match fault {
            Fault::Mismatch(expected) => {
                let token = self.token();
                self.report(token, format!("mismatched input {} expecting {expected}", self.shown(token)))
            }
            Fault::NoChoice(first, last) => {
                let ahead = |at: usize| self.token_after(at.saturating_sub(self.at));
                let (first, last) = (ahead(first), ahead(last));
                let shown = self.shown_from(first, last);
                let reserved = matches!(last.kind, Kind::True | Kind::False | Kind::Null);
                if reserved && first.end == last.start && first.end - first.start == 1 {
                    let found = self.text_of(last);
                    return self.report(last, format!("mismatched input '{found}' expecting IDENTIFIER"));
                }
                self.report(last, format!("no viable alternative at input {shown}"))
            }
        }
    }

    fn report(&mut self, place: Token, message: String) -> Parsed<()> {
        self.faults.issues.push(Issue::at(place.start, format!("Syntax error: {message}")));
        if self.faults.issues.len() > MAX_SYNTAX_ERRORS { Err(Halt::Stop) } else { Ok(()) }
    }

    /// Nothing more is read.
    pub(super) fn stop<T>(&mut self, message: String) -> Parsed<T> {
        self.faults.issues.push(Issue::nowhere(message));
        Err(Halt::Stop)
    }

    /// A token in an error.
    fn shown(&self, token: Token) -> String {
        self.shown_from(token, token)
    }

    /// The texts of tokens, white space between them included, without what is no token.
    fn shown_from(&self, first: Token, last: Token) -> String {
        if first.kind == Kind::End {
            return "'<EOF>'".to_owned();
        }
        let (mut text, mut from) = (String::new(), first.start);
        let end = Token { kind: Kind::Unknown, start: last.end, end: last.end };
        for gap in
            self.unknown.iter().filter(|gap| gap.start >= first.start && gap.end <= last.end).chain([&end])
        {
            text.push_str(self.source.get(from as usize..gap.start as usize).unwrap_or_default());
            from = gap.end;
        }
        format!("'{}'", text.replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r"))
    }

    /// What may come next, when `next` is what may come next within the rule.
    fn expected(&self, next: Next) -> Tokens {
        let Next { mut tokens, mut ends } = next;
        for after in self.open.iter().rev() {
            if !ends {
                return tokens;
            }
            tokens = tokens.or(after.tokens);
            ends = after.ends;
        }
        if ends { tokens.or(Tokens::of(&[Kind::End])) } else { tokens }
    }

    /// What may follow any open rule.
    fn follow(&self) -> Tokens {
        self.open.iter().fold(Tokens::NONE, |all, after| all.or(after.tokens))
    }
}
