//! [`Pods`]: workloads by namespace and label, for what selects pods.

use super::cluster::{Cluster, entries};
use super::workload::{Workload, workloads};
use crate::document::{MapRef, NodeRef};
use crate::labels::LabelSelector;
use std::collections::HashMap;

/// All workloads, found by a label of their pods without looking at the others.
#[derive(Debug)]
pub(super) struct Pods<'c, 'o> {
    pub(super) all: Vec<Workload<'c, 'o>>,
    by_namespace: HashMap<&'o str, Vec<usize>>,
    by_label: HashMap<(&'o str, &'o str, &'o str), Vec<usize>>,
}

impl<'c, 'o> Pods<'c, 'o> {
    pub(super) fn of(cluster: &'c Cluster<'o>) -> Pods<'c, 'o> {
        let mut pods =
            Pods { all: workloads(cluster), by_namespace: HashMap::new(), by_label: HashMap::new() };
        for (index, workload) in pods.all.iter().enumerate() {
            let namespace = workload.member.namespace;
            pods.by_namespace.entry(namespace).or_default().push(index);
            for (key, value) in workload.labels().into_iter().flat_map(MapRef::iter) {
                let label = (namespace, key, value.as_str().unwrap_or_default());
                pods.by_label.entry(label).or_default().push(index);
            }
        }
        pods
    }

    /// The workloads of a namespace.
    pub(super) fn inside(&self, namespace: &str) -> impl Iterator<Item = Workload<'c, 'o>> + use<'_, 'c, 'o> {
        let found = self.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|&index| self.all.get(index)).copied()
    }

    /// Those whose pods have all labels of a map, as a Service's selector.
    pub(super) fn with_labels(&self, namespace: &str, labels: NodeRef<'_>) -> Vec<Workload<'c, 'o>> {
        let wanted: Vec<(String, String)> = entries(labels, &[])
            .map(|(key, value)| (key.to_owned(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        self.selected(namespace, &LabelSelector { match_labels: wanted, match_expressions: Vec::new() })
    }

    /// Those whose pods a selector selects; an empty one selects all.
    pub(super) fn selected(&self, namespace: &str, selector: &LabelSelector) -> Vec<Workload<'c, 'o>> {
        let candidates = match selector.match_labels.first() {
            Some((key, value)) => self.by_label.get(&(namespace, key.as_str(), value.as_str())),
            None => self.by_namespace.get(namespace),
        };
        let candidates = candidates.map(Vec::as_slice).unwrap_or_default().iter();
        let workloads = candidates.filter_map(|&index| self.all.get(index)).copied();
        workloads.filter(|workload| selector.matches(workload.labels())).collect()
    }
}
