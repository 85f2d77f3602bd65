//! What the API server makes of one object.

use super::{Error, Input, Problem, version};
use crate::admitted::{name_of, without_tables};
use kordon::document::Object;
use kordon::typed::{Options, Scheme};
use kordon::validation::{FieldError, Validator};
use kordon::{Diagnostic, Severity};
use serde::Serialize;
use std::cell::RefCell;

/// An object as the API server has it.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub object: Object,
    /// What it says of fields that it does not know or that stand there twice.
    pub warnings: Vec<String>,
}

thread_local! {
    /// The last version's kinds: they take a while to prepare.
    static SCHEME: RefCell<Option<(u16, Scheme, Option<Validator>)>> = const { RefCell::new(None) };
}

/// Decodes, defaults and prepares an object for creation, or says why the API server refuses it; kinds that are not
/// built in stay as they are.
pub fn admit(
    object: Input<'_>,
    kubernetes_version: Option<&str>,
    namespace: Option<&str>,
) -> Result<Admitted, Error> {
    let version = version(kubernetes_version)?;
    let object = object.read()?;
    SCHEME.with_borrow_mut(|kept| {
        let (_, scheme, validator) = match kept {
            Some(kept) if kept.0 == version.minor => kept,
            _ => {
                let scheme = Scheme::for_version(version.minor)
                    .ok_or_else(|| Error::from(without_tables(version, Severity::Error)))?;
                kept.insert((version.minor, scheme, Validator::for_version(version.minor)))
            }
        };
        let options = Options { namespace: namespace.unwrap_or("default"), ..Options::default() };
        match scheme.admit(&object, &options) {
            Ok(None) => Ok(Admitted { object, warnings: Vec::new() }),
            Ok(Some(admitted)) => {
                let refused = validator.iter().flat_map(|own| own.validate(scheme, &admitted.object, None));
                let problems: Vec<Problem> = refused.map(|error| problem(error, &admitted.object)).collect();
                if !problems.is_empty() {
                    return Err(Error { problems });
                }
                let warnings = admitted.warnings.into_iter().map(|warning| warning.message).collect();
                Ok(Admitted { object: admitted.object, warnings })
            }
            Err(refusal) => {
                let mut error = Error::from(Diagnostic::error("refused-object", refusal.message));
                if let Some(first) = error.problems.first_mut() {
                    first.path = refusal.field;
                }
                Err(error)
            }
        }
    })
}

/// A field that the API server refuses.
fn problem(error: FieldError, object: &Object) -> Problem {
    let message = format!("{} is invalid: {}: {}", name_of(object), error.field, error.detail);
    let problem = Problem::from(&Diagnostic::error("refused-object", message));
    Problem { path: error.field, ..problem }
}

impl Admitted {
    /// The object and the warnings as JSON.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Shape<'a> {
            object: kordon::document::NodeRef<'a>,
            warnings: &'a [String],
        }
        let shape = Shape { object: self.object.root(), warnings: &self.warnings };
        serde_json::to_string(&shape).unwrap_or_default()
    }
}
