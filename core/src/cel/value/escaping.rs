//! Property names as CEL identifiers and back.
//!
//! Source: apiserver `pkg/cel/escaping.go`.

use std::borrow::Cow;

/// Words that CEL keeps to itself, and that are not escaped where they stand as fields, since Kubernetes 1.31.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Whether a word is one of CEL's own.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// The identifier of a property; `None` when it cannot have one.
///
/// ```
/// use kordon::declaration::escape;
/// assert_eq!(escape("app.kubernetes.io/name").as_deref(), Some("app__dot__kubernetes__dot__io__slash__name"));
/// assert_eq!(escape("namespace").as_deref(), Some("__namespace__"));
/// assert_eq!(escape("a b"), None);
/// ```
pub fn escape(name: &str) -> Option<Cow<'_, str>> {
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if is_reserved(name) {
        return Some(format!("__{name}__").into());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(plain) && !name.contains("__") {
        return Some(name.into());
    }
    let mut escaped = String::with_capacity(name.len() + 16);
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '_' if rest.next_if_eq(&'_').is_some() => escaped.push_str("__underscores__"),
            '.' => escaped.push_str("__dot__"),
            '-' => escaped.push_str("__dash__"),
            '/' => escaped.push_str("__slash__"),
            c if plain(c) => escaped.push(c),
            _ => return None,
        }
    }
    Some(escaped.into())
}

/// The property of an identifier; `None` when something between double underscores is no escape.
pub fn unescape(identifier: &str) -> Option<Cow<'_, str>> {
    if !identifier.contains("__") {
        return Some(identifier.into());
    }
    let mut name = String::with_capacity(identifier.len());
    let mut rest = identifier;
    while let Some((before, after)) = rest.split_once("__") {
        let Some((content, after)) = escaped_part(after) else {
            // Not a whole escape; it may begin one character later, as in `___dot__`.
            name.push_str(before);
            name.push('_');
            rest = rest.get(before.len() + 1..).unwrap_or_default();
            continue;
        };
        name.push_str(before);
        name.push_str(match content {
            "underscores" => "__",
            "dot" => ".",
            "dash" => "-",
            "slash" => "/",
            word if is_reserved(word) && word.len() + 4 == identifier.len() => word,
            _ => return None,
        });
        rest = after;
    }
    name.push_str(rest);
    Some(name.into())
}

/// What stands before the next double underscore, when there is anything and no underscore is in it.
fn escaped_part(text: &str) -> Option<(&str, &str)> {
    let (content, after) = text.split_once("__")?;
    (!content.is_empty() && !content.contains('_')).then_some((content, after))
}
