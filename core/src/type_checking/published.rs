//! Schemas as the API server publishes them, which is where the type checker takes them from.
//!
//! Source: kubernetes `pkg/generated/openapi` with apiserver `pkg/cel/openapi` for the kinds of Kubernetes,
//! apiextensions-apiserver `pkg/controller/openapi/builder/builder.go` for custom ones.

use super::recursion::{Recursion, Visited};
use crate::admission::GroupVersionKind;
use crate::declaration::{RootMetadata, Schema};
use crate::schema::{Field, Scalar, Schemas, StructId, Structural, Type, TypeId};
use std::sync::Arc;

/// The types of Kubernetes itself, which schemas refer to.
#[derive(Clone, Debug)]
pub(super) struct Definitions {
    pub(super) schemas: Arc<Schemas>,
    recursion: Recursion,
    object_meta: Option<StructId>,
}

/// A schema with all references to others replaced by what they refer to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Published<'s> {
    /// A type of Kubernetes itself; what is said of a field stands beside it.
    BuiltIn {
        of: &'s Definitions,
        kind: TypeId,
        field: Option<&'s Field>,
        within: Visited,
    },
    Struct {
        of: &'s Definitions,
        id: StructId,
        within: Visited,
    },
    /// A part of a custom kind; a resource has its kind and metadata, whatever the schema says of them.
    Custom {
        of: &'s Definitions,
        schema: &'s Structural,
        resource: bool,
    },
    /// `apiVersion` and `kind`.
    Text,
    /// An object of which nothing is known.
    Object,
}

impl Definitions {
    pub(super) fn new(schemas: Arc<Schemas>) -> Definitions {
        Definitions {
            recursion: Recursion::new(&schemas),
            object_meta: schemas.struct_named("meta/v1.ObjectMeta"),
            schemas,
        }
    }

    /// A kind of Kubernetes itself.
    pub(super) fn kind(&self, kind: &GroupVersionKind) -> Option<Published<'_>> {
        let id = self.schemas.kind_id(&kind.api_version(), &kind.kind)?;
        Some(self.structure(id, Visited::default()))
    }

    /// A custom kind.
    pub(super) fn custom<'s>(&'s self, schema: &'s Structural) -> Published<'s> {
        Published::Custom { of: self, schema, resource: true }
    }

    /// Whether values of a type, or what is in them, are published without a type.
    pub(super) fn is_unseen(&self, kind: TypeId) -> bool {
        match self.type_of(kind) {
            Type::List(inner) | Type::Map(inner) => self.is_unseen(inner),
            Type::Scalar(scalar) => scalar != Scalar::IntOrString && scalar_kind(scalar).is_empty(),
            _ => false,
        }
    }

    /// A struct that a schema refers to; one that leads back to itself ends as an object of which nothing is known.
    fn structure(&self, id: StructId, within: Visited) -> Published<'_> {
        match self.recursion.enter(id, within) {
            Some(within) => Published::Struct { of: self, id, within },
            None => Published::Object,
        }
    }

    fn object_meta(&self) -> Published<'_> {
        match self.object_meta {
            Some(id) => self.structure(id, Visited::default()),
            None => Published::Object,
        }
    }

    /// A type through pointers and names of its own.
    fn type_of(&self, kind: TypeId) -> Type {
        let mut found = self.schemas.type_of(kind);
        loop {
            let inner = match found {
                Type::Pointer(inner) => Some(inner),
                Type::Named(number) => self.schemas.named(number).map(|named| named.kind),
                _ => None,
            };
            match inner {
                Some(inner) => found = self.schemas.type_of(inner),
                None => return found,
            }
        }
    }

    fn built_in<'s>(&'s self, kind: TypeId, field: Option<&'s Field>, within: Visited) -> Published<'s> {
        match self.type_of(kind) {
            Type::Struct(id) => self.structure(id, within),
            _ => Published::BuiltIn { of: self, kind, field, within },
        }
    }

    /// A part of a custom kind.
    fn part<'s>(&'s self, schema: &'s Structural) -> Published<'s> {
        Published::Custom { of: self, schema, resource: schema.embedded_resource }
    }
}

impl<'s> Published<'s> {
    fn scalar(self) -> Option<Scalar> {
        match self {
            Published::BuiltIn { of, kind, .. } => match of.type_of(kind) {
                Type::Scalar(scalar) => Some(scalar),
                _ => None,
            },
            _ => None,
        }
    }

    fn structural(self) -> Option<&'s Structural> {
        if let Published::Custom { schema, .. } = self { Some(schema) } else { None }
    }

    /// The fields of a struct.
    fn fields(self) -> &'s [Field] {
        match self {
            Published::Struct { of, id, .. } => &of.schemas.structure(id).fields,
            _ => &[],
        }
    }

    fn property(self, name: &str) -> Option<Published<'s>> {
        self.properties().find(|(property, _)| *property == name).map(|(_, property)| property)
    }
}

