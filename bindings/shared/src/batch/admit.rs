//! What the API server makes of an object: decoded, defaulted, prepared for creation.

use super::object;
use kordon::document::Object;
use kordon::schema::Schemas;
use kordon::typed::{Options, Refusal, Scheme, Stage};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    id: Value,
    object: Box<RawValue>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    stage: String,
}

/// Kinds by the minor version of Kubernetes.
#[derive(Default)]
pub(super) struct Schemes(HashMap<u16, Scheme>);

impl Schemes {
    pub(super) fn answer(&mut self, question: &Question) -> Result<Value, String> {
        let scheme = self.of(&question.version)?;
        let stage = match question.stage.as_str() {
            "" => Stage::Prepared,
            "decode" => Stage::Decoded,
            "default" => Stage::Defaulted,
            other => return Err(format!("unknown stage `{other}`: decode or default")),
        };
        let written = object(&question.object)?;
        Ok(match scheme.admit(&written, &Options { stage, ..Options::default() }) {
            Ok(None) => return Err("object: no such kind".to_owned()),
            Ok(Some(admitted)) => {
                let warnings: Vec<&str> =
                    admitted.warnings.iter().map(|warning| warning.message.as_str()).collect();
                json!({"id": question.id, "object": admitted.object.root(), "warnings": warnings})
            }
            Err(refusal) => {
                let error =
                    json!({"field": refusal.field, "message": refusal.message, "reason": Refusal::REASON});
                json!({"id": question.id, "errors": [error], "warnings": []})
            }
        })
    }

    /// The object as policies see it; that of a kind that is not built in as it is.
    pub(super) fn admitted(&mut self, written: Object, namespace: &str) -> Result<Object, String> {
        let options = Options { namespace, ..Options::default() };
        let admitted = self.of("")?.admit(&written, &options).map_err(|refusal| refusal.message)?;
        Ok(admitted.map_or(written, |admitted| admitted.object))
    }

    /// The kinds of a version, such as 1.37; of the newest without one.
    fn of(&mut self, version: &str) -> Result<&Scheme, String> {
        let minor = match version {
            "" => *Schemas::VERSIONS.end(),
            text => text
                .strip_prefix("1.")
                .and_then(|minor| minor.parse().ok())
                .ok_or_else(|| format!("unknown version `{text}`"))?,
        };
        Ok(match self.0.entry(minor) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry
                .insert(Scheme::for_version(minor).ok_or_else(|| format!("unknown version `1.{minor}`"))?),
        })
    }
}
