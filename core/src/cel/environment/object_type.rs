//! Types with fields that an embedder declares, such as `kubernetes.AdmissionRequest`.

use crate::cel::types::Type;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A named type with typed fields. Its values are maps.
#[derive(Clone, Debug)]
pub struct ObjectType {
    pub(crate) name: Arc<str>,
    pub(crate) fields: HashMap<Arc<str>, Type>,
}

impl ObjectType {
    pub fn new<'n>(name: &str, fields: impl IntoIterator<Item = (&'n str, Type)>) -> ObjectType {
        let fields = fields.into_iter().map(|(name, kind)| (name.into(), kind)).collect();
        ObjectType { name: name.into(), fields }
    }

    /// The type of a value of this object.
    pub fn kind(&self) -> Type {
        Type::Struct(self.name.to_string().into())
    }
}

/// Finds object types by their names, where they are too many to be declared one by one.
pub trait TypeProvider: fmt::Debug + Send + Sync {
    /// Whether an object type has the name.
    fn has_object(&self, name: &str) -> bool;

    /// The type of an object's field; `None` when the object has no such field.
    fn field(&self, object: &str, field: &str) -> Option<Type>;
}
