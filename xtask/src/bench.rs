//! Benches beside the peers, as a table of ratios.

use crate::run::{Outcome, answer, run, target, works};
use crate::test::{build_oracle, skip};
use std::collections::BTreeMap;
use std::path::Path;

/// Who is compared, kordon first.
const PEERS: [&str; 8] =
    ["kordon", "k8s-openapi", "serde_json", "sonic-rs", "cel", "cel-go", "kube-apiserver", "cel-cpp"];

/// The expressions that are compiled and evaluated.
const CORPUS: &str = "benches/corpus/expressions.json";

/// cel-cpp as a Python package.
const CEL_CPP: &str = "cel-expr-python==0.1.3";

/// Stages in the order in which a request passes them.
const STAGES: [&str; 4] = ["parse", "compile", "evaluate", "decide"];

/// Nanoseconds by peer.
type Row = BTreeMap<String, f64>;

/// Runs the benches and prints, for each stage and case, kordon's time and what each peer takes in proportion.
pub(crate) fn peers(filter: Option<&str>) -> Outcome {
    let mut arguments = vec!["bench", "--package", "kordon-benches", "--bench", "stages"];
    arguments.extend(filter.iter().flat_map(|filter| ["--", filter]));
    run("cargo", &arguments, &[])?;
    for stage in STAGES {
        let mut rows = measured(&target().join("criterion").join(stage));
        if stage == "compile" && filter.is_none_or(|filter| filter.contains("compile")) {
            for line in compiled_elsewhere()? {
                if let Some((peer, case, time)) = timed(&line) {
                    rows.entry(case).or_default().insert(peer, time);
                }
            }
        }
        if stage == "evaluate" {
            rows.insert("all".to_owned(), total(&rows));
        }
        if !rows.is_empty() {
            print!("{}", table(stage, &rows));
        }
    }
    Ok(())
}

/// What peers in other languages take to compile the corpus: `peer case nanoseconds`, a line each. cel-go is measured as
/// it comes and as kube-apiserver sets it up.
fn compiled_elsewhere() -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    if let Some(oracle) = build_oracle()? {
        lines.extend(answer(&oracle, &["bench", "compile"], CORPUS)?);
    }
    let folder = target().join("peers/python");
    let python = folder.join("bin/python").to_string_lossy().into_owned();
    let there = works(&python, &["-c", "import cel_expr_python"])
        || works("python3", &["-m", "venv", &folder.to_string_lossy()])
            && works(&python, &["-m", "pip", "install", "--quiet", CEL_CPP]);
    if there {
        lines.extend(answer(&python, &["benches/peers/compile.py"], CORPUS)?);
    } else {
        skip("Python with cel-expr-python", "cel-cpp");
    }
    Ok(lines)
}

fn timed(line: &str) -> Option<(String, String, f64)> {
    let mut words = line.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.parse().ok()?))
}

/// What each peer takes for all cases, of those that have them all.
fn total(rows: &BTreeMap<String, Row>) -> Row {
    let sum = |peer: &str| rows.values().map(|row| row.get(peer).copied()).sum::<Option<f64>>();
    PEERS.into_iter().filter_map(|peer| Some((peer.to_owned(), sum(peer)?))).collect()
}

fn table(stage: &str, rows: &BTreeMap<String, Row>) -> String {
    let mut text = format!("\n{stage:<24}{:>12}", "kordon");
    // Peers that take no part in a stage have no column.
    let peers: Vec<&str> =
        PEERS.into_iter().skip(1).filter(|peer| rows.values().any(|row| row.contains_key(*peer))).collect();
    for peer in &peers {
        text.push_str(&format!("{peer:>24}"));
    }
    text.push('\n');
    for (case, row) in rows {
        let own = row.get("kordon").copied();
        text.push_str(&format!("{case:<24}{:>12}", own.map(duration).unwrap_or_default()));
        for peer in &peers {
            let cell = match (row.get(*peer), own) {
                (Some(&time), Some(own)) => format!("{} ({:.2} x)", duration(time), time / own),
                (Some(&time), None) => duration(time),
                (None, _) => "-".to_owned(),
            };
            text.push_str(&format!("{cell:>24}"));
        }
        text.push('\n');
    }
    text
}

fn duration(nanoseconds: f64) -> String {
    if nanoseconds < 1_000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.1} µs", nanoseconds / 1_000.0)
    }
}

/// Criterion's medians: a folder for each peer, in it one for each case.
fn measured(stage: &Path) -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for peer in PEERS {
        let Ok(cases) = std::fs::read_dir(stage.join(peer)) else { continue };
        for case in cases.flatten().map(|entry| entry.path()) {
            let median =
                std::fs::read_to_string(case.join("new/estimates.json")).ok().and_then(|text| median(&text));
            if let (Some(median), Some(name)) = (median, case.file_name()) {
                let row = rows.entry(name.to_string_lossy().into_owned()).or_default();
                row.insert(peer.to_owned(), median);
            }
        }
    }
    rows
}

/// The median's point estimate in an `estimates.json` of criterion.
fn median(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once("\"median\"")?;
    let (_, rest) = rest.split_once("\"point_estimate\":")?;
    rest.split([',', '}']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_read_from_criterions_estimates() {
        let text = r#"{"mean":{"point_estimate":2.5},"median":{"confidence_interval":{"lower_bound":1.0},"point_estimate":1.25,"standard_error":0.1}}"#;
        assert_eq!(median(text), Some(1.25));
        assert_eq!(median("{}"), None);
    }

    #[test]
    fn times_of_other_languages_are_read() {
        assert_eq!(timed("cel-go a 120"), Some(("cel-go".to_owned(), "a".to_owned(), 120.0)));
        assert_eq!(timed("panic: x"), None);
    }

    #[test]
    fn a_total_is_of_peers_that_have_every_case() {
        let row =
            |cells: &[(&str, f64)]| cells.iter().map(|(peer, time)| ((*peer).to_owned(), *time)).collect();
        let rows = BTreeMap::from([
            ("a".to_owned(), row(&[("kordon", 2.0), ("cel", 5.0)])),
            ("b".to_owned(), row(&[("kordon", 3.0)])),
        ]);
        assert_eq!(total(&rows), row(&[("kordon", 5.0)]));
    }

    #[test]
    fn ratios_are_of_kordons_time() {
        let row = Row::from([("kordon".to_owned(), 50.0), ("cel".to_owned(), 7000.0)]);
        let text = table("evaluate", &BTreeMap::from([("replica-limit".to_owned(), row)]));
        assert!(text.contains("7.0 µs (140.00 x)"), "{text}");
        assert!(text.contains("50 ns"), "{text}");
    }
}
