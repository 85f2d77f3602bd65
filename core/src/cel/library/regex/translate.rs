//! From Go's regexp syntax to that of the `regex` crate.
//!
//! Source: Go `regexp/syntax` (the Perl flags that `regexp.Compile` sets). What Go refuses is refused here with its
//! words; what both accept but read differently is rewritten.

/// Go's limits on `x{n,m}`: each count, and nested counts multiplied.
const MAX_REPEAT: u32 = 1_000;

/// Groups inside each other that Go allows.
const MAX_NESTING: usize = 1_000;

/// The pattern in the `regex` crate's syntax, or Go's error text.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    translate_to(pattern, "(?:")
}

/// The same, with the pattern's groups captured by number.
pub(crate) fn translate_with_groups(pattern: &str) -> Result<String, String> {
    translate_to(pattern, "(")
}

fn translate_to(pattern: &str, open: &'static str) -> Result<String, String> {
    let mut translator = Translator {
        pattern,
        open,
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        groups: Vec::new(),
        names: Vec::new(),
        last: Last::Nothing,
        repeat: 1,
    };
    translator.run()?;
    Ok(translator.out)
}

struct Translator<'p> {
    pattern: &'p str,
    /// What a group that captures is written as.
    open: &'static str,
    at: usize,
    out: String,
    /// Open groups, the pattern itself among them.
    groups: Vec<Group>,
    names: Vec<&'p str>,
    last: Last,
    /// The greatest product of counts inside the atom that was read last.
    repeat: u32,
}

struct Group {
    /// Greatest product of counts among the atoms of the group so far.
    inside: u32,
}

/// What a repetition would apply to.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Atom,
    /// A repetition that began at this byte.
    Repetition(usize),
}

