//! The bindings of other languages: built, installed as their users would, and tested. What they need is installed
//! under `target`.

use crate::run::{Outcome, run, target, works};
use crate::test::skip;
use std::path::PathBuf;

/// The binding for Python: its wheel in an environment of its own, its tests, its types.
pub(crate) fn python() -> Outcome {
    const NEWER: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    if !works("python3", &["-c", NEWER]) {
        skip("Python 3.11 with venv", "the binding for Python");
        return Ok(());
    }
    let (environment, python) = environment();
    if !works(&python, &["--version"]) {
        run("python3", &["-m", "venv", &environment], &[])?;
    }
    if !installed(&python, "bindings/python/tests/requirements.txt") {
        skip("maturin, mypy and pyarrow from PyPI", "the binding for Python");
        return Ok(());
    }
    let lints = ["clippy", "--package", "kordon-python", "--", "-D", "warnings"];
    run("cargo", &lints, &[("PYO3_PYTHON", &python)])?;
    install_wheel(&python, &["--profile", "dev"])?;
    let tests = ["-m", "unittest", "discover", "--start-directory", "bindings/python/tests"];
    run(&python, &tests, &[])?;
    let configuration = ["--config-file", "bindings/python/pyproject.toml"];
    run(&python, &[&["-m", "mypy"], &configuration[..], &["--package", "kordon"]].concat(), &[])?;
    let types = "bindings/python/tests/typed.py";
    run(&python, &[&["-m", "mypy"], &configuration[..], &[types]].concat(), &[])?;
    let stubs = [
        "-m",
        "mypy.stubtest",
        "--mypy-config-file",
        "bindings/python/pyproject.toml",
        "--allowlist",
        "bindings/python/tests/stubtest-allowlist.txt",
        "kordon",
    ];
    run(&python, &stubs, &[])?;
    spark(&python)
}

/// Whole fleets through PySpark, where Java is.
fn spark(python: &str) -> Outcome {
    if !works("java", &["-version"]) {
        skip("java", "PySpark");
    } else if !installed(python, "bindings/python/tests/requirements-spark.txt") {
        skip("pyspark from PyPI", "PySpark");
    } else {
        let environment = [("PYTHONWARNINGS", "ignore"), ("SPARK_LOCAL_IP", "127.0.0.1")];
        run(python, &["bindings/python/tests/spark.py"], &environment)?;
    }
    Ok(())
}

/// The costs of a call beside the core's and those of other engines for Python.
pub(crate) fn bench_python() -> Outcome {
    let (_, python) = environment();
    if !installed(&python, "bindings/python/tests/requirements-bench.txt") {
        return Err("the peers cannot be installed; `cargo xtask python` makes the environment".to_owned());
    }
    install_wheel(&python, &["--release"])?;
    run(&python, &["bindings/python/bench.py"], &[])
}

/// Builds the wheel and installs it as pip does for users; says its size.
fn install_wheel(python: &str, profile: &[&str]) -> Outcome {
    let wheels = target().join("bindings/wheels");
    let _ = std::fs::remove_dir_all(&wheels);
    let folder = wheels.to_string_lossy().into_owned();
    let build = ["-m", "maturin", "build", "--manifest-path", "bindings/python/Cargo.toml", "--out", &folder];
    run(python, &[&build[..], &["--interpreter", python], profile].concat(), &[])?;
    let wheel = only_file(&wheels)?;
    let version = format!("kordon-{}-", env!("CARGO_PKG_VERSION"));
    if !wheel.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&version)) {
        return Err(format!("{} is not of version {}", wheel.display(), env!("CARGO_PKG_VERSION")));
    }
    say_size(&wheel);
    let wheel = wheel.to_string_lossy().into_owned();
    run(python, &["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", &wheel], &[])
}

/// The folder of Python's environment and its interpreter.
fn environment() -> (String, String) {
    let folder = std::path::absolute(target().join("bindings/python")).unwrap_or_default();
    (folder.to_string_lossy().into_owned(), folder.join("bin/python").to_string_lossy().into_owned())
}

/// Whether what a file of requirements names is there, or could be installed.
fn installed(python: &str, requirements: &str) -> bool {
    eprintln!("xtask: {python} -m pip install -r {requirements}");
    works(python, &["-m", "pip", "install", "--quiet", "--requirement", requirements])
}

fn only_file(folder: &std::path::Path) -> Result<PathBuf, String> {
    let mut files = std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten();
    files.next().map(|file| file.path()).ok_or_else(|| format!("nothing was built in {}", folder.display()))
}

fn say_size(file: &std::path::Path) {
    let size = file.metadata().map_or(0, |file| file.len());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("xtask: {name}: {} kB", size / 1000);
}
