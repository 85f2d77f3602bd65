//! How Go writes values into the texts that users know from Kubernetes.

/// Go's `%q` and `strconv.Quote`.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c if is_printable(c) => quoted.push(c),
            c if (c as u32) < 0x10000 => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    quoted.push('"');
    quoted
}

/// The same for bytes that need not be text: what is none is written in hexadecimal.
pub(crate) fn quoted_bytes(bytes: &[u8]) -> String {
    let mut quoted_text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let valid = quoted(chunk.valid());
        quoted_text.push_str(valid.get(1..valid.len() - 1).unwrap_or_default());
        chunk.invalid().iter().for_each(|byte| quoted_text.push_str(&format!("\\x{byte:02x}")));
    }
    quoted_text.push('"');
    quoted_text
}

/// Bytes as text: each byte that is none becomes U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('\u{fffd}', chunk.invalid().len()));
    }
    text
}

/// Adds a string as Go's `encoding/json` writes it: safe inside of HTML too.
pub(crate) fn push_json(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", character as u32));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A float as Go's `encoding/json` writes it.
pub(crate) fn json_float(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// Go's conversion of a double to uint64 as amd64 does it: 2^63 for what is out of range.
pub(crate) fn to_uint64(value: f64) -> u64 {
    if (0.0..18_446_744_073_709_551_616.0).contains(&value) { value as u64 } else { 1 << 63 }
}

/// Rust shows the same characters as they are; combining ones too, unless they come first.
pub(crate) fn is_printable(character: char) -> bool {
    character.is_ascii() || String::from_iter(['a', character]).escape_debug().nth(1) != Some('\\')
}

#[cfg(test)]
mod tests {
    use super::{push_json, quoted};

    #[test]
    fn unprintable_characters_are_escaped() {
        // What `strconv.Quote` gives, from Go 1.26.
        assert_eq!(quoted("a\"\\\n\u{1}\u{7f}"), r#""a\"\\\n\x01\x7f""#);
        assert_eq!(
            quoted("\u{85}\u{a0}\u{301}é\u{2028}\u{feff}😀\u{e0001}"),
            "\"\\u0085\\u00a0\u{301}é\\u2028\\ufeff😀\\U000e0001\""
        );
    }

    #[test]
    fn json_is_escaped_as_in_go() {
        let mut out = String::new();
        push_json(&mut out, "a\"\\<b>&\u{1}\u{8}\u{c}\n\r\t\u{7f}\u{2028}é😀");
        assert_eq!(out, "\"a\\\"\\\\\\u003cb\\u003e\\u0026\\u0001\\b\\f\\n\\r\\t\u{7f}\\u2028é😀\"");
    }
}
