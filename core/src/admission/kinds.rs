//! [`Kinds`]: which resource a kind is, and where it lives.

use super::built_in::built_in;
use super::{GroupVersionKind, GroupVersionResource};
use crate::document::{NodeRef, Object};

/// What is known about kinds: those of Kubernetes, and those of the CustomResourceDefinitions given.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    definitions: Vec<Definition>,
    /// The minor version of Kubernetes, 1.37 when not told.
    minor: Option<u16>,
}

/// A kind that a CustomResourceDefinition defines.
#[derive(Clone, Debug)]
struct Definition {
    group: String,
    kind: String,
    resource: String,
    namespaced: bool,
    /// The versions served, in the order written.
    versions: Vec<String>,
    /// Whether a webhook converts between them.
    has_webhook: bool,
}

/// A version of a resource, and the minor versions of Kubernetes that have it.
type Served = (&'static str, &'static str, u16, u16);

/// Resources with several names for one stored object: the versions of one group, and the groups that kube-apiserver's
/// storage puts together. Those of which a cluster serves none by default are left out. A test holds this table against
/// that of all kinds.
const SEVERAL: &[(&str, &str, &[Served])] = &[
    (
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        &[("autoscaling", "v1", 30, 37), ("autoscaling", "v2", 30, 37)],
    ),
    ("Event", "events", &[("", "v1", 30, 37), ("events.k8s.io", "v1", 30, 37)]),
    ("FlowSchema", "flowschemas", FLOW_CONTROL),
    ("PriorityLevelConfiguration", "prioritylevelconfigurations", FLOW_CONTROL),
    (
        "ClusterTrustBundle",
        "clustertrustbundles",
        &[
            ("certificates.k8s.io", "v1", 37, 37),
            ("certificates.k8s.io", "v1beta1", 33, 37),
            ("certificates.k8s.io", "v1alpha1", 30, 36),
        ],
    ),
    (
        "PodCertificateRequest",
        "podcertificaterequests",
        &[("certificates.k8s.io", "v1", 37, 37), ("certificates.k8s.io", "v1beta1", 35, 37)],
    ),
    ("IPAddress", "ipaddresses", ADDRESSES),
    ("ServiceCIDR", "servicecidrs", ADDRESSES),
    ("DeviceClass", "deviceclasses", DEVICES),
    ("ResourceClaim", "resourceclaims", DEVICES),
    ("ResourceClaimTemplate", "resourceclaimtemplates", DEVICES),
    ("ResourceSlice", "resourceslices", DEVICES),
    (
        "DeviceTaintRule",
        "devicetaintrules",
        &[
            ("resource.k8s.io", "v1", 37, 37),
            ("resource.k8s.io", "v1beta2", 36, 37),
            ("resource.k8s.io", "v1alpha3", 33, 37),
        ],
    ),
    (
        "VolumeAttributesClass",
        "volumeattributesclasses",
        &[
            ("storage.k8s.io", "v1", 34, 37),
            ("storage.k8s.io", "v1beta1", 31, 36),
            ("storage.k8s.io", "v1alpha1", 30, 34),
        ],
    ),
    (
        "StorageVersionMigration",
        "storageversionmigrations",
        &[("storagemigration.k8s.io", "v1", 37, 37), ("storagemigration.k8s.io", "v1beta1", 35, 37)],
    ),
];

const FLOW_CONTROL: &[Served] =
    &[("flowcontrol.apiserver.k8s.io", "v1", 30, 37), ("flowcontrol.apiserver.k8s.io", "v1beta3", 30, 31)];
const ADDRESSES: &[Served] = &[("networking.k8s.io", "v1", 33, 37), ("networking.k8s.io", "v1beta1", 31, 36)];
const DEVICES: &[Served] = &[
    ("resource.k8s.io", "v1", 34, 37),
    ("resource.k8s.io", "v1beta2", 33, 37),
    ("resource.k8s.io", "v1beta1", 32, 37),
];

/// The minor version of Kubernetes that is meant when none is named.
const NEWEST: u16 = 37;

/// Whether a cluster serves a version unless told otherwise. Source: kubernetes `pkg/controlplane/instance.go`.
fn is_served_by_default(group: &str, version: &str) -> bool {
    !version.contains("alpha") && !version.contains("beta")
        || (group, version) == ("flowcontrol.apiserver.k8s.io", "v1beta3")
}

