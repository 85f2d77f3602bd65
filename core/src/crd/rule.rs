//! Rules of a schema, compiled.
//!
//! Source: apiextensions-apiserver `pkg/apiserver/schema/cel/compilation.go`.

use super::field_path::FieldPath;
use crate::cel::checker::{CheckedAst, Reference};
use crate::cel::compiler::{CompileError, compile};
use crate::cel::environment::Env;
use crate::cel::estimate::{SizeEstimate, Sizes, estimate};
use crate::cel::program::Program;
use crate::cel::types::Type;
use crate::declaration::{DeclType, MAX_REQUEST_SIZE_BYTES};
use crate::schema::{Structural, ValidationRule};

/// Where `self` and `oldSelf` are in an activation.
pub(super) const SELF: usize = 0;
pub(super) const OLD_SELF: usize = 1;

/// The type of `self` in errors. The API server makes a new one each time, so that nobody depends on it.
const SELF_TYPE: &str = "selfType";

/// A rule with its programs.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) rule: ValidationRule,
    /// Nothing for an empty rule; an error in the API server's words.
    pub(super) program: Result<Option<Program>, String>,
    pub(super) uses_old_self: bool,
    pub(super) max_cost: u64,
    pub(super) message_expression: Option<Result<Program, String>>,
    pub(super) message_max_cost: u64,
    /// Where errors of the rule point, when it says so.
    pub(super) field_path: Option<FieldPath>,
}

/// Compiles rules over values of a type. Paths of fields are those of `schema`.
pub(super) fn compile_rules(
    schema: &Structural,
    rules: &[ValidationRule],
    kind: &DeclType,
    base: &Env,
) -> Vec<CompiledRule> {
    let (env, self_type) = kind.declare(SELF_TYPE, base.clone());
    let env = env.with_variable("self", self_type.clone());
    let optional = rules.iter().any(|rule| rule.optional_old_self == Some(true));
    let optional = optional.then(|| env.clone().with_variable("oldSelf", Type::optional(self_type.clone())));
    let plain = env.with_variable("oldSelf", self_type);
    let compiled = rules.iter().map(|rule| {
        let env = optional.as_ref().filter(|_| rule.optional_old_self == Some(true)).unwrap_or(&plain);
        compile_rule(schema, rule, kind, env)
    });
    compiled.collect()
}

/// How often data of a size can stand in one request: the bound for what is within lists and maps without a limit.
pub(super) fn max_cardinality(kind: &DeclType) -> u64 {
    (MAX_REQUEST_SIZE_BYTES / kind.min_serialized_size.saturating_add(1)).unsigned_abs()
}

fn compile_rule(schema: &Structural, rule: &ValidationRule, kind: &DeclType, env: &Env) -> CompiledRule {
    let mut compiled = CompiledRule {
        rule: rule.clone(),
        program: Ok(None),
        uses_old_self: false,
        max_cost: 0,
        message_expression: None,
        message_max_cost: 0,
        field_path: None,
    };
    if rule.rule.trim().is_empty() {
        return compiled;
    }
    let checked = match checked(&rule.rule, env, &Type::Bool) {
        Ok(checked) => checked,
        Err(Problem::Issues(issues)) => {
            compiled.program = Err(format!("compilation failed: {issues}"));
            return compiled;
        }
        Err(Problem::Type) => {
            compiled.program = Err("cel expression must evaluate to a bool".to_owned());
            return compiled;
        }
    };
    compiled.uses_old_self = checked.references.iter().flatten().any(is_old_self);
    match compile(&checked, env) {
        Ok(program) => compiled.program = Ok(Some(program)),
        Err(error) => {
            compiled.program = Err(format!("program instantiation failed: {error}"));
            return compiled;
        }
    }
    compiled.max_cost = estimate(&checked, env, &SelfSizes(kind)).max;
    if !rule.message_expression.is_empty() {
        let message = compile_message(&rule.message_expression, kind, env);
        let failed = message.is_err();
        compiled.message_max_cost = message.as_ref().map_or(0, |(_, cost)| *cost);
        compiled.message_expression = Some(message.map(|(program, _)| program));
        if failed {
            return compiled;
        }
    }
    if !rule.field_path.is_empty() {
        compiled.field_path = FieldPath::read(&rule.field_path, schema).ok();
    }
    compiled
}

fn compile_message(source: &str, kind: &DeclType, env: &Env) -> Result<(Program, u64), String> {
    let checked = checked(source, env, &Type::String).map_err(|problem| match problem {
        Problem::Issues(issues) => format!("messageExpression compilation failed: {issues}"),
        Problem::Type => "messageExpression must evaluate to a string".to_owned(),
    })?;
    let program =
        compile(&checked, env).map_err(|error| format!("messageExpression instantiation failed: {error}"))?;
    Ok((program, estimate(&checked, env, &SelfSizes(kind)).max))
}

enum Problem {
    Issues(CompileError),
    /// The value has another type than it must have.
    Type,
}

fn checked(source: &str, env: &Env, wanted: &Type) -> Result<CheckedAst, Problem> {
    let ast = env.parse(source).map_err(|issues| Problem::Issues(CompileError::Parse(issues)))?;
    let checked = crate::cel::checker::check(ast, env)
        .map_err(|issues| Problem::Issues(CompileError::Check(issues)))?;
    if checked.result_type() == wanted { Ok(checked) } else { Err(Problem::Type) }
}

/// By its name, as the API server looks for it.
fn is_old_self(reference: &Reference) -> bool {
    match reference {
        Reference::Variable(slot) => *slot == OLD_SELF,
        Reference::Local(name) => &**name == "oldSelf",
        _ => false,
    }
}

/// Sizes of what `self` and `oldSelf` hold.
struct SelfSizes<'d>(&'d DeclType);

impl Sizes for SelfSizes<'_> {
    fn size(&self, path: &[&str], _: &Type) -> Option<SizeEstimate> {
        let (_, steps) = path.split_first()?;
        self.0.max_size(steps.iter().copied()).map(|max| SizeEstimate::new(0, max))
    }
}
