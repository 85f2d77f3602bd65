//! Objects as another version of their kind has them: what a policy sees whose rule names that version.
//!
//! The API server converts through a form that all versions have in common. Most versions that stand side by side differ
//! in nothing but their name, or in fields that one of them does not have, which decoding takes care of; what else
//! differs are the functions here. Source: kubernetes `pkg/apis/*/*/conversion.go`, apiserver
//! `pkg/admission/conversion.go`.

mod autoscaling;
mod metrics;
mod plain;
mod resource;

pub(super) use autoscaling::{newer as newer_autoscaler, older as older_autoscaler, without_carriers};

use super::decode::Decoder;
use super::scheme::Scheme;
use super::value::{Set, Value};
use super::{Refusal, Stage};
use crate::document::{Draft, NodeRef, Object, Place};

/// Fields of events by their name in the core group and in events.k8s.io. Source: kubernetes
/// `pkg/apis/events/v1/conversion.go`.
const EVENT: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("source", "deprecatedSource"),
    ("message", "note"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

/// Says that a priority level has no shares, which are otherwise defaulted. Source: kubernetes
/// `pkg/apis/flowcontrol/v1beta3/conversion.go`.
const ZERO_SHARES: &str = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";

impl Scheme {
    /// An object of a built-in kind as another version of the kind has it. No defaults of that version are set.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// use kordon::typed::Scheme;
    ///
    /// let scheme = Scheme::for_version(37).unwrap();
    /// let scaler = br#"{"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
    ///     "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 70}}"#;
    /// let newer = scheme.convert(&Object::from_json(scaler, &Limits::default())?, "autoscaling/v2")?;
    /// let metric = newer.root().field("spec").unwrap().field("metrics").unwrap().as_list().unwrap().at(0).unwrap();
    /// let target = metric.field("resource").unwrap().field("target").unwrap();
    /// assert_eq!(target.field("averageUtilization").unwrap().as_int(), Some(70));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn convert(&self, object: &Object, api_version: &str) -> Result<Object, Refusal> {
        let root = object.root();
        let head = |name: &str| root.field(name).and_then(NodeRef::as_str).unwrap_or_default();
        let (from, kind) = (head("apiVersion"), head("kind"));
        if from == api_version {
            return Ok(object.clone());
        }
        if !are_versions_of_one(from, api_version, kind)
            || self.kind(from, kind).is_none()
            || self.kind(api_version, kind).is_none()
        {
            return Err(Refusal {
                message: format!("{kind} of `{from}` cannot be converted to `{api_version}`"),
                field: "apiVersion".to_owned(),
                span: root.field("apiVersion").map_or(root.span(), NodeRef::span),
            });
        }
        let (mut draft, place) = self.decoded(object, from, kind)?;
        let mut value = Value::new(&mut draft, self, place);
        step(&mut value, from, api_version, kind);
        if let Some(version) = value.find("apiVersion") {
            value.draft.replace(version, Set::String(api_version));
        }
        let moved = draft.finish(place);
        let (draft, place) = self.decoded(&moved, api_version, kind)?;
        Ok(draft.finish(place))
    }

    /// An object in the form of its Go type, without defaults.
    fn decoded<'o>(
        &self,
        object: &'o Object,
        api_version: &'o str,
        kind: &str,
    ) -> Result<(Draft<'o>, Place), Refusal> {
        let version = version_of(api_version);
        let mut decoder = Decoder::new(self, Draft::new(object), Stage::Decoded, version);
        let Some(plan) = self.kind(api_version, kind) else {
            return Ok((decoder.draft, Place::default()));
        };
        let decoded = decoder.object(plan.id, object.root()).and_then(|root| match decoder.wrong.take() {
            Some(wrong) => Err(Box::new(wrong)),
            None => Ok(root),
        });
        let place = decoded.map_err(|wrong| Refusal::of(*wrong, version, kind))?;
        Ok((decoder.draft, place))
    }
}

fn version_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or(api_version, |(_, version)| version)
}

fn are_versions_of_one(from: &str, to: &str, kind: &str) -> bool {
    let group = |version: &str| version.split_once('/').map_or("", |(group, _)| group).to_owned();
    match (group(from).as_str(), group(to).as_str()) {
        // These two groups were many things; nothing asks for their conversion where they stand side by side.
        ("resource.k8s.io", _) if from.ends_with("v1alpha2") || to.ends_with("v1alpha2") => false,
        ("resource.k8s.io", _) if from.ends_with("v1alpha3") || to.ends_with("v1alpha3") => {
            kind == "DeviceTaintRule" || kind == "DeviceClass"
        }
        (one, other) if one == other => true,
        ("", "events.k8s.io") | ("events.k8s.io", "") => kind == "Event",
        _ => false,
    }
}

/// What differs between two versions beyond names of fields that only one of them has.
fn step(object: &mut Value<'_, '_, '_>, from: &str, to: &str, kind: &str) {
    let older_devices = |version: &str| version == "resource.k8s.io/v1beta1";
    match (from, to, kind) {
        ("v1", _, "Event") => rename(object, EVENT.into_iter()),
        (_, "v1", "Event") => rename(object, EVENT.into_iter().map(|(own, other)| (other, own))),
        ("autoscaling/v1", _, "HorizontalPodAutoscaler") => autoscaling::newer(object),
        (_, "autoscaling/v1", "HorizontalPodAutoscaler") => autoscaling::older(object),
        ("flowcontrol.apiserver.k8s.io/v1", _, "PriorityLevelConfiguration") => keep_zero_shares(object),
        (_, "flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration") => say_zero_shares(object),
        (from, to, _) if older_devices(from) && !older_devices(to) => resource::newer(object, kind),
        (from, to, _) if older_devices(to) && !older_devices(from) => resource::older(object, kind),
        _ => {}
    }
}

fn rename<'n>(object: &mut Value<'_, '_, '_>, names: impl Iterator<Item = (&'n str, &'n str)>) {
    for (from, to) in names {
        if let Some(place) = object.draft.field(object.place, from) {
            object.unset(from);
            object.put(to, place);
        }
    }
}

/// The older version says with an annotation that zero was meant.
fn keep_zero_shares(level: &mut Value<'_, '_, '_>) {
    let Some(limited) = level.path(&["spec", "limited"]) else { return };
    if level.at(limited).is_zero("nominalConcurrencyShares") {
        level.made("metadata").made("annotations").default_nil(ZERO_SHARES, Set::String(""));
    }
}

/// The newer version always has a number.
fn say_zero_shares(level: &mut Value<'_, '_, '_>) {
    if let Some(annotations) = level.path(&["metadata", "annotations"]) {
        level.at(annotations).unset(ZERO_SHARES);
    }
    if let Some(limited) = level.path(&["spec", "limited"]) {
        level.at(limited).default_nil("nominalConcurrencyShares", Set::Int(0));
    }
}
