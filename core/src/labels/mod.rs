//! Label selectors. Source: apimachinery `pkg/apis/meta/v1/helpers.go` and `pkg/labels/selector.go`.

#[cfg(test)]
mod tests;
mod validation;

pub(crate) use validation::is_subdomain;

use crate::document::{MapRef, NodeRef};

/// A metav1.LabelSelector: all of its requirements must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LabelSelector {
    pub match_labels: Vec<(String, String)>,
    pub match_expressions: Vec<Requirement>,
}

/// One of a selector's `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    pub key: String,
    pub operator: SelectorOperator,
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SelectorOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    /// Written otherwise, which makes the whole selector an error.
    Unknown(String),
}

impl LabelSelector {
    /// Reads a selector as it stands in an object; what has the wrong type is left out.
    pub fn from_node(node: NodeRef<'_>) -> LabelSelector {
        let text = |node: NodeRef<'_>| node.as_str().unwrap_or_default().to_owned();
        let labels = node.field("matchLabels").and_then(NodeRef::as_map);
        let expressions = node.field("matchExpressions").and_then(NodeRef::as_list);
        let requirement = |node: NodeRef<'_>| {
            let values = node.field("values").and_then(NodeRef::as_list);
            Requirement {
                key: node.field("key").map(text).unwrap_or_default(),
                operator: SelectorOperator::from(
                    node.field("operator").map(text).unwrap_or_default().as_str(),
                ),
                values: values.map(|values| values.iter().map(text).collect()).unwrap_or_default(),
            }
        };
        LabelSelector {
            match_labels: labels
                .map(|labels| labels.iter().map(|(key, value)| (key.to_owned(), text(value))).collect())
                .unwrap_or_default(),
            match_expressions: expressions
                .map(|list| list.iter().map(requirement).collect())
                .unwrap_or_default(),
        }
    }

    /// Whether the selector selects everything.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// What is wrong with the selector, in apimachinery's words.
    pub fn problem(&self) -> Option<String> {
        validation::problem(self)
    }

    /// Whether an object with these labels is selected.
    pub fn matches(&self, labels: Option<MapRef<'_>>) -> bool {
        self.holds(|key| {
            let value = labels?.lookup(key)?;
            Some(value.as_str().unwrap_or_default())
        })
    }

    /// Whether a namespace is selected of which only the name is known; the API server sets its name as a label.
    pub(crate) fn matches_name_only(&self, name: &str) -> bool {
        self.holds(|key| (key == "kubernetes.io/metadata.name").then_some(name))
    }

    /// Whether an object is selected whose labels are looked up by their keys.
    pub(crate) fn holds<'l>(&self, value: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.match_labels.iter().all(|(key, wanted)| value(key) == Some(wanted))
            && self.match_expressions.iter().all(|requirement| {
                let listed = |value: &str| requirement.values.iter().any(|other| other == value);
                match (&requirement.operator, value(&requirement.key)) {
                    (SelectorOperator::In, found) => found.is_some_and(listed),
                    (SelectorOperator::NotIn, found) => !found.is_some_and(listed),
                    (SelectorOperator::Exists, found) => found.is_some(),
                    (SelectorOperator::DoesNotExist, found) => found.is_none(),
                    (SelectorOperator::Unknown(_), _) => false,
                }
            })
    }
}

impl From<&str> for SelectorOperator {
    fn from(text: &str) -> SelectorOperator {
        match text {
            "In" => SelectorOperator::In,
            "NotIn" => SelectorOperator::NotIn,
            "Exists" => SelectorOperator::Exists,
            "DoesNotExist" => SelectorOperator::DoesNotExist,
            other => SelectorOperator::Unknown(other.to_owned()),
        }
    }
}

/// The labels of an object. Like apimachinery's unstructured objects it has none at all when one of them is no string;
/// null stands for the empty string.
pub fn labels_of(object: NodeRef<'_>) -> Option<MapRef<'_>> {
    let labels = object.field("metadata")?.field("labels")?.as_map()?;
    labels.iter().all(|(_, value)| value.as_str().is_some() || value.is_null()).then_some(labels)
}
