//! Random CEL expressions that mostly type-check: each is made for a kind of value, of parts of the kinds it needs.

mod core;
mod libraries;
mod mutate;
mod wide;

pub use mutate::mutated;

use crate::Entropy;
use crate::object::{FIELDS, INTS, STRINGS, TYPED};

/// Names the kinds of values that expressions are made for, as patterns write them.
macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// The kinds of values, and of texts, that expressions are made of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind,)* }

        const KINDS: &[(&str, Kind)] = &[$(($name, Kind::$kind),)*];
    };
}

kinds! {
    Bool "bool",
    Int "int",
    Uint "uint",
    Double "double",
    String "string",
    Bytes "bytes",
    Duration "duration",
    Timestamp "timestamp",
    Null "null",
    Type "type",
    Bools "bools",
    Ints "ints",
    Uints "uints",
    Doubles "doubles",
    Strings "strings",
    Durations "durations",
    Timestamps "timestamps",
    BytesList "byteslist",
    // A list of lists of integers.
    Lists "lists",
    StringMap "stringmap",
    // From integers to integers.
    IntMap "intmap",
    OptionalInt "optint",
    OptionalString "optstring",
    OptionalList "optlist",
    // Whatever a field of `object` holds.
    Dyn "dyn",
    // Any of the kinds of values.
    Any "any",
    Quantity "quantity",
    Semver "semver",
    Url "url",
    Ip "ip",
    Cidr "cidr",
    Format "format",
    // Texts that are written as they stand: paths for `has`, small numbers, and strings that functions read.
    Path "path",
    Small "small",
    Pattern "pattern",
    Zone "zone",
    Template "template",
    DurationText "durationtext",
    TimestampText "timestamptext",
    NumberText "numbertext",
    QuantityText "quantitytext",
    SemverText "semvertext",
    UrlText "urltext",
    IpText "iptext",
    CidrText "cidrtext",
    FormatText "formattext",
}

/// How an expression of a kind may be written. In patterns, `$name` stands for an expression of that kind, `$T` for
/// one of the kind that the rule is for, and `$:name` declares a variable of that kind for the rest of the pattern.
#[derive(Debug)]
struct Rule {
    kind: Kind,
    constants: &'static [&'static str],
    patterns: &'static [&'static str],
}

/// Which part of the language expressions are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// What the evaluator of [`crate::reference`] knows.
    Core,
    /// Everything that Kubernetes has, but for the authorizer.
    Full,
}

/// How deep parts are made of parts.
const DEPTH: usize = 5;

/// Patterns for any kind: a condition, an element, an optional's value.
const ANYTHING: &[&str] = &[
    "($bool ? $T : $T)",
    "[$T, $T][$small]",
    "[$T, $T][$int]",
    "{'a': $T}.a",
    "{'a': $T}.b",
    "{'a': $T, 'abc': $T}[$string]",
    "{1: $T, 2: $T}[$int]",
    "optional.of($T).orValue($T)",
    "$optint.optMap($:int, $T).orValue($T)",
    "dyn($T)",
    "dyn($any)",
];

/// An expression over the variable `object`.
pub fn random(entropy: &mut Entropy<'_>, breadth: Breadth) -> String {
    let kinds = match breadth {
        // Up to `dyn`.
        Breadth::Core => 25,
        // Up to `format`.
        Breadth::Full => 32,
    };
    let mut generator = Generator { entropy, breadth, scope: Vec::new() };
    let kind =
        if generator.entropy.once_in(3) { Kind::Bool } else { KINDS[generator.entropy.below(kinds)].1 };
    generator.expr(kind, DEPTH)
}

struct Generator<'e, 'b> {
    entropy: &'e mut Entropy<'b>,
    breadth: Breadth,
    /// Variables of the macros around the place that is being written.
    scope: Vec<(String, Kind)>,
}

