//! Values held against structural schemas: types, limits, enums, patterns, formats and clauses, in the API server's words.
//!
//! The API server walks the entries of a map in no order; here those without a property come first, then properties by
//! their name.
//!
//! Source: kube-openapi `pkg/validation/validate`, and for updates apiextensions-apiserver
//! `pkg/apiserver/validation/ratcheting.go`.

mod clauses;
mod findings;
mod mail;
mod number;
mod steps;
mod texts;

use super::correlation::Correlated;
use super::field_error::FieldError;
use crate::document::{ListRef, MapRef, NodeRef, NodeValue};
use crate::schema::{AdditionalProperties, JsonType, Structural};
use findings::{Findings, Form, enum_text, json_text};
use std::collections::HashSet;
use steps::Steps;
pub(super) use texts::Texts;

/// What is wrong with an object. Of an update, `correlated` has what it was: what did not change is not refused.
pub(super) fn validate(
    schema: &Structural,
    texts: &Texts,
    object: NodeRef<'_>,
    correlated: Option<&Correlated<'_>>,
) -> Vec<FieldError> {
    let walk = Walk { texts };
    let mut findings = walk.value(schema, &Steps::Root, object, correlated);
    if !findings.is_valid() && correlated.is_some_and(Correlated::is_unchanged) {
        findings.forgive();
    }
    findings.into_errors()
}

struct Walk<'t> {
    texts: &'t Texts,
}

