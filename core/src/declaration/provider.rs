//! Declared types found by their names, which are paths.
//!
//! Source: apiserver `pkg/cel/types.go`, `DeclTypeProvider`.

use super::declare::cel_type;
use super::{DeclType, Schema, Shape, escape};
use crate::cel::environment::TypeProvider;
use crate::cel::types::Type;
use std::sync::Arc;

/// Declared types under the names that [`DeclType::cel_type`] gives them and what is in them. The name of a type is
/// only made when an expression reaches it, so that large schemas cost nothing.
///
/// ```
/// use kordon::cel::environment::{Env, Version};
/// use kordon::declaration::{DeclaredTypes, declare};
/// use kordon::document::{Limits, Object};
/// use kordon::schema::Structural;
/// use std::sync::Arc;
/// let json = br#"{"type": "object", "properties": {"ports": {"type": "array", "items": {"type": "object"}}}}"#;
/// let schema = Object::from_json(json, &Limits::default()).unwrap();
/// let schema = Structural::read(schema.root()).unwrap();
/// let kind = declare(&schema, false).unwrap();
/// let object = kind.cel_type("Service");
/// let mut types = DeclaredTypes::default();
/// types.insert("Service", Arc::new(kind));
/// let env = Env::kubernetes(Version::default()).with_variable("object", object).with_types(Arc::new(types));
/// let issues = env.check("object.ports[0] == 1").unwrap_err();
/// assert!(issues.to_string().contains("applied to '(Service.ports.@idx, int)'"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct DeclaredTypes {
    roots: Vec<(Box<str>, Arc<DeclType>)>,
}

impl DeclaredTypes {
    /// Adds a type under a name.
    pub fn insert(&mut self, name: &str, kind: Arc<DeclType>) {
        self.roots.push((name.into(), kind));
    }

    fn find(&self, name: &str) -> Option<&DeclType> {
        self.roots.iter().find_map(|(root, kind)| {
            let path = name.strip_prefix(&**root)?;
            let steps = if path.is_empty() { None } else { Some(path.strip_prefix('.')?.split('.')) };
            steps.into_iter().flatten().try_fold(&**kind, |kind, step| match (&kind.shape, step) {
                (Shape::List(element), "@idx") | (Shape::Map(element), "@elem") => Some(&**element),
                (Shape::Object(fields), name) => fields.get(name).map(|field| &**field),
                _ => None,
            })
        })
    }
}

impl TypeProvider for DeclaredTypes {
    fn has_object(&self, name: &str) -> bool {
        self.find(name).is_some_and(|kind| matches!(kind.shape, Shape::Object(_)))
    }

    fn field(&self, object: &str, field: &str) -> Option<Type> {
        Some(self.find(object)?.field(field)?.cel_type(&format!("{object}.{field}")))
    }
}

/// A place in a schema that a type's name leads to, for types that are not declared before they are asked for. What is
/// there is what [`declare`](super::declare()) would make of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TypeAt<S> {
    Schema {
        schema: S,
        is_resource_root: bool,
    },
    /// What stands in for `metadata` at the root of a resource.
    Metadata,
    Text,
}

impl<'s, S: Schema<'s>> TypeAt<S> {
    pub(crate) fn root(schema: S) -> TypeAt<S> {
        TypeAt::Schema { schema, is_resource_root: true }
    }

    fn within(schema: S) -> TypeAt<S> {
        TypeAt::Schema { schema, is_resource_root: schema.is_embedded_resource() }
    }

    /// The type under a name, as [`DeclType::cel_type`] gives it.
    pub(crate) fn cel_type(self, name: &str) -> Option<Type> {
        match self {
            TypeAt::Schema { schema, is_resource_root } => cel_type(schema, is_resource_root, name),
            TypeAt::Metadata => Some(Type::Struct(name.to_owned().into())),
            TypeAt::Text => Some(Type::String),
        }
    }

    pub(crate) fn is_object(self) -> bool {
        matches!(self.cel_type(""), Some(Type::Struct(_)))
    }

    /// The type that a path leads to, such as `spec.containers.@idx.image`.
    pub(crate) fn find<'p>(self, path: impl IntoIterator<Item = &'p str>) -> Option<TypeAt<S>> {
        path.into_iter().try_fold(self, |at, step| match (step, at.cel_type("")?) {
            ("@idx", Type::List(_)) => Some(TypeAt::within(at.schema()?.items()?)),
            ("@elem", Type::Map(..)) => Some(TypeAt::within(at.schema()?.additional_properties()?)),
            (name, Type::Struct(_)) => at.field(name),
            _ => None,
        })
    }

    fn schema(self) -> Option<S> {
        if let TypeAt::Schema { schema, .. } = self { Some(schema) } else { None }
    }

    /// A field of an object by its escaped name.
    fn field(self, name: &str) -> Option<TypeAt<S>> {
        let (schema, is_resource_root) = match self {
            TypeAt::Schema { schema, is_resource_root } => (schema, is_resource_root),
            TypeAt::Metadata => return matches!(name, "name" | "generateName").then_some(TypeAt::Text),
            TypeAt::Text => return None,
        };
        if is_resource_root
            && matches!(name, "apiVersion" | "kind" | "metadata")
            && schema.root_metadata().is_some()
        {
            return Some(if name == "metadata" { TypeAt::Metadata } else { TypeAt::Text });
        }
        // An escaped name begins as the name does, or with an escape.
        let may_be =
            |property: &str| property.as_bytes().first() == name.as_bytes().first() || name.starts_with("__");
        let named = schema
            .properties()
            .filter(|(property, _)| may_be(property) && escape(property).is_some_and(|own| own == name));
        // What has no type is no field.
        let typed =
            named.map(|(_, property)| TypeAt::within(property)).filter(|field| field.cel_type("").is_some());
        typed.last()
    }
}
