//! What is found as diagnostics at the policy's expressions.

use super::{ExpressionWarning, Parsed, TypeChecker, with_variables};
use crate::cel::issue::Issue;
use crate::diagnostic::Diagnostic;
use crate::policy::{NamedExpression, Slots, ValidatingAdmissionPolicy, environment, place_in_source};
use crate::source::Span;

/// How many kinds a message names.
const SHOWN_KINDS: usize = 3;

impl TypeChecker {
    /// The warnings about a policy at their places, each once for all kinds that have it. What is an error whatever the
    /// kind of the object is left out, since the policy does not compile then.
    pub fn diagnose(&self, policy: &ValidatingAdmissionPolicy) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let warnings = self.check(policy);
        if warnings.is_empty() {
            return found;
        }
        let slots = Slots { params: policy.param_kind.is_some() };
        let variables: Vec<(&NamedExpression, Parsed)> =
            policy.variables.iter().map(|variable| (variable, self.parse(&variable.expression))).collect();
        let of_any_kind = |authorizer| {
            with_variables(environment::environment(self.types.clone(), slots, authorizer), &variables)
        };
        let (env, message_env) = (of_any_kind(true), of_any_kind(false));
        for warning in warnings {
            let is_message = warning.field_ref.ends_with(".messageExpression");
            let env = if is_message { &message_env } else { &env };
            let known = env.check(&warning.expression.text).err().map(|issues| issues.issues);
            let known = known.unwrap_or_default();
            for (issue, kinds) in by_issue(&warning) {
                if known.contains(issue) {
                    continue;
                }
                let start = place_in_source(&policy.source, &warning.expression, issue.offset.unwrap_or(0));
                let span = Span { start, end: start + 1 };
                let problem = Diagnostic::warning("type-check", format!("{} in {kinds}", issue.message));
                let problem = problem.at(&policy.source, span);
                found.push(match self.unseen_field(issue) {
                    Some(field) => problem.help(format!(
                        "`{field}` may well be there: quantities and other fields of several types have no type that \
                         the API server's type checker sees"
                    )),
                    None => problem,
                });
            }
        }
        found
    }

    /// The field that an issue calls undefined, if one of that name is published without a type.
    fn unseen_field<'i>(&self, issue: &'i Issue) -> Option<&'i str> {
        let field = issue.message.strip_prefix("undefined field '")?.strip_suffix('\'')?;
        let definitions = self.definitions.as_ref()?;
        let mut fields = definitions.schemas.structs().iter().flat_map(|own| &own.fields);
        fields.any(|other| other.name.as_str() == field && definitions.is_unseen(other.kind)).then_some(field)
    }
}

/// Each issue once, with the kinds that have it.
fn by_issue(warning: &ExpressionWarning) -> Vec<(&Issue, String)> {
    let mut found: Vec<(&Issue, Vec<String>)> = Vec::new();
    for result in &warning.results {
        let kind = format!("{} {}", result.kind.api_version(), result.kind.kind);
        for issue in &result.issues.issues {
            match found.iter_mut().find(|(known, _)| *known == issue) {
                Some((_, kinds)) => kinds.push(kind.clone()),
                None => found.push((issue, vec![kind.clone()])),
            }
        }
    }
    found.sort_by_key(|(issue, _)| issue.offset);
    found.into_iter().map(|(issue, kinds)| (issue, named(&kinds))).collect()
}

fn named(kinds: &[String]) -> String {
    let shown = kinds.get(..SHOWN_KINDS).unwrap_or(kinds).join(", ");
    match kinds.len().saturating_sub(SHOWN_KINDS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
