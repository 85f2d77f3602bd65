//! What Kubernetes has built in, as data: kinds and their fields, resources, and when versions came and went.
//!
//! One table holds versions 1.30 to 1.37. Types that stay the same stand in it once; a line that not all versions have
//! carries the versions that do. It is plain text, 0.2 MiB and 30 KiB when compressed, so that a version bump is a
//! readable change; only what a version has is taken from it, and only when asked for.
//!
//! `cargo xtask schema` writes the table from the OpenAPI and discovery documents of each version, and from the Go types
//! what these do not say: which fields vanish when empty, and which are pointers. The feature `schemas` leaves it out.
//!
//! Beside it stands the schema of what is not built in, [`Structural`].

mod read;
mod resources;
mod structural;
mod types;

pub use resources::{Life, Resource};
pub use structural::{
    AdditionalProperties, JsonType, MAX_DEPTH, SchemaProblem, Structural, Text, ValidationRule,
    ValueValidation,
};
pub use types::{Field, ListType, Named, Scalar, Struct, StructId, Type, TypeId};

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::RangeInclusive;

#[cfg(feature = "schemas")]
const TABLE: &str = include_str!("kubernetes.txt");
#[cfg(not(feature = "schemas"))]
const TABLE: &str = "";

/// The kinds of one Kubernetes version.
#[derive(Clone, Debug)]
pub struct Schemas {
    minor: u16,
    structs: Vec<Struct>,
    types: Vec<Type>,
    named: Vec<Named>,
    kinds: HashMap<(&'static str, &'static str), StructId>,
    resources: Vec<Resource>,
    lives: Vec<Life>,
}

impl Schemas {
    /// The minor versions of Kubernetes 1.x that the table holds.
    pub const VERSIONS: RangeInclusive<u16> = 30..=37;

    /// The kinds of Kubernetes 1.`minor`; `None` when the table does not hold it or was left out of the build.
    ///
    /// ```
    /// use kordon::schema::Schemas;
    /// let schemas = Schemas::for_version(37).unwrap();
    /// let deployment = schemas.kind("apps/v1", "Deployment").unwrap();
    /// let spec = schemas.field_struct(deployment, "spec").unwrap();
    /// assert_eq!(spec.name, "apps/v1.DeploymentSpec");
    /// assert!(spec.field("selector").unwrap().required);
    /// assert!(spec.field("replica").is_none());
    /// ```
    pub fn for_version(minor: u16) -> Option<Schemas> {
        if TABLE.is_empty() || !Schemas::VERSIONS.contains(&minor) {
            return None;
        }
        Some(read::read(TABLE, minor))
    }

    /// The version that this is, the number after `1.`.
    pub fn minor(&self) -> u16 {
        self.minor
    }

    /// The struct of a kind, by `apiVersion` and `kind` as objects carry them.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Struct> {
        self.kind_id(api_version, kind).map(|id| self.structure(id))
    }

    /// The same as a number.
    pub fn kind_id(&self, api_version: &str, kind: &str) -> Option<StructId> {
        self.kinds.get(&(api_version, kind)).copied()
    }

    /// All kinds: `apiVersion`, kind and struct.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, &Struct)> {
        self.kinds.iter().map(|(&(version, kind), &id)| (version, kind, self.structure(id)))
    }

    /// All structs, kinds and their parts.
    pub fn structs(&self) -> &[Struct] {
        &self.structs
    }

    /// The same with their numbers.
    pub fn struct_ids(&self) -> impl Iterator<Item = (StructId, &Struct)> {
        self.structs.iter().zip(0..).map(|(own, number)| (StructId(number), own))
    }

    /// The number of a struct by its name.
    pub fn struct_named(&self, name: &str) -> Option<StructId> {
        self.struct_ids().find_map(|(id, own)| (own.name == name).then_some(id))
    }

    /// A struct by its number.
    #[inline]
    pub fn structure(&self, id: StructId) -> &Struct {
        static NONE: Struct = Struct { name: "", fields: Vec::new() };
        self.structs.get(id.0 as usize).unwrap_or(&NONE)
    }

    /// A type by its number.
    #[inline]
    pub fn type_of(&self, id: TypeId) -> Type {
        self.types.get(id.0 as usize).copied().unwrap_or(Type::Scalar(Scalar::Json))
    }

    /// A type that has a name of its own, such as `core/v1.Protocol`.
    pub fn named(&self, id: u32) -> Option<&Named> {
        self.named.get(id as usize)
    }

    /// The struct in a field, through pointers, lists and maps.
    pub fn field_struct(&self, within: &Struct, field: &str) -> Option<&Struct> {
        let mut id = within.field(field)?.kind;
        loop {
            match self.type_of(id) {
                Type::Struct(found) => return Some(self.structure(found)),
                Type::Pointer(inner) | Type::List(inner) | Type::Map(inner) => id = inner,
                Type::Named(number) => id = self.named(number)?.kind,
                Type::Scalar(_) => return None,
            }
        }
    }
}
