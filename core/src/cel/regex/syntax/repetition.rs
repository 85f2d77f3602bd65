//! `*`, `+`, `?` and `{n,m}`.

use super::{Entry, Node, Parser, Step, fail};

/// The greatest count, and of nested counts their product.
const MAX_REPEAT: u32 = 1_000;

/// `{n}`, `{n,}` or `{n,m}`; a number that is too large is `u32::MAX`.
struct Counts {
    least: u32,
    most: Option<u32>,
    length: usize,
}

impl Parser<'_> {
    pub(super) fn plain_repetition(&mut self, symbol: char, last: Option<usize>) -> Step {
        let start = self.at;
        self.advance(1);
        let (least, most) = match symbol {
            '*' => (0, None),
            '+' => (1, None),
            _ => (0, Some(1)),
        };
        let (body, greedy) = self.repeated(start, last)?;
        self.repeat(Node::plain_repetition(least, most, greedy, body))
    }

    /// Says whether it was a repetition; a brace that begins none is a character.
    pub(super) fn counted_repetition(&mut self, last: Option<usize>) -> Step<bool> {
        let start = self.at;
        let Some(Counts { least, most, length }) = counts(self.rest()) else { return Ok(false) };
        self.advance(length);
        let wrong = |most| most > MAX_REPEAT || most < least;
        if least > MAX_REPEAT || most.is_some_and(wrong) {
            return Err(fail("invalid repeat count", self.since(start)));
        }
        let (body, greedy) = self.repeated(start, last)?;
        let node = Node::counted_repetition(least, most, greedy, body);
        let (copies, several) = (node.copies, least >= 2 || most.is_some_and(|most| most >= 2));
        self.repeat(node)?;
        if several && copies > MAX_REPEAT {
            return Err(fail("invalid repeat count", self.since(start)));
        }
        Ok(true)
    }

    /// Takes what is repeated from the stack; a `?` that follows changes whether as much as possible is taken.
    fn repeated(&mut self, start: usize, last: Option<usize>) -> Step<(Node, bool)> {
        let mut lazy = self.flags.lazy;
        if self.peek() == Some('?') {
            self.advance(1);
            lazy = !lazy;
        }
        if let Some(last) = last {
            return Err(fail("invalid nested repetition operator", self.since(last)));
        }
        match self.stack.pop() {
            Some(Entry::Node(body)) => Ok((body, !lazy)),
            _ => Err(fail("missing argument to repetition operator", self.since(start))),
        }
    }

    fn repeat(&mut self, node: Node) -> Step {
        self.check_height(&node)?;
        self.stack.push(Entry::Node(node));
        Ok(())
    }
}

fn counts(text: &str) -> Option<Counts> {
    let (least, rest) = number(text.strip_prefix('{')?)?;
    let (most, rest) = match rest.strip_prefix(',') {
        None => (Some(least), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (most, rest) = number(rest)?;
            (Some(most), rest)
        }
    };
    let rest = rest.strip_prefix('}')?;
    Some(Counts { least, most, length: text.len() - rest.len() })
}

/// Decimal digits without a leading zero.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    let number = || digits.parse().unwrap_or(u32::MAX);
    (!digits.is_empty() && !leading_zero).then(|| (number(), rest))
}
