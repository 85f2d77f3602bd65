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

/// What a path starts from.
struct Start {
    root: Root,
    /// The root is itself a step, as a composed variable is one of the map of all of them.
    on_way: bool,
    /// What reading it costs.
    cost: i8,
    name: Box<str>,
    shape: Shape,
}

impl Compiler<'_> {
    /// Compiles a path; `cost` is what reading its root costs.
    pub(super) fn attribute(&mut self, id: ExprId, cost: i8) -> Planned<Shape> {
        self.path(id, cost, false, false)
    }

    /// `continued`: more steps follow what the branch of a `?:` gives, since cel-go adds them to both branches.
    fn path(&mut self, id: ExprId, cost: i8, bare: bool, continued: bool) -> Planned<Shape> {
        let (base, links, test_only) = self.links(id);
        let mut links = links.into_iter().peekable();
        let mut jumps = Vec::new();
        let mut reading = 0;
        let Start { mut root, mut on_way, mut cost, name, shape } =
            self.root(base, &mut links, cost, continued)?;
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
            if root != Root::Top || !steps.is_empty() || paid != 0 || on_way {
                let attribute = Attribute {
                    root,
                    steps: steps.into(),
                    cost: paid,
                    test_only: test_only && last,
                    bare: bare && !self.env.is_general(),
                    continues: !last || continued,
                    on_way: std::mem::take(&mut on_way),
                    strict: self.env.is_general() && !test_only,
                    name: name.clone(),
                };
                reading = self.emit(id, Op::Attribute(Box::new(attribute)));
            }
            let Some(Link::Computed { index, optional }) = next else { break };
            jumps.push(self.emit(id, Op::Jump(0)));
            self.branch(index, false)?;
            let last = links.peek().is_none();
            let paid = if last { cost } else { 0 };
            let continues = !last || continued;
            self.emit(id, Op::Index { optional, strict: self.env.is_general(), cost: paid, continues });
            root = Root::Top;
            if last {
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
    pub(super) fn branch(&mut self, id: ExprId, continued: bool) -> Planned {
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
            self.path(id, if tested { 1 } else { 0 }, true, continued)?;
            return Ok(());
        }
        match self.checked.ast.expr(id).map(|node| &node.kind) {
            Some(ExprKind::Call { function, args, target: None }) if &**function == "_?_:_" => {
                self.conditional(id, args, continued)?;
            }
            _ => {
                self.expr(id)?;
            }
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
                    links.push(Link::Key {
                        key: Key::Field(FieldName::new(field.to_string())),
                        optional: false,
                    });
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
            Some(ExprKind::Literal(Literal::String(text))) => {
                Some(Key::Field(FieldName::new(text.to_string())))
            }
            _ => match self.constant(index) {
                Some(Constant::String(text)) => Some(Key::Field(FieldName::new(text.to_string()))),
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
        continued: bool,
    ) -> Planned<Start> {
        let checked = self.checked;
        let start = |root, cost, name| Start { root, on_way: false, cost, name, shape: Shape::Attribute };
        match checked.reference(base) {
            Some(Reference::Local(name)) => {
                let Some((local, code)) = self.local(name) else {
                    return Err(format!("undeclared local {name}"));
                };
                match code {
                    Some(code) => {
                        self.emit(base, Op::Bound { local, code });
                        Ok(start(Root::Top, cost, name.clone()))
                    }
                    None => Ok(start(Root::Local(local), cost, name.clone())),
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
                    let on_way = links.peek().is_some() || continued;
                    return Ok(Start { on_way, ..start(Root::Top, cost + 1, name) });
                }
                Ok(start(Root::Slot(*slot as u32), cost, name))
            }
            Some(Reference::EnumValue { kind, number }) => {
                self.emit(base, Op::Enum { kind: *kind, number: *number });
                Ok(start(Root::Top, 0, "".into()))
            }
            Some(Reference::Missing(error)) => {
                self.emit(base, Op::Fail(error.clone()));
                Ok(start(Root::Top, 0, "".into()))
            }
            _ => {
                let conditional = match checked.ast.expr(base).map(|node| &node.kind) {
                    Some(ExprKind::Call { function, .. }) => &**function == "_?_:_",
                    _ => false,
                };
                if conditional {
                    self.branch(base, links.peek().is_some())?;
                    return Ok(Start { shape: Shape::Conditional, ..start(Root::Top, cost - 1, "".into()) });
                }
                self.expr(base)?;
                Ok(Start { shape: Shape::Other, ..start(Root::Top, cost, "".into()) })
            }
        }
    }
}
