//! Random patterns put to kordon and to Go.

use crate::differential::Oracle;
use crate::{Entropy, bytes, pattern};
use serde_json::{Value, json};
use std::path::Path;

/// How many patterns are under way at once.
const CHUNK: u64 = 1_000;

/// Texts for each pattern.
const TEXTS: usize = 12;

/// A pattern with a text on which the answers differ, or without when it is accepted by one side only.
#[derive(Clone, Debug)]
pub struct Difference {
    pub pattern: String,
    pub text: Option<String>,
    pub kordon: Value,
    pub oracle: Value,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub patterns: u64,
    /// Patterns that Go refuses.
    pub refused: u64,
    /// Texts that were searched.
    pub pairs: u64,
    /// Of these, with a match.
    pub matching: u64,
    pub differing: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// Compares so many patterns from a seed on.
pub fn run(seed: u64, count: u64, program: &Path, progress: impl Fn(&Outcome)) -> std::io::Result<Outcome> {
    let mut oracle = Oracle::of_kind(program, "regex")?;
    let mut outcome = Outcome::default();
    for from in (0..count).step_by(CHUNK as usize) {
        let questions: Vec<(String, Vec<String>)> =
            (from..count.min(from + CHUNK)).map(|at| question(seed + at)).collect();
        let lines =
            questions.iter().map(|(pattern, texts)| json!({"id": 0, "pattern": pattern, "texts": texts}));
        let meanwhile =
            || questions.iter().map(|(pattern, texts)| pattern::answer(pattern, texts)).collect::<Vec<_>>();
        let (theirs, ours) = oracle.ask_lines(lines, meanwhile)?;
        for (((pattern, texts), ours), theirs) in questions.into_iter().zip(ours).zip(theirs) {
            outcome.compare(pattern, texts, ours, theirs);
        }
        progress(&outcome);
    }
    Ok(outcome)
}

fn question(seed: u64) -> (String, Vec<String>) {
    let bytes = bytes(seed, 400);
    let (for_pattern, for_texts) = bytes.split_at(120);
    let pattern = pattern::random(&mut Entropy::new(for_pattern));
    let texts = pattern::texts(&mut Entropy::new(for_texts), &pattern, TEXTS);
    (pattern, texts)
}

impl Outcome {
    fn compare(&mut self, pattern: String, texts: Vec<String>, ours: Value, theirs: Value) {
        self.patterns += 1;
        if theirs.get("error").is_some() {
            self.refused += 1;
        }
        if ours["error"] != theirs["error"] || ours["groups"] != theirs["groups"] {
            return self.differ(Difference { pattern, text: None, kordon: ours, oracle: theirs });
        }
        for (at, text) in texts.into_iter().enumerate() {
            let (ours, theirs) = (&ours["texts"][at], &theirs["texts"][at]);
            if theirs.is_null() {
                continue;
            }
            self.pairs += 1;
            self.matching += u64::from(theirs["matches"] == json!(true));
            if ours != theirs {
                let (kordon, oracle) = (ours.clone(), theirs.clone());
                self.differ(Difference { pattern: pattern.clone(), text: Some(text), kordon, oracle });
            }
        }
    }

    pub(super) fn differ(&mut self, difference: Difference) {
        self.differing += 1;
        if self.differences.len() < 40 {
            self.differences.push(difference);
        }
    }
}
