//! `allOf`, `anyOf`, `oneOf` and `not`: in them nothing is taken to be what it was before an update.
//!
//! Source: kube-openapi `pkg/validation/validate/schema_props.go`.

use super::Walk;
use super::findings::{Findings, Form};
use super::steps::Steps;
use crate::document::NodeRef;
use crate::go::quoted;
use crate::schema::Structural;

impl Walk<'_> {
    pub(super) fn clauses<'a>(
        &self,
        schema: &'a Structural,
        steps: &Steps<'_>,
        node: NodeRef<'a>,
        findings: &mut Findings<'a>,
    ) {
        let own = &schema.value;
        let mut found = Findings::default();
        let add = |found: &mut Findings<'a>, text: String| {
            found.add(steps, format!("{} {text}", quoted(&steps.to_string())), Form::Whole, node);
        };
        if !own.any_of.is_empty() {
            let mut best: Option<Findings<'a>> = None;
            for clause in &own.any_of {
                let result = self.value(clause, steps, node, None);
                let done = result.is_valid();
                if done || best.as_ref().is_none_or(|best| result.matches > best.matches) {
                    best = Some(result);
                }
                if done {
                    break;
                }
            }
            let best = best.unwrap_or_default();
            if !best.is_valid() {
                add(&mut found, "must validate at least one schema (anyOf)".to_owned());
            }
            found.merge(best);
        }
        if !own.one_of.is_empty() {
            let (mut best, mut first): (Option<Findings<'a>>, Option<Findings<'a>>) = (None, None);
            let mut valid = 0;
            for clause in &own.one_of {
                let result = self.value(clause, steps, node, None);
                if result.is_valid() {
                    valid += 1;
                    best = None;
                    first.get_or_insert(result);
                } else if valid == 0 && best.as_ref().is_none_or(|best| result.matches > best.matches) {
                    best = Some(result);
                }
            }
            match valid {
                0 => {
                    let text = "must validate one and only one schema (oneOf). Found none valid";
                    add(&mut found, text.to_owned());
                    found.merge(best.unwrap_or_default());
                }
                1 => found.merge(first.unwrap_or_default()),
                _ => add(
                    &mut found,
                    format!(
                        "must validate one and only one schema (oneOf). Found {valid} valid alternatives"
                    ),
                ),
            }
        }
        let mut valid = 0;
        for clause in &own.all_of {
            let result = self.value(clause, steps, node, None);
            valid += usize::from(result.is_valid());
            found.merge(result);
        }
        if valid != own.all_of.len() {
            let none = if valid == 0 { ". None validated" } else { "" };
            add(&mut found, format!("must validate all the schemas (allOf){none}"));
        }
        if let Some(not) = &own.not
            && self.value(not, steps, node, None).is_valid()
        {
            add(&mut found, "must not validate the schema (not)".to_owned());
        }
        found.matches += 1;
        findings.merge(found);
    }
}
