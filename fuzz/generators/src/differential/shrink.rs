//! Smaller questions with the same difference: parts of the text are left out or made constants as long as it stays.

use super::{Difference, Oracle, Question, kind, ours};
use crate::object::TYPED;
use kordon::cel::environment::Env;
use serde_json::Value;
use std::ops::Range;

/// How many rounds are tried at most; each keeps one change.
const ROUNDS: usize = 200;

/// What parts of an expression are replaced by.
const CONSTANTS: [&str; 9] = ["", "0", "'a'", "true", "null", "[]", "{}", "object", "dyn(0)"];

/// The smallest question found that differs in the way `wanted`.
pub(super) fn smallest(
    question: Question,
    wanted: &str,
    env: &Env,
    oracle: &mut Oracle,
) -> std::io::Result<Option<Difference>> {
    let mut best = first(vec![question], wanted, env, oracle)?;
    for _ in 0..ROUNDS {
        let Some(now) = &best else { break };
        let Some(better) = first(smaller(&now.question), wanted, env, oracle)? else { break };
        best = Some(better);
    }
    Ok(best)
}

/// The first candidate that still differs so.
fn first(
    candidates: Vec<Question>,
    wanted: &str,
    env: &Env,
    oracle: &mut Oracle,
) -> std::io::Result<Option<Difference>> {
    let meanwhile = || candidates.iter().map(|question| ours(env, question)).collect::<Vec<_>>();
    let (theirs, ours) = oracle.ask(&candidates, false, meanwhile)?;
    let all = candidates.into_iter().zip(ours).zip(theirs);
    let mut differences = all.map(|((question, kordon), oracle)| Difference {
        kind: wanted.to_owned(),
        question,
        kordon,
        oracle,
    });
    Ok(differences.find(|found| {
        let same = kind(&found.kordon, &found.oracle).is_some_and(|kind| kind == wanted);
        same && found.oracle.get("unordered").is_none()
    }))
}

/// Questions with a shorter expression or object, the shortest first.
fn smaller(question: &Question) -> Vec<Question> {
    let mut texts: Vec<String> = Vec::new();
    let text = &question.expression;
    let parts = parts(text);
    for part in &parts {
        texts.push(text[part.clone()].to_owned());
        let put = |replacement: &str| format!("{}{replacement}{}", &text[..part.start], &text[part.end..]);
        texts.extend(CONSTANTS.iter().filter(|constant| constant.len() < part.len()).map(|text| put(text)));
        let inner = parts.iter().filter(|inner| inner.start >= part.start && inner.end <= part.end);
        texts.extend(inner.map(|inner| put(&text[inner.clone()])));
    }
    texts.retain(|candidate| candidate.len() < text.len());
    texts.sort_by_key(String::len);
    texts.dedup();
    let variables = without_a_field(&question.variables).into_iter();
    // The variables themselves must stay.
    let all = |variables: &Value| variables.as_object().is_some_and(|all| all.len() > TYPED.len());
    let lighter = variables.filter(all).map(|variables| Question { variables, ..question.clone() });
    let shorter = texts.into_iter().map(|expression| Question { expression, ..question.clone() });
    lighter.chain(shorter).collect()
}

/// Balanced parts of an expression: what stands between brackets, commas and operators, and what follows a value.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    // Where the open brackets are, and where the piece within them began.
    let mut open = vec![(0, 0)];
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(end) = quote {
            if !escaped && c == end {
                quote = None;
            }
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => open.push((at, at + 1)),
            ')' | ']' | '}' if open.len() > 1 => {
                let (bracket, piece) = open.pop().unwrap();
                parts.push(piece..at);
                parts.push(bracket..at + 1);
                // With the name of the call, and with all that the call is made on.
                let name =
                    text[..bracket].trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
                parts.push(name.len()..at + 1);
                parts.push(open.last().unwrap().1..at + 1);
            }
            ',' | ' ' | ':' | '?' => {
                let (_, piece) = open.last_mut().unwrap();
                parts.push(*piece..at);
                *piece = at + 1;
            }
            _ => {}
        }
    }
    parts.push(open.last().unwrap().1..text.len());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The object without one of its fields, at any depth, or with an empty list.
fn without_a_field(value: &Value) -> Vec<Value> {
    let Value::Object(fields) = value else {
        return if value.as_array().is_some_and(|list| !list.is_empty()) {
            vec![Value::Array(vec![])]
        } else {
            vec![]
        };
    };
    let mut lighter = Vec::new();
    for (name, inner) in fields {
        let mut without = fields.clone();
        without.remove(name);
        lighter.push(Value::Object(without));
        for inner in without_a_field(inner) {
            let mut changed = fields.clone();
            changed.insert(name.clone(), inner);
            lighter.push(Value::Object(changed));
        }
    }
    lighter
}
