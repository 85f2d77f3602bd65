//! What came of tests, for people and for programs.

use super::coverage::Covered;
use super::suite::Suite;
use super::{Case, Tested};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes failures and counts for people; problems are told elsewhere.
pub fn render_text(tested: &Tested, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint =
        |code: &'static str| if colour { (format!("\x1b[{code}m"), "\x1b[0m") } else { (String::new(), "") };
    for suite in &tested.suites {
        let failed = suite.cases.iter().filter(|case| !case.failures.is_empty());
        let partly = suite.coverage.iter().filter(|covered| !covered.is_full());
        let (red, plain) = paint("1;31");
        for case in failed {
            writeln!(out, "{red}failed{plain} {}/testdata/{}", suite.folder, case.file)?;
            for failure in &case.failures {
                writeln!(out, "  {}", failure.replace('\n', "\n  "))?;
            }
        }
        for failure in &suite.failures {
            writeln!(out, "{red}failed{plain} {}\n  {failure}", suite.folder)?;
        }
        if suite.failures.is_empty() {
            let (yellow, plain) = paint("1;33");
            for covered in partly {
                let Covered { policy, index, expression, .. } = covered;
                writeln!(out, "{yellow}uncovered{plain} {}", suite.folder)?;
                writeln!(out, "  validation {index} of {policy} was {}: {expression}", covered.missing())?;
            }
        }
    }
    let (bold, plain) = paint("1");
    let Counts { policies, cases, failed, covered, expressions } = counts(tested);
    writeln!(
        out,
        "{bold}{policies} policies, {cases} tests: {} passed, {failed} failed; {covered} of {expressions} validations \
         seen true and false{plain}",
        cases - failed.min(cases)
    )?;
    out.flush()
}

/// Writes everything as one JSON object, `version` 1.
pub fn render_json(tested: &Tested, out: &mut dyn Write) -> io::Result<()> {
    let Counts { policies, cases, failed, covered, expressions } = counts(tested);
    let suites: Vec<Value> = tested
        .suites
        .iter()
        .map(|Suite { folder, policies, cases, coverage, failures, problems }| {
            json!({
                "folder": folder, "policies": policies, "tests": cases, "coverage": coverage,
                "failures": failures, "problems": problems,
            })
        })
        .collect();
    let document = json!({
        "version": 1,
        "summary": {
            "policies": policies, "tests": cases, "failed": failed,
            "validations": expressions, "covered": covered,
        },
        "suites": suites,
        "problems": tested.problems,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    out.flush()
}

struct Counts {
    policies: usize,
    cases: usize,
    failed: usize,
    covered: usize,
    expressions: usize,
}

fn counts(tested: &Tested) -> Counts {
    let cases = || tested.suites.iter().flat_map(|suite| &suite.cases);
    let coverage = || tested.suites.iter().flat_map(|suite| &suite.coverage);
    let failed = |case: &&Case| !case.failures.is_empty();
    Counts {
        policies: tested.suites.iter().map(|suite| suite.policies.len()).sum(),
        cases: cases().count(),
        failed: cases().filter(failed).count(),
        covered: coverage().filter(|covered| covered.is_full()).count(),
        expressions: coverage().count(),
    }
}