impl<'p> Translator<'p> {
    fn run(&mut self) -> Result<(), String> {
        self.groups.push(Group { inside: 1 });
        while let Some(character) = self.peek() {
            match character {
                '(' => self.open()?,
                ')' => self.close()?,
                '[' => self.class()?,
                '*' | '+' | '?' => self.simple_repetition()?,
                '{' => self.counted_repetition()?,
                '\\' => self.escape()?,
                '|' => {
                    self.copy('|');
                    self.last = Last::Nothing;
                }
                '.' | '^' | '$' => {
                    self.copy(character);
                    self.atom();
                }
                _ => {
                    self.advance(character);
                    self.literal(character);
                    self.atom();
                }
            }
        }
        match self.groups.len() {
            1 => Ok(()),
            _ => Err(fail("missing closing )", self.pattern)),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, character: char) {
        self.at += character.len_utf8();
    }

    fn copy(&mut self, character: char) {
        self.advance(character);
        self.out.push(character);
    }

    fn literal(&mut self, character: char) {
        if regex::escape(character.encode_utf8(&mut [0; 4])).len() > character.len_utf8() {
            self.out.push('\\');
        }
        self.out.push(character);
    }

    fn atom(&mut self) {
        self.last = Last::Atom;
        self.repeat = 1;
    }

    fn open(&mut self) -> Result<(), String> {
        let start = self.at;
        let rest = self.rest();
        if self.groups.len() > MAX_NESTING {
            return Err(fail("expression nests too deeply", self.pattern));
        }
        if let Some(after) = rest.strip_prefix("(?") {
            if let Some(named) = after.strip_prefix("P<").or_else(|| after.strip_prefix('<')) {
                let Some((name, _)) = named.split_once('>') else {
                    return Err(fail("invalid named capture", rest));
                };
                let whole = rest.get(..rest.len() - named.len() + name.len() + 1).unwrap_or(rest);
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if name.is_empty() || !name.chars().all(word) {
                    return Err(fail("invalid named capture", whole));
                }
                if self.names.contains(&name) {
                    return Err(fail("duplicate capture group name", name));
                }
                self.names.push(name);
                self.out.push_str(self.open);
                self.at += whole.len();
            } else {
                return self.flags(start, after);
            }
        } else {
            self.out.push_str(self.open);
            self.at += 1;
        }
        self.groups.push(Group { inside: 1 });
        self.last = Last::Nothing;
        Ok(())
    }

    /// `(?flags)` and `(?flags:`; Go knows i, m, s and U.
    fn flags(&mut self, start: usize, after: &str) -> Result<(), String> {
        let (mut negative, mut any) = (false, false);
        for (at, character) in after.char_indices() {
            let upto = |end: usize| self.pattern.get(start..start + 2 + end).unwrap_or_default();
            match character {
                'i' | 'm' | 's' | 'U' => any = true,
                '-' if !negative => {
                    negative = true;
                    any = false;
                }
                ':' | ')' => {
                    if negative && !any {
                        return Err(fail("invalid or unsupported Perl syntax", upto(at + 1)));
                    }
                    let text = upto(at + 1);
                    self.at = start + text.len();
                    // The empty set of flags is written differently.
                    let text = if text == "(?)" { "(?:)" } else { text };
                    self.out.push_str(text);
                    if character == ':' {
                        self.groups.push(Group { inside: 1 });
                        self.last = Last::Nothing;
                    } else {
                        self.last = Last::Nothing;
                    }
                    return Ok(());
                }
                _ => return Err(fail("invalid or unsupported Perl syntax", upto(at + character.len_utf8()))),
            }
        }
        Err(fail("missing closing )", self.pattern))
    }

    fn close(&mut self) -> Result<(), String> {
        if self.groups.len() == 1 {
            return Err(fail("unexpected )", self.pattern));
        }
        self.finish_atom();
        let group = self.groups.pop();
        self.copy(')');
        self.last = Last::Atom;
        self.repeat = group.map_or(1, |group| group.inside.max(1));
        Ok(())
    }

    /// Notes the last atom's repetition in its group.
    fn finish_atom(&mut self) {
        let repeat = self.repeat;
        if let Some(group) = self.groups.last_mut() {
            group.inside = group.inside.max(repeat);
        }
        self.repeat = 1;
    }

    fn simple_repetition(&mut self) -> Result<(), String> {
        let start = self.at;
        let symbol = self.peek().unwrap_or('*');
        self.check_repeatable(start, 1)?;
        self.copy(symbol);
        self.lazy();
        self.last = Last::Repetition(start);
        Ok(())
    }

    fn lazy(&mut self) {
        if self.peek() == Some('?') {
            self.copy('?');
        }
    }

    fn check_repeatable(&self, start: usize, length: usize) -> Result<(), String> {
        let text = self.pattern.get(start..start + length).unwrap_or_default();
        match self.last {
            Last::Nothing => Err(fail("missing argument to repetition operator", text)),
            Last::Repetition(before) => {
                let both = self.pattern.get(before..start + length).unwrap_or_default();
                Err(fail("invalid nested repetition operator", both))
            }
            Last::Atom => Ok(()),
        }
    }

    fn counted_repetition(&mut self) -> Result<(), String> {
        let start = self.at;
        let Some((text, low, high)) = counts(self.rest()) else {
            self.advance('{');
            self.out.push_str("\\{");
            self.atom();
            return Ok(());
        };
        let too_large = |count: Option<u32>| count.is_none_or(|count| count > MAX_REPEAT);
        if too_large(low) || high.is_some_and(too_large) || high.is_some_and(|high| high < low) {
            return Err(fail("invalid repeat count", text));
        }
        self.check_repeatable(start, text.len())?;
        self.at += text.len();
        self.out.push_str(text);
        self.lazy();
        let most = high.unwrap_or(low).unwrap_or(1).max(low.unwrap_or(1)).max(1);
        self.repeat = self.repeat.saturating_mul(most);
        if self.repeat > MAX_REPEAT {
            return Err(fail("invalid repeat count", text));
        }
        let repeat = self.repeat;
        if let Some(group) = self.groups.last_mut() {
            group.inside = group.inside.max(repeat);
        }
        self.last = Last::Repetition(start);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let Some(letter) = rest.chars().nth(1) else {
            return Err(fail("trailing backslash at end of expression", ""));
        };
        match letter {
            'A' | 'z' | 'b' | 'B' => {
                self.at += 2;
                self.out.push('\\');
                self.out.push(letter);
                // Go's word boundaries are of ASCII words.
                if matches!(letter, 'b' | 'B') {
                    self.out.truncate(self.out.len() - 2);
                    self.out.push_str(if letter == 'b' { "(?-u:\\b)" } else { ASCII_NOT_BOUNDARY });
                }
            }
            'Q' => {
                let body = rest.get(2..).unwrap_or_default();
                let (quoted, used) = match body.find("\\E") {
                    Some(end) => (body.get(..end).unwrap_or_default(), end + 2),
                    None => (body, body.len()),
                };
                self.at += 2 + used;
                for character in quoted.chars() {
                    self.literal(character);
                }
                if quoted.is_empty() {
                    return Ok(());
                }
            }
            'C' => return Err(fail("invalid escape sequence", "\\C")),
            _ => {
                let class = self.class_escape()?;
                self.out.push_str(&class);
            }
        }
        self.atom();
        Ok(())
    }

    /// An escape that may stand inside and outside of brackets; gives its translation.
    fn class_escape(&mut self) -> Result<String, String> {
        let rest = self.rest();
        let Some(letter) = rest.chars().nth(1) else {
            return Err(fail("trailing backslash at end of expression", ""));
        };
        let taken = |length: usize| rest.get(..length).unwrap_or(rest);
        let simple = match letter {
            'd' => "[0-9]",
            'D' => "[^0-9]",
            's' => "[\\t\\n\\x0c\\r ]",
            'S' => "[^\\t\\n\\x0c\\r ]",
            'w' => "[0-9A-Za-z_]",
            'W' => "[^0-9A-Za-z_]",
            'a' => "\\x07",
            'f' => "\\x0c",
            'n' => "\\n",
            'r' => "\\r",
            't' => "\\t",
            'v' => "\\x0b",
            'p' | 'P' => return self.unicode_class(letter),
            'x' => {
                let (code, length) = hexadecimal(rest)?;
                self.at += length;
                return code_point(code).ok_or_else(|| fail("invalid escape sequence", taken(length)));
            }
            '0'..='7' => {
                let second = rest.chars().nth(2).filter(|c| ('0'..='7').contains(c));
                if letter != '0' && second.is_none() {
                    return Err(fail("invalid escape sequence", taken(2)));
                }
                let digits: String =
                    rest.chars().skip(1).take(3).take_while(|c| ('0'..='7').contains(c)).collect();
                self.at += 1 + digits.len();
                let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
                return code_point(code).ok_or_else(|| fail("invalid escape sequence", rest));
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
                self.at += 2;
                let mut escaped = regex::escape(c.encode_utf8(&mut [0; 4]));
                if matches!(c, '&' | '~' | '-' | '#') && !escaped.starts_with('\\') {
                    escaped.insert(0, '\\');
                }
                return Ok(escaped);
            }
            c => return Err(fail("invalid escape sequence", taken(1 + c.len_utf8()))),
        };
        self.at += 2;
        Ok(simple.to_owned())
    }

    fn unicode_class(&mut self, letter: char) -> Result<String, String> {
        let rest = self.rest();
        let after = rest.get(2..).unwrap_or_default();
        let (name, length) = match after.strip_prefix('{') {
            Some(body) => match body.split_once('}') {
                Some((name, _)) => (name, 2 + name.len() + 2),
                None => return Err(fail("invalid character class range", rest)),
            },
            None => match after.chars().next() {
                Some(c) => (after.get(..c.len_utf8()).unwrap_or_default(), 2 + c.len_utf8()),
                None => return Err(fail("invalid character class range", rest)),
            },
        };
        let (negated, plain) = match name.strip_prefix('^') {
            Some(plain) => (true, plain),
            None => (false, name),
        };
        let upper = (letter == 'P') != negated;
        let class = if plain == "Any" {
            if upper { "[^\\x{0}-\\x{10FFFF}]".to_owned() } else { "[\\x{0}-\\x{10FFFF}]".to_owned() }
        } else {
            format!("\\{}{{{plain}}}", if upper { 'P' } else { 'p' })
        };
        let known = plain == "Any"
            || (plain.starts_with(|c: char| c.is_ascii_uppercase()) && regex::Regex::new(&class).is_ok());
        if !known {
            return Err(fail("invalid character class range", rest.get(..length).unwrap_or(rest)));
        }
        self.at += length;
        Ok(class)
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        self.out.push('[');
        if self.peek() == Some('^') {
            self.copy('^');
        }
        let mut first = true;
        loop {
            let rest = self.rest();
            let Some(character) = rest.chars().next() else {
                return Err(fail("missing closing ]", self.pattern.get(start..).unwrap_or_default()));
            };
            if character == ']' && !first {
                break;
            }
            first = false;
            if rest.starts_with("[:")
                && let Some(end) = rest.find(":]")
            {
                let name = rest.get(..end + 2).unwrap_or(rest);
                if !is_posix_class(name) {
                    return Err(fail("invalid character class range", name));
                }
                self.out.push_str(name);
                self.at += name.len();
                continue;
            }
            self.class_item(rest)?;
        }
        self.at += 1;
        self.out.push(']');
        self.atom();
        Ok(())
    }

    /// A character, a range or an escape within brackets.
    fn class_item(&mut self, rest: &str) -> Result<(), String> {
        let low = self.class_character()?;
        let Some(low) = low else { return Ok(()) };
        let after = self.rest();
        let mut item = class_literal(low);
        if after.starts_with('-') && !after.starts_with("-]") && after.len() > 1 {
            self.at += 1;
            let high = self.class_character()?;
            let text = rest.get(..rest.len() - self.rest().len()).unwrap_or(rest);
            match high {
                Some(high) if high >= low => item = format!("{item}-{}", class_literal(high)),
                _ => return Err(fail("invalid character class range", text)),
            }
        }
        self.out.push_str(&item);
        Ok(())
    }

    /// One character of a class; `None` when it was a class of its own, already written.
    fn class_character(&mut self) -> Result<Option<char>, String> {
        let rest = self.rest();
        let Some(character) = rest.chars().next() else {
            return Err(fail("missing closing ]", rest));
        };
        if character != '\\' {
            self.advance(character);
            return Ok(Some(character));
        }
        let translated = self.class_escape()?;
        if translated.starts_with('[') || translated.starts_with("\\p") || translated.starts_with("\\P") {
            self.out.push_str(&translated);
            return Ok(None);
        }
        Ok(single(&translated))
    }
}

/// A place that is between two word characters or between two others, words being of ASCII.
const ASCII_NOT_BOUNDARY: &str = "(?-u:\\B)";

/// A character written so that it stands for itself in brackets.
fn class_literal(character: char) -> String {
    format!("\\x{{{:X}}}", character as u32)
}

/// The character that a translated escape stands for.
fn single(translated: &str) -> Option<char> {
    match translated {
        "\\n" => Some('\n'),
        "\\r" => Some('\r'),
        "\\t" => Some('\t'),
        _ => match translated.strip_prefix("\\x") {
            Some(hex) => u32::from_str_radix(hex.trim_start_matches('{').trim_end_matches('}'), 16)
                .ok()
                .and_then(char::from_u32),
            None => translated.chars().last(),
        },
    }
}

fn code_point(code: u32) -> Option<String> {
    char::from_u32(code).map(|_| format!("\\x{{{code:X}}}"))
}

/// `\xFF` or `\x{10FFFF}`: the code and the length of the escape.
fn hexadecimal(rest: &str) -> Result<(u32, usize), String> {
    let after = rest.get(2..).unwrap_or_default();
    if let Some(body) = after.strip_prefix('{') {
        let digits: String = body.chars().take_while(char::is_ascii_hexdigit).collect();
        let length = 3 + digits.len() + 1;
        let text = rest.get(..length).unwrap_or(rest);
        let code = u32::from_str_radix(&digits, 16).ok().filter(|code| *code <= 0x10_ffff);
        return match code {
            Some(code) if text.ends_with('}') => Ok((code, length)),
            _ => Err(fail("invalid escape sequence", text)),
        };
    }
    let digits = after.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => Ok((code, 4)),
        None => Err(fail("invalid escape sequence", rest.get(..rest.len().min(4)).unwrap_or(rest))),
    }
}

