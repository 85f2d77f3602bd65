//! Checks of literals beyond their types. Source: cel-go `cel/validator.go`, as Kubernetes turns them on.

use super::{CheckedAst, Reference};
use crate::cel::ast::{ExprId, ExprKind, Literal};
use crate::cel::environment::Env;
use crate::cel::issue::Issue;
use crate::cel::library::extensions::{FORMAT_RULES, FormatRules, PLAIN_FORMAT_RULES, Parts, check_format};
use crate::cel::library::standard;
use crate::cel::regex;
use crate::cel::types::Type;

pub(super) fn validate(checked: &CheckedAst, env: &Env) -> Vec<Issue> {
    // In the order in which cel-go's validators run: literals, lists, maps, formats.
    let mut found = Found::default();
    let exempt = inside_of_format(checked);
    for (at, node) in checked.ast.nodes.iter().enumerate() {
        if checked.types.get(at).is_none() {
            continue;
        }
        match &node.kind {
            ExprKind::Call { function, args, .. } if env.validates_literals() => {
                call(checked, ExprId(at as u32), function, args, &mut found);
            }
            ExprKind::Call { function, args, .. } if env.is_general() => format_call(
                checked,
                ExprId(at as u32),
                function,
                args,
                &PLAIN_FORMAT_RULES,
                &mut found.formats,
            ),
            _ if !env.wants_homogeneous_literals() || exempt.get(at) == Some(&true) => {}
            ExprKind::List { elements, optional } => {
                let kinds = elements.iter().enumerate().map(|(at, &id)| {
                    let kind = checked.kind(id);
                    (id, if optional.contains(&(at as u32)) { kind.unwrap_optional().0 } else { kind })
                });
                alike(checked, kinds, &mut found.lists, true);
            }
            ExprKind::Map { entries } => {
                let keys = entries.iter().map(|entry| (entry.key, checked.kind(entry.key)));
                alike(checked, keys, &mut found.maps, false);
                let values = entries.iter().map(|entry| {
                    let kind = checked.kind(entry.value);
                    (entry.value, if entry.optional { kind.unwrap_optional().0 } else { kind })
                });
                alike(checked, values, &mut found.maps, false);
            }
            _ => {}
        }
    }
    let Found { literals, lists, maps, formats } = found;
    [literals, lists, maps, formats].concat()
}

/// Issues by the validator that finds them.
#[derive(Default)]
struct Found {
    literals: Vec<Issue>,
    lists: Vec<Issue>,
    maps: Vec<Issue>,
    formats: Vec<Issue>,
}

fn call(checked: &CheckedAst, id: ExprId, function: &str, args: &[ExprId], found: &mut Found) {
    let literal = args.first().and_then(|&arg| checked.ast.expr(arg));
    let Some((place, ExprKind::Literal(literal))) = literal.map(|node| (node.location, &node.kind)) else {
        return format_call(checked, id, function, args, &FORMAT_RULES, &mut found.formats);
    };
    let function = function.strip_prefix('.').unwrap_or(function);
    let valid = match (function, literal) {
        ("duration", Literal::String(text)) => standard::parse_duration(text).is_ok(),
        ("timestamp", Literal::String(text)) => {
            standard::parse_timestamp(text).is_some_and(|time| standard::timestamp_in_range(time.seconds))
        }
        ("duration" | "timestamp", Literal::Null) => false,
        ("timestamp", Literal::Int(seconds)) => standard::timestamp_in_range(*seconds),
        ("matches", Literal::String(pattern)) => regex::validate(pattern).is_ok(),
        _ => true,
    };
    if !valid {
        found.literals.push(Issue::at(place, format!("invalid {function} argument")));
    }
}

/// Which expressions stand inside of a call of `format`, at any depth: their literals may mix types.
fn inside_of_format(checked: &CheckedAst) -> Vec<bool> {
    let mut inside = vec![false; checked.ast.nodes.len()];
    // Children come before their parents, so parents are met first from the end.
    for (at, node) in checked.ast.nodes.iter().enumerate().rev() {
        let is_format = matches!(&node.kind, ExprKind::Call { function, .. } if &**function == "format");
        if is_format || inside.get(at) == Some(&true) {
            node.kind.for_each_child(|child| {
                if let Some(flag) = inside.get_mut(child.0 as usize) {
                    *flag = true;
                }
            });
        }
    }
    inside
}

/// `'%d'.format([x])` with a literal format and list: verbs and arguments must agree.
fn format_call(
    checked: &CheckedAst,
    id: ExprId,
    function: &str,
    args: &[ExprId],
    rules: &FormatRules,
    issues: &mut Vec<Issue>,
) {
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
    let args: Vec<_> = elements.iter().map(|&element| parts(checked, element)).collect();
    if let Err((place, message)) = check_format(format, &args, rules) {
        let call = checked.ast.expr(id).map_or(0, |node| node.location);
        issues.push(Issue::at(place.unwrap_or(call), message));
    }
}

/// Place and type of an expression and, if it is a literal, of everything in it, in the order of writing.
fn parts(checked: &CheckedAst, id: ExprId) -> Parts<'_> {
    let mut found = Vec::new();
    let mut pending = vec![id];
    while let Some(id) = pending.pop() {
        let Some(node) = checked.ast.expr(id) else { continue };
        let kind = match checked.kind(id) {
            Type::Wrapper(inner) => inner,
            kind => kind,
        };
        found.push((node.location, kind));
        if matches!(node.kind, ExprKind::List { .. } | ExprKind::Map { .. }) {
            let from = pending.len();
            node.kind.for_each_child(|child| pending.push(child));
            if let Some(children) = pending.get_mut(from..) {
                children.reverse();
            }
        }
    }
    found
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
        if !kind.is_exactly(wanted) {
            let place = checked.ast.expr(id).map_or(0, |node| node.location);
            issues.push(Issue::at(place, format!("expected type '{wanted}' but found '{kind}'")));
            if first_only {
                return;
            }
        }
    }
}
