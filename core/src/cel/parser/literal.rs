//! What the text of a string or bytes literal stands for: cel-go's `unescape`.

/// The bytes of a literal, quotes and prefixes included in `text`.
pub(super) fn unescape(text: &str, is_bytes: bool) -> Result<Vec<u8>, &'static str> {
    let text = if is_bytes { text.get(1..).unwrap_or_default() } else { text };
    let raw = text.starts_with(['r', 'R']);
    let text = if raw { text.get(1..).unwrap_or_default() } else { text };
    let triple = text.len() >= 6 && (text.starts_with("'''") || text.starts_with("\"\"\""));
    let quotes = if triple { 3 } else { 1 };
    let body = text.get(quotes..text.len().saturating_sub(quotes)).unwrap_or_default();
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    if raw || !body.contains('\\') {
        return Ok(body.into_bytes());
    }
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body.as_str();
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(rest.get(..at).unwrap_or_default().as_bytes());
        rest = one(rest.get(at + 1..).unwrap_or_default(), is_bytes, &mut bytes)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Decodes what follows a backslash; gives what comes after it.
fn one<'t>(rest: &'t str, is_bytes: bool, bytes: &mut Vec<u8>) -> Result<&'t str, &'static str> {
    let Some(letter) = rest.chars().next() else {
        return Err("unable to unescape string, found '\\' as last character");
    };
    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
    let simple = match letter {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' | '\'' | '"' | '`' | '?' => letter as u8,
        _ => {
            let (digits, radix) = match letter {
                'x' | 'X' => (after.get(..2), 16),
                'u' if !is_bytes => (after.get(..4), 16),
                'U' if !is_bytes => (after.get(..8), 16),
                '0'..='3' => (rest.get(..3), 8),
                _ => return Err("unable to unescape string"),
            };
            let Some(digits) = digits else { return Err("unable to unescape string") };
            let code = u32::from_str_radix(digits, radix).map_err(|_| "unable to unescape string")?;
            if is_bytes {
                bytes.push(code as u8);
            } else {
                let character = char::from_u32(code).ok_or("invalid unicode code point")?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            let used = if radix == 8 { 2 } else { digits.len() };
            return Ok(after.get(used..).unwrap_or_default());
        }
    };
    bytes.push(simple);
    Ok(after)
}