/// `{n}`, `{n,}` or `{n,m}` at the start: its text, n, and m when there is one. A count too large is `None`.
#[expect(clippy::type_complexity, reason = "three plain parts, used in one place")]
fn counts(rest: &str) -> Option<(&str, Option<u32>, Option<Option<u32>>)> {
    let body = rest.strip_prefix('{')?;
    let (body, _) = body.split_once('}')?;
    let text = rest.get(..body.len() + 2)?;
    let number = |digits: &str| -> Option<Option<u32>> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        (plain && !leading_zero).then(|| digits.parse().ok())
    };
    match body.split_once(',') {
        None => {
            let count = number(body)?;
            Some((text, count, Some(count)))
        }
        Some((low, "")) => Some((text, number(low)?, None)),
        Some((low, high)) => Some((text, number(low)?, Some(number(high)?))),
    }
}

fn is_posix_class(name: &str) -> bool {
    let inner = name.trim_start_matches("[:").trim_start_matches('^').trim_end_matches(":]");
    matches!(
        inner,
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    )
}

fn fail(what: &str, text: &str) -> String {
    if text.is_empty() && what.starts_with("trailing") {
        return format!("error parsing regexp: {what}: ``");
    }
    format!("error parsing regexp: {what}: `{text}`")
}

#[cfg(test)]
mod tests {
    use super::translate;
    use crate::cel::library::regex::compile;

    #[test]
    fn errors_read_as_in_go() {
        for (pattern, message) in [
            ("[", "missing closing ]: `[`"),
            ("(a", "missing closing ): `(a`"),
            ("a)", "unexpected ): `a)`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("(a{100}){100}", "invalid repeat count: `{100}`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("\\8", "invalid escape sequence: `\\8`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("\\pX", "invalid character class range: `\\pX`"),
        ] {
            assert_eq!(translate(pattern).unwrap_err(), format!("error parsing regexp: {message}"));
        }
    }

    #[test]
    fn classes_are_of_ascii_and_brackets_have_no_set_operations() {
        assert!(!compile(r"^\d$").unwrap().is_match("٣"));
        assert!(!compile(r"^\w$").unwrap().is_match("é"));
        assert!(compile("^[a&&b]$").unwrap().is_match("&"));
        assert!(compile("^[[a]$").unwrap().is_match("["));
        assert!(compile(r"^\Qa.b\E$").unwrap().is_match("a.b"));
        assert!(compile("^x{,2}$").unwrap().is_match("x{,2}"));
        assert!(compile("^(|a)$").unwrap().is_match(""));
        assert!(compile("a#b").unwrap().is_match("a#b"));
    }
}
