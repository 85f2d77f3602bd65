//! A machine that goes through the characters of a text with all possible places in the pattern side by side, for
//! patterns that are too large for automata over bytes. Time is characters times the pattern's size, as in Go.

use super::syntax::{Class, Folds, Look, Node, Op};
use std::collections::HashMap;
use std::rc::Rc;

/// What was found: places in the text, two for the whole match and two for each group.
pub(super) type Slots = Vec<Option<usize>>;

/// A pattern as instructions.
#[derive(Debug)]
pub(super) struct Machine {
    instructions: Vec<Instruction>,
    classes: Vec<Class>,
    start: u32,
    slots: usize,
}

#[derive(Clone, Copy, Debug)]
enum Instruction {
    Match,
    /// One character, and where to go on.
    Character(u32, u32),
    /// One character of a class.
    Class(u32, u32),
    Look(Look, u32),
    Save(u32, u32),
    /// The first is preferred.
    Split(u32, u32),
}

impl Machine {
    pub(super) fn new(root: &Node, groups: u32) -> Machine {
        let mut compiler = Compiler {
            instructions: vec![Instruction::Match],
            classes: Vec::new(),
            known: HashMap::new(),
            folds: Folds::default(),
            with_groups: groups > 0,
        };
        let start = compiler.node(root, 0);
        let Compiler { instructions, classes, .. } = compiler;
        Machine { instructions, classes, start, slots: 2 + 2 * groups as usize }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.search(text, 0, 0).is_some()
    }

    /// The leftmost match from a place on.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Slots> {
        self.search(text, from, self.slots)
    }

    fn search(&self, text: &str, from: usize, slots: usize) -> Option<Slots> {
        let mut now = Threads::new(self.instructions.len(), slots);
        let mut next = Threads::new(self.instructions.len(), slots);
        let mut found = None;
        let (mut pending, mut scratch) = (Vec::new(), Slots::new());
        let mut at = from;
        let mut before = text.get(..from).and_then(|text| text.chars().next_back());
        loop {
            let after = text.get(at..).and_then(|text| text.chars().next());
            let place = Place { at, before, after, len: text.len() };
            if found.is_none() {
                scratch.clear();
                scratch.resize(slots, None);
                if let Some(start) = scratch.first_mut() {
                    *start = Some(at);
                }
                self.follow(self.start, place, &mut scratch, &mut now, &mut pending);
            }
            if now.order.is_empty() && found.is_some() {
                return found;
            }
            next.clear();
            let end = after.map_or(at, |character| at + character.len_utf8());
            let place = Place {
                at: end,
                before: after,
                after: text.get(end..).and_then(|text| text.chars().next()),
                len: text.len(),
            };
            for index in 0..now.order.len() {
                let Some(&instruction) = now.order.get(index) else { break };
                let target = match self.instructions.get(instruction as usize) {
                    Some(Instruction::Match) => {
                        let mut slots = now.slots(index).to_vec();
                        if slots.is_empty() {
                            return Some(slots);
                        }
                        if let Some(end) = slots.get_mut(1) {
                            *end = Some(at);
                        }
                        found = Some(slots);
                        // What is left is less preferred.
                        break;
                    }
                    Some(Instruction::Character(wanted, target)) => {
                        after.filter(|after| *after as u32 == *wanted).map(|_| target)
                    }
                    Some(Instruction::Class(class, target)) => {
                        let class = self.classes.get(*class as usize);
                        after
                            .filter(|after| class.is_some_and(|class| class.contains(*after as u32)))
                            .map(|_| target)
                    }
                    _ => None,
                };
                if let Some(&target) = target {
                    scratch.clear();
                    scratch.extend(now.slots(index));
                    self.follow(target, place, &mut scratch, &mut next, &mut pending);
                }
            }
            std::mem::swap(&mut now, &mut next);
            if after.is_none() {
                return found;
            }
            (before, at) = (after, end);
        }
    }

    /// Adds all that can be reached without taking a character, the preferred first.
    fn follow(
        &self,
        from: u32,
        place: Place,
        slots: &mut Slots,
        threads: &mut Threads,
        pending: &mut Vec<Todo>,
    ) {
        pending.push(Todo::Visit(from));
        while let Some(todo) = pending.pop() {
            let at = match todo {
                Todo::Visit(at) => at,
                Todo::Restore(slot, old) => {
                    if let Some(slot) = slots.get_mut(slot as usize) {
                        *slot = old;
                    }
                    continue;
                }
            };
            if !threads.visit(at) {
                continue;
            }
            match self.instructions.get(at as usize) {
                Some(Instruction::Split(first, second)) => {
                    pending.extend([Todo::Visit(*second), Todo::Visit(*first)])
                }
                Some(Instruction::Look(look, next)) if place.holds(*look) => pending.push(Todo::Visit(*next)),
                Some(Instruction::Look(..)) | None => {}
                Some(Instruction::Save(slot, next)) => {
                    if let Some(known) = slots.get_mut(*slot as usize) {
                        pending.push(Todo::Restore(*slot, *known));
                        *known = Some(place.at);
                    }
                    pending.push(Todo::Visit(*next));
                }
                Some(Instruction::Match | Instruction::Character(..) | Instruction::Class(..)) => {
                    threads.add(at, slots);
                }
            }
        }
    }
}

