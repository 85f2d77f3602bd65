//! Tokens, by the longest match as in the lexer rules of CEL.g4.

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An operator or bracket, by its text.
    Symbol(&'static str),
    True,
    False,
    Null,
    In,
    Int,
    Uint,
    Float,
    String,
    Bytes,
    Ident,
    EscapedIdent,
    /// Bytes that begin no token.
    Unknown,
    End,
}

/// Longer symbols before their prefixes.
const SYMBOLS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":",
    "+", "*", "/", "%",
];

/// All tokens of a text; the last is `End`.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += blank(bytes.get(at..).unwrap_or_default());
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            tokens.push(Token { kind: Kind::End, start: at as u32, end: at as u32 });
            return tokens;
        }
        let (kind, length) = token(rest);
        tokens.push(Token { kind, start: at as u32, end: (at + length) as u32 });
        at += length;
    }
}

/// Length of the white space and comments that a text begins with.
fn blank(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [b' ' | b'\t' | b'\r' | b'\n' | 0x0c, ..] => at += 1,
            [b'/', b'/', ..] => at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            _ => return at,
        }
    }
}

fn token(rest: &[u8]) -> (Kind, usize) {
    let first = rest.first().copied().unwrap_or(0);
    let second = rest.get(1).copied().unwrap_or(0);
    if first.is_ascii_digit() || (first == b'.' && second.is_ascii_digit()) {
        return number(rest);
    }
    if let Some(found) = quoted(rest) {
        return found;
    }
    if first.is_ascii_alphabetic() || first == b'_' {
        let length = count(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let kind = match rest.get(..length).unwrap_or_default() {
            b"true" => Kind::True,
            b"false" => Kind::False,
            b"null" => Kind::Null,
            b"in" => Kind::In,
            _ => Kind::Ident,
        };
        return (kind, length);
    }
    if first == b'`' {
        let inside = rest.get(1..).unwrap_or_default();
        let length = count(inside, |byte| byte.is_ascii_alphanumeric() || b"_.-/ ".contains(&byte));
        if length > 0 && inside.get(length) == Some(&b'`') {
            return (Kind::EscapedIdent, length + 2);
        }
        // What makes the name none belongs to the error.
        let stop = inside.get(length).map_or(0, |&byte| utf8_width(byte));
        return (Kind::Unknown, (1 + length + stop).min(rest.len()));
    }
    for symbol in SYMBOLS {
        if rest.starts_with(symbol.as_bytes()) {
            return (Kind::Symbol(symbol), symbol.len());
        }
    }
    let width = std::str::from_utf8(rest.get(..4.min(rest.len())).unwrap_or_default())
        .map_or_else(|error| error.valid_up_to(), str::len);
    let width = if width == 0 { 1 } else { utf8_width(first).min(rest.len()) };
    (Kind::Unknown, width)
}

fn utf8_width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

fn count(bytes: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&byte| accept(byte)).count()
}

fn number(rest: &[u8]) -> (Kind, usize) {
    let after = |at: usize| rest.get(at..).unwrap_or_default();
    let digits = |at: usize| count(after(at), |byte| byte.is_ascii_digit());
    let suffix = |at: usize| matches!(rest.get(at), Some(b'u' | b'U'));
    if rest.starts_with(b"0x") {
        let end = 2 + count(after(2), |byte| byte.is_ascii_hexdigit());
        if end > 2 {
            return if suffix(end) { (Kind::Uint, end + 1) } else { (Kind::Int, end) };
        }
    }
    let whole = digits(0);
    let mut end = whole;
    let mut float = false;
    if rest.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
        float = true;
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
            float = true;
        }
    }
    match (float, suffix(end)) {
        (true, _) => (Kind::Float, end),
        (false, true) => (Kind::Uint, end + 1),
        (false, false) => (Kind::Int, end),
    }
}

/// A string or bytes literal with its prefixes and quotes; `None` when none begins here or it does not end.
fn quoted(rest: &[u8]) -> Option<(Kind, usize)> {
    let mut at = 0;
    let mut kind = Kind::String;
    if matches!(rest.get(at), Some(b'b' | b'B')) {
        kind = Kind::Bytes;
        at += 1;
    }
    let raw = matches!(rest.get(at), Some(b'r' | b'R'));
    at += usize::from(raw);
    let quote = *rest.get(at).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let triple = [quote; 3];
    let body = rest.get(at..)?;
    if body.starts_with(&triple)
        && let Some(end) = end_of(body.get(3..)?, &triple, raw, true)
    {
        return Some((kind, at + 3 + end + 3));
    }
    let end = end_of(body.get(1..)?, &[quote], raw, false)?;
    Some((kind, at + 1 + end + 1))
}

/// Where the closing quotes begin.
fn end_of(body: &[u8], close: &[u8], raw: bool, lines: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(close) {
            return Some(at);
        }
        match rest.first()? {
            b'\n' | b'\r' if !lines => return None,
            b'\\' if !raw => at += escape(rest)?,
            _ => at += 1,
        }
    }
}

/// Length of a valid escape sequence; the lexer rejects the others.
fn escape(rest: &[u8]) -> Option<usize> {
    let hex = |digits: usize| {
        let found = count(rest.get(2..2 + digits)?, |byte| byte.is_ascii_hexdigit());
        (found == digits).then_some(2 + digits)
    };
    match rest.get(1)? {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`' => Some(2),
        b'x' | b'X' => hex(2),
        b'u' => hex(4),
        b'U' => hex(8),
        b'0'..=b'3' => {
            let found = count(rest.get(2..4)?, |byte| (b'0'..=b'7').contains(&byte));
            (found == 2).then_some(4)
        }
        _ => None,
    }
}
