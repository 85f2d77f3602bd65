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

    fn has(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| &**local == name)
    }

    /// A leading dot skips the locals.
    pub(super) fn resolve(&self, name: &str, env: &Env) -> Option<Ident> {
        let local = || self.locals.iter().rev().find(|(local, _)| &**local == name);
        if let Some((_, kind)) = Some(name).filter(|name| !name.starts_with('.')).and_then(|_| local()) {
            return Some(Ident { kind: kind.clone(), reference: Reference::Local(name.into()) });
        }
        env.first(name, |name| global(name, env))
    }

    /// What `a.b.c` stands for as a whole: nothing when `a` is a local variable, which hides it.
    pub(super) fn resolve_qualified(&self, name: &str, env: &Env) -> Option<Ident> {
        let hidden = name.split('.').next().is_some_and(|first| self.has(first));
        if hidden { None } else { env.first(name, |name| global(name, env)) }
    }
}

/// A variable, type or enum value by its full name.
fn global(name: &str, env: &Env) -> Option<Ident> {
    if let Some(slot) = env.slot(name) {
        let kind = env.variables().get(slot).map_or(Type::Dyn, |variable| variable.kind.clone());
        return Some(Ident { kind, reference: Reference::Variable(slot) });
    }
    if let Some(kind) = named_type(name, env) {
        return Some(Ident { reference: Reference::TypeName(name.into()), kind: Type::type_of(kind) });
    }
    let (kind, number) = env.schema().enum_constant(name)?;
    let reference = Reference::EnumValue { kind, number };
    Some(Ident { kind: env.schema().enum_type(kind), reference })
}

/// The types that an expression may name.
pub(super) fn named_type(name: &str, env: &Env) -> Option<Type> {
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
        "optional_type" if env.function("optional.of").is_some() => Type::optional(Type::Dyn),
        "net.IP" if env.function("ip").is_some() => Type::opaque("net.IP"),
        "net.CIDR" if env.function("cidr").is_some() => Type::opaque("net.CIDR"),
        // The API server's declared types come with a few of their own, by the names that these have there.
        "duration" if env.has_declared_types() => Type::Duration,
        "timestamp" if env.has_declared_types() => Type::Timestamp,
        _ => match env.object(name) {
            Some(object) => Type::Struct(object.name.to_string().into()),
            None => {
                let schema = env.schema();
                let typed = || schema.typed_enum_named(name).map(|position| schema.enum_type(position));
                schema.named_type(name).or_else(typed)?
            }
        },
    })
}
