//! Constant folding, exactly as far as cel-go's `OptOptimize` goes: literals of lists and maps, type conversions,
//! and `in` over an empty list.

use super::{Compiler, Planned};
use crate::cel::ast::{ExprId, ExprKind, MapEntry};
use crate::cel::checker::Reference;
use crate::cel::program::Constant;
use crate::cel::regex::Regex;
use crate::cel::types::Type;
use crate::cel::value::{Arena, Error, Val};
use crate::cel::vm::{go_type, list_of, map_of};

/// cel-go's `IsTypeConversionFunction`.
const CONVERSIONS: &[&str] =
    &["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];

impl<'c> Compiler<'c> {
    /// Finds all parts of an expression that are constant, in the order in which cel-go plans them, so that of several
    /// constants that cannot be converted and the like the one that it finds first is the error.
    ///
    /// Source: cel-go `interpreter/planner.go` and `decorators.go`.
    pub(super) fn plan(&mut self, id: ExprId) -> Planned {
        let checked = self.checked;
        let Some(node) =
            checked.ast.expr(id).filter(|_| matches!(self.values.get(id.0 as usize), Some(None)))
        else {
            return Ok(());
        };
        let value = match &node.kind {
            ExprKind::Literal(literal) => Some(leaked(super::literal_constant(literal), self.arena)),
            ExprKind::Ident(_) => self.name_value(id)?,
            ExprKind::Select { operand, .. } => {
                if checked.reference(id).is_none() {
                    self.plan(*operand)?;
                }
                self.name_value(id)?
            }
            ExprKind::Call { target, function, args } => {
                let target = target.filter(|_| !self.is_qualified(id));
                for &part in target.iter().chain(args) {
                    self.plan(part)?;
                }
                self.plan_call(id, target, function, args)?
            }
            ExprKind::List { elements, optional } => {
                elements.iter().try_for_each(|&element| self.plan(element))?;
                self.list_value(elements, optional)
            }
            ExprKind::Map { entries } => {
                for entry in entries {
                    self.plan(entry.key)?;
                    self.plan(entry.value)?;
                }
                self.map_value(entries)
            }
            ExprKind::Struct { fields, .. } => {
                fields.iter().try_for_each(|field| self.plan(field.value))?;
                None
            }
            ExprKind::Comprehension(fold) => {
                let parts =
                    [fold.accu_init, fold.iter_range, fold.loop_condition, fold.loop_step, fold.result];
                parts.into_iter().try_for_each(|part| self.plan(part))?;
                None
            }
        };
        if let Some(slot) = self.values.get_mut(id.0 as usize) {
            *slot = Some(value);
        }
        Ok(())
    }

    pub(super) fn value(&self, id: ExprId) -> Option<Val<'c>> {
        self.values.get(id.0 as usize).copied().flatten().flatten()
    }

    fn name_value(&self, id: ExprId) -> Planned<Option<Val<'c>>> {
        match self.checked.reference(id) {
            Some(Reference::TypeName(name)) => {
                Ok(Some(Val::Type(self.arena.alloc_str(&self.type_value(name)?))))
            }
            Some(Reference::EnumValue { kind, number }) if self.env.schema().typed_enum(*kind).is_none() => {
                Ok(Some(Val::Int(i64::from(*number))))
            }
            // cel-go takes every name whose value is a type for the name of a type.
            Some(Reference::Local(name)) if self.is_type(id) => {
                Err(format!("reference to undefined type: {name}"))
            }
            _ => Ok(None),
        }
    }

    fn is_type(&self, id: ExprId) -> bool {
        !self.env.is_general() && matches!(self.checked.kind(id), Type::Type(_))
    }

    fn is_qualified(&self, id: ExprId) -> bool {
        matches!(self.checked.reference(id), Some(Reference::Function { qualified: true, .. }))
    }

    /// A list of constants is one, if only an error.
    fn list_value(&self, elements: &[ExprId], optional: &[u32]) -> Option<Val<'c>> {
        let values = elements.iter().map(|element| self.value(*element)).collect::<Option<Vec<_>>>()?;
        self.env.folds().then(|| list_of(&values, optional, self.arena))
    }

    fn map_value(&self, entries: &[MapEntry]) -> Option<Val<'c>> {
        let entry = |entry: &MapEntry| Some([self.value(entry.key)?, self.value(entry.value)?]);
        let values = entries.iter().map(entry).collect::<Option<Vec<_>>>()?;
        if !self.env.folds() {
            return None;
        }
        let optional = entries.iter().zip(0..).filter(|(entry, _)| entry.optional).map(|(_, at)| at);
        let made = map_of(&values, &optional.collect::<Vec<_>>(), self.env.is_general(), self.arena);
        // In general what is wrong with it is an error of the evaluation.
        (!self.env.is_general() || !matches!(made, Val::Error(_))).then_some(made)
    }

    /// Plans a call whose parts are planned.
    fn plan_call(
        &mut self,
        id: ExprId,
        target: Option<ExprId>,
        function: &str,
        args: &[ExprId],
    ) -> Planned<Option<Val<'c>>> {
        match (function, target, args) {
            ("_[_]" | "_[?_]", None, [_, index]) => return self.check_qualifier(*index).map(|()| None),
            _ if !self.env.folds() => return Ok(None),
            ("@in", None, [_, list]) => {
                let in_list = matches!(self.checked.reference(id),
                    Some(Reference::Function { overloads, .. }) if overloads.as_slice() == [0]);
                return Ok(match self.value(*list) {
                    Some(Val::List(list)) if in_list && list.is_empty() => Some(Val::Bool(false)),
                    _ => None,
                });
            }
            _ => {}
        }
        let Some(Reference::Function { name, .. }) = self.checked.reference(id) else { return Ok(None) };
        if let ("matches" | "find" | "findAll", Some(&pattern)) = (*name, target.iter().chain(args).nth(1))
            && let Some(Val::String(text)) = self.value(pattern)
        {
            self.patterns.insert(id, Regex::new(text)?);
        }
        let (None, [arg]) = (target, args) else { return Ok(None) };
        if !CONVERSIONS.contains(name) {
            return Ok(None);
        }
        let (Some(value), Some(declared)) = (self.value(*arg), self.env.function(name)) else {
            return Ok(None);
        };
        if let Val::Error(error) = value {
            return Err(error.to_string());
        }
        let fitting = declared.overloads.iter().find(|overload| match overload.args.as_slice() {
            [kind] => crate::cel::vm::accepts(kind, &value),
            _ => false,
        });
        let result = match fitting.and_then(|overload| overload.implementation) {
            Some(implementation) => implementation(self.arena, &[value]),
            None => Err(Error::no_such_overload(self.arena, name, &[value])),
        };
        result.map(Some).map_err(|error| error.to_string())
    }

    /// Constants of some types are no index. The specification has an error of the evaluation here, which `||` may
    /// absorb.
    fn check_qualifier(&self, index: ExprId) -> Planned {
        match self.value(index) {
            Some(Val::String(_) | Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Bool(_)) | None => {
                Ok(())
            }
            Some(_) if self.env.is_general() => Ok(()),
            Some(value) => Err(format!("invalid qualifier type: {}", go_type(&value))),
        }
    }
}

/// A constant as a value of the compiler's own arena.
fn leaked(constant: Constant, arena: &Arena) -> Val<'_> {
    match constant {
        Constant::Null => Val::Null,
        Constant::Bool(value) => Val::Bool(value),
        Constant::Int(value) => Val::Int(value),
        Constant::Uint(value) => Val::Uint(value),
        Constant::Double(value) => Val::Double(value),
        Constant::String(value) => Val::String(arena.alloc_str(&value)),
        Constant::Bytes(value) => Val::Bytes(arena.alloc_slice_copy(&value)),
        _ => Val::Null,
    }
}
