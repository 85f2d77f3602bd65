//! Evaluation errors, rendered only when somebody reads them.

use super::plain::Plain;
use super::{Arena, Val};
use std::fmt;

/// Why an evaluation has no value. The texts are cel-go's.
#[derive(Clone, Copy, Debug)]
pub enum Error<'a> {
    NoSuchKey(&'a Val<'a>),
    NoSuchField(&'a &'a str),
    NoSuchAttribute(&'a &'a str),
    IndexOutOfBounds(&'a Val<'a>),
    NoSuchOverload,
    /// A complete text, made in the arena.
    Message(&'a &'a str),
    /// A string that its schema's format does not allow.
    Unreadable(&'a Unreadable<'a>),
    /// A complete text known in advance.
    Static(&'static &'static str),
    /// The cost limit of one evaluation was reached; never absorbed by `&&` or `||`.
    CostLimitExceeded,
}

/// Bytes of a text that a function may make. kube-apiserver has no such limit and runs out of memory instead; a
/// request has 3 MiB at most.
pub(crate) const MAX_TEXT: usize = 32 << 20;

pub(crate) const TOO_LONG: &str = "a text of more than 32 MiB cannot be made";

/// Bytes that the values of one evaluation may take. kube-apiserver, which frees what is no longer used, has no limit.
pub(crate) const MAX_MEMORY: usize = 256 << 20;

pub(crate) const TOO_MUCH_MEMORY: &str = "the values of the expression take more than 256 MiB";

/// A string, and what its format says of it.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable<'a> {
    pub text: &'a str,
    pub message: fn(&str) -> String,
}

impl<'a> Error<'a> {
    /// An error with a text of its own.
    pub fn message(arena: &'a Arena, text: fmt::Arguments<'_>) -> Error<'a> {
        use fmt::Write;
        let mut message = bumpalo::collections::String::new_in(arena);
        match message.write_fmt(text) {
            Ok(()) => Error::Message(arena.alloc(message.into_bump_str())),
            Err(_) => Error::Static(&"error message could not be formatted"),
        }
    }

    /// A text would be longer than `MAX_TEXT`.
    pub(crate) const TOO_LONG: Error<'static> = Error::Static(&TOO_LONG);

    /// No overload of a function takes these arguments.
    pub fn no_such_overload(arena: &'a Arena, function: &str, args: &[Val<'_>]) -> Error<'a> {
        let types: Vec<&str> = args.iter().map(Val::type_name).collect();
        Error::message(arena, format_args!("no such overload: {function}({})", types.join(", ")))
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoSuchKey(key) => write!(f, "no such key: {}", Plain(key)),
            Error::NoSuchField(name) => write!(f, "no such field '{name}'"),
            Error::NoSuchAttribute(name) => write!(f, "no such attribute(s): {name}"),
            Error::IndexOutOfBounds(index) => write!(f, "index out of bounds: {}", Plain(index)),
            Error::NoSuchOverload => f.write_str("no such overload"),
            Error::Unreadable(string) => f.write_str(&(string.message)(string.text)),
            Error::Message(text) => f.write_str(text),
            Error::Static(text) => f.write_str(text),
            Error::CostLimitExceeded => f.write_str("operation cancelled: actual cost limit exceeded"),
        }
    }
}
