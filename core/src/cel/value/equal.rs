//! Heterogeneous equality, cel-go's `types.Equal`: values of different types are unequal, numbers compare by value.

use super::{List, Map, Val, number};

impl Val<'_> {
    /// Whether two values are equal. Works without recursion, so that no nesting overflows the stack.
    pub fn equal(&self, other: &Val<'_>) -> bool {
        let mut pending: Vec<(Val<'_>, Val<'_>)> = Vec::new();
        let mut pair = (*self, *other);
        loop {
            let same = match pair {
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
    let nested = matches!(
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
