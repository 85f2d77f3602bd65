//! Reading policies strictly: a field that is not known is an error, because a misspelt one would silently not count.

use super::{Expression, FailurePolicy, NamedExpression, ValidatingAdmissionPolicy, Validation};
use crate::admission::GroupVersionKind;
use crate::diagnostic::{Diagnostic, nearest};
use crate::document::{Document, NodeRef};
use crate::labels::{LabelSelector, SelectorOperator};
use crate::matching::{MatchPolicy, MatchResources, NamedRuleWithOperations, Scope};
use crate::source::{Source, Span};
use std::sync::Arc;

/// A document under reading, and what was found wrong with it.
pub(super) struct Decoder<'d> {
    pub(super) source: &'d Arc<Source>,
    pub(super) problems: Vec<Diagnostic>,
}

/// A node with the path to it, for messages.
#[derive(Clone, Copy)]
pub(super) struct Place<'d, 'p> {
    pub(super) node: NodeRef<'d>,
    pub(super) path: &'p str,
}

const VERSIONS: &[&str] = &["admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1"];

pub(super) fn policy(document: &Document) -> Result<ValidatingAdmissionPolicy, Vec<Diagnostic>> {
    let root = document.object.root();
    let mut decoder = Decoder { source: &document.source, problems: Vec::new() };
    let (name, spec) = decoder.head(root, &["apiVersion", "kind", "metadata", "spec", "status"]);
    let mut policy = ValidatingAdmissionPolicy {
        name,
        param_kind: None,
        match_constraints: MatchResources::default(),
        match_conditions: Vec::new(),
        variables: Vec::new(),
        validations: Vec::new(),
        audit_annotations: Vec::new(),
        failure_policy: FailurePolicy::default(),
        source: Arc::clone(&document.source),
        span: root.span(),
    };
    if let Some(spec) = spec {
        decoder.spec(spec, &mut policy);
    }
    if decoder.problems.is_empty() { Ok(policy) } else { Err(decoder.problems) }
}

impl<'d> Decoder<'d> {
    fn spec(&mut self, spec: NodeRef<'d>, policy: &mut ValidatingAdmissionPolicy) {
        const FIELDS: &[&str] = &[
            "paramKind",
            "matchConstraints",
            "validations",
            "failurePolicy",
            "auditAnnotations",
            "matchConditions",
            "variables",
        ];
        let spec = Place { node: spec, path: "spec" };
        self.known(spec, FIELDS);
        if let Some(kind) = self.map(spec, "paramKind") {
            let kind = Place { node: kind, path: "spec.paramKind" };
            self.known(kind, &["apiVersion", "kind"]);
            let (version, name) = (self.required(kind, "apiVersion"), self.required(kind, "kind"));
            policy.param_kind = Some(GroupVersionKind::from_api_version(&version, &name));
        }
        match self.map(spec, "matchConstraints") {
            Some(node) => {
                let path = "spec.matchConstraints";
                policy.match_constraints = self.match_resources(Place { node, path });
                if policy.match_constraints.resource_rules.is_empty() {
                    self.report(
                        "missing-field",
                        "`spec.matchConstraints.resourceRules` is required",
                        node.span(),
                    );
                }
            }
            None => self.report("missing-field", "`spec.matchConstraints` is required", spec.node.span()),
        }
        policy.failure_policy = match self.choice(spec, "failurePolicy", &["Fail", "Ignore"]) {
            Some("Ignore") => FailurePolicy::Ignore,
            _ => FailurePolicy::Fail,
        };
        policy.match_conditions = self.named(spec, "matchConditions", "name", "expression");
        policy.variables = self.named(spec, "variables", "name", "expression");
        policy.audit_annotations = self.named(spec, "auditAnnotations", "key", "valueExpression");
        for (at, node) in self.list(spec, "validations").into_iter().enumerate() {
            let path = format!("spec.validations[{at}]");
            let validation = self.validation(Place { node, path: &path });
            policy.validations.push(validation);
        }
        if policy.validations.is_empty() && policy.audit_annotations.is_empty() {
            let message = "a policy needs `validations` or `auditAnnotations`";
            self.report("missing-field", message, spec.node.span());
        }
    }

    fn validation(&mut self, place: Place<'d, '_>) -> Validation {
        self.known(place, &["expression", "message", "messageExpression", "reason"]);
        let reasons = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"];
        let message = self.text(place, "message").unwrap_or_default();
        if let Some(node) = place.node.field("message").filter(|_| message.trim().contains('\n')) {
            self.report("invalid-value", "`message` must not contain line breaks", node.span());
        }
        Validation {
            expression: self.expression(place, "expression").unwrap_or_default(),
            message,
            message_expression: place
                .node
                .field("messageExpression")
                .and_then(|_| self.expression(place, "messageExpression")),
            reason: self.choice(place, "reason", &reasons).map(str::to_owned),
        }
    }

