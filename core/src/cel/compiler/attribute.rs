//! Paths: chains of selections and indexes become one instruction as far as their keys are constant.

use super::{Compiler, Planned, Shape};
use crate::cel::ast::{ExprId, ExprKind, Literal};
use crate::cel::checker::Reference;
use crate::cel::program::{Attribute, Constant, Key, Op, Root, Step};
use crate::document::FieldName;

/// One step of a path as the tree has it.
enum Link {
    Key {
        key: Key,
        optional: bool,
    },
    /// A computed index.
    Computed {
        index: ExprId,
        optional: bool,
    },
}

impl Compiler<'_> {
    /// Compiles a path; `cost` is what reading its root costs.
    pub(super) fn attribute(&mut self, id: ExprId, cost: i8) -> Planned<Shape> {
        self.path(id, cost, false)
    }

    fn path(&mut self, id: ExprId, cost: i8, bare: bool) -> Planned<Shape> {
        let (base, links, test_only) = self.links(id);
        let mut links = links.into_iter().peekable();
        let mut jumps = Vec::new();
        let mut reading = 0;
        let (mut root, mut cost, name, shape) = self.root(base, &mut links, cost)?;
        // Kubernetes has cel-go take the cost of the reading back when the path is only tested.
        if test_only && !self.env.is_general() {
            cost -= 1;
        }
        if bare && !self.env.is_general() {
            cost = cost.max(0);
        }
        let total = cost;
        loop {
            let mut steps = Vec::new();
            while let Some(Link::Key { .. }) = links.peek() {
                if let Some(Link::Key { key, optional }) = links.next() {
                    steps.push(Step { key, optional });
                }
            }
            let next = links.next();
            let last = next.is_none();
            let paid = if last { std::mem::take(&mut cost) } else { 0 };
            if root != Root::Top || !steps.is_empty() || paid != 0 {
                let attribute = Attribute {
                    root,
                    steps: steps.into(),
                    cost: paid,
                    test_only: test_only && last,
                    bare: bare && !self.env.is_general(),
                    continues: !last,
                    strict: self.env.is_general() && !test_only,
                    name: name.clone(),
                };
                reading = self.emit(id, Op::Attribute(Box::new(attribute)));
            }
            let Some(Link::Computed { index, optional }) = next else { break };
            jumps.push(self.emit(id, Op::Jump(0)));
            self.branch(index)?;
            let continues = links.peek().is_some();
            let paid = if continues { 0 } else { cost };
            self.emit(id, Op::Index { optional, strict: self.env.is_general(), cost: paid, continues });
            root = Root::Top;
            if !continues {
                break;
            }
        }
        // A path that ends early is still a test, whose answer is then `false`.
        let (target, cost) = if test_only { (reading as u32, 0) } else { (self.here(), total) };
        for jump in jumps {
            self.patch(jump, Op::JumpIfStuck { target, cost });
        }
        Ok(if shape == Shape::Conditional { Shape::Conditional } else { Shape::Attribute })
    }

    /// Compiles an expression whose own reading cost does not count: a branch of `?:` or an index.
    pub(super) fn branch(&mut self, id: ExprId) -> Planned {
        let is_path = match self.checked.ast.expr(id).map(|node| &node.kind) {
            Some(ExprKind::Ident(_) | ExprKind::Select { .. }) => true,
            Some(ExprKind::Call { function, .. }) => matches!(&**function, "_[_]" | "_[?_]" | "_?._"),
            _ => false,
        };
        if is_path && self.constant(id).is_none() {
            let tested = matches!(
                self.checked.ast.expr(id).map(|node| &node.kind),
                Some(ExprKind::Select { test_only: true, .. })
            );
            self.path(id, if tested { 1 } else { 0 }, true)?;
        } else {
            self.expr(id)?;
        }
        Ok(())
    }

    /// Splits a path into what it starts from and its steps.
    fn links(&self, id: ExprId) -> (ExprId, Vec<Link>, bool) {
        let mut links = Vec::new();
        let mut test_only = false;
        let mut at = id;
        while let Some(node) = self.checked.ast.expr(at) {
            match &node.kind {
                ExprKind::Select { operand, field, test_only: test }
                    if self.checked.reference(at).is_none() =>
                {
                    if *test && at != id {
                        break;
                    }
                    test_only |= *test;
                    links.push(Link::Key { key: Key::Field(FieldName::new(field.clone())), optional: false });
                    at = *operand;
                }
                ExprKind::Call { target: None, function, args } => match (&**function, args.as_slice()) {
                    ("_[_]" | "_[?_]", &[operand, index]) => {
                        links.push(self.index_link(index, &**function == "_[?_]"));
                        at = operand;
                    }
                    ("_?._", &[operand, field]) => {
                        links.push(self.index_link(field, true));
                        at = operand;
                    }
                    _ => break,
                },
                _ => break,
            }
        }
        links.reverse();
        (at, links, test_only)
    }

    fn index_link(&self, index: ExprId, optional: bool) -> Link {
        let literal = match self.checked.ast.expr(index).map(|node| &node.kind) {
            Some(ExprKind::Literal(Literal::String(text))) => Some(Key::Field(FieldName::new(text.clone()))),
            _ => match self.constant(index) {
                Some(Constant::String(text)) => Some(Key::Field(FieldName::new(text))),
                Some(
                    constant @ (Constant::Int(_)
                    | Constant::Uint(_)
                    | Constant::Double(_)
                    | Constant::Bool(_)),
                ) => Some(Key::Other(constant)),
                _ => None,
            },
        };
        match literal {
            Some(key) => Link::Key { key, optional },
            None => Link::Computed { index, optional },
        }
    }

    /// Where a path starts. Emits code when it starts from a computed value.
    fn root(
        &mut self,
        base: ExprId,
        links: &mut std::iter::Peekable<std::vec::IntoIter<Link>>,
        cost: i8,
    ) -> Planned<(Root, i8, Box<str>, Shape)> {
        let checked = self.checked;
        match checked.reference(base) {
            Some(Reference::Local(name)) => {
                let Some((local, code)) = self.local(name) else {
                    return Err(format!("undeclared local {name}"));
                };
                match code {
                    Some(code) => {
                        self.emit(base, Op::Bound { local, code });
                        Ok((Root::Top, cost, name.clone(), Shape::Attribute))
                    }
                    None => Ok((Root::Local(local), cost, name.clone(), Shape::Attribute)),
                }
            }
            Some(Reference::Variable(slot)) => {
                let name: Box<str> = self.env.variables().get(*slot).map_or("".into(), |v| (&*v.name).into());
                if let Some(Link::Key { key: Key::Field(field), .. }) = links.peek()
                    && let Some(lazy) = self.env.lazy(*slot, field.as_str())
                {
                    links.next();
                    self.emit(base, Op::Lazy(lazy));
                    // Reading the variable is a step of its own.
                    return Ok((Root::Top, cost + 1, name, Shape::Attribute));
                }
                Ok((Root::Slot(*slot as u32), cost, name, Shape::Attribute))
            }
            Some(Reference::EnumValue { kind, number }) => {
                self.emit(base, Op::Enum { kind: *kind, number: *number });
                Ok((Root::Top, 0, "".into(), Shape::Attribute))
            }
            Some(Reference::Missing(error)) => {
                self.emit(base, Op::Fail(error.clone()));
                Ok((Root::Top, 0, "".into(), Shape::Attribute))
            }
            _ => {
                let conditional = match checked.ast.expr(base).map(|node| &node.kind) {
                    Some(ExprKind::Call { function, .. }) => &**function == "_?_:_",
                    _ => false,
                };
                self.expr(base)?;
                let cost = if conditional { cost - 1 } else { cost };
                Ok((Root::Top, cost, "".into(), if conditional { Shape::Conditional } else { Shape::Other }))
            }
        }
    }
}
