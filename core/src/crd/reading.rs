//! From a structural schema to how its values are read.
//!
//! Source: apiserver `pkg/cel/common/valuesunstructured.go`, `UnstructuredToVal`.

use super::format;
use crate::cel::value::{ListKind, NodeFields, NodeShape, NodeType, ParseText, escape};
use crate::declaration::Schema;
use crate::schema::{JsonType, Structural};
use std::collections::HashMap;
use std::sync::Arc;

/// How values of a schema are read. At the root of a resource, embedded ones included, there are always
/// `apiVersion`, `kind`, `metadata.name` and `metadata.generateName`.
pub fn reading(schema: &Structural, is_resource_root: bool) -> Arc<NodeType> {
    Readings::default().of(schema, is_resource_root)
}

/// How the parts of one schema are read, each made once, by its place in memory.
#[derive(Default)]
pub(super) struct Readings(HashMap<(usize, bool), Arc<NodeType>>);

impl Readings {
    pub(super) fn of(&mut self, schema: &Structural, is_resource_root: bool) -> Arc<NodeType> {
        let is_resource_root = is_resource_root || schema.embedded_resource;
        let key = (std::ptr::from_ref(schema).addr(), is_resource_root);
        if let Some(known) = self.0.get(&key) {
            return Arc::clone(known);
        }
        let made = NodeType { nullable: schema.nullable, shape: self.shape(schema, is_resource_root) };
        let made = Arc::new(made);
        self.0.insert(key, Arc::clone(&made));
        made
    }

    fn shape(&mut self, schema: &Structural, is_resource_root: bool) -> NodeShape {
        if schema.int_or_string {
            return NodeShape::IntOrString;
        }
        match &schema.kind {
            JsonType::Object => NodeShape::Map(self.fields(schema, is_resource_root)),
            JsonType::Array => {
                let items = schema.items.as_ref().map(|items| self.of(items, false));
                NodeShape::List(items, list_kind(schema))
            }
            JsonType::String => NodeShape::String(parser(&schema.value.format)),
            JsonType::Number => NodeShape::Number,
            JsonType::Integer => NodeShape::Integer,
            JsonType::Boolean => NodeShape::Boolean,
            JsonType::Unset | JsonType::Other(_) if schema.preserve_unknown_fields => NodeShape::Preserved,
            JsonType::Unset | JsonType::Other(_) => NodeShape::Invalid(
                format!(
                    "invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got {}",
                    schema.kind.as_str()
                )
                .into(),
            ),
        }
    }

    fn fields(&mut self, schema: &Structural, is_resource_root: bool) -> NodeFields {
        let root = is_resource_root && schema.root_metadata().is_some();
        if schema.properties.is_empty() && !is_resource_root {
            return match schema.additional_schema() {
                Some(additional) => NodeFields::Additional(self.of(additional, false)),
                None => NodeFields::Hidden,
            };
        }
        let own = schema.properties.iter();
        let own = own.filter(|(name, _)| !(root && matches!(&***name, "apiVersion" | "kind" | "metadata")));
        let mut fields: Vec<(Box<str>, Arc<NodeType>)> =
            own.map(|(name, property)| (name.clone(), self.of(property, false))).collect();
        if root {
            let text = || Arc::new(NodeType { nullable: false, shape: NodeShape::String(None) });
            let metadata =
                NodeFields::properties(vec![("name".into(), text()), ("generateName".into(), text())]);
            let metadata = Arc::new(NodeType { nullable: false, shape: NodeShape::Map(metadata) });
            fields.extend([
                ("apiVersion".into(), text()),
                ("kind".into(), text()),
                ("metadata".into(), metadata),
            ]);
        }
        NodeFields::properties(fields)
    }
}

fn list_kind(schema: &Structural) -> ListKind {
    match schema.list_type.as_deref() {
        None | Some("" | "atomic") => ListKind::Atomic,
        Some("set") => ListKind::Set,
        Some("map") => {
            let escaped = |key: &str| escape(key).map_or_else(|| key.into(), |key| key.into());
            ListKind::Map(schema.list_map_keys.iter().map(|key| escaped(key)).collect())
        }
        Some(other) => ListKind::Invalid(other.into()),
    }
}

fn parser(name: &str) -> Option<ParseText> {
    Some(match name {
        "byte" => format::byte,
        "date" => format::date,
        "date-time" => format::date_time,
        "duration" => format::duration,
        _ => return None,
    })
}
