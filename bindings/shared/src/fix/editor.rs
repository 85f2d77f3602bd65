//! Edits of a text that leave everything else as it is: comments, order, quotes, indentation.
//!
//! Places come from the spans of the document. What is made is read again by the caller, so an edit may refuse what it
//! cannot do, but need not know all of YAML.

use super::operation::{Action, Operation, Step};
use super::written::{Manner, entry, value};
use kordon::document::{Document, MapRef, NodeRef};
use serde_json::Value;
use std::ops::Range;

/// The text of a document with one operation done.
pub(super) fn edited(document: &Document, operation: &Operation) -> Result<String, String> {
    let text = &*document.source.text;
    let editor = Editor { text };
    let parent = editor.find(document.object.root(), &operation.parent)?;
    let (range, inserted) = match &operation.action {
        Action::Insert(key, value) => editor.insert(parent, key, value)?,
        Action::Replace(key, value) => editor.replace(parent, key, value)?,
        Action::Append(value) => editor.append(parent, value)?,
        Action::Remove(key) => editor.remove(parent, key)?,
    };
    let (Some(before), Some(after)) = (text.get(..range.start), text.get(range.end..)) else {
        return Err("its place in the text is not known".to_owned());
    };
    Ok(format!("{before}{inserted}{after}"))
}

struct Editor<'t> {
    text: &'t str,
}

type Edit = (Range<usize>, String);

