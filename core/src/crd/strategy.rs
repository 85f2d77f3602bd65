//! What the API server does with a custom resource before it asks any policy: it reads and completes it, and refuses what
//! its schema does not allow.
//!
//! Source: apiextensions-apiserver `pkg/registry/customresource/strategy.go` and `validator.go`.

use super::coercion::coerced;
use super::correlation::Correlated;
use super::field_error::{ErrorType, FieldError, Shown};
use super::metadata::Metadata;
use super::path::Path;
use super::resource::{CustomResourceVersion, Scale};
use super::structure::{self, Texts};
use super::validate::{Inputs, Outcome};
use super::validator::Validator;
use super::{list_type, object_meta};
use crate::admission::GroupVersionKind;
use crate::cel::environment::{Env, Version};
use crate::cel::value::double_text;
use crate::document::{NodeRef, NodeValue};
use crate::go::quoted;
use crate::source::Span;
use crate::typed::{Admitted, Options, Refusal, Scheme, Stage};
use std::sync::Arc;

/// A version of a custom kind as it is served.
#[derive(Debug)]
pub struct CustomResourceStrategy {
    kind: GroupVersionKind,
    namespaced: bool,
    version: CustomResourceVersion,
    rules: Validator,
    texts: Texts,
}

/// What is wrong with a custom resource.
#[derive(Clone, Debug, Default)]
pub struct Validated {
    /// By its metadata, its schema and its lists.
    pub errors: Vec<FieldError>,
    /// What rules found, unless such errors kept them from being looked at.
    pub rules: Option<Outcome>,
    /// That rules were not looked at, though there are some.
    pub unchecked: Option<FieldError>,
}

impl Validated {
    /// All errors in the API server's order.
    pub fn into_errors(self) -> Vec<FieldError> {
        let rules = self.rules.into_iter().flat_map(|outcome| outcome.errors);
        self.errors.into_iter().chain(self.unchecked).chain(rules).collect()
    }
}

impl CustomResourceStrategy {
    /// A version of a kind in a Kubernetes version. What rules may use is that of the newest, since a stored definition
    /// is not refused.
    pub fn new(
        kind: GroupVersionKind,
        namespaced: bool,
        version: CustomResourceVersion,
        kubernetes: Version,
    ) -> CustomResourceStrategy {
        let schema = Arc::clone(&version.schema);
        let texts = Texts::new(&schema, kubernetes.minor);
        let rules = Validator::new(schema, true, &Env::kubernetes(Version::NEWEST));
        CustomResourceStrategy { kind, namespaced, version, rules, texts }
    }

    /// Whether the kind has rules.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// An object as the API server has it: without unknown fields, which are warned of, and with defaults; prepared for
    /// its creation it has no status where that is a subresource of its own. A scheme reads its metadata.
    pub fn admit(
        &self,
        object: NodeRef<'_>,
        scheme: Option<&Scheme>,
        options: &Options<'_>,
    ) -> Result<Admitted, Refusal> {
        let metadata = Metadata { scheme, namespaced: self.namespaced, options: *options };
        let drops_status = options.stage == Stage::Prepared && self.version.status;
        let has_defaults = options.stage != Stage::Decoded;
        match coerced(object, &self.version.schema, Some(&metadata), has_defaults, drops_status) {
            Ok((object, warnings)) => Ok(Admitted { object, warnings }),
            Err(refusal) => Err(Refusal {
                message: format!(
                    "{} in version {} cannot be handled as a {}: {}",
                    self.kind.kind,
                    quoted(&self.version.name),
                    self.kind.kind,
                    refusal.message
                ),
                ..refusal
            }),
        }
    }

    /// What the API server refuses of an admitted object, which may update another. Rules are looked at unless what else
    /// is wrong makes them unreliable.
    pub fn validate(&self, object: NodeRef<'_>, old: Option<NodeRef<'_>>) -> Validated {
        let old = old.filter(|old| !old.is_null());
        let schema = &*self.version.schema;
        let mut errors = self.head(object);
        if errors.is_empty() {
            errors.extend(object_meta::validate_root(object, old.is_some()));
            let correlated = old.map(|old| Correlated::new(object, old, schema));
            errors.extend(structure::validate(schema, &self.texts, object, correlated.as_ref()));
            if let Some(scale) = &self.version.scale {
                scale.check(object, &mut errors);
            }
        }
        errors.extend(object_meta::validate_embedded(schema, object));
        if old.is_none_or(|old| list_type::validate(schema, old).is_empty()) {
            errors.extend(list_type::validate(schema, object));
        }
        let inputs = match old {
            Some(old) => Inputs::update(object, old),
            None => Inputs::create(object),
        };
        let blocked = errors.iter().any(|error| is_blocking(error.kind));
        let rules = (!blocked).then(|| self.rules.validate(&inputs));
        let unchecked = blocked && !self.rules.is_empty();
        Validated { errors, rules, unchecked: unchecked.then(|| unchecked_rules().at(object)) }
    }

