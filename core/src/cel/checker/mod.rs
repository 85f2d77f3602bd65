//! The type checker. Source: cel-go `checker/checker.go`; texts from its `errors.go`.
//!
//! Recursion follows the syntax tree, whose depth the parser bounds.

mod resolve;
mod scope;
#[cfg(test)]
mod tests;
mod validate;

use super::ast::{Ast, Comprehension, ExprId, ExprKind, FieldInit, Literal, MapEntry};
use super::environment::Env;
use super::issue::{Issue, Issues};
use super::types::{Mapping, Type};
pub use resolve::resolve;
use scope::{Ident, Scopes};

/// A checked expression: a type for each node, and what names and calls refer to.
#[derive(Clone, Debug)]
pub struct CheckedAst {
    pub ast: Ast,
    pub types: Vec<Type>,
    pub references: Vec<Option<Reference>>,
}

/// What a name or call means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The variable in a slot of the activation.
    Variable(usize),
    /// An iteration variable or accumulator, by its name.
    Local(Box<str>),
    /// The name of a type.
    TypeName(Box<str>),
    /// The number that the name of an enum's value stands for, of the enum at a position of the schema.
    EnumValue { kind: usize, number: i32 },
    /// The conversion to an enum that is a type of its own.
    EnumConversion(usize),
    /// A name or function that nothing declares, in an expression that is not checked: the error of reading it.
    Missing(Box<str>),
    /// The overloads of a function that fit; with `qualified`, the call's target is part of the function's name.
    Function { name: &'static str, overloads: Vec<u16>, qualified: bool },
}

impl CheckedAst {
    /// The type of the whole expression.
    pub fn result_type(&self) -> &Type {
        self.kind(self.ast.root)
    }

    pub fn kind(&self, id: ExprId) -> &Type {
        self.types.get(id.0 as usize).unwrap_or(&Type::Error)
    }

    pub fn reference(&self, id: ExprId) -> Option<&Reference> {
        self.references.get(id.0 as usize)?.as_ref()
    }
}

/// Checks a parsed expression and finds all its errors.
pub fn check(ast: Ast, env: &Env) -> Result<CheckedAst, Issues> {
    let mut checker = Checker {
        types: vec![None; ast.nodes.len()],
        references: vec![None; ast.nodes.len()],
        ast: &ast,
        env,
        mapping: Mapping::default(),
        scopes: Scopes::default(),
        issues: Vec::new(),
    };
    checker.check(ast.root);
    let mapping = &checker.mapping;
    let types: Vec<Type> = checker
        .types
        .iter()
        .map(|kind| kind.as_ref().map_or(Type::Dyn, |kind| mapping.substitute(kind, true)))
        .collect();
    let (references, issues) = (checker.references, checker.issues);
    if !issues.is_empty() {
        return Err(Issues::new(&ast.source, issues));
    }
    let checked = CheckedAst { ast, types, references };
    let issues = validate::validate(&checked, env);
    if issues.is_empty() { Ok(checked) } else { Err(Issues::new(&checked.ast.source, issues)) }
}

struct Checker<'c> {
    ast: &'c Ast,
    env: &'c Env,
    types: Vec<Option<Type>>,
    references: Vec<Option<Reference>>,
    mapping: Mapping,
    scopes: Scopes,
    issues: Vec<Issue>,
}

