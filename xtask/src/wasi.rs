//! The WebAssembly component, run under wasmtime.

use crate::bindings::{absolute, say_size};
use crate::run::{Outcome, run, target, works};
use crate::test::{WASM, for_wasm, skip};
use std::path::PathBuf;

const WASI: &str = "wasm32-wasip2";
const BUILD: [&str; 5] = ["build", "--profile", "wasm", "--package", "kordon-wasi"];

/// Builds the component and holds it to the vectors and to its limits.
pub(crate) fn wasi() -> Outcome {
    let Some(component) = component()? else {
        skip(&format!("{WASI} and no {WASM}"), "the WebAssembly component");
        return Ok(());
    };
    say_size(&component);
    let environment = [("KORDON_COMPONENT", absolute(&component))];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    run("cargo", &["test", "--package", "kordon-wasi-host"], &environment)
}

/// The component as Rust's own target makes it; where that cannot be had, of a module for browsers, which asks its host
/// for nothing at all.
fn component() -> Result<Option<PathBuf>, String> {
    let folder = target().join("wasm");
    if works("rustup", &["target", "add", WASI]) {
        let arguments = [&BUILD[..], &["--target", WASI]].concat();
        run("cargo", &arguments, &[("CARGO_TARGET_DIR", &folder.to_string_lossy())])?;
        return Ok(Some(folder.join(WASI).join("wasm/kordon_wasi.wasm")));
    }
    if !for_wasm(&BUILD)? {
        return Ok(None);
    }
    let module = folder.join(WASM).join("wasm/kordon_wasi.wasm");
    let component = folder.join(WASM).join("wasm/kordon_wasi.component.wasm");
    let make = ["run", "--quiet", "--package", "kordon-componentize", "--"];
    run("cargo", &[&make[..], &[&absolute(&module), &absolute(&component)]].concat(), &[])?;
    Ok(Some(component))
}
