//! Random questions, put to kordon and to the API server's own code.

mod oracle;
mod shrink;
mod typing;

pub use oracle::{Oracle, Question};

use crate::expression::{self, Breadth};
use crate::{Entropy, answer, bytes, object};
use kordon::cel::environment::Env;
use kordon_shared::batch::{self, Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many questions of a thread are under way at once.
const CHUNK: u64 = 2_000;

/// Bytes that a question is made of.
const BYTES: usize = 700;

/// How often a question is put again whose answer differs: where it hangs on the order in which Go walks a map, which is
/// random, each of its answers is right.
const REPEATED: usize = 100;

/// What to ask, and when to stop.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub count: u64,
    /// Callers side by side.
    pub threads: usize,
    /// Of so many kinds of differences one is made small; that takes a while. Others are only counted.
    pub most_kinds: usize,
    /// Whether to ask for types and estimated costs instead of values.
    pub estimates: bool,
}

/// A question with unlike answers.
#[derive(Clone, Debug)]
pub struct Difference {
    pub kind: String,
    pub question: Question,
    pub kordon: Value,
    pub oracle: Value,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub compared: u64,
    /// Answers that differ for a known reason, by that reason.
    pub explained: BTreeMap<&'static str, u64>,
    /// How many answers were values, and how many errors of which phase.
    pub by_phase: BTreeMap<String, u64>,
    pub differing: u64,
    /// One of each kind, made as small as it could be.
    pub differences: Vec<Difference>,
    /// How often each kind was met.
    pub kinds: BTreeMap<String, u64>,
}

impl Outcome {
    /// Counts a difference; whether it is the first of its kind and its kind among the first.
    fn is_new(&mut self, kind: &str, most: usize) -> bool {
        let known = self.kinds.len();
        let count = self.kinds.entry(kind.to_owned()).or_default();
        *count += 1;
        *count == 1 && known < most
    }
}

/// Runs the plan. `progress` is told now and then how many answers were compared.
pub fn run(plan: Plan, program: &Path, progress: impl Fn(u64) + Sync) -> std::io::Result<Outcome> {
    let next = AtomicU64::new(0);
    let outcome = Mutex::new(Outcome::default());
    let work = || -> std::io::Result<()> {
        let (env, mut oracle) = (answer::full_env(), Oracle::start(program)?);
        loop {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= plan.count {
                return Ok(());
            }
            let seeds = from..plan.count.min(from + CHUNK);
            let questions: Vec<Question> =
                seeds.map(|at| question(&bytes(plan.seed + at, BYTES), plan.estimates)).collect();
            for (at, kind) in compare(&questions, &env, &mut oracle, &outcome)? {
                if outcome.lock().unwrap().is_new(&kind, plan.most_kinds) {
                    let small = shrink::smallest(questions[at].clone(), &kind, &env, &mut oracle)?;
                    outcome.lock().unwrap().differences.extend(small);
                }
            }
            progress(outcome.lock().unwrap().compared);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().map_err(|_| std::io::Error::other("a thread of the comparison panicked"))?
        })
    })?;
    Ok(outcome.into_inner().unwrap())
}

/// The question that bytes come to.
fn question(bytes: &[u8], estimate: bool) -> Question {
    let mut entropy = Entropy::new(bytes);
    if estimate {
        let (expression_first, typing_last) = bytes.split_at(bytes.len() - 1);
        let expression = expression::random(&mut Entropy::new(expression_first), Breadth::Full);
        let (types, expression) = typing::typed(&mut Entropy::new(typing_last), &expression);
        return Question { expression, variables: Value::Null, types: Some(types) };
    }
    let mut variables = object::typed(&mut entropy);
    variables.insert("object".to_owned(), object::random(&mut entropy));
    let mutate = entropy.once_in(8);
    let mut expression = expression::random(&mut entropy, Breadth::Full);
    if mutate {
        expression = expression::mutated(&expression, &mut Entropy::new(&bytes[..BYTES / 4]));
    }
    Question { expression, variables: Value::Object(variables), types: None }
}

fn ours(env: &Env, question: &Question) -> Value {
    if question.types.is_some() {
        let mut output = Vec::new();
        batch::run(Kind::Cel, question.line().to_string().as_bytes(), &mut output).unwrap();
        return serde_json::from_slice(&output).unwrap();
    }
    answer::cel_of(env, &question.expression, &answer::document(&question.variables))
}