/// Whether a built-in kind lives in namespaces; `None` for kinds that Kubernetes does not have.
pub fn is_namespaced(group: &str, kind: &str) -> Option<bool> {
    built_in(group, kind).map(|known| known.namespaced)
}

/// Whether a kind is built in but not in this version.
pub fn is_unknown_version(kind: &GroupVersionKind) -> bool {
    built_in(&kind.group, &kind.kind).is_some_and(|known| !known.versions.contains(&kind.version.as_str()))
}

/// The resource of a kind by the built-in ones and apimachinery's guess; see [`Kinds::resource_of`].
pub fn resource_of(kind: &GroupVersionKind) -> GroupVersionResource {
    Kinds::default().resource_of(kind)
}

impl Kinds {
    /// What the `CustomResourceDefinition`s among the objects say, and what is built in.
    pub fn new<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Kinds {
        let mut kinds = Kinds::default();
        for object in objects {
            kinds.define(object);
        }
        kinds
    }

    /// The same for the built-in kinds of Kubernetes 1.`minor`.
    #[must_use]
    pub fn of_kubernetes(mut self, minor: u16) -> Kinds {
        self.minor = Some(minor);
        self
    }

    /// Whether versions of a custom kind are converted by a webhook, which is never called here.
    pub fn has_conversion_webhook(&self, group: &str, kind: &str) -> bool {
        self.definition(group, kind).is_some_and(|definition| definition.has_webhook)
    }

    /// Learns the kind of a `CustomResourceDefinition` (v1); false when the object is none or is incomplete.
    ///
    /// A later definition of the same kind replaces an earlier one; the kinds of Kubernetes cannot be replaced.
    pub fn define(&mut self, object: &Object) -> bool {
        let kind = GroupVersionKind::of(object);
        if (kind.group.as_str(), kind.kind.as_str()) != ("apiextensions.k8s.io", "CustomResourceDefinition") {
            return false;
        }
        let Some(definition) = Definition::read(object) else { return false };
        self.definitions.retain(|old| (&old.group, &old.kind) != (&definition.group, &definition.kind));
        self.definitions.push(definition);
        true
    }

    /// The resource of a kind: from the table, a definition, or else apimachinery's guess at the plural.
    pub fn resource_of(&self, kind: &GroupVersionKind) -> GroupVersionResource {
        let resource = match (built_in(&kind.group, &kind.kind), self.definition(&kind.group, &kind.kind)) {
            (Some(known), _) => known.resource.to_owned(),
            (None, Some(defined)) => defined.resource.clone(),
            (None, None) => guess_plural(&kind.kind),
        };
        if resource.is_empty() {
            return GroupVersionResource::default();
        }
        GroupVersionResource::new(&kind.group, &kind.version, &resource)
    }

    /// Whether the objects of a kind live in namespaces; `None` for kinds that nothing is known about.
    pub fn namespaced(&self, group: &str, kind: &str) -> Option<bool> {
        let defined = || self.definition(group, kind).map(|definition| definition.namespaced);
        built_in(group, kind).map(|known| known.namespaced).or_else(defined)
    }