    fn named(
        &mut self,
        parent: Place<'d, '_>,
        list: &str,
        name: &str,
        expression: &str,
    ) -> Vec<NamedExpression> {
        let mut all: Vec<NamedExpression> = Vec::new();
        for (at, node) in self.list(parent, list).into_iter().enumerate() {
            let path = format!("{}.{list}[{at}]", parent.path);
            let place = Place { node, path: &path };
            self.known(place, &[name, expression]);
            let named = NamedExpression {
                name: self.required(place, name),
                expression: self.expression(place, expression).unwrap_or_default(),
            };
            if all.iter().any(|other| other.name == named.name) && !named.name.is_empty() {
                self.report(
                    "duplicate-name",
                    format!("`{path}.{name}`: `{}` stands twice", named.name),
                    node.span(),
                );
            }
            all.push(named);
        }
        all
    }

    /// Name and spec of a policy or binding.
    pub(super) fn head(&mut self, root: NodeRef<'d>, fields: &[&str]) -> (String, Option<NodeRef<'d>>) {
        let place = Place { node: root, path: "" };
        self.known(place, fields);
        let version = root.field("apiVersion").and_then(NodeRef::as_str).unwrap_or_default();
        if !VERSIONS.contains(&version) {
            let span = root.field("apiVersion").map_or(root.span(), NodeRef::span);
            let message = format!("`apiVersion` `{version}` is not supported");
            let problem = Diagnostic::error("unsupported-version", message).at(self.source, span);
            self.problems.push(problem.help(format!("use `{}`", VERSIONS.join("` or `"))));
        }
        let metadata = self.map(place, "metadata");
        let name = match metadata {
            Some(node) => self.required(Place { node, path: "metadata" }, "name"),
            None => {
                self.report("missing-field", "`metadata.name` is required", root.span());
                String::new()
            }
        };
        let spec = self.map(place, "spec");
        if spec.is_none() {
            self.report("missing-field", "`spec` is required", root.span());
        }
        (name, spec)
    }

    pub(super) fn match_resources(&mut self, place: Place<'d, '_>) -> MatchResources {
        const FIELDS: &[&str] =
            &["namespaceSelector", "objectSelector", "resourceRules", "excludeResourceRules", "matchPolicy"];
        self.known(place, FIELDS);
        MatchResources {
            namespace_selector: self.selector(place, "namespaceSelector"),
            object_selector: self.selector(place, "objectSelector"),
            resource_rules: self.rules(place, "resourceRules"),
            exclude_resource_rules: self.rules(place, "excludeResourceRules"),
            match_policy: match self.choice(place, "matchPolicy", &["Exact", "Equivalent"]) {
                Some("Exact") => MatchPolicy::Exact,
                _ => MatchPolicy::Equivalent,
            },
        }
    }

    pub(super) fn selector(&mut self, parent: Place<'d, '_>, field: &str) -> Option<LabelSelector> {
        let node = self.map(parent, field)?;
        let path = format!("{}.{field}", parent.path);
        let place = Place { node, path: &path };
        self.known(place, &["matchLabels", "matchExpressions"]);
        for node in self.list(place, "matchExpressions") {
            self.known(
                Place { node, path: &format!("{path}.matchExpressions") },
                &["key", "operator", "values"],
            );
        }
        let selector = LabelSelector::from_node(node);
        if let Some(problem) = selector.problem() {
            let unknown =
                selector.match_expressions.iter().any(|r| matches!(r.operator, SelectorOperator::Unknown(_)));
            let help =
                if unknown { "operators are In, NotIn, Exists and DoesNotExist" } else { "see the values" };
            let problem = Diagnostic::error("invalid-value", format!("`{path}`: {problem}"))
                .at(self.source, node.span());
            self.problems.push(problem.help(help));
        }
        Some(selector)
    }

