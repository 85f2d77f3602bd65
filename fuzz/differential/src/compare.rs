//! Where two answers differ.

use crate::ask::{kordon, oracle};
use kordon_shared::batch::Kind;
use serde_json::{Map, Value, json};

/// A question that kordon answers otherwise than the API server.
#[derive(Clone, Debug)]
pub struct Difference {
    pub question: Value,
    pub want: Value,
    pub got: Value,
}

/// How often a question is put to the oracle again whose answer differs: where it hangs on the order in which Go walks a
/// map, which is random, each of its answers is right.
const REPEATED: usize = 24;

/// The questions that kordon does not answer with the given answers. An answer that the oracle calls unordered is one of
/// many, for the same reason. With `live`, the oracle is asked again about them.
pub fn differences(kind: Kind, questions: &[Value], wanted: &[Value], live: bool) -> Vec<Difference> {
    let answers = kordon(kind, questions);
    let pairs = questions.iter().zip(wanted.iter().zip(answers));
    let differing = pairs.filter_map(|(question, (want, got))| {
        let unordered = want["unordered"] == true;
        let (want, got) = (comparable(kind, want), comparable(kind, &got));
        (want != got && !unordered).then(|| Difference { question: question.clone(), want, got })
    });
    let mut differing: Vec<Difference> = differing.collect();
    if live {
        differing.retain(|difference| {
            let again = vec![difference.question.clone(); REPEATED];
            !oracle(kind, &again).iter().any(|answer| comparable(kind, answer) == difference.got)
        });
    }
    differing
}

/// What counts in an answer.
pub(crate) fn comparable(kind: Kind, answer: &Value) -> Value {
    let Value::Object(fields) = answer else { return answer.clone() };
    if fields.contains_key("inputError") {
        // The words about input that is no question are each program's own.
        return json!({"id": fields.get("id"), "inputError": true});
    }
    let phase = fields.get("error").and_then(|error| error["phase"].as_str());
    let early = phase.is_some_and(|phase| phase != "eval");
    let kept = fields.iter().filter(|(field, value)| match (kind, field.as_str()) {
        // The oracle tells more than kordon.
        (Kind::Vap, "costs" | "compileErrors") => false,
        // An expression that does not compile has no type and cost worth comparing.
        (Kind::Cel, "type" | "cost") => !early,
        (Kind::Cel, "unordered") => false,
        _ => !value.is_null(),
    });
    let kept = kept.map(|(field, value)| match kind {
        // Estimates are larger than doubles count.
        Kind::Cel if field == "estimatedCost" => (field.clone(), value.clone()),
        Kind::Admit if field == "errors" => (field.clone(), without_fields(value)),
        Kind::Admit if field == "object" => (field.clone(), without_allocation(by_value(value))),
        Kind::Yaml | Kind::Cel | Kind::Admit => (field.clone(), by_value(value)),
        Kind::Crd if field == "object" => (field.clone(), by_value(value)),
        Kind::Crd => (field.clone(), without_order(value)),
        Kind::Vap | Kind::Netpol | Kind::Psa | Kind::Quota | Kind::Rbac | Kind::TypeCheck => {
            (field.clone(), value.clone())
        }
    });
    Value::Object(kept.collect::<Map<String, Value>>())
}

/// Services without what the oracle does not ask the allocators of addresses for.
fn without_allocation(mut object: Value) -> Value {
    if object["kind"] == "Service"
        && let Some(Value::Object(spec)) = object.get_mut("spec")
    {
        spec.retain(|field, _| !matches!(field.as_str(), "ipFamilies" | "ipFamilyPolicy" | "clusterIPs"));
    }
    object
}

/// Errors of reading without the path, which the API server tells only in words.
fn without_fields(errors: &Value) -> Value {
    let each = |error: &Value| match error["reason"] == "BadRequest" {
        true => json!({"message": error["message"], "reason": error["reason"]}),
        false => error.clone(),
    };
    errors.as_array().map_or(Value::Null, |errors| errors.iter().map(each).collect())
}

/// Errors in one order, because Go walks maps in none, and without the number that the type of `self` has in each of its
/// answers.
fn without_order(value: &Value) -> Value {
    let Value::Array(errors) = value else { return value.clone() };
    let named = |error: &Value| {
        let text = error.to_string();
        let mut parts = text.split("selfType");
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
        rest.fold(first, |text, part| text + "selfType" + part)
    };
    let mut errors: Vec<String> = errors.iter().map(named).collect();
    errors.sort();
    errors.iter().map(|error| serde_json::from_str(error).unwrap_or(Value::Null)).collect()
}

/// JSON numbers by their value, because programs differ in what they write for whole ones and for minus zero; and of errors what Go tells:
/// the message, which has the line in it where Go knows it.
fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(elements) => elements.iter().map(by_value).collect(),
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(key, _)| !matches!(key.as_str(), "line" | "column"));
            kept.map(|(key, value)| (key.clone(), by_value(value))).collect()
        }
        // Go's protobuf writes one or two spaces here, as the hash of the program has it, so that nobody relies on it.
        Value::String(text) if text.contains("*dynamicpb.Message)") => json!(text.replace("  ", " ")),
        other => other.clone(),
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "question {}", self.question)?;
        let (Value::Object(want), Value::Object(got)) = (&self.want, &self.got) else {
            return writeln!(f, "  want {}\n  got  {}", self.want, self.got);
        };
        let mut fields: Vec<&String> = want.keys().chain(got.keys()).collect();
        fields.sort();
        fields.dedup();
        for field in fields {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            let (want, got) = (want.get(field), got.get(field));
            if let (Some(Value::Array(want)), Some(Value::Array(got))) = (want, got) {
                let pairs = (0..want.len().max(got.len())).map(|at| (at, want.get(at), got.get(at)));
                for (at, want, got) in pairs.filter(|(_, want, got)| want != got) {
                    writeln!(f, "  {field}[{at}]: want {}\n  {field}[{at}]: got  {}", show(want), show(got))?;
                }
            } else if want != got {
                writeln!(f, "  {field}: want {}\n  {field}: got  {}", show(want), show(got))?;
            }
        }
        Ok(())
    }
}