impl<'s> Schema<'s> for Published<'s> {
    fn kind(self) -> &'s str {
        match self {
            Published::Struct { .. } | Published::Object => "object",
            Published::Text => "string",
            Published::Custom { schema, .. } => schema.kind.as_str(),
            Published::BuiltIn { of, kind, .. } => match of.type_of(kind) {
                Type::List(_) => "array",
                Type::Map(_) | Type::Struct(_) => "object",
                Type::Scalar(scalar) => scalar_kind(scalar),
                Type::Pointer(_) | Type::Named(_) => "",
            },
        }
    }

    fn format(self) -> &'s str {
        match self.scalar() {
            Some(Scalar::Bytes) => "byte",
            Some(Scalar::Time | Scalar::MicroTime) => "date-time",
            _ => self.structural().map_or("", |schema| &schema.value.format),
        }
    }

    fn items(self) -> Option<Self> {
        match self {
            Published::BuiltIn { of, kind, within, .. } => match of.type_of(kind) {
                Type::List(element) => Some(of.built_in(element, None, within)),
                _ => None,
            },
            Published::Custom { of, schema, .. } => schema.items.as_deref().map(|items| of.part(items)),
            _ => None,
        }
    }

    fn properties(self) -> impl Iterator<Item = (&'s str, Self)> {
        let built_in = self.fields().iter().filter_map(move |field| match self {
            Published::Struct { of, within, .. } => {
                Some((field.name.as_str(), of.built_in(field.kind, Some(field), within)))
            }
            _ => None,
        });
        let own = match self {
            Published::Custom { of, schema, resource } => Some((of, schema, resource)),
            _ => None,
        };
        let of_resource = |name: &str| matches!(name, "apiVersion" | "kind" | "metadata");
        let custom = own.into_iter().flat_map(move |(of, schema, resource)| {
            let own = schema.properties.iter().map(move |(name, property)| (&**name, of.part(property)));
            let own = own.filter(move |(name, _)| !(resource && of_resource(name)));
            let given =
                [("apiVersion", Published::Text), ("kind", Published::Text), ("metadata", of.object_meta())];
            own.chain(given.into_iter().filter(move |_| resource))
        });
        built_in.chain(custom)
    }

    fn additional_properties(self) -> Option<Self> {
        match self {
            Published::BuiltIn { of, kind, within, .. } => match of.type_of(kind) {
                Type::Map(value) => Some(of.built_in(value, None, within)),
                _ => None,
            },
            Published::Custom { of, schema, .. } => schema.additional_schema().map(|schema| of.part(schema)),
            _ => None,
        }
    }

    fn requires(self, name: &str) -> bool {
        self.fields().iter().any(|field| field.required && field.name.as_str() == name)
            || self.structural().is_some_and(|schema| schema.requires(name))
    }

    fn has_default(self) -> bool {
        match self {
            Published::BuiltIn { field, .. } => field.is_some_and(|field| field.default.is_some()),
            _ => self.structural().is_some_and(|schema| schema.default.is_some()),
        }
    }

    fn max_length(self) -> Option<i64> {
        self.structural()?.value.max_length
    }

    fn max_items(self) -> Option<i64> {
        self.structural()?.value.max_items
    }

    fn max_properties(self) -> Option<i64> {
        self.structural()?.value.max_properties
    }

    fn longest_enum(self) -> Option<usize> {
        match self {
            Published::BuiltIn { of, kind, .. } => match of.schemas.type_of(kind) {
                Type::Named(number) => of.schemas.named(number)?.values.iter().map(|value| value.len()).max(),
                _ => None,
            },
            _ => self.structural()?.longest_enum(),
        }
    }

    fn is_int_or_string(self) -> bool {
        self.scalar() == Some(Scalar::IntOrString)
            || self.structural().is_some_and(|schema| schema.int_or_string)
            || self.format() == "int-or-string"
    }

    fn is_embedded_resource(self) -> bool {
        self.structural().is_some_and(|schema| schema.embedded_resource)
    }

    fn root_metadata(self) -> Option<RootMetadata> {
        let is = |property: Option<Self>, kind| property.is_some_and(|property| property.kind() == kind);
        let metadata = self.property("metadata");
        let named = |name| is(metadata.and_then(|metadata| metadata.property(name)), "string");
        let complete = is(self.property("kind"), "string")
            && is(self.property("apiVersion"), "string")
            && is(metadata, "object")
            && named("name")
            && named("generateName");
        (!complete).then(RootMetadata::default)
    }
}

/// `""` for what may be one of several types: the type checker does not see such fields, quantities among them.
fn scalar_kind(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::String | Scalar::Bytes | Scalar::Time | Scalar::MicroTime | Scalar::Duration => "string",
        Scalar::Bool => "boolean",
        Scalar::Int32 | Scalar::Int64 => "integer",
        Scalar::Float64 => "number",
        Scalar::RawExtension | Scalar::FieldsV1 => "object",
        Scalar::IntOrString
        | Scalar::Quantity
        | Scalar::Json
        | Scalar::SchemaOrBool
        | Scalar::SchemaOrArray
        | Scalar::SchemaOrStrings => "",
    }
}
