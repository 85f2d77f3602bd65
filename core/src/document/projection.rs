//! Which parts of a document are kept when it is read: what no policy reads need not be.

use super::node::hash;
use super::object::same;

/// The parts of a document that are kept: a tree of fields, whole values at its leaves.
///
/// Where a document is not of the shape that the tree has, as a list where fields are named, the value is kept whole.
#[derive(Clone, Debug)]
pub struct Projection {
    nodes: Vec<Kept>,
}

/// What of a value is kept. Of one without parts here only that it is there, and its kind.
#[derive(Clone, Debug, Default)]
struct Kept {
    whole: bool,
    fields: Vec<Field>,
    /// The same for each element of a list.
    elements: Option<u32>,
}

#[derive(Clone, Debug)]
struct Field {
    hash: u32,
    name: Box<str>,
    kept: u32,
}

/// The place of [`Projection::whole`].
const WHOLE: u32 = 0;
const ROOT: u32 = 1;

impl Default for Projection {
    fn default() -> Projection {
        Projection { nodes: vec![Kept { whole: true, ..Kept::default() }, Kept::default()] }
    }
}

impl Projection {
    /// Keeps a field by its path, with all that is in it.
    pub fn keep(&mut self, path: &[&str]) {
        let place = path.iter().fold(self.root_place(), |place, name| self.field_place(place, name));
        self.keep_whole(place);
    }

    /// Keeps everything.
    pub fn keep_all(&mut self) {
        self.keep_whole(ROOT);
    }

    pub(crate) fn root_place(&self) -> u32 {
        ROOT
    }

    pub(crate) fn keep_whole(&mut self, place: u32) {
        if let Some(kept) = self.nodes.get_mut(place as usize) {
            kept.whole = true;
        }
    }

    /// The place of a field, which is there from now on.
    pub(crate) fn field_place(&mut self, of: u32, name: &str) -> u32 {
        let next = self.nodes.len() as u32;
        let Some(kept) = self.nodes.get_mut(of as usize) else { return WHOLE };
        if let Some(field) = kept.fields.iter().find(|field| *field.name == *name) {
            return field.kept;
        }
        kept.fields.push(Field { hash: hash(name.as_bytes()), name: name.into(), kept: next });
        self.nodes.push(Kept::default());
        next
    }

    /// The place of the elements of a list.
    pub(crate) fn elements_place(&mut self, of: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let Some(kept) = self.nodes.get_mut(of as usize) else { return WHOLE };
        let place = *kept.elements.get_or_insert(next);
        if place == next {
            self.nodes.push(Kept::default());
        }
        place
    }

    fn kept(&self, place: u32) -> Option<&Kept> {
        self.nodes.get(place as usize).filter(|kept| !kept.whole)
    }
}

/// What a reader keeps of a document.
pub(super) trait Keeps: Copy {
    /// The place of the whole document. A place stands for a value that is kept, in part at least.
    fn root(self) -> u32;

    /// Whether nothing is left out.
    fn all(self) -> bool {
        false
    }

    /// What is kept of a value that is a map, or a list.
    fn map(self, place: u32) -> u32;
    fn list(self, place: u32) -> u32;

    /// What is kept of an entry; `None` when it is left out.
    fn field(self, place: u32, hash: u32, key: &[u8]) -> Option<u32>;
    fn element(self, place: u32) -> Option<u32>;
}

/// Leaves nothing out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Everything;

impl Keeps for Everything {
    fn root(self) -> u32 {
        WHOLE
    }

    #[inline(always)]
    fn all(self) -> bool {
        true
    }

    #[inline(always)]
    fn map(self, place: u32) -> u32 {
        place
    }

    #[inline(always)]
    fn list(self, place: u32) -> u32 {
        place
    }

    #[inline(always)]
    fn field(self, place: u32, _: u32, _: &[u8]) -> Option<u32> {
        Some(place)
    }

    #[inline(always)]
    fn element(self, place: u32) -> Option<u32> {
        Some(place)
    }
}

impl Keeps for &Projection {
    fn root(self) -> u32 {
        ROOT
    }

    #[inline]
    fn map(self, place: u32) -> u32 {
        match self.kept(place) {
            Some(kept) if kept.elements.is_none() || !kept.fields.is_empty() => place,
            _ => WHOLE,
        }
    }

    #[inline]
    fn list(self, place: u32) -> u32 {
        match self.kept(place) {
            Some(kept) if kept.fields.is_empty() || kept.elements.is_some() => place,
            _ => WHOLE,
        }
    }

    #[inline]
    fn field(self, place: u32, hash: u32, key: &[u8]) -> Option<u32> {
        let Some(kept) = self.kept(place) else { return Some(WHOLE) };
        let is_it = |field: &&Field| field.hash == hash && same(field.name.as_bytes(), key);
        kept.fields.iter().find(is_it).map(|field| field.kept)
    }

