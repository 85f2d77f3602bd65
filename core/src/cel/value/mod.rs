//! CEL values: small, `Copy`, borrowed from the request's document or from the arena of one evaluation.

mod container;
mod error;
mod opaque;

pub use container::{List, Map, MapEntries};
pub use error::Error;
pub use opaque::Opaque;

use crate::cel::types::Type;
use bumpalo::Bump;

/// Memory of one evaluation. Everything that evaluation creates lives here and is dropped at once.
pub type Arena = Bump;

/// A CEL value. Errors are values too, as in cel-go, because `&&` and `||` may absorb them.
#[derive(Clone, Copy, Debug)]
pub enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(&'a str),
    Bytes(&'a [u8]),
    Timestamp(Timestamp),
    Duration(Duration),
    List(List<'a>),
    Map(Map<'a>),
    Type(&'a Type),
    /// `optional.none()` is `None`.
    Optional(Option<&'a Val<'a>>),
    Opaque(Opaque<'a>),
    Error(Error<'a>),
}

/// A point in time, year 1 to 9999, as Go's `time.Time` in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanos: u32,
}

/// A span of time in nanoseconds, as Go's `time.Duration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// What an operation or library function gives back.
pub type Result<'a, T = Val<'a>> = std::result::Result<T, Error<'a>>;
