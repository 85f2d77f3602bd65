//! Regular expressions with RE2's meaning: what Go's `regexp` accepts and how it matches.
//!
//! Patterns are checked and rewritten by `translate`, then run by the `regex` crate, whose automata take time
//! linear in the text, as RE2's do.

mod translate;

pub(crate) use translate::translate;
use translate::translate_with_groups;

use crate::cel::value::{Opaque, Regex, Val, characters};

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 4 << 20;

/// Compiles a pattern, or says why not in Go's words.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    build(pattern, &translate(pattern)?)
}

/// The same for a pattern whose groups are asked for, which makes it slower.
pub fn compile_with_groups(pattern: &str) -> Result<Regex, String> {
    build(pattern, &translate_with_groups(pattern)?)
}

fn build(pattern: &str, translated: &str) -> Result<Regex, String> {
    let program =
        regex::RegexBuilder::new(translated).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build();
    match program {
        Ok(program) => Ok(Regex { pattern: pattern.into(), program }),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err(format!("error parsing regexp: expression nests too deeply: `{pattern}`"))
        }
        Err(error) => Err(format!("error parsing regexp: unsupported: `{pattern}`: {error}")),
    }
}

/// The size that cost counts for an argument that may be a compiled pattern.
pub(crate) fn pattern_size(value: &Val<'_>) -> usize {
    match value {
        Val::Opaque(Opaque::Regex(regex)) => characters(&regex.pattern),
        other => other.size().unwrap_or(1),
    }
}

impl Regex {
    pub fn is_match(&self, text: &str) -> bool {
        self.program.is_match(text)
    }

    /// The leftmost match.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.program.find(text).map(|found| found.as_str())
    }

    /// How many groups the pattern captures.
    pub fn groups(&self) -> usize {
        self.program.captures_len() - 1
    }

    /// Successive matches that do not overlap, each with its groups; the first is the whole match.
    pub fn matches<'t>(&self, text: &'t str) -> impl Iterator<Item = Vec<Option<&'t str>>> {
        self.program
            .captures_iter(text)
            .map(|groups| groups.iter().map(|group| group.map(|group| group.as_str())).collect())
    }

    /// Successive matches that do not overlap.
    pub fn find_all<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.program.find_iter(text).map(|found| found.as_str())
    }
}
