//! The standard library. Source: cel-go `common/stdlib/standard.go` and `common/types`.

mod convert;
mod duration;
mod operators;
mod strings;
mod time;
mod timestamp;

pub(crate) use convert::plain_text;
pub(crate) use duration::{duration_text, parse_duration};
pub(crate) use operators::{Arithmetic, BY_FIRST, Comparison, add, arithmetic, compare, negate, traversal};
pub(crate) use strings::pattern_size;
pub(crate) use timestamp::{parse_timestamp, timestamp_in_range, timestamp_text};

use super::Library;

/// All standard functions and operators.
pub fn library() -> Library {
    let mut functions = operators::functions();
    functions.extend(convert::functions());
    functions.extend(strings::functions());
    functions.extend(time::functions());
    Library::new(functions)
}

/// Where the specification differs from cel-go; not in Kubernetes.
pub fn portions() -> Library {
    Library::new(time::portions())
}
