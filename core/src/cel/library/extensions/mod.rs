//! cel-go's extension libraries, package `ext` and the optional types of package `cel`.

pub mod encoders;
pub mod lists;
pub mod math;
pub mod network;
pub mod optional;
pub mod regex;
pub mod sets;
pub mod strings;
pub mod two_variables;

pub(crate) mod format;
mod format_plain;
mod string_estimates;
#[cfg(test)]
mod tests;

pub(crate) use format::{FORMAT_RULES, FormatRules, Parts, check_format};
pub(crate) use format_plain::PLAIN_FORMAT_RULES;
