//! The rules of a CustomResourceDefinition itself: whether they compile, what they may cost, what they may read.
//!
//! Source: apiextensions-apiserver `pkg/apis/apiextensions/validation/validation.go` and `cel_validation.go`.

use super::field_error::{ErrorType, FieldError, Shown};
use super::field_path::FieldPath;
use super::path::Path;
use super::rule::{CompiledRule, compile_rules, max_cardinality};
use crate::cel::environment::Env;
use crate::cel::value::escape;
use crate::declaration::{DeclType, declare};
use crate::go::push_json;
use crate::schema::{AdditionalProperties, JsonType, Structural, Text, ValidationRule};
use crate::source::Span;
use std::sync::Arc;

/// The most that one expression of a CustomResourceDefinition may cost by estimate.
pub const STATIC_ESTIMATED_COST_LIMIT: u64 = 10_000_000;

/// The most that all expressions of a schema may cost by estimate.
pub const STATIC_ESTIMATED_CRD_COST_LIMIT: u64 = 100_000_000;

/// How many rules are named when all together cost too much.
const MOST_EXPENSIVE: usize = 4;

const REASONS: [&str; 4] =
    ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// What the API server refuses in the rules of a schema; `path` is that of the schema, such as
/// `spec.validation.openAPIV3Schema`. Where rules are incomplete those around them are not compiled, and where they
/// stand in clauses none is.
pub fn check_rules(schema: &Structural, path: &str, env: &Env) -> Vec<FieldError> {
    let mut check =
        Check { env, schema_errors: Vec::new(), cel_errors: Vec::new(), total: TotalCost::default() };
    let path = Path::Root(Some(path));
    let scope = Scope {
        in_rules: !schema.validations.is_empty(),
        kind: type_of(schema, true).filter(|_| !schema.validations.is_empty()),
        cardinality: Some(1),
    };
    check.structural(schema, &path);
    let structural = check.schema_errors.is_empty();
    check.schema(schema, &path, Some(&scope).filter(|_| structural), None);
    let mut errors = check.schema_errors;
    errors.append(&mut check.cel_errors);
    check.total.report(&path, schema.span, &mut errors);
    errors
}

struct Check<'e> {
    env: &'e Env,
    schema_errors: Vec<FieldError>,
    cel_errors: Vec<FieldError>,
    total: TotalCost,
}

/// What is known of the values of a schema.
struct Scope {
    /// Whether the schema or one around it has rules.
    in_rules: bool,
    /// The type, where there are rules and the schema has one.
    kind: Option<Arc<DeclType>>,
    /// How often a value can occur in an object, if the schemas around it limit that.
    cardinality: Option<u64>,
}

