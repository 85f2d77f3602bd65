//! Resources: what kinds are served as, which are the same objects, and when versions of kinds came and went.

use super::Schemas;

/// A resource of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// As in `apiVersion`: `apps/v1`, or `v1` for the core group.
    pub group_version: &'static str,
    /// The plural, as in paths.
    pub name: &'static str,
    pub kind: &'static str,
    pub singular: &'static str,
    pub namespaced: bool,
    pub short_names: Vec<&'static str>,
    pub categories: Vec<&'static str>,
    pub verbs: Vec<&'static str>,
    /// Names, and `apiVersion.Kind` where the subresource is another kind than the resource.
    pub subresources: Vec<(&'static str, Option<&'static str>)>,
}

/// When a version of a kind came, was deprecated and went. Source: the `prerelease-lifecycle` functions of k8s.io/api.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub group_version: &'static str,
    pub kind: &'static str,
    /// Minor versions of Kubernetes 1.x.
    pub introduced: u16,
    pub deprecated: Option<u16>,
    pub removed: Option<u16>,
    /// What to use in its place: `apiVersion` and kind.
    pub replacement: Option<(&'static str, &'static str)>,
}

/// Resources of two groups that are the same objects. Source: `AddCohabitatingResources` in kubernetes
/// `pkg/kubeapiserver/default_storage_factory_builder.go`, of which the extensions group is no longer served.
const COHABITING: &[&[(&str, &str)]] = &[&[("", "events"), ("events.k8s.io", "events")]];

impl Resource {
    /// The API group, empty for the core group.
    pub fn group(&self) -> &'static str {
        self.group_version.split_once('/').map_or("", |(group, _)| group)
    }

    pub fn version(&self) -> &'static str {
        self.group_version.split_once('/').map_or(self.group_version, |(_, version)| version)
    }

    /// Whether a cluster serves it unless told otherwise: alpha and beta versions are off, but for those that were on
    /// before Kubernetes 1.24. Source: kubernetes `pkg/controlplane/instance.go`.
    pub fn served_by_default(&self) -> bool {
        let version = self.version();
        // `v1` has place for neither.
        let stable = version.len() < "vbeta".len() || !version.contains("alpha") && !version.contains("beta");
        stable || self.group_version == "flowcontrol.apiserver.k8s.io/v1beta3"
    }
}

impl Schemas {
    /// All resources, sorted by group and version.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resource that a kind is served as.
    pub fn resource_of(&self, group_version: &str, kind: &str) -> Option<&Resource> {
        self.resources.iter().find(|entry| entry.kind == kind && entry.group_version == group_version)
    }

    /// A resource by its plural name.
    pub fn resource(&self, group_version: &str, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|entry| entry.name == name && entry.group_version == group_version)
    }

    /// Other resources that the same objects are served as by default: other versions of the group, and cohabiting
    /// groups. These are what `matchPolicy: Equivalent` matches too.
    pub fn equivalents<'s>(&'s self, resource: &'s Resource) -> impl Iterator<Item = &'s Resource> {
        let of = (resource.group(), resource.name);
        let alike = move |other: (&str, &str)| {
            other == of || COHABITING.iter().any(|set| set.contains(&of) && set.contains(&other))
        };
        self.resources.iter().filter(move |other| {
            alike((other.group(), other.name))
                && other.group_version != resource.group_version
                && other.served_by_default()
        })
    }

    /// When a version of a kind came and went, also of those that are no longer served.
    pub fn life(&self, group_version: &str, kind: &str) -> Option<&Life> {
        self.lives.iter().find(|life| life.kind == kind && life.group_version == group_version)
    }

    /// What the API server warns of when a deprecated version of a kind is used, `None` when it is not deprecated yet.
    /// Source: apiserver `pkg/endpoints/deprecation/deprecation.go`.
    pub fn deprecation(&self, group_version: &str, kind: &str) -> Option<String> {
        let life = self.life(group_version, kind)?;
        let deprecated = life.deprecated.filter(|&minor| minor <= self.minor)?;
        let mut text = format!("{group_version} {kind} is deprecated in v1.{deprecated}+");
        if let Some(removed) = life.removed {
            text.push_str(&format!(", unavailable in v1.{removed}+"));
        }
        if let Some((version, kind)) = life.replacement {
            text.push_str(&format!("; use {version} {kind}"));
        }
        Some(text)
    }

    /// Why a version of a kind is not there, when it once was or will be.
    pub fn absence(&self, group_version: &str, kind: &str) -> Option<String> {
        let life = self.life(group_version, kind)?;
        if self.kind_id(group_version, kind).is_some() {
            return None;
        }
        let mut text = match life.removed.filter(|&minor| minor <= self.minor) {
            Some(removed) => format!("`{group_version}` {kind} was removed in 1.{removed}"),
            None if life.introduced > self.minor => {
                format!("`{group_version}` {kind} does not exist before 1.{}", life.introduced)
            }
            None => format!("`{group_version}` {kind} is not served"),
        };
        if let Some((version, other)) = life.replacement {
            let name = if other == kind { String::new() } else { format!(" {other}") };
            text.push_str(&format!("; use {version}{name}"));
        }
        Some(text)
    }
}
