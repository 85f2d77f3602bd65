//! Puts random expressions to kordon and to the oracle, and prints what they answer differently.

use kordon_generators::differential::{Plan, comparable, run};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

const HELP: &str = "usage: differential ORACLE COUNT SEED [SHRINK] [estimates]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let oracle = arguments.next().map(PathBuf::from);
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (Some(oracle), Some(count), Some(seed)) = (oracle, number(), number()) else {
        eprintln!("{HELP}");
        return ExitCode::FAILURE;
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut most_kinds, mut estimates) = (25, false);
    for argument in arguments {
        match argument.parse() {
            Ok(number) => most_kinds = number,
            Err(_) if argument == "estimates" => estimates = true,
            Err(_) => {
                eprintln!("{HELP}");
                return ExitCode::FAILURE;
            }
        }
    }
    let plan = Plan { seed, count, threads, most_kinds, estimates };
    let start = Instant::now();
    let progress = |compared: u64| {
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{compared} answers compared in {seconds:.0} s");
    };
    match run(plan, &oracle, progress) {
        Err(error) => {
            eprintln!("{}: {error}", oracle.display());
            ExitCode::FAILURE
        }
        Ok(outcome) => {
            for (kind, count) in &outcome.kinds {
                println!("{count:6} {kind}");
            }
            for difference in &outcome.differences {
                println!("kind       {}", difference.kind);
                println!("expression {}", difference.question.expression);
                match &difference.question.types {
                    Some(types) => println!("types      {types}"),
                    None => println!("variables  {}", difference.question.variables),
                }
                println!("kordon     {}", comparable(&difference.kordon));
                println!("oracle     {}\n", comparable(&difference.oracle));
            }
            println!("{} answers: {:?}", outcome.compared, outcome.by_phase);
            for (reason, count) in &outcome.explained {
                println!("{count} differ because {reason}");
            }
            println!("{} differ without an explanation, in {} ways", outcome.differing, outcome.kinds.len());
            if outcome.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}
