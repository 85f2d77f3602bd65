//! Custom resources: the rules of their schemas, `x-kubernetes-validations`.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel`.

mod correlation;
mod defaulting;
mod definition;
mod field_error;
mod field_path;
mod format;
mod path;
mod reading;
mod resource;
mod rule;
#[cfg(test)]
mod tests;
mod validate;
mod validator;

pub use defaulting::with_defaults;
pub use definition::{STATIC_ESTIMATED_COST_LIMIT, STATIC_ESTIMATED_CRD_COST_LIMIT, check_rules};
pub use field_error::{ErrorType, FieldError};
pub use reading::reading;
pub use resource::{CustomResourceDefinition, CustomResourceVersion};
pub use validate::{Inputs, Outcome, RUNTIME_CEL_COST_BUDGET};
pub use validator::Validator;
