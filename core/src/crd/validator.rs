//! A schema's rules, compiled once and in the shape of the schema.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go`, `NewValidator`.

use super::reading::Readings;
use super::rule::{CompiledRule, compile_rules};
use crate::cel::environment::Env;
use crate::cel::value::{NodeType, escape};
use crate::declaration::{DeclType, declare};
use crate::schema::{JsonType, Structural};
use std::sync::Arc;

/// Checks custom resources against the rules of their schema.
#[derive(Debug)]
pub struct Validator {
    pub(super) root: Option<Node>,
    pub(super) schema: Arc<Structural>,
}

/// The rules of a part of a schema and those within it.
#[derive(Debug)]
pub(super) struct Node {
    /// The type in the schema, which errors name.
    pub(super) kind: JsonType,
    /// Or why rules of this schema cannot be compiled at all.
    pub(super) rules: Result<Vec<CompiledRule>, &'static str>,
    /// Whether any rule reads the old value.
    pub(super) uses_old_self: bool,
    /// How `self` is read, where there are rules.
    pub(super) reading: Option<Arc<NodeType>>,
    /// What of the schema says how old values are found, without the schemas within it.
    pub(super) lookup: Structural,
    pub(super) items: Option<Box<Node>>,
    pub(super) additional: Option<Box<Node>>,
    pub(super) properties: Vec<(Box<str>, Node)>,
    pub(super) all_of: Vec<Node>,
}

impl Validator {
    /// The rules of a schema, compiled in an environment without variables, such as [`Env::kubernetes`] gives. Rules
    /// that do not compile are errors of every object that they would be evaluated for.
    pub fn new(schema: Arc<Structural>, is_resource_root: bool, env: &Env) -> Validator {
        let kind = declare(&*schema, is_resource_root);
        let mut compiler = Compiler { env, readings: Readings::default() };
        let root = compiler.node(&schema, &schema, is_resource_root, kind.as_ref());
        Validator { root, schema }
    }

    /// The schema whose rules they are.
    pub fn schema(&self) -> &Structural {
        &self.schema
    }

    /// Whether the schema has no rules.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }
}

impl Node {
    pub(super) fn property(&self, name: &str) -> Option<&Node> {
        let found = self.properties.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.properties.get(found).map(|(_, node)| node)
    }
}

struct Compiler<'e> {
    env: &'e Env,
    readings: Readings,
}

impl Compiler<'_> {
    /// Rules may stand beside the structure, in a clause of `allOf`: `rules` is the schema that has them, `schema` the one
    /// that says what values are.
    fn node(
        &mut self,
        rules: &Structural,
        schema: &Structural,
        is_resource_root: bool,
        kind: Option<&DeclType>,
    ) -> Option<Node> {
        let compiled = match kind {
            _ if rules.validations.is_empty() => Ok(Vec::new()),
            Some(kind) => Ok(compile_rules(schema, &rules.validations, kind, self.env)),
            None => Err("failed to convert to declType for CEL validation rules"),
        };
        let element = kind.and_then(DeclType::element).map(|element| &**element);
        let mut within = |rules: Option<&Structural>, schema: Option<&Structural>| {
            let (rules, schema) = (rules?, schema?);
            self.node(rules, schema, schema.embedded_resource, element).map(Box::new)
        };
        let items = within(rules.items.as_deref(), schema.items.as_deref());
        let additional = within(rules.additional_schema(), schema.additional_schema());
        let mut properties = Vec::new();
        for (name, rules) in &rules.properties {
            let Some(schema) = schema.properties.get(name) else { continue };
            let own;
            let kind = if let Some(escaped) = escape(name) {
                match kind.and_then(|kind| kind.field(&escaped)) {
                    Some(field) => &**field,
                    None => continue,
                }
            } else {
                own = declare(schema, schema.embedded_resource);
                match &own {
                    Some(kind) => kind,
                    None => continue,
                }
            };
            if let Some(node) = self.node(rules, schema, schema.embedded_resource, Some(kind)) {
                properties.push((name.clone(), node));
            }
        }
        let clauses = rules.value.all_of.iter();
        let all_of: Vec<Node> =
            clauses.filter_map(|clause| self.node(clause, schema, is_resource_root, kind)).collect();
        let nothing = matches!(&compiled, Ok(rules) if rules.is_empty())
            && items.is_none()
            && additional.is_none()
            && properties.is_empty()
            && all_of.is_empty();
        if nothing {
            return None;
        }
        // What has no rules of its own is never read as a whole.
        let has_own = !matches!(&compiled, Ok(rules) if rules.is_empty());
        let reading = has_own.then(|| self.readings.of(schema, is_resource_root));
        Some(Node {
            kind: schema.kind.clone(),
            uses_old_self: compiled.iter().flatten().any(|rule| rule.uses_old_self),
            reading,
            rules: compiled,
            lookup: lookup(schema),
            items,
            additional,
            properties,
            all_of,
        })
    }
}

fn lookup(schema: &Structural) -> Structural {
    Structural {
        kind: schema.kind.clone(),
        list_type: schema.list_type.clone(),
        list_map_keys: schema.list_map_keys.clone(),
        map_type: schema.map_type.clone(),
        ..Structural::default()
    }
}
