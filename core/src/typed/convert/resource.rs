//! Dynamic resources of resource.k8s.io/v1beta1, which keeps in `basic` what the later versions have in a device itself,
//! and in a request itself what they have in `exactly`. Source: kubernetes `pkg/apis/resource/v1beta1/conversion.go`.

use crate::typed::value::Value;

/// Fields of a request that the later versions have in `exactly`.
const EXACTLY: [&str; 8] = [
    "deviceClassName",
    "selectors",
    "allocationMode",
    "count",
    "adminAccess",
    "tolerations",
    "capacity",
    "derivedAttributes",
];

pub(super) fn newer(object: &mut Value<'_, '_, '_>, kind: &str) {
    devices(object, kind, |device| {
        let Some(basic) = device.find("basic") else { return };
        let fields = device.at(basic).children();
        device.unset("basic");
        for field in fields {
            let name = device.draft.key(field).to_owned();
            device.at(basic).unset(&name);
            device.put(&name, field);
        }
    });
    requests(object, kind, |request| {
        let places: Vec<_> = EXACTLY.iter().filter_map(|name| Some((name, request.find(name)?))).collect();
        // A class is there even when it is empty.
        let is_said = |(name, _): &(&&str, _)| **name != "deviceClassName" || !request.is_zero(name);
        if !places.iter().any(is_said) {
            return;
        }
        for (name, place) in places {
            request.unset(name);
            request.made("exactly").put(name, place);
        }
    });
}

pub(super) fn older(object: &mut Value<'_, '_, '_>, kind: &str) {
    devices(object, kind, |device| {
        let fields = device.children();
        let basic = device.made("basic").place;
        for field in fields {
            let name = device.draft.key(field).to_owned();
            if name != "name" {
                device.unset(&name);
                device.at(basic).put(&name, field);
            }
        }
    });
    requests(object, kind, |request| {
        let Some(exactly) = request.find("exactly") else { return };
        let fields = request.at(exactly).children();
        request.unset("exactly");
        for field in fields {
            let name = request.draft.key(field).to_owned();
            request.at(exactly).unset(&name);
            request.put(&name, field);
        }
    });
}

fn devices(object: &mut Value<'_, '_, '_>, kind: &str, act: impl FnMut(&mut Value<'_, '_, '_>)) {
    if kind == "ResourceSlice"
        && let Some(mut spec) = object.within("spec")
    {
        spec.each("devices", act);
    }
}

fn requests(object: &mut Value<'_, '_, '_>, kind: &str, act: impl FnMut(&mut Value<'_, '_, '_>)) {
    let path: &[&str] = match kind {
        "ResourceClaim" => &["spec", "devices"],
        "ResourceClaimTemplate" => &["spec", "spec", "devices"],
        _ => return,
    };
    if let Some(devices) = object.path(path) {
        object.at(devices).each("requests", act);
    }
}
