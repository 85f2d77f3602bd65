//! What an expression may use: variables, functions, types, syntax. Built once per Kubernetes version.

mod object_type;
mod versions;

pub use object_type::{ObjectType, TypeProvider};
pub use versions::{EnvType, Version};

use super::ast::Ast;
use super::checker::{CheckedAst, check, resolve};
use super::issue::Issues;
use super::library::{Function, Library, Overload};
use super::message::{EnumType, Schema};
use super::parser::{ParserOptions, parse};
use super::protobuf::{enum_number, well_known_schema};
use super::types::Type;
use super::value::{escape, is_reserved};
use std::collections::HashMap;
use std::sync::Arc;

/// An environment: immutable, cheap to clone and to extend with variables.
#[derive(Clone, Debug)]
pub struct Env {
    base: Arc<Base>,
    /// Functions declared beyond those of the version's libraries.
    declared: Arc<HashMap<&'static str, DeclaredFunction>>,
    /// The namespace in which names are looked up first, and then in those around it.
    container: Arc<str>,
    variables: Vec<Variable>,
    objects: Arc<HashMap<String, ObjectType>>,
    /// Object types beyond those.
    provider: Option<Arc<dyn TypeProvider>>,
    /// The messages of protobuf, which every environment has some of.
    schema: Arc<Schema>,
    /// Names of variables that are expressions themselves, under the variable in `lazy_slot`.
    lazy: Arc<Vec<Arc<str>>>,
    lazy_slot: Option<usize>,
    /// Whether literals may mix types though the version forbids it.
    mixes_literals: bool,
    has_declared_types: bool,
    /// Whether fields of objects whose names are CEL's own words need no escapes.
    keywords_as_fields: bool,
    /// Whether constant parts are computed when an expression is compiled, at no cost when it is evaluated.
    folds: bool,
    /// Whether programs may take shortcuts, which shows in nothing but time.
    shortcuts: bool,
}

/// What all expressions of one version share.
#[derive(Debug)]
struct Base {
    functions: HashMap<&'static str, DeclaredFunction>,
    parser: ParserOptions,
    /// Literals of durations, timestamps and patterns are checked when the expression is.
    validate_literals: bool,
    /// `[1, 'a']` is an error.
    homogeneous_literals: bool,
    /// `1 < 1.5` is allowed.
    cross_type_comparisons: bool,
    /// CEL as its specification has it, where Kubernetes' differs.
    general: bool,
}

/// All overloads of a function name, over all libraries.
#[derive(Clone, Debug)]
pub struct DeclaredFunction {
    pub name: &'static str,
    pub overloads: Vec<Overload>,
    pub singleton: bool,
}

/// A declared variable; its position in the environment is its slot in an activation.
#[derive(Clone, Debug)]
pub struct Variable {
    /// May have dots, as `authorizer.requestResource` has.
    pub name: Arc<str>,
    pub kind: Type,
}

impl Env {
    /// The environment of a Kubernetes version, without variables.
    ///
    /// Source: apiserver `pkg/cel/environment/base.go`.
    pub fn kubernetes(version: Version) -> Env {
        let base = Base {
            parser: version.parser_options(),
            validate_literals: version.validates_literals(),
            homogeneous_literals: true,
            cross_type_comparisons: version.compares_across_types(),
            general: false,
            functions: HashMap::new(),
        };
        let env = Env::new(version.libraries(), base);
        Env { keywords_as_fields: version.takes_keywords_as_fields(), ..env }
    }

    /// The same for new or for stored expressions.
    ///
    /// ```
    /// use kordon::cel::environment::{Env, EnvType};
    ///
    /// let old = "1.30".parse().unwrap();
    /// let includes = "[1, 2].includes(2)";
    /// assert!(Env::kubernetes_for(EnvType::NewExpressions, old).compile(includes).is_err());
    /// assert!(Env::kubernetes_for(EnvType::StoredExpressions, old).compile(includes).is_ok());
    /// ```
    pub fn kubernetes_for(kind: EnvType, version: Version) -> Env {
        Env::kubernetes(version.seen_by(kind))
    }

    /// CEL with all of cel-go's extension libraries, for uses beyond Kubernetes.
    pub fn general() -> Env {
        let base = Base {
            parser: ParserOptions::ALL,
            validate_literals: false,
            homogeneous_literals: false,
            cross_type_comparisons: true,
            general: true,
            functions: HashMap::new(),
        };
        Env::new(versions::general_libraries(), base)
    }