impl Editor<'_> {
    /// Walks to a node. What is reached by an alias stands elsewhere, and an edit there would change more.
    fn find<'d>(&self, root: NodeRef<'d>, path: &[Step]) -> Result<NodeRef<'d>, String> {
        let mut node = root;
        for step in path {
            let next = match step {
                Step::Field(name) => node.field(name),
                Step::Element(at) => node.as_list().and_then(|list| list.at(*at)),
            };
            let next = next.ok_or("the place is not there")?;
            let (outer, inner) = (node.span(), next.span());
            if inner.start < outer.start || inner.start > outer.end.saturating_add(1) {
                return Err("the value is an alias of another".to_owned());
            }
            node = next;
        }
        Ok(node)
    }

    fn insert(&self, map: NodeRef<'_>, key: &str, value: &Value) -> Result<Edit, String> {
        let entries = map.as_map().ok_or("the value is no map")?;
        self.plain(map)?;
        let Some((first, last)) = ends(entries) else {
            let own = map.key_span().start as usize;
            let quoted = self.text.get(own..).is_some_and(|text| text.starts_with('"'));
            let manner = if quoted { Manner::Json } else { Manner::Flow };
            return Ok((self.of(map), format!("{{{}}}", entry(key, value, manner, 0, ""))));
        };
        let start = first.key_span().start as usize;
        match self.manner(map, first) {
            Manner::Block => {
                let indent = self.column(start)?;
                let text = entry(key, value, Manner::Block, indent, self.line_break());
                self.line_after(self.end(last), &format!("{}{text}", " ".repeat(indent)))
            }
            manner => {
                let before = self.before(last.key_span().start as usize);
                let text = entry(key, value, manner, 0, "");
                let is_alone = before.trim().is_empty() && self.breaks(map, first);
                let gap = if is_alone { format!("{}{before}", self.line_break()) } else { " ".to_owned() };
                let end = self.end(last);
                Ok((end..end, format!(",{gap}{text}")))
            }
        }
    }

    /// Whether a flow map has its first key on a line of its own.
    fn breaks(&self, map: NodeRef<'_>, first: NodeRef<'_>) -> bool {
        let range = map.span().start as usize..first.key_span().start as usize;
        self.text.get(range).is_some_and(|between| between.contains('\n'))
    }

    fn replace(&self, map: NodeRef<'_>, key: &str, new: &Value) -> Result<Edit, String> {
        let old = map.field(key).ok_or("the field is not there")?;
        let (range, found) = (self.of(old), self.text.get(self.of(old)).unwrap_or_default());
        let manner = self.manner(map, old);
        if old.is_null() && found.is_empty() {
            return self.fill(old, new, manner);
        }
        self.plain(old)?;
        let is_flow = found.starts_with(['{', '[']);
        if (old.as_map().is_some() || old.as_list().is_some()) && !is_flow {
            return Err("what stands there has lines of its own".to_owned());
        }
        if found.starts_with(['|', '>']) || (!is_flow && found.contains('\n')) {
            return Err("the text has several lines".to_owned());
        }
        let manner = if manner == Manner::Block { Manner::Flow } else { manner };
        Ok((range, value(new, manner)))
    }

    /// A value behind a key that has none.
    fn fill(&self, old: NodeRef<'_>, new: &Value, manner: Manner) -> Result<Edit, String> {
        let (start, end) = (old.key_span().start as usize, old.key_span().end as usize);
        let rest = self.text.get(end..).unwrap_or_default();
        let colon = rest.find(':').filter(|at| rest.get(..*at).is_some_and(|gap| gap.trim().is_empty()));
        let after = end + colon.ok_or("the key has no colon")? + 1;
        match (manner, new) {
            (Manner::Block, Value::Object(entries)) if !entries.is_empty() => {
                let indent = self.column(start)?;
                // The lines of an entry after its key.
                let text = entry("k", new, Manner::Block, indent, self.line_break());
                let lines = text.split_once('\n').map_or("", |(_, lines)| lines);
                self.line_after(after, lines)
            }
            _ => Ok((
                after..after,
                format!(" {}", value(new, if manner == Manner::Block { Manner::Flow } else { manner })),
            )),
        }
    }

    fn append(&self, list: NodeRef<'_>, new: &Value) -> Result<Edit, String> {
        let elements = list.as_list().ok_or("the value is no list")?;
        self.plain(list)?;
        let range = self.of(list);
        let is_flow = self.text.get(range.clone()).is_some_and(|text| text.starts_with('['));
        let key = list.key_span().start as usize;
        let quoted = is_flow && self.text.get(key..).is_some_and(|text| text.starts_with('"'));
        let manner = if quoted { Manner::Json } else { Manner::Flow };
        let Some(last) = elements.at(elements.len().wrapping_sub(1)) else {
            return Ok((range, format!("[{}]", value(new, manner))));
        };
        let end = self.end(last);
        if is_flow {
            let before = self.before(last.span().start as usize);
            let is_alone = before.trim().is_empty() && before.len() < last.span().start as usize;
            let gap = if is_alone { format!("{}{before}", self.line_break()) } else { " ".to_owned() };
            return Ok((end..end, format!(",{gap}{}", value(new, manner))));
        }
        let before = self.before(last.span().start as usize);
        let indent = before.strip_suffix("- ").filter(|indent| indent.trim().is_empty());
        let indent = indent.ok_or("the elements of the list do not stand one a line")?;
        self.line_after(end, &format!("{indent}- {}", value(new, manner)))
    }

    fn remove(&self, map: NodeRef<'_>, key: &str) -> Result<Edit, String> {
        let entries = map.as_map().ok_or("the value is no map")?;
        let mut ordered: Vec<NodeRef<'_>> = entries.iter().map(|(_, value)| value).collect();
        ordered.sort_by_key(|entry| entry.key_span().start);
        let gone = map.field(key).ok_or("the field is not there")?;
        let at = ordered.iter().position(|entry| entry.key_span() == gone.key_span());
        let at = at.ok_or("the field is not there")?;
        let (start, end) = (gone.key_span().start as usize, self.end(gone));
        let next = ordered.get(at + 1).map(|entry| entry.key_span().start as usize);
        let previous = at.checked_sub(1).and_then(|at| ordered.get(at)).map(|entry| self.end(*entry));
        if self.manner(map, gone) != Manner::Block {
            return Ok(match (next, previous) {
                (Some(next), _) => (start..next, String::new()),
                (None, Some(previous)) => (previous..end, String::new()),
                (None, None) => (start..end, String::new()),
            });
        }
        if ordered.len() == 1 {
            let key_end = map.key_span().end as usize;
            let between = self.text.get(key_end..start).unwrap_or_default();
            let is_bare = between.trim_end() == ":" && map.key_span().start < map.key_span().end;
            return if is_bare {
                Ok((key_end..end, ": {}".to_owned()))
            } else {
                Err("the map would be empty".to_owned())
            };
        }
        let before = self.before(start);
        match next {
            Some(next) if !before.trim().is_empty() => Ok((start..next, String::new())),
            _ => {
                let (line_end, _) = self.rest_of_line(end)?;
                Ok((start - before.len()..line_end, String::new()))
            }
        }
    }

    /// A line of its own after the line in which something ends.
    fn line_after(&self, end: usize, line: &str) -> Result<Edit, String> {
        let (at, complete) = self.rest_of_line(end)?;
        let line_break = self.line_break();
        let text = if complete { format!("{line}{line_break}") } else { format!("{line_break}{line}") };
        Ok((at..at, text))
    }

    /// Where the next line begins, and whether this one has its line break. Only a comment may follow.
    fn rest_of_line(&self, end: usize) -> Result<(usize, bool), String> {
        if end > 0 && self.text.as_bytes().get(end - 1) == Some(&b'\n') {
            return Ok((end, true));
        }
        let rest = self.text.get(end..).unwrap_or_default();
        let (line, complete) = match rest.split_once('\n') {
            Some((line, _)) => (line, true),
            None => (rest, false),
        };
        let rest = line.trim_start();
        let is_comment = rest.starts_with('#') && rest.len() < line.len();
        if !rest.is_empty() && !is_comment {
            return Err("something else stands in the same line".to_owned());
        }
        Ok((end + line.len() + usize::from(complete), complete))
    }

    /// The last byte of a value and one: containers in block style end where their last entry does.
    fn end(&self, node: NodeRef<'_>) -> usize {
        let own = node.span().end.max(node.key_span().end) as usize;
        if self.text.get(self.of(node)).is_some_and(|text| text.starts_with(['{', '['])) {
            return own;
        }
        let map = node.as_map().and_then(ends).map(|(_, last)| last);
        let list = node.as_list().and_then(|list| list.at(list.len().wrapping_sub(1)));
        match map.or(list) {
            Some(last) => self.end(last),
            // A key without a value ends with its colon.
            None if node.is_null() && node.span().start == node.span().end => {
                let rest = self.text.get(own..).unwrap_or_default();
                let is_colon = node.key_span().end as usize == own && rest.starts_with(':');
                own + usize::from(is_colon)
            }
            None => own,
        }
    }

    fn manner(&self, map: NodeRef<'_>, neighbour: NodeRef<'_>) -> Manner {
        let key = neighbour.key_span().start as usize;
        let is_flow = self.text.get(self.of(map)).is_some_and(|text| text.starts_with('{'));
        match (is_flow, self.text.get(key..).is_some_and(|text| text.starts_with('"'))) {
            (false, _) => Manner::Block,
            (true, false) => Manner::Flow,
            (true, true) => Manner::Json,
        }
    }

    /// Anchors are for others to refer to, and tags say what something is.
    fn plain(&self, node: NodeRef<'_>) -> Result<(), String> {
        let found = self.text.get(self.of(node)).unwrap_or_default();
        match found.chars().next() {
            Some('*') => Err("the value is an alias of another".to_owned()),
            Some('&') => Err("the value has an anchor, others may refer to it".to_owned()),
            Some('!') => Err("the value has a tag".to_owned()),
            _ => Ok(()),
        }
    }

    fn of(&self, node: NodeRef<'_>) -> Range<usize> {
        node.span().start as usize..node.span().end as usize
    }

    /// The beginning of the line of a place, up to it.
    fn before(&self, at: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(before, |start| before.get(start + 1..).unwrap_or_default())
    }

    /// The column of a key, before which only spaces and the dashes of lists may stand.
    fn column(&self, at: usize) -> Result<usize, String> {
        let before = self.before(at);
        if before.bytes().all(|byte| byte == b' ' || byte == b'-') {
            Ok(before.len())
        } else {
            Err("the key does not begin its line".to_owned())
        }
    }

    fn line_break(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}

/// The first and the last entry as they stand in the text.
fn ends(map: MapRef<'_>) -> Option<(NodeRef<'_>, NodeRef<'_>)> {
    let entries = || map.iter().map(|(_, value)| value);
    Some((
        entries().min_by_key(|entry| entry.key_span().start)?,
        entries().max_by_key(|entry| entry.key_span().start)?,
    ))
}
