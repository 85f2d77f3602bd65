//! From nodes to an object: aliases, merge keys, keys that are no strings.
//!
//! Source: go-yaml v2 `decode.go` and sigs.k8s.io/yaml `yaml.go`.

use super::resolve::{Scalar, resolve};
use super::token::Text;
use super::tree::{Kind, Node, Tree};
use crate::document::builder::{ObjectBuilder, Str};
use crate::document::error::{DocumentError, ErrorKind};
use crate::go::quoted;
use crate::source::Span;
use std::collections::HashMap;

type Decoded<T = ()> = Result<T, DocumentError>;

/// Builds the object of a tree over the text that the tree was read from.
pub(super) fn decode(tree: &Tree<'_>, builder: &mut ObjectBuilder) -> Decoded {
    // Keys are nodes of the tree, but not values.
    builder.expect(tree.len() / 2 + 8);
    let mut decoder = Decoder {
        tree,
        builder,
        work: vec![Work::Value(0)],
        kinds: Vec::new(),
        active: vec![false; tree.len()],
        decoded: 0,
        from_aliases: 0,
        aliases: 0,
        no_json: None,
    };
    while let Some(work) = decoder.work.pop() {
        decoder.step(work)?;
    }
    match decoder.no_json {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

struct Decoder<'t, 'b> {
    tree: &'t Tree<'t>,
    builder: &'b mut ObjectBuilder,
    /// What is left to do; the next last. Texts may be nested deeper than the thread's stack allows.
    work: Vec<Work>,
    /// The keys so far of the maps under way whose keys are not all plain names.
    kinds: Vec<HashMap<String, KeyKind>>,
    /// Aliases that are being followed.
    active: Vec<bool>,
    /// How many nodes were visited, and how many of them through an alias.
    decoded: u64,
    from_aliases: u64,
    aliases: u32,
    /// What cannot be JSON. It is found out only after all of the YAML was decoded: first keys, then numbers.
    no_json: Option<(NoJson, DocumentError)>,
}

/// A step of decoding; the numbers are nodes.
#[derive(Clone, Copy, Debug)]
enum Work {
    Value(usize),
    /// The elements of a list from one on, up to a node that is none.
    Elements(usize, usize),
    /// The entries of a map from a key on, all of whose keys are names.
    Names(usize, usize),
    /// The entries of any map from a key on.
    Entries(usize, usize),
    /// What `<<` has for its value: a map or a list of maps.
    Merge(usize),
    MergeMap(usize),
    /// The end of a list or map of names.
    End(Span),
    /// The end of any map.
    EndMap(Span),
    /// The end of what an alias stands for.
    Leave(usize),
    /// A key that is a list or map was found to be sound, but is no key.
    Refuse(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NoJson {
    Key,
    Number,
}

struct Key<'t> {
    /// The key as it stands in the text, where it does.
    text: Option<Str<'t>>,
    name: String,
    kind: KeyKind,
}

/// What a key is before it becomes a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    String,
    Bool,
    Int,
    Float,
}

/// How much of an invalid key is shown: a key may be made of aliases of aliases.
const GO_SYNTAX_NODES: usize = 200;

/// How Go shows null inside of another value.
const GO_NIL: &str = "interface {}(nil)";

fn fail<T>(message: impl Into<String>, span: Span) -> Decoded<T> {
    Err(DocumentError::new(ErrorKind::Value, message, span))
}

impl<'t> Decoder<'t, '_> {
    fn step(&mut self, work: Work) -> Decoded {
        match work {
            Work::Value(at) => self.value(at),
            Work::Elements(at, end) if at < end => {
                self.work.extend([Work::Elements(self.tree.after(at), end), Work::Value(at)]);
                Ok(())
            }
            Work::Names(key, end) if key < end => {
                let value = self.tree.after(key);
                self.work.extend([Work::Names(self.tree.after(value), end), Work::Value(value)]);
                if let Some(Node { kind: Kind::Scalar { text, .. }, span, .. }) = self.tree.node(key) {
                    self.decoded += 1;
                    self.builder.key(self.str(*text), *span);
                }
                Ok(())
            }
            Work::Entries(key, end) if key < end => {
                let value = self.tree.after(key);
                self.work.push(Work::Entries(self.tree.after(value), end));
                self.entry(key, value)
            }
            Work::Elements(..) | Work::Names(..) | Work::Entries(..) => Ok(()),
            Work::Merge(at) => self.merge(at),
            Work::MergeMap(at) => self.merge_map(at),
            Work::End(end) => self.builder.end(end),
            Work::EndMap(end) => {
                self.kinds.pop();
                self.builder.end(end)
            }
            Work::Leave(at) => {
                self.leave(at);
                Ok(())
            }
            Work::Refuse(at) => {
                let span = self.tree.node(at).map(|node| node.span).unwrap_or_default();
                fail(format!("yaml: invalid map key: {}", self.go_syntax(at, &mut { GO_SYNTAX_NODES })), span)
            }
        }
    }

    /// Builds a value, or begins to.
    fn value(&mut self, at: usize) -> Decoded {
        let Some(node) = self.tree.node(at) else { return Ok(()) };
        self.count(node)?;
        let end = Span { start: node.span.end, end: node.span.end };
        let after = self.tree.after(at);
        match node.kind {
            Kind::Alias { target, .. } => {
                self.enter(at, node)?;
                self.work.extend([Work::Leave(at), Work::Value(target as usize)]);
                Ok(())
            }
            Kind::Scalar { text, implicit } => self.scalar(node, text, implicit),
            Kind::List => {
                self.work.extend([Work::End(end), Work::Elements(at + 1, after)]);
                self.builder.begin_list(node.span)
            }
            Kind::Map if self.has_only_names(at) => {
                self.work.extend([Work::End(end), Work::Names(at + 1, after)]);
                self.builder.begin_map(node.span)
            }
            Kind::Map => {
                self.kinds.push(HashMap::new());
                self.work.extend([Work::EndMap(end), Work::Entries(at + 1, after)]);
                self.builder.begin_map(node.span)
            }
        }
    }

    /// Whether all keys of a map are strings and none of them is a merge key, as in almost every map.
    fn has_only_names(&self, at: usize) -> bool {
        self.tree.entries(at).all(|(key, _)| match self.tree.node(key) {
            Some(node @ Node { kind: Kind::Scalar { text, implicit }, .. }) => {
                let text = self.tree.text(*text);
                !self.is_merge(node, text) && matches!(self.resolved(node, text, *implicit), Ok(Scalar::Text))
            }
            _ => false,
        })
    }

    /// A string for the builder, by its place where it stands in the source.
    fn str(&self, text: Text) -> Str<'t> {
        if text.decoded {
            return Str::Owned(self.tree.text(text));
        }
        Str::Source {
            offset: self.tree.offset + text.start as usize,
            length: (text.end - text.start) as usize,
        }
    }

    fn scalar(&mut self, node: &'t Node, text: Text, implicit: bool) -> Decoded {
        let span = node.span;
        match self.resolved(node, self.tree.text(text), implicit)? {
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
                self.no_json(NoJson::Number, format!("json: unsupported value: {name}"), span);
                self.builder.null(span)
            }
            // JSON does not keep 1.0 apart from 1, and the number is read again from JSON.
            Scalar::Float(value) => match whole(value) {
                Some(whole) => self.builder.int(whole, span),
                None => self.builder.double(value, span),
            },
            Scalar::Text => self.builder.string(self.str(text), span),
            Scalar::Binary(value) => self.builder.string(Str::Owned(&value), span),
        }
    }

    fn no_json(&mut self, step: NoJson, message: String, span: Span) {
        if self.no_json.as_ref().is_none_or(|(first, _)| step < *first) {
            self.no_json = Some((step, DocumentError::new(ErrorKind::Value, message, span)));
        }
    }

    /// Whether a key is `<<`.
    fn is_merge(&self, node: &Node, text: &str) -> bool {
        let implicit = matches!(node.kind, Kind::Scalar { implicit: true, .. });
        text == "<<" && (implicit || self.tree.tag(node) == "tag:yaml.org,2002:merge")
    }

    fn resolved(&self, node: &Node, text: &str, implicit: bool) -> Decoded<Scalar> {
        let tag = self.tree.tag(node);
        if tag.is_empty() && !implicit {
            return Ok(Scalar::Text);
        }
        resolve(tag, text).or_else(|message| fail(format!("yaml: {message}"), node.span))
    }

    /// Builds an entry of a map. What is merged comes where its key stands: the builder keeps the last of equal keys.
    fn entry(&mut self, key_at: usize, value: usize) -> Decoded {
        let Some(node) = self.tree.node(key_at) else { return Ok(()) };
        if let Kind::Scalar { text, .. } = node.kind
            && self.is_merge(node, self.tree.text(text))
        {
            self.work.push(Work::Merge(value));
            return Ok(());
        }
        self.count(node)?;
        let Some(key) = self.key(key_at, value)? else {
            self.work.extend([Work::Refuse(key_at), Work::Value(key_at)]);
            return Ok(());
        };
        match key.text {
            Some(text) => self.builder.key(text, node.span),
            None => self.builder.key(Str::Owned(&key.name), node.span),
        }
        let kinds = self.kinds.last_mut();
        if kinds.as_ref().and_then(|kinds| kinds.get(&key.name)).is_some_and(|kind| *kind != key.kind) {
            let message = format!(
                "the key `{}` is written as values of two types, of which kubectl keeps one at random; remove one \
                 or quote both",
                key.name
            );
            self.no_json(NoJson::Key, message, node.span);
        } else if let Some(kinds) = kinds {
            kinds.insert(key.name, key.kind);
        }
        self.work.push(Work::Value(value));
        Ok(())
    }

    fn merge(&mut self, at: usize) -> Decoded {
        match self.tree.node(at).map(|node| node.kind) {
            Some(Kind::List) => {
                // Earlier maps take precedence, so they come last: what is pushed first is done last.
                self.work.extend(self.tree.children(at).map(Work::MergeMap));
                Ok(())
            }
            _ => self.merge_map(at),
        }
    }

    fn merge_map(&mut self, at: usize) -> Decoded {
        let Some(node) = self.tree.node(at) else { return Ok(()) };
        let map = match node.kind {
            Kind::Map => at,
            Kind::Alias { target, .. }
                if matches!(self.tree.node(target as usize), Some(Node { kind: Kind::Map, .. })) =>
            {
                self.enter(at, node)?;
                self.work.push(Work::Leave(at));
                target as usize
            }
            _ => return fail("yaml: map merge requires map or sequence of maps as the value", node.span),
        };
        self.count(node)?;
        self.work.push(Work::Entries(map + 1, self.tree.after(map)));
        Ok(())
    }

    /// A key as JSON has it, or any when JSON cannot have it; none for a list or map.
    fn key(&mut self, at: usize, value_at: usize) -> Decoded<Option<Key<'t>>> {
        let Some(mut node) = self.tree.node(at) else { return Ok(None) };
        let span = node.span;
        while let Kind::Alias { target, .. } = node.kind {
            let Some(next) = self.tree.node(target as usize) else { break };
            node = next;
        }
        let Kind::Scalar { text, implicit } = node.kind else { return Ok(None) };
        let value = self.tree.text(text);
        let (kind, name) = match self.resolved(node, value, implicit)? {
            Scalar::Text => {
                let text = Some(self.str(text));
                return Ok(Some(Key { text, name: value.to_owned(), kind: KeyKind::String }));
            }
            Scalar::Binary(text) => (KeyKind::String, text),
            Scalar::Bool(value) => (KeyKind::Bool, value.to_string()),
            Scalar::Int(value) => (KeyKind::Int, value.to_string()),
            Scalar::Float(value) => (KeyKind::Float, float_key(value)),
            Scalar::Null => {
                let value = match self.go_syntax(value_at, &mut { GO_SYNTAX_NODES }) {
                    value if value == GO_NIL => "<nil>".to_owned(),
                    value => value,
                };
                let message = format!("unsupported map key of type: %!s(<nil>), key: <nil>, value: {value}");
                self.no_json(NoJson::Key, message, span);
                (KeyKind::String, String::new())
            }
            Scalar::Uint(value) => {
                let message = format!("unsupported map key of type: uint64, key: {value:#x}");
                self.no_json(NoJson::Key, message, span);
                (KeyKind::String, String::new())
            }
        };
        Ok(Some(Key { text: None, name, kind }))
    }

    /// A node as Go's `%#v` prints it, which is how an invalid key is shown; so many nodes of it as are left.
    fn go_syntax(&self, at: usize, left: &mut usize) -> String {
        let Some(node) = self.tree.node(at).filter(|_| *left > 0) else { return "...".to_owned() };
        *left -= 1;
        match node.kind {
            Kind::List => {
                let elements: Vec<String> =
                    self.tree.children(at).map(|element| self.go_syntax(element, left)).collect();
                format!("[]interface {{}}{{{}}}", elements.join(", "))
            }
            Kind::Map => {
                let entry =
                    |(key, value)| format!("{}:{}", self.go_syntax(key, left), self.go_syntax(value, left));
                let mut entries: Vec<String> = self.tree.entries(at).map(entry).collect();
                entries.sort();
                format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
            }
            Kind::Alias { target, .. } => self.go_syntax(target as usize, left),
            Kind::Scalar { text, implicit } => {
                let text = self.tree.text(text);
                match self.resolved(node, text, implicit) {
                    Ok(Scalar::Null) => GO_NIL.to_owned(),
                    Ok(Scalar::Bool(value)) => value.to_string(),
                    Ok(Scalar::Int(value)) => value.to_string(),
                    Ok(Scalar::Uint(value)) => format!("{value:#x}"),
                    Ok(Scalar::Float(f64::INFINITY)) => "+Inf".to_owned(),
                    Ok(Scalar::Float(f64::NEG_INFINITY)) => "-Inf".to_owned(),
                    Ok(Scalar::Float(value)) => value.to_string(),
                    Ok(Scalar::Binary(text)) => quoted(&text),
                    Ok(Scalar::Text) | Err(_) => quoted(text),
                }
            }
        }
    }

    fn enter(&mut self, at: usize, node: &Node) -> Decoded {
        let Kind::Alias { anchor, .. } = node.kind else { return Ok(()) };
        match self.active.get_mut(at) {
            Some(active) if !*active => *active = true,
            _ => {
                let anchor = self.tree.text(anchor);
                return fail(format!("yaml: anchor '{anchor}' value contains itself"), node.span);
            }
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