impl Walk<'_> {
    /// One value. What is counted is which alternative fits best.
    fn value<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        node: NodeRef<'a>,
        correlated: Option<&Correlated<'_>>,
    ) -> Findings<'a> {
        let mut findings = Findings::default();
        if node.is_null() {
            if has_type(schema) && !schema.nullable {
                wrong_type(&mut findings, steps, &type_names(schema), "null", node);
            } else {
                findings.matches += 1;
            }
            self.common(schema, steps, node, &mut findings);
            return findings;
        }
        let format = self.texts.format_of(schema);
        if has_type(schema) || !format.is_empty() {
            self.kind(schema, format, steps, node, &mut findings);
            findings.matches += 1;
        }
        self.clauses(schema, steps, node, &mut findings);
        findings.matches += 1;
        match node.value() {
            NodeValue::String(text) => {
                self.text(schema, steps, text, node, &mut findings);
                findings.matches += 1;
                if !format.is_empty() && self.texts.is_string_format(format) {
                    if !self.texts.fits(format, text) {
                        let message =
                            format!("{steps} in body must be of type {format}: {}", crate::go::quoted(text));
                        findings.add(steps, message, Form::Type(text.to_owned()), node);
                    }
                    findings.matches += 1;
                }
            }
            NodeValue::Int(_) | NodeValue::Double(_) => {
                number::check(schema, format, steps, node, &mut findings);
                findings.matches += 1;
            }
            NodeValue::List(list) => {
                self.list(schema, steps, list, correlated, &mut findings);
                findings.matches += 2;
            }
            NodeValue::Bool(_) | NodeValue::Map(_) | NodeValue::Null => {}
        }
        self.common(schema, steps, node, &mut findings);
        findings.matches += 1;
        if let NodeValue::Map(map) = node.value() {
            self.map(schema, steps, map, correlated, &mut findings);
            findings.matches += 1;
        }
        findings.matches += 1;
        findings
    }

    /// A part of a value, which may be what it was.
    fn part<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        node: NodeRef<'a>,
        correlated: Option<&Correlated<'_>>,
    ) -> Findings<'a> {
        let mut findings = self.value(schema, steps, node, correlated);
        if !findings.is_valid() && correlated.is_some_and(Correlated::is_unchanged) {
            findings.forgive();
        }
        findings
    }

    fn kind<'a>(
        &self,
        schema: &'a Structural,
        format: &str,
        steps: &Steps<'_>,
        node: NodeRef<'a>,
        findings: &mut Findings<'a>,
    ) {
        let (found, found_format) = match node.value() {
            NodeValue::Null => ("null", ""),
            NodeValue::Bool(_) => ("boolean", ""),
            NodeValue::Int(_) => ("integer", "int64"),
            NodeValue::Double(_) => ("number", "float64"),
            NodeValue::String(_) => ("string", ""),
            NodeValue::List(_) => ("array", ""),
            NodeValue::Map(_) => ("object", ""),
        };
        let wants = |name: &str| match schema.int_or_string {
            true => matches!(name, "integer" | "string"),
            false => has_type(schema) && schema.kind.as_str() == name,
        };
        let whole =
            matches!(node.value(), NodeValue::Double(value) if number::is_integer(value)) && wants("integer");
        let fits = wants(found) || whole || found == "integer" && wants("number");
        let is_text = matches!(found, "string" | "array");
        if !is_text && !format.is_empty() && !fits && found_format != format {
            return wrong_type(findings, steps, format, found_format, node);
        }
        let by_format = is_text && !format.is_empty() && !wants("number") && !wants("integer");
        if by_format || fits {
            findings.matches += 1;
        } else {
            wrong_type(findings, steps, &type_names(schema), found, node);
        }
    }

    /// What is wrong with the length and the pattern of a text: the first of them.
    fn text<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        text: &str,
        node: NodeRef<'a>,
        findings: &mut Findings<'a>,
    ) {
        let limits = &schema.value;
        let length = || text.chars().count() as i64;
        if let Some(most) = limits.max_length.filter(|most| length() > *most) {
            let message = format!("{steps} in body should be at most {most} chars long");
            return findings.add(steps, message, Form::TooLong(most), node);
        }
        if let Some(least) = limits.min_length.filter(|least| length() < *least) {
            let message = format!("{steps} in body should be at least {least} chars long");
            return findings.add(steps, message, Form::Value, node);
        }
        if limits.pattern.is_empty() {
            return;
        }
        let pattern = &limits.pattern;
        match self.texts.pattern(pattern) {
            Ok(regex) if regex.is_match(text) => {}
            Ok(_) => {
                let message = format!("{steps} in body should match '{pattern}'");
                findings.add(steps, message, Form::Value, node);
            }
            Err(error) => {
                let message =
                    format!("{steps} in body should match '{pattern}, but pattern is invalid: {error}'");
                findings.add(steps, message, Form::Value, node);
            }
        }
    }

    /// The values of `enum`, converted as Go converts to the type of each.
    fn common<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        node: NodeRef<'a>,
        findings: &mut Findings<'a>,
    ) {
        let values = &schema.value.values;
        if values.is_empty() || values.iter().any(|value| is_value(node, value.root())) {
            return;
        }
        let message = format!("{steps} in body should be one of {}", enum_text(schema));
        findings.add(steps, message, Form::Enum(schema), node);
    }

    fn list<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        list: ListRef<'a>,
        correlated: Option<&Correlated<'_>>,
        findings: &mut Findings<'a>,
    ) {
        if let Some(items) = &schema.items {
            for (index, element) in list.iter().enumerate() {
                let part = correlated.and_then(|correlated| correlated.index(index));
                findings.merge(self.part(items, &Steps::Index(steps, index), element, part.as_ref()));
            }
        }
        let (limits, size, node) = (&schema.value, list.len(), list.node());
        check_count(steps, (limits.min_items, limits.max_items), (size, "items"), node, findings);
        if limits.unique_items {
            let mut seen = HashSet::new();
            if !list.iter().all(|element| seen.insert(json_text(element))) {
                let message = format!("{steps} in body shouldn't contain duplicates");
                findings.add(steps, message, Form::Invalid("\"\"".to_owned()), node);
            }
        }
    }

    fn map<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        map: MapRef<'a>,
        correlated: Option<&Correlated<'_>>,
        findings: &mut Findings<'a>,
    ) {
        let (limits, size, node) = (&schema.value, map.len(), map.node());
        check_count(
            steps,
            (limits.min_properties, limits.max_properties),
            (size, "properties"),
            node,
            findings,
        );
        // Versions and kinds are converted to one another, and are never taken to be what they were.
        let part = |name: &str| {
            let is_head = steps.is_root() && matches!(name, "apiVersion" | "kind");
            correlated.filter(|_| !is_head).and_then(|correlated| correlated.key(name))
        };
        if let Some(additional) = &schema.additional_properties {
            for (name, value) in map.iter().filter(|(name, _)| !schema.properties.contains_key(*name)) {
                match additional {
                    AdditionalProperties::Schema(additional) => {
                        let (below, part) = (Steps::Entry(steps, name), part(name));
                        findings.merge(self.part(additional, &below, value, part.as_ref()));
                    }
                    AdditionalProperties::Allowed(false) => {
                        let message = format!("{steps}.{name} in body is a forbidden property");
                        let shown = crate::go::quoted(name);
                        findings.add(steps, message, Form::Invalid(shown), value);
                    }
                    AdditionalProperties::Allowed(true) => {}
                }
            }
        }
        for (name, property) in &schema.properties {
            if let Some(value) = map.lookup(name) {
                let (below, part) = (Steps::Property(steps, name), part(name));
                findings.merge(self.part(property, &below, value, part.as_ref()));
            }
        }
        for name in limits.required.iter().filter(|name| map.lookup(name).is_none()) {
            let missing = Steps::Entry(steps, name);
            findings.add(&missing, format!("{missing} in body is required"), Form::Required, node);
        }
    }
}

