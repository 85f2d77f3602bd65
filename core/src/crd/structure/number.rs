//! Limits of numbers.
//!
//! Source: kube-openapi `pkg/validation/validate/validator.go`, `numberValidator`, and `values.go`.

use super::findings::{Findings, Form};
use super::steps::Steps;
use crate::cel::value::double_text;
use crate::document::{NodeRef, NodeValue};
use crate::schema::{JsonType, Structural};

/// What is wrong with a number, by its type's range and by the limits of its schema.
pub(super) fn check<'a>(
    schema: &'a Structural,
    format: &str,
    steps: &Steps<'_>,
    node: NodeRef<'a>,
    findings: &mut Findings<'a>,
) {
    let number = match node.value() {
        NodeValue::Int(value) => Number::Int(value),
        NodeValue::Double(value) => Number::Double(value),
        _ => return,
    };
    let range = Range::of(schema, format);
    let beyond = |findings: &mut Findings<'a>, what: &str| {
        findings.add(steps, range.problem(what, steps), Form::Whole, node);
    };
    if !range.holds(number) {
        beyond(findings, "Checked");
    }
    let limits = &schema.value;
    if let Some(factor) = limits.multiple_of {
        let native = range.holds(Number::Double(factor));
        if !native {
            beyond(findings, "MultipleOf");
        }
        let (number, factor) = paired(number, factor, native);
        if !factor.is_positive() {
            let message = format!("factor MultipleOf declared for {steps} must be positive: {factor}");
            findings.add(steps, message, Form::Invalid(factor.to_string()), node);
        } else if !is_multiple(number, factor) {
            let message = format!("{steps} in body should be a multiple of {factor}");
            findings.add(steps, message, Form::Invalid(number.to_string()), node);
        }
    }
    for (limit, exclusive, is_maximum) in
        [(limits.minimum, limits.exclusive_minimum, false), (limits.maximum, limits.exclusive_maximum, true)]
    {
        let Some(limit) = limit else { continue };
        let native = range.holds(Number::Double(limit));
        if !native {
            beyond(findings, if is_maximum { "Maximum boundary" } else { "Minimum boundary" });
        }
        let (number, limit) = paired(number, limit, native);
        let order = number.compare(limit);
        let broken = match is_maximum {
            true => order.is_some_and(|order| order.is_gt() || exclusive && order.is_eq()),
            false => order.is_some_and(|order| order.is_lt() || exclusive && order.is_eq()),
        };
        if broken {
            let than = match (is_maximum, exclusive) {
                (true, false) => "less than or equal to",
                (true, true) => "less than",
                (false, false) => "greater than or equal to",
                (false, true) => "greater than",
            };
            let message = format!("{steps} in body should be {than} {limit}");
            findings.add(steps, message, Form::Invalid(number.to_string()), node);
        }
    }
    findings.matches += 1;
}

/// Whether a double counts as an integer: exactly, or nearly so.
///
/// Source: go-openapi `swag/conv`, `IsFloat64AJSONInteger`.
pub(super) fn is_integer(value: f64) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    if value.is_nan() || value.abs() > LARGEST {
        return false;
    }
    let rounded = value.round();
    let difference = (value - rounded).abs();
    value == rounded || rounded != 0.0 && difference < 1e-9 * rounded.abs()
}

/// Go's conversion of a double to int64 as amd64 does it: the smallest for what is out of range.
pub(super) fn to_int64(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Int(i64),
    Double(f64),
}

impl Number {
    fn is_positive(self) -> bool {
        match self {
            Number::Int(value) => value > 0,
            Number::Double(value) => value > 0.0,
        }
    }

    fn compare(self, other: Number) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Double(a), Number::Double(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Double(b)) => (a as f64).partial_cmp(&b),
            (Number::Double(a), Number::Int(b)) => a.partial_cmp(&(b as f64)),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Double(value) => f.write_str(&double_text(*value)),
        }
    }
}

/// A number and a limit of one type: that of the number where the limit is `native` to the schema's type, else doubles.
fn paired(number: Number, limit: f64, native: bool) -> (Number, Number) {
    match number {
        Number::Int(_) if native => (number, Number::Int(to_int64(limit))),
        Number::Int(value) => (Number::Double(value as f64), Number::Double(limit)),
        Number::Double(_) => (number, Number::Double(limit)),
    }
}

fn is_multiple(number: Number, factor: Number) -> bool {
    match (number, factor) {
        (Number::Int(value), Number::Int(factor)) => value.checked_rem(factor).is_none_or(|rest| rest == 0),
        (Number::Double(value), Number::Double(factor)) if factor < 1.0 => is_integer(1.0 / factor * value),
        (Number::Double(value), Number::Double(factor)) => is_integer(value / factor),
        _ => false,
    }
}

/// Which numbers a type and a format can hold.
#[derive(Clone, Copy)]
struct Range<'f> {
    is_integer: bool,
    format: &'f str,
}

impl<'f> Range<'f> {
    fn of(schema: &Structural, format: &'f str) -> Range<'f> {
        let (is_integer, formats): (bool, &[&str]) = match &schema.kind {
            _ if schema.int_or_string => (false, &[]),
            JsonType::Integer => (true, &["int32", "int64"]),
            JsonType::Number => (false, &["float", "double"]),
            _ => (false, &[]),
        };
        Range { is_integer, format: if formats.contains(&format) { format } else { "" } }
    }

    fn holds(self, number: Number) -> bool {
        match (self.is_integer, self.format, number) {
            (true, "int32", Number::Int(value)) => i32::try_from(value).is_ok(),
            (true, "int32", Number::Double(value)) => {
                value.fract() == 0.0 && i32::try_from(value as i64).is_ok()
            }
            (true, _, Number::Int(_)) => true,
            // Exactly representable bounds; 2^63 itself is none.
            (true, _, Number::Double(value)) => {
                value.fract() == 0.0
                    && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value)
            }
            (false, "float", Number::Int(_)) => true,
            (false, "float", Number::Double(value)) => !(value as f32).is_infinite(),
            (false, ..) => true,
        }
    }

    fn problem(self, what: &str, steps: &Steps<'_>) -> String {
        let kind = if self.is_integer { "integer" } else { "number" };
        match self.format {
            "" => format!("{what} value must be of type {kind} (default format) in {steps}"),
            format => format!("{what} value must be of type {kind} with format {format} in {steps}"),
        }
    }
}
