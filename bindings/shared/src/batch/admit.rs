//! What the API server makes of an object: decoded, defaulted, prepared for creation, and what it refuses of it.

use super::{object, optional};
use crate::admitted::is_stored;
use kordon::document::Object;
use kordon::schema::Schemas;
use kordon::typed::{Options, Refusal, Scheme, Stage};
use kordon::validation::{FieldError, Validator};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    object: Box<RawValue>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    stage: String,
    /// What the object replaces, as it is stored.
    old_object: Option<Box<RawValue>>,
    /// Another `apiVersion` of the kind, which a policy names.
    #[serde(default)]
    convert_to: String,
}

/// Kinds by the minor version of Kubernetes.
#[derive(Default)]
pub(super) struct Schemes(HashMap<u16, (Scheme, Option<Validator>)>);

impl Schemes {
    pub(super) fn answer(&mut self, question: &Question) -> Result<Value, String> {
        let (scheme, validator) = self.both(&question.version)?;
        let stage = match question.stage.as_str() {
            "" => Stage::Prepared,
            "decode" => Stage::Decoded,
            "default" => Stage::Defaulted,
            "store" => Stage::Stored,
            other => return Err(format!("unknown stage `{other}`: decode, default or store")),
        };
        let written = object(&question.object)?;
        let refused = |refusal: Refusal| {
            let error =
                json!({"field": refusal.field, "message": refusal.message, "reason": Refusal::REASON});
            json!({"id": question.id, "errors": [error], "warnings": []})
        };
        let stored = Options { stage: Stage::Stored, ..Options::default() };
        let old = optional(question.old_object.as_deref())?;
        let old = old.map(|old| scheme.admit(&old, &stored)).transpose();
        let old = match old {
            Ok(old) => old.flatten(),
            // The new object is read first.
            Err(of_old) => match scheme.admit(&written, &stored) {
                Err(refusal) => return Ok(refused(refusal)),
                Ok(_) => return Err(format!("oldObject: {of_old}")),
            },
        };
        let old = old.as_ref().map(|old| &old.object);
        let mut admitted = match scheme.admit(&written, &Options { stage, old, ..Options::default() }) {
            Ok(None) => return Err("object: no such kind".to_owned()),
            Ok(Some(admitted)) => admitted,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let is_validated = matches!(stage, Stage::Prepared | Stage::Stored);
        let errors = match validator.filter(|_| is_validated) {
            Some(validator) => validator.validate(scheme, &admitted.object, old),
            None => Vec::new(),
        };
        if !question.convert_to.is_empty() {
            match scheme.convert(&admitted.object, &question.convert_to) {
                Ok(object) => admitted.object = object,
                Err(refusal) => return Ok(refused(refusal)),
            }
        }
        let warnings: Vec<&str> = admitted.warnings.iter().map(|warning| warning.message.as_str()).collect();
        let mut answer = json!({"id": question.id, "object": admitted.object.root(), "warnings": warnings});
        if let (false, Some(fields)) = (errors.is_empty(), answer.as_object_mut()) {
            fields.insert("errors".to_owned(), errors.iter().map(cause).collect());
        }
        Ok(answer)
    }

    /// The object as policies see it; that of a kind that is not built in as it is.
    pub(super) fn admitted(
        &mut self,
        written: Object,
        namespace: &str,
        old: Option<&Object>,
    ) -> Result<Object, String> {
        self.made(written, &Options { namespace, old, ..Options::default() })
    }

    /// The same for an object that is in the cluster already.
    pub(super) fn existing(&mut self, written: Object, namespace: &str) -> Result<Object, String> {
        let stage = if is_stored(&written) { Stage::Stored } else { Stage::Prepared };
        self.made(written, &Options { stage, namespace, ..Options::default() })
    }

    fn made(&mut self, written: Object, options: &Options<'_>) -> Result<Object, String> {
        let admitted = self.of("")?.admit(&written, options).map_err(|refusal| refusal.message)?;
        Ok(admitted.map_or(written, |admitted| admitted.object))
    }

    /// The kinds of a version, such as 1.37; of the newest without one.
    pub(super) fn of(&mut self, version: &str) -> Result<&Scheme, String> {
        self.both(version).map(|(scheme, _)| scheme)
    }

    fn both(&mut self, version: &str) -> Result<(&Scheme, Option<&Validator>), String> {
        let minor = match version {
            "" => *Schemas::VERSIONS.end(),
            text => text
                .strip_prefix("1.")
                .and_then(|minor| minor.parse().ok())
                .ok_or_else(|| format!("unknown version `{text}`"))?,
        };
        let (scheme, validator) = match self.0.entry(minor) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let scheme =
                    Scheme::for_version(minor).ok_or_else(|| format!("unknown version `1.{minor}`"))?;
                entry.insert((scheme, Validator::for_version(minor)))
            }
        };
        Ok((scheme, validator.as_ref()))
    }
}

/// An error as a cause of the API server's status.
fn cause(error: &FieldError) -> Value {
    json!({"field": error.field, "message": error.detail, "reason": error.kind.name()})
}