/// Asks both sides and counts; returns which questions were answered differently, and in which way.
fn compare(
    questions: &[Question],
    env: &Env,
    oracle: &mut Oracle,
    outcome: &Mutex<Outcome>,
) -> std::io::Result<Vec<(usize, String)>> {
    let meanwhile = || questions.iter().map(|question| ours(env, question)).collect::<Vec<_>>();
    let (theirs, ours) = oracle.ask(questions, true, meanwhile)?;
    let kinds: Vec<Option<String>> =
        ours.iter().zip(&theirs).map(|(ours, theirs)| kind(ours, theirs)).collect();
    // What differs is asked again and again, as it may be by chance.
    let differing: Vec<usize> = (0..kinds.len()).filter(|&at| kinds[at].is_some()).collect();
    let doubtful: Vec<Question> = differing.iter().map(|&at| questions[at].clone()).collect();
    let (again, ()) = oracle.ask(&doubtful, false, || ())?;
    let mut reasons = Vec::with_capacity(differing.len());
    for (&at, again) in differing.iter().zip(&again) {
        let reason = match explained(&ours[at], again) {
            None if sometimes(&ours[at], &questions[at], oracle)? => Some(UNORDERED),
            reason => reason,
        };
        reasons.push(reason);
    }
    let mut outcome = outcome.lock().unwrap();
    for theirs in &theirs {
        let phase = if theirs.get("inputError").is_some() { "panic" } else { "value" };
        let phase = if theirs.get("timeout").is_some() { "none" } else { phase };
        let phase = theirs["error"]["phase"].as_str().unwrap_or(phase).to_owned();
        *outcome.by_phase.entry(phase).or_default() += 1;
    }
    outcome.compared += theirs.len() as u64;
    let mut found = Vec::new();
    for (at, reason) in differing.into_iter().zip(reasons) {
        if let Some(reason) = reason {
            *outcome.explained.entry(reason).or_default() += 1;
        } else {
            outcome.differing += 1;
            found.extend(kinds[at].clone().map(|kind| (at, kind)));
        }
    }
    Ok(found)
}

const UNORDERED: &str = "the answer depends on the order in which Go walks a map, which is random";

/// Whether the oracle gives our answer too when it is asked often.
fn sometimes(ours: &Value, question: &Question, oracle: &mut Oracle) -> std::io::Result<bool> {
    let (answers, ()) = oracle.ask(&vec![question.clone(); REPEATED], true, || ())?;
    Ok(answers.iter().any(|theirs| comparable(theirs) == comparable(ours)))
}

/// Why two answers may differ; each reason is counted apart.
fn explained(ours: &Value, theirs: &Value) -> Option<&'static str> {
    if theirs["unordered"] == json!(true) {
        return Some(UNORDERED);
    }
    if theirs["timeout"] == json!(true) {
        return Some("the API server's code does not end within 20 seconds");
    }
    if theirs.get("inputError").is_some() {
        return Some("the API server's code panics outside of what it recovers from");
    }
    let message = |answer: &Value| answer["error"]["message"].as_str().unwrap_or_default().to_owned();
    if without_address(&message(theirs)).is_some_and(|text| text == message(ours)) {
        return Some("Go prints the address of a named format in memory");
    }
    None
}

/// A text of Go's with the name of the type in place of a format's fields, `{uuid 0x1bb0c00 70}`.
fn without_address(text: &str) -> Option<String> {
    let at = text.find(" 0x")?;
    let (start, end) = (text[..at].rfind('{')?, at + text[at..].find('}')?);
    Some(format!("{}kubernetes.NamedFormat{}", &text[..start], &text[end + 1..]))
}

/// The fields that answers are compared by: errors before the evaluation have no type and cost worth comparing.
pub fn comparable(answer: &Value) -> Value {
    let early = answer["error"]["phase"].as_str().is_some_and(|phase| phase != "eval");
    let fields = if early { &["error"][..] } else { &["type", "value", "error", "cost"] };
    let kept = |field: &&str| Some(((*field).to_owned(), answer::by_value(answer.get(*field)?)));
    // Estimates are larger than doubles count.
    let estimate = answer.get("estimatedCost").map(|cost| ("estimatedCost".to_owned(), cost.clone()));
    Value::Object(fields.iter().filter_map(kept).chain(estimate).collect())
}

/// In which way two answers differ, in words that many differences of one cause share; `None` when they do not.
fn kind(ours: &Value, theirs: &Value) -> Option<String> {
    let (ours, theirs) = (comparable(ours), comparable(theirs));
    if ours == theirs {
        return None;
    }
    if let (Some(our_cost), Some(their_cost)) = (ours.get("estimatedCost"), theirs.get("estimatedCost"))
        && ours["type"] == theirs["type"]
    {
        let unlike = |bound: &str| our_cost[bound] != their_cost[bound];
        return Some(format!("estimate: least {}, most {}", unlike("min"), unlike("max")));
    }
    let summary = |answer: &Value| match answer["error"]["message"].as_str() {
        Some(message) => {
            let words = message.trim_start_matches(|c: char| !c.is_lowercase()).trim_start_matches("input>:");
            let words = words.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1);
            words.take(5).collect::<Vec<_>>().join(" ")
        }
        None => answer["value"]["type"].to_string(),
    };
    let without_cost = |answer: &Value| {
        let mut answer = answer.clone();
        answer["cost"] = Value::Null;
        answer
    };
    Some(if without_cost(&ours) == without_cost(&theirs) {
        let cost = |answer: &Value| answer["cost"].as_f64().unwrap_or(0.0);
        format!("cost by {}", cost(&ours) - cost(&theirs))
    } else {
        format!("{}, not {}", summary(&ours), summary(&theirs))
    })
}
