//! Services, as a cluster with IPv4 alone has them. Addresses and ports that the cluster would allocate are left out.
//! Source: kubernetes `pkg/registry/core/service/storage/{storage,alloc}.go`.

use crate::document::{DraftValue, Origin};
use crate::typed::value::{Set, Value};

pub(super) fn prepare(service: &mut Value<'_, '_, '_>) {
    let Some(mut spec) = service.within("spec") else { return };
    let address = spec.text("clusterIP").to_owned();
    if !address.is_empty() && spec.is_empty("clusterIPs") {
        spec.set_texts("clusterIPs", &[&address]);
    }
    if spec.text("type") == "ExternalName" {
        return;
    }
    let is_anyones = address == "None" && spec.is_empty("selector");
    spec.default_nil(
        "ipFamilyPolicy",
        Set::String(if is_anyones { "RequireDualStack" } else { "SingleStack" }),
    );
    let written = texts(&spec, "ipFamilies");
    let mut families = written.clone();
    for (number, address) in texts(&spec, "clusterIPs").iter().enumerate() {
        if address == "None" {
            break;
        }
        if number >= families.len() {
            families.push(if address.contains(':') { "IPv6" } else { "IPv4" }.to_owned());
        }
    }
    if families.is_empty() {
        families.push("IPv4".to_owned());
    }
    if is_anyones && families.len() < 2 && spec.text("ipFamilyPolicy") != "SingleStack" {
        let other = if families.iter().any(|family| family == "IPv4") { "IPv6" } else { "IPv4" };
        families.push(other.to_owned());
    }
    let list = match spec.find("ipFamilies") {
        Some(list) => list,
        None => spec.set("ipFamilies", Set::List),
    };
    for family in families.iter().skip(written.len()) {
        let span = spec.draft.span(list);
        let item = spec.draft.added(DraftValue::String(family), Origin::Defaulted, span);
        spec.draft.push(list, item);
    }
}

pub(super) fn texts(value: &Value<'_, '_, '_>, list: &str) -> Vec<String> {
    let text = |item| match value.draft.value(item) {
        DraftValue::String(text) => Some(text.to_owned()),
        _ => None,
    };
    value.items(list).into_iter().filter_map(text).collect()
}
