//! Regular expressions as Go's `regexp` understands and matches them, which are RE2's.
//!
//! A pattern is read by `syntax` as Go reads it. It is then run by automata over bytes or, where those would be too
//! large, by the `machine`. Both find the leftmost match, of several there the one that backtracking would find first,
//! in time linear in the text.

mod automaton;
mod fixed;
mod machine;
mod syntax;
#[cfg(test)]
mod tests;

use fixed::Fixed;
use machine::Machine;
use regex_automata::{Input, meta};
use std::sync::OnceLock;
use syntax::Pattern;

/// A pattern that was understood, with its source.
#[derive(Debug)]
pub struct Regex {
    pub(crate) pattern: Box<str>,
    /// Characters of the pattern.
    pub(crate) length: u64,
    groups: usize,
    with_groups: bool,
    /// Decides whether there is a match, where the pattern is so simple.
    fixed: Option<Box<Fixed>>,
    /// Built when something is first searched: that takes ten times as long as to compile an expression, and of many
    /// policies few match.
    program: OnceLock<Program>,
}

#[derive(Debug)]
enum Program {
    Automaton(meta::Regex),
    Machine(Machine),
    Nothing,
}

impl Program {
    fn new(pattern: &Pattern, with_groups: bool) -> Program {
        match automaton::build(&pattern.root, with_groups) {
            Some(automaton) => Program::Automaton(automaton),
            None => Program::machine(pattern, with_groups),
        }
    }

    fn machine(pattern: &Pattern, with_groups: bool) -> Program {
        let groups = if with_groups { pattern.groups } else { 0 };
        Program::Machine(Machine::new(&pattern.root, groups))
    }
}

/// Places in a text: of the whole match and of each group, where it took part.
pub type Places = Vec<Option<(usize, usize)>>;

/// Says whether Go accepts a pattern, and if not, in its words, why.
pub fn validate(pattern: &str) -> Result<(), String> {
    syntax::parse(pattern).map(|_| ())
}

impl Regex {
    /// Compiles a pattern, or says why not in Go's words.
    pub fn new(pattern: &str) -> Result<Regex, String> {
        Regex::build(pattern, false)
    }

    /// The same for a pattern whose groups are asked for, which makes it slower.
    pub fn with_groups(pattern: &str) -> Result<Regex, String> {
        Regex::build(pattern, true)
    }

    fn build(pattern: &str, with_groups: bool) -> Result<Regex, String> {
        let parsed = syntax::parse(pattern)?;
        let (groups, fixed) = (parsed.groups as usize, Fixed::new(&parsed.root).map(Box::new));
        let length = pattern.chars().count() as u64;
        Ok(Regex { pattern: pattern.into(), length, groups, with_groups, fixed, program: OnceLock::new() })
    }

    fn program(&self) -> &Program {
        self.program.get_or_init(|| match syntax::parse(&self.pattern) {
            Ok(parsed) => Program::new(&parsed, self.with_groups),
            // It was read before.
            Err(_) => Program::Nothing,
        })
    }

    pub fn is_match(&self, text: &str) -> bool {
        if let Some(fixed) = &self.fixed {
            return fixed.is_match(text);
        }
        match self.program() {
            Program::Automaton(automaton) => automaton.is_match(text),
            Program::Machine(machine) => machine.is_match(text),
            Program::Nothing => false,
        }
    }

    /// The leftmost match.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (start, end) = self.find_from(text, 0)?;
        text.get(start..end)
    }

    fn find_from(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        match self.program() {
            Program::Automaton(automaton) => {
                let found = automaton.search(&Input::new(text).range(from..))?;
                Some((found.start(), found.end()))
            }
            Program::Machine(machine) => whole(&places(&machine.find(text, from)?)),
            Program::Nothing => None,
        }
    }

    fn groups_from(&self, text: &str, from: usize) -> Option<Places> {
        match self.program() {
            Program::Automaton(automaton) => {
                let mut captures = automaton.create_captures();
                automaton.search_captures(&Input::new(text).range(from..), &mut captures);
                let span = |group| captures.get_group(group).map(|span| (span.start, span.end));
                captures.is_match().then(|| (0..=self.groups).map(span).collect())
            }
            Program::Machine(machine) => machine.find(text, from).map(|slots| places(&slots)),
            Program::Nothing => None,
        }
    }

    /// How many groups the pattern captures.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Successive matches that do not overlap, each with its groups; the first is the whole match. For a pattern
    /// compiled with groups.
    pub fn matches(&self, text: &str) -> impl Iterator<Item = Places> {
        successive(text, move |from| self.groups_from(text, from), whole)
    }

    /// Successive matches that do not overlap.
    pub fn find_all<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let found = successive(text, move |from| self.find_from(text, from), |&found| Some(found));
        found.filter_map(|(start, end)| text.get(start..end))
    }
}

fn places(slots: &[Option<usize>]) -> Places {
    slots.chunks(2).map(|pair| Some(((*pair.first()?)?, (*pair.get(1)?)?))).collect()
}

fn whole(places: &Places) -> Option<(usize, usize)> {
    places.first().copied().flatten()
}

/// Source: Go `regexp`, `allMatches`: an empty match right after another does not count.
fn successive<M>(
    text: &str,
    search: impl Fn(usize) -> Option<M>,
    whole: impl Fn(&M) -> Option<(usize, usize)>,
) -> impl Iterator<Item = M> {
    let mut from = 0;
    let mut last_end = None;
    std::iter::from_fn(move || {
        while from <= text.len() {
            let found = search(from)?;
            let (start, end) = whole(&found)?;
            let mut accepted = true;
            if end == from {
                accepted = last_end != Some(start);
                from += text.get(from..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            } else {
                from = end;
            }
            last_end = Some(end);
            if accepted {
                return Some(found);
            }
        }
        None
    })
}
