//! [`Key`]: a field's name in the form in which a map is searched for it fastest.

use super::node::hash;
use super::object::{INDEX_OVER, Node, Object, same};

/// A field's name with its hash, and its first and last eight bytes as words.
///
/// A key of a document is compared with two loads, without a loop or a call. With plain slices the benches' eight
/// expressions take a quarter more instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    name: Box<str>,
    hash: u32,
    length: u32,
    /// Which bytes of a word belong to the name.
    mask: u64,
    front: u64,
    back: u64,
}

impl Key {
    pub(crate) fn new(name: impl Into<Box<str>>) -> Key {
        let name: Box<str> = name.into();
        let bytes = name.as_bytes();
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let front = bytes.get(..8).unwrap_or(bytes);
        let back = bytes.last_chunk::<8>().map_or(bytes, |chunk| chunk);
        let mask = word([0xff; 8].get(..front.len()).unwrap_or_default());
        Key {
            hash: hash(bytes),
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            mask,
            front: word(front),
            back: word(back),
            name,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }
}

impl Object {
    /// The entry of a key in a map, looking first at the place `hint`, where another map had it.
    #[inline(always)]
    pub(super) fn find_near(&self, map: &Node, key: &Key, hint: &mut u32) -> Option<&Node> {
        let (first, count) = ((map.payload >> 32) as usize, map.payload as u32 as usize);
        if count > INDEX_OVER as usize {
            return self.find_another(map, key);
        }
        let hashes = self.hashes.get(first..first + count)?;
        let nodes = self.nodes.get(first..first + count)?;
        let mut at = *hint as usize;
        if hashes.get(at) != Some(&key.hash) {
            at = position(hashes, key.hash)?;
            *hint = at as u32;
        }
        let node = nodes.get(at)?;
        if self.has_key(node, key) { Some(node) } else { self.find_another(map, key) }
    }

    /// The same in large maps, and for keys with a hash that another key has too.
    #[cold]
    #[inline(never)]
    fn find_another(&self, map: &Node, key: &Key) -> Option<&Node> {
        let at = self.find(map, key.name.as_bytes(), key.hash)?;
        self.nodes.get(at as usize)
    }

    #[inline(always)]
    fn has_key(&self, node: &Node, key: &Key) -> bool {
        // A key with an escape lies elsewhere, which its length shows.
        if node.key.length == key.length
            && key.length <= 16
            && let (offset, length) = (node.key.offset as usize, key.length as usize)
            && let Some(text) = self.text.as_bytes().get(offset..)
            && let Some(front) = text.first_chunk::<8>()
            && let Some(back) = text.get(length.saturating_sub(8)..).and_then(|text| text.first_chunk::<8>())
        {
            let matches = |word: &[u8; 8], with: u64| u64::from_le_bytes(*word) & key.mask == with;
            return matches(front, key.front) && matches(back, key.back);
        }
        self.has_odd_key(node, key)
    }

    /// The same for keys that are long, have escapes, or stand at the very end of the text.
    #[cold]
    #[inline(never)]
    fn has_odd_key(&self, node: &Node, key: &Key) -> bool {
        same(self.bytes(node.key), key.name.as_bytes())
    }
}

/// The first place of a hash. Four are compared at a time.
#[inline(always)]
pub(super) fn position(hashes: &[u32], hash: u32) -> Option<usize> {
    let (fours, rest) = hashes.as_chunks::<4>();
    for (at, [a, b, c, d]) in fours.iter().enumerate() {
        let found = [*a == hash, *b == hash, *c == hash, *d == hash];
        if found[0] | found[1] | found[2] | found[3] {
            return Some(at * 4 + found.iter().position(|found| *found).unwrap_or_default());
        }
    }
    rest.iter().position(|own| *own == hash).map(|at| fours.len() * 4 + at)
}

#[cfg(test)]
mod tests {
    use super::Key;
    use crate::document::{Cursor, Limits, Object};

    #[test]
    fn keys_of_any_length_are_found_wherever_they_are() {
        let names: Vec<String> = (0..40)
            .map(|length| "abcdefghijklmnopqrstuvwxyz0123456789ABCD".chars().take(length).collect())
            .collect();
        for count in [1, 5, 31, 40] {
            let entries: Vec<String> =
                names.iter().take(count).enumerate().map(|(at, name)| format!("{name:?}:{at}")).collect();
            for json in [
                format!("{{{}}}", entries.join(",")),
                format!("{{{}}}", entries.join(",").replace('c', "\\u0063")),
            ] {
                let object = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
                let map = Cursor::at(object.root()).unwrap();
                for (at, name) in names.iter().enumerate() {
                    for mut hint in [0, at as u32, 7, 99] {
                        let found = map.field_near(&Key::new(name.as_str()), &mut hint).unwrap();
                        assert_eq!(
                            found.and_then(Cursor::int),
                            (at < count).then_some(at as i64),
                            "{name} in {json}"
                        );
                    }
                    let other = format!("{name}-");
                    assert!(map.field_near(&Key::new(other.as_str()), &mut 0).unwrap().is_none(), "{other}");
                }
            }
        }
    }
}
