//! Reading a structural schema from the document that it stands in.

use super::{AdditionalProperties, Structural, Text, ValidationRule, ValueValidation};
use crate::document::{NodeRef, NodeValue, Object};
use crate::source::Span;

/// Schemas within schemas beyond this are refused, so that a walk over a schema cannot exhaust the stack.
pub const MAX_DEPTH: usize = 128;

/// What is wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProblem {
    /// Lower case, without a final period.
    pub message: String,
    pub span: Span,
}

impl Structural {
    /// The schema in a node, with every problem that keeps it from being read. Fields that a schema does not have are
    /// passed over, as the API server drops them.
    ///
    /// ```
    /// use kordon::document::{Limits, Object};
    /// use kordon::schema::{JsonType, Structural};
    /// let json = br#"{"type": "object", "properties": {"port": {"type": "integer"}}}"#;
    /// let schema = Object::from_json(json, &Limits::default()).unwrap();
    /// let schema = Structural::read(schema.root()).unwrap();
    /// assert_eq!(schema.property_type("port"), Some(&JsonType::Integer));
    /// ```
    pub fn read(node: NodeRef<'_>) -> Result<Structural, Vec<SchemaProblem>> {
        let mut reader = Reader { problems: Vec::new() };
        let schema = reader.schema(node, 0);
        if reader.problems.is_empty() { Ok(schema) } else { Err(reader.problems) }
    }
}

/// Fields of OpenAPI and JSON schema that no CustomResourceDefinition may have.
const UNSUPPORTED: &[&str] =
    &["id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"];

struct Reader {
    problems: Vec<SchemaProblem>,
}

impl Reader {
    fn schema(&mut self, node: NodeRef<'_>, depth: usize) -> Structural {
        let mut schema = Structural { span: node.span(), ..Structural::default() };
        if depth > MAX_DEPTH {
            self.report(node, format!("a schema nests more than {MAX_DEPTH} levels"));
            return schema;
        }
        if node.is_null() {
            return schema;
        }
        if node.as_map().is_none() {
            self.report(node, "a schema must be an object");
            return schema;
        }
        self.unsupported(node);
        schema.kind = self.text(node, "type").as_str().into();
        schema.nullable = self.flag(node, "nullable").unwrap_or_default();
        schema.default = present(node, "default").and_then(|value| self.object(value));
        schema.int_or_string = self.flag(node, "x-kubernetes-int-or-string").unwrap_or_default();
        schema.embedded_resource = self.flag(node, "x-kubernetes-embedded-resource").unwrap_or_default();
        schema.list_type = present(node, "x-kubernetes-list-type")
            .map(|_| self.text(node, "x-kubernetes-list-type").into_boxed_str());
        schema.list_map_keys = self.texts(node, "x-kubernetes-list-map-keys");
        schema.map_type = present(node, "x-kubernetes-map-type")
            .map(|_| self.text(node, "x-kubernetes-map-type").into_boxed_str());
        if let Some(preserve) = self.flag(node, "x-kubernetes-preserve-unknown-fields") {
            schema.preserve_unknown_fields = preserve;
            if !preserve {
                let message = "`x-kubernetes-preserve-unknown-fields` must be true or undefined";
                self.report(node.field("x-kubernetes-preserve-unknown-fields").unwrap_or(node), message);
            }
        }
        schema.validations = self.rules(node);
        schema.value = self.value(node);
        self.parts(node, depth, &mut schema);
        schema
    }

    /// The schemas within a schema.
    fn parts(&mut self, node: NodeRef<'_>, depth: usize, schema: &mut Structural) {
        if let Some(items) = present(node, "items") {
            // What is neither an object nor a list of schemas is passed over, as JSONSchemaPropsOrArray does.
            if items.as_map().is_some() {
                schema.items = Some(Box::new(self.schema(items, depth + 1)));
            } else if items.as_list().is_some_and(|list| !list.is_empty()) {
                self.report(items, "`items` must be a schema, but is an array");
            }
        }
        if let Some(properties) = present(node, "properties") {
            match properties.as_map() {
                Some(properties) => {
                    for (name, property) in properties.iter() {
                        let property = self.schema(property, depth + 1);
                        schema.properties.insert(name.into(), property);
                    }
                }
                None => self.report(properties, "`properties` must be an object"),
            }
        }
        if let Some(additional) = present(node, "additionalProperties") {
            schema.additional_properties = Some(match additional.as_bool() {
                Some(allowed) => AdditionalProperties::Allowed(allowed),
                None => AdditionalProperties::Schema(Box::new(self.schema(additional, depth + 1))),
            });
        }
        schema.value.all_of = self.clauses(node, "allOf", depth);
        schema.value.any_of = self.clauses(node, "anyOf", depth);
        schema.value.one_of = self.clauses(node, "oneOf", depth);
        schema.value.not = present(node, "not").map(|clause| Box::new(self.schema(clause, depth + 1)));
    }

    fn clauses(&mut self, node: NodeRef<'_>, name: &str, depth: usize) -> Vec<Structural> {
        let clauses = self.list(node, name);
        clauses.into_iter().map(|clause| self.schema(clause, depth + 1)).collect()
    }

