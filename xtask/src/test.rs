//! The steps of `cargo xtask test`, in the order in which they fail fastest.

use crate::run::{Outcome, output, root, run, target, toolchain, works};
use crate::{bindings, fuzz, house, playground, wasi};
use std::time::Instant;

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Everything but the crate that needs an interpreter to be built, and the one with a runtime of WebAssembly, which takes
/// long; they have steps of their own.
const WORKSPACE: &[&str] = &["--workspace", "--exclude", "kordon-python", "--exclude", "kordon-wasi-host"];

/// A step's name and what it does.
type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("house rules", house::check),
    ("formatting", || run("cargo", &["fmt", "--all", "--check"], &[])),
    ("lints", lints),
    ("dependencies", dependencies),
    ("the core in the browser", wasm),
    ("a small stack in WebAssembly", wasm_stack),
    ("the oldest supported Rust", msrv),
    ("tests, with the oracle where Go is", tests),
    ("tests of policies", policies),
    ("documentation", documentation),
    ("Python", bindings::python),
    ("Node", bindings::node),
    ("browsers", bindings::wasm),
    ("the playground", playground::playground),
    ("the WebAssembly component", wasi::wasi),
    ("fuzz targets, ten seconds each", || fuzz::all(10)),
];

fn lints() -> Outcome {
    run("cargo", &[&["clippy"], WORKSPACE, &["--all-targets", "--", "-D", "warnings"]].concat(), &[])?;
    let messages =
        ["clippy", "--package", "kordon", "--features", "protobuf", "--all-targets", "--", "-D", "warnings"];
    run("cargo", &messages, &[])
}

/// Everything CI checks. Steps that need an absent optional tool say so and are passed over.
pub(crate) fn all() -> Outcome {
    for (at, (name, step)) in STEPS.iter().enumerate() {
        eprintln!("\nxtask: step {} of {}: {name}", at + 1, STEPS.len());
        let start = Instant::now();
        step()?;
        eprintln!("xtask: {name}: passed in {:.1} s", start.elapsed().as_secs_f64());
    }
    eprintln!("\nxtask: all {} steps passed", STEPS.len());
    Ok(())
}

/// Rewrites the committed snapshots.
pub(crate) fn bless() -> Outcome {
    let environment = [("KORDON_BLESS", "1")];
    run("cargo", &[&["test"], WORKSPACE].concat(), &environment)?;
    run("cargo", MESSAGES, &environment)
}

/// What only the feature for protobuf messages has: cel-spec's cases with messages of their own.
const MESSAGES: &[&str] = &["test", "--package", "kordon", "--features", "protobuf", "--test", "cel_spec"];

/// Asks the oracle the recorded questions again and writes down its answers.
pub(crate) fn record() -> Outcome {
    let Some(oracle) = build_oracle()? else { return Err("recording needs Go".to_owned()) };
    let environment = [("KORDON_ORACLE", oracle.as_str()), ("KORDON_RECORD", "1")];
    run("cargo", &["test", "--package", "kordon-differential", "--test", "recorded"], &environment)
}

/// Unit, case, property and differential tests, and the examples in the documentation.
fn tests() -> Outcome {
    let oracle = build_oracle()?;
    let environment: Vec<(&str, &str)> = oracle.iter().map(|path| ("KORDON_ORACLE", path.as_str())).collect();
    run("cargo", &[&["test"], WORKSPACE].concat(), &environment)?;
    run("cargo", MESSAGES, &[])
}

/// The tests of all packs, as users run theirs.
fn policies() -> Outcome {
    run("cargo", &["run", "--package", "kordon-cli", "--", "test", "--strict", "policies"], &[])
}

/// Licences and sources of dependencies, as `deny.toml` allows them.
fn dependencies() -> Outcome {
    if !works("cargo", &["deny", "--version"]) {
        skip("cargo-deny", "licence and dependency checks");
        return Ok(());
    }
    run("cargo", &["deny", "check", "licenses", "bans", "sources"], &[])
}

fn documentation() -> Outcome {
    let arguments = [&["doc"], WORKSPACE, &["--no-deps", "--exclude", "xtask"]].concat();
    run("cargo", &arguments, &[("RUSTDOCFLAGS", "-D warnings")])
}

/// Builds the core for the browser.
pub(crate) fn wasm() -> Outcome {
    if !for_wasm(&["check", "--package", "kordon"])? {
        skip(WASM, "the browser build");
    }
    Ok(())
}

