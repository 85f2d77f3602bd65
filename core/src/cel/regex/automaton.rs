//! A pattern for the automata of `regex-automata`, which work on bytes and know many shortcuts.

use super::syntax::{Class, Folds, Look, Node, Op};
use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_syntax::hir::{self, Capture, ClassUnicode, ClassUnicodeRange, Hir, Repetition};

/// Bytes that the automata of a pattern may take. `[a-z0-9]{1,253}` takes 0.1 MiB, `\pL{64}` 2 MiB; what needs more is
/// run by the machine, which takes a place for a character instead of for each of its bytes.
const SIZE_LIMIT: usize = 4 << 20;

/// Ranges in the pattern's classes altogether, which are copied for the automata.
const RANGE_LIMIT: usize = 1 << 16;

/// Levels that the automata's builder, which calls itself for each, is given.
const HEIGHT_LIMIT: u16 = 100;

/// The automata, or none if they would be too large.
pub(super) fn build(root: &Node, with_groups: bool) -> Option<meta::Regex> {
    if root.height > HEIGHT_LIMIT {
        return None;
    }
    let mut builder = Builder { folds: Folds::default(), ranges: 0, with_groups };
    let hir = builder.hir(root)?;
    let captures = if with_groups { WhichCaptures::All } else { WhichCaptures::Implicit };
    let config = meta::Config::new()
        .nfa_size_limit(Some(SIZE_LIMIT))
        .hybrid_cache_capacity(SIZE_LIMIT)
        .which_captures(captures);
    meta::Builder::new().configure(config).build_from_hir(&hir).ok()
}

struct Builder {
    folds: Folds,
    ranges: usize,
    with_groups: bool,
}

impl Builder {
    fn hir(&mut self, node: &Node) -> Option<Hir> {
        Some(match &node.op {
            Op::Empty => Hir::empty(),
            Op::Literal { codes, fold } => self.literal(codes, *fold)?,
            Op::Class(class) => self.class(class.ranges())?,
            Op::Look(look) => Hir::look(match look {
                Look::TextStart => hir::Look::Start,
                Look::TextEnd => hir::Look::End,
                Look::LineStart => hir::Look::StartLF,
                Look::LineEnd => hir::Look::EndLF,
                Look::WordBoundary => hir::Look::WordAscii,
                Look::NotWordBoundary => hir::Look::WordAsciiNegate,
            }),
            Op::Capture(index, body) if self.with_groups => {
                Hir::capture(Capture { index: *index, name: None, sub: Box::new(self.hir(body)?) })
            }
            Op::Capture(_, body) => self.hir(body)?,
            Op::Repeat { least, most, greedy, body } => {
                let sub = Box::new(self.hir(body)?);
                Hir::repetition(Repetition { min: *least, max: *most, greedy: *greedy, sub })
            }
            Op::Concat(parts) => Hir::concat(self.all(parts)?),
            Op::Alternate(parts) => Hir::alternation(self.all(parts)?),
        })
    }

    fn all(&mut self, parts: &[Node]) -> Option<Vec<Hir>> {
        parts.iter().map(|part| self.hir(part)).collect()
    }

    fn literal(&mut self, codes: &[u32], fold: bool) -> Option<Hir> {
        let mut parts = Vec::new();
        let mut text = String::new();
        for &code in codes {
            let all = if fold { self.folds.all(code) } else { vec![code] };
            match (all.as_slice(), char::from_u32(code)) {
                ([_], Some(character)) => text.push(character),
                _ => {
                    parts.push(Hir::literal(std::mem::take(&mut text).into_bytes()));
                    let class = Class::new(all.into_iter().map(|code| (code, code)).collect());
                    parts.push(self.class(class.ranges())?);
                }
            }
        }
        parts.push(Hir::literal(text.into_bytes()));
        Some(Hir::concat(parts))
    }

    /// Surrogates are left out: no text has them.
    fn class(&mut self, ranges: &[(u32, u32)]) -> Option<Hir> {
        self.ranges += ranges.len();
        if self.ranges > RANGE_LIMIT {
            return None;
        }
        let around = |&(low, high): &(u32, u32)| [(low, high.min(0xD7FF)), (low.max(0xE000), high)];
        let ranges = ranges.iter().flat_map(around).filter(|(low, high)| low <= high);
        let range = |(low, high)| Some(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(high)?));
        Some(Hir::class(hir::Class::Unicode(ClassUnicode::new(ranges.filter_map(range)))))
    }
}
