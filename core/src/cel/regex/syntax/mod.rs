//! Go's syntax of regular expressions, read as `regexp.Compile` reads it: what Go refuses is refused with its words.
//!
//! Source: Go `regexp/syntax`, `parse.go`, with the flags `Perl`.

mod bracket;
mod class;
mod escape;
mod group;
mod repetition;
mod tree;
mod unicode;

pub(crate) use class::{Class, Folds, MAX};
pub(crate) use tree::{Look, Node, Op};

use std::collections::HashMap;
use std::rc::Rc;

/// Levels that Go allows.
const MAX_HEIGHT: u16 = 1_000;

/// Instructions of a pattern's program. Go allows 3.3 million, of 40 bytes each.
const MAX_SIZE: u32 = 1 << 20;

/// Ranges in all classes together, 8 bytes each. Go allows 16 million.
const MAX_RANGES: usize = 2 << 20;

/// A pattern that was understood.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) root: Node,
    /// How many groups it captures.
    pub(crate) groups: u32,
}

/// Reads a pattern, or says why not in Go's words.
pub(crate) fn parse(pattern: &str) -> Result<Pattern, String> {
    let mut parser = Parser {
        pattern,
        at: 0,
        flags: Flags::default(),
        stack: Vec::new(),
        groups: 0,
        ranges: 0,
        folds: Folds::default(),
        classes: HashMap::new(),
    };
    parser.run()
}

/// What `(?imsU)` switches.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    fold: bool,
    lines: bool,
    dot_newline: bool,
    lazy: bool,
}

/// What the stack holds: parts of the current alternative, bars and open groups.
#[derive(Debug)]
enum Entry {
    Node(Node),
    /// Alternatives that are classes.
    Union(Union),
    Bar,
    /// The number of a group that captures, and the flags to go back to.
    Open(Option<u32>, Flags),
}

struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    flags: Flags,
    stack: Vec<Entry>,
    groups: u32,
    ranges: usize,
    folds: Folds,
    /// Classes of Unicode that were met, by name and case.
    classes: HashMap<(&'p str, bool, bool), Rc<Class>>,
}

/// A class that others are added to, put in order now and then.
#[derive(Debug)]
struct Union {
    ranges: Vec<(u32, u32)>,
    /// How many ranges may gather until then.
    most: usize,
}

type Step<T = ()> = Result<T, String>;

impl<'p> Parser<'p> {
    fn run(&mut self) -> Step<Pattern> {
        // Where the repetition began that the last part was.
        let mut last_repetition = None;
        while let Some(character) = self.peek() {
            let start = self.at;
            let mut repetition = None;
            match character {
                '(' => self.open()?,
                '|' => {
                    self.advance(1);
                    self.bar()?;
                }
                ')' => {
                    self.advance(1);
                    self.close()?;
                }
                '^' => self.look(if self.flags.lines { Look::LineStart } else { Look::TextStart }, 1)?,
                '$' => self.look(if self.flags.lines { Look::LineEnd } else { Look::TextEnd }, 1)?,
                '.' => {
                    self.advance(1);
                    let class = if self.flags.dot_newline { Class::any() } else { Class::not_newline() };
                    self.push(Node::new(Op::Class(Rc::new(class))))?;
                }
                '[' => self.bracket()?,
                '*' | '+' | '?' => {
                    self.plain_repetition(character, last_repetition)?;
                    repetition = Some(start);
                }
                '{' => {
                    if self.counted_repetition(last_repetition)? {
                        repetition = Some(start);
                    } else {
                        self.advance(1);
                        self.literal(character)?;
                    }
                }
                '\\' => self.escaped()?,
                _ => {
                    self.advance(character.len_utf8());
                    self.literal(character)?;
                }
            }
            last_repetition = repetition;
        }
        let root = self.alternation()?;
        if !self.stack.is_empty() {
            return Err(fail("missing closing )", self.pattern));
        }
        if root.size > MAX_SIZE {
            return Err(self.too_large());
        }
        Ok(Pattern { root, groups: self.groups })
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'p str {
        self.from(self.at)
    }

