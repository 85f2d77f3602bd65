//! The walk over an expression, operands first.
//!
//! Recursion follows the syntax tree, whose depth the parser bounds. What is found out about a node is kept, because a
//! later question about it must get the answer of its own time: names mean something else once their scope has ended.

use super::call::{Call, CallEstimate, Operand};
use super::path::{Path, Paths};
use super::scope::{Local, Parts, Scopes};
use super::{CostEstimate, SizeEstimate, Sizes};
use crate::cel::ast::{Comprehension, Expr, ExprId, ExprKind, Literal, MapEntry};
use crate::cel::checker::{CheckedAst, Reference};
use crate::cel::environment::Env;
use crate::cel::library::Overload;
use crate::cel::types::{OPTIONAL, Type};

/// What reading a name or a field costs.
const STEP: CostEstimate = CostEstimate::fixed(1);
const NEW_LIST: CostEstimate = CostEstimate::fixed(10);
const NEW_MAP: CostEstimate = CostEstimate::fixed(30);
const NEW_MESSAGE: CostEstimate = CostEstimate::fixed(40);

/// No range yet: its union with another is the other.
const NO_SIZE: SizeEstimate = SizeEstimate::new(u64::MAX, 0);

/// Names of accumulators, which are no variables of anyone.
const ACCUMULATORS: [&str; 2] = ["__result__", "@result"];

pub(super) struct Estimator<'e> {
    checked: &'e CheckedAst,
    env: &'e Env,
    sizes: &'e dyn Sizes,
    paths: Paths<'e>,
    scopes: Scopes<'e>,
    /// For each node its path, its size and that of its parts, as far as they were found out.
    of_nodes: Vec<Found<'e>>,
}

#[derive(Clone, Debug, Default)]
struct Found<'e> {
    /// What a name is looked up as among the local ones.
    name: Option<&'e str>,
    path: Option<Path>,
    size: Option<SizeEstimate>,
    parts: Option<Parts>,
}

impl<'e> Estimator<'e> {
    pub(super) fn new(checked: &'e CheckedAst, env: &'e Env, sizes: &'e dyn Sizes) -> Estimator<'e> {
        let of_nodes = vec![Found::default(); checked.ast.nodes.len()];
        Estimator { checked, env, sizes, paths: Paths::default(), scopes: Scopes::default(), of_nodes }
    }

    pub(super) fn cost(&mut self, id: ExprId) -> CostEstimate {
        let checked = self.checked;
        let Some(Expr { kind, .. }) = checked.ast.expr(id) else { return CostEstimate::default() };
        if let Some(name) = self.name(id, kind) {
            return self.ident(id, name);
        }
        match kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => CostEstimate::default(),
            ExprKind::Select { operand, field, test_only } => self.select(id, *operand, field, *test_only),
            ExprKind::Call { target, args, .. } => self.call(id, *target, args),
            ExprKind::List { elements, .. } => self.list(id, elements),
            ExprKind::Map { entries } => self.map(id, entries),
            ExprKind::Struct { fields, .. } => {
                fields.iter().map(|field| self.cost(field.value)).sum::<CostEstimate>() + NEW_MESSAGE
            }
            ExprKind::Comprehension(fold) if is_binding(fold, checked) => self.binding(id, fold),
            ExprKind::Comprehension(fold) => self.comprehension(id, fold),
        }
    }

