//! Declared types found by their names, which are paths.
//!
//! Source: apiserver `pkg/cel/types.go`, `DeclTypeProvider`.

use super::{DeclType, Shape};
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
