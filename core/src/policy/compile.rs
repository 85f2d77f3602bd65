//! From a policy to programs. What does not compile is reported when the policy is loaded, and acts by the policy's
//! failurePolicy when it is evaluated, as in the API server.

pub(crate) use super::environment::Slots;
use super::environment::{environment, with_variable};
use super::{Expression, FailurePolicy, ValidatingAdmissionPolicy};
use crate::cel::advice::advice;
use crate::cel::compiler::CompileError;
use crate::cel::environment::Env;
use crate::cel::program::{LazyVariable, Program};
use crate::cel::types::{Declared, Type};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use std::sync::Arc;

/// A program with what an error of it says.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Or why there is none, in the API server's words.
    pub(crate) program: Result<Program, String>,
    pub(crate) expression: Box<str>,
    /// The expression's place in the policy's source.
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct CompiledValidation {
    pub(crate) expression: Compiled,
    pub(crate) message: Box<str>,
    pub(crate) message_expression: Option<Compiled>,
    pub(crate) reason: Arc<str>,
}

#[derive(Debug)]
pub(crate) struct CompiledAnnotation {
    pub(crate) key: Arc<str>,
    pub(crate) value: Compiled,
}

/// A policy ready to be evaluated.
#[derive(Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
    pub(crate) failure_policy: FailurePolicy,
    pub(crate) slots: Slots,
    pub(crate) variables: Vec<LazyVariable>,
    pub(crate) match_conditions: Vec<Compiled>,
    pub(crate) validations: Vec<CompiledValidation>,
    pub(crate) audit_annotations: Vec<CompiledAnnotation>,
    /// Whether any program reads these, which need work to be made.
    pub(crate) reads_request: bool,
    pub(crate) reads_namespace: bool,
}

impl CompiledPolicy {
    /// Compiles all expressions of a policy with the [`types`](super::environment::types) of its version; everything that
    /// does not compile is a diagnostic too.
    pub(crate) fn new(policy: &ValidatingAdmissionPolicy, types: &Env) -> (CompiledPolicy, Vec<Diagnostic>) {
        let slots = Slots { params: policy.param_kind.is_some() };
        let mut compiler = Compiler { source: &policy.source, problems: Vec::new() };
        let mut env = environment(types.clone(), slots, true);
        let mut message_env = environment(types.clone(), slots, false);
        let mut variables = Vec::new();
        for variable in &policy.variables {
            let compiled = compiler.compile(&env, &variable.expression, &[]);
            let kind = compiled.program.as_ref().ok().map(|program| program.result_type().clone());
            env = with_variable(env, &variable.name, kind.as_ref());
            message_env = with_variable(message_env, &variable.name, kind.as_ref());
            let program = compiled.program.map_err(String::into_boxed_str);
            variables.push(LazyVariable { name: variable.name.as_str().into(), program });
        }
        let conditions = policy.match_conditions.iter();
        let match_conditions =
            conditions.map(|named| compiler.compile(&env, &named.expression, &[Type::Bool])).collect();
        let mut validations = Vec::new();
        for validation in &policy.validations {
            let message = validation.message_expression.as_ref();
            validations.push(CompiledValidation {
                expression: compiler.compile(&env, &validation.expression, &[Type::Bool]),
                message: validation.message.as_str().into(),
                message_expression: message.map(|text| compiler.compile(&message_env, text, &[Type::String])),
                reason: validation.reason.as_deref().unwrap_or("Invalid").into(),
            });
        }
        let annotations = policy.audit_annotations.iter();
        let audit_annotations = annotations.map(|annotation| CompiledAnnotation {
            key: annotation.name.as_str().into(),
            value: compiler.compile(&env, &annotation.expression, &[Type::String, Type::Null]),
        });
        let mut compiled = CompiledPolicy {
            name: policy.name.as_str().into(),
            source: Arc::clone(&policy.source),
            failure_policy: policy.failure_policy,
            slots,
            variables,
            match_conditions,
            validations,
            audit_annotations: audit_annotations.collect(),
            reads_request: false,
            reads_namespace: false,
        };
        let reads = |slot| compiled.programs().any(|program| program.reads(slot));
        let (request, namespace) = (reads(Slots::REQUEST), reads(Slots::NAMESPACE));
        (compiled.reads_request, compiled.reads_namespace) = (request, namespace);
        (compiled, compiler.problems)
    }

    fn programs(&self) -> impl Iterator<Item = &Program> {
        let validations = self.validations.iter();
        let compiled = validations
            .flat_map(|validation| {
                std::iter::once(&validation.expression).chain(&validation.message_expression)
            })
            .chain(&self.match_conditions)
            .chain(self.audit_annotations.iter().map(|annotation| &annotation.value));
        let programs = compiled.filter_map(|compiled| compiled.program.as_ref().ok());
        programs.chain(self.variables.iter().filter_map(|variable| variable.program.as_ref().ok()))
    }
}

struct Compiler<'p> {
    source: &'p Arc<Source>,
    problems: Vec<Diagnostic>,
}

impl Compiler<'_> {
    /// Compiles an expression whose type must be one of those given, if any are.
    fn compile(&mut self, env: &Env, expression: &Expression, types: &[Type]) -> Compiled {
        let program = match env.compile(&expression.text) {
            Ok(program) if types.is_empty() || types.contains(program.result_type()) => Ok(program),
            Ok(program) => {
                let message = wrong_type(types, program.result_type());
                self.report(expression, 0, message.clone(), None);
                Err(message)
            }
            Err(CompileError::Parse(issues) | CompileError::Check(issues)) => {
                for issue in &issues.issues {
                    let place = issue.offset.unwrap_or(0);
                    self.report(expression, place, issue.message.clone(), advice(env, issue));
                }
                Err(format!("compilation failed: {issues}"))
            }
            Err(CompileError::Program(message)) => {
                self.report(expression, 0, message.clone(), None);
                Err(format!("program instantiation failed: {message}"))
            }
        };
        Compiled { program, expression: expression.text.as_str().into(), span: expression.span }
    }

    fn report(&mut self, expression: &Expression, offset: u32, message: String, help: Option<String>) {
        let at = place_in_source(self.source, expression, offset);
        let place = Span { start: at, end: at + 1 };
        let mut problem = Diagnostic::error("cel-compile", message).at(self.source, place);
        problem.help = help;
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

fn wrong_type(types: &[Type], found: &Type) -> String {
    let found = Declared(found);
    match types {
        [only] => format!("must evaluate to {} but got {found}", Declared(only)),
        several => {
            let several: Vec<String> = several.iter().map(|kind| Declared(kind).to_string()).collect();
            format!("must evaluate to one of [{}] but got {found}", several.join(" "))
        }
    }
}

/// Where a byte of an expression stands in the file: YAML may indent it or put it into quotes.
pub(crate) fn place_in_source(source: &Source, expression: &Expression, offset: u32) -> u32 {
    let span = expression.span;
    let whole = source.text.get(span.start as usize..span.end as usize).unwrap_or_default();
    if let Some(at) = whole.find(expression.text.trim_end()) {
        return span.start + at as u32 + offset;
    }
    let before = expression.text.get(..offset as usize).unwrap_or_default();
    let line_number = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let line = expression.text.lines().nth(line_number).unwrap_or_default();
    // A block scalar: its first line follows the line of its indicator.
    let mut at = span.start as usize;
    for (number, written) in whole.split_inclusive('\n').enumerate() {
        if number == line_number + 1
            && let Some(indent) = written.find(line.trim_end())
        {
            return (at + indent + column) as u32;
        }
        at += written.len();
    }
    span.start
}
