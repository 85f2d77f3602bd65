//! Macros over lists and maps become loops; their accumulators never exist, only their costs do.

use super::{Compiler, Planned, Shape};
use crate::cel::ast::{Comprehension, ExprId, ExprKind, Macro};
use crate::cel::program::{LIST_COST, LoopKind, MAP_COST, Op};

impl Compiler<'_> {
    pub(super) fn comprehension(&mut self, id: ExprId, fold: &Comprehension) -> Planned<Shape> {
        if fold.origin == Macro::Bind {
            return self.bind(id, fold);
        }
        let (kind, filter, body) = self.parts(fold)?;
        let body = if kind == LoopKind::Filter { filter } else { body };
        let filter = filter.filter(|_| kind != LoopKind::Filter);
        self.expr(fold.iter_range)?;
        let begin = self.emit(id, Op::Jump(0));
        let before = self.locals.len();
        let first = self.declare(&fold.iter_var, None);
        let second = fold.iter_var2.as_ref().map(|name| self.declare(name, None));
        let next = self.here();
        let advance = self.emit(id, Op::Jump(0));
        // The step begins with the result so far, unless a filter comes before; see `LoopGuard` for maps.
        let read = match kind {
            LoopKind::All | LoopKind::Exists | LoopKind::List { .. } | LoopKind::Entries => 1,
            LoopKind::ExistsOne | LoopKind::Filter | LoopKind::Map => 0,
        };
        let first_read = if filter.is_some() { 0 } else { read };
        if let Some(filter) = filter {
            self.expr(filter)?;
            self.emit(filter, Op::LoopFilter { next, read });
        }
        if let Some(body) = body {
            if kind == LoopKind::Map {
                self.emit(id, Op::LoopGuard { next });
            }
            self.expr(body)?;
        }
        self.emit(id, Op::LoopStep { next });
        self.locals.truncate(before);
        let exit = self.here();
        self.patch(
            begin,
            Op::LoopBegin { kind, variables: (first, second), exit, cost: self.accumulator_cost(kind) },
        );
        self.patch(advance, Op::LoopNext { exit, read: first_read });
        Ok(Shape::Other)
    }

    /// An empty list or map is a constant, which costs nothing unless constants are evaluated too.
    fn accumulator_cost(&self, kind: LoopKind) -> u8 {
        match kind {
            LoopKind::List { .. } | LoopKind::Filter if !self.env.folds() => LIST_COST as u8,
            LoopKind::Map | LoopKind::Entries if !self.env.folds() => MAP_COST as u8,
            _ => 0,
        }
    }

    /// What a macro tests and what it makes, found in the fold that it expanded to.
    fn parts(&self, fold: &Comprehension) -> Planned<(LoopKind, Option<ExprId>, Option<ExprId>)> {
        let args = |id: ExprId| match self.checked.ast.expr(id).map(|node| &node.kind) {
            Some(ExprKind::Call { args, .. }) => args.as_slice(),
            _ => &[],
        };
        let step = args(fold.loop_step);
        let broken = || "a macro of unknown form".to_owned();
        let (filter, insert) = match fold.origin {
            Macro::All => return Ok((LoopKind::All, None, step.get(1).copied())),
            Macro::Exists => return Ok((LoopKind::Exists, None, step.get(1).copied())),
            Macro::ExistsOne => return Ok((LoopKind::ExistsOne, None, step.first().copied())),
            Macro::Filter => return Ok((LoopKind::Filter, step.first().copied(), None)),
            Macro::Map | Macro::TransformList | Macro::TransformMap | Macro::TransformMapEntry => {
                (None, step)
            }
            _ => (step.first().copied(), step.get(1).map_or(&[][..], |&insert| args(insert))),
        };
        match fold.origin {
            Macro::TransformMap | Macro::TransformMapFilter => {
                Ok((LoopKind::Map, filter, Some(insert.get(2).copied().ok_or_else(broken)?)))
            }
            Macro::TransformMapEntry | Macro::TransformMapEntryFilter => {
                Ok((LoopKind::Entries, filter, Some(insert.get(1).copied().ok_or_else(broken)?)))
            }
            _ => {
                let list = insert.get(1).copied().ok_or_else(broken)?;
                let body = match self.checked.ast.expr(list).map(|node| &node.kind) {
                    Some(ExprKind::List { elements, .. }) => elements.first().copied(),
                    _ => None,
                };
                let body = body.ok_or_else(broken)?;
                let literal = self.constant(body).is_some();
                Ok((LoopKind::List { literal }, filter, Some(body)))
            }
        }
    }

    /// A name for a value inside of an expression; the value is evaluated when it is first read.
    fn bind(&mut self, id: ExprId, fold: &Comprehension) -> Planned<Shape> {
        let over = self.emit(id, Op::Jump(0));
        let code = self.here();
        // The code runs wherever the name is first read, so its own locals must not be anybody else's.
        let most = std::mem::replace(&mut self.most_locals, self.locals.len());
        self.expr(fold.accu_init)?;
        let used = self.most_locals;
        self.most_locals = most.max(used);
        self.emit(id, Op::Return);
        let start = self.here();
        self.patch(over, Op::Jump(start));
        let before = self.locals.len();
        while self.locals.len() < used {
            self.declare("", None);
        }
        let local = self.declare(&fold.accu_var, Some(code));
        self.emit(id, Op::Unbind(local));
        self.expr(fold.result)?;
        self.locals.truncate(before);
        Ok(Shape::Other)
    }
}
