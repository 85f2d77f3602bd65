//! Objects as the API server has them when it asks policies, and what it says of them on the way.

use crate::custom::CustomResources;
use kordon::cel::environment::Version;
use kordon::document::{Document, NodeRef, Object};
use kordon::schema::Schemas;
use kordon::typed::{Admitted, Options, Refusal, Scheme, Stage, Warning};
use kordon::validation::FieldError;
use kordon::{Diagnostic, Engine, Severity, Source};
use std::sync::Arc;

/// Which form of an object policies see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// As the API server has it: decoded, defaulted, prepared. Kinds that are neither built in nor
    /// defined among the inputs stay as they were written.
    #[default]
    Admitted,
    /// As it stands in its file.
    Written,
}

impl View {
    pub fn as_str(self) -> &'static str {
        match self {
            View::Admitted => "admitted",
            View::Written => "written",
        }
    }
}

/// An object in the form that policies see.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) document: Document,
    pub(crate) view: View,
}

/// The API server cannot read the object; why is among the problems.
#[derive(Debug)]
pub(crate) struct Refused;

impl Seen {
    /// Admits an object with the kinds of an engine, in place of an old one if there is any.
    pub(crate) fn admit(
        engine: &Engine,
        custom: &CustomResources,
        document: Document,
        namespace: &str,
        old: Option<&Object>,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<Seen, Refused> {
        let scheme = engine.scheme();
        problems.extend(scheme.and_then(|scheme| version_problem(scheme.schemas(), &document)));
        admit(scheme, custom, document, &Options { namespace, old, ..Options::default() }, problems)
    }

    /// The same for an object that is there already. What it would be warned of is not told.
    pub(crate) fn existing(
        scheme: Option<&Scheme>,
        custom: &CustomResources,
        document: Document,
        namespace: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<Seen, Refused> {
        let stage = stage_of_existing(&document.object);
        let options = Options { stage, namespace, ..Options::default() };
        let mut errors = Vec::new();
        let seen = admit(scheme, custom, document, &options, &mut errors);
        problems.extend(errors.into_iter().filter(|_| seen.is_err()));
        seen
    }
}

/// Makes of an object what the API server makes of it; warnings are problems too.
pub(crate) fn admit(
    scheme: Option<&Scheme>,
    custom: &CustomResources,
    document: Document,
    options: &Options<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Seen, Refused> {
    let Document { source, object } = document;
    match admit_object(scheme, custom, &object, options) {
        Ok(Some(admitted)) => {
            problems.extend(admitted.warnings.into_iter().map(|warning| warned(warning, &source)));
            let document = Document { source, object: admitted.object };
            Ok(Seen { document, view: View::Admitted })
        }
        Ok(None) => Ok(Seen { document: Document { source, object }, view: View::Written }),
        Err(refusal) => {
            problems.push(refused(&refusal, &source));
            Err(Refused)
        }
    }
}

/// What the API server makes of an object; `None` when its kind is not known.
pub(crate) fn admit_object(
    scheme: Option<&Scheme>,
    custom: &CustomResources,
    object: &Object,
    options: &Options<'_>,
) -> Result<Option<Admitted>, Refusal> {
    let built_in = scheme.map_or(Ok(None), |scheme| scheme.admit(object, options));
    match (built_in, custom.of(object)) {
        (Ok(None), Some(strategy)) => strategy.admit(object.root(), scheme, options).map(Some),
        (admitted, _) => admitted,
    }
}

/// How far an object still has to go that is there already: one that was taken out of a cluster was prepared there.
pub(crate) fn stage_of_existing(object: &Object) -> Stage {
    if is_stored(object) { Stage::Stored } else { Stage::Prepared }
}

/// Says so when the kinds of a version are not known.
pub(crate) fn without_tables(version: Version, severity: Severity) -> Diagnostic {
    let (first, last) = (Schemas::VERSIONS.start(), Schemas::VERSIONS.end());
    let message = format!("the kinds of Kubernetes {version} are not known: objects are taken as written");
    let help = format!("there are tables of 1.{first} to 1.{last}");
    Diagnostic::new(severity, "unknown-version", message).help(help)
}

/// What the chosen version of Kubernetes says of an object's `apiVersion`: deprecated, or not there.
pub(crate) fn version_problem(schemas: &Schemas, document: &Document) -> Option<Diagnostic> {
    let root = document.object.root();
    let node = root.field("apiVersion")?;
    let (version, kind) = (node.as_str()?, root.field("kind").and_then(NodeRef::as_str)?);
    let problem = match schemas.absence(version, kind) {
        Some(absence) => Diagnostic::error("absent-version", absence),
        None => Diagnostic::warning("deprecated-version", schemas.deprecation(version, kind)?),
    };
    Some(problem.at(&document.source, node.span()))
}

/// Whether an object was taken out of a cluster, with its status.
pub(crate) fn is_stored(object: &Object) -> bool {
    let metadata = object.root().field("metadata");
    metadata.is_some_and(|metadata| metadata.field("uid").is_some())
}

fn refused(refusal: &Refusal, source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error("refused-object", refusal.message.as_str())
        .at(source, refusal.span)
        .help("the API server refuses the object before any policy sees it")
}

/// An object as problems name it: `Deployment default/web`.
pub(crate) fn name_of(object: &Object) -> String {
    let text = |node: Option<NodeRef<'_>>, name: &str| {
        node.and_then(|node| node.field(name)).and_then(NodeRef::as_str).unwrap_or_default().to_owned()
    };
    let root = Some(object.root());
    let metadata = object.root().field("metadata");
    let (kind, namespace) = (text(root, "kind"), text(metadata, "namespace"));
    let name = match (text(metadata, "name"), text(metadata, "generateName")) {
        (name, prefix) if name.is_empty() && prefix.is_empty() => "(unnamed)".to_owned(),
        (name, prefix) if name.is_empty() => format!("{prefix}…"),
        (name, _) => name,
    };
    if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") }
}

/// A field of an object that the API server refuses.
pub(crate) fn refused_field(error: &FieldError, object: &str, source: &Arc<Source>) -> Diagnostic {
    let message = match error.field.as_str() {
        "<nil>" => format!("{object} is invalid: {}", error.detail),
        field => format!("{object} is invalid: {field}: {}", error.detail),
    };
    Diagnostic::error("refused-object", message)
        .at(source, error.place(&source.text))
        .help("the API server refuses the object before any policy sees it")
}

fn warned(warning: Warning, source: &Arc<Source>) -> Diagnostic {
    let code = if warning.message.starts_with("duplicate") { "duplicate-field" } else { "unknown-field" };
    let problem = Diagnostic::warning(code, warning.message).at(source, warning.span);
    match warning.near {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}
