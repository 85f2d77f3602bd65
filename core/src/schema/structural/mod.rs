//! Structural schemas: the OpenAPI v3 that a CustomResourceDefinition carries.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/structural.go`, `convert.go`.

mod read;
#[cfg(test)]
mod tests;

pub use read::{MAX_DEPTH, SchemaProblem};

use crate::document::Object;
use crate::source::Span;
use std::collections::BTreeMap;

/// A schema of a value. The clauses of `allOf`, `anyOf`, `oneOf` and `not` have the same shape, though a structural
/// schema may not set everything in them.
#[derive(Clone, Debug, Default)]
pub struct Structural {
    pub kind: JsonType,
    pub nullable: bool,
    pub default: Option<Object>,
    pub items: Option<Box<Structural>>,
    pub properties: BTreeMap<Box<str>, Structural>,
    pub additional_properties: Option<AdditionalProperties>,
    /// `x-kubernetes-int-or-string`.
    pub int_or_string: bool,
    /// `x-kubernetes-embedded-resource`.
    pub embedded_resource: bool,
    /// `x-kubernetes-preserve-unknown-fields`.
    pub preserve_unknown_fields: bool,
    /// `x-kubernetes-list-type`: `atomic`, `set` or `map`.
    pub list_type: Option<Box<str>>,
    /// `x-kubernetes-list-map-keys`.
    pub list_map_keys: Vec<Box<str>>,
    /// `x-kubernetes-map-type`: `granular` or `atomic`.
    pub map_type: Option<Box<str>>,
    /// `x-kubernetes-validations`.
    pub validations: Vec<ValidationRule>,
    pub value: ValueValidation,
    /// The place of the schema.
    pub span: Span,
}

/// The `type` of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum JsonType {
    #[default]
    Unset,
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
    /// None that there is.
    Other(Box<str>),
}

/// What fields without a property may be.
#[derive(Clone, Debug)]
pub enum AdditionalProperties {
    Allowed(bool),
    Schema(Box<Structural>),
}

/// What limits a value without contributing to its structure.
#[derive(Clone, Debug, Default)]
pub struct ValueValidation {
    pub format: Box<str>,
    pub pattern: Box<str>,
    pub maximum: Option<f64>,
    pub exclusive_maximum: bool,
    pub minimum: Option<f64>,
    pub exclusive_minimum: bool,
    pub multiple_of: Option<f64>,
    pub max_length: Option<i64>,
    pub min_length: Option<i64>,
    pub max_items: Option<i64>,
    pub min_items: Option<i64>,
    pub max_properties: Option<i64>,
    pub min_properties: Option<i64>,
    pub unique_items: bool,
    /// The values of `enum`.
    pub values: Vec<Object>,
    pub required: Required,
    pub all_of: Vec<Structural>,
    pub any_of: Vec<Structural>,
    pub one_of: Vec<Structural>,
    pub not: Option<Box<Structural>>,
}

/// Names of properties that must be there, in the order of writing.
#[derive(Clone, Debug, Default)]
pub struct Required {
    names: Vec<Box<str>>,
    /// The same, sorted.
    sorted: Vec<Box<str>>,
}

/// One of `x-kubernetes-validations`.
#[derive(Clone, Debug, Default)]
pub struct ValidationRule {
    pub rule: Text,
    pub message: Text,
    pub message_expression: Text,
    pub field_path: Text,
    /// A [`FieldValueErrorReason`](https://pkg.go.dev/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1), such
    /// as `FieldValueForbidden`.
    pub reason: Option<Text>,
    pub optional_old_self: Option<bool>,
    pub span: Span,
}

/// A text and its place; of one that is not set the place is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub value: Box<str>,
    pub span: Span,
}

impl Structural {
    /// The schema of all fields without a property, where there is one.
    pub fn additional_schema(&self) -> Option<&Structural> {
        match &self.additional_properties {
            Some(AdditionalProperties::Schema(schema)) => Some(schema),
            _ => None,
        }
    }

    /// The type of a property, where it has one.
    pub fn property_type(&self, name: &str) -> Option<&JsonType> {
        self.properties.get(name).map(|property| &property.kind)
    }
}

impl Required {
    /// Whether a property must be there.
    pub fn contains(&self, name: &str) -> bool {
        self.sorted.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }
}

impl From<Vec<Box<str>>> for Required {
    fn from(names: Vec<Box<str>>) -> Required {
        let mut sorted = names.clone();
        sorted.sort_unstable();
        Required { names, sorted }
    }
}

impl std::ops::Deref for Required {
    type Target = [Box<str>];

    fn deref(&self) -> &[Box<str>] {
        &self.names
    }
}

impl JsonType {
    /// As it was written; empty when not set.
    pub fn as_str(&self) -> &str {
        match self {
            JsonType::Unset => "",
            JsonType::Array => "array",
            JsonType::Boolean => "boolean",
            JsonType::Integer => "integer",
            JsonType::Number => "number",
            JsonType::Object => "object",
            JsonType::String => "string",
            JsonType::Other(name) => name,
        }
    }
}

impl From<&str> for JsonType {
    fn from(name: &str) -> JsonType {
        match name {
            "" => JsonType::Unset,
            "array" => JsonType::Array,
            "boolean" => JsonType::Boolean,
            "integer" => JsonType::Integer,
            "number" => JsonType::Number,
            "object" => JsonType::Object,
            "string" => JsonType::String,
            other => JsonType::Other(other.into()),
        }
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.value
    }
}
