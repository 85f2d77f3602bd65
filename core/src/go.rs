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

/// Rust shows the same characters as they are; combining ones too, unless they come first.
fn is_printable(character: char) -> bool {
    character.is_ascii() || String::from_iter(['a', character]).escape_debug().nth(1) != Some('\\')
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn unprintable_characters_are_escaped() {
        // What `strconv.Quote` gives, from Go 1.26.
        assert_eq!(quoted("a\"\\\n\u{1}\u{7f}"), r#""a\"\\\n\x01\x7f""#);
        assert_eq!(
            quoted("\u{85}\u{a0}\u{301}é\u{2028}\u{feff}😀\u{e0001}"),
            "\"\\u0085\\u00a0\u{301}é\\u2028\\ufeff😀\\U000e0001\""
        );
    }
}
