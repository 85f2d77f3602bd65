//! From nodes to an object: aliases, merge keys, keys that are no strings.
//!
//! Source: go-yaml v2 `decode.go` and sigs.k8s.io/yaml `yaml.go`.

use super::resolve::{Scalar, resolve};
use super::tree::{Kind, Node, Tree};
use crate::document::builder::{ObjectBuilder, Str};
use crate::document::error::{DocumentError, ErrorKind};
use crate::source::Span;
use std::collections::HashMap;

type Decoded<T = ()> = Result<T, DocumentError>;

/// Builds the object of a tree over the text that its spans point into.
pub(super) fn decode(tree: &Tree, text: &str, builder: &mut ObjectBuilder) -> Decoded {
    let mut decoder = Decoder {
        tree,
        text,
        builder,
        active: vec![false; tree.nodes.len()],
        decoded: 0,
        from_aliases: 0,
        aliases: 0,
    };
    decoder.value(tree.root)
}

struct Decoder<'t, 'b> {
    tree: &'t Tree,
    text: &'t str,
    builder: &'b mut ObjectBuilder,
    /// Aliases that are being followed.
    active: Vec<bool>,
    /// How many nodes were visited, and how many of them through an alias.
    decoded: u64,
    from_aliases: u64,
    aliases: u32,
}

/// An entry of a map before it is built.
struct Entry<'t> {
    key: Key<'t>,
    span: Span,
    value: usize,
    merged: bool,
}

#[derive(Clone, Debug)]
enum Key<'t> {
    Text(&'t str),
    Owned(String),
}

impl Key<'_> {
    fn as_str(&self) -> &str {
        match self {
            Key::Text(text) => text,
            Key::Owned(text) => text,
        }
    }
}

fn fail<T>(message: impl Into<String>, span: Span) -> Decoded<T> {
    Err(DocumentError::new(ErrorKind::Value, message, span))
}

