//! The syntax tree: a flat arena, children before parents, so that no pass needs recursion.

use crate::source::Span;

/// Index of an expression in its [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// One parsed expression with its macros expanded.
///
/// Nodes are appended bottom-up: the operands of a node always have smaller ids than the node itself.
#[derive(Clone, Debug)]
pub struct Ast {
    /// The text that was parsed.
    pub source: Box<str>,
    /// All nodes, children before parents.
    pub nodes: Vec<Expr>,
    /// The whole expression.
    pub root: ExprId,
}

/// A node with the place it came from.
#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    /// Everything the expression covers in the source.
    pub span: Span,
    /// Byte offset that cel-go reports for the node (an operator's own place, not its left operand's).
    pub location: u32,
}

/// What a node is; the cases of cel.expr.Expr.
#[derive(Clone, Debug)]
pub enum ExprKind {
    Literal(Literal),
    Ident(Box<str>),
    /// `operand.field`, or `has(operand.field)` when `test_only`.
    Select {
        operand: ExprId,
        field: Box<str>,
        test_only: bool,
    },
    /// Operators are calls too, under cel-go's names (`_+_`, `_[_]`, `_?_:_`, `_?._`, …).
    Call {
        target: Option<ExprId>,
        function: Box<str>,
        args: Vec<ExprId>,
    },
    /// `optional` lists the positions of elements written `?element`.
    List {
        elements: Vec<ExprId>,
        optional: Vec<u32>,
    },
    Map {
        entries: Vec<MapEntry>,
    },
    Struct {
        type_name: Box<str>,
        fields: Vec<FieldInit>,
    },
    Comprehension(Box<Comprehension>),
}

/// `key: value`, or `?key: value` when `optional`.
#[derive(Clone, Copy, Debug)]
pub struct MapEntry {
    pub key: ExprId,
    pub value: ExprId,
    pub optional: bool,
    /// Byte offset that cel-go reports for the entry (its colon).
    pub location: u32,
}

/// `field: value` of a message literal.
#[derive(Clone, Debug)]
pub struct FieldInit {
    pub name: Box<str>,
    pub value: ExprId,
    pub optional: bool,
    pub location: u32,
}

/// A constant as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
}

/// A fold over a list or map, what every iterating macro expands to.
#[derive(Clone, Debug)]
pub struct Comprehension {
    pub iter_range: ExprId,
    pub iter_var: Box<str>,
    /// The second variable of two-variable comprehensions.
    pub iter_var2: Option<Box<str>>,
    pub accu_var: Box<str>,
    pub accu_init: ExprId,
    pub loop_condition: ExprId,
    pub loop_step: ExprId,
    pub result: ExprId,
    /// Which macro wrote the fold, so that the compiler may choose a tighter loop of equal meaning and cost.
    pub origin: Macro,
}

/// The macros of the language; `Bind` covers `cel.bind`, `optMap`, `optFlatMap` and `sortBy` (folds over an empty list).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Macro {
    All,
    Exists,
    ExistsOne,
    Map,
    MapFilter,
    Filter,
    TransformList,
    TransformListFilter,
    TransformMap,
    TransformMapFilter,
    TransformMapEntry,
    TransformMapEntryFilter,
    Bind,
}

impl ExprKind {
    /// Calls a function with each direct part of the expression.
    pub fn for_each_child(&self, mut child: impl FnMut(ExprId)) {
        match self {
            ExprKind::Literal(_) | ExprKind::Ident(_) => {}
            ExprKind::Select { operand, .. } => child(*operand),
            ExprKind::Call { target, args, .. } => target.iter().chain(args).for_each(|&id| child(id)),
            ExprKind::List { elements, .. } => elements.iter().for_each(|&id| child(id)),
            ExprKind::Map { entries } => entries.iter().for_each(|entry| {
                child(entry.key);
                child(entry.value);
            }),
            ExprKind::Struct { fields, .. } => fields.iter().for_each(|field| child(field.value)),
            ExprKind::Comprehension(fold) => {
                [fold.iter_range, fold.accu_init, fold.loop_condition, fold.loop_step, fold.result]
                    .into_iter()
                    .for_each(child);
            }
        }
    }
}

impl Ast {
    /// The node of an id; ids come from this tree only.
    #[inline]
    pub fn expr(&self, id: ExprId) -> Option<&Expr> {
        self.nodes.get(id.0 as usize)
    }
}
