//! Structs that contain themselves, where replacing references by what they refer to must end.
//!
//! Source: apiserver `pkg/cel/openapi/resolver/refs.go`.

use crate::schema::{Schemas, Struct, StructId, Type, TypeId};
use std::collections::{HashMap, HashSet};

/// The structs of a version that contain themselves, each with a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Recursion(HashMap<StructId, u32>);

/// Which of them a schema is within.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visited(u64);

impl Recursion {
    pub(super) fn new(schemas: &Schemas) -> Recursion {
        let parts =
            |own: &Struct| own.fields.iter().filter_map(|field| struct_in(schemas, field.kind)).collect();
        let mut left: HashMap<StructId, Vec<StructId>> =
            schemas.struct_ids().map(|(id, own)| (id, parts(own))).collect();
        // What contains no struct, or none that is left, contains itself neither; nor does what none that is left
        // contains.
        loop {
            let before = left.len();
            let known: HashSet<StructId> = left.keys().copied().collect();
            left.retain(|_, parts| {
                parts.retain(|part| known.contains(part));
                !parts.is_empty()
            });
            let contained: HashSet<StructId> = left.values().flatten().copied().collect();
            left.retain(|own, _| contained.contains(own));
            if left.len() == before {
                let mut left: Vec<StructId> = left.into_keys().collect();
                left.sort_unstable();
                return Recursion(left.into_iter().zip(0..).collect());
            }
        }
    }

    /// What a schema within the struct is within; `None` when it is within it already.
    pub(super) fn enter(&self, id: StructId, within: Visited) -> Option<Visited> {
        let Some(&number) = self.0.get(&id) else { return Some(within) };
        // Kubernetes has a few of these. More than can be told apart would count as visited.
        let bit = 1_u64.checked_shl(number)?;
        (within.0 & bit == 0).then_some(Visited(within.0 | bit))
    }
}

fn struct_in(schemas: &Schemas, mut kind: TypeId) -> Option<StructId> {
    loop {
        kind = match schemas.type_of(kind) {
            Type::Struct(id) => return Some(id),
            Type::Pointer(inner) | Type::List(inner) | Type::Map(inner) => inner,
            Type::Named(number) => schemas.named(number)?.kind,
            Type::Scalar(_) => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_structs_contain_themselves() {
        for minor in Schemas::VERSIONS {
            let schemas = Schemas::for_version(minor).unwrap();
            let recursion = Recursion::new(&schemas);
            let mut names: Vec<&str> = recursion.0.keys().map(|&id| schemas.structure(id).name).collect();
            names.retain(|name| !name.ends_with(".CompositePodGroupTemplate"));
            assert_eq!(names, ["apiextensions/v1.JSONSchemaProps"]);
            assert!(recursion.0.len() <= 64);
        }
    }

    #[test]
    fn a_struct_is_entered_once() {
        let schemas = Schemas::for_version(37).unwrap();
        let recursion = Recursion::new(&schemas);
        let id = schemas.struct_named("apiextensions/v1.JSONSchemaProps").unwrap();
        let within = recursion.enter(id, Visited::default()).unwrap();
        assert!(recursion.enter(id, within).is_none());
        let pod = schemas.kind_id("v1", "Pod").unwrap();
        assert!(recursion.enter(pod, within).is_some());
    }
}
