//! The steps of `cargo xtask test`, in the order in which they fail fastest.

use crate::house;
use crate::run::{Outcome, root, run, works};

const WASM: &str = "wasm32-unknown-unknown";

/// Everything CI checks. Steps that need an absent optional tool say so and are passed over.
pub(crate) fn all() -> Outcome {
    house::check()?;
    run("cargo", &["fmt", "--all", "--check"], &[])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    if works("cargo", &["deny", "--version"]) {
        run("cargo", &["deny", "check", "licenses", "bans", "sources"], &[])?;
    } else {
        skip("cargo-deny", "licence and dependency checks");
    }
    wasm()?;
    let oracle = build_oracle()?;
    let environment: Vec<(&str, &str)> = oracle.iter().map(|path| ("KORDON_ORACLE", path.as_str())).collect();
    run("cargo", &["test", "--workspace"], &environment)?;
    fuzz(10)
}

/// Rewrites the committed snapshots.
pub(crate) fn bless() -> Outcome {
    run("cargo", &["test", "--workspace"], &[("KORDON_BLESS", "1")])
}

/// Builds the core for the browser, with rustup's target or with Debian's compiler and its library sources.
pub(crate) fn wasm() -> Outcome {
    let plain = ["build", "--package", "kordon", "--target", WASM];
    if works("rustup", &["target", "add", WASM]) {
        return run("cargo", &plain, &[]);
    }
    if works("/usr/bin/cargo", &["--version"]) && is_new_enough("/usr/bin/rustc") {
        let build_std = ["build", "--package", "kordon", "--target", WASM, "-Z", "build-std=std,panic_abort"];
        let target = root().join("target/wasm").to_string_lossy().into_owned();
        let environment =
            [("RUSTC", "/usr/bin/rustc"), ("RUSTC_BOOTSTRAP", "1"), ("CARGO_TARGET_DIR", &target)];
        return run("/usr/bin/cargo", &build_std, &environment);
    }
    skip(WASM, "the browser build");
    Ok(())
}

/// Whether a compiler is at least the `rust-version` of Cargo.toml.
fn is_new_enough(rustc: &str) -> bool {
    let Ok(output) = std::process::Command::new(rustc).arg("--version").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    let found = text.split_whitespace().nth(1).and_then(number);
    found.is_some() && found >= number(env!("CARGO_PKG_RUST_VERSION"))
}

/// Builds the oracle, the real Kubernetes code that the differential tests ask, when Go is there.
fn build_oracle() -> Result<Option<String>, String> {
    if !works("go", &["version"]) {
        skip("go", "the differential oracle; its recorded answers are still compared");
        return Ok(None);
    }
    let binary = root().join("target/oracle").to_string_lossy().into_owned();
    run("go", &["build", "-C", "fuzz/oracle", "-o", &binary, "."], &[])?;
    Ok(Some(binary))
}

/// Runs each fuzz target for some seconds, when cargo-fuzz and a nightly compiler are there.
pub(crate) fn fuzz(seconds: u32) -> Outcome {
    if !root().join("fuzz/targets").exists() || !works("cargo", &["+nightly", "fuzz", "--version"]) {
        skip("cargo-fuzz on nightly", "coverage-guided fuzzing; the property tests ran");
        return Ok(());
    }
    let manifest = root().join("fuzz/targets");
    let targets = std::fs::read_dir(manifest.join("fuzz_targets"))
        .map_err(|error| format!("cannot list the fuzz targets: {error}"))?;
    let limit = format!("-max_total_time={seconds}");
    for target in targets.flatten() {
        let name =
            target.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        run("cargo", &["+nightly", "fuzz", "run", "--fuzz-dir", "fuzz/targets", &name, "--", &limit], &[])?;
    }
    Ok(())
}

/// Builds with the oldest supported Rust, as `rust-version` in Cargo.toml states it.
pub(crate) fn msrv() -> Outcome {
    let toolchain = concat!("+", env!("CARGO_PKG_RUST_VERSION"), ".0");
    run("cargo", &[toolchain, "check", "--workspace", "--all-targets"], &[])
}

fn skip(tool: &str, what: &str) {
    eprintln!("xtask: no {tool}: leaving out {what}");
}
