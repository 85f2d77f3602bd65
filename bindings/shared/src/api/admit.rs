//! What the API server makes of one object.

use super::{Error, Input, version};
use crate::admitted::without_tables;
use kordon::document::Object;
use kordon::typed::{Options, Scheme};
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
    static SCHEME: RefCell<Option<(u16, Scheme)>> = const { RefCell::new(None) };
}

/// Decodes, defaults and prepares an object for creation; kinds that are not built in stay as they are.
pub fn admit(
    object: Input<'_>,
    kubernetes_version: Option<&str>,
    namespace: Option<&str>,
) -> Result<Admitted, Error> {
    let version = version(kubernetes_version)?;
    let object = object.read()?;
    SCHEME.with_borrow_mut(|kept| {
        let scheme = match kept {
            Some((minor, scheme)) if *minor == version.minor => scheme,
            _ => {
                let scheme = Scheme::for_version(version.minor)
                    .ok_or_else(|| Error::from(without_tables(version, Severity::Error)))?;
                &mut kept.insert((version.minor, scheme)).1
            }
        };
        let options = Options { namespace: namespace.unwrap_or("default"), ..Options::default() };
        match scheme.admit(&object, &options) {
            Ok(None) => Ok(Admitted { object, warnings: Vec::new() }),
            Ok(Some(admitted)) => Ok(Admitted {
                object: admitted.object,
                warnings: admitted.warnings.into_iter().map(|warning| warning.message).collect(),
            }),
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
