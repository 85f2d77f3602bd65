//! Puts random regular expressions to kordon and to Go, and prints what they answer differently.

use kordon_generators::pattern::{Outcome, compare_classes, run};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let oracle = arguments.next().map(PathBuf::from);
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (Some(oracle), Some(count), Some(seed)) = (oracle, number(), number()) else {
        eprintln!("usage: patterns ORACLE COUNT SEED; a count of 0 compares all classes instead");
        return ExitCode::FAILURE;
    };
    if count == 0 {
        return finish(compare_classes(&oracle).map_err(|error| format!("{}: {error}", oracle.display())));
    }
    let outcome = run(seed, count, &oracle, |now| {
        if now.patterns % 20_000 == 0 {
            eprintln!("{} patterns, {} pairs, {} differ", now.patterns, now.pairs, now.differing);
        }
    });
    finish(outcome.map_err(|error| format!("{}: {error}", oracle.display())))
}

fn finish(outcome: Result<Outcome, String>) -> ExitCode {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for difference in &outcome.differences {
        println!("pattern {:?}", difference.pattern);
        println!("text    {:?}", difference.text);
        println!("kordon  {}", difference.kordon);
        println!("oracle  {}\n", difference.oracle);
    }
    println!(
        "{} patterns, {} of them refused; {} searches, {} with a match; {} answers differ",
        outcome.patterns, outcome.refused, outcome.pairs, outcome.matching, outcome.differing,
    );
    if outcome.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
