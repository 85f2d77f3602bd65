//! Constant folding, exactly as far as cel-go's `OptOptimize` goes: literals of lists and maps, type conversions,
//! and `in` over an empty list.

use super::{Compiler, Planned};
use crate::cel::ast::{ExprId, ExprKind};
use crate::cel::checker::Reference;
use crate::cel::program::Constant;
use crate::cel::value::{Arena, Error, List, Map, Val};

/// cel-go's `IsTypeConversionFunction`.
const CONVERSIONS: &[&str] =
    &["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];

impl Compiler<'_> {
    pub(super) fn folded(&self, id: ExprId) -> Planned<Option<Constant>> {
        let arena = &self.arena;
        match self.value_of(id, arena)? {
            Some(value) => Ok(Constant::from_value(&value)),
            None => Ok(None),
        }
    }

    /// The value of a constant expression.
    fn value_of<'a>(&self, id: ExprId, arena: &'a Arena) -> Planned<Option<Val<'a>>> {
        let Some(node) = self.checked.ast.expr(id) else { return Ok(None) };
        match &node.kind {
            ExprKind::Literal(literal) => Ok(Some(leaked(super::literal_constant(literal), arena))),
            ExprKind::Ident(_) | ExprKind::Select { .. } => match self.checked.reference(id) {
                Some(Reference::TypeName(name)) => {
                    Ok(Some(Val::Type(arena.alloc_str(&self.type_value(name)?))))
                }
                Some(Reference::EnumValue { kind, number })
                    if self.env.schema().typed_enum(*kind).is_none() =>
                {
                    Ok(Some(Val::Int(i64::from(*number))))
                }
                _ => Ok(None),
            },
            ExprKind::List { elements, optional } if optional.is_empty() => {
                let mut values = Vec::with_capacity(elements.len());
                for &element in elements {
                    let Some(value) = self.value_of(element, arena)? else { return Ok(None) };
                    values.push(value);
                }
                Ok(Some(Val::List(List::Slice(arena.alloc_slice_copy(&values)))))
            }
            ExprKind::Map { entries } if entries.iter().all(|entry| !entry.optional) => {
                let mut values = Vec::with_capacity(entries.len());
                for entry in entries {
                    let Some(key) = self.value_of(entry.key, arena)? else { return Ok(None) };
                    let Some(value) = self.value_of(entry.value, arena)? else { return Ok(None) };
                    values.push((key, value));
                }
                let made = Map::new(&values, arena);
                // What is wrong with it is an error of the evaluation.
                let wrong = self.env.is_general() && crate::cel::vm::wrong_keys(&values, made).is_some();
                Ok((!wrong).then_some(Val::Map(made)))
            }
            ExprKind::Call { target: None, function, args } => self.call_value(id, function, args, arena),
            _ => Ok(None),
        }
    }

    fn call_value<'a>(
        &self,
        id: ExprId,
        function: &str,
        args: &[ExprId],
        arena: &'a Arena,
    ) -> Planned<Option<Val<'a>>> {
        if let ("@in", [_, list]) = (function, args)
            && let Some(Val::List(list)) = self.value_of(*list, arena)?
        {
            return Ok(list.is_empty().then_some(Val::Bool(false)));
        }
        let [arg] = args else { return Ok(None) };
        if !CONVERSIONS.contains(&function.trim_start_matches('.')) {
            return Ok(None);
        }
        let Some(value) = self.value_of(*arg, arena)? else { return Ok(None) };
        let Some(Reference::Function { name, .. }) = self.checked.reference(id) else { return Ok(None) };
        let Some(declared) = self.env.function(name) else { return Ok(None) };
        let fitting = declared.overloads.iter().find(|overload| match overload.args.as_slice() {
            [kind] => crate::cel::vm::accepts(kind, &value),
            _ => false,
        });
        let result = match fitting.and_then(|overload| overload.implementation) {
            Some(implementation) => implementation(arena, &[value]),
            None => Err(Error::no_such_overload(arena, name, &[value])),
        };
        result.map(Some).map_err(|error| error.to_string())
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
