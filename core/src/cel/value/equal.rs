//! Heterogeneous equality, cel-go's `types.Equal`: values of different types are unequal, numbers compare by value.

use super::typed::preserved_equal;
use super::{List, Map, MapEntries, Opaque, Result, Val, number};

impl<'a> Val<'a> {
    /// Whether two values are equal; what cannot be compared is not.
    pub fn equal(&self, other: &Val<'_>) -> bool {
        matches!(self.equals(other), Ok(true))
    }

    /// The same, with the error of values with a schema that cannot be compared.
    pub fn equals(&self, other: &Val<'a>) -> Result<'a, bool> {
        match (self, other) {
            (Val::Null, other) => Ok(matches!(other, Val::Null)),
            (_, Val::Null) => Ok(false),
            _ => self.own_equal(other),
        }
    }

    /// cel-go's `Equal` of the type that a value has. Only values with a schema ask one another so, and these nest no
    /// deeper than a schema does.
    pub(super) fn own_equal(&self, other: &Val<'a>) -> Result<'a, bool> {
        let (mut own, mut other) = (*self, *other);
        while let (Val::Optional(Some(a)), Val::Optional(Some(b))) = (own, other) {
            (own, other) = (*a, *b);
        }
        match own {
            Val::List(List::Typed(list)) => list.equal(&other),
            Val::Map(Map::Entries(MapEntries::Typed(map))) => map.equal(&other),
            Val::Opaque(Opaque::Preserved(node)) => Ok(preserved_equal(*node, &other)),
            Val::Error(error) => Err(error),
            own => Ok(own.equal_without_schema(&other)),
        }
    }

    /// Works without recursion, so that no nesting overflows the stack. Of parts with a schema only those that are
    /// different for sure count, as cel-go passes over errors there.
    fn equal_without_schema(&self, other: &Val<'a>) -> bool {
        let mut pending: Vec<(Val<'a>, Val<'a>)> = Vec::new();
        let mut pair = (*self, *other);
        loop {
            let same = match pair {
                (a, b) if a.has_schema() => !matches!(a.equals(&b), Ok(false)),
                (Val::List(a), Val::List(b)) => lists(a, b, &mut pending),
                (Val::Map(a), Val::Map(b)) => maps(a, b, &mut pending),
                (Val::Optional(Some(a)), Val::Optional(Some(b))) => {
                    pending.push((*a, *b));
                    true
                }
                (a, b) => scalars(&a, &b),
            };
            if !same {
                return false;
            }
            let Some(next) = pending.pop() else { return true };
            pair = next;
        }
    }
}

impl Val<'_> {
    /// Whether the value decides by a schema what equals it, or is the error of not being able to.
    fn has_schema(&self) -> bool {
        matches!(
            self,
            Val::List(List::Typed(_))
                | Val::Map(Map::Entries(MapEntries::Typed(_)))
                | Val::Opaque(Opaque::Preserved(_))
                | Val::Error(_)
        )
    }
}

fn lists<'a, 'b>(a: List<'a>, b: List<'b>, pending: &mut Vec<(Val<'a>, Val<'b>)>) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_or_later(a, b, pending))
}

fn maps<'a, 'b>(a: Map<'a>, b: Map<'b>, pending: &mut Vec<(Val<'a>, Val<'b>)>) -> bool {
    a.len() == b.len()
        && a.iter().all(|(key, value)| match b.find(&key) {
            Some(other) => same_or_later(value, other, pending),
            _ => false,
        })
}

/// Compares scalars at once and leaves containers for later.
fn same_or_later<'a, 'b>(a: Val<'a>, b: Val<'b>, pending: &mut Vec<(Val<'a>, Val<'b>)>) -> bool {
    let nested = a.has_schema()
        || matches!(
            (&a, &b),
            (Val::List(_), Val::List(_))
                | (Val::Map(_), Val::Map(_))
                | (Val::Optional(Some(_)), Val::Optional(Some(_)))
        );
    if nested {
        pending.push((a, b));
        return true;
    }
    scalars(&a, &b)
}

#[inline]
fn scalars(a: &Val<'_>, b: &Val<'_>) -> bool {
    match (a, b) {
        (Val::String(a), Val::String(b)) => a == b,
        (Val::Int(a), Val::Int(b)) => a == b,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Null, Val::Null) | (Val::Optional(None), Val::Optional(None)) => true,
        (Val::Bytes(a), Val::Bytes(b)) => a == b,
        (Val::Timestamp(a), Val::Timestamp(b)) => a == b,
        (Val::Duration(a), Val::Duration(b)) => a == b,
        (Val::Type(a), Val::Type(b)) => a == b,
        (Val::Opaque(a), Val::Opaque(b)) => a.equal(b),
        _ => number::compare(a, b).is_some_and(|order| order == Some(std::cmp::Ordering::Equal)),
    }
}
