//! An evaluation that tells what each part of the expression was.

use super::{Activation, Encoded, Evaluation, Op, Program};
use crate::cel::library::standard::{duration_text, timestamp_text};
use crate::cel::value::Val;
use crate::cel::vm;
use crate::source::Span;
use std::fmt;

/// The value of a part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The part, by its place in [`Program::source`].
    pub span: Span,
    /// Its value as CEL would write it, `error: …` for an error; cut after some hundred characters.
    pub value: String,
}

/// How many steps are kept; loops over long lists have many.
const MOST_STEPS: usize = 1_000;

/// How long a value is written at most, in bytes.
const LONGEST: usize = 200;

impl Program {
    /// Evaluates as [`Program::eval`] does and records the value of each part that is no literal, in the order of
    /// evaluation. A part inside of a loop appears once for each element.
    pub fn explain<'a>(
        &'a self,
        activation: &Activation<'a>,
        cost_limit: u64,
    ) -> (Evaluation<'a>, Vec<Step>) {
        let mut recorder = Recorder { program: self, steps: Vec::new() };
        let evaluation = vm::run(self, activation, cost_limit, &mut recorder);
        (evaluation, recorder.steps)
    }
}

struct Recorder<'p> {
    program: &'p Program,
    steps: Vec<Step>,
}

impl vm::Observer<'_> for Recorder<'_> {
    fn observe(&mut self, program: &Program, op: usize, value: &Val<'_>) {
        let (Some(span), Some(code)) = (program.spans.get(op), program.ops.get(op)) else { return };
        let literal = matches!(code, Op::Constant(_));
        if literal || self.steps.len() >= MOST_STEPS || !std::ptr::eq(self.program, program) {
            return;
        }
        let mut text = Cut(String::new());
        // The only failure is that the text is long enough.
        let _ = fmt::write(&mut text, format_args!("{}", Literal(value)));
        let step = Step { span: *span, value: text.0 };
        if self.steps.last() != Some(&step) {
            self.steps.push(step);
        }
    }
}

/// Text that ends in `…` when it gets too long.
struct Cut(String);

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() >= LONGEST {
                self.0.push('…');
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

/// A value as CEL writes it.
struct Literal<'v, 'a>(&'v Val<'a>);

impl fmt::Display for Literal<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Val::Null => f.write_str("null"),
            Val::Bool(value) => write!(f, "{value}"),
            Val::Int(value) => write!(f, "{value}"),
            Val::Uint(value) => write!(f, "{value}u"),
            Val::Double(value) => write!(f, "{value:?}"),
            Val::String(value) => write!(f, "{value:?}"),
            Val::Bytes(value) => write!(f, "b\"{}\"", value.escape_ascii()),
            Val::Timestamp(value) => write!(f, "timestamp({:?})", timestamp_text(*value)),
            Val::Duration(value) => write!(f, "duration({:?})", duration_text(*value)),
            Val::Type(value) => f.write_str(value),
            Val::Optional(None) => f.write_str("optional.none()"),
            Val::Optional(Some(value)) => write!(f, "optional.of({})", Literal(value)),
            Val::List(list) => {
                f.write_str("[")?;
                for (at, element) in list.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { ", " }, Literal(&element))?;
                }
                f.write_str("]")
            }
            Val::Map(map) => {
                f.write_str("{")?;
                for (at, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{}: {}", if at == 0 { "" } else { ", " }, Literal(&key), Literal(&value))?;
                }
                f.write_str("}")
            }
            Val::Opaque(opaque) => write!(f, "{}({:?})", opaque.type_name(), Encoded::text(opaque)),
            Val::Error(error) => write!(f, "error: {error}"),
        }
    }
}
