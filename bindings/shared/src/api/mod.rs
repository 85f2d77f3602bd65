//! What programs call, in every language alike: policies to an engine, objects to reports, files to findings,
//! expressions to values. Bindings translate their own values into these and back; what happens happens here.

mod admit;
mod check;
mod engine;
mod expression;
mod problem;
mod request;
mod text;

pub use admit::{Admitted, admit};
pub use check::{CheckOptions, Checked, check_files, check_texts};
pub use engine::{Engine, EngineOptions};
pub use expression::{Evaluation, Expression, ExpressionOptions, Value};
pub use problem::{Error, Problem};
pub(crate) use request::operate;
pub use request::{RequestOptions, User};
pub use text::{Input, Text};

use kordon::cel::environment::Version;

/// What the bindings call themselves, one version for all.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Reads a version such as 1.37; the newest known without one.
fn version(text: Option<&str>) -> Result<Version, Error> {
    let read = text.filter(|text| !text.is_empty()).map(str::parse).transpose();
    read.map(Option::unwrap_or_default).map_err(|message: String| Error::argument(message))
}

/// Reads which form of objects policies see.
fn view(text: Option<&str>) -> Result<crate::View, Error> {
    match text {
        None | Some("admitted") => Ok(crate::View::Admitted),
        Some("written") => Ok(crate::View::Written),
        Some(other) => Err(Error::argument(format!("`{other}` is no view: admitted or written"))),
    }
}
