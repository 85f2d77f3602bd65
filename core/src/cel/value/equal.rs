//! Heterogeneous equality, cel-go's `types.Equal`: values of different types are unequal, numbers compare by value.
//!
//! Kubernetes' own types refuse to be compared with anything else, and so do some values with a schema. Lists and maps
//! take a refusal among their parts for equality, as cel-go's do; only sums of lists are refused then too.

use super::typed::preserved_equal;
use super::{Error, List, Map, MapEntries, Opaque, Result, Val, number};
use std::collections::HashSet;

impl<'a> Val<'a> {
    /// Whether two values are equal; what cannot be compared is not.
    #[inline]
    pub fn equal(&self, other: &Val<'_>) -> bool {
        matches!(self.equals(other), Ok(true))
    }

    /// The same, with the error of values that cannot be compared.
    pub fn equals(&self, other: &Val<'a>) -> Result<'a, bool> {
        match (self, other) {
            (Val::String(a), Val::String(b)) => Ok(a == b),
            (Val::Null, other) => Ok(matches!(other, Val::Null)),
            (_, Val::Null) => Ok(false),
            _ => self.own_equal(other),
        }
    }

    /// cel-go's `Equal` of the type that a value has. Only values with a schema ask one another so, and these nest no
    /// deeper than a schema does.
    pub(super) fn own_equal(&self, other: &Val<'a>) -> Result<'a, bool> {
        let (mut own, mut with) = (*self, *other);
        while let (Val::Optional(Some(a)), Val::Optional(Some(b))) = (own, with) {
            (own, with) = (*a, *b);
        }
        match own {
            Val::List(List::Typed(list)) => list.equal(&with),
            Val::Map(Map::Entries(MapEntries::Typed(map))) => map.equal(&with),
            Val::Opaque(Opaque::Preserved(node)) => Ok(preserved_equal(*node, &with)),
            Val::Error(error) => Err(error),
            _ => self.equal_without_schema(other).ok_or(Error::NoSuchOverload),
        }
    }

    /// `None` when the first cannot be compared with the second. Works without recursion, so that no nesting overflows
    /// the stack. Of parts with a schema only those that are different for sure count, as cel-go passes over errors
    /// there.
    fn equal_without_schema(&self, other: &Val<'a>) -> Option<bool> {
        self.equal_once(other, &mut Compared::default())
    }

    fn equal_once(&self, other: &Val<'a>, compared: &mut Compared) -> Option<bool> {
        let mut pending: Vec<(Val<'a>, Val<'a>)> = Vec::new();
        let mut pair = (*self, *other);
        // Below a list or map only what is unequal counts.
        let mut inside = false;
        loop {
            let same = match pair {
                (a, b) if a.has_schema() => Some(!matches!(a.equals(&b), Ok(false))),
                (a, b) if inside && compared.again(&a, &b) => Some(true),
                (Val::List(a), Val::List(b)) if a.is_sum() && !inside => return sums(a, b, compared),
                (Val::List(a), Val::List(b)) => {
                    inside = true;
                    Some(lists(a, b, &mut pending))
                }
                (Val::Map(a), Val::Map(b)) => {
                    inside = true;
                    Some(maps(a, b, &mut pending))
                }
                (Val::Optional(Some(Val::Opaque(a))), Val::Optional(Some(Val::Null))) => refused(a),
                (Val::Optional(Some(a)), Val::Optional(Some(b))) => {
                    pending.push((*a, *b));
                    Some(true)
                }
                (a, b) => scalars(&a, &b),
            };
            if !same.unwrap_or(inside) {
                return same;
            }
            let Some(next) = pending.pop() else { return Some(true) };
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

/// Unlike other lists, the sum of two does not take a refusal for equality.
fn sums<'a>(a: List<'a>, b: List<'a>, compared: &mut Compared) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    let mut refused = false;
    for (a, b) in a.iter().zip(b.iter()) {
        let equal = match (&a, &b) {
            // Once is enough for parts that are shared: what refuses does so the first time.
            _ if compared.again(&a, &b) => Some(true),
            (Val::List(_), Val::List(_)) if !a.has_schema() => a.equal_once(&b, compared),
            _ => a.equals(&b).ok(),
        };
        match equal {
            Some(false) => return Some(false),
            Some(true) => {}
            None => refused = true,
        }
    }
    (!refused).then_some(true)
}

/// Pairs of lists and maps that were compared. Values may share their parts, many times over: `[x, x]` of `[y, y]` and so
/// on is small in memory and endless to walk.
#[derive(Default)]
struct Compared {
    pairs: usize,
    known: HashSet<[usize; 2]>,
}

/// Pairs that are walked before they are remembered, which takes memory.
const FORGOTTEN: usize = 4_096;

impl Compared {
    /// Whether a pair was compared before; if not, it is taken to be compared now.
    fn again(&mut self, a: &Val<'_>, b: &Val<'_>) -> bool {
        let (Some(a), Some(b)) = (place(a), place(b)) else { return false };
        self.pairs += 1;
        self.pairs > FORGOTTEN && !self.known.insert([a, b])
    }
}

/// Where a list or map that an expression made is in memory.
fn place(value: &Val<'_>) -> Option<usize> {
    Some(match value {
        Val::List(List::Slice([first, ..]) | List::Joined([first, ..])) => std::ptr::from_ref(first).addr(),
        Val::List(List::Concat(concat)) => std::ptr::from_ref(*concat).addr(),
        Val::Map(Map::Entries(map)) => std::ptr::from_ref(*map).addr(),
        Val::Optional(Some(inner)) => std::ptr::from_ref(*inner).addr(),
        _ => return None,
    })
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
    scalars(&a, &b) != Some(false)
}

#[inline]
fn scalars(a: &Val<'_>, b: &Val<'_>) -> Option<bool> {
    Some(match (a, b) {
        (Val::String(a), Val::String(b)) => a == b,
        (Val::Int(a), Val::Int(b)) => a == b,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Null, Val::Null) | (Val::Optional(None), Val::Optional(None)) => true,
        (Val::Null, _) | (_, Val::Null) => false,
        (Val::Bytes(a), Val::Bytes(b)) => a == b,
        (Val::Timestamp(a), Val::Timestamp(b)) => a == b,
        (Val::Duration(a), Val::Duration(b)) => a == b,
        (Val::Type(a), Val::Type(b)) => a == b,
        (Val::Opaque(a), Val::Opaque(b)) => return a.equality(b),
        (Val::Opaque(a), _) => return refused(a),
        _ => number::compare(a, b).is_some_and(|order| order == Some(std::cmp::Ordering::Equal)),
    })
}

/// What a value of a library type says of a value of another type.
fn refused(opaque: &Opaque<'_>) -> Option<bool> {
    (!opaque.is_kubernetes()).then_some(false)
}