impl Check<'_> {
    /// Forbids rules in the clauses of a schema and of those within it.
    ///
    /// Source: apiextensions-apiserver `pkg/apiserver/schema/validation.go`.
    fn structural(&mut self, schema: &Structural, path: &Path<'_>) {
        if let Some(items) = &schema.items {
            self.structural(items, &path.child("items"));
        }
        for (name, property) in &schema.properties {
            self.structural(property, &path.child("properties").key(name));
        }
        if let Some(additional) = schema.additional_schema() {
            self.structural(additional, &path.child("additionalProperties"));
        }
        self.clauses(schema, path);
    }

    fn clauses(&mut self, schema: &Structural, path: &Path<'_>) {
        let value = &schema.value;
        for (name, clauses) in [("anyOf", &value.any_of), ("allOf", &value.all_of), ("oneOf", &value.one_of)]
        {
            for (index, clause) in clauses.iter().enumerate() {
                self.clause(clause, &path.child(name).index(index));
            }
        }
        if let Some(not) = &value.not {
            self.clause(not, &path.child("not"));
        }
    }

    fn clause(&mut self, clause: &Structural, path: &Path<'_>) {
        self.clauses(clause, path);
        if let Some(items) = &clause.items {
            self.clause(items, &path.child("items"));
        }
        for (name, property) in &clause.properties {
            self.clause(property, &path.child("properties").key(name));
        }
        if let Some(additional) = clause.additional_schema() {
            self.clause(additional, &path.child("additionalProperties"));
        }
        if let Some(rule) = clause.validations.first() {
            let path = path.child("x-kubernetes-validations");
            let detail = "must be empty to be structural";
            let error = FieldError::new(ErrorType::Forbidden, &path, Shown::Nothing, detail, rule.span);
            self.schema_errors.push(error);
        }
    }

    /// Checks a schema and those within it. `uncorrelatable` is the path of the outermost list or map around it whose
    /// elements have no old values.
    fn schema(
        &mut self,
        schema: &Structural,
        path: &Path<'_>,
        scope: Option<&Scope>,
        uncorrelatable: Option<&Path<'_>>,
    ) {
        let before = self.schema_errors.len();
        if let Some(additional) = schema.additional_schema() {
            let element = |kind: &DeclType| kind.element().cloned();
            let scope = scope.map(|scope| scope.child(schema, additional, element));
            self.schema(additional, &path.child("additionalProperties"), scope.as_ref(), uncorrelatable);
        }
        let granular = matches!(schema.map_type.as_deref(), None | Some("granular" | "atomic"));
        for (name, property) in &schema.properties {
            let field = |kind: &DeclType| kind.field(&escape(name)?).cloned();
            let scope = scope.map(|scope| scope.child(schema, property, field));
            let uncorrelatable = uncorrelatable.or(Some(path).filter(|_| !granular));
            self.schema(property, &path.child("properties").key(name), scope.as_ref(), uncorrelatable);
        }
        if let Some(not) = &schema.value.not {
            self.schema(not, &path.child("not"), None, uncorrelatable);
        }
        let value = &schema.value;
        for (name, clauses) in [("allOf", &value.all_of), ("oneOf", &value.one_of), ("anyOf", &value.any_of)]
        {
            for (index, clause) in clauses.iter().enumerate() {
                self.schema(clause, &path.child(name).index(index), None, uncorrelatable);
            }
        }
        if let Some(items) = &schema.items {
            let element = |kind: &DeclType| kind.element().cloned();
            let scope = scope.map(|scope| scope.child(schema, items, element));
            let is_map = schema.list_type.as_deref() == Some("map");
            let uncorrelatable = uncorrelatable.or(Some(path).filter(|_| !is_map));
            self.schema(items, &path.child("items"), scope.as_ref(), uncorrelatable);
        }
        let list = path.child("x-kubernetes-validations");
        for (index, rule) in schema.validations.iter().enumerate() {
            self.written(schema, rule, &list.index(index));
        }
        if let Some(scope) = scope.filter(|_| self.schema_errors.len() == before) {
            self.rules(schema, &list, scope, uncorrelatable);
        }
    }

    /// What is wrong with a rule before it is compiled.
    fn written(&mut self, schema: &Structural, rule: &ValidationRule, path: &Path<'_>) {
        let message = rule.message.trim();
        let mut add = |kind, name: &str, text: &Text, shown: Shown<'_>, detail: &str| {
            let span = if text.span == Span::default() { rule.span } else { text.span };
            self.schema_errors.push(FieldError::new(kind, &path.child(name), shown, detail, span));
        };
        if rule.rule.trim().is_empty() {
            add(ErrorType::Required, "rule", &rule.rule, Shown::Nothing, "rule is not specified");
        } else if !rule.message.is_empty() && message.is_empty() {
            let shown = Shown::Text(&rule.message);
            add(ErrorType::Invalid, "message", &rule.message, shown, "must be non-empty if specified");
        } else if has_newlines(message) {
            let shown = Shown::Text(&rule.message);
            add(ErrorType::Invalid, "message", &rule.message, shown, "must not contain line breaks");
        } else if has_newlines(rule.rule.trim()) && message.is_empty() {
            let detail = "message must be specified if rule contains line breaks";
            add(ErrorType::Required, "message", &rule.message, Shown::Nothing, detail);
        }
        if !rule.message_expression.is_empty() && rule.message_expression.trim().is_empty() {
            let (text, detail) =
                (&rule.message_expression, "messageExpression must be non-empty if specified");
            add(ErrorType::Required, "messageExpression", text, Shown::Nothing, detail);
        }
        if let Some(reason) = rule.reason.as_ref().filter(|reason| !REASONS.contains(&&***reason)) {
            let mut shown = String::new();
            push_json(&mut shown, reason);
            let detail =
                format!("supported values: {}", REASONS.map(|reason| format!("{reason:?}")).join(", "));
            add(ErrorType::NotSupported, "reason", reason, Shown::Raw(&shown), &detail);
        }
        let field_path = &rule.field_path;
        if field_path.is_empty() {
            return;
        }
        let mut invalid =
            |detail| add(ErrorType::Invalid, "fieldPath", field_path, Shown::Text(field_path), detail);
        if field_path.trim().is_empty() {
            invalid("must be non-empty if specified");
        }
        if has_newlines(field_path) {
            invalid("must not contain line breaks");
        }
        if FieldPath::read(field_path, schema).is_err() {
            invalid("must be a valid path");
        }
    }

    fn rules(
        &mut self,
        schema: &Structural,
        list: &Path<'_>,
        scope: &Scope,
        uncorrelatable: Option<&Path<'_>>,
    ) {
        if schema.validations.is_empty() {
            return;
        }
        let Some(kind) = &scope.kind else {
            let detail = "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations";
            let error = FieldError::new(ErrorType::Internal, list, Shown::Nothing, detail, schema.span);
            self.cel_errors.push(error);
            return;
        };
        for (index, compiled) in compile_rules(schema, &schema.validations, kind, self.env).iter().enumerate()
        {
            let path = list.index(index);
            let repeats = match compiled.program {
                Ok(Some(_)) => scope.cardinality.unwrap_or_else(|| max_cardinality(kind)),
                _ => 0,
            };
            self.compiled(compiled, &path, repeats, uncorrelatable);
        }
    }

    fn compiled(
        &mut self,
        compiled: &CompiledRule,
        path: &Path<'_>,
        repeats: u64,
        uncorrelatable: Option<&Path<'_>>,
    ) {
        let rule = &compiled.rule;
        let (rule_path, message_path) = (path.child("rule"), path.child("messageExpression"));
        let cost = compiled.max_cost.saturating_mul(repeats);
        self.estimated("estimated rule cost", cost, &rule_path, rule.rule.span);
        let invalid = |path: &Path<'_>, shown: Shown<'_>, detail: &str, text: &Text| {
            FieldError::new(ErrorType::Invalid, path, shown, detail, text.span)
        };
        let json = rule_json(rule);
        if let Err(error) = &compiled.program {
            self.cel_errors.push(invalid(&rule_path, Shown::Raw(&json), error, &rule.rule));
        }
        match &compiled.message_expression {
            Some(Err(error)) => {
                let text = &rule.message_expression;
                self.cel_errors.push(invalid(&message_path, Shown::Raw(&json), error, text));
            }
            Some(Ok(_)) => {
                let cost = compiled.message_max_cost;
                let span = rule.message_expression.span;
                self.estimated("estimated messageExpression cost", cost, &message_path, span);
            }
            None => {}
        }
        if compiled.uses_old_self {
            if let Some(within) = uncorrelatable {
                let detail = format!(
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within {within}"
                );
                self.cel_errors.push(invalid(&rule_path, Shown::Text(&rule.rule), &detail, &rule.rule));
            }
        } else if let Some(optional) = rule.optional_old_self {
            let detail = "may not be set if oldSelf is not used in rule";
            let path = path.child("optionalOldSelf");
            let shown = Shown::Raw(if optional { "true" } else { "false" });
            self.cel_errors.push(FieldError::new(ErrorType::Invalid, &path, shown, detail, rule.span));
        }
    }

    /// Counts the cost of an expression, and says so if it is too much by itself.
    fn estimated(&mut self, name: &str, cost: u64, path: &Path<'_>, span: Span) {
        if cost > STATIC_ESTIMATED_COST_LIMIT {
            let detail = exceeded(name, cost, STATIC_ESTIMATED_COST_LIMIT);
            self.cel_errors.push(FieldError::new(ErrorType::Forbidden, path, Shown::Nothing, &detail, span));
        }
        self.total.add(path, cost, span);
    }
}