    /// The versions of a kind; empty for kinds that nothing is known about.
    pub fn versions<'k>(&'k self, group: &str, kind: &str) -> impl Iterator<Item = &'k str> + use<'k> {
        let known = built_in(group, kind).map(|known| known.versions).unwrap_or_default();
        let defined = match known {
            [] => self.definition(group, kind).map(|definition| definition.versions.as_slice()),
            _ => None,
        };
        known.iter().copied().chain(defined.unwrap_or_default().iter().map(String::as_str))
    }

    /// The other names of a resource, as kube-apiserver's EquivalentResourceMapper gives them, with their kinds.
    ///
    /// Of the built-in ones those that a cluster serves by default; a request for another version shows that this one is
    /// served too. `subresource` counts: only the object itself, `status` and `scale` of a resource exist in every version.
    pub fn equivalents<'k>(
        &'k self,
        resource: &'k GroupVersionResource,
        subresource: &'k str,
    ) -> impl Iterator<Item = Equivalent<'k>> + use<'k> {
        let scale = subresource == "scale";
        let whole = matches!(subresource, "" | "status");
        let minor = self.minor.unwrap_or(NEWEST);
        let known = move |&&(_, _, first, last): &&Served| (first..=last).contains(&minor);
        let own = move |&(group, version, ..): &Served| {
            (group, version) == (resource.group.as_str(), resource.version.as_str())
        };
        let several = SEVERAL.iter().filter(move |(_, name, _)| whole && *name == resource.resource);
        let several = several.filter(move |(_, _, served)| served.iter().filter(known).any(own));
        let built_in = several.flat_map(move |&(kind, name, served)| {
            let others = served
                .iter()
                .filter(known)
                .filter(|(group, version, ..)| is_served_by_default(group, version));
            others.map(move |&(group, version, ..)| Equivalent {
                group,
                version,
                resource: name,
                kind: [group, version, kind],
            })
        });
        let ours = move |definition: &&Definition| {
            definition.group == resource.group
                && definition.resource == resource.resource
                && definition.versions.contains(&resource.version)
        };
        let defined = self.definitions.iter().filter(move |_| whole || scale).filter(ours);
        let defined = defined.flat_map(move |definition| definition.equivalents(scale));
        built_in.chain(defined).filter(move |other| !other.is(resource))
    }

    fn definition(&self, group: &str, kind: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.group == group && definition.kind == kind)
    }
}

/// Another name of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equivalent<'k> {
    pub group: &'k str,
    pub version: &'k str,
    pub resource: &'k str,
    /// Group, version and kind of what the resource (or its subresource) holds.
    pub kind: [&'k str; 3],
}

impl Equivalent<'_> {
    fn is(&self, other: &GroupVersionResource) -> bool {
        (self.group, self.version, self.resource) == (&*other.group, &*other.version, &*other.resource)
    }

    pub fn group_version_resource(&self) -> GroupVersionResource {
        GroupVersionResource::new(self.group, self.version, self.resource)
    }

    pub fn group_version_kind(&self) -> GroupVersionKind {
        let [group, version, kind] = self.kind;
        GroupVersionKind::new(group, version, kind)
    }
}

impl GroupVersionKind {
    /// The kind that an object says it is, read as apimachinery reads an unstructured object: an `apiVersion` with
    /// two slashes or more makes the whole kind empty.
    pub fn of(object: &Object) -> GroupVersionKind {
        let root = object.root();
        let text = |key| root.field(key).and_then(NodeRef::as_str).unwrap_or_default();
        let api_version = text("apiVersion");
        if api_version.bytes().filter(|&byte| byte == b'/').count() > 1 {
            return GroupVersionKind::default();
        }
        GroupVersionKind::from_api_version(api_version, text("kind"))
    }
}

impl Definition {
    fn equivalents(&self, scale: bool) -> impl Iterator<Item = Equivalent<'_>> {
        self.versions.iter().map(move |version| Equivalent {
            group: &self.group,
            version,
            resource: &self.resource,
            kind: if scale { ["autoscaling", "v1", "Scale"] } else { [&self.group, version, &self.kind] },
        })
    }

    fn read(object: &Object) -> Option<Definition> {
        let spec = object.root().field("spec")?;
        let names = spec.field("names")?;
        let versions = spec.field("versions").and_then(NodeRef::as_list);
        let served =
            |version: &NodeRef<'_>| version.field("served").and_then(NodeRef::as_bool) != Some(false);
        let name = |version: NodeRef<'_>| version.field("name")?.as_str().map(str::to_owned);
        Some(Definition {
            group: spec.field("group")?.as_str()?.to_owned(),
            kind: names.field("kind")?.as_str()?.to_owned(),
            resource: names.field("plural")?.as_str()?.to_owned(),
            namespaced: spec.field("scope")?.as_str()? == "Namespaced",
            has_webhook: spec.field("conversion").and_then(|own| own.field("strategy")?.as_str())
                == Some("Webhook"),
            versions: versions
                .map(|list| list.iter().filter(served).filter_map(name).collect())
                .unwrap_or_default(),
        })
    }
}

/// apimachinery's `UnsafeGuessKindToResource`.
fn guess_plural(kind: &str) -> String {
    let singular = kind.to_lowercase();
    if singular.is_empty() || singular.ends_with("endpoints") {
        return singular;
    }
    if singular.ends_with('s') {
        return singular + "es";
    }
    match singular.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => singular + "s",
    }
}