impl<'t> Decoder<'t, '_> {
    /// Builds one value. Recursion is as deep as the builder's limit on nesting, twice.
    fn value(&mut self, at: usize) -> Decoded {
        let Some(node) = self.tree.nodes.get(at) else { return Ok(()) };
        self.count(node)?;
        let end = Span { start: node.span.end, end: node.span.end };
        match &node.kind {
            Kind::Alias { target, .. } => {
                self.enter(at, node)?;
                let built = self.value(*target);
                self.leave(at);
                built
            }
            Kind::Scalar { value, implicit } => self.scalar(node, value, *implicit),
            Kind::List(elements) => {
                self.builder.begin_list(node.span)?;
                for &element in elements {
                    self.value(element)?;
                }
                self.builder.end(end)
            }
            Kind::Map(children) => {
                let mut entries = Vec::with_capacity(children.len() / 2);
                let mut places = HashMap::new();
                self.entries(children, false, 0, &mut entries, &mut places)?;
                self.builder.begin_map(node.span)?;
                for entry in entries {
                    match &entry.key {
                        Key::Text(key) => self.builder.key(in_source(self.text, key, entry.span), entry.span),
                        Key::Owned(key) => self.builder.key(Str::Owned(key), entry.span),
                    }
                    self.value(entry.value)?;
                }
                self.builder.end(end)
            }
        }
    }

    fn scalar(&mut self, node: &'t Node, value: &'t str, implicit: bool) -> Decoded {
        let span = node.span;
        match self.resolved(node, value, implicit)? {
            Scalar::Null => self.builder.null(span),
            Scalar::Bool(value) => self.builder.bool(value, span),
            Scalar::Int(value) => self.builder.int(value, span),
            Scalar::Uint(value) => self.builder.double(value as f64, span),
            Scalar::Float(value) if !value.is_finite() => {
                let name = if value.is_nan() {
                    "NaN"
                } else if value > 0.0 {
                    "+Inf"
                } else {
                    "-Inf"
                };
                fail(format!("json: unsupported value: {name}"), span)
            }
            // JSON does not keep 1.0 apart from 1, and the number is read again from JSON.
            Scalar::Float(value) => match whole(value) {
                Some(whole) => self.builder.int(whole, span),
                None => self.builder.double(value, span),
            },
            Scalar::Text => self.builder.string(in_source(self.text, value, span), span),
            Scalar::Binary(value) => self.builder.string(Str::Owned(&value), span),
        }
    }

    fn resolved(&self, node: &Node, value: &str, implicit: bool) -> Decoded<Scalar> {
        if node.tag.is_empty() && !implicit {
            return Ok(Scalar::Text);
        }
        resolve(&node.tag, value).or_else(|message| fail(format!("yaml: {message}"), node.span))
    }

    /// Collects a map's entries; merged maps take part where the merge key stands, and later entries win.
    fn entries(
        &mut self,
        children: &'t [usize],
        merged: bool,
        depth: u32,
        entries: &mut Vec<Entry<'t>>,
        places: &mut HashMap<String, usize>,
    ) -> Decoded {
        let (pairs, _) = children.as_chunks::<2>();
        for &[key, value] in pairs {
            let Some(node) = self.tree.nodes.get(key) else { continue };
            if is_merge(node) {
                self.merge(value, depth + 1, entries, places)?;
                continue;
            }
            self.count(node)?;
            let text = self.key(node, value)?;
            let entry = Entry { span: node.span, value, merged, key: text };
            match places.get(entry.key.as_str()).and_then(|&place| entries.get_mut(place)) {
                // A key that is written twice stays twice: the builder keeps the last and remembers the other.
                Some(before) if merged || before.merged => *before = entry,
                _ => {
                    places.insert(entry.key.as_str().to_owned(), entries.len());
                    entries.push(entry);
                }
            }
        }
        Ok(())
    }

    fn merge(
        &mut self,
        value: usize,
        depth: u32,
        entries: &mut Vec<Entry<'t>>,
        places: &mut HashMap<String, usize>,
    ) -> Decoded {
        let Some(node) = self.tree.nodes.get(value) else { return Ok(()) };
        match &node.kind {
            Kind::List(maps) => {
                // Earlier maps take precedence, so they come last.
                for &map in maps.iter().rev() {
                    self.merge_map(map, depth, entries, places)?;
                }
                Ok(())
            }
            _ => self.merge_map(value, depth, entries, places),
        }
    }

    fn merge_map(
        &mut self,
        at: usize,
        depth: u32,
        entries: &mut Vec<Entry<'t>>,
        places: &mut HashMap<String, usize>,
    ) -> Decoded {
        const MOST_MERGES: u32 = 500;
        let Some(node) = self.tree.nodes.get(at) else { return Ok(()) };
        if depth > MOST_MERGES {
            let message = format!("maps are merged more than {MOST_MERGES} deep");
            return Err(DocumentError::new(ErrorKind::Limit, message, node.span));
        }
        self.count(node)?;
        match &node.kind {
            Kind::Map(children) => self.entries(children, true, depth, entries, places),
            Kind::Alias { target, .. } => match self.tree.nodes.get(*target).map(|node| &node.kind) {
                Some(Kind::Map(children)) => {
                    self.enter(at, node)?;
                    let merged = self.entries(children, true, depth, entries, places);
                    self.leave(at);
                    merged
                }
                _ => fail("yaml: map merge requires map or sequence of maps as the value", node.span),
            },
            _ => fail("yaml: map merge requires map or sequence of maps as the value", node.span),
        }
    }

    /// A key as JSON has it.
    fn key(&mut self, node: &'t Node, value_at: usize) -> Decoded<Key<'t>> {
        let mut node = node;
        while let Kind::Alias { target, .. } = &node.kind {
            let Some(next) = self.tree.nodes.get(*target) else { break };
            node = next;
        }
        let Kind::Scalar { value, implicit } = &node.kind else {
            return fail(format!("yaml: invalid map key: {}", self.go_syntax(node, 0)), node.span);
        };
        Ok(match self.resolved(node, value, *implicit)? {
            Scalar::Text => Key::Text(value),
            Scalar::Binary(text) => Key::Owned(text),
            Scalar::Bool(value) => Key::Owned(value.to_string()),
            Scalar::Int(value) => Key::Owned(value.to_string()),
            Scalar::Float(value) => Key::Owned(float_key(value)),
            Scalar::Null => {
                let value =
                    self.tree.nodes.get(value_at).map(|value| self.go_syntax(value, 0)).unwrap_or_default();
                let message = format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}");
                return fail(message, node.span);
            }
            Scalar::Uint(value) => {
                return fail(format!("unsupported map key of type: uint64, key: {value:#x}"), node.span);
            }
        })
    }

    /// A node as Go's `%#v` prints it, which is how an invalid key is shown.
    fn go_syntax(&self, node: &Node, depth: u32) -> String {
        let child = |at: &usize| self.tree.nodes.get(*at).map(|node| self.go_syntax(node, depth + 1));
        match &node.kind {
            _ if depth > 20 => "...".to_owned(),
            Kind::List(children) => {
                let elements: Vec<String> = children.iter().filter_map(child).collect();
                format!("[]interface {{}}{{{}}}", elements.join(", "))
            }
            Kind::Map(children) => {
                let (pairs, _) = children.as_chunks::<2>();
                let mut entries: Vec<String> = pairs
                    .iter()
                    .filter_map(|[key, value]| Some(format!("{}:{}", child(key)?, child(value)?)))
                    .collect();
                entries.sort();
                format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
            }
            Kind::Alias { target, .. } => child(target).unwrap_or_default(),
            Kind::Scalar { value, implicit } => match self.resolved(node, value, *implicit) {
                Ok(Scalar::Null) => "interface {}(nil)".to_owned(),
                Ok(Scalar::Bool(value)) => value.to_string(),
                Ok(Scalar::Int(value)) => value.to_string(),
                Ok(Scalar::Uint(value)) => format!("{value:#x}"),
                Ok(Scalar::Float(value)) => value.to_string(),
                Ok(Scalar::Binary(text)) => format!("{text:?}"),
                Ok(Scalar::Text) | Err(_) => format!("{value:?}"),
            },
        }
    }

    fn enter(&mut self, at: usize, node: &Node) -> Decoded {
        let Kind::Alias { anchor, .. } = &node.kind else { return Ok(()) };
        match self.active.get_mut(at) {
            Some(active) if !*active => *active = true,
            _ => return fail(format!("yaml: anchor '{anchor}' value contains itself"), node.span),
        }
        self.aliases += 1;
        Ok(())
    }

    fn leave(&mut self, at: usize) {
        if let Some(active) = self.active.get_mut(at) {
            *active = false;
        }
        self.aliases -= 1;
    }

    /// go-yaml's guard against documents that are mostly aliases ("billion laughs").
    fn count(&mut self, node: &Node) -> Decoded {
        self.decoded += 1;
        self.from_aliases += u64::from(self.aliases > 0);
        if self.from_aliases <= 100 || self.decoded <= 1_000 {
            return Ok(());
        }
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        let decoded = self.decoded as f64;
        let allowed = 0.99 - 0.89 * ((decoded - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
        if self.from_aliases as f64 / decoded > allowed {
            return Err(DocumentError::new(
                ErrorKind::Limit,
                "yaml: document contains excessive aliasing",
                node.span,
            ));
        }
        Ok(())
    }
}

/// A string by its place in the text where it stands there as it is.
fn in_source<'s>(text: &str, value: &'s str, span: Span) -> Str<'s> {
    let start = span.start as usize;
    let stands_at =
        |at: usize| text.get(at..at + value.len()) == Some(value) && at + value.len() <= span.end as usize;
    match [start, start + 1].into_iter().find(|&at| stands_at(at)) {
        Some(offset) => Str::Source { offset, length: value.len() },
        None => Str::Owned(value),
    }
}

fn is_merge(node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar { value, implicit } => {
            value == "<<" && (*implicit || node.tag == "tag:yaml.org,2002:merge")
        }
        _ => false,
    }
}

/// A double that JSON writes without a fraction or exponent and that fits an int64.
fn whole(value: f64) -> Option<i64> {
    let fits =
        value.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    fits.then_some(value as i64)
}

/// Go's `strconv.FormatFloat(key, 'g', -1, 32)`.
fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{value}")
}