    /// Whether the object is of the kind and version.
    fn head(&self, object: NodeRef<'_>) -> Vec<FieldError> {
        let version = format!("{}/{}", self.kind.group, self.version.name);
        let mut errors = Vec::new();
        for (name, wanted) in [("kind", &self.kind.kind), ("apiVersion", &version)] {
            let found = object.field(name).and_then(NodeRef::as_str).unwrap_or_default();
            if found != wanted {
                let (root, detail) = (Path::Root(None), format!("must be {wanted}"));
                let (path, shown) = (root.child(name), Shown::Text(found));
                let error = FieldError::new(ErrorType::Invalid, &path, shown, &detail, Span::default());
                errors.push(error.at(object.field(name).unwrap_or(object)));
            }
        }
        errors
    }
}

fn unchecked_rules() -> FieldError {
    let detail = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    FieldError::of_field(ErrorType::Invalid, "<nil>".to_owned(), Shown::Raw("null"), detail)
}

/// Whether rules could not be relied on after such an error.
fn is_blocking(kind: ErrorType) -> bool {
    matches!(
        kind,
        ErrorType::NotSupported
            | ErrorType::Required
            | ErrorType::TooLong
            | ErrorType::TooMany
            | ErrorType::TypeInvalid
    )
}

impl Scale {
    fn check(&self, object: NodeRef<'_>, errors: &mut Vec<FieldError>) {
        for path in [&self.spec_replicas, &self.status_replicas] {
            let names: Vec<&str> = path.strip_prefix('.').unwrap_or(path).split('.').collect();
            let (value, problem, at) = match nested(object, &names) {
                Ok(None) => continue,
                Err((problem, at)) => (0, problem, at),
                Ok(Some(node)) => match node.as_int() {
                    None => (0, not_of(node, &names, "int64"), node),
                    Some(value @ ..0) => (value, "should be a non-negative integer".to_owned(), node),
                    Some(value) if value > i64::from(i32::MAX) => {
                        (value, format!("should be less than or equal to {}", i32::MAX), node)
                    }
                    Some(_) => continue,
                },
            };
            let shown = value.to_string();
            let error = FieldError::of_field(ErrorType::Invalid, path.clone(), Shown::Raw(&shown), &problem);
            errors.push(error.at(at));
        }
        let Some(path) = &self.label_selector else { return };
        let names: Vec<&str> = path.strip_prefix('.').unwrap_or(path).split('.').collect();
        let (problem, at) = match nested(object, &names) {
            Ok(Some(node)) if node.as_str().is_none() => (not_of(node, &names, "string"), node),
            Err(problem) => problem,
            Ok(_) => return,
        };
        let error = FieldError::of_field(ErrorType::Invalid, path.clone(), Shown::Text(""), &problem);
        errors.push(error.at(at));
    }
}

/// Source: apimachinery `pkg/apis/meta/v1/unstructured/helpers.go`, `NestedFieldNoCopy`.
fn nested<'d>(object: NodeRef<'d>, names: &[&str]) -> Result<Option<NodeRef<'d>>, (String, NodeRef<'d>)> {
    let mut at = object;
    for (depth, name) in names.iter().enumerate() {
        if at.is_null() {
            return Ok(None);
        }
        if at.as_map().is_none() {
            let way = names.get(..depth + 1).unwrap_or_default();
            return Err((not_of(at, way, "map[string]interface{}"), at));
        }
        match at.field(name) {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// That a value has another Go type than it should.
fn not_of(node: NodeRef<'_>, names: &[&str], wanted: &str) -> String {
    let kind = match node.value() {
        NodeValue::Null => "<nil>",
        NodeValue::Bool(_) => "bool",
        NodeValue::Int(_) => "int64",
        NodeValue::Double(_) => "float64",
        NodeValue::String(_) => "string",
        NodeValue::List(_) => "[]interface {}",
        NodeValue::Map(_) => "map[string]interface {}",
    };
    let mut text = String::new();
    print(node, &mut text);
    format!(".{} accessor error: {text} is of the type {kind}, expected {wanted}", names.join("."))
}

/// As Go's `%v` writes unstructured data. Recursion is as deep as the document.
fn print(node: NodeRef<'_>, out: &mut String) {
    match node.value() {
        NodeValue::Null => out.push_str("<nil>"),
        NodeValue::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        NodeValue::Int(value) => out.push_str(&value.to_string()),
        NodeValue::Double(value) => out.push_str(&double_text(value)),
        NodeValue::String(text) => out.push_str(text),
        NodeValue::List(list) => {
            out.push('[');
            for (at, element) in list.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { " " });
                print(element, out);
            }
            out.push(']');
        }
        NodeValue::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push_str("map[");
            for (at, (key, value)) in entries.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { " " });
                out.push_str(key);
                out.push(':');
                print(value, out);
            }
            out.push(']');
        }
    }
}