    fn value(&mut self, node: NodeRef<'_>) -> ValueValidation {
        let values = self.list(node, "enum").into_iter().filter_map(|value| self.object(value)).collect();
        ValueValidation {
            format: self.text(node, "format").into(),
            pattern: self.text(node, "pattern").into(),
            maximum: self.number(node, "maximum"),
            exclusive_maximum: self.flag(node, "exclusiveMaximum").unwrap_or_default(),
            minimum: self.number(node, "minimum"),
            exclusive_minimum: self.flag(node, "exclusiveMinimum").unwrap_or_default(),
            multiple_of: self.number(node, "multipleOf"),
            max_length: self.integer(node, "maxLength"),
            min_length: self.integer(node, "minLength"),
            max_items: self.integer(node, "maxItems"),
            min_items: self.integer(node, "minItems"),
            max_properties: self.integer(node, "maxProperties"),
            min_properties: self.integer(node, "minProperties"),
            unique_items: self.flag(node, "uniqueItems").unwrap_or_default(),
            values,
            required: self.texts(node, "required").into(),
            ..ValueValidation::default()
        }
    }

    fn rules(&mut self, node: NodeRef<'_>) -> Vec<ValidationRule> {
        let rules = self.list(node, "x-kubernetes-validations");
        let mut read = Vec::with_capacity(rules.len());
        for rule in rules {
            if rule.as_map().is_none() && !rule.is_null() {
                self.report(rule, "a rule must be an object");
                continue;
            }
            read.push(ValidationRule {
                rule: self.placed(rule, "rule"),
                message: self.placed(rule, "message"),
                message_expression: self.placed(rule, "messageExpression"),
                field_path: self.placed(rule, "fieldPath"),
                reason: present(rule, "reason").map(|_| self.placed(rule, "reason")),
                optional_old_self: self.flag(rule, "optionalOldSelf"),
                span: rule.span(),
            });
        }
        read
    }

    fn unsupported(&mut self, node: NodeRef<'_>) {
        for &name in UNSUPPORTED {
            let Some(found) = present(node, name) else { continue };
            let empty = match found.value() {
                NodeValue::String(text) => text.is_empty(),
                NodeValue::Map(map) => map.is_empty() && name != "additionalItems",
                _ => false,
            };
            if !empty {
                self.report(found, format!("`{name}` is not supported"));
            }
        }
    }

    fn object(&mut self, node: NodeRef<'_>) -> Option<Object> {
        node.to_object().map_err(|error| self.report(node, error.message)).ok()
    }

    fn list<'d>(&mut self, node: NodeRef<'d>, name: &str) -> Vec<NodeRef<'d>> {
        let Some(found) = present(node, name) else { return Vec::new() };
        match found.as_list() {
            Some(list) => list.iter().collect(),
            None => {
                self.report(found, format!("`{name}` must be a list"));
                Vec::new()
            }
        }
    }

    fn texts(&mut self, node: NodeRef<'_>, name: &str) -> Vec<Box<str>> {
        let mut texts = Vec::new();
        for item in self.list(node, name) {
            match item.value() {
                NodeValue::String(text) => texts.push(text.into()),
                NodeValue::Null => texts.push("".into()),
                _ => self.report(item, format!("an item of `{name}` must be a string")),
            }
        }
        texts
    }

    fn placed(&mut self, node: NodeRef<'_>, name: &str) -> Text {
        let span = node.field(name).map(NodeRef::span).unwrap_or_default();
        Text { value: self.text(node, name).into(), span }
    }

    fn text(&mut self, node: NodeRef<'_>, name: &str) -> String {
        let Some(found) = present(node, name) else { return String::new() };
        if found.as_str().is_none() {
            self.report(found, format!("`{name}` must be a string"));
        }
        found.as_str().unwrap_or_default().to_owned()
    }

    fn flag(&mut self, node: NodeRef<'_>, name: &str) -> Option<bool> {
        let found = present(node, name)?;
        if found.as_bool().is_none() {
            self.report(found, format!("`{name}` must be a bool"));
        }
        found.as_bool()
    }

    fn integer(&mut self, node: NodeRef<'_>, name: &str) -> Option<i64> {
        let found = present(node, name)?;
        if found.as_int().is_none() {
            self.report(found, format!("`{name}` must be an integer"));
        }
        found.as_int()
    }

    fn number(&mut self, node: NodeRef<'_>, name: &str) -> Option<f64> {
        let found = present(node, name)?;
        match found.value() {
            NodeValue::Int(value) => Some(value as f64),
            NodeValue::Double(value) => Some(value),
            _ => {
                self.report(found, format!("`{name}` must be a number"));
                None
            }
        }
    }

    fn report(&mut self, node: NodeRef<'_>, message: impl Into<String>) {
        self.problems.push(SchemaProblem { message: message.into(), span: node.span() });
    }
}

/// A field that is there and not null; null is as good as absent.
fn present<'d>(node: NodeRef<'d>, name: &str) -> Option<NodeRef<'d>> {
    node.field(name).filter(|found| !found.is_null())
}
