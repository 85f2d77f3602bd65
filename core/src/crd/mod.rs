//! Custom resources: their schemas and the rules in them, `x-kubernetes-validations`.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema` and `pkg/apiserver/validation`.

mod coercion;
mod correlation;
mod definition;
mod field_path;
mod format;
mod list_type;
mod metadata;
mod object_meta;
mod reading;
mod resource;
mod rule;
mod strategy;
mod structure;
#[cfg(test)]
mod tests;
mod validate;
mod validator;

pub use crate::validation::{ErrorType, FieldError};
pub use coercion::with_defaults;
pub use definition::{STATIC_ESTIMATED_COST_LIMIT, STATIC_ESTIMATED_CRD_COST_LIMIT, check_rules};
pub use reading::reading;
pub use resource::{CustomResourceDefinition, CustomResourceVersion, Scale};
pub use strategy::{CustomResourceStrategy, Validated};
pub use validate::{Inputs, Outcome, RUNTIME_CEL_COST_BUDGET};
pub use validator::Validator;

use crate::validation::{field_error, path};
