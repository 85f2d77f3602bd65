//! Where the values of an expression come from: a variable, then fields and parts.

/// Segments beyond which a path is no longer kept; a declared type is not that deep.
const LONGEST: usize = 256;

/// The paths of one expression.
///
/// Two paths that extend the same third one may share the memory of Go's `append`, and the later then overwrites the last
/// segment of the earlier: after `self.spec.labels.all(k, v, …)`, the path of `k` is that of `v`. What the API server
/// looks up follows from that, so memory is grown and shared here as it is there.
#[derive(Debug, Default)]
pub(super) struct Paths<'e> {
    memory: Vec<Memory<'e>>,
}

#[derive(Debug)]
struct Memory<'e> {
    segments: Vec<&'e str>,
    capacity: usize,
}

/// The beginning of one piece of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Path {
    memory: usize,
    length: usize,
}

impl<'e> Paths<'e> {
    /// A path of one segment.
    pub(super) fn root(&mut self, name: &'e str) -> Path {
        self.memory.push(Memory { segments: vec![name], capacity: 1 });
        Path { memory: self.memory.len() - 1, length: 1 }
    }

    /// A path with one more segment.
    pub(super) fn append(&mut self, path: Option<Path>, segment: &'e str) -> Path {
        let Some(Path { memory: at, length }) = path else { return self.root(segment) };
        let too_long = Path { memory: at, length: LONGEST + 1 };
        let Some(memory) = self.memory.get_mut(at).filter(|_| length < LONGEST) else { return too_long };
        if length < memory.capacity {
            match memory.segments.get_mut(length) {
                Some(overwritten) => *overwritten = segment,
                None => memory.segments.push(segment),
            }
            return Path { memory: at, length: length + 1 };
        }
        // Go doubles the capacity of so short a slice.
        let capacity = 2 * memory.capacity;
        let mut segments = memory.segments.clone();
        segments.push(segment);
        self.memory.push(Memory { segments, capacity });
        Path { memory: self.memory.len() - 1, length: length + 1 }
    }

    /// The segments as they are now; none of a path that is too long.
    pub(super) fn read(&self, path: Option<Path>) -> &[&'e str] {
        path.and_then(|path| self.memory.get(path.memory)?.segments.get(..path.length)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_by_copies_until_there_is_room() {
        let mut paths = Paths::default();
        let variable = paths.root("self");
        let (a, b) = (paths.append(Some(variable), "a"), paths.append(Some(variable), "b"));
        assert_eq!(paths.read(Some(a)), ["self", "a"]);
        assert_eq!(paths.read(Some(b)), ["self", "b"]);
        let deep = paths.append(Some(a), "c");
        let (first, second) = (paths.append(Some(deep), "d"), paths.append(Some(deep), "e"));
        assert_eq!(paths.read(Some(first)), ["self", "a", "c", "e"], "the room after `c` is shared");
        assert_eq!(paths.read(Some(second)), ["self", "a", "c", "e"]);
    }

    #[test]
    fn a_path_that_is_too_long_reads_as_none_and_stays_so() {
        let mut paths = Paths::default();
        let mut path = paths.root("self");
        for _ in 0..2 * LONGEST {
            path = paths.append(Some(path), "next");
        }
        assert!(paths.read(Some(path)).is_empty());
        assert!(paths.memory.len() < 20);
    }
}
