//! CEL types, as cel-go's `types.Type`.

mod assign;
mod format;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use assign::Mapping;
pub use format::Declared;

/// A CEL type. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// Anything; checked at evaluation.
    Dyn,
    /// google.protobuf.Any; behaves as `dyn` in the checker.
    Any,
    /// The type of an expression that failed to check.
    Error,
    /// A wrapper such as google.protobuf.Int64Value: the primitive or null.
    Wrapper(Arc<Type>),
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    /// `type(x)`; the inner type is `None` when unknown.
    Type(Option<Arc<Type>>),
    /// A message or other type with fields, by its full name.
    Struct(Cow<'static, str>),
    /// A named type with parameters: `optional_type(T)`, `net.IP`, `kubernetes.Quantity`, …
    Opaque(Cow<'static, str>, Arc<[Type]>),
    /// A type parameter of an overload.
    Param(Cow<'static, str>),
}

/// Name of the opaque type of optional values.
pub const OPTIONAL: &str = "optional_type";

impl Type {
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    pub fn optional(value: Type) -> Type {
        Type::Opaque(Cow::Borrowed(OPTIONAL), Arc::from([value]))
    }

    pub fn opaque(name: &'static str) -> Type {
        Type::Opaque(Cow::Borrowed(name), Arc::from([]))
    }

    pub fn param(name: &'static str) -> Type {
        Type::Param(Cow::Borrowed(name))
    }

    pub fn type_of(inner: Type) -> Type {
        Type::Type(Some(Arc::new(inner)))
    }

    /// `dyn`, or what the checker treats as `dyn`.
    pub fn is_dyn(&self) -> bool {
        matches!(self, Type::Dyn | Type::Any)
    }

    /// The runtime name, what `string(type(x))` prints: `int`, `list`, `google.protobuf.Timestamp`, …
    pub fn name(&self) -> &str {
        match self {
            Type::Null => "null_type",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Uint => "uint",
            Type::Double => "double",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Timestamp => "google.protobuf.Timestamp",
            Type::Duration => "google.protobuf.Duration",
            Type::Dyn => "dyn",
            Type::Any => "google.protobuf.Any",
            Type::Error => "*error*",
            Type::Wrapper(inner) => format::wrapper_name(inner),
            Type::List(_) => "list",
            Type::Map(..) => "map",
            Type::Type(_) => "type",
            Type::Struct(name) | Type::Opaque(name, _) | Type::Param(name) => name,
        }
    }
}
