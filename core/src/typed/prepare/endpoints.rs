//! EndpointSlices in v1, which has no topology any more. Source: kubernetes `pkg/registry/discovery/endpointslice`,
//! `dropTopologyOnV1`.

use crate::document::NodeRef;
use crate::labels::is_subdomain;
use crate::typed::value::{Set, Value};
use std::collections::HashSet;

const HOSTNAME: &str = "kubernetes.io/hostname";

/// Drops the topology of endpoints. The node that the old object names there moves to its field.
pub(super) fn without_topology(slice: &mut Value<'_, '_, '_>, old: Option<NodeRef<'_>>) {
    let endpoints = old.and_then(|old| old.field("endpoints")?.as_list());
    let hostname = |endpoint: NodeRef<'_>| {
        let name = endpoint.field("deprecatedTopology")?.field(HOSTNAME)?.as_str()?;
        (!name.is_empty()).then(|| name.to_owned())
    };
    let known: HashSet<String> =
        endpoints.into_iter().flat_map(|list| list.iter()).filter_map(hostname).collect();
    slice.each("endpoints", |endpoint| {
        let name = endpoint.within("deprecatedTopology").map(|topology| topology.text(HOSTNAME).to_owned());
        if let Some(name) = name.filter(|name| known.contains(name) && is_subdomain(name))
            && endpoint.is_nil("nodeName")
        {
            endpoint.set("nodeName", Set::String(&name));
        }
        endpoint.unset("deprecatedTopology");
    });
}