    fn new(libraries: Vec<Library>, mut base: Base) -> Env {
        let functions = &mut base.functions;
        for Function { name, overloads, singleton } in
            libraries.into_iter().flat_map(|library| library.functions)
        {
            let declared =
                functions.entry(name).or_insert(DeclaredFunction { name, overloads: Vec::new(), singleton });
            declared.singleton &= singleton;
            for overload in overloads {
                match declared.overloads.iter_mut().find(|known| known.id == overload.id) {
                    Some(known) => *known = overload,
                    None => declared.overloads.push(overload),
                }
            }
        }
        Env {
            base: Arc::new(base),
            declared: Arc::default(),
            container: Arc::default(),
            variables: Vec::new(),
            objects: Arc::default(),
            provider: None,
            schema: Arc::new(well_known_schema()),
            lazy: Arc::default(),
            lazy_slot: None,
            folds: true,
            shortcuts: true,
            mixes_literals: false,
            keywords_as_fields: false,
            has_declared_types: false,
        }
    }

    /// The same environment without constant folding: every part of an expression is evaluated, and costs, each time.
    /// cel-go calls the folding `OptOptimize`; the API server has it on.
    #[must_use]
    pub fn without_folding(mut self) -> Env {
        self.folds = false;
        self
    }

    /// The same environment with literals of mixed types allowed, as `[1, 'a']`; the API server forbids them.
    #[must_use]
    pub fn with_mixed_literals(mut self) -> Env {
        self.mixes_literals = true;
        self
    }

    /// The same whose programs execute every instruction one by one, to compare with.
    #[must_use]
    pub fn without_shortcuts(mut self) -> Env {
        self.shortcuts = false;
        self
    }

    pub(crate) fn takes_shortcuts(&self) -> bool {
        self.shortcuts
    }

    pub(crate) fn folds(&self) -> bool {
        self.folds
    }

