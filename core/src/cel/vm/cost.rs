//! What operators cost. Source: cel-go `interpreter/runtimecost.go`, `costCall`.

use crate::cel::library::standard::traversal;
use crate::cel::value::Val;

/// `a == b`, and comparisons of text.
#[inline]
pub(super) fn compared(a: &Val<'_>, b: &Val<'_>) -> u64 {
    match (a, b) {
        (Val::Int(_) | Val::Bool(_) | Val::Null, _) | (_, Val::Int(_) | Val::Bool(_) | Val::Null) => {
            // One of them has size 1; an empty container still costs nothing.
            u64::from(a.inner_size().min(b.inner_size()) > 0)
        }
        _ => traversal(a.inner_size().min(b.inner_size())),
    }
}

/// `a + b` of text.
pub(super) fn joined(a: &Val<'_>, b: &Val<'_>) -> u64 {
    traversal(a.inner_size() + b.inner_size())
}
