//! Running other programs, from the root of the workspace.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What every step of xtask gives back: a text for the person who runs it.
pub(crate) type Outcome = Result<(), String>;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where builds go, as cargo decides it.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Runs a program, its output shown, and fails with the command line when it fails.
pub(crate) fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let line = format!("{program} {}", arguments.join(" "));
    eprintln!("xtask: {line}");
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
}

/// What a program prints; `None` when it is absent or fails. For steps that depend on an optional tool.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The lines that a program prints when it is given a file.
pub(crate) fn answer(program: &str, arguments: &[&str], input: &str) -> Result<Vec<String>, String> {
    let line = format!("{program} {} < {input}", arguments.join(" "));
    eprintln!("xtask: {line}");
    let file = std::fs::File::open(root().join(input)).map_err(|error| format!("{input}: {error}"))?;
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stdin(file)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{line}` failed: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Whether a program answers.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    output(program, arguments).is_some()
}

/// The name by which rustup knows an installed toolchain, if there is one that starts so. Asking cargo itself would
/// install it.
pub(crate) fn toolchain(start: &str) -> Option<String> {
    let list = output("rustup", &["toolchain", "list"])?;
    let mut names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.find(|name| name.starts_with(start)).map(str::to_owned)
}
