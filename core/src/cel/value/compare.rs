//! Order between values that have one.

use super::{Error, Result, Val, number};
use std::cmp::Ordering;

impl<'a> Val<'a> {
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