    /// The name that a node is, which may be a qualified one.
    fn name(&self, id: ExprId, kind: &'e ExprKind) -> Option<&'e str> {
        let written = match kind {
            ExprKind::Ident(name) => Some(&**name),
            ExprKind::Select { .. } => None,
            _ => return None,
        };
        match self.checked.reference(id) {
            Some(Reference::Variable(slot)) => Some(&*self.env.variables().get(*slot)?.name),
            Some(Reference::Local(name) | Reference::TypeName(name)) => Some(name),
            Some(Reference::EnumValue { .. }) => Some(written.unwrap_or_default()),
            _ => written,
        }
    }

    fn ident(&mut self, id: ExprId, name: &'e str) -> CostEstimate {
        let is_local = matches!(self.checked.reference(id), Some(Reference::Local(_)));
        let local = self.scopes.find(name);
        // `.x` is the variable though there is a local `x`; cel-go keeps the dot in its name.
        let hidden = !is_local && local.is_some();
        let path = match local.filter(|_| !hidden) {
            Some(local) => local.path,
            None => Some(self.paths.root(name)),
        };
        if let Some(found) = self.found_mut(id) {
            found.name = Some(name).filter(|_| !hidden);
            found.path = path;
        }
        STEP
    }

    fn select(&mut self, id: ExprId, operand: ExprId, field: &'e str, test_only: bool) -> CostEstimate {
        let sum = self.cost(operand);
        if test_only {
            // The API server has presence tests cost nothing, as they did before they did in cel-go.
            let test = if self.env.is_general() { STEP } else { CostEstimate::default() };
            return sum + test;
        }
        let step = match self.checked.kind(operand) {
            Type::Map(..) | Type::Struct(_) | Type::Param(_) => STEP,
            _ => CostEstimate::default(),
        };
        self.extend_path(id, operand, field);
        sum + step
    }

    fn call(&mut self, id: ExprId, target: Option<ExprId>, args: &'e [ExprId]) -> CostEstimate {
        let Some(reference) = self.checked.reference(id) else { return CostEstimate::default() };
        let (name, overloads, qualified) = match reference {
            Reference::Function { name, overloads, qualified } => (*name, overloads.as_slice(), *qualified),
            // An enum that is a type of its own is no part of cel-go; the default.
            _ => return args.iter().map(|&arg| self.cost(arg)).sum::<CostEstimate>() + STEP,
        };
        if let ("dyn", &[arg]) = (name, args) {
            let cost = self.cost(arg);
            self.copy_sizes(id, arg);
            return cost + STEP;
        }
        let mut costs = Vec::with_capacity(args.len());
        let mut operands = Vec::with_capacity(args.len());
        for &arg in args {
            costs.push(self.cost(arg));
            operands.push(self.operand(arg));
        }
        let mut sum = CostEstimate::default();
        let target = target.filter(|_| !qualified).map(|target| {
            sum = self.cost(target);
            self.operand(target)
        });
        let env = self.env;
        let declared = env.function(name).map_or(&[][..], |function| &function.overloads);
        let overloads = overloads.iter().filter_map(|&at| declared.get(usize::from(at)));
        let mut cost = None;
        let mut result: Option<SizeEstimate> = None;
        for overload in overloads {
            let this = self.overload(id, overload, target, args, &operands, &costs);
            cost = Some(cost.map_or(this.cost, |cost: CostEstimate| cost.union(this.cost)));
            result = match (result, this.result) {
                (Some(one), Some(other)) => Some(one.union(other)),
                (one, other) => one.or(other),
            };
            if let ("index_list" | "index_map", &[indexed, _]) = (overload.id, args) {
                result = self.parts(indexed).map(|parts| parts.value);
                let part = if overload.id == "index_list" { "@items" } else { "@values" };
                self.extend_path(id, indexed, part);
            }
            result = result.or_else(|| self.size(id));
        }
        self.set_size(id, result);
        cost.map_or(CostEstimate::default(), |cost| sum + cost)
    }

    /// What a call costs with its arguments if this overload is the one.
    fn overload(
        &mut self,
        id: ExprId,
        overload: &Overload,
        target: Option<Operand<'_>>,
        args: &[ExprId],
        operands: &[Operand<'_>],
        costs: &[CostEstimate],
    ) -> CallEstimate {
        match (overload.id, args, costs) {
            ("logical_and" | "logical_or", _, &[left, right]) => {
                // The right side may not be evaluated.
                let cost = CostEstimate { min: left.min, max: (left + right).max };
                return CallEstimate::costs(cost);
            }
            ("conditional", &[_, yes, no], &[test, if_yes, if_no]) => {
                let size = match operands {
                    [_, yes, no] => yes.known().union(no.known()),
                    _ => SizeEstimate::UNKNOWN,
                };
                let parts = self.parts(yes).zip(self.parts(no)).map(|(yes, no)| yes.union(no));
                self.set_parts(id, parts);
                return CallEstimate::costs(test + if_yes.union(if_no)).giving(size);
            }
            ("add_string" | "add_bytes" | "add_list", &[left, right], _) => {
                let parts = self.parts(left).zip(self.parts(right)).map(|(left, right)| left.union(right));
                self.set_parts(id, parts);
            }
            _ => {}
        }
        let call = Call { target, args: operands, paths: &self.paths, sizes: self.sizes };
        let estimate = overload.estimate.and_then(|estimate| estimate(&call));
        let estimate = estimate.unwrap_or(CallEstimate::fixed(1));
        CallEstimate { cost: estimate.cost + costs.iter().copied().sum(), ..estimate }
    }

    fn list(&mut self, id: ExprId, elements: &[ExprId]) -> CostEstimate {
        let mut sum = CostEstimate::default();
        let mut value = if elements.is_empty() { SizeEstimate::fixed(0) } else { NO_SIZE };
        for &element in elements {
            sum = sum + self.cost(element);
            value = value.union(self.size_or_unknown(element));
        }
        self.set_parts(id, Some(Parts { list: true, key: SizeEstimate::fixed(1), value }));
        sum + NEW_LIST
    }

    fn map(&mut self, id: ExprId, entries: &[MapEntry]) -> CostEstimate {
        let mut sum = CostEstimate::default();
        let nothing = if entries.is_empty() { SizeEstimate::fixed(0) } else { NO_SIZE };
        let mut parts = Parts { list: false, key: nothing, value: nothing };
        for entry in entries {
            sum = sum + self.cost(entry.key);
            sum = sum + self.cost(entry.value);
            parts.key = parts.key.union(self.size_or_unknown(entry.key));
            parts.value = parts.value.union(self.size_or_unknown(entry.value));
        }
        self.set_parts(id, Some(parts));
        sum + NEW_MAP
    }

    /// `cel.bind` and its kin: a name for a value.
    fn binding(&mut self, id: ExprId, fold: &'e Comprehension) -> CostEstimate {
        let mut sum = self.cost(fold.iter_range);
        sum = sum + self.cost(fold.accu_init);
        self.push_value(&fold.accu_var, fold.accu_init);
        sum = sum + self.cost(fold.result);
        self.scopes.pop(1);
        self.copy_sizes(id, fold.result);
        sum
    }

    fn comprehension(&mut self, id: ExprId, fold: &'e Comprehension) -> CostEstimate {
        let mut sum = self.cost(fold.iter_range);
        sum = sum + self.cost(fold.accu_init);
        self.push_value(&fold.accu_var, fold.accu_init);
        match &fold.iter_var2 {
            Some(second) => {
                self.push_part(&fold.iter_var, fold.iter_range, Part::Key);
                self.push_part(second, fold.iter_range, Part::Value);
            }
            None => self.push_part(&fold.iter_var, fold.iter_range, Part::Single),
        }
        let condition = self.cost(fold.loop_condition);
        let step = self.cost(fold.loop_step);
        self.scopes.pop(1 + usize::from(fold.iter_var2.is_some()));
        sum = sum + self.cost(fold.result);
        self.scopes.pop(1);

        let count = self.size_or_unknown(fold.iter_range);
        match self.checked.ast.expr(fold.accu_init).map(|node| &node.kind) {
            Some(ExprKind::Literal(_)) => {
                let size = self.size(fold.accu_init);
                self.set_size(id, size);
            }
            Some(ExprKind::List { .. } | ExprKind::Map { .. }) => {
                self.set_size(id, Some(count));
                let parts = self.parts(fold.loop_step);
                self.set_parts(id, parts);
            }
            _ => {}
        }
        sum + count * (step + condition)
    }

    /// Gives a value a name.
    fn push_value(&mut self, name: &'e str, value: ExprId) {
        let path = self.path(value);
        let parts = self.parts(value);
        let size = self.size(value);
        self.scopes.push(name, Local { path, size, parts });
    }

    /// Gives the parts of a list or map a name.
    fn push_part(&mut self, name: &'e str, range: ExprId, part: Part) {
        let parts = self.parts(range);
        let of_list = parts.map_or(matches!(self.checked.kind(range), Type::List(_)), |parts| parts.list);
        let (segment, is_key) = match (part, of_list) {
            (Part::Key, true) => ("@indices", true),
            (Part::Key | Part::Single, false) => ("@keys", true),
            (Part::Value | Part::Single, true) => ("@items", false),
            (Part::Value, false) => ("@values", false),
        };
        let path = self.path(range);
        let path = Some(self.paths.append(path, segment));
        let size = parts.map(|parts| if is_key { parts.key } else { parts.value });
        self.scopes.push(name, Local { path, size, parts: None });
    }

    fn operand(&mut self, id: ExprId) -> Operand<'e> {
        let checked = self.checked;
        let path = self.path(id);
        let of_accumulator = self.paths.read(path).first().is_some_and(|name| ACCUMULATORS.contains(name));
        let literal = match checked.ast.expr(id).map(|node| &node.kind) {
            Some(ExprKind::Literal(literal)) => Some(literal),
            _ => None,
        };
        Operand {
            kind: checked.kind(id),
            computed: self.size(id),
            literal,
            path: path.filter(|_| !of_accumulator),
            elements: false,
        }
    }

    fn size_or_unknown(&mut self, id: ExprId) -> SizeEstimate {
        self.size(id).unwrap_or(SizeEstimate::UNKNOWN)
    }

    /// The size of a node's value: found out before, plain to see, told by the embedder, or that of its type or variable.
    fn size(&mut self, id: ExprId) -> Option<SizeEstimate> {
        let checked = self.checked;
        if let Some(size) = self.found(id).and_then(|found| found.size) {
            return Some(size);
        }
        if let Some(size) = checked.ast.expr(id).and_then(|node| written_size(&node.kind)) {
            return Some(SizeEstimate::fixed(size));
        }
        let kind = checked.kind(id);
        let path = self.path(id);
        if let Some(size) = self.sizes.size(self.paths.read(path), kind) {
            self.set_size(id, Some(size));
            return Some(size);
        }
        if is_scalar(kind) {
            return Some(SizeEstimate::fixed(1));
        }
        self.local(id)?.size
    }

    fn parts(&self, id: ExprId) -> Option<Parts> {
        self.found(id).and_then(|found| found.parts).or_else(|| self.local(id)?.parts)
    }

    fn path(&self, id: ExprId) -> Option<Path> {
        match self.local(id) {
            Some(local) => local.path,
            None => self.found(id)?.path,
        }
    }

    /// The local variable that a node names at this point of the walk.
    fn local(&self, id: ExprId) -> Option<&Local> {
        self.scopes.find(self.found(id)?.name?)
    }

    fn found(&self, id: ExprId) -> Option<&Found<'e>> {
        self.of_nodes.get(id.0 as usize)
    }

