//! Instructions of each case of the benches' corpus, as valgrind counts them: a snapshot in which a slower path shows
//! as a diff, on a machine of any speed.

use crate::run::{Outcome, output, root, run, target, works};
use std::fmt::Write;

/// The snapshot: what Rust 1.95 makes for x86-64.
const SNAPSHOT: &str = "benches/instructions.txt";

/// Runs of a case before the ones that count, which warm up, and those that count.
const WARM: u32 = 100;
const COUNTED: u32 = 400;

/// Counts, prints each case beside the snapshot, and with `write` writes the snapshot.
pub(crate) fn count(write: bool) -> Outcome {
    if !works("valgrind", &["--version"]) {
        return Err("counting instructions needs valgrind".to_owned());
    }
    run("cargo", &["build", "--release", "--package", "kordon-benches", "--bin", "instructions"], &[])?;
    let binary = target().join("release/instructions").to_string_lossy().into_owned();
    let cases = output(&binary, &[]).ok_or("the cases cannot be listed")?;
    let path = root().join(SNAPSHOT);
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let mut snapshot = String::new();
    println!("{:<24}{:>14}{:>14}", "instructions", "now", "snapshot");
    for case in cases.lines() {
        let (warm, all) = (collected(&binary, case, WARM)?, collected(&binary, case, WARM + COUNTED)?);
        let each = all.saturating_sub(warm) / u64::from(COUNTED);
        let before = known.lines().find_map(|line| line.strip_prefix(case)?.trim().parse::<u64>().ok());
        let before = before.map(|count| count.to_string()).unwrap_or_default();
        println!("{case:<24}{each:>14}{before:>14}");
        let _ = writeln!(snapshot, "{case} {each}");
    }
    if write {
        std::fs::write(&path, snapshot).map_err(|error| format!("{SNAPSHOT}: {error}"))?;
    }
    Ok(())
}

/// Instructions of a whole run.
fn collected(binary: &str, case: &str, times: u32) -> Result<u64, String> {
    let run = std::process::Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", binary, case, &times.to_string()])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cannot run valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&run.stderr);
    number(&said).ok_or_else(|| format!("valgrind counted nothing of `{case}`: {said}"))
}

/// The number behind callgrind's `Collected :`.
fn number(said: &str) -> Option<u64> {
    let (_, rest) = said.split_once("Collected :")?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        assert_eq!(number("==7== Events    : Ir\n==7== Collected : 1234567\n==7==\n"), Some(1_234_567));
        assert_eq!(number("==7== no such file"), None);
    }
}
