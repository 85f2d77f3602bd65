//! Directives, anchors, aliases and tags. Source: go-yaml v2 `scannerc.go`.

use super::scanner::Scanner;
use super::token::{Scan, Text, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Scan<Token> {
        let start = self.cursor.mark();
        self.cursor.skip();
        let name = self.word();
        if name.start == name.end {
            return self.problem("could not find expected directive name");
        }
        if !self.cursor.is_blank_or_end(0) {
            return self.problem("found unexpected non-alphabetical character");
        }
        let kind = match self.resolve(name) {
            "YAML" => self.version()?,
            "TAG" => self.tag_directive()?,
            _ => return self.problem("found unknown directive name"),
        };
        let end = self.cursor.mark();
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return self.problem("did not find expected comment or line break");
        }
        self.cursor.line_break();
        Ok(Token::new(kind, start, end))
    }

    fn word(&mut self) -> Text {
        let start = self.cursor.at();
        while self.cursor.is_word() {
            self.cursor.skip();
        }
        Text { start: start as u32, end: self.cursor.at() as u32, decoded: false }
    }

    fn version(&mut self) -> Scan<TokenKind> {
        self.cursor.skip_blanks();
        let major = self.version_number()?;
        if self.cursor.peek(0) != b'.' {
            return self.problem("did not find expected digit or '.' character");
        }
        self.cursor.skip();
        let minor = self.version_number()?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn version_number(&mut self) -> Scan<u8> {
        let (mut value, mut digits) = (0, 0);
        while self.cursor.peek(0).is_ascii_digit() {
            digits += 1;
            if digits > 2 {
                return self.problem("found extremely long version number");
            }
            value = value * 10 + (self.cursor.peek(0) - b'0');
            self.cursor.skip();
        }
        if digits == 0 {
            return self.problem("did not find expected version number");
        }
        Ok(value)
    }

    fn tag_directive(&mut self) -> Scan<TokenKind> {
        self.cursor.skip_blanks();
        let handle = self.tag_handle(true)?;
        if !self.cursor.is_blank(0) {
            return self.problem("did not find expected whitespace");
        }
        self.cursor.skip_blanks();
        let prefix = self.tag_uri("")?;
        if !self.cursor.is_blank_or_end(0) {
            return self.problem("did not find expected whitespace or line break");
        }
        Ok(TokenKind::TagDirective(self.pair(handle, prefix)))
    }

    fn pair(&mut self, handle: String, rest: String) -> usize {
        self.pairs.push((handle, rest));
        self.pairs.len() - 1
    }

    pub(super) fn anchor(&mut self, alias: bool) -> Scan {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        self.cursor.skip();
        let name = self.word();
        let ends = self.cursor.is_blank_or_end(0)
            || matches!(self.cursor.peek(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.start == name.end || !ends {
            return self.problem("did not find expected alphabetic or numeric character");
        }
        let kind = if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        self.push(Token::new(kind, start, self.cursor.mark()));
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Scan {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark();
        let (handle, suffix) = if self.cursor.peek(1) == b'<' {
            self.cursor.skip_times(2);
            let suffix = self.tag_uri("")?;
            if self.cursor.peek(0) != b'>' {
                return self.problem("did not find the expected '>'");
            }
            self.cursor.skip();
            (String::new(), suffix)
        } else {
            let handle = self.tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.tag_uri("")?;
                (handle, suffix)
            } else {
                // No handle after all, but the beginning of the tag itself; or the tag `!`.
                let suffix = self.tag_uri(&handle)?;
                if suffix.is_empty() { (String::new(), handle) } else { ("!".to_owned(), suffix) }
            }
        };
        if !self.cursor.is_blank_or_end(0) {
            return self.problem("did not find expected whitespace or line break");
        }
        let pair = self.pair(handle, suffix);
        self.push(Token::new(TokenKind::Tag(pair), start, self.cursor.mark()));
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool) -> Scan<String> {
        if self.cursor.peek(0) != b'!' {
            return self.problem("did not find expected '!'");
        }
        let start = self.cursor.at();
        self.cursor.skip();
        let name = self.word();
        if self.cursor.peek(0) == b'!' {
            self.cursor.skip();
        } else if directive && name.start != name.end {
            return self.problem("did not find expected '!'");
        }
        Ok(self.cursor.text().get(start..self.cursor.at()).unwrap_or_default().to_owned())
    }

    /// The rest of a tag, after what was taken for its handle; the leading `!` of that is left out.
    fn tag_uri(&mut self, head: &str) -> Scan<String> {
        let mut uri = head.as_bytes().get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        loop {
            match self.cursor.peek(0) {
                b'%' => self.uri_escape(&mut uri)?,
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!' | b'~'
                | b'*' | b'\'' | b'(' | b')' | b'[' | b']' => self.take_byte(&mut uri),
                _ if self.cursor.is_word() => self.take_byte(&mut uri),
                _ if found => return Ok(String::from_utf8_lossy(&uri).into_owned()),
                _ => return self.problem("did not find expected tag URI"),
            }
            found = true;
        }
    }

    fn take_byte(&mut self, uri: &mut Vec<u8>) {
        uri.push(self.cursor.peek(0));
        self.cursor.skip();
    }

    /// One character, each of whose bytes is written as `%` and two digits.
    fn uri_escape(&mut self, uri: &mut Vec<u8>) -> Scan {
        let mut remaining = None;
        while remaining != Some(0) {
            let digit = |ahead| char::from(self.cursor.peek(ahead)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.peek(0), digit(1), digit(2)) else {
                return self.problem("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            let width = match (remaining, octet) {
                (None, 0..=0x7f) => 1,
                (None, 0xc0..=0xdf) => 2,
                (None, 0xe0..=0xef) => 3,
                (None, 0xf0..=0xf7) => 4,
                (None, _) => return self.problem("found an incorrect leading UTF-8 octet"),
                (Some(remaining), 0x80..=0xbf) => remaining,
                (Some(_), _) => return self.problem("found an incorrect trailing UTF-8 octet"),
            };
            uri.push(octet);
            self.cursor.skip_times(3);
            remaining = Some(width - 1);
        }
        Ok(())
    }
}
