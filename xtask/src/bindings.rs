//! The bindings of other languages: built, installed as their users would, and tested. What they need is installed
//! under `target`.

use crate::run::{Outcome, answer, output, root, run, target, works};
use crate::test::{WASM, for_wasm, skip};
use std::path::{Path, PathBuf};

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
    with_core(&python, &["bindings/python/bench.py"])
}

/// The costs of a call beside the core's and those of other engines for Node.
pub(crate) fn bench_node() -> Outcome {
    let folder = target().join("bindings/node");
    if !packed_node(&folder, &["--release", "--strip"])? {
        return Err("@napi-rs/cli cannot be installed".to_owned());
    }
    let used = folder.join("used");
    let peers = ["install", "--no-audit", "--no-fund", "--silent", "@bufbuild/cel", "@marcbachmann/cel-js"];
    run_in(&used, "npm", &peers, &[])?;
    let bench = used.join("bench.mjs");
    copy(&root().join("bindings/node/bench.mjs"), &bench)?;
    with_core("env", &[&format!("KORDON_ROOT={}", absolute(&root())), "node", &absolute(&bench)])
}

/// Runs a bench with the times of the core on its standard input.
fn with_core(program: &str, arguments: &[&str]) -> Outcome {
    let core = ["run", "--quiet", "--release", "--package", "kordon-shared", "--example", "overhead"];
    let times = output("cargo", &core).ok_or_else(|| "the core cannot be timed".to_owned())?;
    let file = target().join("bindings/core.txt");
    write(&file, times)?;
    answer(program, arguments, &file.to_string_lossy())?.iter().for_each(|line| println!("{line}"));
    Ok(())
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

fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let mut files = std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten();
    files.next().map(|file| file.path()).ok_or_else(|| format!("nothing was built in {}", folder.display()))
}

pub(crate) fn say_size(file: &Path) {
    let size = file.metadata().map_or(0, |file| file.len());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("xtask: {name}: {} kB", size / 1000);
}

/// The binding for Node: its package packed and installed, its tests, its types.
pub(crate) fn node() -> Outcome {
    if !works("npm", &["--version"]) {
        skip("npm", "the binding for Node");
        return Ok(());
    }
    let folder = target().join("bindings/node");
    if !packed_node(&folder, &[])? {
        skip("@napi-rs/cli and typescript from npm", "the binding for Node");
        return Ok(());
    }
    same_text(&folder.join("package/index.d.ts"), &root().join("bindings/node/index.d.ts"))?;
    let tests = root().join("bindings/node/tests");
    tested_package(&folder.join("used"), &tests, &["vectors.mjs", "kordon.test.mjs", "typed.ts"])
}

/// Builds and packs the package and installs it in a project of its own, with what tests need; `false` when that cannot
/// be had.
fn packed_node(folder: &Path, profile: &[&str]) -> Result<bool, String> {
    let (package, used) = (folder.join("package"), folder.join("used"));
    for file in ["package.json", "index.mjs", "types.d.ts", "README.md"] {
        copy(&root().join("bindings/node").join(file), &package.join(file))?;
    }
    if !npm_installs(&package) {
        return Ok(false);
    }
    let manifest = absolute(&root().join("bindings/node/Cargo.toml"));
    let build = ["napi", "build", "--platform", "--manifest-path", &manifest, "--output-dir", "."];
    run_in(&package, "npx", &[&build[..], profile].concat(), &[])?;
    run_in(&package, "npm", &["pack", "--silent", "--pack-destination", ".."], &[])?;
    let tarball = folder.join(format!("kordon-{}.tgz", env!("CARGO_PKG_VERSION")));
    installed_package(&used, "kordon", &tarball)
}

fn npm_installs(folder: &Path) -> bool {
    let arguments = ["install", "--no-audit", "--no-fund", "--silent"];
    run_in(folder, "npm", &arguments, &[]).is_ok()
}

/// Runs a program in a folder.
pub(crate) fn run_in(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, String)],
) -> Outcome {
    let line = format!("{program} {}", arguments.join(" "));
    eprintln!("xtask: {line}");
    let status = std::process::Command::new(program)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("CARGO_TARGET_DIR", absolute(&target()))
        .current_dir(folder)
        .status()
        .map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
}

