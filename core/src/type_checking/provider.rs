//! The types of kinds, which are only made when an expression reaches them.

use super::definition::Definition;
use super::published::{Definitions, Published};
use crate::admission::GroupVersionKind;
use crate::cel::environment::TypeProvider;
use crate::cel::types::Type;
use crate::declaration::TypeAt;
use std::sync::Arc;

/// Kinds under names of types, such as `Deployment`, and what is in them, such as `Deployment.spec`.
#[derive(Clone, Debug)]
pub(super) struct KindTypes {
    definitions: Arc<Definitions>,
    custom: Arc<Vec<Definition>>,
    roots: Vec<(String, GroupVersionKind)>,
}

impl KindTypes {
    pub(super) fn new(definitions: &Arc<Definitions>, custom: &Arc<Vec<Definition>>) -> KindTypes {
        KindTypes { definitions: Arc::clone(definitions), custom: Arc::clone(custom), roots: Vec::new() }
    }

    /// Adds a kind; gives its type, or `None` when it has none.
    pub(super) fn insert(&mut self, name: String, kind: &GroupVersionKind) -> Option<Type> {
        let found = TypeAt::root(schema_of(&self.definitions, &self.custom, kind)?).cel_type(&name)?;
        self.roots.push((name, kind.clone()));
        Some(found)
    }

    fn find(&self, name: &str) -> Option<TypeAt<Published<'_>>> {
        self.roots.iter().find_map(|(root, kind)| {
            let path = name.strip_prefix(root.as_str())?;
            let root = TypeAt::root(schema_of(&self.definitions, &self.custom, kind)?);
            if path.is_empty() { Some(root) } else { root.find(path.strip_prefix('.')?.split('.')) }
        })
    }
}

impl TypeProvider for KindTypes {
    fn has_object(&self, name: &str) -> bool {
        self.find(name).is_some_and(TypeAt::is_object)
    }

    fn field(&self, object: &str, field: &str) -> Option<Type> {
        self.find(object)?.find([field])?.cel_type(&format!("{object}.{field}"))
    }
}

/// The schema of a kind, built in or custom.
pub(super) fn schema_of<'s>(
    definitions: &'s Definitions,
    custom: &'s [Definition],
    kind: &GroupVersionKind,
) -> Option<Published<'s>> {
    let custom = || {
        let schema = custom.iter().find_map(|definition| definition.schema(kind))?;
        Some(definitions.custom(schema))
    };
    definitions.kind(kind).or_else(custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::{DeclaredTypes, declare};
    use crate::schema::Schemas;

    /// Every field of every kind has the type that it has when kinds are declared as a whole.
    #[test]
    fn types_are_those_of_declared_kinds() {
        let schemas = Arc::new(Schemas::for_version(37).unwrap());
        // Lists are their items once more.
        let kinds: Vec<GroupVersionKind> = schemas
            .kinds()
            .filter(|(_, kind, _)| !kind.ends_with("List"))
            .map(|(version, kind, _)| GroupVersionKind::from_api_version(version, kind))
            .collect();
        let definitions = Arc::new(Definitions::new(schemas));
        let mut fields = 0;
        for kind in kinds {
            let mut types = KindTypes::new(&definitions, &Arc::default());
            let found = types.insert("Root".to_owned(), &kind);
            let declared = schema_of(&definitions, &[], &kind).and_then(|schema| declare(schema, true));
            assert_eq!(found, declared.as_ref().map(|declared| declared.cel_type("Root")), "{kind}");
            let Some(declared) = declared else { continue };
            let objects = declared.object_types("Root");
            let mut whole = DeclaredTypes::default();
            whole.insert("Root", Arc::new(declared));
            for object in objects {
                let name = &*object.name;
                assert!(types.has_object(name) && !types.has_object(&format!("{name}.none")));
                let known = object.fields.keys().map(|field| &**field);
                for field in known.chain(["none", "@idx", "@elem", "name", "metadata"]) {
                    assert_eq!(types.field(name, field), whole.field(name, field), "{kind} {name}.{field}");
                    fields += 1;
                }
            }
        }
        assert!(fields > 30_000, "{fields}");
    }
}