    /// The same environment with one more variable.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<Arc<str>>, kind: Type) -> Env {
        self.variables.push(Variable { name: name.into(), kind });
        self
    }

    /// The same environment with one more type that has fields.
    #[must_use]
    pub fn with_object(mut self, object: ObjectType) -> Env {
        Arc::make_mut(&mut self.objects).insert(object.name.to_string(), object);
        self.with_declared_types()
    }

    /// The same environment as if types had been declared: the short names of durations and timestamps then are names
    /// too, though of nothing that has a value.
    ///
    /// Source: apiserver `pkg/cel/types.go`, `findScalar`.
    #[must_use]
    pub fn with_declared_types(mut self) -> Env {
        self.has_declared_types = true;
        self
    }

    /// The same environment with one more field of an object type that was declared, or another type of a field.
    #[must_use]
    pub(crate) fn with_field(mut self, object: &str, field: &str, kind: Type) -> Env {
        if let Some(declared) = Arc::make_mut(&mut self.objects).get_mut(object) {
            declared.fields.insert(field.into(), kind);
        }
        self
    }

    /// The same environment with the object types that a provider finds beside those declared.
    #[must_use]
    pub fn with_types(mut self, provider: Arc<dyn TypeProvider>) -> Env {
        self.provider = Some(provider);
        self
    }

    /// The same environment with one more function. Overloads of a name that a library has too are added to them.
    #[must_use]
    pub fn with_function(mut self, function: Function) -> Env {
        let Function { name, overloads, singleton } = function;
        let new = DeclaredFunction { name, overloads: Vec::new(), singleton };
        let known = self.function(name).cloned().unwrap_or(new);
        let declared = Arc::make_mut(&mut self.declared).entry(name).or_insert(known);
        declared.singleton &= singleton;
        declared.overloads.extend(overloads);
        self
    }

    /// The same environment with names resolved within a namespace such as `com.example`: `x` is then
    /// `com.example.x`, `com.x` or `x`, whichever is declared first in this order, and `.x` is only `x`.
    #[must_use]
    pub fn with_container(mut self, container: &str) -> Env {
        self.container = container.into();
        self
    }

    /// The namespace in which names are resolved.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// What the first of a name's candidates stands for that stands for anything.
    ///
    /// Source: cel-go `common/containers/container.go`, `ResolveCandidateNames`.
    pub(crate) fn first<T>(&self, name: &str, mut found: impl FnMut(&str) -> Option<T>) -> Option<T> {
        if let Some(absolute) = name.strip_prefix('.') {
            return found(absolute);
        }
        let mut container = &*self.container;
        while !container.is_empty() {
            if let Some(found) = found(&format!("{container}.{name}")) {
                return Some(found);
            }
            container = container.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        found(name)
    }

    /// The same environment with the messages and enums of a schema instead of only the well-known ones.
    #[must_use]
    pub fn with_schema(mut self, schema: Arc<Schema>) -> Env {
        let to_int = |kind: &EnumType| Overload {
            id: "enum_to_int64",
            receiver: false,
            args: vec![Type::Opaque(kind.name.to_string().into(), [].into())],
            result: Type::Int,
            implementation: Some(enum_number),
            cost: None,
            estimate: None,
        };
        let conversions: Vec<Overload> = schema.typed_enums().map(to_int).collect();
        self.schema = schema;
        if conversions.is_empty() { self } else { self.with_function(Function::new("int", conversions)) }
    }

    /// The messages and enums that expressions may use.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The same environment with one more composed variable: `holder.name`, an expression of its own whose value the
    /// activation supplies when it is first read. The holder must be declared, with an object type that has the field.
    #[must_use]
    pub fn with_lazy(mut self, holder: &str, name: &str) -> Env {
        self.lazy_slot = self.slot(holder);
        Arc::make_mut(&mut self.lazy).push(name.into());
        self
    }

    /// The number of a composed variable.
    pub(crate) fn lazy(&self, slot: usize, name: &str) -> Option<u32> {
        let position = self.lazy.iter().rposition(|lazy| **lazy == *name)?;
        (self.lazy_slot == Some(slot)).then_some(position as u32)
    }

    /// Parses an expression and expands its macros.
    pub fn parse(&self, source: &str) -> Result<Ast, Issues> {
        parse(source, &self.base.parser)
    }

    /// Parses and checks an expression.
    pub fn check(&self, source: &str) -> Result<CheckedAst, Issues> {
        check(self.parse(source)?, self)
    }

    /// Parses an expression and finds what its names and calls may stand for, without checking types: everything is
    /// `dyn`, and what cannot be found is an error of the evaluation.
    pub fn resolve(&self, source: &str) -> Result<CheckedAst, Issues> {
        Ok(resolve(self.parse(source)?, self))
    }

    pub fn function(&self, name: &str) -> Option<&DeclaredFunction> {
        self.declared.get(name).or_else(|| self.base.functions.get(name))
    }

    /// A function by its name within the environment's container.
    pub(crate) fn resolve_function(&self, name: &str) -> Option<&DeclaredFunction> {
        self.first(name, |name| self.function(name))
    }

    pub fn functions(&self) -> impl Iterator<Item = &DeclaredFunction> {
        let others =
            self.base.functions.values().filter(|function| !self.declared.contains_key(function.name));
        self.declared.values().chain(others)
    }

    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The slot of a variable.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.variables.iter().rposition(|variable| &*variable.name == name)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&ObjectType> {
        self.objects.get(name)
    }

    /// Whether types were declared, even if none of them has fields.
    pub(crate) fn has_declared_types(&self) -> bool {
        self.has_declared_types || self.provider.is_some()
    }

    /// The type of a field of an object type, which the object type may not have; `None` when there is no such type. A
    /// keyword may name the field that is escaped for being one.
    ///
    /// Source: apiserver `pkg/cel/types.go`, `FindStructFieldType`.
    pub(crate) fn object_field(&self, object: &str, name: &str) -> Option<Option<Type>> {
        let field = |name: &str| match (self.objects.get(object), &self.provider) {
            (Some(declared), _) => declared.fields.get(name).cloned(),
            (None, provider) => provider.as_ref()?.field(object, name),
        };
        let known = self.objects.contains_key(object)
            || self.provider.as_ref().is_some_and(|provider| provider.has_object(object));
        let escaped = || escape(name).filter(|_| self.keywords_as_fields && is_reserved(name));
        known.then(|| field(name).or_else(|| field(&escaped()?)))
    }

    /// Whether the specification decides where Kubernetes' CEL is more lenient: repeated and fractional map keys,
    /// steps into values that have no parts.
    pub(crate) fn is_general(&self) -> bool {
        self.base.general
    }

    /// Whether an overload is one that compares numbers of two types and that the version does not allow yet. Values
    /// of unknown types are compared all the same.
    ///
    /// Source: cel-go `checker/env.go`, `filteredOverloadIDs`.
    pub(crate) fn forbids(&self, function: &str, args: &[Type]) -> bool {
        let across = || matches!(args, [one, other] if !one.is_exactly(other));
        !self.base.cross_type_comparisons && matches!(function, "_<_" | "_<=_" | "_>_" | "_>=_") && across()
    }

    pub(crate) fn validates_literals(&self) -> bool {
        self.base.validate_literals
    }

    pub(crate) fn wants_homogeneous_literals(&self) -> bool {
        self.base.homogeneous_literals && !self.mixes_literals
    }
}
