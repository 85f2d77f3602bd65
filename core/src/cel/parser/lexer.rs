//! Tokens, by the longest match as in the lexer rules of CEL.g4.

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// In the order in which CEL.g4 declares them, which is the order in which errors list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    End,
    Equals,
    NotEquals,
    In,
    Less,
    LessEquals,
    GreaterEquals,
    Greater,
    And,
    Or,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Dot,
    Comma,
    Minus,
    Not,
    Question,
    Colon,
    Plus,
    Star,
    Slash,
    Percent,
    True,
    False,
    Null,
    Float,
    Int,
    Uint,
    String,
    Bytes,
    Ident,
    EscapedIdent,
    /// Characters that begin no token.
    Unknown,
}

impl Kind {
    /// All that an error may expect, as it names them.
    pub(super) const ALL: &[(Kind, &str)] = &[
        (Kind::End, "<EOF>"),
        (Kind::Equals, "'=='"),
        (Kind::NotEquals, "'!='"),
        (Kind::In, "'in'"),
        (Kind::Less, "'<'"),
        (Kind::LessEquals, "'<='"),
        (Kind::GreaterEquals, "'>='"),
        (Kind::Greater, "'>'"),
        (Kind::And, "'&&'"),
        (Kind::Or, "'||'"),
        (Kind::LeftBracket, "'['"),
        (Kind::RightBracket, "']'"),
        (Kind::LeftBrace, "'{'"),
        (Kind::RightBrace, "'}'"),
        (Kind::LeftParen, "'('"),
        (Kind::RightParen, "')'"),
        (Kind::Dot, "'.'"),
        (Kind::Comma, "','"),
        (Kind::Minus, "'-'"),
        (Kind::Not, "'!'"),
        (Kind::Question, "'?'"),
        (Kind::Colon, "':'"),
        (Kind::Plus, "'+'"),
        (Kind::Star, "'*'"),
        (Kind::Slash, "'/'"),
        (Kind::Percent, "'%'"),
        (Kind::True, "'true'"),
        (Kind::False, "'false'"),
        (Kind::Null, "'null'"),
        (Kind::Float, "NUM_FLOAT"),
        (Kind::Int, "NUM_INT"),
        (Kind::Uint, "NUM_UINT"),
        (Kind::String, "STRING"),
        (Kind::Bytes, "BYTES"),
        (Kind::Ident, "IDENTIFIER"),
        (Kind::EscapedIdent, "ESC_IDENTIFIER"),
    ];
}

/// Longer symbols before their prefixes.
const SYMBOLS: &[(&str, Kind)] = &[
    ("==", Kind::Equals),
    ("!=", Kind::NotEquals),
    ("<=", Kind::LessEquals),
    (">=", Kind::GreaterEquals),
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("<", Kind::Less),
    (">", Kind::Greater),
    ("[", Kind::LeftBracket),
    ("]", Kind::RightBracket),
    ("{", Kind::LeftBrace),
    ("}", Kind::RightBrace),
    ("(", Kind::LeftParen),
    (")", Kind::RightParen),
    (".", Kind::Dot),
    (",", Kind::Comma),
    ("-", Kind::Minus),
    ("!", Kind::Not),
    ("?", Kind::Question),
    (":", Kind::Colon),
    ("+", Kind::Plus),
    ("*", Kind::Star),
    ("/", Kind::Slash),
    ("%", Kind::Percent),
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
    for (symbol, kind) in SYMBOLS {
        if rest.starts_with(symbol.as_bytes()) {
            return (*kind, symbol.len());
        }
    }
    (Kind::Unknown, unknown(rest))
}

/// Length of what begins no token: up to and with the character at which no rule of the lexer goes on.
fn unknown(rest: &[u8]) -> usize {
    let before = match rest {
        [quote @ (b'"' | b'\''), ..] => 1 + unclosed(rest.get(1..).unwrap_or_default(), *quote),
        [b'=' | b'&' | b'|', ..] => 1,
        _ => 0,
    };
    let stop = rest.get(before).map_or(0, |&byte| utf8_width(byte));
    (before + stop).min(rest.len())
}

/// Length of the part of a literal's body that is right, when the body as a whole is not.
fn unclosed(body: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        match byte {
            b'\n' | b'\r' => break,
            b'\\' => match escape(body.get(at..).unwrap_or_default()) {
                Ok(length) => at += length,
                Err(valid) => return at + valid,
            },
            _ if byte == quote => break,
            _ => at += utf8_width(byte),
        }
    }
    at
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
            b'\\' if !raw => at += escape(rest).ok()?,
            _ => at += 1,
        }
    }
}

/// Length of an escape sequence; when the lexer rejects it, of the part that it accepts.
fn escape(rest: &[u8]) -> Result<usize, usize> {
    let digits = |from: usize, most: usize, accept: fn(u8) -> bool| {
        let found = count(rest.get(from..).unwrap_or_default(), accept).min(most);
        if found == most { Ok(from + most) } else { Err(from + found) }
    };
    match rest.get(1) {
        Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`') => Ok(2),
        Some(b'x' | b'X') => digits(2, 2, |byte| byte.is_ascii_hexdigit()),
        Some(b'u') => digits(2, 4, |byte| byte.is_ascii_hexdigit()),
        Some(b'U') => digits(2, 8, |byte| byte.is_ascii_hexdigit()),
        Some(b'0'..=b'3') => digits(2, 2, |byte| (b'0'..=b'7').contains(&byte)),
        _ => Err(1),
    }
}
