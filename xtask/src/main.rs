//! What CI runs, one name each: `cargo xtask <name>`.

mod bench;
mod bindings;
mod fuzz;
mod house;
mod instructions;
mod playground;
mod run;
mod scan;
mod test;
mod wasi;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <COMMAND>

Commands:
  test     Everything CI checks: formatting, lints, unit, case and vector tests, house rules, the
           differential oracle (with Go), fuzz targets for ten seconds each (with cargo-fuzz), wasm32 build
  bless    Rewrite the committed snapshots from what the tests see now
  record   Ask the oracle (needs Go) the questions of fuzz/recorded again and write down its answers
  house    Check the house rules only: which room may use which, file sizes
  wasm     Build the core for wasm32-unknown-unknown, and try its small stack, only
  browser  Build and test the binding for browsers only, and print its size
  playground   Build the playground, one HTML file, and test it in Chromium
  wasi     Build the WebAssembly component and run it under wasmtime
  node     Build and test the binding for Node only
  python   Build and test the binding for Python only
  fuzz     Run each fuzz target; seconds per target as an argument (default 10)
  msrv     Build with the oldest supported Rust
  schema   Write what Kubernetes has built in again, from the Go modules of its versions (with Go and network)
  unicode  Write the classes that patterns know again, from Go's standard library (with Go)
  bench-node    Time the binding for Node beside the core and other engines for Node
  bench-python  Time the binding for Python beside the core and other engines for Python
  bench-peers   Run the benches and print kordon's times beside its peers'; a filter as an argument, as
           `compile`, which also asks peers in Go and Python
  bench-scan    Scan generated documents (default 10000) with kordon and with peers from crates.io and the Go
           module proxy, where these can be had
  bench-instructions   Count the instructions of each case of the benches (needs valgrind) beside the snapshot in
           benches/instructions.txt; `write` rewrites it
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let result = match command.as_deref() {
        Some("test") => test::all(),
        Some("bless") => test::bless(),
        Some("record") => test::record(),
        Some("house") => house::check(),
        Some("wasm") => test::wasm().and_then(|()| test::wasm_stack()),
        Some("fuzz") => fuzz::all(number(arguments.next(), 10)),
        Some("msrv") => test::msrv(),
        Some("schema") => {
            let (kinds, rules) =
                ("../../core/src/schema/kubernetes.txt", "../../core/src/validation/kubernetes.txt");
            run::run("go", &["run", "-C", "xtask/schema", ".", kinds], &[]).and_then(|()| {
                run::run("go", &["run", "-C", "xtask/schema", "./validation", kinds, rules], &[])
            })
        }
        Some("unicode") => {
            let file = "../../core/src/cel/regex/syntax/unicode.txt";
            run::run("go", &["run", "-C", "xtask/unicode", ".", file], &[])
        }
        Some("browser") => bindings::wasm(),
        Some("playground") => playground::playground(),
        Some("wasi") => wasi::wasi(),
        Some("node") => bindings::node(),
        Some("python") => bindings::python(),
        Some("bench-node") => bindings::bench_node(),
        Some("bench-python") => bindings::bench_python(),
        Some("bench-peers") => bench::peers(arguments.next().as_deref()),
        Some("bench-scan") => scan::scan(number(arguments.next(), 10_000) as usize),
        Some("bench-instructions") => instructions::count(arguments.next().as_deref() == Some("write")),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some(other) => Err(format!("unknown command `{other}`\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn number(argument: Option<String>, otherwise: u32) -> u32 {
    argument.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
