//! Metadata of custom resources, read as the Go type that all kinds share.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/objectmeta/coerce.go`; apiserver `pkg/registry/rest/create.go`.

use super::field_error::shown;
use crate::document::{Limits, NodeRef, Object, ObjectBuilder, Str};
use crate::typed::{Options, Refusal, Scheme, Stage, Warning};

/// Reads metadata with the types of a Kubernetes version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metadata<'s> {
    /// The kinds of the version, if they are known.
    pub(super) scheme: Option<&'s Scheme>,
    pub(super) namespaced: bool,
    pub(super) options: Options<'s>,
}

/// Kinds whose metadata are decoded and prepared as those of custom resources are, with a generation, and that need
/// nothing else.
const NAMESPACED: &str = "NetworkPolicy";
const CLUSTER: &str = "IngressClass";

/// What was read, below `metadata`, and what is said of it. Nothing when the kinds of the version are not known.
type Read = Result<Option<(Object, Vec<Warning>)>, Refusal>;

impl Metadata<'_> {
    /// The metadata of a whole object, as far as that goes into the API server.
    pub(super) fn of_root(&self, metadata: NodeRef<'_>) -> Read {
        let kind = if self.namespaced { NAMESPACED } else { CLUSTER };
        let old = self.options.old.and_then(|old| resource(old.root().field("metadata")?, kind));
        self.read(metadata, kind, Options { old: old.as_ref(), ..self.options }, "metadata")
    }

    /// The metadata at a path within an object.
    pub(super) fn embedded(&self, metadata: NodeRef<'_>, path: &str) -> Read {
        let read = self.read(
            metadata,
            NAMESPACED,
            Options { stage: Stage::Decoded, old: None, ..self.options },
            path,
        );
        read.map_err(|refusal| Refusal {
            message: format!("{path}: Invalid value: {}: {}", shown(metadata), refusal.message),
            ..refusal
        })
    }

    fn read(&self, metadata: NodeRef<'_>, kind: &str, options: Options<'_>, path: &str) -> Read {
        // What cannot be copied is too deep to be metadata.
        let (Some(scheme), Some(whole)) = (self.scheme, resource(metadata, kind)) else { return Ok(None) };
        let at = |field: &str| format!("{path}{}", field.strip_prefix("metadata").unwrap_or(field));
        match scheme.admit(&whole, &options) {
            Ok(None) => Ok(None),
            Ok(Some(admitted)) => {
                let warnings = admitted.warnings.into_iter().map(|warning| {
                    let field = at(&warning.field);
                    let message = warning.message.replace(&warning.field, &field);
                    Warning { message, field, ..warning }
                });
                Ok(Some((admitted.object, warnings.collect())))
            }
            Err(refusal) => {
                let message = refusal.message.split_once(&format!("handled as a {kind}: "));
                let message = message.map_or(&*refusal.message, |(_, message)| message);
                let message = message
                    .replace(&format!("Go struct field {kind}.metadata of type"), "Go value of type")
                    .replace("Go struct field ObjectMeta.metadata.", "Go struct field ObjectMeta.");
                Err(Refusal { message, field: at(&refusal.field), span: refusal.span })
            }
        }
    }
}

/// An object of a kind with nothing but metadata.
fn resource(metadata: NodeRef<'_>, kind: &str) -> Option<Object> {
    let span = metadata.span();
    let mut builder = ObjectBuilder::new(Limits::default());
    builder.start_shared(metadata.object().shared_text());
    builder.begin_map(span).ok()?;
    for (key, text) in [("apiVersion", "networking.k8s.io/v1"), ("kind", kind)] {
        builder.key(Str::Owned(key), span);
        builder.string(Str::Owned(text), span).ok()?;
    }
    builder.key(Str::Owned("metadata"), metadata.key_span());
    builder.copy(metadata).ok()?;
    builder.end(span).ok()?;
    builder.finish()
}
