//! Email addresses as Go's `net/mail` takes them, without what it decodes of names.
//!
//! Source: Go `net/mail/message.go`, `ParseAddress`.

use crate::cel::library::kubernetes::parse_address;

/// Whether a text is one address, by itself, behind a name or alone in a group.
pub(super) fn is_email(text: &str) -> bool {
    let mut rest = Rest(text);
    let Some(count) = rest.address(true) else { return false };
    rest.comments() && rest.0.is_empty() && count == 1
}

#[derive(Clone, Copy)]
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    /// How many addresses there are.
    fn address(&mut self, groups: bool) -> Option<usize> {
        self.space();
        if self.0.is_empty() {
            return None;
        }
        if self.spec() {
            self.space();
            return (!self.0.starts_with('(') || self.take('(') && self.comment()).then_some(1);
        }
        if !self.0.starts_with('<') && !self.phrase() {
            return None;
        }
        self.space();
        if groups && self.take(':') {
            return self.group();
        }
        (self.take('<') && self.spec() && self.take('>')).then_some(1)
    }

    fn group(&mut self) -> Option<usize> {
        self.space();
        if self.take(';') {
            return self.comments().then_some(0);
        }
        let mut count = 0;
        loop {
            self.space();
            count += self.address(false)?;
            if !self.comments() {
                return None;
            }
            if self.take(';') {
                return self.comments().then_some(count);
            }
            if !self.take(',') {
                return None;
            }
        }
    }

    /// `local@domain`; takes nothing when it is none.
    fn spec(&mut self) -> bool {
        let before = *self;
        let taken = self.spec_or_part();
        if !taken {
            *self = before;
        }
        taken
    }

    fn spec_or_part(&mut self) -> bool {
        self.space();
        let local = match self.0.starts_with('"') {
            true => self.quoted().is_some_and(|text| !text.is_empty()),
            false => self.atom(false),
        };
        if !local || !self.take('@') {
            return false;
        }
        self.space();
        if self.take('[') { self.literal() } else { self.atom(false) }
    }

    /// An address in brackets, the first of which is taken.
    fn literal(&mut self) -> bool {
        let Some((inner, rest)) = self.0.split_once(']') else { return false };
        self.0 = rest;
        let plain = inner.chars().all(|c| is_visible(c) && !matches!(c, '[' | '\\'));
        plain && matches!(parse_address(inner), Ok((_, false)))
    }

    /// Words, at least one; what comes behind them is left.
    fn phrase(&mut self) -> bool {
        let mut words = 0;
        loop {
            if words > 0 && !self.comments() {
                return false;
            }
            self.space();
            if self.0.is_empty() {
                return true;
            }
            let word = match self.0.starts_with('"') {
                true => self.quoted().is_some(),
                false => self.atom(true),
            };
            if !word {
                return words > 0;
            }
            words += 1;
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let inner = self.0.strip_prefix('"')?;
        let (mut text, mut escaped) = (String::new(), false);
        for (at, character) in inner.char_indices() {
            let visible = is_visible(character) || matches!(character, ' ' | '\t');
            match character {
                _ if escaped && visible => {
                    text.push(character);
                    escaped = false;
                }
                _ if escaped => return None,
                '"' => {
                    self.0 = inner.get(at + 1..)?;
                    return Some(text);
                }
                '\\' => escaped = true,
                _ if visible => text.push(character),
                _ => return None,
            }
        }
        None
    }

    /// Characters that need no quotes, with dots; `anyhow` those may stand anywhere.
    fn atom(&mut self, anyhow: bool) -> bool {
        let special = ['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"'];
        let ends = |c: char| special.contains(&c) || !is_visible(c);
        let length = self.0.find(ends).unwrap_or(self.0.len());
        let Some((atom, rest)) = self.0.split_at_checked(length).filter(|_| length > 0) else { return false };
        self.0 = rest;
        anyhow || !(atom.starts_with('.') || atom.ends_with('.') || atom.contains(".."))
    }

    fn comments(&mut self) -> bool {
        self.space();
        while self.take('(') {
            if !self.comment() {
                return false;
            }
            self.space();
        }
        true
    }

    /// The rest of a comment, with those within it.
    fn comment(&mut self) -> bool {
        let mut depth = 1;
        let mut characters = self.0.chars();
        while depth > 0 {
            match characters.next() {
                None => return false,
                Some('\\') if !characters.as_str().is_empty() => {
                    characters.next();
                }
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
            }
        }
        self.0 = characters.as_str();
        true
    }

    fn take(&mut self, character: char) -> bool {
        match self.0.strip_prefix(character) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

fn is_visible(character: char) -> bool {
    ('!'..='~').contains(&character) || !character.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn addresses_are_read_as_net_mail_reads_them() {
        for text in [
            "a@b",
            "a.b@c.d",
            "A B <a@b>",
            "\"x y\"@b",
            "<a@b>",
            "a@[1.2.3.4]",
            "a@b (c (d))",
            "g: a@b;",
            "é@ü",
            " a @b",
            "\"A.\" B. <a@b>",
        ] {
            assert_eq!(is_email(text), text != " a @b", "{text}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b",
            "a..b@c",
            ".a@b",
            "a@b c",
            "a@[x]",
            "a@b (",
            "g: a@b, c@d;",
            "g:;",
            "A <a@b",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }
}
