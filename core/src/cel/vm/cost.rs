//! What operators cost. Source: cel-go `interpreter/runtimecost.go`, `costCall`.

use crate::cel::library::standard::traversal;
use crate::cel::value::Val;

/// cel-go's `actualSize`.
#[inline]
pub(super) fn size(value: &Val<'_>) -> usize {
    let mut value = value;
    while let Val::Optional(Some(inner)) = value {
        value = inner;
    }
    value.size().unwrap_or(1)
}

/// `a == b`, and comparisons of text.
#[inline]
pub(super) fn compared(a: &Val<'_>, b: &Val<'_>) -> u64 {
    match (a, b) {
        (Val::Int(_) | Val::Bool(_) | Val::Null, _) | (_, Val::Int(_) | Val::Bool(_) | Val::Null) => {
            // One of them has size 1; an empty container still costs nothing.
            u64::from(size(a).min(size(b)) > 0)
        }
        _ => traversal(size(a).min(size(b))),
    }
}

/// `a + b` of text.
pub(super) fn joined(a: &Val<'_>, b: &Val<'_>) -> u64 {
    traversal(size(a) + size(b))
}
