//! Objects as the API server has them when it asks policies. Nothing of this is on the way of a decision: a request is
//! decided with the objects that it holds.

use super::{Engine, Fault};
use crate::document::{NodeRef, Object, Origin};
use crate::typed::{Admitted, Options, Refusal, Scheme};
use crate::validation::{FieldError, Validator};

impl Engine {
    /// The kinds of the engine's Kubernetes version, prepared when first asked for; `None` for versions that there is
    /// no table of.
    pub fn scheme(&self) -> Option<&Scheme> {
        let made = || (self.version.major == 1).then(|| Scheme::for_version(self.version.minor)).flatten();
        self.scheme.get_or_init(made).as_ref()
    }

    /// What the API server makes of an object before policies see it, see [`Scheme::admit`]; `None` when its kind is not
    /// built in, and the object stays as it was written.
    ///
    /// ```
    /// use kordon::Engine;
    /// use kordon::admission::Request;
    /// use kordon::document::{Limits, Object};
    /// use kordon::typed::Options;
    ///
    /// let (engine, _) = Engine::builder().build();
    /// let written = br#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}"#;
    /// let written = Object::from_json(written, &Limits::default())?;
    /// let object = match engine.admit(&written, &Options::default())? {
    ///     Some(admitted) => admitted.object,
    ///     None => written,
    /// };
    /// let replicas = object.root().field("spec").and_then(|spec| spec.field("replicas"));
    /// assert_eq!(replicas.and_then(|replicas| replicas.as_int()), Some(1));
    /// let report = engine.evaluate(&Request::create(object));
    /// # assert!(report.status.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn admit(&self, object: &Object, options: &Options<'_>) -> Result<Option<Admitted>, Refusal> {
        self.scheme().map_or(Ok(None), |scheme| scheme.admit(object, options))
    }

    /// What the API server refuses of an admitted object before any policy sees it, see [`Validator::validate`]; nothing
    /// where the rules of the engine's Kubernetes version are not known.
    pub fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<FieldError> {
        let made = || (self.version.major == 1).then(|| Validator::for_version(self.version.minor)).flatten();
        match (self.scheme(), self.validator.get_or_init(made)) {
            (Some(scheme), Some(validator)) => validator.validate(scheme, object, old),
            _ => Vec::new(),
        }
    }
}

impl Fault {
    /// The place of a node of an object.
    pub fn at(object: &Object, node: NodeRef<'_>) -> Fault {
        let written = object.written(node);
        Fault {
            path: object.path(node),
            key: written.key_span(),
            value: written.span(),
            defaulted: (node.origin() == Origin::Defaulted)
                .then(|| serde_json::to_string(&node).ok())
                .flatten(),
        }
    }
}
