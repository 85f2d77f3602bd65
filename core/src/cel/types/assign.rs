//! What the checker knows of types: assignability, unification of type parameters, joining.
//!
//! Source: cel-go `checker/types.go`.

use super::Type;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// What type parameters stand for so far.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    bound: HashMap<Cow<'static, str>, Type>,
    /// Earlier values of `bound`, to take back an attempt that failed.
    trail: Vec<(Cow<'static, str>, Option<Type>)>,
    variables: usize,
}

impl Mapping {
    /// A type parameter that nothing else uses.
    pub(crate) fn fresh(&mut self) -> Type {
        self.variables += 1;
        Type::Param(Cow::Owned(format!("_var{}", self.variables - 1)))
    }

    /// Whether each of `from` may be used where `to` is wanted; binds type parameters only on success.
    pub(crate) fn assign_all(&mut self, from: &[Type], to: &[Type]) -> bool {
        let mark = self.trail.len();
        let fits = self.all(from, to);
        if !fits {
            self.rewind(mark);
        }
        self.trail.truncate(mark);
        fits
    }

    pub(crate) fn assign(&mut self, from: &Type, to: &Type) -> bool {
        self.assign_all(std::slice::from_ref(from), std::slice::from_ref(to))
    }

    /// A type with its parameters replaced by what they stand for; free ones become `dyn` when asked.
    pub(crate) fn substitute(&self, kind: &Type, free_to_dyn: bool) -> Type {
        let inner = |kind: &Arc<Type>| Arc::new(self.substitute(kind, free_to_dyn));
        match kind {
            Type::Param(name) => match self.bound.get(name) {
                Some(bound) => self.substitute(bound, free_to_dyn),
                None if free_to_dyn => Type::Dyn,
                None => kind.clone(),
            },
            Type::List(element) => Type::List(inner(element)),
            Type::Map(key, value) => Type::Map(inner(key), inner(value)),
            Type::Type(Some(of)) => Type::Type(Some(inner(of))),
            Type::Opaque(name, parameters) if !parameters.is_empty() => {
                let replaced = parameters.iter().map(|parameter| self.substitute(parameter, free_to_dyn));
                Type::Opaque(name.clone(), replaced.collect())
            }
            other => other.clone(),
        }
    }

    fn bind(&mut self, name: Cow<'static, str>, kind: Type) {
        let before = self.bound.insert(name.clone(), kind);
        self.trail.push((name, before));
    }

    fn rewind(&mut self, mark: usize) {
        while self.trail.len() > mark {
            match self.trail.pop() {
                Some((name, Some(before))) => self.bound.insert(name, before),
                Some((name, None)) => self.bound.remove(&name),
                None => break,
            };
        }
    }

    fn all(&mut self, from: &[Type], to: &[Type]) -> bool {
        from.len() == to.len() && from.iter().zip(to).all(|(from, to)| self.fits(from, to))
    }

