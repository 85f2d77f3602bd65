//! Writing documents: as JSON, and for serde.

use super::node::{NodeRef, NodeValue};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

impl Serialize for NodeRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value() {
            NodeValue::Null => serializer.serialize_unit(),
            NodeValue::Bool(value) => serializer.serialize_bool(value),
            NodeValue::Int(value) => serializer.serialize_i64(value),
            NodeValue::Double(value) => serializer.serialize_f64(value),
            NodeValue::String(value) => serializer.serialize_str(value),
            NodeValue::List(list) => {
                let mut elements = serializer.serialize_seq(Some(list.len()))?;
                for element in list.iter() {
                    elements.serialize_element(&element)?;
                }
                elements.end()
            }
            NodeValue::Map(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    entries.serialize_entry(key, &value)?;
                }
                entries.end()
            }
        }
    }
}
