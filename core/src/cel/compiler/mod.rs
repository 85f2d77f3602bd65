//! From a checked expression to a program.
//!
//! What cel-go's optimiser decides when a program is planned is decided here alike, because it shows: constant
//! lists and conversions cost nothing, and a constant that cannot be converted is an error of the program.

mod attribute;
mod call;
mod fold;
mod r#loop;
mod shortcut;

use super::ast::{ExprId, ExprKind, FieldInit, Literal};
use super::checker::{CheckedAst, Reference, check};
use super::environment::Env;
use super::issue::Issues;
use super::message::WellKnown;
use super::program::{
    Constant, LIST_COST, MAP_COST, MESSAGE_COST, MakeField, MakeList, MakeMap, MakeMessage, Op, Program,
};
use super::regex::Regex;
use super::types::Type;
use super::value::{Arena, Val};
use crate::source::Span;
use std::collections::HashMap;
use std::fmt;

/// Why an expression has no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// It does not parse.
    Parse(Issues),
    /// It does not type-check.
    Check(Issues),
    /// Planning it failed, as a constant conversion or pattern does.
    Program(String),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Parse(issues) | CompileError::Check(issues) => issues.fmt(f),
            CompileError::Program(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for CompileError {}

impl Env {
    /// Parses, checks and compiles an expression.
    ///
    /// ```
    /// use kordon::cel::environment::{Env, Version};
    /// use kordon::cel::program::{Activation, PER_CALL_LIMIT};
    /// use kordon::cel::value::{Arena, Val};
    ///
    /// let program = Env::kubernetes(Version::default()).compile("[1, 2, 3].filter(n, n > 1).size() == 2")?;
    /// let arena = Arena::new();
    /// let evaluation = program.eval(&Activation::new(&[], &arena), PER_CALL_LIMIT);
    /// assert!(matches!(evaluation.value, Val::Bool(true)));
    /// # Ok::<(), kordon::cel::compiler::CompileError>(())
    /// ```
    pub fn compile(&self, source: &str) -> Result<Program, CompileError> {
        let ast = self.parse(source).map_err(CompileError::Parse)?;
        let checked = check(ast, self).map_err(CompileError::Check)?;
        compile(&checked, self)
    }
}

/// Compiles a checked expression.
pub fn compile(checked: &CheckedAst, env: &Env) -> Result<Program, CompileError> {
    let arena = Arena::new();
    let mut compiler = Compiler {
        checked,
        env,
        arena: &arena,
        values: vec![None; checked.ast.nodes.len()],
        patterns: HashMap::new(),
        ops: Vec::new(),
        spans: Vec::new(),
        locals: Vec::new(),
        most_locals: 0,
    };
    compiler.plan(checked.ast.root).map_err(CompileError::Program)?;
    compiler.expr(checked.ast.root).map_err(CompileError::Program)?;
    let (ops, spans) = match env.takes_shortcuts() {
        true => shortcut::add((compiler.ops, compiler.spans)),
        false => (compiler.ops, compiler.spans),
    };
    Ok(Program {
        ops: ops.into(),
        spans: spans.into(),
        locals: compiler.most_locals,
        result_type: checked.result_type().clone(),
        source: checked.ast.source.clone(),
        schema: env.schema().clone(),
    })
}

/// A failure to plan, in cel-go's words.
type Planned<T = ()> = Result<T, String>;

struct Compiler<'c> {
    checked: &'c CheckedAst,
    env: &'c Env,
    /// For constants.
    arena: &'c Arena,
    /// By the numbers of the parts: `None` before a part is planned, then the value if it is constant.
    values: Vec<Option<Option<Val<'c>>>>,
    /// The constant patterns of calls that have one.
    patterns: HashMap<ExprId, Regex>,
    ops: Vec<Op>,
    spans: Vec<Span>,
    /// Names of macros' variables in scope; a position is a local's number.
    locals: Vec<Local>,
    most_locals: usize,
}

struct Local {
    name: Box<str>,
    /// For a name bound by `cel.bind` and the like: where its code is.
    code: Option<u32>,
}

/// How an expression that was compiled may be used by the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A path, whose reading cost falls away in a branch of `?:`.
    Attribute,
    /// A `?:`, which has no cost of its own.
    Conditional,
    Other,
}

