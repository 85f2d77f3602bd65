//! [`Cluster`]: the objects of the input, by kind, namespace and name.

use crate::document::{NodeRef, Object};
use std::collections::HashMap;

/// All objects of the input.
///
/// ```
/// use kordon::analysis::Cluster;
/// use kordon::document::{Limits, Object};
/// let account = br#"{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}"#;
/// let account = Object::from_json(account, &Limits::default())?;
/// let cluster = Cluster::new([(&account, "shop", true)]);
/// let found = cluster.find("", "ServiceAccount", "shop", "web");
/// assert_eq!(found.map(|member| member.title()).as_deref(), Some("ServiceAccount shop/web"));
/// # Ok::<(), kordon::document::DocumentError>(())
/// ```
#[derive(Debug, Default)]
pub struct Cluster<'o> {
    members: Vec<Member<'o>>,
    by_kind: HashMap<(&'o str, &'o str), Vec<usize>>,
    by_name: HashMap<(&'o str, &'o str, &'o str, &'o str), usize>,
}

/// An object with its identity.
#[derive(Clone, Copy, Debug)]
pub struct Member<'o> {
    /// Its position among all.
    pub index: usize,
    pub object: &'o Object,
    /// The API group, empty for the core group.
    pub group: &'o str,
    pub kind: &'o str,
    /// Empty for what is not in a namespace.
    pub namespace: &'o str,
    pub name: &'o str,
    /// Whether it is to be checked; other objects are only there for these.
    pub checked: bool,
}

impl<'o> Cluster<'o> {
    /// Objects with the namespace that they are in, empty for those of the cluster, and whether they are to be checked.
    /// Of objects that have the same name the last counts.
    pub fn new(objects: impl IntoIterator<Item = (&'o Object, &'o str, bool)>) -> Cluster<'o> {
        let mut cluster = Cluster::default();
        for (index, (object, namespace, checked)) in objects.into_iter().enumerate() {
            let root = object.root();
            let group = text(root, &["apiVersion"]).split_once('/').map_or("", |(group, _)| group);
            let (kind, name) = (text(root, &["kind"]), text(root, &["metadata", "name"]));
            let namespace = if kind == "Namespace" && group.is_empty() { "" } else { namespace };
            cluster.members.push(Member { index, object, group, kind, namespace, name, checked });
            cluster.by_kind.entry((group, kind)).or_default().push(index);
            cluster.by_name.insert((group, kind, namespace, name), index);
        }
        cluster
    }

    pub fn members(&self) -> &[Member<'o>] {
        &self.members
    }

    /// The objects of a kind, in order.
    pub fn of<'c>(
        &'c self,
        group: &'c str,
        kind: &'c str,
    ) -> impl DoubleEndedIterator<Item = &'c Member<'o>> + use<'c, 'o> {
        let found = self.by_kind.get(&(group, kind)).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|&index| self.members.get(index))
    }

    /// An object by its name; the namespace of what is not in one is empty.
    pub fn find(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&Member<'o>> {
        self.members.get(*self.by_name.get(&(group, kind, namespace, name))?)
    }

    /// The names of all namespaces that objects are in or that are objects themselves, sorted.
    pub fn namespaces(&self) -> Vec<&'o str> {
        let own = |member: &Member<'o>| {
            if member.kind == "Namespace" && member.group.is_empty() { member.name } else { member.namespace }
        };
        let mut names: Vec<&str> = self.members.iter().map(own).filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl<'o> Member<'o> {
    pub fn root(&self) -> NodeRef<'o> {
        self.object.root()
    }

    /// As kubectl names things: `Deployment shop/web`.
    pub fn title(&self) -> String {
        match self.namespace {
            "" => format!("{} {}", self.kind, self.name),
            namespace => format!("{} {namespace}/{}", self.kind, self.name),
        }
    }

    /// A value of the object, `None` when it is not there or null.
    pub fn at(&self, path: &[&str]) -> Option<NodeRef<'o>> {
        at(self.root(), path)
    }

    /// A text of the object, empty when it is not there.
    pub fn text(&self, path: &[&str]) -> &'o str {
        text(self.root(), path)
    }

    /// The place to point at for a value: itself, or what there is of the way to it.
    pub fn nearest(&self, path: &[&str]) -> NodeRef<'o> {
        nearest(self.root(), path)
    }
}

/// A value that is there and not null.
pub(super) fn at<'o>(node: NodeRef<'o>, path: &[&str]) -> Option<NodeRef<'o>> {
    let found = path.iter().try_fold(node, |node, name| node.field(name))?;
    (!found.is_null()).then_some(found)
}

/// A text, empty when it is not there.
pub(super) fn text<'o>(node: NodeRef<'o>, path: &[&str]) -> &'o str {
    at(node, path).and_then(NodeRef::as_str).unwrap_or_default()
}

/// The elements of a list, none when it is not there.
pub(super) fn items<'o>(node: NodeRef<'o>, path: &[&str]) -> impl Iterator<Item = NodeRef<'o>> + use<'o> {
    at(node, path).and_then(NodeRef::as_list).into_iter().flat_map(|list| list.iter())
}

/// The entries of a map, none when it is not there.
pub(super) fn entries<'o>(
    node: NodeRef<'o>,
    path: &[&str],
) -> impl Iterator<Item = (&'o str, NodeRef<'o>)> + use<'o> {
    at(node, path).and_then(NodeRef::as_map).into_iter().flat_map(|map| map.iter())
}

/// What there is of the way to a value.
pub(super) fn nearest<'o>(node: NodeRef<'o>, path: &[&str]) -> NodeRef<'o> {
    let mut node = node;
    for name in path {
        let Some(inner) = at(node, &[name]) else { break };
        node = inner;
    }
    node
}
