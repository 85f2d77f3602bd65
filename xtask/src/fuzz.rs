//! Coverage-guided fuzzing with cargo-fuzz, where it and a nightly compiler are installed.

use crate::run::{Outcome, root, run, toolchain, works};
use crate::test::skip;

const FOLDER: &str = "fuzz/targets";

/// Runs each fuzz target for some seconds, first on the inputs that once failed.
pub(crate) fn all(seconds: u32) -> Outcome {
    if !root().join(FOLDER).exists() {
        skip(FOLDER, "coverage-guided fuzzing");
        return Ok(());
    }
    let Some(nightly) = toolchain("nightly") else {
        skip("nightly toolchain", "coverage-guided fuzzing; the property tests ran");
        return Ok(());
    };
    let nightly = format!("+{nightly}");
    if !works("cargo", &[&nightly, "fuzz", "--version"]) {
        skip("cargo-fuzz", "coverage-guided fuzzing (`cargo install cargo-fuzz`); the property tests ran");
        return Ok(());
    }
    run("cargo", &[&nightly, "fuzz", "build", "--fuzz-dir", FOLDER, "--dev"], &[])?;
    let limit = format!("-max_total_time={seconds}");
    for name in targets()? {
        let seeds = format!("fuzz/regressions/{name}");
        let corpus = format!("{FOLDER}/corpus/{name}");
        std::fs::create_dir_all(root().join(&corpus)).map_err(|error| format!("{corpus}: {error}"))?;
        let arguments =
            [&nightly, "fuzz", "run", "--fuzz-dir", FOLDER, "--dev", &name, &corpus, &seeds, "--"];
        let options = [&limit, "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"];
        run("cargo", &[&arguments[..], &options[..]].concat(), &[])?;
    }
    Ok(())
}

/// The targets' names, in order.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join(FOLDER).join("fuzz_targets");
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("cannot list the fuzz targets: {error}"))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}