    fn from(&self, at: usize) -> &'p str {
        self.pattern.get(at..).unwrap_or_default()
    }

    /// What was read since.
    fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// The next character, which is then read.
    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.advance(character.len_utf8());
        Some(character)
    }

    fn look(&mut self, look: Look, bytes: usize) -> Step {
        self.advance(bytes);
        self.push(Node::new(Op::Look(look)))
    }

    fn literal(&mut self, character: char) -> Step {
        self.code(character as u32)
    }

    fn code(&mut self, code: u32) -> Step {
        let code = if self.flags.fold { self.folds.least(code) } else { code };
        self.push(Node::literal(code, self.flags.fold))
    }

    /// Adds a part to the current alternative. A class of one letter becomes that letter.
    fn push(&mut self, node: Node) -> Step {
        let node = match &node.op {
            Op::Class(class) => match *class.ranges() {
                [(one, last)] if one == last => Node::literal(one, false),
                [(one, other)] if one + 1 == other && self.is_letter(one, other) => Node::literal(one, true),
                [(one, a), (other, b)] if one == a && other == b && self.is_letter(one, other) => {
                    Node::literal(one, true)
                }
                _ => node,
            },
            _ => node,
        };
        self.join_literals();
        self.check_height(&node)?;
        self.stack.push(Entry::Node(node));
        Ok(())
    }

    /// Whether these are the two cases of a letter that has no third.
    fn is_letter(&mut self, one: u32, other: u32) -> bool {
        self.folds.next(one) == other && self.folds.next(other) == one
    }

    fn check_height(&self, node: &Node) -> Step {
        if node.height > MAX_HEIGHT {
            return Err(fail("expression nests too deeply", self.pattern));
        }
        Ok(())
    }

    fn too_large(&self) -> String {
        fail("expression too large", self.pattern)
    }

    /// Makes one of the last two parts if both are literals: what follows can no longer repeat the last one alone.
    fn join_literals(&mut self) {
        let [.., Entry::Node(into), Entry::Node(last)] = self.stack.as_mut_slice() else { return };
        let (Op::Literal { codes, fold }, Op::Literal { codes: more, fold: same }) =
            (&mut into.op, &mut last.op)
        else {
            return;
        };
        if fold == same {
            codes.append(more);
            into.size = codes.len() as u32;
            self.stack.pop();
        }
    }

    /// Takes the parts since the last bar or open group as one.
    fn concatenation(&mut self) -> Step {
        self.join_literals();
        let parts = self.parts();
        let node = collapse(parts, Op::Concat, |op| match op {
            Op::Concat(parts) => Ok(parts),
            other => Err(other),
        });
        self.push(node)
    }

    fn parts(&mut self) -> Vec<Node> {
        let mut parts = Vec::new();
        while let Some(entry) = self.stack.pop() {
            match entry {
                Entry::Node(node) => parts.push(node),
                Entry::Union(Union { ranges, .. }) => {
                    parts.push(Node::new(Op::Class(Rc::new(Class::new(ranges)))));
                }
                Entry::Bar | Entry::Open(..) => {
                    self.stack.push(entry);
                    break;
                }
            }
        }
        parts.reverse();
        parts
    }

    /// `|`: what came before moves below the bar, where the alternatives gather.
    fn bar(&mut self) -> Step {
        self.concatenation()?;
        if !self.swap_bar() {
            self.stack.push(Entry::Bar);
        }
        Ok(())
    }

    /// Moves the last alternative below the bar that it stands above; classes beside each other become one.
    fn swap_bar(&mut self) -> bool {
        let Some(Entry::Node(last)) = self.stack.pop() else { return false };
        if !matches!(self.stack.last(), Some(Entry::Bar)) {
            self.stack.push(Entry::Node(last));
            return false;
        }
        self.stack.pop();
        match self.stack.last_mut() {
            Some(Entry::Union(union)) if last.is_class() => union.add(&last, &mut self.folds),
            Some(Entry::Node(before)) if before.is_class() && last.is_class() => {
                let mut union = Union { ranges: Vec::new(), most: 0 };
                union.add(before, &mut self.folds);
                union.add(&last, &mut self.folds);
                self.stack.pop();
                self.stack.push(Entry::Union(union));
            }
            _ => self.stack.push(Entry::Node(last)),
        }
        self.stack.push(Entry::Bar);
        true
    }

    /// All alternatives since the last open group, taken from the stack.
    fn alternation(&mut self) -> Step<Node> {
        self.concatenation()?;
        if self.swap_bar() {
            self.stack.pop();
        }
        let parts = self.parts();
        let node = collapse(parts, Op::Alternate, |op| match op {
            Op::Alternate(parts) => Ok(parts),
            other => Err(other),
        });
        self.check_height(&node)?;
        Ok(node)
    }
}

/// One node of several, without nodes of the same kind right inside of it.
fn collapse(mut parts: Vec<Node>, all: fn(Vec<Node>) -> Op, inner: fn(Op) -> Result<Vec<Node>, Op>) -> Node {
    if parts.len() <= 1 {
        return parts.pop().unwrap_or_else(|| Node::new(Op::Empty));
    }
    let mut flat = Vec::with_capacity(parts.len());
    for Node { op, height, size, copies, nullable } in parts {
        match inner(op) {
            Ok(parts) => flat.extend(parts),
            Err(op) => flat.push(Node { op, height, size, copies, nullable }),
        }
    }
    Node::new(all(flat))
}

impl Union {
    /// Adds a node that is a class or a single character.
    fn add(&mut self, node: &Node, folds: &mut Folds) {
        match &node.op {
            Op::Class(class) => self.ranges.extend(class.ranges()),
            Op::Literal { codes, fold } => {
                for &code in codes {
                    let letters = if *fold { folds.all(code) } else { vec![code] };
                    self.ranges.extend(letters.into_iter().map(|code| (code, code)));
                }
            }
            _ => {}
        }
        if self.ranges.len() > self.most {
            let class = Class::new(std::mem::take(&mut self.ranges));
            self.ranges = class.ranges().to_vec();
            self.most = self.ranges.len() * 2 + 64;
        }
    }
}

/// Source: Go `regexp/syntax`, `Error`.
fn fail(what: &str, text: &str) -> String {
    format!("error parsing regexp: {what}: `{text}`")
}
