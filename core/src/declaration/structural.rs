//! Structural schemas of CustomResourceDefinitions as declarations ask them.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel/model`.

use super::{RootMetadata, Schema};
use crate::schema::{JsonType, Structural};

/// The longest `metadata.name`, a DNS subdomain.
const NAME_MAX_LENGTH: i64 = 253;

impl<'s> Schema<'s> for &'s Structural {
    fn kind(self) -> &'s str {
        self.kind.as_str()
    }

    fn format(self) -> &'s str {
        &self.value.format
    }

    fn items(self) -> Option<Self> {
        self.items.as_deref()
    }

    fn properties(self) -> impl Iterator<Item = (&'s str, Self)> {
        self.properties.iter().map(|(name, property)| (&**name, property))
    }

    fn additional_properties(self) -> Option<Self> {
        self.additional_schema()
    }

    fn requires(self, name: &str) -> bool {
        self.value.required.contains(name)
    }

    fn has_default(self) -> bool {
        self.default.is_some()
    }

    fn max_length(self) -> Option<i64> {
        self.value.max_length
    }

    fn max_items(self) -> Option<i64> {
        self.value.max_items
    }

    fn max_properties(self) -> Option<i64> {
        self.value.max_properties
    }

    fn longest_enum(self) -> Option<usize> {
        let values = &self.value.values;
        let lengths = values.iter().map(|value| value.root().as_str().map_or(0, str::len));
        lengths.max()
    }

    fn is_int_or_string(self) -> bool {
        self.int_or_string
    }

    fn is_embedded_resource(self) -> bool {
        self.embedded_resource
    }

    fn root_metadata(self) -> Option<RootMetadata> {
        let is = |within: &Structural, name, kind| within.property_type(name) == Some(kind);
        let metadata = self.properties.get("metadata");
        let complete = is(self, "kind", &JsonType::String)
            && is(self, "apiVersion", &JsonType::String)
            && metadata.is_some_and(|metadata| {
                metadata.kind == JsonType::Object
                    && is(metadata, "name", &JsonType::String)
                    && is(metadata, "generateName", &JsonType::String)
            });
        // A generated name is at least one byte longer than its prefix.
        (!complete).then(|| RootMetadata {
            name: Some(capped(metadata, "name", NAME_MAX_LENGTH)),
            generate_name: Some(capped(metadata, "generateName", NAME_MAX_LENGTH - 1)),
        })
    }
}

fn capped(metadata: Option<&Structural>, name: &str, max: i64) -> i64 {
    let property = metadata.and_then(|metadata| metadata.properties.get(name));
    property.and_then(|property| property.value.max_length).map_or(max, |length| length.min(max))
}