    fn fits(&mut self, a: &Type, b: &Type) -> bool {
        if let Type::Param(name) = b {
            match self.stands_for(a, name.clone(), b) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if let Type::Param(name) = a {
            return self.stands_for(b, name.clone(), a).0;
        }
        if a.is_dyn_or_error() || b.is_dyn_or_error() {
            return true;
        }
        match (a, b) {
            (Type::Null, other) | (other, Type::Null) => nullable(other),
            (Type::Type(_), Type::Type(_)) => true,
            (Type::List(a), Type::List(b)) => self.fits(a, b),
            (Type::Map(k, v), Type::Map(l, w)) => self.fits(k, l) && self.fits(v, w),
            (Type::Opaque(a, inner), Type::Opaque(b, other)) => a == b && self.all(inner, other),
            (Type::Wrapper(inner), other) | (other, Type::Wrapper(inner)) => {
                matches!(other, Type::Wrapper(outer) if outer == inner) || **inner == *other
            }
            (a, b) => a == b,
        }
    }

    /// Whether `kind` may be what the parameter `name` stands for, and whether that was settled before.
    fn stands_for(&mut self, kind: &Type, name: Cow<'static, str>, parameter: &Type) -> (bool, bool) {
        if kind == parameter {
            return (true, true);
        }
        if let Some(bound) = self.bound.get(&name).cloned() {
            if kind.is_exactly(&bound) {
                return (true, true);
            }
            if self.fits(kind, &bound) {
                let general = if kind.is_equal_or_less_specific(&bound) { kind.clone() } else { bound };
                if self.is_free_of(parameter, &general) {
                    self.bind(name, general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.is_free_of(parameter, kind) {
            self.bind(name, kind.clone());
            return (true, false);
        }
        (false, false)
    }

    /// Whether a type parameter does not occur within a type.
    fn is_free_of(&self, parameter: &Type, within: &Type) -> bool {
        if parameter == within {
            return false;
        }
        match within {
            Type::Param(name) => self.bound.get(name).is_none_or(|bound| self.is_free_of(parameter, bound)),
            Type::List(inner) | Type::Type(Some(inner)) => self.is_free_of(parameter, inner),
            Type::Map(key, value) => self.is_free_of(parameter, key) && self.is_free_of(parameter, value),
            Type::Opaque(_, inner) => inner.iter().all(|inner| self.is_free_of(parameter, inner)),
            _ => true,
        }
    }
}

impl Type {
    pub(crate) fn is_dyn_or_error(&self) -> bool {
        self.is_dyn() || matches!(self, Type::Error)
    }

    /// Whether `self` is the same type as `other` or a more general one.
    pub(crate) fn is_equal_or_less_specific(&self, other: &Type) -> bool {
        match (self, other) {
            (a, _) if a.is_dyn() || matches!(a, Type::Param(_)) => true,
            (_, b) if b.is_dyn() || matches!(b, Type::Param(_)) => false,
            (Type::List(a), Type::List(b)) => a.is_equal_or_less_specific(b),
            (Type::Map(k, v), Type::Map(l, w)) => {
                k.is_equal_or_less_specific(l) && v.is_equal_or_less_specific(w)
            }
            (Type::Opaque(a, inner), Type::Opaque(b, other)) => {
                a == b
                    && inner.len() == other.len()
                    && inner.iter().zip(other.iter()).all(|(a, b)| a.is_equal_or_less_specific(b))
            }
            (Type::Type(_), Type::Type(_)) => true,
            (a, b) => a.is_exactly(b),
        }
    }

    /// Equality, to which a wrapper is its primitive: cel-go's `IsExactType`.
    pub(crate) fn is_exactly(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Wrapper(inner), other) | (other, Type::Wrapper(inner)) => inner.is_exactly(other),
            (Type::List(a), Type::List(b)) => a.is_exactly(b),
            (Type::Map(k, v), Type::Map(l, w)) => k.is_exactly(l) && v.is_exactly(w),
            (Type::Type(Some(a)), Type::Type(Some(b))) => a.is_exactly(b),
            (Type::Opaque(a, inner), Type::Opaque(b, other)) => {
                a == b
                    && inner.len() == other.len()
                    && inner.iter().zip(other.iter()).all(|(a, b)| a.is_exactly(b))
            }
            (a, b) => a == b,
        }
    }

    /// The inner type of an optional, and whether it was one.
    pub(crate) fn unwrap_optional(&self) -> (&Type, bool) {
        match self {
            Type::Opaque(name, parameters) if name == super::OPTIONAL => {
                (parameters.first().unwrap_or(&Type::Dyn), true)
            }
            other => (other, false),
        }
    }
}

fn nullable(kind: &Type) -> bool {
    matches!(
        kind,
        Type::Null
            | Type::Opaque(..)
            | Type::Struct(_)
            | Type::Any
            | Type::Duration
            | Type::Timestamp
            | Type::Wrapper(_)
    )
}
