//! Typed objects: what the API server makes of a manifest before any policy sees it.
//!
//! A document and the table of its kind become what the decoded, defaulted Go value would be written as: unknown fields
//! are gone, quantities and times canonical, empty fields absent or there as Go has it, defaults set, and what the
//! registry prepares for creation done. The result is an [`Object`] over the same text: what was written keeps its
//! place, and what was not has the place of the struct that it is in.

mod complete;
mod convert;
mod decode;
mod defaults;
mod disabled;
mod duplicates;
mod embedded;
mod equality;
mod gates;
mod path;
mod prepare;
mod scalar;
mod scheme;
mod time;
mod value;

#[cfg(test)]
mod tests;

pub use scheme::Scheme;

use crate::document::{Draft, NodeRef, Object};
use crate::source::Span;
use decode::{Decoder, Wrong};

/// How far an object goes on its way into the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Read into its Go type.
    Decoded,
    /// With the defaults of its version.
    Defaulted,
    /// Read from storage: with its defaults, and as the form between versions leaves it.
    Stored,
    /// Prepared by its registry to be created or updated: what admission policies see.
    #[default]
    Prepared,
}

/// What is not in the object itself.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    pub stage: Stage,
    /// The namespace of the request, for objects that name none.
    pub namespace: &'o str,
    /// What the object replaces, as it is stored: makes of a creation an update.
    pub old: Option<&'o Object>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { stage: Stage::default(), namespace: "default", old: None }
    }
}

/// An object as the API server has it.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Nodes that were not written are [`crate::document::Origin::Defaulted`] or [`crate::document::Origin::Empty`].
    pub object: Object,
    pub warnings: Vec<Warning>,
}

/// A field that the API server leaves out, or that was written twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// As the API server says it: `unknown field "spec.replica"`.
    pub message: String,
    pub field: String,
    /// The field's name in the text.
    pub span: Span,
    /// The known field that may have been meant.
    pub near: Option<String>,
}

/// Why the API server cannot read an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As the API server says it.
    pub message: String,
    /// The path of the value at fault.
    pub field: String,
    pub span: Span,
}

impl Refusal {
    /// The reason in the API server's status.
    pub const REASON: &'static str = "BadRequest";

    fn of(wrong: Wrong, version: &str, kind: &str) -> Refusal {
        let quoted = crate::go::quoted(version);
        let message = wrong.message;
        let message = format!("{kind} in version {quoted} cannot be handled as a {kind}: {message}");
        Refusal { message, field: wrong.path, span: wrong.span }
    }
}

impl Scheme {
    /// What the API server makes of an object that is created or updated; `None` for kinds that it does not have built
    /// in.
    ///
    /// ```
    /// use kordon::document::{Limits, Object, Origin};
    /// use kordon::typed::{Options, Scheme};
    ///
    /// let scheme = Scheme::for_version(37).unwrap();
    /// let written = br#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
    ///     "spec": {"replica": 3, "minReadySeconds": 0}}"#;
    /// let written = Object::from_json(written, &Limits::default())?;
    /// let admitted = scheme.admit(&written, &Options::default())?.unwrap();
    /// assert_eq!(admitted.warnings[0].message, "unknown field \"spec.replica\"");
    /// assert_eq!(admitted.warnings[0].near.as_deref(), Some("replicas"));
    ///
    /// let spec = admitted.object.root().field("spec").unwrap();
    /// let replicas = spec.field("replicas").unwrap();
    /// assert_eq!((replicas.as_int(), replicas.origin()), (Some(1), Origin::Defaulted));
    /// assert!(spec.field("minReadySeconds").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn admit(&self, object: &Object, options: &Options<'_>) -> Result<Option<Admitted>, Refusal> {
        let mut admitted = self.pass(object, options)?;
        // What is empty does not come back from storage, and gets its default then.
        if options.stage == Stage::Stored
            && let Some(stored) = &mut admitted
            && let Some(again) = self.pass(&stored.object, options)?
        {
            stored.object = again.object;
        }
        Ok(admitted)
    }

    fn pass(&self, object: &Object, options: &Options<'_>) -> Result<Option<Admitted>, Refusal> {
        let root = object.root();
        let head = |name: &str| root.field(name).and_then(NodeRef::as_str).unwrap_or_default();
        let (api_version, kind) = (head("apiVersion"), head("kind"));
        let Some(plan) = self.kind(api_version, kind) else { return Ok(None) };
        let id = plan.id;
        let version = api_version.rsplit_once('/').map_or(api_version, |(_, version)| version);
        // What the version has switched off stays in an update of what has it.
        let old = options.old.filter(|_| options.stage == Stage::Prepared);
        let decoded_to = if old.is_some() { Stage::Stored } else { options.stage };
        let mut decoder = Decoder::new(self, Draft::new(object), decoded_to, version);
        let decoded = decoder.object(id, root).and_then(|root| match decoder.wrong.take() {
            Some(wrong) => Err(Box::new(wrong)),
            None => Ok(root),
        });
        let place = decoded.map_err(|wrong| Refusal::of(*wrong, version, kind))?;
        let warnings = decoder.warnings(id, object);
        let mut draft = decoder.draft;
        if matches!(options.stage, Stage::Stored | Stage::Prepared) && plan.stored.is_some() {
            let old = old.map(|old| self.convert(old, prepare::form_between(api_version, kind))).transpose();
            // The old object may be of another text.
            let old = old.map_err(|refusal| Refusal { span: object.root().span(), ..refusal })?;
            let mut value = value::Value::new(&mut draft, self, place);
            prepare::prepare(&mut value, options, old.as_ref(), api_version, kind);
        }
        Ok(Some(Admitted { object: draft.finish(place), warnings }))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