impl Scope {
    /// What is known of a schema within; its type is a part of the type around it where that has one.
    fn child(
        &self,
        schema: &Structural,
        child: &Structural,
        part: impl FnOnce(&DeclType) -> Option<Arc<DeclType>>,
    ) -> Scope {
        let in_rules = self.in_rules || !child.validations.is_empty();
        let known = self.kind.as_deref().filter(|_| self.in_rules).and_then(part);
        // A schema whose own type is unknown hides that of those within it.
        let lost = self.in_rules && self.kind.is_none();
        let convert = || type_of(child, child.embedded_resource).filter(|_| in_rules && !lost);
        let most = max_elements(schema);
        Scope {
            in_rules,
            kind: known.or_else(convert),
            cardinality: self.cardinality.and_then(|outer| Some(outer.saturating_mul(most?))),
        }
    }
}

fn type_of(schema: &Structural, is_resource_root: bool) -> Option<Arc<DeclType>> {
    declare(schema, is_resource_root).map(Arc::new)
}

/// How many values of the schemas within one value of a schema may have; `None` without a limit.
fn max_elements(schema: &Structural) -> Option<u64> {
    let limit = |most: Option<i64>| most.map(|most| most.max(0).unsigned_abs());
    match schema.kind {
        JsonType::Object if additional(schema).is_some() => limit(schema.value.max_properties),
        JsonType::Array => limit(schema.value.max_items),
        _ => Some(1),
    }
}

