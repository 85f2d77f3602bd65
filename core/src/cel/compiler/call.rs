//! Calls: operators become instructions, functions are bound to their overloads.

use super::{Compiler, Planned, Shape};
use crate::cel::ast::ExprId;
use crate::cel::checker::Reference;
use crate::cel::library::Overload;
use crate::cel::library::standard::{Arithmetic, Comparison};
use crate::cel::program::{Call, Constant, CostNeeds, Dispatch, Op};
use crate::cel::types::{OPTIONAL, Type};
use std::sync::Arc;

/// Functions whose cost Kubernetes counts by their name alone, whichever overload is called.
const COSTED_BY_NAME: &[&str] = &[
    "check",
    "fieldSelector",
    "labelSelector",
    "isSorted",
    "sum",
    "max",
    "min",
    "indexOf",
    "lastIndexOf",
    "includes",
    "url",
    "lowerAscii",
    "upperAscii",
    "substring",
    "trim",
    "replace",
    "split",
    "join",
    "find",
    "findAll",
    "cidr",
    "isIP",
    "isCIDR",
    "ip",
    "ip.isCanonical",
    "containsIP",
    "containsCIDR",
    "quantity",
    "isQuantity",
    "semver",
    "isSemver",
    "validate",
];

/// Functions of two arguments that cel-go binds as if they took any number.
const VARIADIC: &[&str] = &["format"];

/// What cel-go takes for granted when it counts the cost of an overload. Source: cel-go `ext/lists.go`.
fn cost_needs(overload: &Overload) -> Option<CostNeeds> {
    match overload.id {
        "list_distinct" => Some(CostNeeds::List(0)),
        "list_flatten_int" => Some(CostNeeds::Int(1)),
        id if id.starts_with("list_") && id.ends_with("_sort") => Some(CostNeeds::List(0)),
        id if id.starts_with("list_") && id.ends_with("_sortByAssociatedKeys") => Some(CostNeeds::List(1)),
        _ => None,
    }
}