    #[inline]
    fn element(self, place: u32) -> Option<u32> {
        let Some(kept) = self.kept(place) else { return Some(WHOLE) };
        kept.elements
    }
}

#[cfg(test)]
mod tests {
    use super::Projection;
    use crate::document::{Limits, NodeRef, NodeValue, Object, ObjectBuilder};

    fn projection() -> Projection {
        let mut fields = Projection::default();
        fields.keep(&["a", "b"]);
        let list = fields.field_place(fields.root_place(), "l");
        let element = fields.elements_place(list);
        let name = fields.field_place(element, "n");
        fields.keep_whole(name);
        fields.field_place(element, "there");
        fields
    }

    /// What the projection keeps of a value that was read whole.
    fn shown(node: NodeRef<'_>, path: &str) -> String {
        let kept = ["", ".a", ".a.b", ".l", ".l[]", ".l[].n", ".l[].there"];
        match node.value() {
            NodeValue::Map(_) if path == ".l[].there" => format!("{{}} {:?}", node.span()),
            NodeValue::Map(map) => {
                let whole =
                    path.starts_with(".a.b") || path.starts_with(".l[].n") || path == ".l" || path == "*";
                let entries = map.iter().filter_map(|(key, value)| {
                    let path = if whole { "*".to_owned() } else { format!("{path}.{key}") };
                    let is_kept = whole || kept.contains(&path.as_str());
                    is_kept.then(|| format!("{key:?}:{} {:?}", shown(value, &path), value.key_span()))
                });
                format!("{{{}}} {:?}", entries.collect::<Vec<_>>().join(","), node.span())
            }
            NodeValue::List(list) => {
                let path = match path {
                    ".l" => ".l[]",
                    ".l[].there" => return format!("[] {:?}", node.span()),
                    _ => "*",
                };
                let elements = list.iter().map(|element| shown(element, path));
                format!("[{}] {:?}", elements.collect::<Vec<_>>().join(","), node.span())
            }
            value => format!("{value:?} {:?}", node.span()),
        }
    }

    #[test]
    fn what_is_kept_is_as_in_the_whole_document_and_all_errors_are_found() {
        let mut texts = Vec::new();
        for part in [
            "1",
            "\"x\"",
            "null",
            "{}",
            "[]",
            "{\"b\":{\"c\":[1,{\"d\":2}]},\"c\":[{\"x\":1,\"x\":2}]}",
            "[1,[2,{\"n\":3}]]",
            "[{\"n\":1,\"m\":[1],\"there\":{\"x\":[1]}},{\"there\":[3,4]},{\"n\":{\"y\":1},\"n\":2}]",
            "{\"b\":1,\"b\":2,\"z\":1,\"\\u007a\":2}",
            "01",
            "1e999",
            "tru",
            "{\"a\"}",
            "[1,]",
            "{\"a\":1,}",
            "\"\\x\"",
            "\"a\tb\"",
            "[[[[[[[[1]]]]]]]]",
            "{\"n\":{\"n\":{\"n\":{\"n\":{\"n\":{\"n\":{\"n\":1}}}}}}}",
            "-",
            "\"",
        ] {
            for (before, after) in [
                ("{\"a\":", "}"),
                ("{\"l\":", ",\"q\":0}"),
                ("{\"q\":0, \"other\":", ",\"a\":{\"b\":1}}"),
                ("", ""),
                ("{\"l\":[", "]}"),
                ("{\n\"other\":", ",\"a\":{\"b\":1},\"other\":2}"),
                ("{\"a\":1,\"a\":", "}x"),
            ] {
                texts.push(format!("{before}{part}{after}"));
            }
        }
        for limits in [
            Limits::default(),
            Limits { max_depth: 5, ..Limits::default() },
            Limits { max_nodes: 9, ..Limits::default() },
        ] {
            let mut builder = ObjectBuilder::new(limits);
            for text in &texts {
                let whole = Object::from_json(text.as_bytes(), &limits);
                let part =
                    builder.read_json_projected(text.as_bytes(), Object::default(), &limits, &projection());
                match (whole, part) {
                    (Ok(whole), Ok(part)) => {
                        assert_eq!(shown(part.root(), ""), shown(whole.root(), ""), "{text}");
                        assert_eq!(part.duplicate_keys(), whole.duplicate_keys(), "{text}");
                    }
                    (whole, part) => assert_eq!(part.err(), whole.err(), "{text}"),
                }
            }
        }
    }

    #[test]
    fn a_projection_may_keep_all() {
        let mut fields = projection();
        fields.keep_all();
        let json = br#"{"x": [{"y": 1}]}"#;
        let mut builder = ObjectBuilder::new(Limits::default());
        let read = builder.read_json_projected(json, Object::default(), &Limits::default(), &fields).unwrap();
        let whole = Object::from_json(json, &Limits::default()).unwrap();
        assert_eq!(format!("{:?}", read.root()), format!("{:?}", whole.root()));
    }
}
