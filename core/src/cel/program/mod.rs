//! A compiled expression: immutable, shared between threads, evaluated any number of times.

mod constant;
mod encode;
mod explain;
mod fault;
mod op;
pub(crate) mod shortcut;

pub(crate) use constant::Constant;
pub use encode::Encoded;
pub use explain::Step as ExplainStep;
pub(crate) use op::{
    Attribute, Call, CostNeeds, Dispatch, Key, LIST_COST, LoopKind, MAP_COST, MESSAGE_COST, MakeField,
    MakeList, MakeMap, MakeMessage, Op, Root, Step,
};

pub(crate) use shortcut::Shortcut;

use super::message::Schema;
use super::types::Type;
use super::vm;
pub use super::vm::{Activation, Evaluation, LazyVariable, LazyVariables, PER_CALL_LIMIT};
use crate::document::Projection;
use crate::source::Span;
use std::sync::Arc;

/// A compiled expression. See [`super::environment::Env::compile`].
#[derive(Debug)]
pub struct Program {
    pub(crate) ops: Box<[Op]>,
    /// Where in the expression each op comes from.
    pub(crate) spans: Box<[Span]>,
    /// How many iteration variables and accumulators are in scope at most.
    pub(crate) locals: usize,
    pub(crate) result_type: Type,
    pub(crate) source: Box<str>,
    /// Of the messages that the program makes.
    pub(crate) schema: Arc<Schema>,
}

impl Program {
    /// The type that the checker gave the whole expression.
    pub fn result_type(&self) -> &Type {
        &self.result_type
    }

    /// Whether the program reads a variable, by its slot.
    pub fn reads(&self, slot: usize) -> bool {
        // A shortcut reads nothing that the instructions behind it do not.
        let reads =
            |op: &Op| matches!(op, Op::Attribute(attribute) if attribute.root == Root::Slot(slot as u32));
        self.ops.iter().any(reads)
    }

    /// Adds to a projection all that is read of a variable, by its slot: the expression has the same value, error and
    /// cost when nothing else is kept of the variable's document.
    ///
    /// ```
    /// use kordon::cel::environment::{Env, Version};
    /// use kordon::cel::types::Type;
    /// use kordon::document::{Limits, Object, ObjectBuilder, Projection};
    ///
    /// let env = Env::kubernetes(Version::default()).with_variable("object", Type::Dyn);
    /// let program = env.compile("object.spec.containers.all(c, has(c.image))")?;
    /// let mut fields = Projection::default();
    /// program.project(0, &mut fields);
    /// let json = br#"{"kind": "Pod", "spec": {"containers": [{"name": "a", "image": "b"}]}}"#;
    /// let read = ObjectBuilder::default().read_json_projected(json, Object::default(), &Limits::default(), &fields);
    /// assert!(read?.root().field("kind").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn project(&self, slot: usize, projection: &mut Projection) {
        match self.ops.first() {
            _ if !self.reads(slot) => {}
            Some(Op::Shortcut(shortcut)) if shortcut.end as usize == self.ops.len() => {
                shortcut.reads(slot as u32, projection);
            }
            _ => projection.keep_all(),
        }
    }

    /// The text of the expression.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Evaluates the expression. The value lives as long as the activation and its arena.
    pub fn eval<'a>(&'a self, activation: &Activation<'a>, cost_limit: u64) -> Evaluation<'a> {
        vm::run(self, activation, cost_limit, &mut ())
    }
}