/// Holds a generated text to the committed one; with KORDON_BLESS=1 commits it.
fn same_text(made: &Path, committed: &Path) -> Outcome {
    if std::env::var_os("KORDON_BLESS").is_some() {
        return copy(made, committed);
    }
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    if read(made) == read(committed) {
        return Ok(());
    }
    Err(format!("{} is not what is generated now; KORDON_BLESS=1 writes it anew", committed.display()))
}

pub(crate) fn copy(from: &Path, to: &Path) -> Outcome {
    let text = std::fs::read(from).map_err(|error| format!("{}: {error}", from.display()))?;
    write(to, text)
}

pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) -> Outcome {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| std::fs::write(path, text)).map_err(|error| format!("{}: {error}", path.display()))
}

pub(crate) fn absolute(path: &Path) -> String {
    let path = path.canonicalize().or_else(|_| std::path::absolute(path));
    path.unwrap_or_default().to_string_lossy().into_owned()
}

/// The binding for browsers: the module, the JavaScript around it, its size, its tests under Node.
pub(crate) fn wasm() -> Outcome {
    let Some(package) = wasm_package("the binding for browsers")? else { return Ok(()) };
    let folder = target().join("bindings/wasm");
    let used = folder.join("used");
    run_in(&package, "npm", &["pack", "--silent", "--pack-destination", ".."], &[])?;
    let tarball = folder.join(format!("kordon-wasm-{}.tgz", env!("CARGO_PKG_VERSION")));
    if !installed_package(&used, "kordon-wasm", &tarball)? {
        skip("typescript from npm", "the tests of the binding for browsers");
        return Ok(());
    }
    copy(&root().join("bindings/node/tests/vectors.mjs"), &used.join("vectors.mjs"))?;
    tested_package(&used, &root().join("bindings/wasm/tests"), &["wasm.test.mjs", "typed.ts"])
}

/// Builds the package for browsers and gives its folder; nothing when its tools cannot be had, and says what that costs.
pub(crate) fn wasm_package(for_what: &str) -> Result<Option<PathBuf>, String> {
    if !works("npm", &["--version"]) {
        skip("npm", for_what);
        return Ok(None);
    }
    if !for_wasm(&["build", "--profile", "wasm", "--package", "kordon-wasm"])? {
        skip(WASM, for_what);
        return Ok(None);
    }
    let module = target().join("wasm").join(WASM).join("wasm/kordon_wasm.wasm");
    let package = target().join("bindings/wasm/package");
    for file in ["package.json", "README.md"] {
        copy(&root().join("bindings/wasm").join(file), &package.join(file))?;
    }
    let bindgen = ["run", "--quiet", "--package", "kordon-bindgen", "--"];
    run("cargo", &[&bindgen[..], &[&absolute(&module), &absolute(&package)]].concat(), &[])?;
    // A folder of its own, since `import` and `require` differ in what a file is.
    write(&package.join("web/package.json"), "{\"type\": \"module\"}\n")?;
    run("node", &["bindings/wasm/size.mjs", &absolute(&package.join("web/kordon_bg.wasm"))], &[])?;
    Ok(Some(package))
}

/// Installs a packed package in a project of its own, with what tests need; `false` when that cannot be had.
fn installed_package(used: &Path, name: &str, tarball: &Path) -> Result<bool, String> {
    say_size(tarball);
    let _ = std::fs::remove_dir_all(used.join("node_modules").join(name));
    let _ = std::fs::remove_file(used.join("package-lock.json"));
    write(&used.join("package.json"), "{\"private\": true, \"type\": \"module\"}\n")?;
    let install = ["install", "--no-audit", "--no-fund", "--silent"];
    if run_in(used, "npm", &[&install[..], &["typescript@5.9", "@types/node@20"]].concat(), &[]).is_err() {
        return Ok(false);
    }
    run_in(used, "npm", &[&install[..], &[&absolute(tarball)]].concat(), &[])?;
    Ok(true)
}

/// Runs the tests of a package and checks its types in the project where it is installed.
fn tested_package(used: &Path, tests: &Path, files: &[&str]) -> Outcome {
    for file in files {
        copy(&tests.join(file), &used.join(file))?;
    }
    let environment =
        [("KORDON_ROOT", absolute(&root())), ("KORDON_VECTORS", absolute(&root().join("bindings/vectors")))];
    run_in(used, "node", &["--test", "--test-reporter", "dot"], &environment)?;
    let types = ["tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "typed.ts"];
    run_in(used, "npx", &types, &[])
}