fn additional(schema: &Structural) -> Option<&AdditionalProperties> {
    schema.additional_properties.as_ref()
}

/// The estimated cost of all expressions, and those that contribute most.
#[derive(Default)]
struct TotalCost {
    total: u64,
    most_expensive: Vec<(u64, String, Span)>,
}

impl TotalCost {
    fn add(&mut self, path: &Path<'_>, cost: u64, span: Span) {
        self.total = self.total.saturating_add(cost);
        // What is below a hundredth of the limit is no contributor.
        if cost >= STATIC_ESTIMATED_CRD_COST_LIMIT / 100 {
            self.most_expensive.push((cost, path.to_string(), span));
            self.most_expensive.sort_by_key(|(cost, ..)| std::cmp::Reverse(*cost));
            self.most_expensive.truncate(MOST_EXPENSIVE);
        }
    }

    fn report(&self, path: &Path<'_>, span: Span, errors: &mut Vec<FieldError>) {
        if self.total <= STATIC_ESTIMATED_CRD_COST_LIMIT {
            return;
        }
        let mut forbid = |path: &Path<'_>, detail: &str, span| {
            errors.push(FieldError::new(ErrorType::Forbidden, path, Shown::Nothing, detail, span));
        };
        for (_, path, span) in &self.most_expensive {
            let detail =
                "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
            forbid(&Path::Root(Some(path)), detail, *span);
        }
        let name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        forbid(path, &exceeded(name, self.total, STATIC_ESTIMATED_CRD_COST_LIMIT), span);
    }
}

fn exceeded(name: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let factor = if factor > 100.0 {
        "more than 100x".to_owned()
    } else if factor < 1.5 {
        format!("{factor:.6}x")
    } else {
        format!("{factor:.1}x")
    };
    format!(
        "{name} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
    )
}

fn has_newlines(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// A rule as Go's `encoding/json` writes the internal type, whose fields have no tags.
fn rule_json(rule: &ValidationRule) -> String {
    let mut json = String::from("{");
    let mut add = |name: &str, text: Option<&str>| {
        json.push_str(if json.len() == 1 { "\"" } else { ",\"" });
        json.push_str(name);
        json.push_str("\":");
        match text {
            Some(text) => push_json(&mut json, text),
            None => json.push_str("null"),
        }
    };
    add("Rule", Some(&rule.rule));
    add("Message", Some(&rule.message));
    add("MessageExpression", Some(&rule.message_expression));
    add("Reason", rule.reason.as_deref());
    add("FieldPath", Some(&rule.field_path));
    let optional = match rule.optional_old_self {
        Some(true) => "true",
        Some(false) => "false",
        None => "null",
    };
    json.push_str(",\"OptionalOldSelf\":");
    json.push_str(optional);
    json.push('}');
    json
}