    fn rules(&mut self, parent: Place<'d, '_>, field: &str) -> Vec<NamedRuleWithOperations> {
        const FIELDS: &[&str] =
            &["resourceNames", "operations", "apiGroups", "apiVersions", "resources", "scope"];
        let mut rules = Vec::new();
        for (at, node) in self.list(parent, field).into_iter().enumerate() {
            let path = format!("{}.{field}[{at}]", parent.path);
            let place = Place { node, path: &path };
            self.known(place, FIELDS);
            let rule = NamedRuleWithOperations {
                resource_names: self.texts(place, "resourceNames"),
                operations: self.texts(place, "operations"),
                api_groups: self.texts(place, "apiGroups"),
                api_versions: self.texts(place, "apiVersions"),
                resources: self.texts(place, "resources"),
                scope: match self.choice(place, "scope", &["*", "Cluster", "Namespaced"]) {
                    Some("Cluster") => Scope::Cluster,
                    Some("Namespaced") => Scope::Namespaced,
                    _ => Scope::All,
                },
            };
            let needed = [
                ("operations", &rule.operations),
                ("apiGroups", &rule.api_groups),
                ("apiVersions", &rule.api_versions),
                ("resources", &rule.resources),
            ];
            for (name, _) in needed.into_iter().filter(|(_, values)| values.is_empty()) {
                self.report("missing-field", format!("`{path}.{name}` is required"), node.span());
            }
            for operation in &rule.operations {
                if !["*", "CREATE", "UPDATE", "DELETE", "CONNECT"].contains(&operation.as_str()) {
                    let span = node.field("operations").map_or(node.span(), NodeRef::span);
                    let message = format!("`{path}.operations`: `{operation}` is no operation");
                    let problem = Diagnostic::error("invalid-value", message).at(self.source, span);
                    self.problems.push(problem.help("operations are CREATE, UPDATE, DELETE, CONNECT and *"));
                }
            }
            rules.push(rule);
        }
        rules
    }

    /// Reports fields that are none, with the nearest that is one.
    pub(super) fn known(&mut self, place: Place<'_, '_>, fields: &[&str]) {
        let Some(map) = place.node.as_map() else { return };
        for (key, value) in map.iter().filter(|(key, _)| !fields.contains(key)) {
            let path = if place.path.is_empty() { key.to_owned() } else { format!("{}.{key}", place.path) };
            let problem = Diagnostic::error("unknown-field", format!("unknown field `{path}`"));
            let problem = problem.at(self.source, value.key_span());
            self.problems.push(match nearest(key, fields.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("fields here are {}", fields.join(", "))),
            });
        }
    }

    pub(super) fn report(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.problems.push(Diagnostic::error(code, message).at(self.source, span));
    }

    /// A field that is there and not null.
    fn present(place: Place<'d, '_>, field: &str) -> Option<NodeRef<'d>> {
        place.node.field(field).filter(|node| !node.is_null())
    }

    fn wrong_type(&mut self, place: Place<'_, '_>, field: &str, wanted: &str, span: Span) {
        let dot = if place.path.is_empty() { "" } else { "." };
        self.report("wrong-type", format!("`{}{dot}{field}` must be {wanted}", place.path), span);
    }

    pub(super) fn text(&mut self, place: Place<'d, '_>, field: &str) -> Option<String> {
        let node = Decoder::present(place, field)?;
        if node.as_str().is_none() {
            self.wrong_type(place, field, "a string", node.span());
        }
        node.as_str().map(str::to_owned)
    }

    pub(super) fn required(&mut self, place: Place<'d, '_>, field: &str) -> String {
        let text = self.text(place, field).unwrap_or_default();
        if text.is_empty() && Decoder::present(place, field).is_none_or(|node| node.as_str().is_some()) {
            self.report("missing-field", format!("`{}.{field}` is required", place.path), place.node.span());
        }
        text
    }

    fn expression(&mut self, place: Place<'d, '_>, field: &str) -> Option<Expression> {
        let text = self.required(place, field);
        let span = place.node.field(field)?.span();
        Some(Expression { text, span })
    }

    pub(super) fn choice(
        &mut self,
        place: Place<'d, '_>,
        field: &str,
        choices: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.text(place, field)?;
        let found = choices.iter().find(|choice| **choice == text).copied();
        if let (None, Some(node)) = (found, place.node.field(field)) {
            let message = format!("`{}.{field}`: `{text}` is none of {}", place.path, choices.join(", "));
            let problem = Diagnostic::error("invalid-value", message).at(self.source, node.span());
            self.problems.push(match nearest(&text, choices.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
        found
    }

    pub(super) fn map(&mut self, place: Place<'d, '_>, field: &str) -> Option<NodeRef<'d>> {
        let node = Decoder::present(place, field)?;
        if node.as_map().is_none() {
            self.wrong_type(place, field, "a map", node.span());
            return None;
        }
        Some(node)
    }

    pub(super) fn list(&mut self, place: Place<'d, '_>, field: &str) -> Vec<NodeRef<'d>> {
        let Some(node) = Decoder::present(place, field) else { return Vec::new() };
        let Some(list) = node.as_list() else {
            self.wrong_type(place, field, "a list", node.span());
            return Vec::new();
        };
        list.iter().collect()
    }

    pub(super) fn texts(&mut self, place: Place<'d, '_>, field: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for node in self.list(place, field) {
            match node.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong_type(place, field, "a list of strings", node.span()),
            }
        }
        texts
    }
}