impl Compiler<'_> {
    pub(super) fn call(
        &mut self,
        id: ExprId,
        target: Option<ExprId>,
        function: &str,
        args: &[ExprId],
    ) -> Planned<Shape> {
        if let Some(Reference::EnumConversion(kind)) = self.checked.reference(id) {
            for &arg in args {
                self.expr(arg)?;
            }
            self.emit(id, Op::ToEnum(*kind));
            return Ok(Shape::Other);
        }
        match (function, target, args) {
            ("_[_]" | "_[?_]" | "_?._", None, _) => return self.attribute(id, 1),
            ("_?_:_", None, args) => return self.conditional(id, args, false),
            ("_&&_", None, &[left, right]) => return self.logic(id, left, right, true),
            ("_||_", None, &[left, right]) => return self.logic(id, left, right, false),
            ("or" | "orValue", Some(target), &[otherwise]) => {
                return self.optional_or(id, target, otherwise, function == "orValue");
            }
            ("@in", None, &[value, list]) => return self.membership(id, value, list),
            _ => {}
        }
        let text = self.takes_text(id);
        if let Some(op) = operator(function, text).filter(|_| target.is_none()) {
            for &arg in args {
                self.expr(arg)?;
            }
            self.emit(id, op);
            return Ok(Shape::Other);
        }
        self.function(id, target, args)
    }

    /// `continued`: more steps follow, which cel-go adds to the paths of both branches.
    pub(super) fn conditional(&mut self, id: ExprId, args: &[ExprId], continued: bool) -> Planned<Shape> {
        let &[condition, then, otherwise] = args else { return Err("unsupported conditional".to_owned()) };
        self.expr(condition)?;
        let branch = self.emit(id, Op::Jump(0));
        self.branch(then, continued)?;
        let jump = self.emit(id, Op::Jump(0));
        let second = self.here();
        self.branch(otherwise, continued)?;
        let end = self.here();
        self.patch(branch, Op::Branch { otherwise: second, end });
        self.patch(jump, Op::Jump(end));
        Ok(Shape::Conditional)
    }

    fn logic(&mut self, id: ExprId, left: ExprId, right: ExprId, and: bool) -> Planned<Shape> {
        self.expr(left)?;
        let short = self.emit(id, Op::Jump(0));
        self.expr(right)?;
        self.emit(id, if and { Op::And } else { Op::Or });
        let end = self.here();
        self.patch(short, if and { Op::AndShort(end) } else { Op::OrShort(end) });
        Ok(Shape::Other)
    }

    fn optional_or(&mut self, id: ExprId, target: ExprId, otherwise: ExprId, value: bool) -> Planned<Shape> {
        self.expr(target)?;
        let short = self.emit(id, Op::Jump(0));
        self.expr(otherwise)?;
        let target = self.here();
        self.patch(short, Op::OptionalOr { value, target });
        Ok(Shape::Other)
    }

    fn membership(&mut self, id: ExprId, value: ExprId, list: ExprId) -> Planned<Shape> {
        let in_list = matches!(self.checked.reference(id),
            Some(Reference::Function { overloads, .. }) if overloads.as_slice() == [0]);
        if in_list && let Some(constant) = self.constant(list) {
            let elements = primitive_elements(&constant, self.arena);
            if let Some(elements) = elements {
                self.expr(value)?;
                self.emit(id, Op::InConstants(elements));
                return Ok(Shape::Other);
            }
        }
        self.expr(value)?;
        self.expr(list)?;
        let literal = self.constant(list).is_some();
        self.emit(id, Op::In { list: in_list, literal });
        Ok(Shape::Other)
    }

    /// Whether the checker found that an operator's first operand is a string or bytes.
    fn takes_text(&self, id: ExprId) -> bool {
        let Some(Reference::Function { name, overloads, .. }) = self.checked.reference(id) else {
            return false;
        };
        let (Some(declared), [only]) = (self.env.function(name), overloads.as_slice()) else { return false };
        let args = declared.overloads.get(*only as usize).map(|overload| overload.args.as_slice());
        matches!(args, Some([Type::String | Type::Bytes, ..]))
    }

    fn function(&mut self, id: ExprId, target: Option<ExprId>, args: &[ExprId]) -> Planned<Shape> {
        let checked = self.checked;
        let (name, overloads, qualified) = match checked.reference(id) {
            Some(Reference::Function { name, overloads, qualified }) => (name, overloads, qualified),
            Some(Reference::Missing(error)) => {
                self.emit(id, Op::Fail(error.clone()));
                return Ok(Shape::Other);
            }
            _ => return Err("unresolved function".to_owned()),
        };
        let target = target.filter(|_| !qualified);
        let all: Vec<ExprId> = target.into_iter().chain(args.iter().copied()).collect();
        let Some(declared) = self.env.function(name) else { return Err(format!("no such overload: {name}")) };
        let one = match overloads.as_slice() {
            [only] => declared.overloads.get(*only as usize),
            _ => None,
        };
        let by_function = one.is_none() && !declared.singleton;
        let from = self.here();
        // cel-go plans calls with a constant pattern apart: they end at an error before the pattern.
        let mut pattern = self.patterns.remove(&id).map(|regex| Constant::Regex(Arc::new(regex)));
        // cel-go stops at the first argument that is an error unless it knows a unary or binary function.
        let constant_pattern = pattern.is_some();
        let stops_early = by_function || all.len() > 2 || constant_pattern || VARIADIC.contains(name);
        for (at, &arg) in all.iter().enumerate() {
            match pattern.take_if(|_| at == 1) {
                Some(pattern) => {
                    self.emit(arg, Op::Constant(pattern));
                }
                None => self.argument(arg, at, all.len(), stops_early.then_some(0))?,
            }
        }
        let call = Call {
            name,
            args: all.len() as u32,
            dispatch: dispatch(one, &declared.overloads, declared.singleton || constant_pattern, all.len())?,
            cost: cost(name, one, &declared.overloads),
            cost_needs: one.and_then(cost_needs),
        };
        self.emit(id, Op::Call(Box::new(call)));
        self.patch_abandoned(from);
        Ok(Shape::Other)
    }

    /// Compiles one of several values that are gathered on the stack. With a cost, an error before the last ends the
    /// gathering and costs that.
    pub(super) fn argument(&mut self, arg: ExprId, at: usize, count: usize, cost: Option<u8>) -> Planned {
        self.expr(arg)?;
        self.abandon_after(arg, at, count, cost);
        Ok(())
    }

    /// The same for an element or the value of an entry that is written with a `?`.
    pub(super) fn optional_argument(
        &mut self,
        arg: ExprId,
        at: usize,
        count: usize,
        entry: bool,
        cost: u64,
    ) -> Planned {
        self.expr(arg)?;
        if !matches!(self.checked.kind(arg), Type::Opaque(name, _) if name == OPTIONAL) {
            self.emit(arg, Op::CheckOptional { entry });
        }
        self.abandon_after(arg, at, count, Some(cost as u8));
        Ok(())
    }

    fn abandon_after(&mut self, arg: ExprId, at: usize, count: usize, cost: Option<u8>) {
        if let Some(cost) = cost.filter(|_| at + 1 < count) {
            self.emit(arg, Op::AbandonCall { below: at as u32, target: u32::MAX, cost });
        }
    }

    /// Points the abandoned gatherings of the value whose code begins at `from` to what comes next.
    pub(super) fn patch_abandoned(&mut self, from: u32) {
        let end = self.here();
        for op in self.ops.iter_mut().skip(from as usize) {
            if let Op::AbandonCall { target: target @ u32::MAX, .. } = op {
                *target = end;
            }
        }
    }
}

