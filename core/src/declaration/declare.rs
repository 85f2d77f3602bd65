//! From a schema to its type.

use super::{DeclType, MAX_REQUEST_SIZE_BYTES, RootMetadata, Schema, Shape, escape};
use crate::cel::types::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sizes of values as JSON, where the schema does not say.
///
/// Source: apiserver `pkg/cel/limits.go`.
mod size {
    pub(super) const DURATION: (i64, i64) = (3, 32);
    pub(super) const DATE: (i64, i64) = (12, 12);
    pub(super) const DATE_TIME: (i64, i64) = (21, 32);
    pub(super) const MIN_STRING: i64 = 2;
    pub(super) const MIN_BOOL: i64 = 4;
    pub(super) const MIN_NUMBER: i64 = 1;
    /// A list, map or object without anything in it.
    pub(super) const EMPTY: i64 = 2;
}

/// The type of a schema; `None` where expressions cannot see values of it: what has no type, lists and maps of such,
/// and whatever else `x-kubernetes-preserve-unknown-fields` lets through. At the root of a resource `apiVersion`,
/// `kind`, `metadata.name` and `metadata.generateName` are always there.
pub fn declare<'s>(schema: impl Schema<'s>, is_resource_root: bool) -> Option<DeclType> {
    if schema.is_int_or_string() {
        let max = schema.max_length().map_or(MAX_REQUEST_SIZE_BYTES - 2, max_bytes);
        return Some(scalar(Type::Dyn, max, 1));
    }
    match schema.kind() {
        // The root of a resource that is a list has lost its items.
        "array" if is_resource_root && schema.root_metadata().is_some() => None,
        "array" => list(schema),
        "object" => match schema.additional_properties() {
            Some(additional) => map(schema, additional),
            None => Some(object(schema, is_resource_root)),
        },
        "string" => Some(string(schema)),
        "boolean" => Some(scalar(Type::Bool, 0, size::MIN_BOOL)),
        "number" => Some(scalar(Type::Double, 0, size::MIN_NUMBER)),
        "integer" => Some(scalar(Type::Int, 0, size::MIN_NUMBER)),
        _ => None,
    }
}

/// The CEL type of what [`declare`] makes of a schema, by itself: objects are not walked.
pub(super) fn cel_type<'s>(schema: impl Schema<'s>, is_resource_root: bool, name: &str) -> Option<Type> {
    if schema.is_int_or_string() {
        return Some(Type::Dyn);
    }
    match schema.kind() {
        "array" if is_resource_root && schema.root_metadata().is_some() => None,
        "array" => {
            let items = schema.items()?;
            Some(Type::list(cel_type(items, items.is_embedded_resource(), &format!("{name}.@idx"))?))
        }
        "object" => match schema.additional_properties() {
            Some(values) => {
                let values = cel_type(values, values.is_embedded_resource(), &format!("{name}.@elem"))?;
                Some(Type::map(Type::String, values))
            }
            None => Some(Type::Struct(name.to_owned().into())),
        },
        "string" => Some(string_type(schema.format())),
        "boolean" => Some(Type::Bool),
        "number" => Some(Type::Double),
        "integer" => Some(Type::Int),
        _ => None,
    }
}

fn string_type(format: &str) -> Type {
    match format {
        "byte" => Type::Bytes,
        "duration" => Type::Duration,
        "date" | "date-time" => Type::Timestamp,
        _ => Type::String,
    }
}

fn list<'s>(schema: impl Schema<'s>) -> Option<DeclType> {
    let items = schema.items()?;
    let element = declare(items, items.is_embedded_resource())?;
    let most = (MAX_REQUEST_SIZE_BYTES - 2) / (element.min_serialized_size.saturating_add(1));
    Some(DeclType {
        max_elements: schema.max_items().map_or(most, |most| most.max(0)),
        shape: Shape::List(Arc::new(element)),
        min_serialized_size: size::EMPTY,
    })
}

fn map<'s, S: Schema<'s>>(schema: S, additional: S) -> Option<DeclType> {
    let element = declare(additional, additional.is_embedded_resource())?;
    // A key of two bytes with its quotes, a colon, a comma, and the value.
    let most = (MAX_REQUEST_SIZE_BYTES - 2) / (element.min_serialized_size.saturating_add(6));
    Some(DeclType {
        max_elements: schema.max_properties().map_or(most, |most| most.max(0)),
        shape: Shape::Map(Arc::new(element)),
        min_serialized_size: size::EMPTY,
    })
}

fn object<'s>(schema: impl Schema<'s>, is_resource_root: bool) -> DeclType {
    let root = if is_resource_root { schema.root_metadata() } else { None };
    let mut object =
        DeclType { shape: Shape::Scalar(Type::Dyn), max_elements: 0, min_serialized_size: size::EMPTY };
    let mut fields = BTreeMap::new();
    let mut add = |name: &str, has_default: bool, kind: DeclType| {
        if schema.requires(name) && !has_default {
            let entry = (name.len() as i64).saturating_add(kind.min_serialized_size).saturating_add(4);
            object.min_serialized_size = object.min_serialized_size.saturating_add(entry);
        }
        if let Some(name) = escape(name) {
            fields.insert(name.into_owned().into_boxed_str(), Arc::new(kind));
        }
    };
    for (name, property) in schema.properties() {
        if root.is_some() && matches!(name, "apiVersion" | "kind" | "metadata") {
            continue;
        }
        if let Some(kind) = declare(property, property.is_embedded_resource()) {
            add(name, property.has_default(), kind);
        }
    }
    if let Some(metadata) = root {
        add("apiVersion", false, plain_string(None));
        add("kind", false, plain_string(None));
        add("metadata", false, object_meta(metadata));
    }
    object.shape = Shape::Object(fields);
    object
}

fn object_meta(metadata: RootMetadata) -> DeclType {
    let fields = [("generateName", metadata.generate_name), ("name", metadata.name)];
    let fields = fields.map(|(name, max)| (Box::from(name), Arc::new(plain_string(max))));
    DeclType {
        shape: Shape::Object(BTreeMap::from(fields)),
        max_elements: 0,
        min_serialized_size: size::EMPTY,
    }
}

fn string<'s>(schema: impl Schema<'s>) -> DeclType {
    let of = |kind, (min, max)| scalar(kind, max, min);
    match schema.format() {
        "byte" => {
            let max = schema.max_length().map_or(MAX_REQUEST_SIZE_BYTES - 2, |length| length.max(0));
            of(string_type("byte"), (size::MIN_STRING, max))
        }
        "duration" => of(string_type("duration"), size::DURATION),
        "date" => of(string_type("date"), size::DATE),
        "date-time" => of(string_type("date-time"), size::DATE_TIME),
        _ => match (schema.max_length(), schema.longest_enum()) {
            (None, Some(longest)) => scalar(Type::String, longest as i64, size::MIN_STRING),
            (length, _) => plain_string(length),
        },
    }
}

fn plain_string(max_length: Option<i64>) -> DeclType {
    scalar(Type::String, max_length.map_or(MAX_REQUEST_SIZE_BYTES - 2, max_bytes), size::MIN_STRING)
}

/// A length in characters as bytes, of which a character may have four. Wraps as Go does.
fn max_bytes(length: i64) -> i64 {
    length.max(0).wrapping_mul(4)
}

fn scalar(kind: Type, max_elements: i64, min_serialized_size: i64) -> DeclType {
    DeclType { shape: Shape::Scalar(kind), max_elements, min_serialized_size }
}
