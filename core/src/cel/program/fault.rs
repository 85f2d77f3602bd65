//! Which value made a condition false.

use super::{Activation, Program};
use crate::cel::vm::{self, Origins};
use crate::document::{NodeRef, Object};

impl Program {
    /// Evaluates as [`Program::eval`] does and gives the part of a document that the result comes from: when it is
    /// false or an error, the value at fault. What is missing is told by the value that lacks it; of `all` it is the
    /// element's part that is not as demanded, of an `exists` that finds nothing the list.
    ///
    /// `None` when the result comes from nothing in the document, or only from the document as a whole.
    pub fn fault<'a>(
        &'a self,
        activation: &Activation<'a>,
        cost_limit: u64,
        document: &'a Object,
    ) -> Option<NodeRef<'a>> {
        let mut origins = Origins::new(document);
        vm::run(self, activation, cost_limit, &mut origins);
        origins.result().filter(|node| *node != document.root())
    }
}
