//! `(`, `)`, named groups and flags.

use super::{Entry, Node, Op, Parser, Step, fail};

impl Parser<'_> {
    pub(super) fn open(&mut self) -> Step {
        let rest = self.rest();
        let named = rest.strip_prefix("(?P<").filter(|name| !name.is_empty());
        if let Some(name) = named.or_else(|| rest.strip_prefix("(?<").filter(|name| !name.is_empty())) {
            return self.named(name);
        }
        if rest.starts_with("(?") {
            return self.switch();
        }
        self.advance(1);
        self.capture();
        Ok(())
    }

    fn capture(&mut self) {
        self.groups += 1;
        self.join_literals();
        self.stack.push(Entry::Open(Some(self.groups), self.flags));
    }

    /// `(?P<name>` and `(?<name>`. Go lets groups share a name.
    fn named(&mut self, after: &str) -> Step {
        let start = self.at;
        let Some(end) = after.find('>') else {
            return Err(fail("invalid named capture", self.rest()));
        };
        self.advance(self.rest().len() - after.len() + end + 1);
        let name = after.get(..end).unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(fail("invalid named capture", self.since(start)));
        }
        self.capture();
        Ok(())
    }

    /// `(?flags)`, for the rest of the group, and `(?flags:`, for a group of their own.
    fn switch(&mut self) -> Step {
        let start = self.at;
        self.advance(2);
        let mut flags = self.flags;
        let (mut on, mut any) = (true, false);
        while let Some(character) = self.next() {
            match character {
                'i' => flags.fold = on,
                'm' => flags.lines = on,
                's' => flags.dot_newline = on,
                'U' => flags.lazy = on,
                '-' if on => on = false,
                ':' | ')' if on || any => {
                    if character == ':' {
                        self.join_literals();
                        self.stack.push(Entry::Open(None, self.flags));
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            any = character != '-';
        }
        Err(fail("invalid or unsupported Perl syntax", self.since(start)))
    }

    pub(super) fn close(&mut self) -> Step {
        let body = self.alternation()?;
        let Some(Entry::Open(group, flags)) = self.stack.pop() else {
            return Err(fail("unexpected )", self.pattern));
        };
        self.flags = flags;
        match group {
            None => self.push(body),
            Some(number) => self.push(Node::new(Op::Capture(number, Box::new(body)))),
        }
    }
}