enum Todo {
    Visit(u32),
    Restore(u32, Option<usize>),
}

/// Between two characters.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    before: Option<char>,
    after: Option<char>,
    len: usize,
}

impl Place {
    fn holds(self, look: Look) -> bool {
        let word = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        match look {
            Look::TextStart => self.at == 0,
            Look::TextEnd => self.at == self.len,
            Look::LineStart => self.before.is_none_or(|c| c == '\n'),
            Look::LineEnd => self.after.is_none_or(|c| c == '\n'),
            Look::WordBoundary => word(self.before) != word(self.after),
            Look::NotWordBoundary => word(self.before) == word(self.after),
        }
    }
}

/// Places in the pattern, the preferred first, each with what it has found.
struct Threads {
    order: Vec<u32>,
    found: Slots,
    width: usize,
    /// In which round an instruction was last met.
    met: Vec<u32>,
    round: u32,
}

impl Threads {
    fn new(instructions: usize, width: usize) -> Threads {
        Threads { order: Vec::new(), found: Vec::new(), width, met: vec![0; instructions], round: 1 }
    }

    fn clear(&mut self) {
        self.order.clear();
        self.found.clear();
        self.round += 1;
    }

    /// Whether an instruction was not met before in this round.
    fn visit(&mut self, at: u32) -> bool {
        let round = self.round;
        self.met.get_mut(at as usize).is_some_and(|met| std::mem::replace(met, round) != round)
    }

    fn add(&mut self, at: u32, slots: &Slots) {
        self.order.push(at);
        self.found.extend(slots);
    }

    fn slots(&self, index: usize) -> &[Option<usize>] {
        self.found.get(index * self.width..(index + 1) * self.width).unwrap_or_default()
    }
}

/// Writes instructions from the end of the pattern to its start, so that each knows where to go on.
struct Compiler {
    instructions: Vec<Instruction>,
    classes: Vec<Class>,
    /// Where a class of the pattern is among these.
    known: HashMap<*const Class, u32>,
    folds: Folds,
    with_groups: bool,
}

impl Compiler {
    /// Writes what a node does before going on at `next`; says where it begins.
    fn node(&mut self, node: &Node, next: u32) -> u32 {
        match &node.op {
            Op::Empty => next,
            Op::Literal { codes, fold } => {
                codes.iter().rev().fold(next, |next, &code| self.character(code, *fold, next))
            }
            Op::Class(class) => {
                let number = match self.known.get(&Rc::as_ptr(class)) {
                    Some(&known) => known,
                    None => {
                        let number = self.class((**class).clone());
                        self.known.insert(Rc::as_ptr(class), number);
                        number
                    }
                };
                self.write(Instruction::Class(number, next))
            }
            Op::Look(look) => self.write(Instruction::Look(*look, next)),
            Op::Capture(index, body) if self.with_groups => {
                let end = self.write(Instruction::Save(index * 2 + 1, next));
                let body = self.node(body, end);
                self.write(Instruction::Save(index * 2, body))
            }
            Op::Capture(_, body) => self.node(body, next),
            Op::Repeat { least, most, greedy, body } => self.repeat(*least, *most, *greedy, body, next),
            Op::Concat(parts) => parts.iter().rev().fold(next, |next, part| self.node(part, next)),
            Op::Alternate(parts) => {
                let mut parts = parts.iter().rev();
                let last = parts.next().map_or(next, |part| self.node(part, next));
                parts.fold(last, |others, part| {
                    let first = self.node(part, next);
                    self.write(Instruction::Split(first, others))
                })
            }
        }
    }

    fn repeat(&mut self, least: u32, most: Option<u32>, greedy: bool, body: &Node, next: u32) -> u32 {
        let split = |inside, next| {
            if greedy { Instruction::Split(inside, next) } else { Instruction::Split(next, inside) }
        };
        let mut start = next;
        let mut copies = least;
        match most {
            None => {
                let again = self.write(Instruction::Match);
                let inside = self.node(body, again);
                if let Some(instruction) = self.instructions.get_mut(again as usize) {
                    *instruction = split(inside, next);
                }
                // The loop is entered at its body if one round is wanted, or if the body may match nothing: only then
                // is the empty match found in its right order.
                start = match least {
                    0 if body.nullable => self.write(split(inside, next)),
                    0 => again,
                    _ => inside,
                };
                copies = least.saturating_sub(1);
            }
            Some(most) => {
                for _ in least..most {
                    let inside = self.node(body, start);
                    start = self.write(split(inside, next));
                }
            }
        }
        (0..copies).fold(start, |next, _| self.node(body, next))
    }

    fn character(&mut self, code: u32, fold: bool, next: u32) -> u32 {
        let all = if fold { self.folds.all(code) } else { vec![code] };
        if let [code] = *all {
            return self.write(Instruction::Character(code, next));
        }
        let class = self.class(Class::new(all.into_iter().map(|code| (code, code)).collect()));
        self.write(Instruction::Class(class, next))
    }

    fn class(&mut self, class: Class) -> u32 {
        self.classes.push(class);
        (self.classes.len() - 1) as u32
    }

    fn write(&mut self, instruction: Instruction) -> u32 {
        self.instructions.push(instruction);
        (self.instructions.len() - 1) as u32
    }
}
