//! CEL values: small, `Copy`, borrowed from the request's document or from the arena of one evaluation.

mod compare;
mod container;
mod equal;
mod error;
mod escaping;
mod number;
mod opaque;
mod plain;
#[cfg(test)]
mod tests;
mod typed;

pub(crate) use container::finds;
pub use container::{Concat, List, ListIter, MadeMap, Map, MapEntries};
pub use error::{Error, Unreadable};
pub(crate) use error::{MAX_MEMORY, MAX_TEXT, TOO_LONG, TOO_MUCH_MEMORY};
pub(crate) use escaping::is_reserved;
pub use escaping::{escape, unescape};
pub use number::{double_text, double_to_int, double_to_uint};
pub use opaque::{
    Authorizer, Cidr, Decision, GroupCheck, Ip, NamedFormat, Opaque, PathCheck, ResourceCheck, Semver, Url,
};
pub(crate) use plain::{date, plain};
pub(crate) use typed::check_memory;
pub use typed::{ListKind, NodeFields, NodeShape, NodeType, ParseText, TypedList, TypedMap};

use crate::document::{NodeRef, NodeValue};
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
    /// A type, by its name.
    Type(&'a str),
    /// `optional.none()` is `None`.
    Optional(Option<&'a Val<'a>>),
    Opaque(Opaque<'a>),
    Error(Error<'a>),
}

/// A point in time, year 1 to 9999, as Go's `time.Time`. The offset takes no part in comparison.
#[derive(Clone, Copy, Debug)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanos: u32,
    /// Seconds east of UTC, in which the time was written and is written again.
    pub offset: i32,
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Timestamp) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Timestamp) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Timestamp) -> std::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// A span of time in nanoseconds, as Go's `time.Duration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// What an operation or library function gives back.
pub type Result<'a, T = Val<'a>> = std::result::Result<T, Error<'a>>;

impl<'a> Val<'a> {
    /// The value of a document's node.
    #[inline]
    pub fn from_node(node: NodeRef<'a>) -> Val<'a> {
        match node.value() {
            NodeValue::Null => Val::Null,
            NodeValue::Bool(value) => Val::Bool(value),
            NodeValue::Int(value) => Val::Int(value),
            NodeValue::Double(value) => Val::Double(value),
            NodeValue::String(value) => Val::String(value),
            NodeValue::List(list) => Val::List(List::Node(list)),
            NodeValue::Map(map) => Val::Map(Map::Node(map)),
        }
    }

    /// The name of the value's runtime type, as `type(x)` gives it and errors print it.
    pub fn type_name(&self) -> &'a str {
        match self {
            Val::Null => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::String(_) => "string",
            Val::Bytes(_) => "bytes",
            Val::Timestamp(_) => "google.protobuf.Timestamp",
            Val::Duration(_) => "google.protobuf.Duration",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Type(_) => "type",
            Val::Optional(_) => "optional_type",
            Val::Opaque(opaque) => opaque.type_name(),
            Val::Error(_) => "error",
        }
    }

    /// The Go type of a value that cannot be the key of a map there; trying to panics.
    pub(crate) fn unhashable(&self) -> Option<&'static str> {
        match self {
            Val::Bytes(_) => Some("types.Bytes"),
            Val::Opaque(Opaque::Semver(_)) => Some("cel.Semver"),
            Val::Opaque(Opaque::NamedFormat(_)) => Some("cel.Format"),
            _ => None,
        }
    }

    /// cel-go's `Sizer`: how many elements, characters or bytes; `None` for values without a size.
    pub fn size(&self) -> Option<usize> {
        match self {
            Val::String(text) => Some(characters(text)),
            Val::Bytes(bytes) => Some(bytes.len()),
            Val::List(list) => Some(list.len()),
            Val::Map(map) => Some(map.len()),
            _ => None,
        }
    }
}

impl Val<'_> {
    /// The size by which libraries count costs: addresses have one too, others count as one.
    #[inline]
    pub(crate) fn actual_size(&self) -> usize {
        match self {
            Val::Opaque(Opaque::Ip(ip)) => {
                if ip.0.is_ipv4() {
                    4
                } else {
                    16
                }
            }
            Val::Opaque(Opaque::Cidr(network)) => usize::from(network.prefix.div_ceil(8)),
            other => other.size().unwrap_or(1),
        }
    }

    /// The size by which cel-go itself counts costs: it looks into optionals.
    #[inline]
    pub(crate) fn inner_size(&self) -> usize {
        let mut value = self;
        while let Val::Optional(Some(inner)) = value {
            value = inner;
        }
        value.actual_size()
    }
}

/// Characters of a string; CEL counts strings in Unicode code points.
#[inline]
pub fn characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

impl<'a> From<Result<'a>> for Val<'a> {
    #[inline]
    fn from(result: Result<'a>) -> Val<'a> {
        match result {
            Ok(value) => value,
            Err(error) => Val::Error(error),
        }
    }
}