fn has_type(schema: &Structural) -> bool {
    schema.int_or_string || schema.kind != JsonType::Unset
}

fn type_names(schema: &Structural) -> String {
    if schema.int_or_string { "integer,string".to_owned() } else { schema.kind.as_str().to_owned() }
}

/// How many items or properties there are, against the least and the most there may be.
fn check_count<'a>(
    steps: &Steps<'_>,
    (least, most): (Option<i64>, Option<i64>),
    (size, parts): (usize, &str),
    node: NodeRef<'a>,
    findings: &mut Findings<'a>,
) {
    if let Some(least) = least.filter(|least| (size as i64) < *least) {
        let message = format!("{steps} in body should have at least {least} {parts}");
        findings.add(steps, message, Form::Invalid(size.to_string()), node);
    }
    if let Some(most) = most.filter(|most| size as i64 > *most) {
        let message = format!("{steps} in body should have at most {most} {parts}");
        findings.add(steps, message, Form::TooMany(size, most), node);
    }
}

fn wrong_type<'a>(
    findings: &mut Findings<'a>,
    steps: &Steps<'_>,
    wanted: &str,
    found: &str,
    node: NodeRef<'a>,
) {
    let message = format!("{steps} in body must be of type {wanted}: {}", crate::go::quoted(found));
    findings.add(steps, message, Form::Type(found.to_owned()), node);
}

/// Whether a value, converted to the type of a value of `enum`, is equal to it: Go makes texts of numbers, and integers
/// of fractions. Null is nothing that could be converted.
fn is_value(node: NodeRef<'_>, wanted: NodeRef<'_>) -> bool {
    match (node.value(), wanted.value()) {
        (NodeValue::Null, _) | (_, NodeValue::Null) => false,
        (NodeValue::Int(value), NodeValue::Double(wanted)) => value as f64 == wanted,
        (NodeValue::Double(value), NodeValue::Int(wanted)) => number::to_int64(value) == wanted,
        (NodeValue::Int(value), NodeValue::String(wanted)) => {
            let character = u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            wanted.strip_prefix(character).is_some_and(str::is_empty)
        }
        _ => node.deep_equal(wanted),
    }
}
