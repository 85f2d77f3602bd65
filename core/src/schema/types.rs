//! Structs, fields and types, as Go declares them and as their JSON is.

use crate::document::FieldName;

/// The number of a struct within its [`super::Schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StructId(pub(super) u32);

impl StructId {
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a type within its [`super::Schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(super) u32);

/// A Go struct; embedded structs are laid out in place.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Group folder, version and Go name: `core/v1.PodSpec`.
    pub name: &'static str,
    /// In the order of declaration, which is the order of JSON.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: FieldName,
    pub kind: TypeId,
    /// Left out of JSON when empty: `false`, 0, `""`, a nil pointer, an empty list or map.
    pub omit_empty: bool,
    /// Left out of JSON when zero by the type's own judgement.
    pub omit_zero: bool,
    pub required: bool,
    pub nullable: bool,
    pub list: Option<ListType>,
    /// A map or struct that is replaced whole when applied.
    pub atomic: bool,
    /// Strategic merge: `merge`, `retainKeys`, `replace`, joined by commas; may be empty.
    pub patch_strategy: &'static str,
    pub patch_merge_key: Option<&'static str>,
    /// The declared default as JSON. Defaults that functions set are not here.
    pub default: Option<&'static str>,
}

/// How a list is merged, and what its items may not repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    Atomic,
    Set,
    /// The names of the keys, joined by commas.
    Map(&'static str),
}

/// A type, one step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Scalar(Scalar),
    Struct(StructId),
    /// A type with a name of its own; see [`super::Schemas::named`].
    Named(u32),
    Pointer(TypeId),
    List(TypeId),
    /// Keys are strings.
    Map(TypeId),
}

/// A type that is no struct, list or map of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    /// Base64 in JSON.
    Bytes,
    /// RFC 3339 to the second.
    Time,
    /// RFC 3339 to the microsecond.
    MicroTime,
    Duration,
    Quantity,
    IntOrString,
    /// Any object.
    RawExtension,
    /// Any object, as it was written.
    FieldsV1,
    /// Any value.
    Json,
    SchemaOrBool,
    SchemaOrArray,
    SchemaOrStrings,
}

/// A Go type with a name that is no struct.
#[derive(Clone, Debug)]
pub struct Named {
    /// `core/v1.Protocol`.
    pub name: &'static str,
    pub kind: TypeId,
    /// The values of an enum, sorted; empty when any is allowed.
    pub values: Vec<&'static str>,
}

impl Struct {
    /// The field of a name, in the exact case.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.as_str() == name)
    }

    /// As Go prints it: the last part of the package and the name, `v1.PodSpec`.
    pub fn go_name(&self) -> &'static str {
        go_name(self.name)
    }
}

impl Named {
    /// As Go prints it, `v1.Protocol`.
    pub fn go_name(&self) -> &'static str {
        go_name(self.name)
    }
}

impl ListType {
    /// The keys of a list of type map.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        let keys = if let ListType::Map(keys) = self { keys } else { "" };
        keys.split(',').filter(|key| !key.is_empty())
    }
}

fn go_name(name: &'static str) -> &'static str {
    name.split_once('/').map_or(name, |(_, rest)| rest)
}
