//! Expressions that are evaluated without having been checked: names and functions are found, types are not.
//!
//! Source: cel-go `interpreter/planner.go` for expressions without a reference map, and `interpreter/attributes.go`.

use super::scope::Scopes;
use super::{CheckedAst, Reference, enum_named, qualified_name};
use crate::cel::ast::{Ast, Comprehension, ExprId, ExprKind};
use crate::cel::environment::Env;
use crate::cel::types::Type;

/// Finds what the names and calls of an expression may stand for.
pub fn resolve(ast: Ast, env: &Env) -> CheckedAst {
    let mut resolver =
        Resolver { references: vec![None; ast.nodes.len()], ast: &ast, env, scopes: Scopes::default() };
    resolver.expr(ast.root);
    let references = resolver.references;
    CheckedAst { types: vec![Type::Dyn; ast.nodes.len()], ast, references }
}

struct Resolver<'r> {
    ast: &'r Ast,
    env: &'r Env,
    references: Vec<Option<Reference>>,
    scopes: Scopes,
}

impl Resolver<'_> {
    /// Recursion follows the syntax tree, whose depth the parser bounds.
    fn expr(&mut self, id: ExprId) {
        let ast = self.ast;
        let Some(node) = ast.expr(id) else { return };
        match &node.kind {
            ExprKind::Ident(name) => {
                let found = self.scopes.resolve(name, self.env).map(|ident| ident.reference);
                self.refer(id, found.unwrap_or_else(|| self.missing(name)));
            }
            ExprKind::Select { operand, test_only, .. } => {
                let name = qualified_name(ast, id).filter(|_| !test_only);
                match name.and_then(|name| self.scopes.resolve_qualified(&name, self.env)) {
                    Some(ident) => self.refer(id, ident.reference),
                    None => self.expr(*operand),
                }
            }
            ExprKind::Call { target, function, args } => self.call(id, *target, function, args),
            ExprKind::Comprehension(fold) => self.comprehension(fold),
            ExprKind::Struct { type_name, fields } => {
                fields.iter().for_each(|field| self.expr(field.value));
                let schema = self.env.schema();
                let name = self.env.first(type_name, |name| Some(&*schema.message(name)?.name));
                self.refer(id, Reference::TypeName(name.unwrap_or(type_name).into()));
            }
            other => other.for_each_child(|child| self.expr(child)),
        }
    }

    fn call(&mut self, id: ExprId, target: Option<ExprId>, function: &str, args: &[ExprId]) {
        args.iter().for_each(|&arg| self.expr(arg));
        let whole = match target {
            Some(target) => qualified_name(self.ast, target).map(|prefix| format!("{prefix}.{function}")),
            None => Some(function.to_owned()),
        };
        if let Some(position) = whole.as_ref().and_then(|name| enum_named(self.env, name))
            && args.len() == 1
        {
            return self.refer(id, Reference::EnumConversion(position));
        }
        let qualified = whole.filter(|_| target.is_some()).and_then(|name| self.env.resolve_function(&name));
        if let Some(target) = target.filter(|_| qualified.is_none()) {
            self.expr(target);
        }
        let Some(declared) = qualified.or_else(|| self.env.resolve_function(function)) else {
            return self.refer(id, Reference::Missing(format!("no such overload: {function}").into()));
        };
        let receiver = target.is_some() && qualified.is_none();
        let count = args.len() + usize::from(receiver);
        let fits = declared.overloads.iter().zip(0..).filter(|(overload, _)| {
            overload.args.len() == count && overload.receiver == receiver && overload.implementation.is_some()
        });
        let overloads: Vec<u16> = fits.map(|(_, at)| at).collect();
        let reference =
            Reference::Function { name: declared.name, overloads, qualified: qualified.is_some() };
        self.refer(id, reference);
    }

    fn comprehension(&mut self, fold: &Comprehension) {
        self.expr(fold.iter_range);
        self.expr(fold.accu_init);
        self.scopes.push(&fold.accu_var, Type::Dyn);
        self.scopes.push(&fold.iter_var, Type::Dyn);
        if let Some(name) = &fold.iter_var2 {
            self.scopes.push(name, Type::Dyn);
        }
        self.expr(fold.loop_condition);
        self.expr(fold.loop_step);
        self.scopes.pop(1 + usize::from(fold.iter_var2.is_some()));
        self.expr(fold.result);
        self.scopes.pop(1);
    }

    fn missing(&self, name: &str) -> Reference {
        let mut candidates = Vec::new();
        self.env.first(name, |candidate| {
            candidates.push(candidate.to_owned());
            None::<()>
        });
        Reference::Missing(format!("no such attribute(s): {}", candidates.join(", ")).into())
    }

    fn refer(&mut self, id: ExprId, reference: Reference) {
        if let Some(slot) = self.references.get_mut(id.0 as usize) {
            *slot = Some(reference);
        }
    }
}
