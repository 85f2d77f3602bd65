//! Equality of data.

use super::node::{NodeRef, NodeValue};

impl NodeRef<'_> {
    /// Whether two nodes hold the same data: numbers of the same type, maps in any order. Works without recursion.
    ///
    /// Source: Go's `reflect.DeepEqual` on unstructured objects.
    pub fn deep_equal(self, other: NodeRef<'_>) -> bool {
        let mut pending = vec![(self, other)];
        while let Some((a, b)) = pending.pop() {
            let same = match (a.value(), b.value()) {
                (NodeValue::Null, NodeValue::Null) => true,
                (NodeValue::Bool(a), NodeValue::Bool(b)) => a == b,
                (NodeValue::Int(a), NodeValue::Int(b)) => a == b,
                (NodeValue::Double(a), NodeValue::Double(b)) => a == b,
                (NodeValue::String(a), NodeValue::String(b)) => a == b,
                (NodeValue::List(a), NodeValue::List(b)) => {
                    pending.extend(a.iter().zip(b.iter()));
                    a.len() == b.len()
                }
                (NodeValue::Map(a), NodeValue::Map(b)) => {
                    a.len() == b.len()
                        && a.iter().all(|(key, value)| match b.lookup(key) {
                            Some(other) => {
                                pending.push((value, other));
                                true
                            }
                            None => false,
                        })
                }
                _ => false,
            };
            if !same {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Limits, Object};

    #[test]
    fn data_is_equal_by_type_and_in_any_order_of_keys() {
        let equal = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|json| Object::from_json(json.as_bytes(), &Limits::default()).unwrap());
            a.root().deep_equal(b.root())
        };
        assert!(equal(
            r#"{"a": [1, "x", null, true], "b": 1.5}"#,
            r#"{"b": 1.5, "a": [1, "x", null, true]}"#
        ));
        assert!(!equal("[1, 2]", "[2, 1]"));
        assert!(!equal("1", "1.0") && !equal("[]", "[null]") && !equal("{}", "[]"));
        assert!(!equal(r#"{"a": null}"#, r#"{"b": null}"#));
    }
}