fn operator(function: &str, text: bool) -> Option<Op> {
    let compare = |comparison| Op::Compare { comparison, text };
    Some(match function {
        "_==_" => Op::Equal,
        "_!=_" => Op::NotEqual,
        "_<_" => compare(Comparison::Less),
        "_<=_" => compare(Comparison::LessEqual),
        "_>_" => compare(Comparison::Greater),
        "_>=_" => compare(Comparison::GreaterEqual),
        "_+_" => Op::Add { text },
        "_-_" => Op::Arithmetic(Arithmetic::Subtract),
        "_*_" => Op::Arithmetic(Arithmetic::Multiply),
        "_/_" => Op::Arithmetic(Arithmetic::Divide),
        "_%_" => Op::Arithmetic(Arithmetic::Modulo),
        "!_" => Op::Not,
        "-_" => Op::Negate,
        _ => return None,
    })
}

fn dispatch(one: Option<&Overload>, all: &[Overload], singleton: bool, count: usize) -> Planned<Dispatch> {
    let implementation =
        |overload: &Overload| overload.implementation.ok_or("operator called as a function".to_owned());
    if singleton {
        let fitting = one.or_else(|| all.iter().find(|overload| overload.args.len() == count));
        return Ok(Dispatch::Unchecked(implementation(fitting.ok_or("no such overload")?)?));
    }
    match one {
        Some(overload) => {
            let types = overload.args.as_slice().into();
            Ok(Dispatch::Single { types, implementation: implementation(overload)? })
        }
        None => {
            Ok(Dispatch::Many(all.iter().filter(|overload| overload.args.len() == count).cloned().collect()))
        }
    }
}

fn cost(name: &str, one: Option<&Overload>, all: &[Overload]) -> Option<crate::cel::library::CallCost> {
    match one {
        Some(overload) => overload.cost,
        // The string forms of these cost more, but only when the overload is known.
        None if name.starts_with("contains") => all.last()?.cost,
        None if COSTED_BY_NAME.contains(&name) => all.iter().find_map(|overload| overload.cost),
        None => None,
    }
}

/// The elements of a constant list when all are of types that cel-go puts into a set.
fn primitive_elements(constant: &Constant, arena: &crate::cel::value::Arena) -> Option<Box<[Constant]>> {
    use crate::cel::value::Val;
    let Val::List(list) = constant.value(arena) else { return None };
    let mut elements = Vec::new();
    for element in list.iter() {
        if !matches!(element, Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::String(_)) {
            return None;
        }
        elements.push(Constant::from_value(&element)?);
    }
    Some(elements.into())
}
