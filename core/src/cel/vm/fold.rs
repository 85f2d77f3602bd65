//! Loops: what the macros over lists and maps expand to, without their accumulators.
//!
//! The costs are those of cel-go's expansions (`parser/macro.go`), counted per visited element; each is derived at
//! the place where it is charged. Source: cel-go `interpreter/interpretable.go`, `evalFold`.

use super::machine::{Machine, Stop};
use crate::cel::program::{LIST_COST, LoopKind};
use crate::cel::value::{Arena, Error, List, Map, Val, finds, plain};
use crate::document::NodeRef;

/// A loop under way.
#[derive(Debug)]
pub(super) struct Fold<'a> {
    kind: LoopKind,
    range: Range<'a>,
    position: usize,
    length: usize,
    variables: (u32, Option<u32>),
    /// The accumulator: an error, or what the kind needs.
    error: Option<Error<'a>>,
    verdict: bool,
    matches: u64,
    elements: bumpalo::collections::Vec<'a, Val<'a>>,
    entries: bumpalo::collections::Vec<'a, (Val<'a>, Val<'a>)>,
}

#[derive(Clone, Copy, Debug)]
enum Range<'a> {
    List(List<'a>),
    Map(Map<'a>),
}

impl<'a> Fold<'a> {
    /// A loop over a value, or the error of a value that cannot be walked.
    pub(super) fn over(
        range: Val<'a>,
        kind: LoopKind,
        variables: (u32, Option<u32>),
        arena: &'a Arena,
    ) -> Result<Fold<'a>, Error<'a>> {
        let (range, length) = match range {
            Val::List(list) => (Range::List(list), list.len()),
            Val::Map(map) => (Range::Map(map), map.len()),
            Val::Error(error) => return Err(error),
            other => {
                let go_type = go_type(&other);
                return Err(if variables.1.is_some() {
                    Error::message(arena, format_args!("unsupported comprehension range type: {go_type}"))
                } else {
                    Error::message(arena, format_args!("got '{go_type}', expected iterable type"))
                });
            }
        };
        Ok(Fold {
            kind,
            range,
            position: 0,
            length,
            variables,
            error: None,
            verdict: kind == LoopKind::All,
            matches: 0,
            elements: bumpalo::collections::Vec::new_in(arena),
            entries: bumpalo::collections::Vec::new_in(arena),
        })
    }

    /// `@result && body` or `@result || body`: errors wait for a value that decides.
    fn decide(&mut self, value: Val<'a>, deciding: bool) {
        match value {
            Val::Bool(answer) if answer == deciding => (self.verdict, self.error) = (deciding, None),
            Val::Bool(_) => {}
            other => self.error = self.error.or(Some(no_bool(other))),
        }
    }

    fn push(&mut self, value: Val<'a>) {
        match value {
            _ if self.error.is_some() => {}
            Val::Error(error) => self.error = Some(error),
            value => self.elements.push(value),
        }
    }

    fn insert(&mut self, key: Val<'a>, value: Val<'a>, arena: &'a Arena) {
        if self.error.is_some() {
            return;
        }
        let repeated = match self.range {
            // Keys of the loop's own range cannot repeat.
            _ if self.kind == LoopKind::Map => false,
            _ => self.entries.iter().any(|(other, _)| finds(other, &key)),
        };
        if repeated {
            let key = plain(&key);
            self.error = Some(Error::message(arena, format_args!("insert failed: key {key} already exists")));
        } else {
            self.entries.push((key, value));
        }
    }

    fn merge(&mut self, value: Val<'a>, arena: &'a Arena) {
        match value {
            _ if self.error.is_some() => {}
            Val::Error(error) => self.error = Some(error),
            Val::Map(map) => map.iter().for_each(|(key, value)| self.insert(key, value, arena)),
            _ => self.error = Some(Error::NoSuchOverload),
        }
    }

    /// The two variables' values at a position: index and element, or key and value.
    #[inline]
    fn at(&self, position: usize) -> (Val<'a>, Val<'a>) {
        match self.range {
            Range::List(list) => (Val::Int(position as i64), list.at(position).unwrap_or(Val::Null)),
            Range::Map(map) => map.at(position).unwrap_or((Val::Null, Val::Null)),
        }
    }

    /// Whether a local is one of the loop's variables.
    pub(super) fn declares(&self, local: u32) -> bool {
        self.variables.0 == local || self.variables.1 == Some(local)
    }

    /// The current element, of a map the value.
    pub(super) fn current(&self) -> Option<Val<'a>> {
        let position = self.position.checked_sub(1)?;
        match self.range {
            Range::List(list) => list.at(position),
            Range::Map(map) => map.at(position).map(|(_, value)| value),
        }
    }

    /// The current element, when it is part of a document.
    pub(super) fn element(&self) -> Option<NodeRef<'a>> {
        let position = self.position.checked_sub(1)?;
        match self.range {
            Range::List(List::Node(list)) => list.at(position),
            Range::Map(Map::Node(map)) => map.at(position).map(|(_, node)| node),
            Range::List(List::Typed(list)) => list.node()?.as_list()?.at(position),
            Range::List(list) => container(list.at(position)?),
            Range::Map(map) => match map.typed() {
                Some(map) => map.node().as_map()?.at(position).map(|(_, node)| node),
                None => container(map.at(position)?.1),
            },
        }
    }

    fn result(self, arena: &'a Arena) -> Val<'a> {
        match (self.error, self.kind) {
            (Some(error), _) => Val::Error(error),
            (None, LoopKind::All | LoopKind::Exists) => Val::Bool(self.verdict),
            (None, LoopKind::ExistsOne) => Val::Bool(self.matches == 1),
            (None, LoopKind::List { .. } | LoopKind::Filter) => {
                Val::List(List::Slice(self.elements.into_bump_slice()))
            }
            (None, LoopKind::Map | LoopKind::Entries) => Val::Map(Map::new(&self.entries, arena)),
        }
    }
}

