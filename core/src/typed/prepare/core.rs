//! The core group without pods.

use crate::document::{DraftValue, NodeRef, Origin};
use crate::typed::value::{Set, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Source: `pkg/registry/core/namespace/strategy.go`.
pub(super) fn namespace(namespace: &mut Value<'_, '_, '_>) {
    namespace.made("status").set("phase", Set::String("Active"));
    let mut spec = namespace.made("spec");
    let has = spec
        .items("finalizers")
        .into_iter()
        .any(|item| spec.draft.value(item) == DraftValue::String("kubernetes"));
    if !has {
        let list = match spec.find("finalizers") {
            Some(list) => list,
            None => spec.set("finalizers", Set::List),
        };
        let span = spec.draft.span(list);
        let item = spec.draft.added(DraftValue::String("kubernetes"), Origin::Defaulted, span);
        spec.draft.push(list, item);
    }
    name_label(namespace);
}

/// Every namespace says its name in a label.
pub(super) fn name_label(namespace: &mut Value<'_, '_, '_>) {
    let name = namespace.made("metadata").text("name").to_owned();
    let mut metadata = namespace.made("metadata");
    let mut labels = metadata.made("labels");
    if labels.text("kubernetes.io/metadata.name") != name || labels.is_nil("kubernetes.io/metadata.name") {
        labels.set("kubernetes.io/metadata.name", Set::String(&name));
    }
}

/// One range and the list of ranges agree. Source: kubernetes `Convert_v1_NodeSpec_To_core_NodeSpec`.
pub(super) fn node(node: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = node.within("spec") else { return };
    let range = spec.text("podCIDR").to_owned();
    let first = match spec.items("podCIDRs").first().map(|&item| spec.draft.value(item)) {
        Some(DraftValue::String(text)) => Some(text.to_owned()),
        _ => None,
    };
    match first {
        Some(first) if range.is_empty() && !first.is_empty() => {
            spec.set("podCIDR", Set::String(&first));
        }
        first if !range.is_empty() && first.as_deref() != Some(range.as_str()) => {
            spec.set_texts("podCIDRs", &[&range]);
        }
        _ => {}
    }
}

/// Source: `pkg/registry/core/persistentvolumeclaim/strategy.go`, `pkg/api/persistentvolumeclaim/util.go`.
///
/// A claim that has a source keeps it, whatever it is.
pub(super) fn claim(claim: &mut Value<'_, '_, '_>, old: Option<NodeRef<'_>>) {
    let old_spec = old.and_then(|old| old.field("spec"));
    let has = |name: &str| old_spec.and_then(|spec| spec.field(name)).is_some_and(|source| !source.is_null());
    let has_source = has("dataSource") || has("dataSourceRef");
    let Some(mut spec) = claim.within("spec") else { return };
    // The gate CrossNamespaceVolumeDataSource is off.
    if !has("dataSourceRef")
        && spec
            .path(&["dataSourceRef", "namespace"])
            .is_some_and(|at| spec.draft.value(at) != DraftValue::String(""))
    {
        spec.unset("dataSourceRef");
    }
    if !has_source
        && spec.is_nil("dataSourceRef")
        && let Some(source) = spec.within("dataSource")
    {
        let kept = matches!(
            (source.text("kind"), source.text("apiGroup")),
            ("PersistentVolumeClaim", "") | ("VolumeSnapshot", "snapshot.storage.k8s.io")
        );
        if !kept {
            spec.unset("dataSource");
        }
    }
    for (from, to) in [("dataSource", "dataSourceRef"), ("dataSourceRef", "dataSource")] {
        if let Some(source) = spec.find(from)
            && spec.is_nil(to)
            && spec.at(source).text("namespace").is_empty()
        {
            let copy = spec.copy(to, source);
            spec.at(copy).unset("namespace");
            // `apiGroup` of the newer field vanishes when nil, that of the older does not.
            let mut copy = spec.at(copy);
            match to {
                "dataSource" if copy.is_nil("apiGroup") => {
                    copy.set("apiGroup", Set::Null);
                }
                _ => {}
            }
        }
    }
}

/// Text becomes data. Source: kubernetes `Convert_v1_Secret_To_core_Secret`.
pub(super) fn secret(secret: &mut Value<'_, '_, '_>) {
    for entry in secret.items("stringData") {
        let name = secret.draft.key(entry).to_owned();
        let DraftValue::String(text) = secret.draft.value(entry) else { continue };
        let encoded = STANDARD.encode(text);
        let place = secret.made("data").set(&name, Set::String(&encoded));
        secret.draft.mark(place, Origin::Written);
    }
    secret.unset("stringData");
}

/// Only the names of secrets count. Source: `pkg/registry/core/serviceaccount/strategy.go`.
pub(super) fn service_account(account: &mut Value<'_, '_, '_>) {
    account.each("secrets", |secret| {
        for field in secret.children() {
            let name = secret.draft.key(field).to_owned();
            if name != "name" {
                secret.unset(&name);
            }
        }
    });
}

/// The user is that of the request. Source: `pkg/registry/certificates/certificates/strategy.go`.
pub(super) fn signing_request(request: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = request.within("spec") else { return };
    for field in ["username", "uid", "groups", "extra"] {
        spec.unset(field);
    }
}

/// A webhook of which nothing is said is none. Source: apiextensions `pkg/apis/apiextensions/v1/conversion.go`.
pub(super) fn conversion_webhook(definition: &mut Value<'_, '_, '_>) {
    let Some(conversion) = definition.path(&["spec", "conversion"]) else { return };
    let mut conversion = definition.at(conversion);
    let says_nothing = conversion
        .within("webhook")
        .is_some_and(|hook| hook.is_nil("clientConfig") && hook.is_nil("conversionReviewVersions"));
    if says_nothing {
        conversion.unset("webhook");
    }
}

/// Devices of this version are all basic. Source: kubernetes `pkg/apis/resource/v1beta1/conversion.go`.
pub(super) fn basic_devices(slice: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = slice.within("spec") else { return };
    spec.each("devices", |device| {
        device.made("basic");
    });
}