impl Compiler<'_> {
    fn expr(&mut self, id: ExprId) -> Planned<Shape> {
        if let Some(constant) = self.constant(id) {
            self.emit(id, Op::Constant(constant));
            return Ok(Shape::Other);
        }
        if let Some(Val::Error(error)) = self.value(id) {
            self.emit(id, Op::Fail(error.to_string().into()));
            return Ok(Shape::Other);
        }
        let checked = self.checked;
        let Some(node) = checked.ast.expr(id) else { return Err("unsupported expr".to_owned()) };
        match &node.kind {
            ExprKind::Literal(_) => Ok(Shape::Other),
            ExprKind::Ident(_) | ExprKind::Select { .. } => self.attribute(id, 1),
            ExprKind::Call { target, function, args } => self.call(id, *target, function, args),
            ExprKind::List { elements, optional } => {
                let from = self.here();
                for (at, &element) in elements.iter().enumerate() {
                    let count = elements.len();
                    match optional.contains(&(at as u32)) {
                        true => self.optional_argument(element, at, count, false, LIST_COST)?,
                        false => self.argument(element, at, count, Some(LIST_COST as u8))?,
                    }
                }
                let list = MakeList { count: elements.len() as u32, optional: optional.as_slice().into() };
                self.emit(id, Op::MakeList(Box::new(list)));
                self.patch_abandoned(from);
                Ok(Shape::Other)
            }
            ExprKind::Map { entries } => {
                let count = entries.len() * 2;
                let from = self.here();
                for (at, entry) in entries.iter().enumerate() {
                    self.argument(entry.key, at * 2, count, Some(MAP_COST as u8))?;
                    match entry.optional {
                        true => self.optional_argument(entry.value, at * 2 + 1, count, true, MAP_COST)?,
                        false => self.argument(entry.value, at * 2 + 1, count, Some(MAP_COST as u8))?,
                    }
                    let scalar = matches!(
                        self.checked.kind(entry.key),
                        Type::Bool | Type::Int | Type::Uint | Type::Double | Type::String
                    );
                    if !scalar && !self.env.is_general() {
                        self.emit(entry.key, Op::CheckKey { first: entry.optional && at == 0 });
                    }
                }
                let marked = entries.iter().zip(0..).filter(|(entry, _)| entry.optional).map(|(_, at)| at);
                let map = MakeMap {
                    count: entries.len() as u32,
                    strict: self.env.is_general(),
                    optional: marked.collect(),
                };
                self.emit(id, Op::MakeMap(Box::new(map)));
                self.patch_abandoned(from);
                Ok(Shape::Other)
            }
            ExprKind::Struct { type_name, fields } => self.message(id, type_name, fields),
            ExprKind::Comprehension(fold) => self.comprehension(id, fold),
        }
    }

    fn message(&mut self, id: ExprId, type_name: &str, fields: &[FieldInit]) -> Planned<Shape> {
        let schema = self.env.schema().clone();
        let name = match self.checked.reference(id) {
            Some(Reference::TypeName(name)) => name,
            _ => type_name,
        };
        let position = schema.position(name).filter(|_| self.env.object(name).is_none());
        let Some((kind, message)) = position.and_then(|at| Some((at, schema.at(at)?))) else {
            return Err(format!("unknown type: {name}"));
        };
        let from = self.here();
        let mut made = Vec::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            self.argument(field.value, at, fields.len(), Some(MESSAGE_COST as u8))?;
            let position = message.field_position(&field.name);
            made.push(MakeField { name: field.name.clone(), position, optional: field.optional });
        }
        self.emit(id, Op::MakeMessage(Box::new(MakeMessage { kind, fields: made.into() })));
        self.patch_abandoned(from);
        Ok(Shape::Other)
    }

    /// The name of a type as a value, which those that stand for other types are not.
    fn type_value(&self, name: &str) -> Planned<Box<str>> {
        if matches!(name, "duration" | "timestamp") {
            return Err(format!("reference to undefined type: {name}"));
        }
        let message = self.env.schema().message(name).filter(|_| self.env.object(name).is_none());
        match message.and_then(|message| message.well_known) {
            None | Some(WellKnown::Timestamp | WellKnown::Duration) => Ok(name.into()),
            Some(_) => Err(format!("reference to undefined type: {name}")),
        }
    }

    fn emit(&mut self, id: ExprId, op: Op) -> usize {
        let span = self.checked.ast.expr(id).map(|node| node.span).unwrap_or_default();
        self.ops.push(op);
        self.spans.push(span);
        self.ops.len() - 1
    }

    fn here(&self) -> u32 {
        self.ops.len() as u32
    }

    fn patch(&mut self, at: usize, op: Op) {
        if let Some(slot) = self.ops.get_mut(at) {
            *slot = op;
        }
    }

    fn declare(&mut self, name: &str, code: Option<u32>) -> u32 {
        self.locals.push(Local { name: name.into(), code });
        self.most_locals = self.most_locals.max(self.locals.len());
        self.locals.len() as u32 - 1
    }

    fn local(&self, name: &str) -> Option<(u32, Option<u32>)> {
        let at = self.locals.iter().rposition(|local| *local.name == *name)?;
        Some((at as u32, self.locals.get(at)?.code))
    }

    /// The value of an expression that cel-go's optimiser makes a constant.
    fn constant(&self, id: ExprId) -> Option<Constant> {
        Constant::from_value(&self.value(id)?)
    }
}

fn literal_constant(literal: &Literal) -> Constant {
    match literal {
        Literal::Null => Constant::Null,
        Literal::Bool(value) => Constant::Bool(*value),
        Literal::Int(value) => Constant::Int(*value),
        Literal::Uint(value) => Constant::Uint(*value),
        Literal::Double(value) => Constant::Double(*value),
        Literal::String(value) => Constant::String(value.clone()),
        Literal::Bytes(value) => Constant::Bytes(value.clone()),
    }
}