/// Evaluates expressions that try to exhaust stack and memory in a module with the stack that a browser gives it.
pub(crate) fn wasm_stack() -> Outcome {
    if !works("node", &["--version"]) {
        skip("node", "the small stack of a WebAssembly module");
        return Ok(());
    }
    if !for_wasm(&["build", "--release", "--manifest-path", "fuzz/wasm/Cargo.toml"])? {
        skip(WASM, "the small stack of a WebAssembly module");
        return Ok(());
    }
    let module = target().join("wasm").join(WASM).join("release/kordon_fuzz_wasm.wasm");
    run("node", &["fuzz/wasm/run.mjs", &module.to_string_lossy()], &[])
}

/// Runs cargo for the browser, with rustup's target or with Debian's compiler and its library sources; `false` without
/// either.
pub(crate) fn for_wasm(arguments: &[&str]) -> Result<bool, String> {
    let target = target().join("wasm").to_string_lossy().into_owned();
    let mut arguments = arguments.to_vec();
    arguments.extend(["--target", WASM]);
    if works("rustup", &["target", "add", WASM]) {
        run("cargo", &arguments, &[("CARGO_TARGET_DIR", &target)])?;
        return Ok(true);
    }
    if works("/usr/bin/cargo", &["--version"]) && is_new_enough("/usr/bin/rustc") {
        arguments.extend(["-Z", "build-std=std,panic_abort"]);
        let mut environment = vec![
            ("RUSTC", "/usr/bin/rustc"),
            ("RUSTC_BOOTSTRAP", "1"),
            ("CARGO_TARGET_DIR", target.as_str()),
        ];
        let linker = linker();
        if let Some(linker) = &linker {
            environment.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker));
            environment.push(("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Clinker-flavor=wasm-ld"));
        }
        run("/usr/bin/cargo", &arguments, &environment)?;
        return Ok(true);
    }
    Ok(false)
}

/// The linker of the usual toolchain: Debian's compiler comes without one.
fn linker() -> Option<String> {
    let sysroot = output("rustc", &["--print", "sysroot"])?;
    let hosts = std::fs::read_dir(format!("{}/lib/rustlib", sysroot.trim())).ok()?;
    let linkers = hosts.flatten().map(|host| host.path().join("bin/rust-lld"));
    linkers.into_iter().find(|linker| linker.exists()).map(|linker| linker.to_string_lossy().into_owned())
}

/// Whether a compiler is at least the `rust-version` of Cargo.toml.
fn is_new_enough(rustc: &str) -> bool {
    let number = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    };
    let version = output(rustc, &["--version"]).unwrap_or_default();
    let found = version.split_whitespace().nth(1).and_then(number);
    found.is_some() && found >= number(env!("CARGO_PKG_RUST_VERSION"))
}

/// Builds the oracle, the real Kubernetes code that the differential tests ask, when Go is there.
pub(crate) fn build_oracle() -> Result<Option<String>, String> {
    if !root().join("fuzz/oracle/go.mod").exists() || !works("go", &["version"]) {
        skip("go", "the differential oracle; its recorded answers are still compared");
        return Ok(None);
    }
    let binary = std::path::absolute(target().join("oracle")).map_err(|error| error.to_string())?;
    let binary = binary.to_string_lossy().into_owned();
    run("go", &["build", "-C", "fuzz/oracle", "-o", &binary, "."], &[])?;
    Ok(Some(binary))
}

/// Checks the library and the command with the oldest supported Rust, as `rust-version` in Cargo.toml states it.
pub(crate) fn msrv() -> Outcome {
    const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");
    let current = output("cargo", &["--version"]).unwrap_or_default();
    if current.contains(&format!(" {OLDEST}.")) {
        eprintln!("xtask: Rust {OLDEST} is what the other steps use");
        return Ok(());
    }
    let Some(name) = toolchain(OLDEST) else {
        skip(&format!("toolchain {OLDEST}"), "the check with the oldest supported Rust");
        return Ok(());
    };
    let target = target().join("msrv").to_string_lossy().into_owned();
    let arguments = [&format!("+{name}"), "check", "--package", "kordon", "--package", "kordon-cli"];
    run("cargo", &arguments, &[("CARGO_TARGET_DIR", &target)])
}

/// Says that a step was passed over, and why.
pub(crate) fn skip(tool: &str, what: &str) {
    eprintln!("xtask: SKIPPED, no {tool}: {what}");
}
