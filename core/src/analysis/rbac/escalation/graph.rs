//! What leads to what, and the shortest ways to the end.

use super::edges;
use crate::analysis::cluster::Cluster;
use crate::analysis::rbac::access::{Access, Grant, Hit, Subject};
use crate::document::NodeRef;
use std::collections::{HashMap, VecDeque};
use std::fmt;

/// Something that can be got hold of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Subject(Subject),
    /// Any ServiceAccount of a namespace.
    Accounts(String),
    /// The ServiceAccounts that Pods of a namespace run as.
    Pods(String),
    /// The Secrets of a namespace; empty for all namespaces.
    Secrets(String),
    /// Everything in a namespace.
    Namespace(String),
    Admin,
}

/// A step from one to the next.
#[derive(Clone, Debug)]
pub(super) struct Edge<'o> {
    pub(super) from: Node,
    to: Node,
    /// What is done, for people.
    pub(super) text: String,
    /// What gives the right to.
    pub(super) grant: Option<Grant<'o>>,
    /// The names of binding and role.
    pub(super) by: Option<String>,
    pub(super) place: Option<(usize, NodeRef<'o>)>,
}

/// All steps.
#[derive(Debug)]
pub(super) struct Graph<'c, 'o> {
    cluster: &'c Cluster<'o>,
    edges: Vec<Edge<'o>>,
}

impl<'c, 'o> Graph<'c, 'o> {
    pub(super) fn new(cluster: &'c Cluster<'o>, access: &Access<'o>) -> Graph<'c, 'o> {
        let mut graph = Graph { cluster, edges: Vec::new() };
        edges::add_all(&mut graph, cluster, access);
        graph
    }

    /// A step that a right makes possible.
    pub(super) fn by_right(&mut self, from: &Node, to: Node, hit: Hit<'_, 'o>, text: impl Into<String>) {
        let binding = self.cluster.members().get(hit.grant.binding);
        let by = binding.map(|binding| format!("{} of {}", binding.title(), hit.role));
        self.edges.push(Edge {
            from: from.clone(),
            to,
            text: text.into(),
            grant: Some(hit.grant),
            by,
            place: Some(hit.place),
        });
    }

    /// A step that needs no right.
    pub(super) fn as_is(
        &mut self,
        from: Node,
        to: Node,
        text: impl Into<String>,
        place: Option<(usize, NodeRef<'o>)>,
    ) {
        self.edges.push(Edge { from, to, text: text.into(), grant: None, by: None, place });
    }

    /// Of each node the edge that begins its shortest way to cluster-admin. Of ways of one length that counts whose edge
    /// was added first.
    pub(super) fn ways_to_admin(&self) -> HashMap<&Node, usize> {
        let mut into: HashMap<&Node, Vec<usize>> = HashMap::new();
        for (index, edge) in self.edges.iter().enumerate() {
            into.entry(&edge.to).or_default().push(index);
        }
        let mut next: HashMap<&Node, usize> = HashMap::new();
        let mut waiting = VecDeque::from([&Node::Admin]);
        while let Some(node) = waiting.pop_front() {
            for &index in into.get(node).map(Vec::as_slice).unwrap_or_default() {
                let Some(edge) = self.edges.get(index) else { continue };
                if edge.from != Node::Admin && !next.contains_key(&edge.from) {
                    next.insert(&edge.from, index);
                    waiting.push_back(&edge.from);
                }
            }
        }
        next
    }

    /// The shortest way from a node; empty when there is none.
    pub(super) fn way(&self, from: &Node, next: &HashMap<&Node, usize>) -> Vec<&Edge<'o>> {
        let mut way = Vec::new();
        let mut node = from;
        while let Some(edge) = next.get(node).and_then(|&index| self.edges.get(index)) {
            way.push(edge);
            node = &edge.to;
        }
        way
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Subject(subject) => subject.fmt(f),
            Node::Accounts(namespace) => write!(f, "the ServiceAccounts of namespace {namespace}"),
            Node::Pods(namespace) => write!(f, "the Pods of namespace {namespace}"),
            Node::Secrets(namespace) if namespace.is_empty() => f.write_str("the Secrets of all namespaces"),
            Node::Secrets(namespace) => write!(f, "the Secrets of namespace {namespace}"),
            Node::Namespace(namespace) => write!(f, "all of namespace {namespace}"),
            Node::Admin => f.write_str("cluster-admin"),
        }
    }
}
