//! What a schema is to CEL: types, the fields of objects, and how large values may become.
//!
//! The API server declares built-in kinds and custom resources by the same code, and so does this: [`Schema`] is what
//! is asked of either.
//!
//! Source: apiserver `pkg/cel/common/schemas.go`, `pkg/cel/types.go`.

mod declare;
mod provider;
mod structural;
#[cfg(test)]
mod tests;

pub use declare::declare;
pub use provider::DeclaredTypes;
pub(crate) use provider::TypeAt;

use crate::cel::environment::{Env, ObjectType};
use crate::cel::types::Type;
pub use crate::cel::value::{escape, unescape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How large a request may be: what bounds everything whose size the schema leaves open.
///
/// Source: apiserver `pkg/apis/cel/config.go`.
pub const MAX_REQUEST_SIZE_BYTES: i64 = 3 * 1024 * 1024;

/// What a declaration asks of a schema. Implementations are references; a schema that contains itself must end
/// somewhere, since all of it is walked.
pub trait Schema<'s>: Copy {
    /// `object`, `array`, `string`, …; empty when not set.
    fn kind(self) -> &'s str;
    fn format(self) -> &'s str;
    fn items(self) -> Option<Self>;
    fn properties(self) -> impl Iterator<Item = (&'s str, Self)>;
    /// The schema of fields without a property, where there is one.
    fn additional_properties(self) -> Option<Self>;
    /// Whether a property must be there.
    fn requires(self, name: &str) -> bool;
    fn has_default(self) -> bool;
    fn max_length(self) -> Option<i64>;
    fn max_items(self) -> Option<i64>;
    fn max_properties(self) -> Option<i64>;
    /// Bytes of the longest string of `enum`; `None` without an enum.
    fn longest_enum(self) -> Option<usize>;
    fn is_int_or_string(self) -> bool;
    fn is_embedded_resource(self) -> bool;
    /// What stands in for `metadata` at the root of a resource, beside `kind` and `apiVersion` as plain strings;
    /// `None` where the schema has all of them itself.
    fn root_metadata(self) -> Option<RootMetadata>;
}

/// Longest `name` and `generateName` of a `metadata` that the schema does not spell out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootMetadata {
    pub name: Option<i64>,
    pub generate_name: Option<i64>,
}

/// The type of a value with what its schema says of its size: apiserver's `DeclType`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclType {
    pub shape: Shape,
    /// The most elements, entries or bytes; 0 for values without a size.
    pub max_elements: i64,
    /// The fewest bytes that a value has as JSON.
    pub min_serialized_size: i64,
}

/// What a declared type is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Scalar(Type),
    List(Arc<DeclType>),
    /// Keys are strings.
    Map(Arc<DeclType>),
    /// By their escaped names.
    Object(BTreeMap<Box<str>, Arc<DeclType>>),
}

impl DeclType {
    /// The CEL type when the type is known under a name; types within it are named by their paths, as
    /// `name.field.@idx.field` and `name.@elem`.
    pub fn cel_type(&self, name: &str) -> Type {
        match &self.shape {
            Shape::Scalar(kind) => kind.clone(),
            Shape::List(element) => Type::list(element.cel_type(&format!("{name}.@idx"))),
            Shape::Map(element) => Type::map(Type::String, element.cel_type(&format!("{name}.@elem"))),
            Shape::Object(_) => Type::Struct(name.to_owned().into()),
        }
    }

    /// The object types within the type, and it itself when it is one, for [`Env::with_object`].
    pub fn object_types(&self, name: &str) -> Vec<ObjectType> {
        let mut found = Vec::new();
        self.gather(name, &mut found);
        found
    }

    /// An environment with the types, and the CEL type of a variable.
    pub fn declare(&self, name: &str, env: Env) -> (Env, Type) {
        let env = self.object_types(name).into_iter().fold(env.with_declared_types(), Env::with_object);
        (env, self.cel_type(name))
    }

    /// The most elements at a path of CEL field names, `@items`, `@values` and `@keys`; `None` where the path leads
    /// nowhere.
    ///
    /// Source: apiextensions-apiserver `pkg/apiserver/schema/cel/compilation.go`, `sizeEstimator`.
    pub fn max_size<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<u64> {
        let mut at = self;
        let mut path = path.into_iter();
        while let Some(step) = path.next() {
            at = match (&at.shape, step) {
                (Shape::List(element) | Shape::Map(element), "@items" | "@values") => element,
                (Shape::Map(_), "@keys") => return path.next().is_none().then_some(0),
                (Shape::Object(fields), name) => fields.get(name)?,
                _ => return None,
            };
        }
        Some(at.max_elements as u64)
    }

    /// The type of a field of an object, by its escaped name.
    pub fn field(&self, name: &str) -> Option<&Arc<DeclType>> {
        if let Shape::Object(fields) = &self.shape { fields.get(name) } else { None }
    }

    /// The type of the items of a list or the values of a map.
    pub fn element(&self) -> Option<&Arc<DeclType>> {
        match &self.shape {
            Shape::List(element) | Shape::Map(element) => Some(element),
            _ => None,
        }
    }

    fn gather(&self, name: &str, found: &mut Vec<ObjectType>) {
        match &self.shape {
            Shape::Scalar(_) => {}
            Shape::List(element) => element.gather(&format!("{name}.@idx"), found),
            Shape::Map(element) => element.gather(&format!("{name}.@elem"), found),
            Shape::Object(fields) => {
                let path = |field: &str| format!("{name}.{field}");
                let types = fields.iter().map(|(field, kind)| (&**field, kind.cel_type(&path(field))));
                found.push(ObjectType::new(name, types));
                for (field, kind) in fields {
                    kind.gather(&path(field), found);
                }
            }
        }
    }
}
