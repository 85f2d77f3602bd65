//! What is known before evaluation: literals, lists and maps of them, conversions of them. They cost nothing, and one
//! that fails is an error of the program.

use super::functions;
use super::value::Value;
use kordon::cel::ast::{ExprId, ExprKind, Literal};
use kordon::cel::checker::{CheckedAst, Reference};
use std::collections::HashMap;
use std::rc::Rc;

/// Values by node.
pub(super) type Constants = HashMap<ExprId, Value>;

/// Finds all constants. `None` when one needs a function that the evaluator does not know.
pub(super) fn fold(checked: &CheckedAst) -> Option<Result<Constants, Rc<str>>> {
    let mut constants = Constants::new();
    // Children stand before their parents.
    for at in 0..checked.ast.nodes.len() {
        let id = ExprId(at as u32);
        match constant(checked, id, &constants) {
            Folded::Constant(Value::Error(message)) => return Some(Err(message)),
            Folded::Constant(value) => drop(constants.insert(id, value)),
            Folded::Unknown => return None,
            Folded::No => {}
        }
    }
    Some(Ok(constants))
}

enum Folded {
    Constant(Value),
    Unknown,
    No,
}

fn constant(checked: &CheckedAst, id: ExprId, constants: &Constants) -> Folded {
    let known = |id: &ExprId| constants.get(id).cloned();
    match &checked.ast.expr(id).unwrap().kind {
        ExprKind::Literal(literal) => Folded::Constant(match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Uint(value) => Value::Uint(*value),
            Literal::Double(value) => Value::Double(*value),
            Literal::String(text) => Value::string(&**text),
            Literal::Bytes(bytes) => Value::Bytes((&**bytes).into()),
        }),
        ExprKind::Ident(_) => match checked.reference(id) {
            Some(Reference::TypeName(name)) => Folded::Constant(Value::Type((&**name).into())),
            _ => Folded::No,
        },
        ExprKind::List { elements, optional } if optional.is_empty() => {
            match elements.iter().map(known).collect::<Option<Vec<_>>>() {
                Some(elements) => Folded::Constant(Value::list(elements)),
                None => Folded::No,
            }
        }
        ExprKind::Map { entries } if entries.iter().all(|entry| !entry.optional) => {
            let entry = |key: &ExprId, value: &ExprId| Some((known(key)?, known(value)?));
            let pairs = entries.iter().map(|pair| entry(&pair.key, &pair.value)).collect::<Option<Vec<_>>>();
            pairs.map_or(Folded::No, |pairs| Folded::Constant(map(pairs)))
        }
        ExprKind::Call { target: None, function, args } => match &args[..] {
            [arg] if functions::is_conversion(function) => match known(arg) {
                Some(arg) => functions::call(function, &[arg]).map_or(Folded::Unknown, Folded::Constant),
                None => Folded::No,
            },
            [_, list] if &**function == "@in" => match known(list) {
                Some(Value::List(elements)) if elements.is_empty() => Folded::Constant(Value::Bool(false)),
                _ => Folded::No,
            },
            _ => Folded::No,
        },
        _ => Folded::No,
    }
}

/// A map of pairs, the last of equal keys winning.
pub(super) fn map(pairs: Vec<(Value, Value)>) -> Value {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for (key, value) in pairs {
        let same =
            |other: &&mut (Value, Value)| other.0.type_name() == key.type_name() && other.0.equals(&key);
        match entries.iter_mut().find(same) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
    }
    Value::Map(Rc::new(entries))
}