impl Checker<'_> {
    fn check(&mut self, id: ExprId) {
        let ast = self.ast;
        let Some(node) = ast.expr(id) else { return };
        match &node.kind {
            ExprKind::Literal(literal) => self.set_type(id, literal_type(literal)),
            ExprKind::Ident(name) => self.ident(id, name),
            ExprKind::Select { operand, field, test_only } => self.select(id, *operand, field, *test_only),
            ExprKind::Call { target, function, args } => self.call(id, *target, function, args),
            ExprKind::List { elements, optional } => self.list(id, elements, optional),
            ExprKind::Map { entries } => self.map(id, entries),
            ExprKind::Struct { type_name, fields } => self.message(id, type_name, fields),
            ExprKind::Comprehension(fold) => self.comprehension(id, fold),
        }
    }

    fn ident(&mut self, id: ExprId, name: &str) {
        match self.resolve(name) {
            Some(ident) => self.refer(id, ident),
            None => {
                self.set_type(id, Type::Error);
                self.undeclared(id, name);
            }
        }
    }

    /// What a simple or qualified name stands for.
    fn resolve(&self, name: &str) -> Option<Ident> {
        self.scopes.resolve(name, self.env)
    }

    fn refer(&mut self, id: ExprId, ident: Ident) {
        self.set_type(id, ident.kind);
        self.set_reference(id, ident.reference);
    }

    fn select(&mut self, id: ExprId, operand: ExprId, field: &str, test_only: bool) {
        if !test_only
            && let Some(name) = self.qualified_name(id)
            && let Some(ident) = self.scopes.resolve_qualified(&name, self.env)
        {
            return self.refer(id, ident);
        }
        let mut kind = self.field_type(id, operand, field, false);
        if test_only {
            kind = Type::Bool;
        }
        let kind = self.mapping.substitute(&kind, false);
        self.set_type(id, kind);
    }

    fn field_type(&mut self, id: ExprId, operand: ExprId, field: &str, optional: bool) -> Type {
        self.check(operand);
        let operand_type = self.substituted(operand);
        let (target, was_optional) = operand_type.unwrap_optional();
        let kind = match target {
            Type::Map(_, value) => (**value).clone(),
            Type::Struct(name) => {
                let place = self.ast.expr(id).map_or(0, |node| node.location);
                self.declared_field(place, name, field)
            }
            Type::Param(_) => {
                self.mapping.assign(&Type::Dyn, target);
                Type::Dyn
            }
            other => {
                if !other.is_dyn_or_error() {
                    let message = format!("type '{other}' does not support field selection");
                    self.issue(id, message);
                }
                Type::Dyn
            }
        };
        if was_optional || optional { Type::optional(kind) } else { kind }
    }

    /// The type of a field; problems are told at `place`.
    fn declared_field(&mut self, place: u32, object: &str, field: &str) -> Type {
        let schema = self.env.schema();
        let (known, kind) = match (self.env.object_field(object, field), schema.message(object)) {
            (Some(kind), _) => (true, kind),
            (_, Some(message)) => (true, message.field(field).map(|field| schema.field_type(field))),
            _ => (false, None),
        };
        if let Some(kind) = kind {
            return kind;
        }
        let message = match known {
            true => format!("undefined field '{field}'"),
            false => format!("unexpected failed resolution of '{object}'"),
        };
        self.issues.push(Issue::at(place, message));
        Type::Error
    }

    fn call(&mut self, id: ExprId, target: Option<ExprId>, function: &str, args: &[ExprId]) {
        if function == "_?._"
            && let [operand, field] = *args
        {
            return self.optional_select(id, operand, field);
        }
        for &arg in args {
            self.check(arg);
        }
        let Some(target) = target else {
            return match self.env.resolve_function(function) {
                Some(found) => self.overloads(id, found.name, None, args, false),
                None if self.enum_conversion(id, function, args) => {}
                None => {
                    self.undeclared(id, function);
                    self.set_type(id, Type::Error);
                }
            };
        };
        if let Some(prefix) = self.qualified_name(target) {
            let name = format!("{prefix}.{function}");
            if let Some(found) = self.env.resolve_function(&name) {
                return self.overloads(id, found.name, None, args, true);
            }
            if self.enum_conversion(id, &name, args) {
                return;
            }
        }
        self.check(target);
        if let Some(found) = self.env.resolve_function(function) {
            return self.overloads(id, found.name, Some(target), args, false);
        }
        self.set_type(id, Type::Error);
        self.undeclared(id, function);
    }

    /// `Color(1)` and `Color('RED')`, when enums are types; `false` when the name is none of an enum.
    fn enum_conversion(&mut self, id: ExprId, name: &str, args: &[ExprId]) -> bool {
        let Some(position) = enum_named(self.env, name) else { return false };
        let given: Vec<Type> = args.iter().map(|&arg| self.substituted(arg)).collect();
        match given.as_slice() {
            [kind] if kind.is_dyn() || matches!(kind, Type::Int | Type::String) => {
                self.set_type(id, self.env.schema().enum_type(position));
                self.set_reference(id, Reference::EnumConversion(position));
            }
            _ => {
                let given = signature(&given, None);
                self.issue(id, format!("found no matching overload for '{name}' applied to '{given}'"));
                self.set_type(id, Type::Error);
            }
        }
        true
    }

    fn optional_select(&mut self, id: ExprId, operand: ExprId, field: ExprId) {
        let Some(ExprKind::Literal(Literal::String(name))) = self.ast.expr(field).map(|node| &node.kind)
        else {
            return self.issue(field, "unsupported optional field selection".to_owned());
        };
        self.set_type(field, Type::String);
        let kind = self.field_type(id, operand, name, true);
        let kind = self.mapping.substitute(&kind, false);
        self.set_type(id, kind);
        self.set_reference(id, Reference::Function { name: "_?._", overloads: vec![0], qualified: false });
    }

    /// Finds the overloads that fit the arguments; their results decide the call's type.
    fn overloads(
        &mut self,
        id: ExprId,
        name: &str,
        target: Option<ExprId>,
        args: &[ExprId],
        qualified: bool,
    ) {
        let env = self.env;
        let Some(function) = env.function(name) else { return };
        if matches!(name, "_&&_" | "_||_") {
            return self.logic(id, function.name, args);
        }
        let mut arg_types: Vec<Type> = target.iter().chain(args).map(|&arg| self.raw(arg)).collect();
        let mut fitting = Vec::new();
        let mut result: Option<Type> = None;
        for (at, overload) in function.overloads.iter().enumerate() {
            if overload.receiver != target.is_some() {
                continue;
            }
            if env.forbids(function.name, &overload.args) {
                continue;
            }
            // Whether the count of arguments fits or not: fresh parameters are numbered, and errors tell the numbers.
            let given = match self.instantiate(&overload.args, &overload.result) {
                Some((wanted, given)) if self.mapping.assign_all(&arg_types, &wanted) => {
                    self.mapping.substitute(&given, false)
                }
                None if self.mapping.assign_all(&arg_types, &overload.args) => overload.result.clone(),
                _ => continue,
            };
            fitting.push(at as u16);
            result = Some(match result {
                None => given,
                Some(first) if first.is_dyn() || first.is_exactly(&given) => first,
                Some(_) => Type::Dyn,
            });
        }
        match result {
            Some(kind) => {
                self.set_type(id, kind);
                self.set_reference(
                    id,
                    Reference::Function { name: function.name, overloads: fitting, qualified },
                );
            }
            None => {
                for kind in &mut arg_types {
                    *kind = self.mapping.substitute(kind, true);
                }
                let message = format!(
                    "found no matching overload for '{name}' applied to '{}'",
                    signature(&arg_types, target)
                );
                self.issue(id, message);
                self.set_type(id, Type::Error);
            }
        }
    }

    /// `&&` and `||`: each operand that is no bool is an error of its own.
    fn logic(&mut self, id: ExprId, name: &'static str, args: &[ExprId]) {
        let mut kind = Type::Bool;
        for &arg in args {
            let given = self.raw(arg);
            if !self.mapping.assign(&given, &Type::Bool) {
                self.mismatch(arg, &Type::Bool, &given);
                kind = Type::Error;
            }
        }
        if kind == Type::Bool {
            let reference = Reference::Function { name, overloads: vec![0], qualified: false };
            self.set_reference(id, reference);
        }
        self.set_type(id, kind);
    }

    /// A signature with fresh type parameters in the place of its own; `None` when it has none.
    fn instantiate(&mut self, args: &[Type], result: &Type) -> Option<(Vec<Type>, Type)> {
        let mut own = Vec::new();
        // The result's first, as Go mostly has them: the order of its map is random.
        [result].into_iter().chain(args).for_each(|kind| collect_parameters(kind, &mut own));
        if own.is_empty() {
            return None;
        }
        let fresh: Vec<(Type, Type)> = own.into_iter().map(|name| (name, self.mapping.fresh())).collect();
        let replaced = args.iter().map(|kind| replace(kind, &fresh)).collect();
        Some((replaced, replace(result, &fresh)))
    }

    fn list(&mut self, id: ExprId, elements: &[ExprId], optional: &[u32]) {
        let mut common = None;
        for (at, &element) in elements.iter().enumerate() {
            self.check(element);
            let mut kind = self.raw(element);
            if optional.contains(&(at as u32)) {
                kind = self.optional_inner(element, &kind);
            }
            common = Some(self.join(common, kind));
        }
        let element = common.unwrap_or_else(|| self.mapping.fresh());
        self.set_type(id, Type::list(element));
    }

    fn map(&mut self, id: ExprId, entries: &[MapEntry]) {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            self.check(entry.key);
            let kind = self.raw(entry.key);
            keys = Some(self.join(keys, kind));
            self.check(entry.value);
            let mut kind = self.raw(entry.value);
            if entry.optional {
                kind = self.optional_inner(entry.value, &kind);
            }
            values = Some(self.join(values, kind));
        }
        let kind = match (keys, values) {
            (Some(key), Some(value)) => Type::map(key, value),
            _ => Type::map(self.mapping.fresh(), self.mapping.fresh()),
        };
        self.set_type(id, kind);
    }

    fn optional_inner(&mut self, id: ExprId, kind: &Type) -> Type {
        let (inner, is_optional) = kind.unwrap_optional();
        if !is_optional && !kind.is_dyn() {
            self.mismatch(id, &Type::optional(kind.clone()), kind);
        }
        inner.clone()
    }

    /// The type that both an earlier and this element have.
    fn join(&mut self, previous: Option<Type>, current: Type) -> Type {
        let Some(previous) = previous else { return current };
        if self.mapping.assign(&previous, &current) {
            match (&previous, &current) {
                _ if !self.env.is_general() => {}
                (_, Type::Null) => return previous,
                (other, Type::Wrapper(_)) if other.is_exactly(&current) => return current,
                _ => {}
            }
            return if previous.is_equal_or_less_specific(&current) { previous } else { current };
        }
        Type::Dyn
    }

    fn message(&mut self, id: ExprId, type_name: &str, fields: &[FieldInit]) {
        let env = self.env;
        let found =
            env.first(type_name, |name| scope::named_type(name, env).map(|kind| (name.to_owned(), kind)));
        let Some((name, kind)) = found else {
            self.undeclared(id, type_name);
            return self.set_type(id, Type::Error);
        };
        self.set_reference(id, Reference::TypeName(name.as_str().into()));
        let holder = match kind {
            Type::Duration | Type::Timestamp => kind.name().to_owned(),
            _ => name,
        };
        if is_made_of_fields(&kind) {
            self.set_type(id, kind);
        } else {
            self.issue(id, format!("'{}' is not a message type", kind.name()));
            self.set_type(id, Type::Error);
        }
        for field in fields {
            self.check(field.value);
            let wanted = self.declared_field(field.location, &holder, &field.name);
            let mut given = self.raw(field.value);
            if field.optional {
                given = self.optional_inner(field.value, &given);
            }
            if !self.mapping.assign(&wanted, &given) {
                let message = format!(
                    "expected type of field '{}' is '{wanted}' but provided type is '{given}'",
                    field.name
                );
                self.issues.push(Issue::at(field.location, message));
            }
        }
    }

    fn comprehension(&mut self, id: ExprId, fold: &Comprehension) {
        self.check(fold.iter_range);
        self.check(fold.accu_init);
        let range = self.substituted(fold.iter_range);
        let accu = self.raw(fold.accu_init);
        self.scopes.push(&fold.accu_var, accu.clone());
        let (first, second) = match &range {
            Type::List(element) if fold.iter_var2.is_some() => (Type::Int, (**element).clone()),
            Type::List(element) => ((**element).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error | Type::Param(_) => {
                self.mapping.assign(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.issue(fold.iter_range, message);
                (Type::Error, Type::Error)
            }
        };
        self.scopes.push(&fold.iter_var, first);
        if let Some(name) = &fold.iter_var2 {
            self.scopes.push(name, second);
        }
        self.check(fold.loop_condition);
        self.want(fold.loop_condition, &Type::Bool);
        self.check(fold.loop_step);
        self.want(fold.loop_step, &accu);
        self.scopes.pop(1 + usize::from(fold.iter_var2.is_some()));
        self.check(fold.result);
        self.scopes.pop(1);
        let kind = self.substituted(fold.result);
        self.set_type(id, kind);
    }

    fn want(&mut self, id: ExprId, wanted: &Type) {
        let kind = self.raw(id);
        if !self.mapping.assign(wanted, &kind) {
            self.mismatch(id, wanted, &kind);
        }
    }

    fn qualified_name(&self, id: ExprId) -> Option<String> {
        qualified_name(self.ast, id)
    }

    fn raw(&self, id: ExprId) -> Type {
        self.types.get(id.0 as usize).cloned().flatten().unwrap_or(Type::Error)
    }

    fn substituted(&self, id: ExprId) -> Type {
        self.mapping.substitute(&self.raw(id), false)
    }

    fn set_type(&mut self, id: ExprId, kind: Type) {
        if let Some(slot) = self.types.get_mut(id.0 as usize) {
            *slot = Some(kind);
        }
    }

    fn set_reference(&mut self, id: ExprId, reference: Reference) {
        if let Some(slot) = self.references.get_mut(id.0 as usize) {
            *slot = Some(reference);
        }
    }

    fn mismatch(&mut self, id: ExprId, wanted: &Type, given: &Type) {
        self.issue(id, format!("expected type '{wanted}' but found '{given}'"));
    }

    fn undeclared(&mut self, id: ExprId, name: &str) {
        let container = self.env.container();
        self.issue(id, format!("undeclared reference to '{name}' (in container '{container}')"));
    }

    fn issue(&mut self, id: ExprId, message: String) {
        let place = self.ast.expr(id).map_or(0, |node| node.location);
        self.issues.push(Issue::at(place, message));
    }
}

/// The enum that a name stands for, when enums are types.
fn enum_named(env: &Env, name: &str) -> Option<usize> {
    env.first(name, |name| env.schema().typed_enum_named(name))
}

/// `a.b.c` when the node is nothing but names.
fn qualified_name(ast: &Ast, id: ExprId) -> Option<String> {
    let mut parts = Vec::new();
    let mut at = id;
    loop {
        match &ast.expr(at)?.kind {
            ExprKind::Select { operand, field, test_only: false } => {
                parts.push(&**field);
                at = *operand;
            }
            ExprKind::Ident(name) => {
                parts.push(name);
                parts.reverse();
                return Some(parts.join("."));
            }
            _ => return None,
        }
    }
}

/// Whether values of a type can be written as a name with fields: messages, and what stands for one.
fn is_made_of_fields(kind: &Type) -> bool {
    match kind {
        Type::Struct(_) | Type::Any | Type::Timestamp | Type::Duration | Type::Dyn | Type::Null => true,
        Type::Wrapper(_) => true,
        Type::List(element) => **element == Type::Dyn,
        Type::Map(key, value) => **key == Type::String && **value == Type::Dyn,
        _ => false,
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

/// Argument types as cel-go prints them: `(int, string)`, or `list(int).(string)` for a receiver.
fn signature(args: &[Type], target: Option<ExprId>) -> String {
    let mut names = args.iter().map(Type::to_string);
    let receiver = target.and_then(|_| names.next()).map(|name| name + ".").unwrap_or_default();
    format!("{receiver}({})", names.collect::<Vec<_>>().join(", "))
}

fn collect_parameters(kind: &Type, found: &mut Vec<Type>) {
    match kind {
        Type::Param(_) if !found.contains(kind) => found.push(kind.clone()),
        Type::List(inner) | Type::Type(Some(inner)) => collect_parameters(inner, found),
        Type::Map(key, value) => [key, value].iter().for_each(|inner| collect_parameters(inner, found)),
        Type::Opaque(_, inner) => inner.iter().for_each(|inner| collect_parameters(inner, found)),
        _ => {}
    }
}

fn replace(kind: &Type, by: &[(Type, Type)]) -> Type {
    match kind {
        Type::Param(_) => {
            by.iter().find(|(from, _)| from == kind).map_or_else(|| kind.clone(), |(_, to)| to.clone())
        }
        Type::List(inner) => Type::list(replace(inner, by)),
        Type::Map(key, value) => Type::map(replace(key, by), replace(value, by)),
        Type::Type(Some(inner)) => Type::type_of(replace(inner, by)),
        Type::Opaque(name, inner) => {
            Type::Opaque(name.clone(), inner.iter().map(|inner| replace(inner, by)).collect())
        }
        other => other.clone(),
    }
}
