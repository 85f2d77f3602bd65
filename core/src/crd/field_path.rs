//! The `fieldPath` of a rule: a JSON path of names alone, held against the schema.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`, `ValidFieldPath`.

use crate::document::NodeRef;
use crate::schema::Structural;
use std::fmt::Write;

/// A field path that leads to a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldPath {
    /// As errors print it below the path of the value.
    pub(super) text: String,
    names: Vec<Box<str>>,
}

impl FieldPath {
    /// Reads a path such as `.spec['a.b'].c`; the error says what is wrong with it.
    pub(super) fn read(text: &str, schema: &Structural) -> Result<FieldPath, String> {
        let mut path = FieldPath::default();
        let mut schema = Some(schema);
        let mut tokens = Tokens { rest: text };
        while let Some(token) = tokens.next() {
            let name = match token {
                "[" => {
                    let quoted = tokens.next().ok_or(END)?;
                    let name = unquoted(quoted)?;
                    path.enter(&name, &mut schema)?;
                    match tokens.next().ok_or(END)? {
                        "]" => continue,
                        other => return Err(format!("expected ] but got {other}")),
                    }
                }
                "." => tokens.next().ok_or(END)?,
                other => return Err(format!("expected [ or . but got: {other}")),
            };
            path.enter(name, &mut schema)?;
        }
        Ok(path)
    }

    /// The value at the path, or the last one on the way that is there.
    pub(super) fn follow<'a>(&self, from: NodeRef<'a>) -> NodeRef<'a> {
        let mut at = from;
        for name in &self.names {
            match at.field(name) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    fn enter(&mut self, name: &str, schema: &mut Option<&Structural>) -> Result<(), String> {
        const NO_FIELD: &str = "does not refer to a valid field";
        let within = schema.ok_or(NO_FIELD)?;
        if within.properties.is_empty() {
            within.additional_properties.as_ref().ok_or(NO_FIELD)?;
            *schema = within.additional_schema();
            let _ = write!(self.text, "[{name}]");
        } else {
            *schema = Some(within.properties.get(name).ok_or(NO_FIELD)?);
            if !self.text.is_empty() {
                self.text.push('.');
            }
            self.text.push_str(name);
        }
        self.names.push(name.into());
        Ok(())
    }
}

const END: &str = "unexpected end of JSON path";

/// The delimiters `.`, `[` and `]`, strings in single quotes, and what stands between.
struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.rest.as_bytes();
        let first = *bytes.first()?;
        let length = if first == b'\'' {
            let ends = |pair: &[u8]| matches!(pair, [before, b'\''] if *before != b'\\');
            bytes.windows(2).position(ends).map_or(bytes.len(), |at| at + 2)
        } else {
            let delimiter = |byte: &u8| matches!(byte, b'.' | b'[' | b']');
            bytes.iter().position(delimiter).unwrap_or(bytes.len()).max(1)
        };
        let (token, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(token)
    }
}

fn unquoted(token: &str) -> Result<String, String> {
    let inner = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = inner.ok_or_else(|| format!("expected single quoted string but got {token}"))?;
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let escaped = match rest.next() {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(same @ ('\'' | '\\')) => same,
            // What a dot in a Go pattern does not match is no escape.
            None => '\\',
            Some('\n') => {
                text.push_str("\\\n");
                continue;
            }
            Some(other) => return Err(format!("invalid string literal: invalid escape char \\{other}")),
        };
        text.push(escaped);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, Object};

    fn read(path: &str) -> Result<String, String> {
        let schema = r#"{"type": "object", "properties": {"a": {"type": "object", "properties": {"b.c": {}, "it's": {}}},
            "m": {"type": "object", "additionalProperties": {"type": "object", "properties": {"d": {}}}},
            "n": {"type": "object", "additionalProperties": true}, "s": {"type": "string"}}}"#;
        let document = Object::from_json(schema.as_bytes(), &Limits::default()).unwrap();
        let schema = Structural::read(document.root()).unwrap();
        FieldPath::read(path, &schema).map(|path| path.text)
    }

    #[test]
    fn paths_follow_the_schema() {
        assert_eq!(read(".a").as_deref(), Ok("a"));
        assert_eq!(read(".a['b.c']").as_deref(), Ok("a.b.c"));
        assert_eq!(read(".a['it\\'s']").as_deref(), Ok("a.it's"));
        assert_eq!(read(".m.x.d").as_deref(), Ok("m[x].d"));
        assert_eq!(read("['m']['a.b']").as_deref(), Ok("m[a.b]"));
        assert_eq!(read(".n.x").as_deref(), Ok("n[x]"));
    }

    #[test]
    fn paths_to_nowhere_say_why() {
        for (path, problem) in [
            ("a", "expected [ or . but got: a"),
            (".x", "does not refer to a valid field"),
            (".s.x", "does not refer to a valid field"),
            (".n.x.y", "does not refer to a valid field"),
            (".", "unexpected end of JSON path"),
            (".a[", "unexpected end of JSON path"),
            (".a[b]", "expected single quoted string but got b"),
            (".a['b.c'", "unexpected end of JSON path"),
            (".a['b.c'x", "expected ] but got x"),
            (".a['\\q']", "invalid string literal: invalid escape char \\q"),
        ] {
            assert_eq!(read(path), Err(problem.to_owned()), "{path}");
        }
    }
}