    fn found_mut(&mut self, id: ExprId) -> Option<&mut Found<'e>> {
        self.of_nodes.get_mut(id.0 as usize)
    }

    fn copy_sizes(&mut self, to: ExprId, from: ExprId) {
        let (size, parts) = (self.size(from), self.parts(from));
        self.set_size(to, size);
        self.set_parts(to, parts);
    }

    fn set_size(&mut self, id: ExprId, size: Option<SizeEstimate>) {
        if let (Some(found), Some(_)) = (self.found_mut(id), size) {
            found.size = size;
        }
    }

    fn set_parts(&mut self, id: ExprId, parts: Option<Parts>) {
        if let (Some(found), Some(_)) = (self.found_mut(id), parts) {
            found.parts = parts;
        }
    }

    fn extend_path(&mut self, id: ExprId, from: ExprId, segment: &'e str) {
        let from = self.path(from);
        let path = self.paths.append(from, segment);
        if let Some(found) = self.found_mut(id) {
            found.path = Some(path);
        }
    }
}

/// Which part of a list or map an iteration variable is.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Value,
    /// The element of a list, the key of a map.
    Single,
}

/// A fold over nothing whose accumulator is the name of a value.
fn is_binding(fold: &Comprehension, checked: &CheckedAst) -> bool {
    let kind = |id: ExprId| checked.ast.expr(id).map(|node| &node.kind);
    matches!(kind(fold.iter_range), Some(ExprKind::List { elements, .. }) if elements.is_empty())
        && matches!(kind(fold.loop_condition), Some(ExprKind::Literal(Literal::Bool(false))))
        && &*fold.accu_var != "__result__"
}

fn written_size(kind: &ExprKind) -> Option<u64> {
    let size = match kind {
        ExprKind::Literal(Literal::String(text)) => text.chars().count(),
        ExprKind::Literal(Literal::Bytes(bytes)) => bytes.len(),
        ExprKind::Literal(_) => 1,
        ExprKind::List { elements, .. } => elements.len(),
        ExprKind::Map { entries } => entries.len(),
        _ => return None,
    };
    Some(size as u64)
}

/// Whether all values of a type are of one size. A text may be of any.
fn is_scalar(kind: &Type) -> bool {
    match kind {
        Type::Bool | Type::Double | Type::Duration | Type::Int | Type::Timestamp | Type::Uint => true,
        Type::Wrapper(inner) => is_scalar(inner),
        Type::Opaque(name, parameters) if name == OPTIONAL => parameters.first().is_some_and(is_scalar),
        _ => false,
    }
}
