//! What is asked, in the words of kubectl: types by any of their names, paths.

use super::AccessOptions;
use kordon::Diagnostic;
use kordon::document::{NodeRef, Object};
use kordon::schema::Schemas;

/// A question, once it is known which resource a type is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub verb: String,
    /// The API group, empty for the core group.
    pub group: String,
    /// The plural.
    pub resource: String,
    pub subresource: String,
    /// Empty for any.
    pub name: String,
    /// Whether objects of the resource are in namespaces.
    pub namespaced: bool,
    /// Of what is no resource.
    pub path: String,
    /// Empty for all namespaces.
    within: String,
}

impl Asked {
    pub(super) fn read<'o>(
        options: &AccessOptions,
        objects: impl Iterator<Item = &'o Object>,
        problems: &mut Vec<Diagnostic>,
    ) -> Asked {
        let mut asked = Asked { verb: options.verb.clone(), ..Asked::default() };
        if options.what.starts_with('/') {
            asked.path = options.what.clone();
            return asked;
        }
        let (named, name) = options.what.split_once('/').unwrap_or((&options.what, ""));
        asked.name = name.to_owned();
        asked.subresource = options.subresource.clone();
        let (own, group) = named.split_once('.').unwrap_or((named, ""));
        let found = custom(named, objects).or_else(|| built_in(own, group, options.kubernetes_version.minor));
        let is_known = found.is_some() || named == "*";
        let unknown = || (group.to_owned(), own.to_owned(), true);
        (asked.group, asked.resource, asked.namespaced) = found.unwrap_or_else(unknown);
        if !is_known {
            let message = format!("no resource is named `{named}`; rules that name it are still found");
            problems.push(Diagnostic::warning("unknown-resource", message));
        }
        asked.within = match () {
            () if options.all_namespaces => String::new(),
            () if asked.namespaced => options.namespace.clone(),
            // A namespace is in itself. Source: apiserver `pkg/endpoints/request/requestinfo.go`.
            () if asked.resource == "namespaces" => asked.name.clone(),
            () => String::new(),
        };
        asked
    }

    /// Where it is to be done; `None` for all namespaces, and for what is in none.
    pub fn namespace(&self) -> Option<&str> {
        Some(self.within.as_str()).filter(|within| !within.is_empty())
    }
}

/// A type by its plural, singular or short name, or by its kind; of several groups the first that Kubernetes lists.
fn built_in(name: &str, group: &str, minor: u16) -> Option<(String, String, bool)> {
    let schemas = Schemas::for_version(minor)?;
    let name = name.to_lowercase();
    // As in `deployments.v1.apps`.
    let group =
        group.split_once('.').filter(|(version, _)| is_version(version)).map_or(group, |(_, rest)| rest);
    let resource = schemas.resources().iter().find(|resource| {
        let is_named = resource.name == name
            || resource.singular == name
            || resource.kind.to_lowercase() == name
            || resource.short_names.contains(&name.as_str());
        is_named && (group.is_empty() || resource.group() == group)
    })?;
    Some((resource.group().to_owned(), resource.name.to_owned(), resource.namespaced))
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The same of the CustomResourceDefinitions among the objects.
fn custom<'o>(named: &str, objects: impl Iterator<Item = &'o Object>) -> Option<(String, String, bool)> {
    let named = named.to_lowercase();
    objects.into_iter().find_map(|object| {
        let root = object.root();
        let text = |node: Option<NodeRef<'o>>| node.and_then(NodeRef::as_str).unwrap_or_default();
        if text(root.field("kind")) != "CustomResourceDefinition" {
            return None;
        }
        let spec = root.field("spec")?;
        let names = spec.field("names")?;
        let (group, plural) = (text(spec.field("group")), text(names.field("plural")));
        let short = names.field("shortNames").and_then(NodeRef::as_list);
        let mut all = vec![plural.to_owned(), text(names.field("singular")).to_owned()];
        all.push(text(names.field("kind")).to_lowercase());
        all.extend(short.into_iter().flat_map(|list| list.iter()).map(|name| text(Some(name)).to_owned()));
        let is_named = all.iter().any(|name| *name == named || format!("{name}.{group}") == named);
        is_named.then(|| (group.to_owned(), plural.to_owned(), text(spec.field("scope")) != "Cluster"))
    })
}
