//! What happens to an object between decoding and validation when it is created. Source: apiserver
//! `pkg/registry/rest/create.go` and the strategies of kubernetes `pkg/registry`.

use super::value::{Set, Value};

pub(super) fn prepare(object: &mut Value<'_, '_, '_>, api_version: &str, kind: &str, namespace: &str) {
    metadata(object, api_version, kind, namespace);
}

/// What the server alone decides. Source: `WipeObjectMetaSystemFields`, `EnsureObjectNamespaceMatchesRequestNamespace`.
fn metadata(object: &mut Value<'_, '_, '_>, api_version: &str, kind: &str, namespace: &str) {
    let resource = object.scheme.schemas.resource_of(api_version, kind);
    let Some(namespaced) = resource.map(|resource| resource.namespaced) else { return };
    let before_omit_zero = object.minor() < 34;
    let Some(mut metadata) = object.within("metadata") else { return };
    for name in [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "managedFields",
    ] {
        metadata.unset(name);
    }
    if before_omit_zero {
        metadata.set("creationTimestamp", Set::Null);
    }
    if !namespaced {
        metadata.unset("namespace");
    } else {
        metadata.default("namespace", Set::String(namespace));
    }
}