impl Generator<'_, '_> {
    fn expr(&mut self, kind: Kind, depth: usize) -> String {
        let constants = self.choices(kind, |rule| rule.constants);
        let patterns = self.choices(kind, |rule| rule.patterns);
        if patterns.is_empty() {
            return (*self.entropy.pick(&constants)).to_owned();
        }
        if depth == 0 || self.entropy.is_empty() || self.entropy.once_in(6) {
            return self.leaf(kind, &constants);
        }
        let pattern = if self.entropy.once_in(10) && kind != Kind::Any {
            self.entropy.pick(ANYTHING)
        } else {
            self.entropy.pick(&patterns)
        };
        self.write(pattern, kind, depth - 1)
    }

    /// What the rules for a kind offer.
    fn choices(&self, kind: Kind, of: fn(&Rule) -> &'static [&'static str]) -> Vec<&'static str> {
        let full = self.breadth == Breadth::Full;
        let (more, wide) = if full { (libraries::RULES, wide::RULES) } else { (&[][..], &[][..]) };
        let rules = core::RULES.iter().chain(more).chain(wide).filter(|rule| rule.kind == kind);
        rules.flat_map(of).copied().collect()
    }

    /// Fills in a pattern.
    fn write(&mut self, pattern: &str, own: Kind, depth: usize) -> String {
        let declared = self.scope.len();
        let mut pieces = pattern.split('$');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (declares, piece) = match piece.strip_prefix(':') {
                Some(piece) => (true, piece),
                None => (false, piece),
            };
            let end = piece.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            let kind = if name == "T" { own } else { kind(name) };
            if declares {
                let variable = format!("v{}", self.scope.len());
                text.push_str(&variable);
                self.scope.push((variable, kind));
            } else {
                let part = self.part(kind, depth);
                text.push_str(&part);
            }
            text.push_str(rest);
        }
        self.scope.truncate(declared);
        text
    }

    /// A part of a pattern: seldom of another kind than is wanted, which the checker or the evaluation must find.
    fn part(&mut self, kind: Kind, depth: usize) -> String {
        match self.entropy.below(80) {
            78 => self.expr(Kind::Any, depth),
            79 => format!("dyn({})", self.expr(Kind::Any, depth)),
            _ => self.expr(kind, depth),
        }
    }

    /// A constant, a variable or a field.
    fn leaf(&mut self, kind: Kind, constants: &[&'static str]) -> String {
        if self.entropy.below(3) == 1 {
            let known: Vec<String> =
                self.scope.iter().filter(|entry| entry.1 == kind).map(|entry| entry.0.clone()).collect();
            if !known.is_empty() {
                return known[self.entropy.below(known.len())].clone();
            }
        }
        if self.entropy.below(4) == 3 {
            let wrong = self.entropy.once_in(8);
            let fits = |field: &&crate::object::Field| wrong || kind == Kind::Dyn || field.kind == kind;
            let fitting: Vec<&str> = FIELDS.iter().filter(fits).map(|field| field.path).collect();
            if !fitting.is_empty() {
                return (*self.entropy.pick(&fitting)).to_owned();
            }
        }
        if self.breadth == Breadth::Full && self.entropy.once_in(6) {
            let fits = |field: &&crate::object::Field| field.kind == kind;
            let fields = TYPED.iter().map(|(field, _)| field).filter(fits);
            let fitting: Vec<&str> = fields.map(|field| field.path).collect();
            if !fitting.is_empty() {
                return (*self.entropy.pick(&fitting)).to_owned();
            }
        }
        match kind {
            Kind::Int if !self.entropy.once_in(8) => INTS[self.entropy.below(INTS.len())].to_string(),
            Kind::String if !self.entropy.once_in(8) => quoted(self.entropy.pick(STRINGS)),
            _ => (*self.entropy.pick(constants)).to_owned(),
        }
    }
}

fn kind(name: &str) -> Kind {
    KINDS.iter().find(|(other, _)| *other == name).unwrap().1
}

/// A string literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_names_kinds_that_have_constants() {
        let rules = || core::RULES.iter().chain(libraries::RULES).chain(wide::RULES);
        for pattern in rules().flat_map(|rule| rule.patterns).chain(ANYTHING) {
            for piece in pattern.split('$').skip(1) {
                let name = piece.trim_start_matches(':');
                let name = &name[..name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())];
                let known =
                    name == "T" || rules().any(|rule| rule.kind == kind(name) && !rule.constants.is_empty());
                assert!(known, "{pattern}: {name}");
            }
        }
    }
}
