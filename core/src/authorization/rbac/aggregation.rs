//! Aggregated ClusterRoles. Source: kubernetes `pkg/controller/clusterroleaggregation`.

use super::Role;
use crate::document::NodeRef;
use crate::labels::{LabelSelector, labels_of};

/// Gives aggregated ClusterRoles the rules of all roles that they select, directly or through other aggregated
/// roles. Their own rules go, as the controller overwrites them. A role with a selector that is an error stays as
/// written.
pub(super) fn resolve(cluster_roles: &[(u32, NodeRef<'_>)], roles: &mut [Role]) {
    let nodes: Vec<NodeRef<'_>> = cluster_roles.iter().map(|(_, role)| *role).collect();
    for ((position, _), parts) in cluster_roles.iter().zip(parts(&nodes)) {
        let (Some(parts), Some(role)) = (parts, roles.get_mut(*position as usize)) else { continue };
        role.rules.clear();
        role.parts =
            parts.iter().filter_map(|&part| cluster_roles.get(part)).map(|(position, _)| *position).collect();
    }
}

/// Of each ClusterRole the plain ones that it comes down to; `None` when it is not aggregated.
pub(crate) fn parts(cluster_roles: &[NodeRef<'_>]) -> Vec<Option<Vec<usize>>> {
    let selected: Vec<Option<Vec<usize>>> = (0..)
        .zip(cluster_roles)
        .map(|(own, role)| {
            let selectors = selectors(*role)?;
            let others = cluster_roles.iter().enumerate().filter(|(other, _)| *other != own);
            let matching = others
                .filter(|(_, other)| selectors.iter().any(|selector| selector.matches(labels_of(**other))));
            Some(matching.map(|(other, _)| other).collect())
        })
        .collect();
    let all = (0..).zip(&selected);
    all.map(|(own, aggregated)| aggregated.as_ref().map(|_| reachable(own, &selected))).collect()
}

/// The plain roles that an aggregated one comes down to.
fn reachable(start: usize, selected: &[Option<Vec<usize>>]) -> Vec<usize> {
    let mut seen = vec![false; selected.len()];
    let mut plain = Vec::new();
    let mut waiting = vec![start];
    while let Some(role) = waiting.pop() {
        match (seen.get_mut(role), selected.get(role)) {
            (Some(seen), Some(parts)) if !*seen => {
                *seen = true;
                match parts {
                    Some(parts) => waiting.extend(parts),
                    None => plain.push(role),
                }
            }
            _ => {}
        }
    }
    plain.sort_unstable();
    plain
}

/// The selectors of an aggregated role; `None` for any other, and when one of them is an error.
fn selectors(role: NodeRef<'_>) -> Option<Vec<LabelSelector>> {
    let rule = role.field("aggregationRule").filter(|rule| !rule.is_null())?;
    let list = rule.field("clusterRoleSelectors").and_then(NodeRef::as_list);
    let selectors: Vec<LabelSelector> =
        list.map(|list| list.iter().map(LabelSelector::from_node).collect()).unwrap_or_default();
    selectors.iter().all(|selector| selector.problem().is_none()).then_some(selectors)
}
