//! Order between values that have one.

use super::{Error, Result, Val, number};
use std::cmp::Ordering;

impl<'a> Val<'a> {
    /// Whether the value is of a type that has an order.
    pub(crate) fn is_ordered(&self) -> bool {
        matches!(
            self,
            Val::Int(_)
                | Val::Uint(_)
                | Val::Double(_)
                | Val::Bool(_)
                | Val::String(_)
                | Val::Bytes(_)
                | Val::Timestamp(_)
                | Val::Duration(_)
        )
    }

    /// cel-go's `Comparer.Compare`: numbers across types, else values of one ordered type.
    #[inline]
    pub fn compare(&self, other: &Val<'a>) -> Result<'a, Ordering> {
        match (self, other) {
            (Val::Int(a), Val::Int(b)) => Ok(a.cmp(b)),
            (Val::String(a), Val::String(b)) => Ok(a.cmp(b)),
            (Val::Bool(a), Val::Bool(b)) => Ok(a.cmp(b)),
            (Val::Bytes(a), Val::Bytes(b)) => Ok(a.cmp(b)),
            (Val::Timestamp(a), Val::Timestamp(b)) => Ok(a.cmp(b)),
            (Val::Duration(a), Val::Duration(b)) => Ok(a.cmp(b)),
            (Val::Double(value), _) if value.is_nan() => Err(Error::Static(&"NaN values cannot be ordered")),
            _ => match number::compare(self, other) {
                Some(Some(order)) => Ok(order),
                Some(None) => Err(Error::Static(&"NaN values cannot be ordered")),
                None => Err(match (self, other) {
                    (Val::Error(error), _) | (_, Val::Error(error)) => *error,
                    _ => Error::NoSuchOverload,
                }),
            },
        }
    }
}
