//! Names in scope: iteration variables and accumulators over the environment's variables and types.

use super::Reference;
use crate::cel::environment::Env;
use crate::cel::types::Type;

/// Local names, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    locals: Vec<(Box<str>, Type)>,
}

/// What a name stands for.
pub(super) struct Ident {
    pub(super) kind: Type,
    pub(super) reference: Reference,
}

impl Scopes {
    pub(super) fn push(&mut self, name: &str, kind: Type) {
        self.locals.push((name.into(), kind));
    }

    pub(super) fn pop(&mut self, count: usize) {
        self.locals.truncate(self.locals.len().saturating_sub(count));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| &**local == name)
    }

    /// A leading dot skips the locals.
    pub(super) fn resolve(&self, name: &str, env: &Env) -> Option<Ident> {
        let global = name.trim_start_matches('.');
        if global.len() == name.len()
            && let Some((_, kind)) = self.locals.iter().rev().find(|(local, _)| &**local == name)
        {
            return Some(Ident { kind: kind.clone(), reference: Reference::Local(name.into()) });
        }
        if let Some(slot) = env.slot(global) {
            let kind = env.variables().get(slot).map_or(Type::Dyn, |variable| variable.kind.clone());
            return Some(Ident { kind, reference: Reference::Variable(slot) });
        }
        let kind = named_type(global, env)?;
        Some(Ident { reference: Reference::TypeName(kind.name().into()), kind: Type::type_of(kind) })
    }
}

/// The types that an expression may name.
fn named_type(name: &str, env: &Env) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "bytes" => Type::Bytes,
        "double" => Type::Double,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "string" => Type::String,
        "null_type" => Type::Null,
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "type" => Type::Type(None),
        "google.protobuf.Timestamp" => Type::Timestamp,
        "google.protobuf.Duration" => Type::Duration,
        "optional_type" if env.function("optional.of").is_some() => Type::optional(Type::Dyn),
        _ => Type::Struct(env.object(name)?.name.to_string().into()),
    })
}
