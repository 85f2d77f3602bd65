//! Checks of literals beyond their types. Source: cel-go `cel/validator.go`, as Kubernetes turns them on.

use super::{CheckedAst, Reference};
use crate::cel::ast::{ExprId, ExprKind, Literal};
use crate::cel::environment::Env;
use crate::cel::issue::Issue;
use crate::cel::library::{extensions::strings, regex, standard};
use crate::cel::types::Type;

pub(super) fn validate(checked: &CheckedAst, env: &Env) -> Vec<Issue> {
    if !env.validates_literals() {
        return Vec::new();
    }
    let mut issues = Vec::new();
    for (at, node) in checked.ast.nodes.iter().enumerate() {
        if checked.types.get(at).is_none() {
            continue;
        }
        match &node.kind {
            ExprKind::Call { function, args, .. } => {
                call(checked, ExprId(at as u32), function, args, &mut issues)
            }
            ExprKind::List { elements, optional } => {
                let kinds = elements.iter().enumerate().map(|(at, &id)| {
                    let kind = checked.kind(id);
                    (id, if optional.contains(&(at as u32)) { kind.unwrap_optional().0 } else { kind })
                });
                alike(checked, kinds, &mut issues, true);
            }
            ExprKind::Map { entries } => {
                let keys = entries.iter().map(|entry| (entry.key, checked.kind(entry.key)));
                alike(checked, keys, &mut issues, false);
                let values = entries.iter().map(|entry| {
                    let kind = checked.kind(entry.value);
                    (entry.value, if entry.optional { kind.unwrap_optional().0 } else { kind })
                });
                alike(checked, values, &mut issues, false);
            }
            _ => {}
        }
    }
    issues
}

fn call(checked: &CheckedAst, id: ExprId, function: &str, args: &[ExprId], issues: &mut Vec<Issue>) {
    let literal = args.first().and_then(|&arg| checked.ast.expr(arg));
    let Some((place, ExprKind::Literal(literal))) = literal.map(|node| (node.location, &node.kind)) else {
        return format_call(checked, id, function, args, issues);
    };
    let valid = match (function, literal) {
        ("duration", Literal::String(text)) => standard::parse_duration(text).is_ok(),
        ("timestamp", Literal::String(text)) => standard::parse_timestamp(text).is_some(),
        ("timestamp", Literal::Int(seconds)) => standard::timestamp_in_range(*seconds),
        ("matches", Literal::String(pattern)) => regex::translate(pattern).is_ok(),
        _ => true,
    };
    if !valid {
        issues.push(Issue::at(place, format!("invalid {function} argument")));
    }
}

/// `'%d'.format([x])` with a literal format and list: verbs and arguments must agree.
fn format_call(checked: &CheckedAst, id: ExprId, function: &str, args: &[ExprId], issues: &mut Vec<Issue>) {
    let (Some(ExprKind::Call { target: Some(target), .. }), [list], "format") =
        (checked.ast.expr(id).map(|node| &node.kind), args, function)
    else {
        return;
    };
    let is_format = matches!(checked.reference(id), Some(Reference::Function { name: "format", .. }));
    let (Some(text), Some(list)) = (checked.ast.expr(*target), checked.ast.expr(*list)) else { return };
    let (ExprKind::Literal(Literal::String(format)), ExprKind::List { elements, .. }, true) =
        (&text.kind, &list.kind, is_format)
    else {
        return;
    };
    let kinds: Vec<&Type> = elements.iter().map(|&element| checked.kind(element)).collect();
    if let Err((argument, message)) = strings::check_format(format, &kinds) {
        let element = argument.and_then(|at| elements.get(at)).and_then(|&id| checked.ast.expr(id));
        let place = element.map_or(text.location, |node| node.location);
        issues.push(Issue::at(place, message));
    }
}

/// All elements of a literal must be of one type.
fn alike<'t>(
    checked: &CheckedAst,
    mut elements: impl Iterator<Item = (ExprId, &'t Type)>,
    issues: &mut Vec<Issue>,
    first_only: bool,
) {
    let Some((_, wanted)) = elements.next() else { return };
    for (id, kind) in elements {
        if kind != wanted {
            let place = checked.ast.expr(id).map_or(0, |node| node.location);
            issues.push(Issue::at(place, format!("expected type '{wanted}' but found '{kind}'")));
            if first_only {
                return;
            }
        }
    }
}
