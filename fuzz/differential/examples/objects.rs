//! Writes generated questions of kind admit: `objects every` or `objects COUNT SEED`.
use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let questions = match arguments.as_slice() {
        [every] if every == "every" => kordon_differential::every_field(),
        [count, seed] => {
            kordon_differential::random_objects(count.parse().unwrap_or(1), seed.parse().unwrap_or(1), true)
        }
        [count, seed, _] => {
            kordon_differential::random_objects(count.parse().unwrap_or(1), seed.parse().unwrap_or(1), false)
        }
        _ => Vec::new(),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for question in questions {
        let _ = writeln!(out, "{question}");
    }
}