/// The node of a list or map that is part of a document.
pub(super) fn container(value: Val<'_>) -> Option<NodeRef<'_>> {
    match value {
        Val::List(List::Node(list)) => Some(list.node()),
        Val::Map(Map::Node(map)) => Some(map.node()),
        Val::List(List::Typed(list)) => list.node(),
        Val::Map(map) => map.typed().map(|map| map.node()),
        Val::Optional(Some(inner)) => container(*inner),
        _ => None,
    }
}

impl<'a> Machine<'a> {
    /// Goes to the next element, or leaves the result. Says whether there is a next element.
    pub(super) fn advance(&mut self, read: u8) -> Result<bool, Stop<'a>> {
        let Some(fold) = self.folds.last_mut() else { return Ok(false) };
        let decided = match fold.kind {
            LoopKind::All => fold.error.is_none() && !fold.verdict,
            LoopKind::Exists => fold.error.is_none() && fold.verdict,
            _ => false,
        };
        if fold.position < fold.length {
            // The condition `@not_strictly_false(@result)`, with `!` before the result in `exists`.
            let condition = match fold.kind {
                LoopKind::All => 2,
                LoopKind::Exists => 3,
                _ => 0,
            };
            let (position, variables) = (fold.position, fold.variables);
            if !decided {
                fold.position += 1;
                let (key, value) = fold.at(position);
                let by_key = matches!(fold.range, Range::Map(_));
                match variables {
                    (first, None) => self.set_local(first, if by_key { key } else { value }),
                    (first, Some(second)) => {
                        self.set_local(first, key);
                        self.set_local(second, value);
                    }
                }
                self.charge_each(condition + u64::from(read))?;
                return Ok(true);
            }
            self.charge_each(condition)?;
        }
        let Some(fold) = self.folds.pop() else { return Ok(false) };
        // Reading the result; `exists_one` compares it with 1.
        self.charge_each(if fold.kind == LoopKind::ExistsOne { 2 } else { 1 })?;
        let result = fold.result(self.arena);
        self.stack.push(result);
        Ok(false)
    }

    /// Whether a filter's answer lets the element through.
    pub(super) fn passes(&mut self) -> bool {
        let answer = self.pop();
        if let Val::Bool(answer) = answer {
            return answer;
        }
        if let Some(fold) = self.folds.last_mut() {
            fold.error = Some(no_bool(answer));
        }
        false
    }

    /// Whether the body need not be evaluated: inserting into a map that is an error stops at the map.
    pub(super) fn is_stuck(&mut self) -> Result<bool, Stop<'a>> {
        let stuck = self.folds.last().is_some_and(|fold| fold.error.is_some());
        // The result so far is read, then the key.
        self.charge_each(if stuck { 1 } else { 2 })?;
        Ok(stuck)
    }

    /// Takes the body's value.
    pub(super) fn step(&mut self) -> Result<(), Stop<'a>> {
        let value = self.pop();
        let arena = self.arena;
        let Some(fold) = self.folds.last_mut() else { return Ok(()) };
        // What is read first was counted when it was, see `LoopNext`.
        let (list, ones) = match fold.kind {
            LoopKind::All => {
                fold.decide(value, false);
                return Ok(());
            }
            LoopKind::Exists => {
                fold.decide(value, true);
                return Ok(());
            }
            LoopKind::ExistsOne => match value {
                Val::Bool(true) => {
                    fold.matches += 1;
                    // `@result + 1`
                    (0, 2)
                }
                Val::Bool(false) => (0, 0),
                other => {
                    fold.error = Some(no_bool(other));
                    (0, 0)
                }
            },
            LoopKind::List { literal } => {
                fold.push(value);
                // `@result + [body]`
                (if literal { 0 } else { LIST_COST }, 1)
            }
            LoopKind::Filter => match value {
                Val::Bool(true) => {
                    let element = fold.at(fold.position.wrapping_sub(1));
                    let by_key = matches!(fold.range, Range::Map(_));
                    fold.push(if by_key { element.0 } else { element.1 });
                    // `@result + [x]`
                    self.charge_each(2)?;
                    (LIST_COST, 1)
                }
                Val::Bool(false) => (0, 0),
                other => {
                    fold.error = Some(no_bool(other));
                    (0, 0)
                }
            },
            LoopKind::Map => {
                let key = fold.at(fold.position.wrapping_sub(1)).0;
                match value {
                    Val::Error(error) => fold.error = fold.error.or(Some(error)),
                    value => fold.insert(key, value, arena),
                }
                // `cel.@mapInsert(@result, key, body)`
                (0, 1)
            }
            LoopKind::Entries => {
                fold.merge(value, arena);
                // `cel.@mapInsert(@result, body)`
                (0, 1)
            }
        };
        self.charge(list)?;
        self.charge_each(ones)
    }
}

/// The error of a value that stands where a bool should.
fn no_bool(value: Val<'_>) -> Error<'_> {
    match value {
        Val::Error(error) => error,
        _ => Error::NoSuchOverload,
    }
}

/// The name of the Go type that holds a value, which errors of loops show.
pub(crate) fn go_type<'a>(value: &Val<'a>) -> &'a str {
    match value {
        Val::Null => "types.Null",
        Val::Bool(_) => "types.Bool",
        Val::Int(_) => "types.Int",
        Val::Uint(_) => "types.Uint",
        Val::Double(_) => "types.Double",
        Val::String(_) => "types.String",
        Val::Bytes(_) => "types.Bytes",
        Val::Timestamp(_) => "types.Timestamp",
        Val::Duration(_) => "types.Duration",
        Val::Type(_) => "*types.Type",
        Val::Optional(_) => "*types.Optional",
        Val::List(list) if list.is_sum() => "*types.concatList",
        Val::List(_) => "*types.baseList",
        Val::Map(_) => "*types.baseMap",
        Val::Error(_) => "*types.Err",
        Val::Opaque(opaque) => opaque.go_type().unwrap_or(opaque.type_name()),
    }
}
