//! What the API server refuses of objects of built-in kinds because of the `+k8s:` tags of their fields.
//!
//! Kubernetes generates Go code of these tags. `cargo xtask schema` reads that code and writes what of it is enforced as a
//! table, `kubernetes.txt`; here the table is applied to objects as [`Scheme::admit`] gives them. Rules marked alpha are
//! never enforced, those marked beta are with the defaults of 1.37, and take the place of errors of validation written by
//! hand. What else is validated by hand is not here.
//!
//! Source: apiserver `pkg/registry/rest/validate.go`, apimachinery `pkg/api/validate`.

mod collections;
mod equality;
pub(crate) mod field_error;
pub(crate) mod formats;
pub(crate) mod path;
mod rules;
mod table;
#[cfg(test)]
mod tests;
mod walk;

pub use field_error::{ErrorType, FieldError};

use crate::document::{NodeRef, Object};
use crate::typed::Scheme;
use table::Table;
use walk::Walk;

/// The rules of built-in kinds; made once, then used for many objects.
#[derive(Debug)]
pub struct Validator {
    table: Table,
}

impl Validator {
    /// The rules of Kubernetes 1.`minor`: there are those of 1.37.
    pub fn for_version(minor: u16) -> Option<Validator> {
        Some(Validator { table: Table::read().filter(|_| minor == table::MINOR)? })
    }

    /// What the API server refuses of an admitted object, which may update another as it is stored; its own order, and
    /// its own words. Of an update only what changes is looked at.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// use kordon::typed::{Options, Scheme};
    /// use kordon::validation::Validator;
    ///
    /// let scheme = Scheme::for_version(37).unwrap();
    /// let written = br#"{"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}}"#;
    /// let written = Object::from_json(written, &Limits::default())?;
    /// let admitted = scheme.admit(&written, &Options::default())?.unwrap();
    /// let errors = Validator::for_version(37).unwrap().validate(&scheme, &admitted.object, None);
    /// assert_eq!(errors[0].to_string(), "spec.schedule: Required value");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validate(&self, scheme: &Scheme, object: &Object, old: Option<&Object>) -> Vec<FieldError> {
        let root = object.root();
        let head = |name: &str| root.field(name).and_then(NodeRef::as_str).unwrap_or_default();
        let (api_version, kind) = (head("apiVersion"), head("kind"));
        let schemas = scheme.schemas();
        let Some(id) = schemas.kind_id(api_version, kind) else { return Vec::new() };
        let name = schemas.structure(id).name;
        if !self.table.of(name).is_some_and(|own| own.is_kind) {
            return Vec::new();
        }
        // What cannot be read in the version of the request is refused before.
        let Ok(old) = old.map(|old| scheme.convert(old, api_version)).transpose() else { return Vec::new() };
        Walk::new(&self.table, schemas, old.is_some()).object(name, id, root, old.as_ref().map(Object::root))
    }
}
